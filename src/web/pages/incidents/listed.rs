//! Incidents as rows of a list.

use crate::actions::Failure;
use crate::domain::incident::{Level, missing};
use crate::store::incidents::IncidentRow;
use crate::store::{Connection, pauses, sites};
use crate::web::shown::{Names, Time, time};
use serde::Serialize;
use std::collections::HashMap;

/// One incident in a list.
#[derive(Serialize)]
pub(in crate::web) struct Listed {
    reference: String,
    title: String,
    severity: String,
    status: String,
    site_name: String,
    occurred_at: Time,
    lead_name: Option<String>,
    pub(in crate::web) missing_mandatory: u64,
    paused_count: u64,
}

/// The rows of a list.
pub(in crate::web) fn listed(connection: &mut Connection, rows: &[IncidentRow]) -> Result<Vec<Listed>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let sites: HashMap<String, _> =
        sites::list(connection)?.into_iter().map(|site| (site.id.to_string(), site)).collect();
    let mut held: HashMap<String, u64> = HashMap::new();
    for (pause, _) in pauses::all_holding(connection)? {
        if let Some(incident) = pause.incident_id {
            *held.entry(incident.to_string()).or_default() += 1;
        }
    }
    let mut names = Names::default();
    let mut listed = Vec::new();
    for row in rows {
        let site = sites.get(row.site_id.as_str()).ok_or_else(|| Failure::Broken("an incident has no site".into()))?;
        listed.push(Listed {
            reference: row.reference.clone(),
            title: row.title.as_str().to_owned(),
            severity: row.severity.to_string(),
            status: row.status.to_string(),
            site_name: site.name.clone(),
            occurred_at: time(row.occurred_at, &site.time_zone),
            lead_name: match &row.lead_id {
                Some(id) => Some(names.person(connection, id)?),
                None => None,
            },
            missing_mandatory: mandatory(row),
            paused_count: held.get(row.id.as_str()).copied().unwrap_or_default(),
        });
    }
    Ok(listed)
}

/// How many needed facts are missing.
pub(in crate::web) fn mandatory(row: &IncidentRow) -> u64 {
    let missing = missing(&row.facts, row.lead_id.is_some());
    missing.iter().filter(|missing| missing.level == Level::Mandatory).count() as u64
}
