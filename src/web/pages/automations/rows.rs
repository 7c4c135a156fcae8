//! Automations as lines of a list.

use crate::actions::sight::promised;
use crate::actions::{Failure, ask_gate};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::store::{Connection, automations, people, sites};
use crate::web::pages::sites::list::is_paused;
use crate::web::shown::{Gate, capital};
use serde::Serialize;
use std::collections::HashMap;

/// One line.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct AutomationRow {
    pub(in crate::web::pages) slug: String,
    name: String,
    kind: String,
    category: String,
    site_name: String,
    owner_name: Option<String>,
    pub(in crate::web::pages) gate: Gate,
    pub(in crate::web::pages) paused: bool,
    may_pause: bool,
}

/// The lines, each with its gate.
pub(in crate::web::pages) fn rows(
    connection: &mut Connection,
    actor: &Actor,
    automations: &[automations::AutomationRow],
    now: Moment,
) -> Result<Vec<AutomationRow>, Failure> {
    let names: HashMap<_, _> = people::list(connection)?.into_iter().map(|person| (person.id, person.name)).collect();
    let verdicts = ask_gate::verdicts(connection, automations, now)?;
    let mut sites_seen: HashMap<_, String> = HashMap::new();
    let mut rows = Vec::new();
    for (automation, verdict) in automations.iter().zip(verdicts) {
        if !sites_seen.contains_key(&automation.site_id) {
            let site = promised(sites::find(connection, &automation.site_id))?;
            sites_seen.insert(site.id, site.name);
        }
        rows.push(AutomationRow {
            slug: automation.slug.clone(),
            name: automation.name.clone(),
            kind: capital(&automation.kind.label()),
            category: automation.category.label(),
            site_name: sites_seen.get(&automation.site_id).cloned().unwrap_or_default(),
            owner_name: automation.owner_id.as_ref().and_then(|owner| names.get(owner).cloned()),
            paused: is_paused(&verdict),
            gate: verdict.into(),
            may_pause: actor.may(Act::Pause, &automation.site_id),
        });
    }
    Ok(rows)
}
