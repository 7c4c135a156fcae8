//! Restart criteria: `POST` and `GET /api/v1/incidents/{reference}/criteria`, `POST /api/v1/criteria/{id}/met`.

use super::{PersonNamed, act_once, json, list_of_incident};
use crate::actions::{Failure, criteria as acts};
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::criteria::{self, CriterionRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/criteria`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CriterionBody {
    statement: Option<String>,
}

/// Body of `POST /api/v1/criteria/{id}/met`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MetBody {
    evidence: Option<String>,
}

/// A criterion.
#[derive(Serialize, ToSchema)]
pub(super) struct CriterionShown {
    id: String,
    incident: String,
    statement: Redacted,
    met: bool,
    evidence: Option<Redacted>,
    shown_by: Option<PersonNamed>,
    shown_at: Option<String>,
    created_by: PersonNamed,
    created_at: String,
}

impl CriterionShown {
    fn of(connection: &mut Connection, reference: &str, row: CriterionRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            incident: reference.to_owned(),
            met: row.shown_at.is_some(),
            statement: row.statement,
            evidence: row.evidence,
            shown_by: PersonNamed::maybe(connection, row.shown_by.as_ref())?,
            shown_at: row.shown_at.map(|at| at.rfc3339()),
            created_by: PersonNamed::of(connection, &row.created_by)?,
            created_at: row.created_at.rfc3339(),
        })
    }
}

/// `POST /api/v1/incidents/{reference}/criteria`: adds a criterion.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        let body: CriterionBody = json(body)?;
        acts::add(desk, actor, &reference, &body.statement.unwrap_or_default())
    })
    .await
}

/// `GET /api/v1/incidents/{reference}/criteria`.
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
        criteria::of_incident,
        |row| row.id.to_string(),
        CriterionShown::of,
    )
    .await
}

/// `POST /api/v1/criteria/{id}/met`: shows that it holds.
pub(in crate::web) async fn show_met(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let body: MetBody = json(body)?;
        acts::show(desk, actor, &id, &body.evidence.unwrap_or_default())
    })
    .await
}
