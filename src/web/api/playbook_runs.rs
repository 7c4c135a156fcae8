//! Playbooks that are gone through in an incident: `POST` and `GET /api/v1/incidents/{reference}/playbook-runs`, and the
//! steps: ask for an approval, agree, tick.

use super::practice_runs::Nothing;
use super::{PersonNamed, created, found, json, json_or_nothing, list_of_incident};
use crate::actions::{Failure, run_playbook as acts, sight};
use crate::domain::person::Act;
use crate::domain::playbook::{Boundary, Effect};
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::playbook_runs::{self, PlaybookRunRow, StepRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/playbook-runs`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaybookRunBody {
    /// The playbook's id.
    playbook: Option<String>,
}

/// Body of `POST /api/v1/playbook-steps/{id}/completion`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TickBody {
    /// What shows that it is done.
    evidence: Option<String>,
}

/// A playbook that is gone through.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaybookRun)]
pub(super) struct PlaybookRunShown {
    id: String,
    incident: String,
    playbook: String,
    version: i32,
    title: Redacted,
    started_by: PersonNamed,
    started_at: String,
    done: bool,
    steps: Vec<StepShown>,
}

/// A step of it.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaybookRunStep)]
struct StepShown {
    id: String,
    number: i32,
    title: Redacted,
    instructions: Redacted,
    effect: Effect,
    approval: Boundary,
    asked_by: Option<PersonNamed>,
    approved_by: Option<PersonNamed>,
    evidence: Option<Redacted>,
    done_by: Option<PersonNamed>,
    done_at: Option<String>,
}

fn show(connection: &mut Connection, reference: &str, row: PlaybookRunRow) -> Result<PlaybookRunShown, Failure> {
    let rows = playbook_runs::steps(connection, &row.id)?;
    let steps: Vec<StepShown> = rows.into_iter().map(|row| step(connection, row)).collect::<Result<_, _>>()?;
    Ok(PlaybookRunShown {
        id: row.id.to_string(),
        incident: reference.to_owned(),
        playbook: row.playbook_id.to_string(),
        version: row.version,
        title: row.title,
        started_by: PersonNamed::of(connection, &row.started_by)?,
        started_at: row.started_at.rfc3339(),
        done: steps.iter().all(|step| step.done_at.is_some()),
        steps,
    })
}

fn step(connection: &mut Connection, row: StepRow) -> Result<StepShown, Failure> {
    Ok(StepShown {
        id: row.id.to_string(),
        number: row.number,
        title: row.title,
        instructions: row.instructions,
        effect: row.effect,
        approval: row.approval,
        asked_by: PersonNamed::maybe(connection, row.asked_by.as_ref())?,
        approved_by: PersonNamed::maybe(connection, row.approved_by.as_ref())?,
        evidence: row.evidence,
        done_by: PersonNamed::maybe(connection, row.done_by.as_ref())?,
        done_at: row.done_at.map(|at| at.rfc3339()),
    })
}

/// `POST /api/v1/incidents/{reference}/playbook-runs`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let begun = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            desk.read(|connection| sight::case(connection, &bearer.0, &reference, Act::WorkIncident))?;
            let body: PlaybookRunBody = json(&body)?;
            acts::begin(&desk, &bearer.0, &reference, &body.playbook.unwrap_or_default())
        })
        .await?;
    Ok(created(&begun))
}

/// `GET /api/v1/incidents/{reference}/playbook-runs`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let id = |row: &PlaybookRunRow| row.id.to_string();
    list_of_incident(&state, bearer, &reference, &request, playbook_runs::of_incident, id, show).await
}

/// `POST /api/v1/playbook-steps/{id}/approval-request`.
pub(in crate::web) async fn ask(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        acts::seen(&desk, &bearer.0, &id, Act::WorkIncident)?;
        json_or_nothing::<Nothing>(&body)?;
        acts::ask(&desk, &bearer.0, &id)
    })
    .await
}

/// `POST /api/v1/playbook-steps/{id}/approval`.
pub(in crate::web) async fn approve(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        acts::seen(&desk, &bearer.0, &id, Act::VerifyAction)?;
        json_or_nothing::<Nothing>(&body)?;
        acts::approve(&desk, &bearer.0, &id)
    })
    .await
}

/// `POST /api/v1/playbook-steps/{id}/completion`.
pub(in crate::web) async fn tick(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        acts::seen(&desk, &bearer.0, &id, Act::WorkIncident)?;
        let body: TickBody = json(&body)?;
        acts::tick(&desk, &bearer.0, &id, &body.evidence.unwrap_or_default())
    })
    .await
}
