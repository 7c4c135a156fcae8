//! `POST /switches/drills`: a switch is tried now, or people say what they saw when they tried it.

use super::render;
use crate::actions::Failure;
use crate::actions::drill_switch::{self, Rehearsal};
use crate::actions::pause::Switch;
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::sites::show::Refused;
use actix_web::{HttpRequest, HttpResponse, web};

pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let named = fields.text("drill_of").to_owned();
    let automation = fields.text("drill_kind") == "automation";
    let switch = if automation { Switch::Automation(named.clone()) } else { Switch::Named(named.clone()) };
    let rehearsal = if fields.has("observed") { Some(rehearsal(&fields)) } else { None };
    let (actor, unreadable) = (signed.actor(), fields.encoding_errors());
    // The name is a part of the key: a page kept in the browser holds one key for all its switches.
    let (path, key) = (format!("{}?{named}", request.path()), fields.once());
    let outcome = state
        .run(move |desk| {
            let desk = once::for_form(desk, &path, &actor, &key);
            if !unreadable.is_empty() {
                return Err(Failure::Invalid(unreadable));
            }
            match rehearsal {
                Some(seen) => drill_switch::record(&desk, &actor, &switch, &seen?),
                None => drill_switch::press(&desk, &actor, &switch),
            }
        })
        .await;
    match outcome {
        Ok(drilled) if drilled.worked => {
            Ok(go(&state, "/switches", "success", "The drill is on record: everything under the switch stopped."))
        }
        Ok(drilled) => {
            let words = format!(
                "The drill is on record: {} of {} stopped only. Find out why before you rely on this switch.",
                drilled.closed, drilled.covered
            );
            Ok(go(&state, "/switches", "warning", &words))
        }
        Err(Failure::Repeated { .. }) => Ok(go(&state, "/switches", "success", "The drill is on record.")),
        Err(Failure::Invalid(errors)) => {
            let refused = Refused { errors, values: fields.values(&[]), ..Refused::default() };
            render(&state, &request, &signed, refused).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// What people saw, as typed.
fn rehearsal(fields: &Fields) -> Result<Rehearsal, Failure> {
    let mut errors = Vec::new();
    let mut number = |name: &str| match fields.optional(name).map(|text| text.trim().parse::<i64>()) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => {
            errors.push(FieldError::new(name, "Use a whole number."));
            None
        }
    };
    let (stopped, took_seconds) = (number("stopped"), number("took_seconds"));
    if errors.is_empty() {
        Ok(Rehearsal { stopped, took_seconds, observed: fields.text("observed").to_owned() })
    } else {
        Err(Failure::Invalid(errors))
    }
}
