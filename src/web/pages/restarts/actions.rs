//! Prevention actions: plan, complete, verify, give another owner.

use super::press::{Form, press};
use crate::actions::prevent::{self, NewAction};
use crate::actions::{Desk, Failure, sight};
use crate::domain::ids::ActionId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::review::ActionKind;
use crate::store::prevention;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /incidents/{ref}/actions`.
pub(in crate::web) async fn plan(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form {
        id: "plan".into(),
        names: &[("title", "action_title"), ("owner", "action_owner"), ("due_on", "action_due")],
        anchor: "actions",
        said: "The action is planned.",
    };
    press(&state, &request, &signed, &reference, fields, form, |desk, actor, reference, fields| {
        let text = |name: &str| fields.text(name).to_owned();
        let Some(kind) = ActionKind::parse(fields.text("action_kind")) else {
            desk.read(|connection| sight::case(connection, actor, reference, Act::WriteReview))?;
            return Err(kind_missing(fields));
        };
        let (title, owner, due_on) = (text("action_title"), text("action_owner"), text("action_due"));
        prevent::plan(desk, actor, reference, NewAction { kind, title, owner, due_on }).map(drop)
    })
    .await
}

/// Without a kind nothing can be planned; what else is empty is said in the same breath.
fn kind_missing(fields: &Fields) -> Failure {
    let mut errors = vec![FieldError::new("action_kind", "Choose what it changes.")];
    for (name, say) in [
        ("action_title", "Say what is to be done."),
        ("action_owner", "Choose who does it."),
        ("action_due", "Give a day, for example 2026-11-30."),
    ] {
        if fields.optional(name).is_none() {
            errors.push(FieldError::new(name, say));
        }
    }
    Failure::Invalid(errors)
}

/// `POST /incidents/{ref}/actions/{id}/completion`.
pub(in crate::web) async fn complete(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, id) = path.into_inner();
    let form = Form {
        id: format!("proof-{id}"),
        names: &[],
        anchor: "actions",
        said: "Completed. A second person verifies it now.",
    };
    press(&state, &request, &signed, &reference, fields, form, move |desk, actor, reference, fields| {
        belongs(desk, actor, reference, &id)?;
        prevent::complete(desk, actor, &id, fields.text("proof")).map(drop)
    })
    .await
}

/// `POST /incidents/{ref}/actions/{id}/verification`.
pub(in crate::web) async fn verify(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, id) = path.into_inner();
    let form = Form { id: format!("verify-{id}"), names: &[], anchor: "actions", said: "The action is verified." };
    press(&state, &request, &signed, &reference, fields, form, move |desk, actor, reference, _| {
        belongs(desk, actor, reference, &id)?;
        prevent::verify(desk, actor, &id).map(drop)
    })
    .await
}

/// `POST /incidents/{ref}/actions/{id}/owner`.
pub(in crate::web) async fn reassign(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, id) = path.into_inner();
    let form = Form {
        id: format!("owner-{id}"),
        names: &[("owner", "new_owner")],
        anchor: "actions",
        said: "The action has another owner.",
    };
    press(&state, &request, &signed, &reference, fields, form, move |desk, actor, reference, fields| {
        belongs(desk, actor, reference, &id)?;
        prevent::reassign(desk, actor, &id, fields.text("new_owner")).map(drop)
    })
    .await
}

/// An action of another incident is not found under this one.
fn belongs(desk: &Desk, actor: &Actor, reference: &str, id: &str) -> Result<(), Failure> {
    desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::ReadIncidents)?;
        let row = prevention::find(connection, &ActionId::from_text(id))?;
        if row.incident_id == case.incident.id { Ok(()) } else { Err(Failure::NotFound) }
    })
}
