//! `GET /sites/{slug}`: the record, its pauses, automations and incidents.

use crate::actions::{Failure, sight};
use crate::domain::gate::PauseTarget;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::store::sites::SiteRow;
use crate::store::{Connection, automations, incidents};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::automations::pauses::{self, PauseShown};
use crate::web::pages::automations::rows::{self, AutomationRow};
use crate::web::shown::{MaybeLabelled, Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    site: SiteShown,
    pauses: Vec<PauseShown>,
    releasing: Option<String>,
    explaining: Option<String>,
    automations: Vec<AutomationRow>,
    incidents: Vec<IncidentRow>,
    can: Can,
}

#[derive(Serialize)]
struct SiteShown {
    slug: String,
    name: String,
    production_url: String,
    staging_url: Option<String>,
    time_zone: String,
    versions: Vec<MaybeLabelled>,
    setup_owner: Option<String>,
    hosting_contact: Option<String>,
    provider_contact: Option<String>,
}

#[derive(Serialize)]
struct IncidentRow {
    reference: String,
    title: String,
    severity: String,
    status: String,
    occurred_at: Time,
}

#[derive(Serialize)]
struct Can {
    manage: bool,
    pause: bool,
    file: bool,
}

/// Incidents that the page names.
const INCIDENTS: i64 = 10;

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, slug.into_inner(), Refused::default()).await
}

/// A form on the page that was refused: what was typed and why.
#[derive(Default)]
pub(in crate::web::pages) struct Refused {
    pub(in crate::web::pages) errors: Vec<FieldError>,
    pub(in crate::web::pages) values: serde_json::Map<String, serde_json::Value>,
    /// The pause whose release was refused.
    pub(in crate::web::pages) releasing: Option<String>,
    /// The pause whose reason was refused.
    pub(in crate::web::pages) explaining: Option<String>,
}

/// The page, also after one of its forms was refused.
pub(in crate::web::pages) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let mut context =
        state.run(move |desk| desk.read(|connection| context(connection, &actor, &slug, desk.now()))).await?;
    (context.releasing, context.explaining) = (refused.releasing, refused.explaining);
    Page::new(request, state, signed, &context.site.name.clone())
        .values(refused.values)
        .errors(refused.errors)
        .render("sites/show.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, slug: &str, now: Moment) -> Result<Context, Failure> {
    let site = sight::site(connection, actor, slug, Act::ReadRegistry)?;
    let pauses = pauses::holding(connection, actor, |pause| {
        pause.target_kind == PauseTarget::Site && pause.target == site.id.as_str()
    })?;
    let automations = automations::of_site(connection, &site.id)?;
    let filter = incidents::Filter { site: Some(site.id.clone()), ..sight::visible(actor) };
    let incidents = incidents::list(connection, &filter, INCIDENTS)?
        .into_iter()
        .map(|incident| IncidentRow {
            occurred_at: time(incident.occurred_at, &site.time_zone),
            reference: incident.reference,
            title: incident.title.into_string(),
            severity: incident.severity.as_str().to_owned(),
            status: incident.status.as_str().to_owned(),
        })
        .collect();
    Ok(Context {
        pauses,
        releasing: None,
        explaining: None,
        automations: rows::rows(connection, actor, &automations, now)?,
        incidents,
        can: Can {
            manage: actor.may(Act::ManageRegistry, &site.id),
            pause: actor.may(Act::Pause, &site.id),
            file: actor.may(Act::FileIncident, &site.id),
        },
        site: shown(site),
    })
}

fn shown(site: SiteRow) -> SiteShown {
    let versions = site.versions.clone();
    let version = |label: &str, value: &Option<String>| MaybeLabelled { label: label.into(), value: value.clone() };
    SiteShown {
        versions: vec![
            version("SophMate", &versions.sophmate),
            version("WordPress", &versions.wordpress),
            version("PHP", &versions.php),
            version("WooCommerce", &versions.woocommerce),
            version("Theme", &versions.theme),
        ],
        slug: site.slug,
        name: site.name,
        production_url: site.production_url,
        staging_url: site.staging_url,
        time_zone: site.time_zone,
        setup_owner: site.setup_owner,
        hosting_contact: site.hosting_contact,
        provider_contact: site.provider_contact,
    }
}
