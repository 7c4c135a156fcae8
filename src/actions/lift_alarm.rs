//! Answering the second scan: a false alarm is lifted with a reason and, where the scan is sure, by a second person.

use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::ids::AlarmId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::redaction::scan::Alarm;
use crate::store::Verb;
use crate::store::alarms::{self, AlarmRow};
use crate::store::incidents::{self, IncidentRow};
use serde::Serialize;

/// Is this alarm answered? A suspicion by one person, anything surer by two.
pub fn is_lifted(alarm: &AlarmRow) -> bool {
    let asked = alarm.asked_by.is_some() && alarm.reason.is_some();
    asked && (alarm.level == "suspicious" || alarm.confirmed_by.is_some())
}

/// Why an alarm keeps a bundle from being built.
pub fn reason(alarm: &AlarmRow) -> Reason {
    let (what, who) = match (&alarm.asked_by, alarm.level.as_str()) {
        (Some(_), _) => {
            ("It was called a false alarm; a second person must agree.", "another support_lead or administrator")
        }
        (None, "suspicious") => ("Look at it, and say why it is none if it is none.", "support_lead"),
        (None, _) => ("If it is none, say why; a second person must agree.", "support_lead"),
    };
    Reason::new("second_scan", format!("The second scan found a {} in {}. {what}", alarm.rule, alarm.place), who)
}

/// Writes down alarms that are new and returns all of them.
pub(super) fn write_down(
    desk: &Desk,
    actor: &Actor,
    incident: &IncidentRow,
    found: &[Alarm],
) -> Result<Vec<AlarmRow>, Failure> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let known = desk.read(|connection| Ok(alarms::of_incident(connection, &incident.id)?))?;
    let mut struck: Vec<AlarmRow> = Vec::new();
    let mut new = Vec::new();
    for alarm in found {
        if struck.iter().any(|row| row.fingerprint == alarm.fingerprint) {
            continue;
        }
        let row = known.iter().find(|row| row.fingerprint == alarm.fingerprint).cloned().unwrap_or_else(|| {
            let row = row_of(incident, alarm);
            new.push(row.clone());
            row
        });
        struck.push(row);
    }
    if !new.is_empty() {
        let id = incident.id.clone();
        desk.write(actor, move |tx| {
            let known = alarms::of_incident(tx.connection(), &id)?;
            for row in new.iter().filter(|row| !known.iter().any(|k| k.fingerprint == row.fingerprint)) {
                tx.insert(Verb::Refused, row)?;
            }
            Ok(())
        })?;
        let now_known = desk.read(|connection| Ok(alarms::of_incident(connection, &incident.id)?))?;
        struck = now_known.into_iter().filter(|row| struck.iter().any(|s| s.fingerprint == row.fingerprint)).collect();
    }
    Ok(struck)
}

fn row_of(incident: &IncidentRow, alarm: &Alarm) -> AlarmRow {
    let view = if alarm.view.is_empty() { String::new() } else { format!(" ({})", alarm.view) };
    AlarmRow {
        id: AlarmId::fresh(),
        incident_id: incident.id.clone(),
        fingerprint: alarm.fingerprint.clone(),
        rule: alarm.rule.clone(),
        level: alarm.level.as_str().to_owned(),
        place: format!("{}, line {}, column {}{view}", alarm.member, alarm.line, alarm.column),
        reason: None,
        asked_by: None,
        asked_at: None,
        confirmed_by: None,
        confirmed_at: None,
    }
}

/// An alarm that somebody has answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Questioned {
    /// The alarm.
    pub id: String,
    /// The incident.
    pub incident: String,
    /// True: it no longer keeps bundles from being built.
    pub lifted: bool,
}

impl Answer for Questioned {}

/// Calls an alarm false, with the reason; returns the incident's reference.
pub fn ask(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<String, Failure> {
    question(&desk.in_passing(), actor, id, reason).map(|answered| answered.incident)
}

/// Calls an alarm false, with the reason.
pub fn question(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<Questioned, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let reason = only_statement("reason", reason, "Say in a sentence why this is no secret.")?;
    let id = AlarmId::from_text(id);
    let (case, _) = desk.read(|connection| find(connection, actor, &id))?;
    let reason = desk.redactor(&case.incident, &case.site)?.text(&reason).text;
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (case, mut alarm) = find(tx.connection(), &actor_copy, &id)?;
        alarm.reason = Some(reason.clone());
        alarm.asked_by = Some(person);
        alarm.asked_at = Some(tx.now());
        alarm.confirmed_by = None;
        alarm.confirmed_at = None;
        tx.update(Verb::Questioned, &alarm)?;
        let words = Redacted::join(&[Redacted::literal("Called an alarm of the second scan false:"), reason], " ");
        write_entry::system(tx, &case.incident.id, &who, words)?;
        Ok(answered(&alarm, case.incident.reference))
    })
}

/// The second person agrees; returns the incident's reference.
pub fn confirm(desk: &Desk, actor: &Actor, id: &str) -> Result<String, Failure> {
    agree(&desk.in_passing(), actor, id).map(|answered| answered.incident)
}

/// The second person agrees.
pub fn agree(desk: &Desk, actor: &Actor, id: &str) -> Result<Questioned, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = AlarmId::from_text(id);
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (case, mut alarm) = find(tx.connection(), &actor_copy, &id)?;
        match &alarm.asked_by {
            None => {
                let message = "Nobody has said yet why this is a false alarm.";
                return Err(Failure::refused(Reason::new("not_asked", message, "support_lead")));
            }
            Some(first) if *first == person => {
                let message = "The second person must be somebody else.";
                return Err(Failure::refused(Reason::new(
                    "same_person",
                    message,
                    "another support_lead or administrator",
                )));
            }
            Some(_) => {}
        }
        alarm.confirmed_by = Some(person);
        alarm.confirmed_at = Some(tx.now());
        tx.update(Verb::Lifted, &alarm)?;
        let words = Redacted::literal("Agreed that an alarm of the second scan was false.");
        write_entry::system(tx, &case.incident.id, &who, words)?;
        Ok(answered(&alarm, case.incident.reference))
    })
}

fn answered(alarm: &AlarmRow, incident: String) -> Questioned {
    Questioned { id: alarm.id.to_string(), incident, lifted: is_lifted(alarm) }
}

fn find(
    connection: &mut crate::store::Connection,
    actor: &Actor,
    id: &AlarmId,
) -> Result<(sight::Case, AlarmRow), Failure> {
    let alarm = alarms::find(connection, id)?;
    let incident = incidents::find(connection, &alarm.incident_id)?;
    Ok((sight::of_incident(connection, actor, incident, Act::BuildBundle)?, alarm))
}
