//! Filling in and correcting the facts. Of two people who edit at once the second is told, and nothing is overwritten.

use super::declare::{leads, version_fields, wall_clock};
use super::fields::{self, NAMES, REPEATED};
use super::shown::{self, Incident};
use crate::actions::change_incident::{self, Change};
use crate::actions::sight::{self, Case};
use crate::actions::{Desk, Failure};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::store::audit;
use crate::store::{Connection, people};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{Choice, HintedChoice, Missing, Names, Time, capital, time, zones};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct EditIncident {
    incident: Incident,
    missing: Vec<Missing>,
    severities: Vec<HintedChoice>,
    people: Vec<Choice>,
    zones: Vec<&'static str>,
    step_rows: usize,
    conflict: Option<Conflict>,
}

/// What somebody else saved while this form was open.
#[derive(Serialize)]
struct Conflict {
    by: String,
    at: Time,
    changes: Vec<ChangeShown>,
}

#[derive(Serialize)]
struct ChangeShown {
    label: String,
    theirs: Option<String>,
}

/// `GET /incidents/{ref}/edit`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let (context, values) = state
        .run(move |desk| {
            desk.read(|connection| {
                let case = sight::case(connection, &actor, &reference, Act::WorkIncident)?;
                let values = stored(connection, &case)?;
                Ok((context(connection, &case, &values)?, values))
            })
        })
        .await?;
    show(&state, &request, &signed, &context, values, Vec::new())
}

/// `POST /incidents/{ref}/edit`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    if fields.has("more_steps") {
        return again(&state, &request, &signed, &reference, &fields, Vec::new(), None).await;
    }
    let (actor, typed, named) = (signed.actor(), fields.clone(), reference.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::WorkIncident))?;
            let change = change_of(desk, &actor, &named, &typed)?;
            let version = typed.text("version").parse().map_err(|_| Failure::Stale)?;
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            change_incident::run(&desk, &actor, &named, Some(version), change).map(|_| ())
        })
        .await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            Ok(go(&state, &format!("/incidents/{reference}#facts"), "success", "The facts are saved."))
        }
        Err(Failure::Invalid(errors)) => {
            let errors = fields::renamed(errors, NAMES);
            again(&state, &request, &signed, &reference, &fields, errors, None).await
        }
        Err(Failure::Stale) => {
            let typed_at = fields.text("version").parse().unwrap_or(0);
            again(&state, &request, &signed, &reference, &fields, Vec::new(), Some(typed_at)).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// The form once more with what was typed; `stale`: the version that it was made from.
pub(in crate::web) async fn again(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: &Fields,
    errors: Vec<FieldError>,
    stale: Option<i32>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference, values) = (signed.actor(), reference.to_owned(), fields.values(REPEATED));
    let more = fields.has("more_steps");
    let typed_version = fields.text("version").parse().ok();
    let (context, values) = state
        .run(move |desk| {
            desk.read(|connection| {
                let case = sight::case(connection, &actor, &reference, Act::WorkIncident)?;
                let mut context = context(connection, &case, &values)?;
                context.step_rows = fields::step_rows(&values, more);
                if stale.is_some() {
                    context.conflict = Some(conflict(connection, &case, &values)?);
                } else if let Some(version) = typed_version {
                    // What was looked at when the form was opened still decides whether somebody was faster.
                    context.incident.version = version;
                }
                Ok((context, values))
            })
        })
        .await?;
    let mut response = show(state, request, signed, &context, values, errors)?;
    if stale.is_some() {
        *response.status_mut() = StatusCode::PRECONDITION_FAILED;
    }
    Ok(response)
}

fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    context: &EditIncident,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let title = format!("Facts of {}", context.incident.reference);
    Page::new(request, state, signed, &title).values(values).errors(errors).render("incidents/edit.html", context)
}

fn context(connection: &mut Connection, case: &Case, values: &Map<String, Value>) -> Result<EditIncident, Failure> {
    Ok(EditIncident {
        incident: shown::incident(connection, &mut Names::default(), &case.incident, &case.site)?,
        missing: shown::missing(&case.incident),
        severities: fields::severities(),
        people: leads(connection, &case.site)?,
        zones: zones(),
        step_rows: fields::step_rows(values, false),
        conflict: None,
    })
}

