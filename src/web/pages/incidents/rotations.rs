//! What an incident's bundles carry and must be rotated.

use crate::actions::Failure;
use crate::actions::sight::promised;
use crate::domain::escalation::Delivery;
use crate::domain::ids::{BundleId, IncidentId};
use crate::redaction::{Redacted, Rules};
use crate::store::{Connection, bundles, escalations, rotations};
use crate::web::shown::{ByAt, Names, Time, rule_title, time};
use serde::Serialize;

/// A value in a bundle that is known to be a secret only now.
#[derive(Serialize)]
pub(in crate::web::pages) struct RotationShown {
    id: String,
    rule: String,
    what: String,
    place: String,
    bundle: String,
    audience_words: &'static str,
    /// The addresses to which the bundle was sent.
    sent_to: Vec<String>,
    found_at: Time,
    /// Who answered it; none: it waits.
    done: Option<ByAt>,
    note: Option<Redacted>,
}

/// Those of an incident, or of one of its bundles; what waits first.
pub(in crate::web::pages) fn rotations(
    connection: &mut Connection,
    names: &mut Names,
    rules: &Rules,
    incident: &IncidentId,
    of: Option<&BundleId>,
    zone: &str,
) -> Result<Vec<RotationShown>, Failure> {
    let mut rows = rotations::of_incident(connection, incident)?;
    rows.retain(|row| of.is_none_or(|bundle| *bundle == row.bundle_id));
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    rows.sort_by_key(|row| row.rotated_at.is_some());
    let sent = escalations::of_incident(connection, incident)?;
    let mut shown = Vec::new();
    for row in rows {
        let bundle = promised(bundles::find(connection, &row.bundle_id))?;
        let done = match (&row.rotated_by, row.rotated_at) {
            (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
            _ => None,
        };
        let to = sent.iter().filter(|sent| sent.bundle_id == row.bundle_id && sent.state != Delivery::Failed);
        shown.push(RotationShown {
            id: row.id.to_string(),
            what: rule_title(rules, &row.rule),
            rule: row.rule,
            place: row.place,
            bundle: row.bundle_id.to_string(),
            audience_words: bundle.audience.in_words(),
            sent_to: to.map(|sent| sent.recipient.clone()).collect(),
            found_at: time(row.found_at, zone),
            done,
            note: row.note,
        });
    }
    Ok(shown)
}
