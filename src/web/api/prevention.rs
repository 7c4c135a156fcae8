//! Prevention actions: `POST` and `GET /api/v1/incidents/{reference}/actions`, `GET /api/v1/actions/{id}`, and what is
//! done to one.

use super::{PersonNamed, act_once, found, json, json_or_nothing, list_of_incident, needed, word};
use crate::actions::Failure;
use crate::actions::prevent::{self, NewAction};
use crate::domain::ids::ActionId;
use crate::domain::person::Act;
use crate::domain::review::ActionKind;
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::prevention::{self, ActionRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/actions`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionBody {
    kind: Option<String>,
    title: Option<String>,
    owner: Option<String>,
    due_on: Option<String>,
}

/// Body of `POST /api/v1/actions/{id}/completion`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompletionBody {
    proof: Option<String>,
}

/// Body of `POST /api/v1/actions/{id}/owner`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerBody {
    owner: Option<String>,
}

/// A body without fields.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// An action.
#[derive(Serialize, ToSchema)]
pub(super) struct ActionShown {
    id: String,
    incident: String,
    kind: ActionKind,
    title: Redacted,
    owner: PersonNamed,
    due_on: String,
    /// open, completed or verified.
    state: &'static str,
    created_by: PersonNamed,
    created_at: String,
    proof: Option<Redacted>,
    completed_by: Option<PersonNamed>,
    completed_at: Option<String>,
    verified_by: Option<PersonNamed>,
    verified_at: Option<String>,
    version: i32,
}

impl ActionShown {
    fn of(connection: &mut Connection, reference: &str, row: ActionRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            incident: reference.to_owned(),
            state: prevent::state_of(&row),
            owner: PersonNamed::of(connection, &row.owner_id)?,
            created_by: PersonNamed::of(connection, &row.created_by)?,
            completed_by: PersonNamed::maybe(connection, row.completed_by.as_ref())?,
            verified_by: PersonNamed::maybe(connection, row.verified_by.as_ref())?,
            kind: row.kind,
            title: row.title,
            due_on: row.due_on,
            created_at: row.created_at.rfc3339(),
            proof: row.proof,
            completed_at: row.completed_at.map(|at| at.rfc3339()),
            verified_at: row.verified_at.map(|at| at.rfc3339()),
            version: row.version,
        })
    }
}

/// `POST /api/v1/incidents/{reference}/actions`: plans an action.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        prevent::plan(desk, actor, &reference, action(json(body)?)?)
    })
    .await
}

fn action(body: ActionBody) -> Result<NewAction, Failure> {
    let mut errors = Vec::new();
    let kind = word::<ActionKind>("kind", body.kind.as_deref(), &mut errors);
    let kind = needed("kind", kind, &format!("Use one of: {}.", ActionKind::choices()), &mut errors);
    match kind {
        Some(kind) => Ok(NewAction {
            kind,
            title: body.title.unwrap_or_default(),
            owner: body.owner.unwrap_or_default(),
            due_on: body.due_on.unwrap_or_default(),
        }),
        None => Err(Failure::Invalid(errors)),
    }
}

/// `GET /api/v1/incidents/{reference}/actions`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    list_of_incident(
        &state,
        bearer,
        &reference,
        &request,
        prevention::of_incident,
        |row| row.id.to_string(),
        ActionShown::of,
    )
    .await
}

/// `GET /api/v1/actions/{id}`.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let id = ActionId::from_text(id.as_str());
            let (row, case) = prevent::find(connection, &bearer.0, &id, Act::ReadIncidents)?;
            ActionShown::of(connection, &case.incident.reference, row)
        })
    })
    .await
}

/// `POST /api/v1/actions/{id}/completion`: its owner completes it with proof.
pub(in crate::web) async fn complete(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let body: CompletionBody = json(body)?;
        prevent::complete(desk, actor, &id, &body.proof.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/actions/{id}/verification`: a second person agrees that it is done.
pub(in crate::web) async fn verify(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let Nothing {} = json_or_nothing(body)?;
        prevent::verify(desk, actor, &id)
    })
    .await
}

/// `POST /api/v1/actions/{id}/owner`: gives it another owner.
pub(in crate::web) async fn reassign(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let body: OwnerBody = json(body)?;
        prevent::reassign(desk, actor, &id, &body.owner.unwrap_or_default())
    })
    .await
}
