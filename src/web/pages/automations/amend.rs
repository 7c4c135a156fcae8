//! What is said of a pause after the press: why it was set, and what becomes of work.

use super::place::Place;
use crate::actions::{Desk, Failure, amend_pause};
use crate::domain::person::Actor;
use crate::domain::problem::FieldError;
use crate::domain::switch::Fates;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::sites::show::Refused;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /pauses/{id}/reason`.
pub(in crate::web) async fn give_reason(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reason = fields.text("given_reason").to_owned();
    let done = press(&state, &request, &signed, &id, &fields, move |desk, actor, id| {
        amend_pause::give_reason(desk, actor, id, &reason).map(drop)
    })
    .await?;
    answer(&state, &request, &signed, &id, &fields, done, "The reason is on record.").await
}

/// `POST /pauses/{id}/fates`.
pub(in crate::web) async fn set_fates(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let fates = typed_fates(&fields);
    let done = press(&state, &request, &signed, &id, &fields, move |desk, actor, id| {
        amend_pause::set_fates(desk, actor, id, fates?).map(drop)
    })
    .await?;
    answer(&state, &request, &signed, &id, &fields, done, "Changed. It holds from now on.").await
}

/// The fates that a form asks for; fields that it does not have say the default.
pub(super) fn typed_fates(fields: &Fields) -> Result<Fates, Failure> {
    let mut errors = Vec::new();
    fn word<T: std::str::FromStr<Err = String>>(
        fields: &Fields,
        name: &str,
        otherwise: T,
        errors: &mut Vec<FieldError>,
    ) -> T {
        match fields.optional(name).map(|word| word.parse()) {
            None => otherwise,
            Some(Ok(word)) => word,
            Some(Err(why)) => {
                errors.push(FieldError::new(name, format!("No such choice; {why}.")));
                otherwise
            }
        }
    }
    let otherwise = Fates::default();
    let fates = Fates {
        running: word(fields, "fate_running", otherwise.running, &mut errors),
        queued: word(fields, "fate_queued", otherwise.queued, &mut errors),
        scheduled: word(fields, "fate_scheduled", otherwise.scheduled, &mut errors),
        retrying: word(fields, "fate_retrying", otherwise.retrying, &mut errors),
    };
    if errors.is_empty() { Ok(fates) } else { Err(Failure::Invalid(errors)) }
}

/// Does the act once; gives the errors of what was typed.
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: &str,
    fields: &Fields,
    act: impl FnOnce(&Desk, &Actor, &str) -> Result<(), Failure> + Send + 'static,
) -> Result<Vec<FieldError>, PageFailure> {
    let unreadable = fields.encoding_errors();
    if !unreadable.is_empty() {
        return Ok(renamed(unreadable, &[]));
    }
    let (actor, id) = (signed.actor(), id.to_owned());
    let (path, key) = (request.path().to_owned(), fields.once());
    let outcome = state.run(move |desk| act(&once::for_form(desk, &path, &actor, &key), &actor, &id)).await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => Ok(Vec::new()),
        Err(Failure::Invalid(errors)) => Ok(renamed(errors, &[("reason", "given_reason")])),
        Err(failure) => Err(failure.into()),
    }
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: &str,
    fields: &Fields,
    errors: Vec<FieldError>,
    said: &str,
) -> Result<HttpResponse, PageFailure> {
    let place = Place::of(state, signed, id, fields.text("next")).await?;
    if errors.is_empty() {
        return Ok(go(state, &place.address(), "success", said));
    }
    let refused = Refused { errors, values: fields.values(&[]), explaining: Some(id.to_owned()), ..Refused::default() };
    place.again(state, request, signed, refused).await
}
