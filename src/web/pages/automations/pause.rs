//! Pausing: one press, no form in the way. The reason may be empty and follow later.

use super::amend::typed_fates;
use super::place::Place;
use crate::actions::pause::{self, Switch};
use crate::actions::{Desk, Failure, sight};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::store::pauses;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{go, local};
use crate::web::pages::sites;
use crate::web::pages::sites::show::Refused;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /automations/{slug}/pauses`.
pub(in crate::web) async fn automation(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let slug = slug.into_inner();
    let outcome = press(&state, &request, &signed, &fields, Switch::Automation(slug.clone())).await;
    let page = format!("/automations/{slug}");
    let to = if fields.has("next") { local(fields.text("next")).to_owned() } else { page };
    match outcome {
        Ok(()) => Ok(go(&state, &to, "success", "Paused. Its gate is closed.")),
        Err(Failure::Invalid(errors)) => {
            let place = Place::named(fields.text("next")).unwrap_or(Place::Automation(slug));
            place.again(&state, &request, &signed, refused(&fields, errors)).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /sites/{slug}/pauses`.
pub(in crate::web) async fn site(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let slug = slug.into_inner();
    match press(&state, &request, &signed, &fields, Switch::Named(format!("site:{slug}"))).await {
        Ok(()) => Ok(go(&state, &format!("/sites/{slug}"), "success", "Paused. Every gate of this site is closed.")),
        Err(Failure::Invalid(errors)) => {
            sites::show::render(&state, &request, &signed, slug, refused(&fields, errors)).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /switches/pauses`: a site, a category, or everything.
pub(in crate::web) async fn switch(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    sight::somewhere(&signed.actor(), Act::Pause)?;
    let target = fields.text("target").to_owned();
    let place = Place::named(fields.text("next")).unwrap_or(Place::List);
    let outcome = if target.is_empty() {
        Err(Failure::field("target", "Choose what to stop."))
    } else {
        press(&state, &request, &signed, &fields, Switch::Named(target)).await
    };
    match outcome {
        Ok(()) => Ok(go(&state, &place.address(), "success", "Paused. Every gate under this switch is closed.")),
        Err(Failure::Invalid(errors)) => place.again(&state, &request, &signed, refused(&fields, errors)).await,
        Err(failure) => Err(failure.into()),
    }
}

async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: &Fields,
    switch: Switch,
) -> Result<(), Failure> {
    let unreadable = fields.encoding_errors();
    if !unreadable.is_empty() {
        return Err(Failure::Invalid(unreadable));
    }
    let (actor, reason, fates) = (signed.actor(), fields.optional("pause_reason"), typed_fates(fields)?);
    // A page that a browser kept holds one key for all its switches, and for a press after the release.
    let (path, key) = (format!("{}?{}", request.path(), fields.text("target")), fields.once());
    let outcome = state
        .run(move |desk| {
            let press = |desk: &Desk| pause::run_with(desk, &actor, &switch, reason.as_deref(), None, Some(fates));
            match press(&once::for_form(desk, &path, &actor, &key)) {
                Err(Failure::Repeated { answer, .. }) if !still_holds(desk, &answer)? => press(desk),
                outcome => outcome,
            }
        })
        .await;
    match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Does the pause of a first press still hold? When it was released meanwhile, a second press means a new one.
fn still_holds(desk: &Desk, answer: &str) -> Result<bool, Failure> {
    let Some(id) = once::in_answer(answer, "id") else { return Ok(false) };
    desk.read(|connection| Ok(pauses::holding(connection, &id)?.is_some()))
}

fn refused(fields: &Fields, errors: Vec<FieldError>) -> Refused {
    let errors = renamed(errors, &[("reason", "pause_reason")]);
    Refused { errors, values: fields.values(&[]), ..Refused::default() }
}
