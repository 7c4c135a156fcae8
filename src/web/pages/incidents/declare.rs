//! Declaring an incident: one form, filed and paused in one press.

use super::fields::{self, NAMES, REPEATED};
use crate::actions::open_incident::{self, Declaration};
use crate::actions::{Desk, Failure, gate_facts};
use crate::domain::incident::Severity;
use crate::domain::moment::{Moment, from_wall_clock};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::site::Versions;
use crate::store::sites::SiteRow;
use crate::store::{Connection, automations, pauses, people, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{Choice, HintedChoice, zones};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const TITLE: &str = "Declare an incident";
const PATH: &str = "/incidents/new";
const IMPACT: [&str; 6] = [
    "production_impact",
    "customer_visibility",
    "revenue_risk",
    "privacy_exposure",
    "data_correctness",
    "can_be_paused",
];

#[derive(Serialize)]
struct NewIncident {
    sites: Vec<Choice>,
    may_pause: bool,
    automations: Vec<AutomationChoice>,
    severities: Vec<HintedChoice>,
    zones: Vec<&'static str>,
    people: Vec<Choice>,
    versions_from: Option<String>,
    step_rows: usize,
}

#[derive(Serialize)]
struct AutomationChoice {
    slug: String,
    name: String,
    kind: String,
    category: String,
    paused: bool,
}

#[derive(Deserialize)]
pub(in crate::web) struct Query {
    site: Option<String>,
}

/// `GET /incidents/new`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::FileIncident)?;
    let (actor, wanted) = (signed.actor(), query.into_inner().site.unwrap_or_default());
    let (context, values) = state
        .run(move |desk| {
            desk.read(|connection| {
                let sites = sites_of(connection, &actor)?;
                let site = sites.iter().find(|site| site.slug == wanted).or(only(&sites));
                let values = defaults(&actor, site, desk.now());
                Ok((context(connection, &actor, &sites, site, &values)?, values))
            })
        })
        .await?;
    Page::new(&request, &state, &signed, TITLE).values(values).render("incidents/new.html", &context)
}

/// `POST /incidents/new`: files, or shows the form again.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::FileIncident)?;
    if fields.has("load_site") || fields.has("more_steps") {
        return again(&state, &request, &signed, &fields, Vec::new()).await;
    }
    let actor = signed.actor();
    let typed = fields.clone();
    let pauses = !fields.all("automation").is_empty();
    let outcome = state
        .run(move |desk| {
            let desk = once::for_form(desk, PATH, &actor, &typed.once());
            open_incident::run(&desk, &actor, declaration(&desk, &actor, &typed)?)
        })
        .await;
    match outcome {
        Ok(opened) => Ok(filed(&state, &opened.reference, pauses)),
        Err(Failure::Repeated { answer, .. }) => {
            let reference = once::in_answer(&answer, "reference").ok_or(Failure::NotFound)?;
            Ok(filed(&state, &reference, pauses))
        }
        Err(Failure::Invalid(errors)) => {
            let errors = fields.in_order(fields::renamed(errors, NAMES));
            again(&state, &request, &signed, &fields, errors).await
        }
        Err(failure) => Err(failure.into()),
    }
}

fn filed(state: &State, reference: &str, pauses: bool) -> HttpResponse {
    let paused = if pauses { "and what you chose is paused" } else { "and it pauses nothing yet" };
    let text = format!("{reference} is declared, {paused}.");
    go(state, &format!("/incidents/{reference}"), "success", &text)
}

/// The form once more, with what was typed. Used after errors, after "more steps" and "load site", and when a form
/// comes back after its session had ended.
pub(in crate::web) async fn again(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, fields) = (signed.actor(), fields.clone());
    let (context, values) = state
        .run(move |desk| {
            desk.read(|connection| {
                let sites = sites_of(connection, &actor)?;
                let site = sites.iter().find(|site| site.slug == fields.text("site"));
                let mut values = fields.values(REPEATED);
                if fields.has("load_site")
                    && let Some(site) = site
                {
                    load_site(&mut values, site, &sites, desk.now());
                    if fields.text("lead").is_empty() {
                        values.insert("lead".into(), default_lead(&actor, site).unwrap_or_default().into());
                    }
                }
                let mut context = context(connection, &actor, &sites, site, &values)?;
                context.step_rows = fields::step_rows(&values, fields.has("more_steps"));
                Ok((context, values))
            })
        })
        .await?;
    Page::new(request, state, signed, TITLE).values(values).errors(errors).render("incidents/new.html", &context)
}

/// The form's fields as a declaration. Everything that is wrong is told at once.
fn declaration(desk: &Desk, actor: &Actor, fields: &Fields) -> Result<Declaration, Failure> {
    let mut errors = fields.encoding_errors();
    let severity = fields::severity(fields, &mut errors);
    let impact = fields::impact(fields, &mut errors);
    let occurred = fields::occurred(fields, &mut errors);
    if fields.text("site").is_empty() {
        errors.push(FieldError::new("site", "Choose the site on which it happened."));
    }
    let declaration = Declaration {
        title: fields.text("title").to_owned(),
        severity: severity.unwrap_or(Severity::Sev1),
        impact,
        site: fields.text("site").to_owned(),
        occurred_at: occurred.unwrap_or_else(|| desk.now()),
        occurred_zone: fields.text("occurred_zone").trim().to_owned(),
        detected_at: None,
        lead: fields.optional("lead"),
        facts: fields::facts(fields),
        automations: fields.all("automation"),
    };
    if errors.is_empty() {
        return Ok(declaration);
    }
    let more = open_incident::problems(desk, actor, &declaration)?;
    Err(Failure::Invalid(fields::merged(errors, fields::renamed(more, NAMES))))
}

