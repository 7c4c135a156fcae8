//! `/sites/new` and `/sites/{slug}/edit`.

use crate::actions::register_site::{self, SiteForm};
use crate::actions::{Failure, sight};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::site::Versions;
use crate::store::Connection;
use crate::store::sites::SiteRow;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{Conflict, differences, zones};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    site: Option<Edited>,
    zones: Vec<&'static str>,
    conflict: Option<Conflict>,
}

#[derive(Serialize)]
struct Edited {
    slug: String,
    name: String,
    version: i32,
}

/// `GET /sites/new`.
pub(in crate::web) async fn new(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    sight::everywhere(&signed.actor(), Act::ManageRegistry)?;
    let mut values = Map::new();
    values.insert("time_zone".into(), "UTC".into());
    show_new(&state, &request, &signed, values, Vec::new())
}

/// `POST /sites/new`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    sight::everywhere(&actor, Act::ManageRegistry)?;
    let (form, path, key) = (typed(&fields), request.path().to_owned(), fields.once());
    let unreadable = fields.character_errors();
    if !unreadable.is_empty() {
        return show_new(&state, &request, &signed, fields.values(&[]), unreadable);
    }
    let slug = form.slug.trim().to_owned();
    let name = form.name.trim().to_owned();
    match state.run(move |desk| register_site::create(&once::for_form(desk, &path, &actor, &key), &actor, form)).await {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            Ok(go(&state, &format!("/sites/{slug}"), "success", &format!("{name} is registered.")))
        }
        Err(Failure::Invalid(errors)) => {
            show_new(&state, &request, &signed, fields.values(&[]), fields.in_order(errors))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `GET /sites/{slug}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let site = state.run(move |desk| desk.read(|c| sight::site(c, &actor, &slug, Act::ManageRegistry))).await?;
    let values = values_of(&site);
    show_edit(&state, &request, &signed, site, values, Problem::None)
}

/// `POST /sites/{slug}/edit`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let slug = slug.into_inner();
    let (found, asking) = (slug.clone(), actor.clone());
    let site = state.run(move |desk| desk.read(|c| sight::site(c, &asking, &found, Act::ManageRegistry))).await?;
    let unreadable = fields.character_errors();
    if !unreadable.is_empty() {
        return show_edit(&state, &request, &signed, site, fields.values(&[]), Problem::Fields(unreadable));
    }
    let (form, version, target) = (typed(&fields), fields.version(), slug.clone());
    let changing = actor.clone();
    match state.run(move |desk| register_site::change(desk, &changing, &target, version, form)).await {
        Ok(_) => Ok(go(&state, &format!("/sites/{slug}"), "success", "The site is changed.")),
        Err(Failure::Invalid(errors)) => {
            let errors = fields.in_order(errors);
            show_edit(&state, &request, &signed, site, fields.values(&[]), Problem::Fields(errors))
        }
        Err(Failure::Stale) => {
            let form = typed(&fields);
            let (site, conflict) =
                state.run(move |desk| desk.read(|connection| conflict(connection, &actor, &slug, form))).await?;
            show_edit(&state, &request, &signed, site, fields.values(&[]), Problem::Conflict(conflict))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Why the form is shown again.
enum Problem {
    None,
    Fields(Vec<FieldError>),
    Conflict(Option<Conflict>),
}

fn show_new(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    Page::new(request, state, signed, "Add a site")
        .values(values)
        .errors(errors)
        .render("sites/form.html", &Context { site: None, zones: zones(), conflict: None })
}

fn show_edit(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    site: SiteRow,
    values: Map<String, Value>,
    problem: Problem,
) -> Result<HttpResponse, PageFailure> {
    let page = Page::new(request, state, signed, &format!("Change {}", site.name)).values(values);
    let (page, conflict) = match problem {
        Problem::None => (page, None),
        Problem::Fields(errors) => (page.errors(errors), None),
        Problem::Conflict(conflict) => (page.status(StatusCode::PRECONDITION_FAILED), conflict),
    };
    let edited = Edited { slug: site.slug, name: site.name, version: site.version };
    page.render("sites/form.html", &Context { site: Some(edited), zones: zones(), conflict })
}

fn conflict(
    connection: &mut Connection,
    actor: &Actor,
    slug: &str,
    form: SiteForm,
) -> Result<(SiteRow, Option<Conflict>), Failure> {
    let site = sight::site(connection, actor, slug, Act::ManageRegistry)?;
    let (typed, saved) = (form.versions, site.versions.clone());
    let changes = differences(vec![
        ("Name", Some(form.name), Some(site.name.clone())),
        ("Production address", Some(form.production_url), Some(site.production_url.clone())),
        ("Staging address", form.staging_url, site.staging_url.clone()),
        ("Time zone", Some(form.time_zone), Some(site.time_zone.clone())),
        ("SophMate", typed.sophmate, saved.sophmate.clone()),
        ("WordPress", typed.wordpress, saved.wordpress.clone()),
        ("PHP", typed.php, saved.php.clone()),
        ("WooCommerce", typed.woocommerce, saved.woocommerce.clone()),
        ("Theme", typed.theme, saved.theme.clone()),
        ("Who set it up", form.setup_owner, site.setup_owner.clone()),
        ("Hosting company", form.hosting_contact, site.hosting_contact.clone()),
        ("AI provider", form.provider_contact, site.provider_contact.clone()),
    ]);
    let conflict = Conflict::over(connection, "sites", site.id.as_str(), changes)?;
    Ok((site, conflict))
}

fn typed(fields: &Fields) -> SiteForm {
    SiteForm {
        slug: fields.text("slug").to_owned(),
        name: fields.text("name").to_owned(),
        production_url: fields.text("production_url").to_owned(),
        staging_url: fields.optional("staging_url"),
        time_zone: fields.text("time_zone").to_owned(),
        versions: Versions {
            sophmate: fields.optional("version_sophmate"),
            wordpress: fields.optional("version_wordpress"),
            php: fields.optional("version_php"),
            woocommerce: fields.optional("version_woocommerce"),
            theme: fields.optional("version_theme"),
        },
        setup_owner: fields.optional("setup_owner"),
        hosting_contact: fields.optional("hosting_contact"),
        provider_contact: fields.optional("provider_contact"),
    }
}

fn values_of(site: &SiteRow) -> Map<String, Value> {
    let versions = &site.versions;
    let texts = [
        ("name", Some(&site.name)),
        ("production_url", Some(&site.production_url)),
        ("staging_url", site.staging_url.as_ref()),
        ("time_zone", Some(&site.time_zone)),
        ("version_sophmate", versions.sophmate.as_ref()),
        ("version_wordpress", versions.wordpress.as_ref()),
        ("version_php", versions.php.as_ref()),
        ("version_woocommerce", versions.woocommerce.as_ref()),
        ("version_theme", versions.theme.as_ref()),
        ("setup_owner", site.setup_owner.as_ref()),
        ("hosting_contact", site.hosting_contact.as_ref()),
        ("provider_contact", site.provider_contact.as_ref()),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.clone().into()))).collect()
}
