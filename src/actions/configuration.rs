//! What an automation is made of, as digests: what a check tested and what an approval rests on.

use super::Failure;
use crate::domain::configuration::{Configuration, ConfigurationPart};
use crate::store::automations::AutomationRow;
use crate::store::sites::SiteRow;
use crate::store::{Connection, sites};
use sha2::{Digest, Sha256};

/// The configuration of an automation on its site.
pub fn of(automation: &AutomationRow, site: &SiteRow) -> Configuration {
    let digest = |part: &ConfigurationPart| match part {
        ConfigurationPart::Definition => digest_of(&definition(automation)),
        ConfigurationPart::Provider => digest_of(&automation.provider),
        ConfigurationPart::Model => digest_of(&automation.model),
        ConfigurationPart::PromptVersion => digest_of(&automation.prompt_version),
        ConfigurationPart::SiteVersions => digest_of(&site.versions),
    };
    ConfigurationPart::ALL.iter().map(|part| (*part, digest(part))).collect()
}

/// The same, with the site looked up.
pub fn look_up(connection: &mut Connection, automation: &AutomationRow) -> Result<Configuration, Failure> {
    let site = super::sight::promised(sites::find(connection, &automation.site_id))?;
    Ok(of(automation, &site))
}

/// The definition without what a decision itself changes (scope, version) and without what has a part of its own.
pub fn definition(row: &AutomationRow) -> impl serde::Serialize + '_ {
    let texts = [
        &row.run_trigger,
        &row.input_scope,
        &row.expected_output,
        &row.approval_gate,
        &row.notification_path,
        &row.pause_rule,
        &row.rollback_path,
    ];
    (&row.id, row.kind, row.category, &row.owner_id, row.retry_limit, texts, row.touches(), row.environment)
}

fn digest_of(value: &impl serde::Serialize) -> String {
    // Rows are plain: there is nothing in them that JSON cannot hold.
    hex::encode(Sha256::digest(serde_json::to_vec(value).unwrap_or_default()))
}