/// The sites on which this person may file, by name.
fn sites_of(connection: &mut Connection, actor: &Actor) -> Result<Vec<SiteRow>, Failure> {
    let mut rows = sites::list(connection)?;
    rows.retain(|site| actor.may(Act::FileIncident, &site.id));
    Ok(rows)
}

fn only(sites: &[SiteRow]) -> Option<&SiteRow> {
    if let [site] = sites { Some(site) } else { None }
}

fn context(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    site: Option<&SiteRow>,
    values: &Map<String, Value>,
) -> Result<NewIncident, Failure> {
    let (automations, people, versions_from) = match site {
        None => (Vec::new(), Vec::new(), None),
        Some(site) => (
            automation_choices(connection, site)?,
            leads(connection, site)?,
            filled_from_record(values, site).then(|| site.name.clone()),
        ),
    };
    Ok(NewIncident {
        sites: sites.iter().map(|site| Choice::new(&site.slug, &site.name)).collect(),
        may_pause: site.is_none_or(|site| actor.may(Act::Pause, &site.id)),
        automations,
        severities: fields::severities(),
        zones: zones(),
        people,
        versions_from,
        step_rows: fields::step_rows(values, false),
    })
}

fn automation_choices(connection: &mut Connection, site: &SiteRow) -> Result<Vec<AutomationChoice>, Failure> {
    let mut choices = Vec::new();
    for row in automations::of_site(connection, &site.id)? {
        let paused = !pauses::holding_rows(connection, &gate_facts::covers(&row))?.is_empty();
        choices.push(AutomationChoice {
            slug: row.slug,
            name: row.name,
            kind: row.kind.label(),
            category: row.category.label(),
            paused,
        });
    }
    Ok(choices)
}

/// Who may lead an incident of this site.
pub(super) fn leads(connection: &mut Connection, site: &SiteRow) -> Result<Vec<Choice>, Failure> {
    let mut choices = Vec::new();
    for row in people::list(connection)?.into_iter().filter(|row| row.active) {
        if Actor::Person(people::as_actor(connection, &row)?).may(Act::WorkIncident, &site.id) {
            choices.push(Choice::new(row.email, row.name));
        }
    }
    Ok(choices)
}

fn defaults(actor: &Actor, site: Option<&SiteRow>, now: Moment) -> Map<String, Value> {
    let mut values = Map::new();
    let mut set = |name: &str, value: &str| values.insert(name.to_owned(), value.into());
    let zone = site.map_or("UTC", |site| site.time_zone.as_str());
    let (date, time) = wall_clock(now, zone);
    set("occurred_date", &date);
    set("occurred_time", &time);
    set("occurred_zone", zone);
    for name in IMPACT {
        set(name, "unknown");
    }
    if let Some(site) = site {
        set("site", &site.slug);
        for (name, version) in version_fields(&site.versions) {
            set(name, version.unwrap_or_default());
        }
        set("lead", default_lead(actor, site).unwrap_or_default());
    }
    for name in REPEATED {
        values.insert((*name).to_owned(), Value::Array(Vec::new()));
    }
    values
}

/// Whoever declares leads, when they may.
fn default_lead<'a>(actor: &'a Actor, site: &SiteRow) -> Option<&'a str> {
    actor.person().filter(|_| actor.may(Act::WorkIncident, &site.id)).map(|person| person.email.as_str())
}

/// Date and time that a clock in `zone` shows.
pub(super) fn wall_clock(at: Moment, zone: &str) -> (String, String) {
    let local = at.in_zone(zone.parse().unwrap_or(chrono_tz::Tz::UTC));
    let mut parts = local.split(' ').map(str::to_owned);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

pub(super) fn version_fields(versions: &Versions<String>) -> [(&'static str, Option<&str>); 5] {
    [
        ("version_sophmate", versions.sophmate.as_deref()),
        ("version_wordpress", versions.wordpress.as_deref()),
        ("version_php", versions.php.as_deref()),
        ("version_woocommerce", versions.woocommerce.as_deref()),
        ("version_theme", versions.theme.as_deref()),
    ]
}

/// Do the fields hold anything of the site's record?
fn filled_from_record(values: &Map<String, Value>, site: &SiteRow) -> bool {
    version_fields(&site.versions)
        .into_iter()
        .any(|(name, version)| version.is_some() && values.get(name).and_then(Value::as_str) == version)
}

/// Another site was chosen: its versions, its zone. What somebody typed themselves stays: a field is theirs when no
/// site's record says the same.
fn load_site(values: &mut Map<String, Value>, site: &SiteRow, sites: &[SiteRow], now: Moment) {
    for (index, (name, version)) in version_fields(&site.versions).into_iter().enumerate() {
        let typed = values.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let from_a_record = sites.iter().any(|site| version_fields(&site.versions)[index].1 == Some(typed.as_str()));
        if typed.is_empty() || from_a_record {
            values.insert(name.to_owned(), version.unwrap_or_default().into());
        }
    }
    let text = |name: &str| values.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let (date, time, zone) = (text("occurred_date"), text("occurred_time"), text("occurred_zone"));
    let untouched = zone.is_empty() || zone == "UTC" || sites.iter().any(|site| site.time_zone == zone);
    if untouched && zone != site.time_zone {
        // "Now" stays now; a time that somebody typed is the one that a clock on the site showed.
        let is_now =
            from_wall_clock(&date, &time, &zone).is_ok_and(|at| at <= now && at >= now.minus(Duration::minutes(30)));
        if is_now {
            let (date, time) = wall_clock(now, &site.time_zone);
            values.insert("occurred_date".into(), date.into());
            values.insert("occurred_time".into(), time.into());
        }
        values.insert("occurred_zone".into(), site.time_zone.clone().into());
    }
}
