//! A support lead declares an incident: filed, its error report sealed, its automations paused, in one press.

use super::intake::{Arrived, Redrawn, Texts, insert_evidence};
use super::{Answer, Desk, Failure, pause, review_points, sight, write_entry};
use crate::domain::ids::{IncidentId, PersonId};
use crate::domain::incident::{self, Facts, Impact, MissingFact, Severity, Status};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::review::Point;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::incidents::{self, IncidentRow};
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, Json, Tx, Verb, people};
use serde::Serialize;

/// What the form says. Texts are as typed.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What happened, in a line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// The six dimensions.
    pub impact: Impact,
    /// Slug of the site.
    pub site: String,
    /// When it happened.
    pub occurred_at: Moment,
    /// The zone in which that was stated.
    pub occurred_zone: String,
    /// When somebody noticed.
    pub detected_at: Option<Moment>,
    /// Address of the lead.
    pub lead: Option<String>,
    /// The facts, as far as known.
    pub facts: Facts<String>,
    /// Slugs of the automations to pause.
    pub automations: Vec<String>,
}

/// The filed incident.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Opened {
    /// `INC-2026-0001`.
    pub reference: String,
    /// Always `triage`.
    pub status: Status,
    /// What is not known yet.
    pub missing: Vec<MissingFact>,
    /// Slugs of what is paused now.
    pub paused: Vec<String>,
}

impl Answer for Opened {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/incidents/{}", self.reference))
    }
}

/// Name under which the exact error report is sealed.
const REPORT_NAME: &str = "error-report.txt";

/// Files the incident.
pub fn run(desk: &Desk, actor: &Actor, declaration: Declaration) -> Result<Opened, Failure> {
    desk.answered_before()?;
    let declaration = clean(declaration);
    let reporter = sight::person_id(actor)?;
    let concerned = desk.read(|connection| look_up(connection, actor, &declaration, desk.now()))?;

    let secret_key = desk.fresh_incident_key()?;
    let redactor = desk.redactor_with_key(&secret_key, &concerned.site)?;
    let texts = Texts::over(redactor.clone(), all_texts(&declaration));
    let facts = declaration.facts.clone().map(|text| texts.redact(&text));
    let report = match &declaration.facts.error_report {
        Some(report) => Some(seal_report(desk, &redactor.with_known(texts.known()), report)?),
        None => None,
    };
    let incident = IncidentRow {
        id: IncidentId::fresh(),
        reference: String::new(),
        title: texts.redact(&declaration.title),
        status: Status::Triage,
        severity: declaration.severity,
        impact: Json::of(declaration.impact.clone()),
        site_id: concerned.site.id.clone(),
        lead_id: concerned.lead.clone(),
        reported_by: reporter,
        occurred_at: declaration.occurred_at,
        occurred_zone: declaration.occurred_zone.clone(),
        detected_at: declaration.detected_at,
        reported_at: desk.now(),
        mitigated_at: None,
        closed_at: None,
        facts: Json::of(facts),
        no_evidence_reason: None,
        secret_key,
        known_values: desk.wrap_known(texts.known())?,
        known_generation: 1,
        version: 1,
    };
    let named = |row: AutomationRow| (texts.redact(&row.name), row);
    let automations = concerned.automations.into_iter().map(named).collect();
    let filed = file(desk, actor, incident, automations, report.as_ref());
    if filed.is_err()
        && let Some((arrived, redrawn)) = &report
    {
        desk.forget_files(arrived.sealed.as_ref(), Some(&redrawn.blob));
    }
    filed
}

/// What is wrong with a declaration, without filing it: for a form that has errors of its own and tells all at once.
pub fn problems(desk: &Desk, actor: &Actor, declaration: &Declaration) -> Result<Vec<FieldError>, Failure> {
    let declaration = clean(declaration.clone());
    match desk.read(|connection| look_up(connection, actor, &declaration, desk.now())) {
        Ok(_) => Ok(Vec::new()),
        Err(Failure::Invalid(errors)) => Ok(errors),
        Err(failure) => Err(failure),
    }
}

struct Concerned {
    site: SiteRow,
    lead: Option<PersonId>,
    automations: Vec<AutomationRow>,
}

