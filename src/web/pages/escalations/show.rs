//! One escalation: what was sent, and how far it came.

use crate::actions::deliver::{self, HandOver};
use crate::actions::{Failure, file_reply, sight};
use crate::domain::by_hand::Way;
use crate::domain::escalation::Delivery;
use crate::domain::ids::EscalationId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::redaction::Redacted;
use crate::store::escalations::{self, EscalationRow};
use crate::store::{Connection, hand_deliveries, incidents, replies, rotations, timeline};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::pages::incidents::shown::name;
use crate::web::shown::{ByAt, Choice, IncidentName, Names, Time, capital, time, zones};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

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
    /// What somebody recorded of telling them by hand.
    told: Vec<ToldShown>,
    /// What to hand over; none once they know, or for who may not escalate.
    hand_over: Option<HandOver>,
    may_read: bool,
    ways: Vec<Choice>,
    /// The form that was refused: `told` or `heard`.
    open_form: &'static str,
    zones: Vec<&'static str>,
}

/// A delivery by hand.
#[derive(Serialize)]
struct ToldShown {
    text: String,
    way: &'static str,
    told_at: Time,
    recorded: ByAt,
}

#[derive(Serialize)]
struct AnswerShown {
    id: String,
    text: String,
    sender: &'static str,
    /// Recorded by a person, not read from a mail.
    by_hand: bool,
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
    /// It has no address: a person delivers it.
    by_hand: bool,
    /// Somebody recorded that they told them by hand.
    told_by_hand: bool,
    /// It waits for somebody to tell them by hand.
    pub(in crate::web) to_tell: bool,
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
    let told_by_hand = !hand_deliveries::of_escalation(connection, &row.id)?.is_empty();
    let in_outbox = deliver::went_to_outbox(row);
    let (state, state_words) = match row.state {
        _ if told_by_hand => ("sent", "Delivered by hand"),
        Delivery::Queued if row.is_by_hand() => ("queued", "Waits for a person to tell them"),
        Delivery::Queued => ("queued", "Waiting to leave"),
        Delivery::Sent if in_outbox => ("queued", "Lies in the outbox"),
        Delivery::Sent => ("sent", "The mail server took it"),
        Delivery::Failed => ("failed", "It did not leave"),
    };
    Ok(EscalationShown {
        id: row.id.to_string(),
        destination_words: row.destination.in_words(),
        recipient: row.recipient.clone(),
        state: state.to_owned(),
        state_words,
        in_outbox,
        by_hand: row.is_by_hand(),
        told_by_hand,
        to_tell: !told_by_hand && (in_outbox || (row.is_by_hand() && row.state == Delivery::Queued)),
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
    render(&state, &request, &signed, &id, Map::new(), Again::default()).await
}

/// Why the page is shown again after a press.
#[derive(Default)]
pub(super) struct Again {
    /// The form that was refused.
    pub(super) form: &'static str,
    pub(super) errors: Vec<FieldError>,
}

/// The page again, with what was typed into one of its forms.
pub(super) async fn again(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: &str,
    fields: &Fields,
    why: Again,
) -> Result<HttpResponse, PageFailure> {
    render(state, request, signed, id, fields.values(&[]), why).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: &str,
    mut values: Map<String, Value>,
    why: Again,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), EscalationId::from_text(id));
    let (mut context, zone) = state
        .run(move |desk| {
            let (mut context, zone) = desk.read(|connection| compose(connection, &actor, &id))?;
            if context.may_read && !context.stopped && !context.escalation.told_by_hand {
                let mailed = context.escalation.state == "sent";
                context.hand_over = if mailed { None } else { Some(deliver::hand_over(desk, &id)?) };
            }
            Ok((context, zone))
        })
        .await?;
    for field in ["told_zone", "heard_zone"] {
        values.entry(field).or_insert_with(|| zone.clone().into());
    }
    if why.form != "told" && !context.stopped {
        values.insert("told_bundle".into(), "yes".into());
    }
    context.open_form = why.form;
    let title = format!("Escalation to {}", context.escalation.destination_words);
    Page::new(request, state, signed, &title)
        .values(values)
        .errors(why.errors)
        .render("escalations/show.html", &context)
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

/// The page, and the zone of the site.
fn compose(connection: &mut Connection, actor: &Actor, id: &EscalationId) -> Result<(Context, String), Failure> {
    let row = escalations::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    let case = sight::of_incident(connection, actor, incident, Act::ReadIncidents)?;
    let mut names = Names::default();
    let escalation = shown(connection, &mut names, &row, &case.site.time_zone)?;
    let zone = case.site.time_zone.as_str();
    let answers = answers(connection, &mut names, &row.id, zone)?;
    let told = told(connection, &mut names, &row.id, zone)?;
    let stopped = rotations::in_bundle(connection, &row.bundle_id)?;
    let mails = row.state != Delivery::Sent && !row.is_by_hand();
    let context = Context {
        escalation,
        answers,
        told,
        hand_over: None,
        ways: Way::ALL.iter().map(|way| Choice::new(way.as_str(), capital(way.in_words()))).collect(),
        open_form: "",
        zones: zones(),
        may_read: actor.may(Act::Escalate, &case.site.id),
        incident: name(&case.incident),
        message: row.message.as_str().to_owned(),
        because: capital(&row.routing.in_words()),
        override_reason: row.override_reason.map(Redacted::into_string),
        bundle: actor.may(Act::ReadBundles, &case.site.id).then(|| row.bundle_id.to_string()),
        message_id: row.message_id,
        stopped,
        may_retry: mails && !stopped && actor.may(Act::Escalate, &case.site.id),
    };
    Ok((context, case.site.time_zone))
}

fn answers(
    connection: &mut Connection,
    names: &mut Names,
    id: &EscalationId,
    zone: &str,
) -> Result<Vec<AnswerShown>, Failure> {
    let mut answers = Vec::new();
    for reply in replies::of_escalation(connection, id)? {
        let read = match reply.read_by.as_ref().zip(reply.read_at) {
            Some((by, at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
            None => None,
        };
        answers.push(AnswerShown {
            id: reply.id.to_string(),
            text: sight::promised(timeline::as_corrected(connection, &reply.entry_id))?.body.into_string(),
            sender: reply.sender.in_words(),
            by_hand: reply.sender.way().is_some(),
            automatic: reply.automatic,
            files: reply.files,
            received_at: time(reply.received_at, zone),
            read,
        });
    }
    Ok(answers)
}

fn told(
    connection: &mut Connection,
    names: &mut Names,
    id: &EscalationId,
    zone: &str,
) -> Result<Vec<ToldShown>, Failure> {
    let mut told = Vec::new();
    for row in hand_deliveries::of_escalation(connection, id)? {
        told.push(ToldShown {
            text: sight::promised(timeline::as_corrected(connection, &row.entry_id))?.body.into_string(),
            way: row.way.in_words(),
            told_at: time(row.told_at, zone),
            recorded: ByAt { by: names.person(connection, &row.recorded_by)?, at: time(row.recorded_at, zone) },
        });
    }
    Ok(told)
}
