//! `POST /pauses/{id}/release`: a pause that no incident holds ends, with a reason.

use super::place::Place;
use crate::actions::{Failure, pause};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::sites::show::Refused;
use actix_web::{HttpRequest, HttpResponse, web};

pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), id.into_inner());
    let (path, key) = (request.path().to_owned(), fields.once());
    let (reason, unreadable, pause_id) =
        (fields.text("release_reason").to_owned(), fields.encoding_errors(), id.clone());
    let outcome = state
        .run(move |desk| {
            if !unreadable.is_empty() {
                return Err(Failure::Invalid(unreadable));
            }
            pause::release(&once::for_form(desk, &path, &actor, &key), &actor, &pause_id, &reason)
        })
        .await;
    let errors = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => None,
        Err(Failure::Invalid(errors)) => Some(errors),
        Err(failure) => return Err(failure.into()),
    };
    let place = Place::of(&state, &signed, &id, fields.text("next")).await?;
    match errors {
        None => Ok(go(&state, &place.address(), "success", "The pause is released. What else holds, still holds.")),
        Some(errors) => {
            let errors = renamed(errors, &[("reason", "release_reason")]);
            let refused = Refused { errors, values: fields.values(&[]), releasing: Some(id), ..Refused::default() };
            place.again(&state, &request, &signed, refused).await
        }
    }
}
