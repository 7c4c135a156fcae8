//! Evidence: sealed as it streams in, shown in its redacted form only.

use super::{act_once, created, json, needed, word};
use crate::actions::{Failure, look_at_picture, read_evidence, remove_value as remove, seal_evidence, sight};
use crate::domain::bundle::Audience;
use crate::domain::evidence::Media;
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::evidence::{self, EvidenceRow, VersionRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::download::{attachment, send};
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use crate::web::upload;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, ETAG};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Body of `POST /api/v1/evidence/{id}/releases`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseBody {
    /// hosting, provider, vendor or internal.
    audience: Option<String>,
    /// Of the picture that was looked at.
    sha256: Option<String>,
}

/// Body of `POST /api/v1/incidents/{reference}/removals`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemovalBody {
    /// As it stands in the text; kept encrypted, and never shown.
    value: Option<String>,
}

/// A piece of evidence.
#[derive(Serialize, ToSchema)]
#[schema(as = Evidence)]
pub(super) struct EvidenceShown {
    id: String,
    name: Redacted,
    media: Media,
    /// Where it comes from, or why nothing of it was kept.
    note: Option<Redacted>,
    /// Bytes of the redacted form.
    size: i64,
    /// SHA-256 of the redacted form; empty when nothing was kept.
    sha256: String,
    /// Removals per rule.
    findings: BTreeMap<String, u64>,
    /// Counts the redacted forms: a new one appears when other evidence reveals more.
    version: i32,
    added_at: String,
    /// When the sealed original is shredded.
    original_until: Option<String>,
    /// When it was.
    shredded_at: Option<String>,
}

impl EvidenceShown {
    /// The evidence with its newest redacted form.
    pub(super) fn of(row: EvidenceRow, version: Option<VersionRow>) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            media: row.media,
            note: row.note,
            size: version.as_ref().map_or(0, |version| version.size),
            sha256: version.as_ref().map(|version| version.sha256.clone()).unwrap_or_default(),
            findings: version.map(|version| version.counts.into_inner()).unwrap_or_default(),
            version: row.current_version,
            added_at: row.added_at.rfc3339(),
            original_until: row.sealed_file.is_some().then(|| row.sealed_until.rfc3339()),
            shredded_at: row.shredded_at.map(|at| at.rfc3339()),
        }
    }
}

/// `POST /api/v1/incidents/{reference}/evidence?name=FILE`: the raw body, streamed to disk.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, ApiFailure> {
    let name = file_name(&request)?;
    refuse_announced_size(&request, state.desk.limits.upload_bytes)?;
    let (sender, mut reader) = upload::pipe();
    let sealing = state.run(move |desk| {
        let desk = key.streaming_desk(desk, &bearer.0, 201);
        seal_evidence::run(&desk, &bearer.0, &reference, &name, &mut reader)
    });
    let (sealed, ()) = join(sealing, sender.send_all(body)).await;
    Ok(created(&sealed?))
}

fn file_name(request: &HttpRequest) -> Result<String, Failure> {
    let mut name = None;
    for (field, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match field.as_ref() {
            "name" => name = Some(value.into_owned()),
            field => return Err(Failure::field(field, "Evidence takes ?name=FILE and nothing else.")),
        }
    }
    name.filter(|name| !name.trim().is_empty())
        .ok_or_else(|| Failure::field("name", "Give the file's name: ?name=debug.log"))
}

/// A body that says it is too large is refused before it is sent.
fn refuse_announced_size(request: &HttpRequest, most: u64) -> Result<(), Failure> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|size| size > most) { Err(seal_evidence::too_large(most)) } else { Ok(()) }
}

/// `GET /api/v1/evidence/{id}`: the redacted form, never the original.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let (row, version, file) = state
        .run(move |desk| {
            read_evidence::while_replaced(|| {
                let (row, version) = desk.read(|connection| {
                    let (row, _) = sight::evidence(connection, &bearer.0, &id, Act::ReadIncidents)?;
                    let version = evidence::current_version(connection, &row)?;
                    Ok::<_, Failure>((row, version))
                })?;
                // Of a file that was dropped there is nothing to show.
                let version = version.ok_or(Failure::NotFound)?;
                let file = read_evidence::open(&desk.vault, &version.file)?;
                Ok((row, version, file))
            })
        })
        .await?;
    let (kind, ending) = match row.media {
        Media::Picture => ("image/png", ".png"),
        Media::Text | Media::Dropped => ("text/plain; charset=utf-8", ".txt"),
    };
    let name =
        if row.name.as_str().ends_with(ending) { row.name.into_string() } else { format!("{}{ending}", row.name) };
    let mut response = HttpResponse::Ok();
    response
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, attachment(&name)))
        .insert_header((ETAG, format!("\"{}\"", version.sha256)));
    Ok(send(response, file, u64::try_from(version.size).unwrap_or_default()))
}

/// `POST /api/v1/evidence/{id}/releases`: a named person says that this picture shows no secret.
pub(in crate::web) async fn release(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let released = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let (audience, sha256) = release_of(json(&body)?)?;
            look_at_picture::release(&desk, &bearer.0, &id, audience, &sha256)
        })
        .await?;
    Ok(created(&released))
}

fn release_of(body: ReleaseBody) -> Result<(Audience, String), Failure> {
    let mut errors = Vec::new();
    let audience = word::<Audience>("audience", body.audience.as_deref(), &mut errors);
    let how = format!("Say whom it is for: {}.", Audience::choices());
    let audience = needed("audience", audience, &how, &mut errors);
    let how = "Give the sha256 of the picture that you looked at.";
    match (audience, needed("sha256", body.sha256, how, &mut errors)) {
        (Some(audience), Some(sha256)) => Ok((audience, sha256)),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// `POST /api/v1/incidents/{reference}/removals`: removes a value that no rule found, wherever it stands.
pub(in crate::web) async fn remove_value(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 202, move |desk, actor, body| {
        let body: RemovalBody = json(body)?;
        remove::run(desk, actor, &reference, &body.value.unwrap_or_default())
    })
    .await
}
