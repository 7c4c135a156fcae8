//! Escalations: `POST` and `GET /api/v1/incidents/{reference}/escalations`, `GET /api/v1/escalations/{id}`, its `retry`,
//! and what people record of it by hand.

use super::{PersonNamed, act_once, found, json, json_or_nothing, list_of_incident, moment, needed, word};
use crate::actions::by_hand::{self, NewAnswer, NewDelivery};
use crate::actions::deliver::{self, JOB};
use crate::actions::escalate::{self, NewEscalation};
use crate::actions::{Failure, file_reply, sight};
use crate::domain::bundle::Audience;
use crate::domain::by_hand::Way;
use crate::domain::escalation::{Delivery, Routing};
use crate::domain::ids::EscalationId;
use crate::domain::moment::Moment;
use crate::domain::person::Act;
use crate::domain::reply::ReplySender;
use crate::redaction::Redacted;
use crate::store::escalations::{self, EscalationRow};
use crate::store::hand_deliveries::{self, HandDeliveryRow};
use crate::store::replies::{self, ReplyRow};
use crate::store::{Connection, incidents, jobs, timeline};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/escalations`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EscalationBody {
    destination: Option<String>,
    to: Option<String>,
    /// A person delivers it, by telephone or in a portal: then no mail leaves, and no address is needed.
    by_hand: Option<bool>,
    bundle: Option<String>,
    message: Option<String>,
    routing: Option<Routing>,
    override_reason: Option<String>,
}

/// A body without fields.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// An escalation.
#[derive(Serialize, ToSchema)]
pub(super) struct EscalationShown {
    id: String,
    incident: String,
    bundle: String,
    destination: Audience,
    /// The address; empty when it is delivered by hand.
    to: String,
    message: Redacted,
    routing: Routing,
    /// Where the answers lead, in words.
    routing_reason: String,
    override_reason: Option<Redacted>,
    findings: BTreeMap<String, u64>,
    state: Delivery,
    /// What the mail server said last.
    server_words: Option<Redacted>,
    attempts: i32,
    /// When it is tried next; none when it is sent.
    next_try_at: Option<String>,
    message_id: String,
    sent_by: PersonNamed,
    queued_at: String,
    sent_at: Option<String>,
    /// What somebody recorded of delivering it by hand, oldest first.
    deliveries: Vec<DeliveryShown>,
    /// Answers, by mail or recorded by hand, oldest first.
    replies: Vec<ReplyShown>,
}

/// A delivery by hand.
#[derive(Serialize, ToSchema)]
#[schema(as = HandDelivery)]
pub(super) struct DeliveryShown {
    id: String,
    way: Way,
    /// Its words, redacted: those of its entry in the timeline.
    text: Redacted,
    /// Did the bundle go along?
    with_bundle: bool,
    told_at: String,
    recorded_by: PersonNamed,
    recorded_at: String,
}

impl DeliveryShown {
    fn of(connection: &mut Connection, row: HandDeliveryRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            way: row.way,
            text: sight::promised(timeline::as_corrected(connection, &row.entry_id))?.body,
            with_bundle: row.with_bundle,
            told_at: row.told_at.rfc3339(),
            recorded_by: PersonNamed::of(connection, &row.recorded_by)?,
            recorded_at: row.recorded_at.rfc3339(),
        })
    }
}

/// Body of `POST /api/v1/escalations/{id}/deliveries`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandDeliveryBody)]
pub(super) struct DeliveryBody {
    /// telephone, portal, chat, own_mail or in_person.
    way: Option<String>,
    /// When they were told, RFC 3339 with offset; now, if left away.
    at: Option<String>,
    /// Their number for it.
    ticket: Option<String>,
    /// What else was said.
    note: Option<String>,
    /// Did the bundle go along? No, if left away.
    with_bundle: Option<bool>,
}

/// Body of `POST /api/v1/escalations/{id}/replies`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyBody {
    /// telephone, portal, chat, own_mail or in_person.
    way: Option<String>,
    /// When they answered, RFC 3339 with offset; now, if left away.
    at: Option<String>,
    /// Their number for it.
    ticket: Option<String>,
    /// What they answered.
    text: Option<String>,
}

/// An answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Reply)]
pub(super) struct ReplyShown {
    id: String,
    /// Its words, redacted: those of its entry in the timeline.
    text: Redacted,
    /// Where a mail says that it comes from, which is a hint and never a proof; else the way on which a person got it.
    sender: ReplySender,
    /// A program wrote it: out of office, a report of delivery.
    automatic: bool,
    /// How many files came with it; they are evidence of the incident.
    files: i32,
    received_at: String,
    read_by: Option<PersonNamed>,
    read_at: Option<String>,
}

impl ReplyShown {
    fn of(connection: &mut Connection, row: ReplyRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            text: sight::promised(timeline::as_corrected(connection, &row.entry_id))?.body,
            sender: row.sender,
            automatic: row.automatic,
            files: row.files,
            received_at: row.received_at.rfc3339(),
            read_by: PersonNamed::maybe(connection, row.read_by.as_ref())?,
            read_at: row.read_at.map(|at| at.rfc3339()),
        })
    }
}

impl EscalationShown {
    fn of(connection: &mut Connection, reference: &str, row: EscalationRow) -> Result<Self, Failure> {
        let replies = replies::of_escalation(connection, &row.id)?.into_iter();
        let told = hand_deliveries::of_escalation(connection, &row.id)?.into_iter();
        let next_try_at = jobs::due_at(connection, JOB, row.id.as_str())?.filter(|_| row.state != Delivery::Sent);
        Ok(Self {
            deliveries: told.map(|told| DeliveryShown::of(connection, told)).collect::<Result<_, _>>()?,
            replies: replies.map(|reply| ReplyShown::of(connection, reply)).collect::<Result<_, _>>()?,
            sent_by: PersonNamed::of(connection, &row.sent_by)?,
            next_try_at: next_try_at.map(|at| at.rfc3339()),
            id: row.id.to_string(),
            incident: reference.to_owned(),
            bundle: row.bundle_id.to_string(),
            destination: row.destination,
            to: row.recipient,
            message: row.message,
            routing_reason: row.routing.in_words(),
            routing: row.routing.into_inner(),
            override_reason: row.override_reason,
            findings: row.counts.into_inner(),
            state: row.state,
            server_words: row.server_words,
            attempts: row.attempts,
            message_id: row.message_id,
            queued_at: row.queued_at.rfc3339(),
            sent_at: row.settled_at.map(|at| at.rfc3339()),
        })
    }
}

/// `POST /api/v1/incidents/{reference}/escalations`: queues a mail with a bundle.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 202, move |desk, actor, body| {
        escalate::run(desk, actor, &reference, escalation(json(body)?)?)
    })
    .await
}

fn escalation(body: EscalationBody) -> Result<NewEscalation, Failure> {
    let mut errors = Vec::new();
    let destination = word::<Audience>("destination", body.destination.as_deref(), &mut errors);
    let how = "Say whom it goes to: hosting, provider, vendor or internal.";
    let destination = needed("destination", destination, how, &mut errors);
    let how = "Answer the four questions with true or false: validation_error, host_connectivity, provider_failure, reproducible_plugin_issue.";
    let routing = needed("routing", body.routing, how, &mut errors);
    let bundle = needed("bundle", body.bundle, "Name the bundle by its id. Build one first.", &mut errors);
    match (destination, routing, bundle) {
        (Some(destination), Some(routing), Some(bundle)) if errors.is_empty() => Ok(NewEscalation {
            destination,
            to: body.to.unwrap_or_default(),
            by_hand: body.by_hand.unwrap_or(false),
            bundle,
            message: body.message.unwrap_or_default(),
            routing,
            override_reason: body.override_reason,
        }),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// `GET /api/v1/incidents/{reference}/escalations`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    list_of_incident(
        &state,
        bearer,
        &reference,
        &request,
        escalations::of_incident,
        |row| row.id.to_string(),
        EscalationShown::of,
    )
    .await
}

/// `GET /api/v1/escalations/{id}`.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let row = escalations::find(connection, &EscalationId::from_text(id.as_str()))?;
            let incident = incidents::find(connection, &row.incident_id)?;
            let case = sight::of_incident(connection, &bearer.0, incident, Act::ReadIncidents)?;
            EscalationShown::of(connection, &case.incident.reference, row)
        })
    })
    .await
}

/// `POST /api/v1/escalations/{id}/retry`: tries a mail that failed at once.
pub(in crate::web) async fn retry(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let Nothing {} = json_or_nothing(body)?;
        deliver::retry_now(desk, actor, &id)
    })
    .await
}

/// `POST /api/v1/replies/{id}/reading`: somebody read an answer.
pub(in crate::web) async fn read(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let Nothing {} = json_or_nothing(body)?;
        file_reply::read(desk, actor, &id)
    })
    .await
}

/// `POST /api/v1/escalations/{id}/deliveries`: somebody told them by hand.
pub(in crate::web) async fn deliver(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        let body: DeliveryBody = json(body)?;
        let (way, at) = way_and_moment(body.way.as_deref(), body.at.as_deref())?;
        let new = NewDelivery {
            way,
            at,
            ticket: body.ticket.unwrap_or_default(),
            note: body.note.unwrap_or_default(),
            with_bundle: body.with_bundle.unwrap_or(false),
        };
        by_hand::delivered(desk, actor, &id, &new)
    })
    .await
}

/// `POST /api/v1/escalations/{id}/replies`: somebody was answered, not by a mail that Allclear reads.
pub(in crate::web) async fn reply(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        let body: ReplyBody = json(body)?;
        let (way, at) = way_and_moment(body.way.as_deref(), body.at.as_deref())?;
        let (ticket, text) = (body.ticket.unwrap_or_default(), body.text.unwrap_or_default());
        by_hand::answered(desk, actor, &id, &NewAnswer { way, at, ticket, text })
    })
    .await
}

fn way_and_moment(way: Option<&str>, at: Option<&str>) -> Result<(Way, Option<Moment>), Failure> {
    let mut errors = Vec::new();
    let typed = word::<Way>("way", way, &mut errors);
    let how = "Say how they were reached: telephone, portal, chat, own_mail or in_person.";
    let typed = needed("way", typed, how, &mut errors);
    let at = moment("at", at, &mut errors);
    typed.filter(|_| errors.is_empty()).map(|way| (way, at)).ok_or(Failure::Invalid(errors))
}
