//! What can wait for somebody, kind by kind: mails that did not leave, values to rotate, decisions, actions, verifications,
//! checks, alarms, incidents that lack something. Each kind asks the database as often for many rows as for one.

use super::book::Book;
use super::{ASKED_FOR, All, Kind, Since, Waiting};
use crate::actions::{Failure, readiness, restart, sight};
use crate::domain::escalation::Delivery;
use crate::domain::person::Act;
use crate::domain::review::restart_reasons;
use crate::mail::WRITTEN_TO_OUTBOX;
use crate::store::escalations::EscalationRow;
use crate::store::incidents::{self, Behind, Filter, IncidentRow};
use crate::store::{Connection, alarms, checks, escalations, people, prevention, replies, restarts, rotations};
use crate::web::pages::incidents::listed::mandatory;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Was a mail that was stopped for its bundle followed by another one to the same party?
fn is_replaced(connection: &mut Connection, row: &EscalationRow) -> Result<bool, Failure> {
    if !rotations::in_bundle(connection, &row.bundle_id)? {
        return Ok(false);
    }
    let all = escalations::of_incident(connection, &row.incident_id)?;
    Ok(all.iter().any(|other| other.destination == row.destination && other.queued_at > row.queued_at))
}

pub(super) fn failed_mails(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    let rows = all.cut(escalations::in_state(connection, &book.open_on(Act::Escalate), Delivery::Failed, ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    for row in rows {
        let Some(incident) = book.mine(&row.incident_id, Act::Escalate) else { continue };
        if is_replaced(connection, &row)? {
            continue;
        }
        let words = row.server_words.as_ref().map(|words| words.as_str()).unwrap_or_default();
        all.items.push(Waiting {
            kind: Kind::Mail,
            title: format!("A mail did not leave: {}", incident.reference),
            text: format!("To {}: {words}", row.recipient),
            href: format!("/escalations/{}", row.id),
            since: Some(Since::of(row.queued_at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: true,
        });
    }
    Ok(())
}

/// Escalations that no mail brings: somebody tells them, and records it.
pub(super) fn to_tell(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    let behind = book.open_on(Act::Escalate);
    let rows = all.cut(escalations::to_deliver(connection, &behind, WRITTEN_TO_OUTBOX, ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    for row in rows {
        let Some(incident) = book.mine(&row.incident_id, Act::Escalate) else { continue };
        let why = if row.is_by_hand() { "By hand, without an address." } else { "The mail lies in the outbox." };
        all.items.push(Waiting {
            kind: Kind::Tell,
            title: format!("Tell {}: {}", row.destination.in_words(), incident.reference),
            text: format!("{why} {}", incident.title),
            href: format!("/escalations/{}#told", row.id),
            since: Some(Since::of(row.queued_at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: false,
        });
    }
    Ok(())
}

/// Answers to escalations that nobody read.
pub(super) fn replies(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    let rows = all.cut(replies::unread(connection, &book.open_on(Act::Escalate), ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|(_, escalation)| &escalation.incident_id))?;
    for (row, escalation) in rows {
        let Some(incident) = book.mine(&escalation.incident_id, Act::Escalate) else { continue };
        all.items.push(Waiting {
            kind: Kind::Reply,
            title: format!("Read the answer from {}: {}", escalation.destination.in_words(), incident.reference),
            text: incident.title.as_str().to_owned(),
            href: format!("/escalations/{}#answers", escalation.id),
            since: Some(Since::of(row.received_at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: false,
        });
    }
    Ok(())
}

pub(super) fn decisions(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    if !book.actor.may_somewhere(Act::DecideRestart) {
        return Ok(());
    }
    let rows = all.cut(restarts::open(connection, &book.open_on(Act::DecideRestart), ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    for row in rows {
        let Some(incident) = book.mine(&row.incident_id, Act::DecideRestart) else { continue };
        match restart::refuse_decider(connection, &row, book.actor) {
            Err(Failure::Forbidden(_)) => continue,
            other => other?,
        }
        all.items.push(Waiting {
            kind: Kind::Decision,
            title: format!("Decide the restart of {}", incident.reference),
            text: incident.title.as_str().to_owned(),
            href: format!("/incidents/{}/restart#request", incident.reference),
            since: Some(Since::of(row.requested_at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: false,
        });
    }
    Ok(())
}

/// Incidents in which nothing blocks any more: somebody asks for the restart, and it waits for its decision.
pub(super) fn to_ask(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    if !book.actor.may_somewhere(Act::AskRestart) {
        return Ok(());
    }
    let rows = all.cut(restarts::to_ask(connection, &book.open_on(Act::AskRestart), ASKED_FOR)?);
    if rows.is_empty() {
        return Ok(());
    }
    let everybody = people::actors(connection)?;
    book.keep(rows.iter().cloned().map(Rc::new));
    for row in rows {
        let Some(incident) = book.mine(&row.id, Act::AskRestart) else { continue };
        let standing = readiness::gather_among(connection, incident, &everybody)?;
        if !restart_reasons(&standing.readiness).is_empty() {
            continue;
        }
        all.items.push(Waiting {
            kind: Kind::Ask,
            title: format!("Ask for the restart of {}", incident.reference),
            text: format!("Nothing blocks it any more: {}", incident.title),
            href: format!("/incidents/{}/restart#request", incident.reference),
            since: None,
            severity: Some(incident.severity),
            urgent: false,
        });
    }
    Ok(())
}

pub(super) fn actions(connection: &mut Connection, book: &mut Book, all: &mut All, today: &str) -> Result<(), Failure> {
    let Some(me) = book.actor.person() else { return Ok(()) };
    let rows = all.cut(prevention::open_of(connection, &book.open_on(Act::CompleteAction), &me.id, ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    for row in rows {
        let Some(incident) = book.mine(&row.incident_id, Act::CompleteAction) else { continue };
        let overdue = row.due_on.as_str() < today;
        let due = if overdue { "Overdue since" } else { "Due" };
        all.items.push(Waiting {
            kind: Kind::Action,
            title: format!("Your action: {}", row.title),
            text: format!("{due} {}, {}", row.due_on, incident.reference),
            href: format!("/incidents/{}/restart#actions", incident.reference),
            since: None,
            severity: Some(incident.severity),
            urgent: overdue,
        });
    }
    Ok(())
}

pub(super) fn verifications(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    let Some(me) = book.actor.person() else { return Ok(()) };
    let rows = all.cut(prevention::unverified(connection, &book.open_on(Act::VerifyAction), &me.id, ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    for row in rows {
        // Who ever owned or completed it cannot verify it.
        let took_part = row.owner_id == me.id || row.former_owners.contains(&me.id);
        if took_part || row.completed_by.as_ref() == Some(&me.id) {
            continue;
        }
        let Some(incident) = book.mine(&row.incident_id, Act::VerifyAction) else { continue };
        all.items.push(Waiting {
            kind: Kind::Verification,
            title: format!("Verify: {}", row.title),
            text: format!("It is completed and needs a second person, {}", incident.reference),
            href: format!("/incidents/{}/restart#actions", incident.reference),
            since: row.completed_at.map(|at| Since::of(at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: false,
        });
    }
    Ok(())
}

/// The newest open incidents that this person may see.
pub(super) fn open_incidents(
    connection: &mut Connection,
    book: &mut Book,
    all: &mut All,
) -> Result<Vec<Rc<IncidentRow>>, Failure> {
    let filter = Filter { open_only: true, ..sight::visible(book.actor) };
    let rows: Vec<_> = all.cut(incidents::list(connection, &filter, ASKED_FOR)?).into_iter().map(Rc::new).collect();
    book.keep(rows.iter().cloned());
    Ok(rows)
}

/// Checks without a pass, one line for each incident.
pub(super) fn checks(
    connection: &mut Connection,
    book: &Book,
    all: &mut All,
    open: &[Rc<IncidentRow>],
) -> Result<(), Failure> {
    let theirs = open.iter().filter(|row| book.mine(&row.id, Act::RecordChecks).is_some());
    let ids: Vec<_> = theirs.map(|row| row.id.clone()).collect();
    let mut titles: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for check in checks::not_passed(connection, ids)? {
        titles.entry(check.incident_id).or_default().push(check.title.into_string());
    }
    for row in open {
        let Some(titles) = titles.remove(&row.id) else { continue };
        let (count, plural) = (titles.len(), if titles.len() == 1 { "" } else { "s" });
        all.items.push(Waiting {
            kind: Kind::Check,
            title: format!("Run {count} check{plural} of {}", row.reference),
            text: titles.join("; "),
            href: format!("/incidents/{}/restart#checks", row.reference),
            since: None,
            severity: Some(row.severity),
            urgent: false,
        });
    }
    Ok(())
}

/// Alarms that somebody else called false, where this person may agree.
pub(super) fn alarms(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    if !book.actor.may_somewhere(Act::BuildBundle) {
        return Ok(());
    }
    let me = book.actor.person().map(|person| &person.id);
    let rows = all.cut(alarms::waiting(connection, &book.open_on(Act::BuildBundle), ASKED_FOR)?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    for alarm in rows {
        let Some(incident) = book.mine(&alarm.incident_id, Act::BuildBundle) else { continue };
        if alarm.asked_by.as_ref() == me {
            continue;
        }
        all.items.push(Waiting {
            kind: Kind::Alarm,
            title: format!("Is it a false alarm? {}", incident.reference),
            text: format!(
                "The second scan found a {} in {}. A second person must agree that it is none.",
                alarm.rule, alarm.place
            ),
            href: format!("/incidents/{}/bundles/new#alarm-{}", incident.reference, alarm.id),
            since: alarm.asked_at.map(|at| Since::of(at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: false,
        });
    }
    Ok(())
}

/// Values in bundles that must be rotated, one line for each incident, whether it is closed or not.
pub(super) fn rotations(connection: &mut Connection, book: &mut Book, all: &mut All) -> Result<(), Failure> {
    if !book.actor.may_somewhere(Act::WorkIncident) {
        return Ok(());
    }
    let rows = all.cut(rotations::open(
        connection,
        &Behind { open_only: false, ..book.open_on(Act::WorkIncident) },
        ASKED_FOR,
    )?);
    book.look_up(connection, rows.iter().map(|row| &row.incident_id))?;
    let mut by_incident: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        by_incident.entry(row.incident_id.clone()).or_default().push(row);
    }
    for (id, rows) in by_incident {
        let Some(incident) = book.mine_anyway(&id, Act::WorkIncident) else { continue };
        let (count, plural) = (rows.len(), if rows.len() == 1 { "" } else { "s" });
        all.items.push(Waiting {
            kind: Kind::Rotation,
            title: format!("Rotate {count} value{plural}: {}", incident.reference),
            text: "A bundle carries what is known to be a secret only now.".to_owned(),
            href: format!("/incidents/{}#rotations", incident.reference),
            since: rows.first().map(|row| Since::of(row.found_at, book.zone(incident))),
            severity: Some(incident.severity),
            urgent: true,
        });
    }
    Ok(())
}

/// Incidents without a lead, and those that this person leads without the needed facts.
pub(super) fn incidents(book: &Book, all: &mut All, open: &[Rc<IncidentRow>]) {
    let me = book.actor.person().map(|person| &person.id);
    for row in open.iter().filter(|row| book.mine(&row.id, Act::WorkIncident).is_some()) {
        let missing = mandatory(row);
        let (title, text, href) = if row.lead_id.is_none() {
            let href = format!("/incidents/{}/edit#lead", row.reference);
            (format!("Name a lead for {}", row.reference), row.title.as_str().to_owned(), href)
        } else if row.lead_id.as_ref() == me && missing > 0 {
            let facts = if missing == 1 { "fact is" } else { "facts are" };
            let text = format!("{missing} needed {facts} not known yet: {}", row.title);
            let href = format!("/incidents/{}#facts", row.reference);
            (format!("Find out what is missing in {}", row.reference), text, href)
        } else {
            continue;
        };
        let since = Some(Since::of(row.reported_at, book.zone(row)));
        all.items.push(Waiting {
            kind: Kind::Incident,
            title,
            text,
            href,
            since,
            severity: Some(row.severity),
            urgent: false,
        });
    }
}
