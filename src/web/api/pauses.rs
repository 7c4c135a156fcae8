//! Pauses: layers over automations, categories, sites or everything.

use super::{ListQuery, Listing, act_once, created, found, json, json_or_nothing, page_of};
use crate::actions::pause::{self, Switch};
use crate::actions::{Failure, amend_pause, sight};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, SiteId};
use crate::domain::person::Act;
use crate::domain::switch::Fates;
use crate::redaction::Redacted;
use crate::store::pauses::{self, PauseRow};
use crate::store::{Connection, Json, automations, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of a pause; it may be left away.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PauseBody {
    /// Why; it may follow later.
    reason: Option<String>,
    /// Reference of the incident that holds it: then only a restart decision lifts it.
    incident: Option<String>,
    /// What becomes of running, queued, scheduled and retrying work; left away: it stops and is dropped.
    fates: Option<Fates>,
}

/// Body of `POST /api/v1/pauses/{id}/reason`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    /// Why it is paused; given once.
    reason: Option<String>,
}

/// Body of `POST /api/v1/pauses/{id}/release`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseBody {
    /// Why this may run again.
    reason: Option<String>,
}

/// A pause.
#[derive(Serialize, ToSchema)]
#[schema(as = Pause)]
pub(super) struct PauseShown {
    id: String,
    target_kind: PauseTarget,
    /// Slug of the automation or site, word of the category, or `all`.
    target: String,
    reason: Option<Redacted>,
    /// Reference of the incident that holds it.
    incident: Option<String>,
    since: String,
    /// What becomes of running and waiting work.
    fates: Fates,
    /// True until somebody has said why.
    reason_wanted: bool,
    released_at: Option<String>,
    release_reason: Option<Redacted>,
}

/// Shows a pause by the names that people use.
pub(super) fn show_pause(
    connection: &mut Connection,
    row: PauseRow,
    incident: Option<String>,
) -> Result<PauseShown, Failure> {
    let reason_wanted = row.wants_reason();
    let target = match row.target_kind {
        PauseTarget::Automation => {
            sight::promised(automations::find(connection, &AutomationId::from_text(row.target)))?.slug
        }
        PauseTarget::Site => sight::promised(sites::find(connection, &SiteId::from_text(row.target)))?.slug,
        PauseTarget::Category | PauseTarget::Everything => row.target,
    };
    Ok(PauseShown {
        id: row.id.to_string(),
        reason_wanted,
        fates: row.fates.map(Json::into_inner).unwrap_or_default(),
        target_kind: row.target_kind,
        target,
        reason: row.reason,
        incident,
        since: row.set_at.rfc3339(),
        released_at: row.released_at.map(|at| at.rfc3339()),
        release_reason: row.release_reason,
    })
}

/// `GET /api/v1/pauses`: those that hold now and concern a site of the asker's.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let mut rows = pauses::all_holding(connection)?;
            rows.retain(|(row, _)| row.site_id.as_ref().is_none_or(|site| bearer.0.may(Act::ReadRegistry, site)));
            let rows = page_of(rows, &query, |(row, _)| row.id.to_string());
            let Listing { items, next_cursor } =
                Listing::of(rows, query.limit(), |(row, _)| row.id.to_string(), |row| row);
            let items = items
                .into_iter()
                .map(|(row, incident)| show_pause(connection, row, incident))
                .collect::<Result<_, _>>()?;
            Ok(Listing::<PauseShown> { items, next_cursor })
        })
    })
    .await
}

/// `POST /api/v1/automations/{slug}/pauses`.
pub(in crate::web) async fn automation(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    pause_it(state, bearer, Switch::Automation(slug.into_inner()), key, body).await
}

/// `POST /api/v1/switches/{name}/pauses`.
pub(in crate::web) async fn switch(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    pause_it(state, bearer, Switch::Named(name.into_inner()), key, body).await
}

async fn pause_it(
    state: web::Data<State>,
    bearer: Bearer,
    switch: Switch,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let paused = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: PauseBody = json_or_nothing(&body)?;
            let (reason, incident) = (body.reason.as_deref(), body.incident.as_deref());
            pause::run_with(&desk, &bearer.0, &switch, reason, incident, body.fates)
        })
        .await?;
    Ok(created(&paused))
}

/// `POST /api/v1/pauses/{id}/release`.
pub(in crate::web) async fn release(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: ReleaseBody = json(&body)?;
        pause::release(&desk, &bearer.0, &id, &body.reason.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/pauses/{id}/reason`: the reason that followed later.
pub(in crate::web) async fn give_reason(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let body: ReasonBody = json(body)?;
        amend_pause::give_reason(desk, actor, &id, &body.reason.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/pauses/{id}/fates`: what becomes of work while the pause holds.
pub(in crate::web) async fn set_fates(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        amend_pause::set_fates(desk, actor, &id, json(body)?)
    })
    .await
}