fn clean(mut declaration: Declaration) -> Declaration {
    declaration.title = incident::clean_line(&declaration.title);
    declaration.facts = clean_facts(declaration.facts);
    declaration
}

/// Facts without invisible characters and blank answers.
pub fn clean_facts(facts: Facts<String>) -> Facts<String> {
    let mut facts = facts.map(|text| incident::clean_text(&text));
    let blank = |value: &mut Option<String>| {
        if value.as_deref() == Some("") {
            *value = None;
        }
    };
    let versions = &mut facts.versions;
    for value in [
        &mut facts.affected_user,
        &mut facts.affected_role,
        &mut facts.affected_screen,
        &mut facts.browser,
        &mut facts.expected,
        &mut facts.actual,
        &mut facts.error_report,
        &mut versions.sophmate,
        &mut versions.wordpress,
        &mut versions.php,
        &mut versions.woocommerce,
        &mut versions.theme,
    ] {
        blank(value);
    }
    facts.steps.retain(|step| !step.is_empty());
    facts
}

/// Everything that is typed wrong, at its field.
pub fn check_facts(facts: &Facts<String>, errors: &mut Vec<FieldError>) {
    let versions = &facts.versions;
    let lines = [
        ("affected_user", &facts.affected_user),
        ("affected_role", &facts.affected_role),
        ("affected_screen", &facts.affected_screen),
        ("browser", &facts.browser),
        ("version_sophmate", &versions.sophmate),
        ("version_wordpress", &versions.wordpress),
        ("version_php", &versions.php),
        ("version_woocommerce", &versions.woocommerce),
        ("version_theme", &versions.theme),
    ];
    for (field, value) in lines {
        incident::check_length(field, value.as_deref().unwrap_or_default(), incident::LINE_MAX, errors);
    }
    for (field, value, max) in [
        ("expected", &facts.expected, incident::TEXT_MAX),
        ("actual", &facts.actual, incident::TEXT_MAX),
        ("error_report", &facts.error_report, incident::REPORT_MAX),
    ] {
        incident::check_length(field, value.as_deref().unwrap_or_default(), max, errors);
    }
    for step in &facts.steps {
        incident::check_length("step", step, incident::TEXT_MAX, errors);
    }
    if facts.steps.len() > incident::STEPS_MAX {
        errors.push(FieldError::new(
            "step",
            format!(
                "These are {} steps; {} fit here. Put the rest into a file.",
                facts.steps.len(),
                incident::STEPS_MAX
            ),
        ));
    }
    if facts.error_report_none && facts.error_report.is_some() {
        errors.push(FieldError::new(
            "error_report",
            "Either paste the error report or tick that no error was shown, not both.",
        ));
    }
}

