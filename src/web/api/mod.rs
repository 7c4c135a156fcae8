//! The JSON API, one file per noun. A handler reads its body into a typed value with an error per field, calls one
//! action and answers with what it returned.

pub(super) mod alarms;
pub(super) mod assets;
pub(super) mod audit;
pub(super) mod automations;
pub(super) mod bundles;
pub(super) mod cadence;
pub(super) mod checks;
pub(super) mod criteria;
pub(super) mod escalations;
pub(super) mod evidence;
pub(super) mod gate;
pub(super) mod gate_events;
pub(super) mod incidents;
pub(super) mod openapi;
pub(super) mod operators;
pub(super) mod overrides;
pub(super) mod pauses;
pub(super) mod people;
pub(super) mod phases;
pub(super) mod playbook_runs;
pub(super) mod playbooks;
pub(super) mod practice_runs;
pub(super) mod practices;
pub(super) mod prevention;
pub(super) mod problems;
pub(super) mod procedures;
mod read;
pub(super) mod restarts;
pub(super) mod review;
pub(super) mod rule_work;
pub(super) mod rules;
mod run_report;
pub(super) mod runs;
mod schemas;
pub(super) mod site_setup;
pub(super) mod sites;
pub(super) mod switches;
pub(super) mod timeline;
pub(super) mod tokens;

use read::{IfMatch, ListQuery, json, json_or_nothing, moment, needed, word};

use crate::actions::{Answer, Desk, Failure, sight};
use crate::domain::ids::IncidentId;
use crate::domain::person::{Act, Actor};
use crate::store::{self, Connection};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// 201 with the answer and where the new thing is.
fn created(answer: &impl Answer) -> HttpResponse {
    let mut response = HttpResponse::Created();
    if let Some(location) = answer.location() {
        response.insert_header(("Location", location));
    }
    response.json(answer)
}

/// 200 with the version as strong ETag.
fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok().json(body);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The same for a body that holds more than what the version counts: the tag tells the whole body. Before the dash stands
/// the version, which is what `If-Match` is held against.
fn versioned_whole(version: i32, body: &impl Serialize) -> Result<HttpResponse, Failure> {
    let bytes = serde_json::to_vec(body).map_err(|error| Failure::Broken(error.to_string()))?;
    let digest = hex::encode(&Sha256::digest(&bytes)[..8]);
    let mut response = HttpResponse::Ok().content_type("application/json").body(bytes);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}-{digest}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Listing<T> {
    /// Newest first.
    items: Vec<T>,
    /// `cursor` of the next page; null on the last.
    next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// A page of rows of which one more than `limit` was asked for; `cursor` names a row.
    fn of<R>(mut rows: Vec<R>, limit: usize, cursor: impl Fn(&R) -> String, show: impl FnMut(R) -> T) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Self { items: rows.into_iter().map(show).collect(), next_cursor }
    }
}

impl<T> Listing<T> {
    /// Like [`Listing::of`], where showing a row may fail.
    fn tried<R>(
        rows: Vec<R>,
        limit: usize,
        cursor: impl Fn(&R) -> String,
        show: impl FnMut(R) -> Result<T, Failure>,
    ) -> Result<Self, Failure> {
        let page = Listing::of(rows, limit, cursor, |row| row);
        let items = page.items.into_iter().map(show).collect::<Result<Vec<T>, Failure>>()?;
        Ok(Self { items, next_cursor: page.next_cursor })
    }
}

/// The page of a list that is held in memory: registries are small. `rows` in any order; ids grow with time.
fn page_of<R>(mut rows: Vec<R>, query: &ListQuery, id: impl Fn(&R) -> String) -> Vec<R> {
    rows.sort_by_key(|row| std::cmp::Reverse(id(row)));
    if let Some(cursor) = query.cursor() {
        rows.retain(|row| id(row).as_str() < cursor);
    }
    rows.truncate(query.limit() + 1);
    rows
}

/// The list of an incident's things: what `rows` reads, as `show` shows them, a page at a time.
async fn list_of_incident<R: 'static, T: Serialize + Send + 'static>(
    state: &State,
    bearer: Bearer,
    reference: &str,
    request: &HttpRequest,
    rows: fn(&mut Connection, &IncidentId) -> Result<Vec<R>, store::Error>,
    id: fn(&R) -> String,
    show: fn(&mut Connection, &str, R) -> Result<T, Failure>,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(request, &[])?;
    query.check_id_cursor()?;
    let reference = reference.to_owned();
    found(state, move |desk| {
        desk.read(|connection| {
            let case = sight::case(connection, &bearer.0, &reference, Act::ReadIncidents)?;
            let rows = page_of(rows(connection, &case.incident.id)?, &query, id);
            Listing::tried(rows, query.limit(), id, |row| show(connection, &case.incident.reference, row))
        })
    })
    .await
}

/// Answers with what was found.
async fn found<T: Serialize + Send + 'static>(
    state: &State,
    ask: impl FnOnce(&Desk) -> Result<T, Failure> + Send + 'static,
) -> Result<HttpResponse, ApiFailure> {
    Ok(HttpResponse::Ok().json(state.run(ask).await?))
}

/// Does what a body asks for, once for its `Idempotency-Key`, and answers with this status.
async fn act_once<A: Answer + Send + 'static>(
    state: &State,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
    status: u16,
    act: impl FnOnce(&Desk, &Actor, &[u8]) -> Result<A, Failure> + Send + 'static,
) -> Result<HttpResponse, ApiFailure> {
    let done = state.run(move |desk| act(&key.desk(desk, &bearer.0, &body, status), &bearer.0, &body)).await?;
    let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default());
    if let Some(location) = done.location().filter(|_| status != 200) {
        response.insert_header(("Location", location));
    }
    Ok(response.json(done))
}

/// A person in an answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PersonNamed {
    /// The address they sign in with.
    email: String,
    /// The name.
    name: String,
}

impl PersonNamed {
    /// The person whose id a row holds.
    fn of(connection: &mut Connection, id: &crate::domain::ids::PersonId) -> Result<Self, Failure> {
        let person = crate::actions::sight::promised(crate::store::people::find(connection, id))?;
        Ok(Self { email: person.email, name: person.name })
    }

    /// The same where there may be none.
    fn maybe(connection: &mut Connection, id: Option<&crate::domain::ids::PersonId>) -> Result<Option<Self>, Failure> {
        id.map(|id| Self::of(connection, id)).transpose()
    }
}
