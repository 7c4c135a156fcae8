//! Small forms on the page of an incident: pause one more automation, change the status, withdraw it.

use super::show::{Again, again};
use crate::actions::change_incident::{self, Change};
use crate::actions::pause::{self, Switch};
use crate::actions::{Failure, sight, withdraw_incident};
use crate::domain::incident::Status;
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::incidents::fields::renamed;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /incidents/{ref}/pauses`.
pub(in crate::web) async fn pause(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, named, slug) = (signed.actor(), reference.clone(), fields.text("pause_automation").to_owned());
    let (path, key) = (request.path().to_owned(), fields.once());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::WorkIncident))?;
            if slug.is_empty() {
                return Err(Failure::field("pause_automation", "Choose the automation to pause."));
            }
            let desk = once::for_form(desk, &path, &actor, &key);
            match pause::run(&desk, &actor, &Switch::Automation(slug), None, Some(&named)) {
                // The incident is theirs to see: what cannot be found is the automation.
                Err(Failure::NotFound) => {
                    Err(Failure::field("pause_automation", "Choose an automation from the list."))
                }
                other => other.map(|_| ()),
            }
        })
        .await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            Ok(go(&state, &format!("/incidents/{reference}"), "success", "Paused. It comes back by a decision only."))
        }
        Err(failure) => refused(&state, &request, &signed, &reference, fields, failure).await,
    }
}

/// `POST /incidents/{ref}/status`.
pub(in crate::web) async fn status(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, named, typed) = (signed.actor(), reference.clone(), fields.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::WorkIncident))?;
            let (version, change) = status_change(&typed)?;
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            change_incident::run(&desk, &actor, &named, Some(version), change).map(|_| ())
        })
        .await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            Ok(go(&state, &format!("/incidents/{reference}#state"), "success", "The status is changed."))
        }
        Err(failure) => refused(&state, &request, &signed, &reference, fields, failure).await,
    }
}

fn status_change(fields: &Fields) -> Result<(i32, Change), Failure> {
    let mut errors = fields.encoding_errors();
    let status = Status::parse(fields.text("status"));
    if status.is_none() {
        errors.push(FieldError::new("status", "Choose a status from the list."));
    }
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let version = fields.text("version").parse().map_err(|_| Failure::Stale)?;
    Ok((version, Change { status, note: fields.optional("status_note"), ..Change::default() }))
}

/// `POST /incidents/{ref}/withdrawal`.
pub(in crate::web) async fn withdraw(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, named, typed) = (signed.actor(), reference.clone(), fields.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::ReadIncidents))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            withdraw_incident::run(&desk, &actor, &named, typed.text("withdraw_reason")).map(|_| ())
        })
        .await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            Ok(go(&state, &format!("/incidents/{reference}#state"), "success", "The incident is withdrawn."))
        }
        Err(failure) => refused(&state, &request, &signed, &reference, fields, failure).await,
    }
}

async fn refused(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: Fields,
    failure: Failure,
) -> Result<HttpResponse, PageFailure> {
    let why = match failure {
        Failure::Invalid(errors) => {
            Again::errors(renamed(errors, &[("note", "status_note"), ("reason", "withdraw_reason")]))
        }
        Failure::Refused(reasons) => Again::refused(reasons),
        Failure::Stale => Again::stale(),
        other => return Err(other.into()),
    };
    again(state, request, signed, reference, &fields, why).await
}
