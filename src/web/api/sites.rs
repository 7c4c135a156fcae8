//! Sites.

use super::{ListQuery, Listing, created, found, json, page_of, versioned};
use crate::actions::register_site::{self, SiteForm};
use crate::actions::{Failure, sight};
use crate::domain::person::Act;
use crate::domain::site::Versions;
use crate::store::sites::{self, SiteRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Versions in use, each as the site states it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Versions)]
pub(super) struct VersionsBody {
    sophmate: Option<String>,
    wordpress: Option<String>,
    php: Option<String>,
    woocommerce: Option<String>,
    theme: Option<String>,
}

impl From<VersionsBody> for Versions<String> {
    fn from(body: VersionsBody) -> Self {
        Versions {
            sophmate: body.sophmate,
            wordpress: body.wordpress,
            php: body.php,
            woocommerce: body.woocommerce,
            theme: body.theme,
        }
    }
}

impl From<Versions<String>> for VersionsBody {
    fn from(versions: Versions<String>) -> Self {
        VersionsBody {
            sophmate: versions.sophmate,
            wordpress: versions.wordpress,
            php: versions.php,
            woocommerce: versions.woocommerce,
            theme: versions.theme,
        }
    }
}

/// Body of `POST /api/v1/sites`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSite {
    /// Name in addresses, for example `shop-north`.
    slug: Option<String>,
    name: Option<String>,
    production_url: Option<String>,
    staging_url: Option<String>,
    /// IANA zone; UTC when left away.
    time_zone: Option<String>,
    #[serde(default)]
    versions: VersionsBody,
    setup_owner: Option<String>,
    hosting_contact: Option<String>,
    provider_contact: Option<String>,
}

/// A site.
#[derive(Serialize, ToSchema)]
#[schema(as = Site)]
pub(super) struct SiteShown {
    slug: String,
    name: String,
    production_url: String,
    staging_url: Option<String>,
    time_zone: String,
    versions: VersionsBody,
    setup_owner: Option<String>,
    hosting_contact: Option<String>,
    provider_contact: Option<String>,
    created_at: String,
    version: i32,
}

fn show(row: SiteRow) -> SiteShown {
    SiteShown {
        slug: row.slug,
        name: row.name,
        production_url: row.production_url,
        staging_url: row.staging_url,
        time_zone: row.time_zone,
        versions: row.versions.into_inner().into(),
        setup_owner: row.setup_owner,
        hosting_contact: row.hosting_contact,
        provider_contact: row.provider_contact,
        created_at: row.created_at.rfc3339(),
        version: row.version,
    }
}

/// `GET /api/v1/sites`: those that the asker may see.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        let mut rows = desk.read(|connection| Ok::<_, Failure>(sites::list(connection)?))?;
        rows.retain(|row| bearer.0.may(Act::ReadRegistry, &row.id));
        let rows = page_of(rows, &query, |row| row.id.to_string());
        Ok(Listing::of(rows, query.limit(), |row| row.id.to_string(), show))
    })
    .await
}

/// `GET /api/v1/sites/{slug}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let row = state
        .run(move |desk| desk.read(|connection| sight::site(connection, &bearer.0, &slug, Act::ReadRegistry)))
        .await?;
    Ok(versioned(row.version, &show(row)))
}

/// `POST /api/v1/sites`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let site = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            register_site::create(&desk, &bearer.0, form(json(&body)?))
        })
        .await?;
    Ok(created(&site))
}

/// What is left away is an error of the form, said at its field by the act.
fn form(new: NewSite) -> SiteForm {
    SiteForm {
        slug: new.slug.unwrap_or_default(),
        name: new.name.unwrap_or_default(),
        production_url: new.production_url.unwrap_or_default(),
        staging_url: new.staging_url,
        time_zone: new.time_zone.unwrap_or_else(|| "UTC".to_owned()),
        versions: new.versions.into(),
        setup_owner: new.setup_owner,
        hosting_contact: new.hosting_contact,
        provider_contact: new.provider_contact,
    }
}
