//! Entries of a timeline.

use super::{created, json, moment, needed, word};
use crate::actions::Failure;
use crate::actions::write_entry::{self, NewEntry};
use crate::domain::timeline::EntryKind;
use crate::redaction::Redacted;
use crate::store::timeline::EntryRow;
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/timeline`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryBody {
    /// observed, attempted, decided or communicated.
    kind: Option<String>,
    text: Option<String>,
    /// When it happened, RFC 3339 with offset; now, if left away.
    at: Option<String>,
    /// Id of the evidence it cites.
    evidence: Option<String>,
    /// Id of the entry that it corrects.
    corrects: Option<String>,
}

/// Body of `POST /api/v1/incidents/{reference}/no-evidence`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoEvidenceBody {
    /// Why there is nothing to seal.
    reason: Option<String>,
}

/// An entry.
#[derive(Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct EntryShown {
    id: String,
    kind: EntryKind,
    text: Redacted,
    at: String,
    written_at: String,
    /// Name of who wrote it.
    author: String,
    /// Id of the evidence it cites.
    evidence: Option<String>,
    /// Id of the entry that corrects it.
    superseded_by: Option<String>,
}

impl From<EntryRow> for EntryShown {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            text: row.body,
            at: row.happened_at.rfc3339(),
            written_at: row.written_at.rfc3339(),
            author: row.author_name,
            evidence: row.evidence_id.map(|id| id.to_string()),
            superseded_by: row.superseded_by.map(|id| id.to_string()),
        }
    }
}

/// `POST /api/v1/incidents/{reference}/timeline`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let written = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            write_entry::run(&desk, &bearer.0, &reference, entry(json(&body)?)?)
        })
        .await?;
    Ok(created(&written))
}

fn entry(body: EntryBody) -> Result<NewEntry, Failure> {
    let mut errors = Vec::new();
    let kind = word::<EntryKind>("kind", body.kind.as_deref(), &mut errors);
    let how = "Use one of: observed, attempted, decided, communicated.";
    let kind = needed("kind", kind, how, &mut errors);
    let at = moment("at", body.at.as_deref(), &mut errors);
    match kind {
        Some(kind) if errors.is_empty() => Ok(NewEntry {
            kind,
            text: body.text.unwrap_or_default(),
            at,
            evidence: body.evidence,
            corrects: body.corrects,
        }),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// `POST /api/v1/incidents/{reference}/no-evidence`: from then on attempts can be logged without a sealed file.
pub(in crate::web) async fn no_evidence(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let stated = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: NoEvidenceBody = json(&body)?;
            write_entry::state_no_evidence(&desk, &bearer.0, &reference, &body.reason.unwrap_or_default())
        })
        .await?;
    Ok(created(&stated))
}
