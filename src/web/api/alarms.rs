//! Alarms of the second scan, and the two people who lift a false one.

use super::{created, json};
use crate::actions::{Failure, lift_alarm, sight};
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::alarms::{self, AlarmRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/alarms/{id}/lifting`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftingBody {
    /// Why this is no secret.
    reason: Option<String>,
}

/// An alarm. Never the value that it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = Alarm)]
pub(super) struct AlarmShown {
    id: String,
    rule: String,
    /// suspicious, likely or certain.
    level: String,
    /// Member of the bundle, line and column.
    place: String,
    /// Why somebody calls it false.
    reason: Option<Redacted>,
    asked_at: Option<String>,
    confirmed_at: Option<String>,
    /// False: it keeps bundles from being built.
    lifted: bool,
}

/// Every alarm of an incident.
#[derive(Serialize, ToSchema)]
pub(super) struct Alarms {
    /// Oldest first.
    items: Vec<AlarmShown>,
}

impl From<AlarmRow> for AlarmShown {
    fn from(row: AlarmRow) -> Self {
        Self {
            lifted: lift_alarm::is_lifted(&row),
            id: row.id.to_string(),
            rule: row.rule,
            level: row.level,
            place: row.place,
            reason: row.reason,
            asked_at: row.asked_at.map(|at| at.rfc3339()),
            confirmed_at: row.confirmed_at.map(|at| at.rfc3339()),
        }
    }
}

/// `GET /api/v1/incidents/{reference}/alarms`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let rows = state
        .run(move |desk| {
            desk.read(|connection| {
                let case = sight::case(connection, &bearer.0, &reference, Act::ReadIncidents)?;
                Ok::<_, Failure>(alarms::of_incident(connection, &case.incident.id)?)
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(Alarms { items: rows.into_iter().map(AlarmShown::from).collect() }))
}

/// `POST /api/v1/alarms/{id}/lifting`: the first person says why it is false.
pub(in crate::web) async fn lift(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let answered = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: LiftingBody = json(&body)?;
            lift_alarm::question(&desk, &bearer.0, &id, &body.reason.unwrap_or_default())
        })
        .await?;
    Ok(created(&answered))
}

/// `POST /api/v1/alarms/{id}/confirmation`: the second person agrees.
pub(in crate::web) async fn confirm(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let answered = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            lift_alarm::agree(&desk, &bearer.0, &id)
        })
        .await?;
    Ok(created(&answered))
}
