//! What happens to an escalation outside Allclear, recorded by a person: "I told them", and "they answered".
//!
//! What is recorded has happened, so no rule about what may leave refuses it.

use super::file_reply::{self, NewReply};
use super::intake::until_settled;
use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::by_hand::{Way, told_at};
use crate::domain::escalation::Delivery;
use crate::domain::ids::{EscalationId, HandDeliveryId};
use crate::domain::incident::{LINE_MAX, TEXT_MAX, check_length, clean_line, clean_text};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::reply::ReplySender;
use crate::domain::timeline::EntryKind;
use crate::store::escalations::{self, EscalationRow};
use crate::store::hand_deliveries::HandDeliveryRow;
use crate::store::{Connection, Verb, incidents, rotations};
use serde::Serialize;

/// "I told them", as typed.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// How they were reached.
    pub way: Way,
    /// When; now, if not said.
    pub at: Option<Moment>,
    /// Their number for it; may be empty.
    pub ticket: String,
    /// What else was said; may be empty.
    pub note: String,
    /// Did the bundle go along?
    pub with_bundle: bool,
}

/// "They answered", as typed.
#[derive(Clone, Debug)]
pub struct NewAnswer {
    /// How they were reached.
    pub way: Way,
    /// When; now, if not said.
    pub at: Option<Moment>,
    /// Their number for it; may be empty.
    pub ticket: String,
    /// What they answered.
    pub text: String,
}

/// A delivery by hand that was recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HandDelivered {
    /// Its id.
    pub id: String,
    /// Where the escalation stands now: always `sent`.
    pub state: Delivery,
    /// When they were told.
    pub told_at: String,
}

impl Answer for HandDelivered {}

/// An answer that was recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AnswerRecorded {
    /// Its id, among the replies of the escalation.
    pub id: String,
    /// When they answered.
    pub received_at: String,
}

impl Answer for AnswerRecorded {}

/// Records that an escalation was delivered by hand. A mail of it that has not left is not tried any more.
pub fn delivered(desk: &Desk, actor: &Actor, id: &str, new: &NewDelivery) -> Result<HandDelivered, Failure> {
    until_settled(|| deliver_once(desk, actor, id, new))
}

fn deliver_once(desk: &Desk, actor: &Actor, id: &str, new: &NewDelivery) -> Result<HandDelivered, Failure> {
    desk.answered_before()?;
    let recorder = sight::person_id(actor)?;
    let (ticket, note) = (clean_line(&new.ticket), clean_text(&new.note));
    let (case, row) = desk.read(|connection| look_up(connection, actor, id))?;
    let mut errors = Vec::new();
    let at = when(new.at, &row, desk.now(), &mut errors);
    check_length("ticket", &ticket, LINE_MAX, &mut errors);
    check_length("note", &note, TEXT_MAX, &mut errors);
    let Some(told) = at.filter(|_| errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
    let leaks = desk.read(|connection| Ok(rotations::in_bundle(connection, &row.bundle_id)?))?;
    let along = match (new.with_bundle, leaks) {
        (true, false) => "The bundle went along.",
        (true, true) => "The bundle went along, with a value that is known to be a secret by now.",
        (false, _) => "In words, without the bundle.",
    };
    let first = format!("Told {} {}. {along}", row.destination.in_words(), new.way.in_words());
    let (body, lesson) = desk.read_text(&case, &entry_text(&first, &ticket, &note))?;
    let (id, way, with_bundle) = (id.to_owned(), new.way, new.with_bundle);
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (case, mut row) = look_up(tx.connection(), &actor_copy, &id)?;
        let entry_id = write_entry::told_at(tx, &row.incident_id, EntryKind::Communicated, &who, body, told)?;
        let delivery = HandDeliveryRow {
            id: HandDeliveryId::fresh(),
            escalation_id: row.id.clone(),
            entry_id,
            way,
            with_bundle,
            told_at: told,
            recorded_by: recorder,
            recorded_at: tx.now(),
        };
        tx.insert(Verb::Recorded, &delivery)?;
        if row.state != Delivery::Sent {
            row.state = Delivery::Sent;
            row.settled_at = Some(told);
            tx.update(Verb::Sent, &row)?;
        }
        lesson.teach(tx, case.incident)?;
        Ok(HandDelivered { id: delivery.id.to_string(), state: row.state, told_at: told.rfc3339() })
    })
}

/// Records what they answered; filed as an answer by mail is. Whoever records it has read it.
pub fn answered(desk: &Desk, actor: &Actor, id: &str, new: &NewAnswer) -> Result<AnswerRecorded, Failure> {
    until_settled(|| answer_once(desk, actor, id, new))
}

fn answer_once(desk: &Desk, actor: &Actor, id: &str, new: &NewAnswer) -> Result<AnswerRecorded, Failure> {
    desk.answered_before()?;
    let recorder = sight::person_id(actor)?;
    let (ticket, text) = (clean_line(&new.ticket), clean_text(&new.text));
    let (case, row) = desk.read(|connection| look_up(connection, actor, id))?;
    let mut errors = Vec::new();
    if text.is_empty() {
        errors.push(FieldError::new("text", "Say what they answered."));
    }
    let at = when(new.at, &row, desk.now(), &mut errors);
    check_length("text", &text, TEXT_MAX, &mut errors);
    check_length("ticket", &ticket, LINE_MAX, &mut errors);
    let Some(received_at) = at.filter(|_| errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
    let first = format!("Answer from {} {}.", row.destination.in_words(), new.way.in_words());
    let (body, lesson) = desk.read_text(&case, &entry_text(&first, &ticket, &text))?;
    let news = file_reply::news_of(desk, &case.incident.reference, &row)?;
    let (id, sender) = (id.to_owned(), ReplySender::by_hand(new.way));
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (case, row) = look_up(tx.connection(), &actor_copy, &id)?;
        let reply =
            NewReply { key: None, sender, automatic: false, files: 0, received_at, read_by: Some(recorder), body, who };
        let reply = file_reply::file(tx, &row, reply, news)?;
        lesson.teach(tx, case.incident)?;
        Ok(AnswerRecorded { id: reply.to_string(), received_at: received_at.rfc3339() })
    })
}

fn look_up(connection: &mut Connection, actor: &Actor, id: &str) -> Result<(sight::Case, EscalationRow), Failure> {
    let row = escalations::find(connection, &EscalationId::from_text(id))?;
    let incident = sight::promised(incidents::find(connection, &row.incident_id))?;
    Ok((sight::of_incident(connection, actor, incident, Act::Escalate)?, row))
}

fn when(at: Option<Moment>, row: &EscalationRow, now: Moment, errors: &mut Vec<FieldError>) -> Option<Moment> {
    told_at(at, row.queued_at, now).map_err(|error| errors.push(error)).ok()
}

/// The words of the entry: what we say of it, their number, what was typed.
fn entry_text(first: &str, ticket: &str, typed: &str) -> String {
    let ticket = if ticket.is_empty() { String::new() } else { format!("\nTicket: {ticket}") };
    let typed = if typed.is_empty() { String::new() } else { format!("\n\n{typed}") };
    format!("{first}{ticket}{typed}")
}
