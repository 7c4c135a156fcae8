//! One escalation: what was sent, and how far it came.

use crate::actions::{Failure, deliver, file_reply, sight};
use crate::domain::escalation::Delivery;
use crate::domain::ids::EscalationId;
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::escalations::{self, EscalationRow};
use crate::store::{Connection, incidents, replies, rotations, timeline};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::pages::incidents::shown::name;
use crate::web::shown::{ByAt, IncidentName, Names, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    escalation: EscalationShown,
    incident: IncidentName,
    message: String,
    because: String,
    override_reason: Option<String>,
    bundle: Option<String>,
    message_id: String,
    may_retry: bool,
    /// Its bundle must not leave: it is not tried again.
    stopped: bool,
    answers: Vec<AnswerShown>,
    may_read: bool,
}

#[derive(Serialize)]
struct AnswerShown {
    id: String,
    text: String,
    sender: &'static str,
    automatic: bool,
    files: i32,
    received_at: Time,
    read: Option<ByAt>,
}

/// An escalation as a row shows it.
#[derive(Serialize)]
pub(in crate::web) struct EscalationShown {
    pub(in crate::web) id: String,
    destination_words: &'static str,
    recipient: String,
    pub(in crate::web) state: String,
    state_words: &'static str,
    in_outbox: bool,
    server_words: Option<String>,
    attempts: i32,
    trying: bool,
    sent_by: String,
    queued_at: Time,
    settled_at: Option<Time>,
}

/// The escalation in words.
pub(in crate::web) fn shown(
    connection: &mut Connection,
    names: &mut Names,
    row: &EscalationRow,
    zone: &str,
) -> Result<EscalationShown, Failure> {
    let (state, state_words) = match row.state {
        Delivery::Queued => ("queued", "Waiting to leave"),
        Delivery::Sent if deliver::went_to_outbox(row) => ("sent", "Written to the outbox"),
        Delivery::Sent => ("sent", "The mail server took it"),
        Delivery::Failed => ("failed", "It did not leave"),
    };
    Ok(EscalationShown {
        id: row.id.to_string(),
        destination_words: row.destination.in_words(),
        recipient: row.recipient.clone(),
        state: state.to_owned(),
        state_words,
        in_outbox: deliver::went_to_outbox(row),
        server_words: row.server_words.clone().map(Redacted::into_string),
        attempts: row.attempts,
        trying: row.attempting_since.is_some(),
        sent_by: names.person(connection, &row.sent_by)?,
        queued_at: time(row.queued_at, zone),
        settled_at: row.settled_at.map(|at| time(at, zone)),
    })
}

/// `GET /escalations/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let id = EscalationId::from_text(id.into_inner());
    let context = state.run(move |desk| desk.read(|connection| compose(connection, &actor, &id))).await?;
    let title = format!("Escalation to {}", context.escalation.destination_words);
    Page::new(&request, &state, &signed, &title).render("escalations/show.html", &context)
}

/// `POST /escalations/{id}/retry`: tries now instead of when its time comes.
pub(in crate::web) async fn retry(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
    _: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let (actor, named) = (signed.actor(), id.clone());
    state.run(move |desk| deliver::retry_now(desk, &actor, &named)).await?;
    Ok(go(&state, &format!("/escalations/{id}"), "success", "It is tried now. Reload this page to see how it went."))
}

/// `POST /escalations/{id}/answers/{answer}`: somebody read it.
pub(in crate::web) async fn read_answer(
    state: web::Data<State>,
    signed: Signed,
    path: web::Path<(String, String)>,
    _: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, answer) = path.into_inner();
    let actor = signed.actor();
    state.run(move |desk| file_reply::read(desk, &actor, &answer)).await?;
    Ok(go(&state, &format!("/escalations/{id}"), "success", "It waits for nobody any more."))
}

fn compose(connection: &mut Connection, actor: &Actor, id: &EscalationId) -> Result<Context, Failure> {
    let row = escalations::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    let case = sight::of_incident(connection, actor, incident, Act::ReadIncidents)?;
    let mut names = Names::default();
    let escalation = shown(connection, &mut names, &row, &case.site.time_zone)?;
    let mut answers = Vec::new();
    for reply in replies::of_escalation(connection, &row.id)? {
        let read = match reply.read_by.as_ref().zip(reply.read_at) {
            Some((by, at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, &case.site.time_zone) }),
            None => None,
        };
        answers.push(AnswerShown {
            id: reply.id.to_string(),
            text: sight::promised(timeline::find(connection, &reply.entry_id))?.body.into_string(),
            sender: reply.sender.in_words(),
            automatic: reply.automatic,
            files: reply.files,
            received_at: time(reply.received_at, &case.site.time_zone),
            read,
        });
    }
    let stopped = rotations::in_bundle(connection, &row.bundle_id)?;
    Ok(Context {
        escalation,
        answers,
        may_read: actor.may(Act::Escalate, &case.site.id),
        incident: name(&case.incident),
        message: row.message.as_str().to_owned(),
        because: capital(&row.routing.in_words()),
        override_reason: row.override_reason.map(Redacted::into_string),
        bundle: actor.may(Act::ReadBundles, &case.site.id).then(|| row.bundle_id.to_string()),
        message_id: row.message_id,
        stopped,
        may_retry: row.state != Delivery::Sent && !stopped && actor.may(Act::Escalate, &case.site.id),
    })
}
