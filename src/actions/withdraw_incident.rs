//! Withdrawing an incident that was declared by mistake: it ends as cancelled, with the reason beside the name.
//!
//! It lifts no pause: what an incident paused comes back by an approved restart and in no other way.

use super::intake::until_settled;
use super::{Answer, Desk, Failure, readiness, sight, write_entry};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, SiteId};
use crate::domain::incident::{Status, Withdrawal, withdrawal_reasons};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::incidents::IncidentRow;
use crate::store::{
    Connection, Verb, automations, bundles, checks, criteria, evidence, pauses, prevention, reviews, sites, timeline,
};
use serde::Serialize;

/// An incident that was withdrawn.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IncidentWithdrawn {
    /// Its reference.
    pub reference: String,
    /// Always `cancelled`.
    pub status: Status,
    /// Its version, for the next ETag.
    pub version: i32,
}

impl Answer for IncidentWithdrawn {}

/// Withdraws it.
pub fn run(desk: &Desk, actor: &Actor, reference: &str, reason: &str) -> Result<IncidentWithdrawn, Failure> {
    until_settled(|| once(desk, actor, reference, reason))
}

fn once(desk: &Desk, actor: &Actor, reference: &str, reason: &str) -> Result<IncidentWithdrawn, Failure> {
    desk.answered_before()?;
    let case = desk.read(|connection| admitted(connection, actor, reference))?;
    let reason = only_statement("reason", reason, "Say in a sentence why it was a mistake.")?;
    let (words, lesson) = desk.read_text(&case, &reason)?;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = admitted(tx.connection(), &actor_copy, &reference)?;
        let reasons = reasons(tx.connection(), &actor_copy, &case.incident)?;
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        let mut row = case.incident;
        row.status = Status::Cancelled;
        row.closed_at = Some(tx.now());
        row.version += 1;
        tx.update(Verb::Ended, &row)?;
        let said = Redacted::join(&[Redacted::literal("Withdrawn, declared by mistake:"), words], " ");
        write_entry::system(tx, &row.id, &who, said)?;
        let answer = IncidentWithdrawn { reference, status: row.status, version: row.version };
        lesson.teach(tx, row)?;
        Ok(answer)
    })
}

/// The incident, for whoever may withdraw it: by their role, or because they filed it.
fn admitted(connection: &mut Connection, actor: &Actor, reference: &str) -> Result<sight::Case, Failure> {
    let case = sight::case(connection, actor, reference, Act::ReadIncidents)?;
    match may(actor, &case.incident) {
        true => Ok(case),
        false => Err(sight::not_yours(actor, Act::WithdrawIncident, &case.site.id)),
    }
}

/// May this actor withdraw the incident, as far as it is about them?
pub fn may(actor: &Actor, incident: &IncidentRow) -> bool {
    actor.may(Act::WithdrawIncident, &incident.site_id) || is_own(actor, incident)
}

fn is_own(actor: &Actor, incident: &IncidentRow) -> bool {
    actor.person().is_some_and(|person| person.id == incident.reported_by)
        && actor.may(Act::FileIncident, &incident.site_id)
}

/// Everything that keeps this actor from withdrawing it.
pub fn reasons(connection: &mut Connection, actor: &Actor, incident: &IncidentRow) -> Result<Vec<Reason>, Failure> {
    let only_as_reporter = !actor.may(Act::WithdrawIncident, &incident.site_id);
    let withdrawal = Withdrawal {
        held: held_names(connection, incident)?,
        worked_on: only_as_reporter && is_worked_on(connection, incident)?,
    };
    Ok(withdrawal_reasons(incident.status, &withdrawal))
}

/// What it still pauses, by name.
pub(super) fn held_names(connection: &mut Connection, incident: &IncidentRow) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for pause in readiness::held(connection, &incident.id)? {
        names.push(match pause.target_kind {
            PauseTarget::Automation => {
                sight::promised(automations::find(connection, &AutomationId::from_text(pause.target)))?.name
            }
            PauseTarget::Site => {
                let site = sight::promised(sites::find(connection, &SiteId::from_text(pause.target)))?;
                format!("the site {}", site.name)
            }
            PauseTarget::Category => format!("the category {}", pause.target),
            PauseTarget::Everything => "everything".to_owned(),
        });
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// Has anybody but its reporter done something on it? Whatever people do leaves an entry in their name; the rows are
/// looked at too, so that no act can be forgotten here.
fn is_worked_on(connection: &mut Connection, incident: &IncidentRow) -> Result<bool, Failure> {
    let (id, reporter) = (&incident.id, format!("person:{}", incident.reported_by));
    let by_others = |author: &str| author.starts_with("person:") && author != reporter;
    Ok(incident.status != Status::Triage
        || timeline::of_incident(connection, id)?.iter().any(|entry| by_others(&entry.author))
        || evidence::of_incident(connection, id)?.iter().any(|row| by_others(&row.added_by))
        || !pauses::of_incident(connection, id)?.is_empty()
        || !bundles::of_incident(connection, id)?.is_empty()
        || reviews::find(connection, id)?.is_some()
        || !prevention::of_incident(connection, id)?.is_empty()
        || !checks::of_incident(connection, id)?.is_empty()
        || !criteria::of_incident(connection, id)?.is_empty())
}
