//! Break-glass: `POST` and `GET /api/v1/automations/{slug}/overrides`, and under `/api/v1/overrides/{id}` confirmation,
//! end and review.

use super::{ListQuery, Listing, PersonNamed, created, found, json, json_or_nothing, moment, page_of};
use crate::actions::{Failure, override_gate, sight};
use crate::domain::moment::Moment;
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::overrides::{self, OverrideRow};
use crate::store::{Connection, incidents};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/automations/{slug}/overrides`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideBody {
    reason: Option<String>,
    expires_at: Option<String>,
}

/// Body of `POST /api/v1/overrides/{id}/review`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideReviewBody {
    note: Option<String>,
}

/// A body with nothing in it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// A break-glass opening.
#[derive(Serialize, ToSchema)]
#[schema(as = Override)]
pub(super) struct OverrideShown {
    id: String,
    automation: String,
    /// `asked`, `holds`, `over`, `lapsed` or `reviewed`.
    state: &'static str,
    reason: Redacted,
    asked_by: PersonNamed,
    asked_at: String,
    expires_at: String,
    confirmed_by: Option<PersonNamed>,
    confirmed_at: Option<String>,
    /// Reference of the incident that got the follow-up.
    incident: Option<String>,
    /// The follow-up action.
    action: Option<String>,
    ended_by: Option<PersonNamed>,
    ended_at: Option<String>,
    reviewed_by: Option<PersonNamed>,
    reviewed_at: Option<String>,
    review_note: Option<Redacted>,
}

fn shown(connection: &mut Connection, slug: &str, row: OverrideRow, now: Moment) -> Result<OverrideShown, Failure> {
    let incident = match &row.incident_id {
        Some(id) => Some(sight::promised(incidents::find(connection, id))?.reference),
        None => None,
    };
    Ok(OverrideShown {
        id: row.id.to_string(),
        automation: slug.to_owned(),
        state: override_gate::state_of(&row, now),
        asked_by: PersonNamed::of(connection, &row.asked_by)?,
        asked_at: row.asked_at.rfc3339(),
        expires_at: row.expires_at.rfc3339(),
        confirmed_by: PersonNamed::maybe(connection, row.confirmed_by.as_ref())?,
        confirmed_at: row.confirmed_at.map(|at| at.rfc3339()),
        incident,
        action: row.action_id.as_ref().map(|id| id.to_string()),
        ended_by: PersonNamed::maybe(connection, row.ended_by.as_ref())?,
        ended_at: row.ended_at.map(|at| at.rfc3339()),
        reviewed_by: PersonNamed::maybe(connection, row.reviewed_by.as_ref())?,
        reviewed_at: row.reviewed_at.map(|at| at.rfc3339()),
        reason: row.reason,
        review_note: row.review_note,
    })
}

/// `POST /api/v1/automations/{slug}/overrides`: asks; a second person confirms.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let asked = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: OverrideBody = json(&body)?;
            let mut errors = Vec::new();
            let expires_at = moment("expires_at", body.expires_at.as_deref(), &mut errors);
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            override_gate::ask(&desk, &bearer.0, &slug, &body.reason.unwrap_or_default(), expires_at)
        })
        .await?;
    Ok(created(&asked))
}

/// `GET /api/v1/automations/{slug}/overrides`: newest first.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        let now = desk.now();
        desk.read(|connection| {
            let automation = sight::automation(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let rows = overrides::of_automation(connection, &automation.id)?;
            let rows = page_of(rows, &query, |row| row.id.to_string());
            let id = |row: &OverrideRow| row.id.to_string();
            Listing::tried(rows, query.limit(), id, |row| shown(connection, &automation.slug, row, now))
        })
    })
    .await
}

/// `GET /api/v1/overrides/{id}`.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let now = desk.now();
        desk.read(|connection| {
            let (row, automation) = override_gate::show(connection, &bearer.0, &id)?;
            shown(connection, &automation.slug, row, now)
        })
    })
    .await
}

/// `POST /api/v1/overrides/{id}/confirmation`: the second person agrees.
pub(in crate::web) async fn confirm(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        json_or_nothing::<Empty>(&body)?;
        override_gate::confirm(&desk, &bearer.0, &id)
    })
    .await
}

/// `POST /api/v1/overrides/{id}/end`: closes it before its time.
pub(in crate::web) async fn end(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        json_or_nothing::<Empty>(&body)?;
        override_gate::end(&desk, &bearer.0, &id)
    })
    .await
}

/// `POST /api/v1/overrides/{id}/review`: by somebody who took no part.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: OverrideReviewBody = json(&body)?;
        override_gate::review(&desk, &bearer.0, &id, &body.note.unwrap_or_default())
    })
    .await
}
