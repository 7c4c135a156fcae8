//! What waits for one person on the way from the bundle to the restart: mails that did not leave, decisions, their
//! actions, verifications, checks.

use super::home::Waiting;
use super::restarts::blocks::blocks;
use crate::actions::sight::{self, Case};
use crate::actions::{Failure, restart};
use crate::domain::escalation::Delivery;
use crate::domain::ids::IncidentId;
use crate::domain::person::{Act, Actor};
use crate::domain::review::RequestState;
use crate::store::incidents::IncidentRow;
use crate::store::{Connection, checks, escalations, incidents, prevention, restarts};
use crate::web::shown::time;

/// Rows of one kind that are looked at.
const LOOKED_AT: i64 = 50;

/// Everything that waits for this person, the most urgent first.
pub(super) fn story(
    connection: &mut Connection,
    actor: &Actor,
    open: &[IncidentRow],
    today: &str,
) -> Result<Vec<Waiting>, Failure> {
    let mut waiting = failed_mails(connection, actor)?;
    waiting.extend(decisions(connection, actor)?);
    waiting.extend(actions(connection, actor, today)?);
    waiting.extend(verifications(connection, actor)?);
    waiting.extend(checks_to_run(connection, actor, open)?);
    Ok(waiting)
}

/// The open incident behind a row, when this person may do `act` on it.
fn mine(connection: &mut Connection, actor: &Actor, id: &IncidentId, act: Act) -> Result<Option<Case>, Failure> {
    let incident = incidents::find(connection, id)?;
    match sight::of_incident(connection, actor, incident, act) {
        Ok(case) => Ok(Some(case).filter(|case| case.incident.status.is_open())),
        Err(Failure::NotFound | Failure::Forbidden(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn failed_mails(connection: &mut Connection, actor: &Actor) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    for row in escalations::in_state(connection, Delivery::Failed, LOOKED_AT)? {
        let Some(case) = mine(connection, actor, &row.incident_id, Act::Escalate)? else { continue };
        found.push(Waiting {
            title: format!("A mail did not leave: {}", case.incident.reference),
            text: format!(
                "To {}: {}",
                row.recipient,
                row.server_words.as_ref().map(|words| words.as_str()).unwrap_or_default()
            ),
            href: format!("/escalations/{}", row.id),
            since: Some(time(row.queued_at, &case.site.time_zone)),
            urgent: true,
        });
    }
    Ok(found)
}

fn decisions(connection: &mut Connection, actor: &Actor) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    for row in restarts::open(connection)? {
        let Some(case) = mine(connection, actor, &row.incident_id, Act::DecideRestart)? else { continue };
        match restart::refuse_participant(connection, &row, actor) {
            Err(Failure::Forbidden(_)) => continue,
            other => other?,
        }
        found.push(Waiting {
            title: format!("Decide the restart of {}", case.incident.reference),
            text: case.incident.title.as_str().to_owned(),
            href: format!("/incidents/{}/restart#request", case.incident.reference),
            since: Some(time(row.requested_at, &case.site.time_zone)),
            urgent: false,
        });
    }
    Ok(found)
}

fn actions(connection: &mut Connection, actor: &Actor, today: &str) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    let Some(me) = actor.person() else { return Ok(found) };
    for row in prevention::open_of(connection, &me.id)? {
        let Some(case) = mine(connection, actor, &row.incident_id, Act::CompleteAction)? else { continue };
        let overdue = row.due_on.as_str() < today;
        found.push(Waiting {
            title: format!("Your action: {}", row.title),
            text: format!(
                "{} {}, {}",
                if overdue { "Overdue since" } else { "Due" },
                row.due_on,
                case.incident.reference
            ),
            href: format!("/incidents/{}/restart#actions", case.incident.reference),
            since: None,
            urgent: overdue,
        });
    }
    Ok(found)
}

fn verifications(connection: &mut Connection, actor: &Actor) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    let Some(me) = actor.person() else { return Ok(found) };
    for row in prevention::unverified(connection)? {
        if row.owner_id == me.id || row.completed_by.as_ref() == Some(&me.id) {
            continue;
        }
        let Some(case) = mine(connection, actor, &row.incident_id, Act::VerifyAction)? else { continue };
        found.push(Waiting {
            title: format!("Verify: {}", row.title),
            text: format!("It is completed and needs a second person, {}", case.incident.reference),
            href: format!("/incidents/{}/restart#actions", case.incident.reference),
            since: row.completed_at.map(|at| time(at, &case.site.time_zone)),
            urgent: false,
        });
    }
    Ok(found)
}

/// Checks without a pass, one line for each incident.
fn checks_to_run(connection: &mut Connection, actor: &Actor, open: &[IncidentRow]) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    let limit = usize::try_from(LOOKED_AT).unwrap_or(usize::MAX);
    for row in open.iter().take(limit).filter(|row| actor.may(Act::RecordChecks, &row.site_id)) {
        let mut titles = Vec::new();
        for check in checks::of_incident(connection, &row.id)? {
            let passed = checks::results(connection, &check.id)?
                .iter()
                .find(|result| result.voided_at.is_none())
                .is_some_and(|result| result.outcome == crate::domain::review::Outcome::Pass);
            if !passed {
                titles.push(check.title.into_string());
            }
        }
        if !titles.is_empty() {
            let count = titles.len();
            found.push(Waiting {
                title: format!("Run {count} check{} of {}", if count == 1 { "" } else { "s" }, row.reference),
                text: titles.join("; "),
                href: format!("/incidents/{}/restart#checks", row.reference),
                since: None,
                urgent: false,
            });
        }
    }
    Ok(found)
}

/// The one next thing on the way back of an incident, and where it is done.
pub(super) fn next_step(connection: &mut Connection, actor: &Actor, case: &Case) -> Result<(String, String), Failure> {
    let here = format!("/incidents/{}/restart", case.incident.reference);
    let requests = restarts::of_incident(connection, &case.incident.id)?;
    if requests.iter().any(|request| request.state == RequestState::Open) {
        return Ok(("An administrator decides about the restart.".to_owned(), format!("{here}#request")));
    }
    let first = blocks(connection, case, actor)?.into_iter().flat_map(|group| group.blocks).next();
    Ok(match first {
        Some(block) => (block.message, if block.href.is_empty() { here } else { block.href }),
        None => ("Nothing blocks: ask for the restart.".to_owned(), format!("{here}#request")),
    })
}
