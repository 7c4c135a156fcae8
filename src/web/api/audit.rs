//! The audit chain.

use super::read::bad_cursor;
use super::{ListQuery, Listing, act_once, found, json};
use crate::actions::settle_row::{self, Altered};
use crate::actions::{Failure, sight, watch_integrity};
use crate::domain::audit_chain::ChainEntry;
use crate::domain::person::Act;
use crate::store::audit;
use crate::web::State;
use crate::web::audit_export;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadAudit)?;
        let limit = query.limit();
        let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let rows = desk.read(|connection| Ok::<_, Failure>(audit::page(connection, before, wanted)?))?;
        Ok(Listing::of(rows, limit, |entry| entry.seq.to_string(), ChainEntry::from))
    })
    .await
}

/// `GET /api/v1/audit/export`: the whole chain as a file that `allclear verify` checks anywhere.
pub(in crate::web) async fn export(state: web::Data<State>, bearer: Bearer) -> Result<HttpResponse, ApiFailure> {
    audit_export::send(state, bearer.0).await.map_err(ApiFailure)
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

/// A row that was altered behind the program's back.
#[derive(Serialize, ToSchema)]
#[schema(as = AlteredRow)]
pub(super) struct AlteredShown {
    table: String,
    id: String,
    found_at: String,
    /// Slugs of the automations whose gates it closes; null: every gate.
    closes: Option<Vec<String>>,
    /// Position of the last entry about it; null: the chain knows no such row.
    last_entry: Option<i64>,
    /// The row as it stands, without keys and hashes.
    columns: BTreeMap<String, String>,
    /// Send it back to settle the row; null: nobody can by hand.
    digest: Option<String>,
    /// Why nobody can.
    refusal: Option<String>,
}

/// Body of a settlement.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettlementBody {
    /// Of the row that you looked at.
    digest: Option<String>,
    /// What you found out, and why it may stand.
    reason: Option<String>,
}

fn altered(row: Altered) -> AlteredShown {
    AlteredShown {
        table: row.table,
        id: row.id,
        found_at: row.found_at.rfc3339(),
        closes: row.closes,
        last_entry: row.last.map(|entry| entry.seq),
        columns: row.columns.into_iter().collect(),
        digest: row.digest,
        refusal: row.refusal,
    }
}

/// `GET /api/v1/audit/differences`: altered rows that nobody has settled, by table and id.
pub(in crate::web) async fn differences(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    found(&state, move |desk| {
        let mut rows = settle_row::list(desk, &bearer.0)?;
        let name = |row: &Altered| format!("{} {}", row.table, row.id);
        // In the order of their names: a row that was settled meanwhile still says where to go on.
        rows.sort_by_key(name);
        if let Some(cursor) = query.cursor() {
            rows.drain(..rows.partition_point(|row| name(row).as_str() <= cursor));
        }
        Ok(Listing::of(rows, query.limit(), name, altered))
    })
    .await
}

/// `POST /api/v1/audit/differences/{table}/{id}/settlement`.
pub(in crate::web) async fn settle(
    state: web::Data<State>,
    bearer: Bearer,
    row: web::Path<(String, String)>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let (table, id) = row.into_inner();
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let SettlementBody { digest, reason } = json(body)?;
        settle_row::run(desk, actor, &table, &id, &digest.unwrap_or_default(), &reason.unwrap_or_default())
    })
    .await
}