fn look_up(
    connection: &mut Connection,
    actor: &Actor,
    declaration: &Declaration,
    now: Moment,
) -> Result<Concerned, Failure> {
    let mut errors = Vec::new();
    if declaration.title.is_empty() {
        errors.push(FieldError::new("title", "Say in a line what went wrong."));
    }
    incident::check_length("title", &declaration.title, incident::TITLE_MAX, &mut errors);
    incident::check_occurred("occurred_at", declaration.occurred_at, now, &mut errors);
    check_facts(&declaration.facts, &mut errors);
    let site = match sites::by_slug(connection, &declaration.site)? {
        Some(site) if actor.belongs_to(&site.id) => Some(site),
        _ => {
            errors.push(FieldError::new("site", "Choose the site from the list."));
            None
        }
    };
    if let Some(site) = &site
        && !actor.may(Act::FileIncident, &site.id)
    {
        return Err(sight::forbidden(Act::FileIncident));
    }
    let lead = match &declaration.lead {
        Some(email) => find_lead(connection, email, site.as_ref(), &mut errors)?,
        None => None,
    };
    if let Some(site) = site.as_ref().filter(|_| !declaration.automations.is_empty())
        && !actor.may(Act::Pause, &site.id)
    {
        let message = "Your role does not pause. Leave this empty and say in the title what should stop.";
        errors.push(FieldError::new("automations", message));
    }
    let mut paused = Vec::new();
    for slug in &declaration.automations {
        let found = automations::by_slug(connection, slug)?;
        match found.filter(|row| site.as_ref().is_some_and(|site| site.id == row.site_id)) {
            Some(row) => paused.push(row),
            None => errors.push(FieldError::new("automations", format!("There is no automation {slug} on this site."))),
        }
    }
    match site {
        Some(site) if errors.is_empty() => Ok(Concerned { site, lead, automations: paused }),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// A lead is an active support lead or administrator of the site.
pub(super) fn find_lead(
    connection: &mut Connection,
    email: &str,
    site: Option<&SiteRow>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<PersonId>, Failure> {
    let Some(site) = site else { return Ok(None) };
    let person = people::by_email(connection, email)?.filter(|person| person.active);
    if let Some(person) = person {
        let candidate = Actor::Person(people::as_actor(connection, &person)?);
        if candidate.may(Act::WorkIncident, &site.id) {
            return Ok(Some(person.id));
        }
    }
    errors.push(FieldError::new("lead", "The lead must be an active support lead or administrator of this site."));
    Ok(None)
}

fn all_texts(declaration: &Declaration) -> impl Iterator<Item = &str> {
    let facts = &declaration.facts;
    let single = [
        &facts.affected_user,
        &facts.affected_role,
        &facts.affected_screen,
        &facts.browser,
        &facts.expected,
        &facts.actual,
        &facts.error_report,
    ];
    std::iter::once(declaration.title.as_str())
        .chain(single.into_iter().filter_map(|text| text.as_deref()))
        .chain(facts.steps.iter().map(String::as_str))
}

/// The exact error report is evidence by itself: sealed as typed, shown redacted.
pub(super) fn seal_report(
    desk: &Desk,
    redactor: &crate::redaction::Redactor,
    report: &str,
) -> Result<(Arrived, Redrawn), Failure> {
    let arrived = desk.take_in(REPORT_NAME, &mut report.as_bytes())?;
    let sealed = arrived.sealed.as_ref().ok_or_else(|| {
        Failure::field("error_report", "This is not readable text. Paste the report as text, or upload it as a file.")
    })?;
    // Read before the redactor was made at the latest: what is older than it says is read again.
    let rules = desk.active_rules.current();
    let (blob, counts) = desk.redact_sealed(redactor, &sealed.file, &sealed.wrapped_key).inspect_err(|_| {
        desk.forget_files(Some(sealed), None);
    })?;
    Ok((arrived, Redrawn { blob, counts, generation: 1, rules }))
}

/// Writes the rows of a sealed error report.
pub(super) fn name_report(
    tx: &mut Tx,
    actor: &Actor,
    incident: &IncidentId,
    arrived: &Arrived,
    redrawn: &Redrawn,
    original_days: i64,
) -> Result<(), Failure> {
    let who = (actor.reference(), actor.name());
    insert_evidence(tx, incident, Redacted::literal(REPORT_NAME), arrived, Some(redrawn), &who.0, original_days)?;
    write_entry::system(tx, incident, &who, Redacted::literal("Sealed the error report."))
}

fn file(
    desk: &Desk,
    actor: &Actor,
    mut incident: IncidentRow,
    automations: Vec<(Redacted, AutomationRow)>,
    report: Option<&(Arrived, Redrawn)>,
) -> Result<Opened, Failure> {
    let original_days = desk.limits.original_days;
    let who = (actor.reference(), actor.name());
    let actor_copy = actor.clone();
    // The files are on their shelves; the transaction only names them.
    let report = report.cloned();
    desk.answer(actor, move |tx| {
        incident.reference = incidents::next_reference(tx)?;
        tx.insert(Verb::Filed, &incident)?;
        write_entry::system(tx, &incident.id, &who, Redacted::literal("Filed the incident."))?;
        review_points::ask(tx, &incident.id, Point::Reported)?;
        if let Some((arrived, redrawn)) = &report {
            name_report(tx, &actor_copy, &incident.id, arrived, redrawn, original_days)?;
        }
        let mut paused = Vec::new();
        for (named, automation) in automations {
            pause::by_incident(tx, &automation, named, &incident, &who)?;
            paused.push(automation.slug);
        }
        Ok(Opened {
            missing: incident::missing(&incident.facts, incident.lead_id.is_some()),
            reference: incident.reference,
            status: incident.status,
            paused,
        })
    })
}
