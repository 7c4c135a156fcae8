//! Escalating: answer the questions, read the mail as it would leave, send it.

use super::compose::{LetterShown, compose, routing};
use crate::actions::escalate::{self, NewEscalation};
use crate::actions::{Failure, sight};
use crate::domain::bundle::Audience;
use crate::domain::person::Act;
use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

const SENT: &str = "The mail is queued. Its way is shown here.";

/// `GET /incidents/{ref}/escalations/new`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    show(&state, &request, &signed, &reference, Fields::default(), Shown::default()).await
}

/// What a press led to.
enum Pressed {
    Checked(LetterShown),
    Queued(String),
}

/// How the form is shown.
#[derive(Default)]
struct Shown {
    errors: Vec<FieldError>,
    refusals: Vec<Reason>,
    letter: Option<LetterShown>,
}

/// `POST /incidents/{ref}/escalations/new`. The buttons: `lead` and `pick` show the form for a destination, `edit` goes
/// back from the check; `send` sends; anything else shows the mail for checking.
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
        Ok(Pressed::Queued(id)) => Ok(go(&state, &format!("/escalations/{id}"), "success", SENT)),
        Ok(Pressed::Checked(letter)) => {
            let shown = Shown { letter: Some(letter), ..Shown::default() };
            show(&state, &request, &signed, &reference, fields, shown).await
        }
        Err(Failure::Repeated { answer, .. }) => {
            let id = serde_json::from_str::<serde_json::Value>(&answer).ok();
            let id = id.as_ref().and_then(|answer| answer["id"].as_str()).unwrap_or_default();
            Ok(go(&state, &format!("/escalations/{id}"), "success", SENT))
        }
        Err(Failure::Invalid(errors)) => {
            show(&state, &request, &signed, &reference, fields, Shown { errors, ..Shown::default() }).await
        }
        Err(Failure::Refused(refusals)) => {
            show(&state, &request, &signed, &reference, fields, Shown { refusals, ..Shown::default() }).await
        }
        Err(failure) => Err(failure.into()),
    }
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
            desk.read(|connection| sight::case(connection, &actor, &named, Act::Escalate))?;
            let new = escalation(&typed)?;
            if typed.has("send") {
                let desk = once::for_form(desk, &path, &actor, typed.text("once"));
                return Ok(Pressed::Queued(escalate::run(&desk, &actor, &named, new)?.id));
            }
            let preview = escalate::preview(desk, &actor, &named, &new)?;
            Ok(Pressed::Checked(LetterShown::of(desk, preview)))
        })
        .await
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
            let form = desk.read(|connection| compose(connection, &actor, &reference, &fields, &mut values))?;
            Ok((form, values))
        })
        .await?;
    let mut errors = shown.errors;
    let mut page = Page::new(request, state, signed, "Escalate");
    if !shown.refusals.is_empty() {
        page = page.status(StatusCode::CONFLICT);
    }
    context.refusals = shown.refusals;
    if let Some(at) = context.refusals.iter().position(|reason| reason.code == "other_destination") {
        errors.push(FieldError::new("override_reason", context.refusals.remove(at).message));
    }
    if shown.letter.is_some() {
        context.stage = "check";
        context.letter = shown.letter;
    }
    page.values(values).errors(errors).render("escalations/new.html", &context)
}
