//! Support bundles.

use super::{created, json, needed, word};
use crate::actions::{Failure, build_bundle, sight};
use crate::domain::bundle::Audience;
use crate::domain::ids::BundleId;
use crate::domain::person::Act;
use crate::store::bundles::{self, BundleRow};
use crate::store::incidents;
use crate::vault::Shelf;
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::download::{attachment, send};
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::http::header::{CONTENT_DISPOSITION, ETAG};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents/{reference}/bundles`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BundleBody {
    /// hosting, provider, vendor or internal.
    audience: Option<String>,
}

/// A bundle that was built.
#[derive(Serialize, ToSchema)]
#[schema(as = Bundle)]
pub(super) struct BundleShown {
    id: String,
    audience: Audience,
    sha256: String,
    size: i64,
    /// Removals per rule.
    findings: BTreeMap<String, u64>,
    /// Pictures that were withheld.
    withheld: i32,
    built_at: String,
}

impl From<BundleRow> for BundleShown {
    fn from(row: BundleRow) -> Self {
        Self {
            id: row.id.to_string(),
            audience: row.audience,
            sha256: row.sha256,
            size: row.size,
            findings: row.counts.into_inner(),
            withheld: row.withheld,
            built_at: row.built_at.rfc3339(),
        }
    }
}

/// `POST /api/v1/incidents/{reference}/bundles`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let built = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            build_bundle::run(&desk, &bearer.0, &reference, audience(&json(&body)?)?)
        })
        .await?;
    Ok(created(&built))
}

fn audience(body: &BundleBody) -> Result<Audience, Failure> {
    let mut errors = Vec::new();
    let audience = word::<Audience>("audience", body.audience.as_deref(), &mut errors);
    let how = format!("Say whom it is for: {}.", Audience::choices());
    needed("audience", audience, &how, &mut errors).ok_or(Failure::Invalid(errors))
}

/// `GET /api/v1/bundles/{id}`: the zip, as it was built.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let (row, reference, file) = state
        .run(move |desk| {
            let (row, reference) = desk.read(|connection| {
                let row = bundles::find(connection, &BundleId::from_text(id.as_str()))?;
                let incident = incidents::find(connection, &row.incident_id)?;
                let case = sight::of_incident(connection, &bearer.0, incident, Act::ReadBundles)?;
                Ok::<_, Failure>((row, case.incident.reference))
            })?;
            let file = desk.vault.read(Shelf::Bundles, &row.file)?;
            Ok((row, reference, file))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response
        .content_type("application/zip")
        .insert_header((CONTENT_DISPOSITION, attachment(&format!("{reference}-{}.zip", row.audience))))
        .insert_header((ETAG, format!("\"{}\"", row.sha256)));
    Ok(send(response, file, u64::try_from(row.size).unwrap_or_default()))
}
