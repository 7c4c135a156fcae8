//! One escalation: what was sent, and how far it came.

use crate::actions::{Failure, deliver, sight};
use crate::domain::escalation::Delivery;
use crate::domain::ids::EscalationId;
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::escalations::{self, EscalationRow};
use crate::store::{Connection, incidents};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::pages::incidents::shown::name;
use crate::web::shown::{IncidentName, Names, Time, capital, time};
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

fn compose(connection: &mut Connection, actor: &Actor, id: &EscalationId) -> Result<Context, Failure> {
    let row = escalations::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    let case = sight::of_incident(connection, actor, incident, Act::ReadIncidents)?;
    let escalation = shown(connection, &mut Names::default(), &row, &case.site.time_zone)?;
    Ok(Context {
        escalation,
        incident: name(&case.incident),
        message: row.message.as_str().to_owned(),
        because: capital(&row.routing.in_words()),
        override_reason: row.override_reason.map(Redacted::into_string),
        bundle: actor.may(Act::ReadBundles, &case.site.id).then(|| row.bundle_id.to_string()),
        message_id: row.message_id,
        may_retry: row.state != Delivery::Sent && actor.may(Act::Escalate, &case.site.id),
    })
}
