//! What an automation is made of, as digests: what a check tested and what an approval rests on.

use super::{Failure, gate_facts, sight};
use crate::domain::configuration::{Configuration, ConfigurationPart};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::AutomationId;
use crate::store::automations::{self, AutomationRow};
use crate::store::pauses::PauseRow;
use crate::store::sites::SiteRow;
use crate::store::{Connection, sites};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

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
    let site = sight::promised(sites::find(connection, &automation.site_id))?;
    Ok(of(automation, &site))
}

/// The automations that these pauses cover, each once, by id.
pub fn covered(connection: &mut Connection, pauses: &[PauseRow]) -> Result<Vec<AutomationRow>, Failure> {
    let mut rows = Vec::new();
    if pauses.iter().all(|pause| pause.target_kind == PauseTarget::Automation) {
        let mut ids: Vec<&str> = pauses.iter().map(|pause| pause.target.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            rows.push(sight::promised(automations::find(connection, &AutomationId::from_text(id)))?);
        }
    } else {
        rows = automations::list(connection)?;
        rows.retain(|row| {
            let covers = gate_facts::covers(row);
            pauses.iter().any(|pause| covers.includes(pause.target_kind, &pause.target))
        });
        rows.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok(rows)
}

/// What each of these automations is made of, by its id.
pub fn of_each(
    connection: &mut Connection,
    automations: &[AutomationRow],
) -> Result<BTreeMap<String, Configuration>, Failure> {
    let mut sites_read: HashMap<&str, SiteRow> = HashMap::new();
    let mut found = BTreeMap::new();
    for row in automations {
        if !sites_read.contains_key(row.site_id.as_str()) {
            sites_read.insert(row.site_id.as_str(), sight::promised(sites::find(connection, &row.site_id))?);
        }
        let site = &sites_read[row.site_id.as_str()];
        found.insert(row.id.to_string(), of(row, site));
    }
    Ok(found)
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
