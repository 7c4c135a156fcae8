//! The audit chain.

use super::read::bad_cursor;
use super::{ListQuery, Listing};
use crate::actions::{Failure, sight, watch_integrity};
use crate::domain::person::Act;
use crate::store::audit::{self, AuditEntry};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the chain.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(super) struct AuditEntryShown {
    /// Position, from 1.
    seq: i64,
    /// With microseconds, as it was hashed.
    at: String,
    /// `person:ID`, `automation:ID` or `system:NAME`.
    actor: String,
    act: String,
    subject_table: String,
    subject_id: String,
    /// SHA-256 of the row after the act.
    digest: String,
    /// Hash of the entry before.
    previous: String,
    hash: String,
}

/// What a walk over chain and rows found.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditVerification)]
pub(super) struct VerificationShown {
    /// True when nothing differs.
    holds: bool,
    /// Entries walked.
    entries: i64,
    /// Rows compared.
    rows: usize,
    /// Hash of the last entry.
    head: String,
    /// What differs, each in one sentence.
    differences: Vec<String>,
}

fn show(entry: AuditEntry) -> AuditEntryShown {
    AuditEntryShown {
        seq: entry.seq,
        at: entry.at.rfc3339_exact(),
        actor: entry.actor,
        act: entry.act,
        subject_table: entry.subject_table,
        subject_id: entry.subject_id,
        digest: entry.digest,
        previous: entry.previous,
        hash: entry.hash,
    }
}

/// `GET /api/v1/audit`: newest first.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    let before = match query.cursor() {
        Some(cursor) => Some(cursor.parse::<i64>().map_err(|_| bad_cursor())?),
        None => None,
    };
    let listing = state
        .run(move |desk| {
            sight::somewhere(&bearer.0, Act::ReadAudit)?;
            let limit = query.limit();
            let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
            let rows = desk.read(|connection| Ok::<_, Failure>(audit::page(connection, before, wanted)?))?;
            Ok(Listing::of(rows, limit, |entry| entry.seq.to_string(), show))
        })
        .await?;
    Ok(HttpResponse::Ok().json(listing))
}

/// `GET /api/v1/audit/verification`: walks the chain and compares every row.
pub(in crate::web) async fn verify(state: web::Data<State>, bearer: Bearer) -> Result<HttpResponse, ApiFailure> {
    let found = state
        .run(move |desk| {
            sight::somewhere(&bearer.0, Act::ReadAudit)?;
            desk.read(watch_integrity::verify)
        })
        .await?;
    Ok(HttpResponse::Ok().json(VerificationShown {
        holds: found.differences.is_empty(),
        entries: found.entries,
        rows: found.rows,
        head: found.head,
        differences: found.differences,
    }))
}
