//! `POST /rotations/{id}/completion`: a value that a bundle carries was rotated.

use crate::actions::{Failure, rotate};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::incidents::show::{Again, again};
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /rotations/{id}/completion`.
pub(in crate::web) async fn complete(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let (actor, named) = (signed.actor(), id.clone());
    let reference = state.run(move |desk| desk.read(|connection| rotate::of(connection, &actor, &named))).await?;
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            rotate::complete(&desk, &actor, &id, typed.text("rotation_note"))
        })
        .await;
    let why = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            let said = "It is written down that this was rotated.";
            return Ok(go(&state, &format!("/incidents/{reference}#rotations"), "success", said));
        }
        Err(Failure::Invalid(errors)) => Again::errors(renamed(errors, &[("note", "rotation_note")])),
        Err(Failure::Refused(reasons)) => Again::refused(reasons),
        Err(failure) => return Err(failure.into()),
    };
    again(&state, &request, &signed, &reference, &fields, why).await
}
