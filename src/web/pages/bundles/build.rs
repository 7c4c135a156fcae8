//! Checking and building a bundle.

use super::preview::{Again, show};
use crate::actions::{Desk, Failure, build_bundle, look_at_picture};
use crate::domain::bundle::Audience;
use crate::domain::person::Actor;
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// What the address asks for.
#[derive(Deserialize)]
pub(in crate::web) struct Query {
    audience: Option<String>,
}

/// `GET /incidents/{ref}/bundles/new?audience=`.
pub(in crate::web) async fn check(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let audience = match query.audience.as_deref() {
        None | Some("") => Audience::Hosting,
        Some(word) => Audience::parse(word).ok_or(Failure::NotFound)?,
    };
    show(&state, &request, &signed, &reference, audience, Again::default()).await
}

/// `POST /incidents/{ref}/bundles`.
pub(in crate::web) async fn build(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let values = fields.values(&["picture"]);
    let Some(audience) = Audience::parse(fields.text("audience")) else {
        let errors = vec![FieldError::new("audience", "Choose who will read the bundle.")];
        let again = Again { errors, values, ..Again::default() };
        return show(&state, &request, &signed, &reference, Audience::Hosting, again).await;
    };
    let (actor, named, path) = (signed.actor(), reference.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let once = once::for_form(desk, &path, &actor, &fields.once());
            confirm_and_build(desk, &once, &actor, &named, audience, &fields.all("picture"))
        })
        .await;
    let built = |id: &str| go(&state, &format!("/bundles/{id}"), "success", "The bundle is built and signed.");
    match outcome {
        Ok(bundle) => Ok(built(&bundle.id)),
        Err(Failure::Repeated { answer, .. }) => Ok(built(&once::in_answer(&answer, "id").ok_or(Failure::NotFound)?)),
        Err(Failure::Refused(_)) => {
            let again = Again { status: Some(StatusCode::CONFLICT), values, ..Again::default() };
            show(&state, &request, &signed, &reference, audience, again).await
        }
        Err(Failure::Stale) => {
            let message = "The incident changed while you looked at it. Check it once more, then build it.";
            let again = Again {
                status: Some(StatusCode::PRECONDITION_FAILED),
                errors: vec![FieldError::new("", message)],
                ..Again::default()
            };
            show(&state, &request, &signed, &reference, audience, again).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Ticked pictures are confirmed first, but only when nothing else stands in the way: a confirmation is for one bundle.
/// The press counts once for the bundle: `once` keeps its answer, `desk` serves the steps before it.
fn confirm_and_build(
    desk: &Desk,
    once: &Desk,
    actor: &Actor,
    reference: &str,
    audience: Audience,
    pictures: &[String],
) -> Result<build_bundle::Built, Failure> {
    once.answered_before()?;
    let preview = build_bundle::preview(desk, actor, reference, audience)?;
    if !preview.refusals.is_empty() {
        return Err(Failure::Refused(preview.refusals));
    }
    for picture in pictures {
        let (id, sha256) = picture.split_once(':').ok_or(Failure::NotFound)?;
        let of_this_incident = preview.source.evidence.iter().any(|(row, _)| row.id.as_str() == id);
        if !of_this_incident {
            return Err(Failure::NotFound);
        }
        look_at_picture::run(desk, actor, id, audience, sha256)?;
    }
    build_bundle::run(once, actor, reference, audience)
}
