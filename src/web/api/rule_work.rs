//! Past evidence and rules of redaction: previews, reading again, and what must be rotated.

use super::rules::in_definition;
use super::{ListQuery, Listing, PersonNamed, act_once, found, json, list_of_incident};
use crate::actions::{Failure, preview_rule, rerun_rules, rotate, sight};
use crate::domain::ids::PersonId;
use crate::domain::own_rule::OwnRule;
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::rotations::{self, RotationRow};
use crate::store::rule_work::{self, PreviewRow, ProgressRow, RerunRow, TriedIncident};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/redaction-previews`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewBody {
    /// The rule as it would be.
    definition: OwnRule,
}

/// Body of `POST /api/v1/redaction-reruns`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RerunBody {
    /// Why, in a sentence.
    #[serde(default)]
    reason: String,
}

/// Body of `POST /api/v1/rotations/{id}/completion`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotationBody {
    /// What was done.
    #[serde(default)]
    note: String,
}

/// How a preview stands.
#[derive(Serialize, ToSchema)]
pub(super) struct PreviewShown {
    id: String,
    definition: OwnRule,
    /// Files read, of how many.
    done: i32,
    total: i32,
    finished: bool,
    /// When it is forgotten.
    expires_at: String,
    /// What would change, by incident; counts and lines, never values.
    incidents: Vec<PreviewIncident>,
}

/// What would change in one incident.
#[derive(Serialize, ToSchema)]
struct PreviewIncident {
    reference: String,
    goes: u64,
    stays: u64,
    files: Vec<PreviewFile>,
}

/// What would change in one file.
#[derive(Serialize, ToSchema)]
struct PreviewFile {
    evidence: String,
    name: Redacted,
    goes: u64,
    stays: u64,
    /// The first lines in which something changes.
    lines: Vec<u64>,
    /// False: the original is shredded, and the redacted form was read.
    original: bool,
}

impl From<PreviewRow> for PreviewShown {
    fn from(row: PreviewRow) -> Self {
        let incident = |tried: TriedIncident| PreviewIncident {
            reference: tried.reference,
            goes: tried.goes,
            stays: tried.stays,
            files: tried
                .files
                .into_iter()
                .map(|file| PreviewFile {
                    evidence: file.id,
                    name: file.name,
                    goes: file.goes,
                    stays: file.stays,
                    lines: file.lines,
                    original: file.original,
                })
                .collect(),
        };
        Self {
            id: row.id.to_string(),
            definition: row.definition.into_inner(),
            done: row.done,
            total: row.total,
            finished: row.finished_at.is_some(),
            expires_at: row.expires_at.rfc3339(),
            incidents: row.found.into_inner().into_iter().map(incident).collect(),
        }
    }
}

/// How reading again stands.
#[derive(Serialize, ToSchema)]
pub(super) struct RerunShown {
    id: String,
    /// The revision of the rules when it was asked for.
    revision: i32,
    reason: Redacted,
    /// Who asked; null: this program.
    asked_by: Option<PersonNamed>,
    asked_at: String,
    /// Incidents read, of how many.
    done: i32,
    incidents: i32,
    /// Files of which there is a new version.
    changed: i32,
    /// Values in bundles that must be rotated.
    flagged: i32,
    /// References of the incidents that could not be read; the log of the server says why.
    failed: Vec<String>,
    finished_at: Option<String>,
}

impl RerunShown {
    fn of(connection: &mut Connection, (row, progress): (RerunRow, ProgressRow)) -> Result<Self, Failure> {
        let person = row.asked_by.strip_prefix("person:").map(PersonId::from_text);
        Ok(Self {
            id: row.id.to_string(),
            revision: row.revision,
            reason: row.reason,
            asked_by: PersonNamed::maybe(connection, person.as_ref())?,
            asked_at: row.asked_at.rfc3339(),
            done: progress.done,
            incidents: row.incidents,
            changed: progress.changed,
            flagged: progress.flagged,
            failed: progress.failed.into_inner(),
            finished_at: row.finished_at.map(|at| at.rfc3339()),
        })
    }
}

/// A value in a bundle that must be rotated.
#[derive(Serialize, ToSchema)]
pub(super) struct RotationShown {
    id: String,
    incident: String,
    bundle: String,
    /// The rule that finds it now.
    rule: String,
    /// Where it stands first in the bundle.
    place: String,
    found_at: String,
    /// What was done; null: nothing yet.
    note: Option<Redacted>,
    rotated_by: Option<PersonNamed>,
    rotated_at: Option<String>,
}

fn shown(connection: &mut Connection, reference: &str, row: RotationRow) -> Result<RotationShown, Failure> {
    Ok(RotationShown {
        id: row.id.to_string(),
        incident: reference.to_owned(),
        bundle: row.bundle_id.to_string(),
        rule: row.rule,
        place: row.place,
        found_at: row.found_at.rfc3339(),
        note: row.note,
        rotated_by: PersonNamed::maybe(connection, row.rotated_by.as_ref())?,
        rotated_at: row.rotated_at.map(|at| at.rfc3339()),
    })
}

/// `POST /api/v1/redaction-previews`.
pub(in crate::web) async fn create_preview(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, |desk, actor, body| {
        sight::everywhere(actor, Act::ManageRules)?;
        let body: PreviewBody = json(body)?;
        in_definition(preview_rule::ask(desk, actor, body.definition))
    })
    .await
}

/// `GET /api/v1/redaction-previews/{id}`.
pub(in crate::web) async fn preview(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let row =
        state.run(move |desk| desk.read(|connection| preview_rule::find(desk, connection, &bearer.0, &id))).await?;
    Ok(HttpResponse::Ok().json(PreviewShown::from(row)))
}

/// `GET /api/v1/redaction-reruns`.
pub(in crate::web) async fn reruns(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    /// More than anybody asks for; the list is one of rare acts.
    const MOST: i64 = 100;
    ListQuery::read(&request, &[])?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRules)?;
        desk.read(|connection| {
            let mut items = Vec::new();
            for row in rule_work::newest_reruns(connection, MOST)? {
                let progress = sight::promised(rule_work::progress(connection, &row.id))?;
                items.push(RerunShown::of(connection, (row, progress))?);
            }
            Ok(Listing::<RerunShown> { items, next_cursor: None })
        })
    })
    .await
}

/// `POST /api/v1/redaction-reruns`.
pub(in crate::web) async fn create_rerun(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, |desk, actor, body| {
        sight::everywhere(actor, Act::ManageRules)?;
        let body: RerunBody = json(body)?;
        rerun_rules::ask(desk, actor, &body.reason)
    })
    .await
}

/// `GET /api/v1/redaction-reruns/{id}`.
pub(in crate::web) async fn rerun(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let found = rerun_rules::find(connection, &bearer.0, &id)?;
            RerunShown::of(connection, found)
        })
    })
    .await
}

/// `GET /api/v1/incidents/{reference}/rotations`.
pub(in crate::web) async fn rotations(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let id = |row: &RotationRow| row.id.to_string();
    list_of_incident(&state, bearer, &reference, &request, rotations::of_incident, id, shown).await
}

/// `POST /api/v1/rotations/{id}/completion`.
pub(in crate::web) async fn complete_rotation(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let id = id.into_inner();
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| rotate::of(connection, actor, &id))?;
        let body: RotationBody = json(body)?;
        rotate::complete(desk, actor, &id, &body.note)
    })
    .await
}
