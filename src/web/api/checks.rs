//! Regression checks: `POST` and `GET /api/v1/incidents/{reference}/checks`, `POST /api/v1/checks/{id}/results`.

use super::{PersonNamed, act_once, json, list_of_incident, needed, word};
use crate::actions::{Failure, checks as acts};
use crate::domain::review::Outcome;
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::checks::{self, CheckRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/checks`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBody {
    title: Option<String>,
    expected: Option<String>,
}

/// Body of `POST /api/v1/checks/{id}/results`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResultBody {
    outcome: Option<String>,
    evidence: Option<String>,
}

/// A check with its results.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckShown {
    id: String,
    incident: String,
    title: Redacted,
    expected: Redacted,
    /// Of the newest result, which alone counts; none while there is none that counts.
    outcome: Option<Outcome>,
    created_by: PersonNamed,
    created_at: String,
    /// Newest first.
    results: Vec<ResultShown>,
}

/// A result.
#[derive(Serialize, ToSchema)]
pub(super) struct ResultShown {
    id: String,
    outcome: Outcome,
    evidence: Redacted,
    recorded_by: PersonNamed,
    recorded_at: String,
    /// Since when it no longer counts.
    voided_at: Option<String>,
    voided_because: Option<String>,
}

impl CheckShown {
    fn of(connection: &mut Connection, reference: &str, row: CheckRow) -> Result<Self, Failure> {
        let mut results = Vec::new();
        for result in checks::results(connection, &row.id)? {
            results.push(ResultShown {
                id: result.id.to_string(),
                outcome: result.outcome,
                evidence: result.evidence,
                recorded_by: PersonNamed::of(connection, &result.recorded_by)?,
                recorded_at: result.recorded_at.rfc3339(),
                voided_at: result.voided_at.map(|at| at.rfc3339()),
                voided_because: result.voided_because,
            });
        }
        Ok(Self {
            id: row.id.to_string(),
            incident: reference.to_owned(),
            title: row.title,
            expected: row.expected,
            outcome: results.iter().find(|result| result.voided_at.is_none()).map(|result| result.outcome),
            created_by: PersonNamed::of(connection, &row.created_by)?,
            created_at: row.created_at.rfc3339(),
            results,
        })
    }
}

/// `POST /api/v1/incidents/{reference}/checks`: adds a check.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        let body: CheckBody = json(body)?;
        let (title, expected) = (body.title.unwrap_or_default(), body.expected.unwrap_or_default());
        acts::add(desk, actor, &reference, &title, &expected)
    })
    .await
}

/// `GET /api/v1/incidents/{reference}/checks`.
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
        checks::of_incident,
        |row| row.id.to_string(),
        CheckShown::of,
    )
    .await
}

/// `POST /api/v1/checks/{id}/results`: records what came out.
pub(in crate::web) async fn record(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        let body: ResultBody = json(body)?;
        let mut errors = Vec::new();
        let outcome = word::<Outcome>("outcome", body.outcome.as_deref(), &mut errors);
        let outcome = needed("outcome", outcome, "Say what came out: pass, fail or inconclusive.", &mut errors);
        let outcome = outcome.ok_or(Failure::Invalid(errors))?;
        acts::record(desk, actor, &id, outcome, &body.evidence.unwrap_or_default())
    })
    .await
}
