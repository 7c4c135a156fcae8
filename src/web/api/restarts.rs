//! Restart: `GET /api/v1/incidents/{reference}/readiness`, requests under an incident, and the decision.

use super::{PersonNamed, act_once, found, json, list_of_incident, needed, word};
use crate::actions::{Failure, certify, readiness, restart, sight};
use crate::domain::automation::RunScope;
use crate::domain::ids::RequestId;
use crate::domain::person::Act;
use crate::domain::problem::Reason;
use crate::domain::review::{self, Decision, RequestState};
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::restarts::{self, RequestRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/restart-requests`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestBody {
    scope: Option<String>,
    note: Option<String>,
}

/// Body of `POST /api/v1/restart-requests/{id}/decision`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    decision: Option<String>,
    reason: Option<String>,
}

/// Where an incident stands before its restart and its end.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadinessShown {
    reference: String,
    /// Asking for a restart.
    restart: Answered,
    /// Closing the incident.
    closing: Answered,
    /// Names of the administrators who could decide.
    deciders: Vec<String>,
    /// Ids of the pauses that the incident holds.
    held_pauses: Vec<String>,
}

/// May it be done, and if not, why.
#[derive(Serialize, ToSchema)]
pub(super) struct Answered {
    ready: bool,
    reasons: Vec<Reason>,
}

impl From<Vec<Reason>> for Answered {
    fn from(reasons: Vec<Reason>) -> Self {
        Self { ready: reasons.is_empty(), reasons }
    }
}

/// A restart request with its decision.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestShown {
    id: String,
    incident: String,
    scope: RunScope,
    note: Redacted,
    state: RequestState,
    /// Ids of the pauses that it asks to lift.
    pauses: Vec<String>,
    requested_by: PersonNamed,
    requested_at: String,
    decided_by: Option<PersonNamed>,
    decided_at: Option<String>,
    reason: Option<Redacted>,
    voided_at: Option<String>,
    /// What changed of the ground it stood on.
    voided_because: Option<String>,
}

impl RequestShown {
    fn of(connection: &mut Connection, reference: &str, row: RequestRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            incident: reference.to_owned(),
            scope: row.scope,
            state: row.state,
            pauses: row.pauses.iter().map(|id| id.to_string()).collect(),
            requested_by: PersonNamed::of(connection, &row.requested_by)?,
            requested_at: row.requested_at.rfc3339(),
            decided_by: PersonNamed::maybe(connection, row.decided_by.as_ref())?,
            decided_at: row.decided_at.map(|at| at.rfc3339()),
            voided_at: row.voided_at.map(|at| at.rfc3339()),
            note: row.note,
            reason: row.reason,
            voided_because: row.voided_because,
        })
    }
}

/// `GET /api/v1/incidents/{reference}/readiness`: every reason that blocks a restart or closing, and who settles it.
pub(in crate::web) async fn show_readiness(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let case = sight::case(connection, &bearer.0, &reference, Act::ReadIncidents)?;
            let standing = readiness::gather(connection, &case.incident)?;
            Ok(ReadinessShown {
                reference: case.incident.reference,
                restart: review::restart_reasons(&standing.readiness).into(),
                closing: review::closing_reasons(&standing.readiness).into(),
                deciders: standing.readiness.deciders,
                held_pauses: standing.held.iter().map(|pause| pause.id.to_string()).collect(),
            })
        })
    })
    .await
}

/// `POST /api/v1/incidents/{reference}/restart-requests`: asks; 409 with every reason.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        let body: RequestBody = json(body)?;
        let mut errors = Vec::new();
        let scope = word::<RunScope>("scope", body.scope.as_deref(), &mut errors);
        let scope = needed("scope", scope, "Say how far it may go: read_only, narrow or normal.", &mut errors);
        let scope = scope.ok_or(Failure::Invalid(errors))?;
        restart::ask(desk, actor, &reference, scope, &body.note.unwrap_or_default())
    })
    .await
}

/// `GET /api/v1/incidents/{reference}/restart-requests`.
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
        restarts::of_incident,
        |row| row.id.to_string(),
        RequestShown::of,
    )
    .await
}

/// `GET /api/v1/restart-requests/{id}`.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let id = RequestId::from_text(id.as_str());
            let (row, case) = restart::find(connection, &bearer.0, &id, Act::ReadIncidents)?;
            RequestShown::of(connection, &case.incident.reference, row)
        })
    })
    .await
}

/// `POST /api/v1/restart-requests/{id}/decision`: approves or declines, with a reason.
pub(in crate::web) async fn decide(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let body: DecisionBody = json(body)?;
        let mut errors = Vec::new();
        let decision = word::<Decision>("decision", body.decision.as_deref(), &mut errors);
        let decision = needed("decision", decision, "Say approved or declined.", &mut errors);
        let decision = decision.ok_or(Failure::Invalid(errors))?;
        restart::decide(desk, actor, &id, decision, &body.reason.unwrap_or_default())
    })
    .await
}

/// `GET /api/v1/restart-requests/{id}/certificate`: the signed document of an approved restart, byte for byte.
pub(in crate::web) async fn certificate(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let certificate = state
        .run(move |desk| {
            desk.read(|connection| certify::read(connection, &bearer.0, &RequestId::from_text(id.as_str())))
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(certificate.document()))
}