/// The fields as they are stored.
fn stored(connection: &mut Connection, case: &Case) -> Result<Map<String, Value>, Failure> {
    let row = &case.incident;
    let facts = (*row.facts).clone().map(|text| text.into_string());
    let mut values = Map::new();
    let mut set = |name: &str, value: Option<&str>| {
        values.insert(name.to_owned(), value.unwrap_or_default().into());
    };
    set("title", Some(row.title.as_str()));
    set("severity", Some(row.severity.as_str()));
    for (name, value) in [
        ("affected_user", &facts.affected_user),
        ("affected_role", &facts.affected_role),
        ("affected_screen", &facts.affected_screen),
        ("browser", &facts.browser),
        ("expected", &facts.expected),
        ("actual", &facts.actual),
        ("error_report", &facts.error_report),
    ] {
        set(name, value.as_deref());
    }
    for (name, version) in version_fields(&facts.versions) {
        set(name, version);
    }
    if facts.error_report_none {
        set("error_report_none", Some("yes"));
    }
    let impact = &row.impact;
    set("production_impact", Some(impact.production_impact.as_str()));
    set("customer_visibility", Some(impact.customer_visibility.as_str()));
    set("revenue_risk", Some(impact.revenue_risk.as_str()));
    set("privacy_exposure", Some(impact.privacy_exposure.as_str()));
    set("data_correctness", Some(impact.data_correctness.as_str()));
    set("can_be_paused", Some(impact.can_be_paused.as_str()));
    let zone = row.occurred_zone.as_str();
    for (name, at) in [("occurred", Some(row.occurred_at)), ("detected", row.detected_at)] {
        let (date, clock) = at.map(|at| wall_clock(at, zone)).unwrap_or_default();
        set(&format!("{name}_date"), Some(&date));
        set(&format!("{name}_time"), Some(&clock));
        set(&format!("{name}_zone"), Some(zone));
    }
    let lead = match &row.lead_id {
        Some(id) => Some(people::find(connection, id)?.email),
        None => None,
    };
    set("lead", lead.as_deref());
    values.insert("step".into(), facts.steps.into());
    Ok(values)
}

/// The form's fields as a change. Everything that is wrong is told at once.
fn change_of(desk: &Desk, actor: &Actor, reference: &str, fields: &Fields) -> Result<Change, Failure> {
    let mut errors = fields.encoding_errors();
    let severity = fields::severity(fields, &mut errors);
    let impact = fields::impact(fields, &mut errors);
    let occurred = fields::occurred(fields, &mut errors);
    let detected_at = fields::moment(fields, "detected", &mut errors);
    let zone = fields.text("occurred_zone").trim().to_owned();
    let mut change = Change {
        title: Some(fields.text("title").to_owned()),
        severity,
        impact: Some(impact),
        occurred: occurred.map(|at| (at, zone)),
        detected_at: Some(detected_at),
        lead: Some(fields.text("lead").trim().to_owned()),
        facts: Some(fields::facts(fields)),
        ..Change::default()
    };
    if errors.is_empty() {
        // A clock in a form shows minutes: what was not touched keeps its seconds.
        let row = desk.read(|connection| Ok(sight::case(connection, actor, reference, Act::WorkIncident)?.incident))?;
        let same = |at, stored| wall_clock(at, "UTC") == wall_clock(stored, "UTC");
        if let Some((at, _)) = &mut change.occurred
            && same(*at, row.occurred_at)
        {
            *at = row.occurred_at;
        }
        if let (Some(Some(at)), Some(stored)) = (&mut change.detected_at, row.detected_at)
            && same(*at, stored)
        {
            *at = stored;
        }
        return Ok(change);
    }
    let more = change_incident::problems(desk, actor, reference, &change)?;
    Err(Failure::Invalid(fields::merged(errors, fields::renamed(more, NAMES))))
}

/// Who changed it last, and every field that now reads otherwise than what was typed.
fn conflict(connection: &mut Connection, case: &Case, typed: &Map<String, Value>) -> Result<Conflict, Failure> {
    let last = audit::last_of(connection, "incidents", case.incident.id.as_str())?;
    let mut names = Names::default();
    let (by, at) = match last {
        Some(last) => (names.actor(connection, &last.actor)?, last.at),
        None => ("Somebody".to_owned(), case.incident.reported_at),
    };
    let stored = stored(connection, case)?;
    let text = |value: Option<&Value>| match value {
        Some(Value::Array(items)) => {
            let lines: Vec<&str> =
                items.iter().filter_map(Value::as_str).filter(|line| !line.trim().is_empty()).collect();
            lines.join("\n")
        }
        Some(value) => value.as_str().unwrap_or_default().trim().replace("\r\n", "\n"),
        None => String::new(),
    };
    let changes = stored
        .iter()
        .filter(|(name, theirs)| text(Some(theirs)) != text(typed.get(*name)))
        .map(|(name, theirs)| ChangeShown {
            label: capital(&name.replace('_', " ")),
            theirs: Some(text(Some(theirs))).filter(|text| !text.is_empty()),
        })
        .collect();
    Ok(Conflict { by, at: time(at, &case.site.time_zone), changes })
}
