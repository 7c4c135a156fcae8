//! Scopes: `POST` and `GET /api/v1/automations/{slug}/phases`, and what would have to become true:
//! `GET /api/v1/automations/{slug}/explanation`.

use super::{ListQuery, Listing, created, found, json, page_of};
use crate::actions::explain_gate::{self, Without};
use crate::actions::{Failure, open_phase, sight};
use crate::domain::automation::RunScope;
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::phases::{self, PhaseRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/automations/{slug}/phases`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseBody {
    /// What shows that the present scope went well.
    evidence: Option<String>,
}

/// A scope that was opened.
#[derive(Serialize, ToSchema)]
#[schema(as = Phase)]
pub(super) struct PhaseShown {
    id: String,
    scope: RunScope,
    ceiling: RunScope,
    evidence: Option<Redacted>,
    /// `person:ID`.
    opened_by: String,
    opened_at: String,
    soak_until: String,
    ended_at: Option<String>,
    ended_because: Option<String>,
    /// The restart request that it goes back to.
    request: Option<String>,
}

fn show(row: PhaseRow) -> PhaseShown {
    PhaseShown {
        id: row.id.to_string(),
        scope: row.scope,
        ceiling: row.ceiling,
        evidence: row.evidence,
        opened_by: row.opened_by,
        opened_at: row.opened_at.rfc3339(),
        soak_until: row.soak_until.rfc3339(),
        ended_at: row.ended_at.map(|at| at.rfc3339()),
        ended_because: row.ended_because,
        request: row.request_id.map(|id| id.to_string()),
    }
}

/// `POST /api/v1/automations/{slug}/phases`: opens the next scope; 409 with every reason.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let opened = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: PhaseBody = json(&body)?;
            open_phase::run(&desk, &bearer.0, &slug, &body.evidence.unwrap_or_default())
        })
        .await?;
    Ok(created(&opened))
}

/// `GET /api/v1/automations/{slug}/phases`: newest first.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        desk.read(|connection| {
            let automation = sight::automation(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let rows = phases::of_automation(connection, &automation.id)?;
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Ok::<_, Failure>(Listing::of(rows, query.limit(), |row| row.id.to_string(), show))
        })
    })
    .await
}

/// `GET /api/v1/automations/{slug}/explanation`: `?without=PAUSE` and `?settled=INCIDENT`, as often as wanted, leave
/// something out and show what would remain.
pub(in crate::web) async fn explain(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let without = without(request.query_string())?;
    found(&state, move |desk| explain_gate::run(desk, &bearer.0, &slug, &without)).await
}

/// What a query leaves out; a name that means nothing is refused.
fn without(query: &str) -> Result<Without, Failure> {
    let mut without = Without::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "without" => without.pauses.push(value.into_owned()),
            "settled" => without.incidents.push(value.into_owned()),
            name => return Err(Failure::field(name, "Use without=PAUSE or settled=INCIDENT.")),
        }
    }
    Ok(without)
}
