//! Escalating: answer the questions, read the mail as it would leave, send it.

use super::compose::{LetterShown, compose, routing};
use crate::actions::escalate::{self, NewEscalation};
use crate::actions::sight::{self, Case};
use crate::actions::{Desk, Failure, lift_alarm};
use crate::domain::bundle::Audience;
use crate::domain::ids::AlarmId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::store::{Connection, alarms};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// The code of a refusal by the second scan.
const SECOND_SCAN: &str = "second_scan";
const SENT: &str = "The mail is queued. Its way is shown here.";
const WRITTEN: &str = "It is written down. Tell them, then record it here.";

/// What the address asks for.
#[derive(Deserialize)]
pub(in crate::web) struct Query {
    /// The bundle from whose page somebody comes: it is chosen where it fits the destination.
    bundle: Option<String>,
}

/// `GET /incidents/{ref}/escalations/new?bundle=`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let bundle = query.into_inner().bundle.unwrap_or_default();
    let fields = url::form_urlencoded::Serializer::new(String::new()).append_pair("bundle", &bundle).finish();
    let fields = Fields::parse(fields.as_bytes());
    show(&state, &request, &signed, &reference, fields, Shown::default()).await
}

/// What a press led to.
enum Pressed {
    Answered,
    Checked(LetterShown),
    Queued(String),
}

/// How the form is shown.
#[derive(Default)]
struct Shown {
    errors: Vec<FieldError>,
    refusals: Vec<Reason>,
    letter: Option<LetterShown>,
    alarms: bool,
}

/// `POST /incidents/{ref}/escalations/new`. The buttons: `lead` and `pick` show the form for a destination, `edit` goes
/// back from the check; `question` and `agree` answer an alarm of the second scan; `send` sends; anything else shows the
/// mail for checking.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    if ["lead", "pick", "edit"].iter().any(|button| fields.has(button)) {
        let errors = routing(&fields).err().unwrap_or_default();
        return show(&state, &request, &signed, &reference, fields, Shown { errors, ..Shown::default() }).await;
    }
    match press(&state, &request, &signed, &reference, &fields).await {
        Ok(Pressed::Queued(id)) => Ok(go(&state, &format!("/escalations/{id}"), "success", said(&fields))),
        Ok(Pressed::Answered) => {
            show(&state, &request, &signed, &reference, fields, Shown { alarms: true, ..Shown::default() }).await
        }
        Ok(Pressed::Checked(letter)) => {
            let shown = Shown { letter: Some(letter), ..Shown::default() };
            show(&state, &request, &signed, &reference, fields, shown).await
        }
        Err(Failure::Repeated { answer, .. }) => {
            let id = serde_json::from_str::<serde_json::Value>(&answer).ok();
            let id = id.as_ref().and_then(|answer| answer["id"].as_str()).unwrap_or_default();
            Ok(go(&state, &format!("/escalations/{id}"), "success", said(&fields)))
        }
        Err(Failure::Invalid(errors)) => {
            let alarms = fields.has("question");
            show(&state, &request, &signed, &reference, fields, Shown { errors, alarms, ..Shown::default() }).await
        }
        Err(Failure::Refused(refusals)) => {
            let alarms = refusals.iter().any(|reason| reason.code == SECOND_SCAN);
            let shown = Shown { refusals, alarms, ..Shown::default() };
            show(&state, &request, &signed, &reference, fields, shown).await
        }
        Err(failure) => Err(failure.into()),
    }
}

fn said(fields: &Fields) -> &'static str {
    if fields.text("how") == "hand" { WRITTEN } else { SENT }
}

async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: &Fields,
) -> Result<Pressed, Failure> {
    let (actor, named, typed) = (signed.actor(), reference.to_owned(), fields.clone());
    let path = request.path().to_owned();
    state
        .run(move |desk| {
            let case = desk.read(|connection| sight::case(connection, &actor, &named, Act::Escalate))?;
            if let Some(alarm) = typed.optional("question").or_else(|| typed.optional("agree")) {
                desk.read(|connection| of_incident(connection, &case, &alarm))?;
                return answer(desk, &actor, &alarm, &typed).map(|()| Pressed::Answered);
            }
            let new = escalation(&typed)?;
            if typed.has("send") {
                let desk = once::for_form(desk, &path, &actor, &typed.once());
                return Ok(Pressed::Queued(escalate::run(&desk, &actor, &named, new)?.id));
            }
            let preview = escalate::preview(desk, &actor, &named, &new)?;
            Ok(Pressed::Checked(LetterShown::of(desk, preview)))
        })
        .await
}

/// An alarm of another incident is not found under this one.
fn of_incident(connection: &mut Connection, case: &Case, alarm: &str) -> Result<(), Failure> {
    let row = alarms::find(connection, &AlarmId::from_text(alarm))?;
    if row.incident_id == case.incident.id { Ok(()) } else { Err(Failure::NotFound) }
}

/// Calls the alarm false, or agrees as the second person.
fn answer(desk: &Desk, actor: &Actor, alarm: &str, fields: &Fields) -> Result<(), Failure> {
    if fields.has("agree") {
        return lift_alarm::confirm(desk, actor, alarm).map(drop);
    }
    let field = format!("alarm_reason_{alarm}");
    let errors = fields.encoding_errors();
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    match lift_alarm::ask(desk, actor, alarm, fields.text(&field)) {
        Err(Failure::Invalid(errors)) => Err(Failure::Invalid(renamed(errors, &[("reason", &field)]))),
        outcome => outcome.map(drop),
    }
}

fn escalation(fields: &Fields) -> Result<NewEscalation, Failure> {
    let mut errors = fields.encoding_errors();
    let routing = match routing(fields) {
        Ok(routing) => Some(routing),
        Err(unanswered) => {
            errors.extend(unanswered);
            None
        }
    };
    let destination = Audience::parse(fields.text("destination"));
    if destination.is_none() && routing.is_some() {
        errors.push(FieldError::new("destination", "Choose where it goes."));
    }
    match (routing, destination) {
        (Some(routing), Some(destination)) if errors.is_empty() => Ok(NewEscalation {
            destination,
            to: fields.text("to").trim().to_owned(),
            by_hand: fields.text("how") == "hand",
            bundle: fields.text("bundle").to_owned(),
            message: fields.text("message").to_owned(),
            routing,
            override_reason: fields.optional("override_reason"),
        }),
        _ => Err(Failure::Invalid(errors)),
    }
}

async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: Fields,
    shown: Shown,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference) = (signed.actor(), reference.to_owned());
    let (mut context, values) = state
        .run(move |desk| {
            let mut values = fields.values(&[]);
            let form = desk
                .read(|connection| compose(desk, connection, &actor, &reference, &fields, &mut values, shown.alarms))?;
            Ok((form, values))
        })
        .await?;
    let mut errors = shown.errors;
    let mut page = Page::new(request, state, signed, "Escalate");
    if !shown.refusals.is_empty() {
        page = page.status(StatusCode::CONFLICT);
    }
    context.refusals = shown.refusals;
    // The page has a place of its own for what the second scan found.
    context.refusals.retain(|reason| reason.code != SECOND_SCAN);
    if let Some(at) = context.refusals.iter().position(|reason| reason.code == "other_destination") {
        errors.push(FieldError::new("override_reason", context.refusals.remove(at).message));
    }
    if shown.letter.is_some() {
        context.stage = "check";
        context.letter = shown.letter;
    }
    page.values(values).errors(errors).render("escalations/new.html", &context)
}
