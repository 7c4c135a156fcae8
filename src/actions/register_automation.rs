//! Registering and changing an automation. Fields may be missing: then its gate is closed with one reason for each.

use super::register_site::refuse_secrets;
use super::{Answer, Desk, Failure, flags, readiness, sight};
use crate::domain::automation::{
    Category, Environment, FAILURE_LIMIT_MAX, FAILURE_MINUTES_MAX, Field, Kind, RETRY_LIMIT_MAX, RunScope, Touches,
};
use crate::domain::ids::{AutomationId, PersonId, SiteId};
use crate::domain::incident::{LINE_MAX, TEXT_MAX, check_length, clean_line, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::site::check_slug;
use crate::store::automations::{self, AutomationRow};
use crate::store::{Connection, Error, Verb, people, sites};
use serde::Serialize;

/// An automation as typed.
#[derive(Clone, Debug)]
pub struct AutomationForm {
    /// Name in addresses.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it belongs to.
    pub category: Category,
    /// Slug of its site.
    pub site: String,
    /// Address of its owner.
    pub owner: Option<String>,
    /// What starts a run.
    pub trigger: Option<String>,
    /// What it may read.
    pub input_scope: Option<String>,
    /// What should come out.
    pub expected_output: Option<String>,
    /// Who approves what.
    pub approval_gate: Option<String>,
    /// How often a failed run is tried again.
    pub retry_limit: Option<i32>,
    /// Who is told of a failure.
    pub notification_path: Option<String>,
    /// When it must be paused.
    pub pause_rule: Option<String>,
    /// How its effects are undone.
    pub rollback_path: Option<String>,
    /// Where it runs, on what, and within which limits.
    pub operation: Operation,
}

/// How an automation is operated, beside the nine facts. Nothing of it keeps the gate closed.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Where it is registered to run: one of staging never runs on production.
    pub environment: Environment,
    /// What it touches: what is ticked is escalated.
    pub touches: Touches,
    /// The AI provider it uses.
    pub provider: Option<String>,
    /// The model it uses.
    pub model: Option<String>,
    /// The version of its prompt.
    pub prompt_version: Option<String>,
    /// Failed runs within the window that pause it; none: the installation's setting.
    pub failure_limit: Option<i32>,
    /// The window, minutes; none: the installation's setting.
    pub failure_minutes: Option<i32>,
    /// What it may spend in 24 hours, millionths of the currency unit; none: no limit.
    pub daily_budget: Option<i64>,
}

impl Default for Operation {
    fn default() -> Self {
        Self {
            environment: Environment::Production,
            touches: Touches::default(),
            provider: None,
            model: None,
            prompt_version: None,
            failure_limit: None,
            failure_minutes: None,
            daily_budget: None,
        }
    }
}

impl From<&AutomationRow> for Operation {
    fn from(row: &AutomationRow) -> Self {
        Self {
            environment: row.environment,
            touches: row.touches(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            prompt_version: row.prompt_version.clone(),
            failure_limit: row.failure_limit,
            failure_minutes: row.failure_minutes,
            daily_budget: row.daily_budget,
        }
    }
}

/// A registered automation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegisteredAutomation {
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Definition fields that keep its gate closed.
    pub missing: Vec<Field>,
    /// How far its gate opens once it does.
    pub scope: RunScope,
    /// Its version.
    pub version: i32,
}

impl Answer for RegisteredAutomation {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/automations/{}", self.slug))
    }
}

/// Registers an automation; it starts with scope `read_only`.
pub fn create(desk: &Desk, actor: &Actor, form: AutomationForm) -> Result<RegisteredAutomation, Failure> {
    desk.answered_before()?;
    let form = checked(desk, form)?;
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let (site, owner) = look_up(tx.connection(), &actor_copy, &form, None)?;
        let row = AutomationRow {
            id: AutomationId::fresh(),
            scope: RunScope::ReadOnly,
            version: 1,
            created_at: tx.now(),
            ..row_of(form, site, owner)
        };
        match tx.insert(Verb::Created, &row) {
            Err(Error::Exists) => {
                return Err(Failure::field("slug", "There is an automation with this short name already."));
            }
            other => other?,
        }
        flags::after_registration(tx, &row, None)?;
        // A pause of its category or site covers it from now on: no request asked for it.
        let who = (actor_copy.reference(), actor_copy.name());
        let changed = [row];
        readiness::void_where_covered(tx, &changed, &who, "an automation was added to what is paused")?;
        Ok(answer(&changed[0]))
    })
}

/// Changes an automation; slug, site and scope stay.
pub fn change(
    desk: &Desk,
    actor: &Actor,
    slug: &str,
    expected: Option<i32>,
    mut form: AutomationForm,
) -> Result<RegisteredAutomation, Failure> {
    desk.read(|connection| sight::automation(connection, actor, slug, Act::ManageRegistry))?;
    form.slug = slug.to_owned();
    let mut form = checked(desk, form)?;
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let old = sight::automation(tx.connection(), &actor_copy, &form.slug, Act::ManageRegistry)?;
        if expected.is_some_and(|expected| expected != old.version) {
            return Err(Failure::Stale);
        }
        form.site = sight::promised(sites::find(tx.connection(), &old.site_id))?.slug;
        let (site, owner) = look_up(tx.connection(), &actor_copy, &form, old.owner_id.as_ref())?;
        let before = old.clone();
        let row = AutomationRow {
            id: old.id.clone(),
            scope: old.scope,
            version: old.version + 1,
            created_at: old.created_at,
            approval_relaxed: old.approval_relaxed,
            ..row_of(form, site, owner)
        };
        tx.update(Verb::Changed, &row)?;
        flags::after_registration(tx, &row, Some(&old))?;
        let who = (actor_copy.reference(), actor_copy.name());
        // Of another category, it may have left one pause and come under another.
        let changed = [row, before];
        readiness::void_where_covered(tx, &changed, &who, "the definition of what was paused changed")?;
        Ok(answer(&changed[0]))
    })
}

/// What is wrong with a form, beside what its reader could not even make sense of.
pub fn problems(desk: &Desk, form: AutomationForm) -> Result<Vec<FieldError>, Failure> {
    match checked(desk, form) {
        Ok(_) => Ok(Vec::new()),
        Err(Failure::Invalid(errors)) => Ok(errors),
        Err(failure) => Err(failure),
    }
}

/// The automations that a person owns: what must be handed over before they leave.
pub fn owned_by(connection: &mut Connection, person: &PersonId) -> Result<Vec<AutomationRow>, Failure> {
    Ok(automations::list(connection)?.into_iter().filter(|row| row.owner_id.as_ref() == Some(person)).collect())
}

fn answer(row: &AutomationRow) -> RegisteredAutomation {
    RegisteredAutomation {
        id: row.id.to_string(),
        slug: row.slug.clone(),
        missing: row.missing(),
        scope: row.scope,
        version: row.version,
    }
}

/// The site and the owner. An owner who stays is not looked at again: where they have left, the gate says so, and other
/// fields can be changed all the same.
fn look_up(
    connection: &mut Connection,
    actor: &Actor,
    form: &AutomationForm,
    present: Option<&PersonId>,
) -> Result<(SiteId, Option<PersonId>), Failure> {
    let site = match sites::by_slug(connection, &form.site)? {
        Some(site) if actor.belongs_to(&site.id) => site,
        _ => return Err(Failure::field("site", "Choose the site from the list.")),
    };
    if !actor.may(Act::ManageRegistry, &site.id) {
        return Err(sight::forbidden(Act::ManageRegistry));
    }
    let Some(email) = &form.owner else { return Ok((site.id, None)) };
    let person = people::by_email(connection, email)?;
    if let Some(person) = person.as_ref().filter(|person| Some(&person.id) == present) {
        return Ok((site.id, Some(person.id.clone())));
    }
    if let Some(person) = person.filter(|person| person.active) {
        let owner = Actor::Person(people::as_actor(connection, &person)?);
        if owner.may(Act::Pause, &site.id) {
            return Ok((site.id, Some(person.id)));
        }
    }
    Err(Failure::field(
        "owner",
        "The owner must be an active person who may pause things on this site (owner, support lead or administrator).",
    ))
}

fn row_of(form: AutomationForm, site: SiteId, owner: Option<PersonId>) -> AutomationRow {
    let operation = form.operation;
    AutomationRow {
        id: AutomationId::from_text(""),
        slug: form.slug,
        name: form.name,
        kind: form.kind,
        category: form.category,
        site_id: site,
        owner_id: owner,
        run_trigger: form.trigger,
        input_scope: form.input_scope,
        expected_output: form.expected_output,
        approval_gate: form.approval_gate,
        retry_limit: form.retry_limit,
        notification_path: form.notification_path,
        pause_rule: form.pause_rule,
        rollback_path: form.rollback_path,
        scope: RunScope::ReadOnly,
        version: 0,
        created_at: crate::domain::moment::Moment::from_naive_utc(chrono::NaiveDateTime::default()),
        environment: operation.environment,
        writes_data: operation.touches.writes_data,
        contacts_customers: operation.touches.contacts_customers,
        spends_money: operation.touches.spends_money,
        provider: operation.provider,
        model: operation.model,
        prompt_version: operation.prompt_version,
        failure_limit: operation.failure_limit,
        failure_minutes: operation.failure_minutes,
        daily_budget: operation.daily_budget,
        approval_relaxed: false,
    }
}

fn checked(desk: &Desk, mut form: AutomationForm) -> Result<AutomationForm, Failure> {
    form.slug = clean_line(&form.slug);
    form.name = clean_line(&form.name);
    form.owner = form.owner.map(|owner| clean_line(&owner)).filter(|owner| !owner.is_empty());
    let operation = &mut form.operation;
    for line in [&mut operation.provider, &mut operation.model, &mut operation.prompt_version] {
        *line = line.take().map(|line| clean_line(&line)).filter(|line| !line.is_empty());
    }
    let texts = [
        &mut form.trigger,
        &mut form.input_scope,
        &mut form.expected_output,
        &mut form.approval_gate,
        &mut form.notification_path,
        &mut form.pause_rule,
        &mut form.rollback_path,
    ];
    for text in texts {
        *text = text.take().map(|text| clean_text(&text)).filter(|text| !text.is_empty());
    }
    let mut errors = Vec::new();
    check_slug("slug", &form.slug, &mut errors);
    if form.name.is_empty() {
        errors.push(FieldError::new("name", "Give the name that people use for it."));
    }
    if form.retry_limit.is_some_and(|limit| !(0..=RETRY_LIMIT_MAX).contains(&limit)) {
        errors.push(FieldError::new("retry_limit", format!("Use a number from 0 to {RETRY_LIMIT_MAX}.")));
    }
    check_limits(&form.operation, &mut errors);
    let texts = [
        ("name", Some(&form.name)),
        ("trigger", form.trigger.as_ref()),
        ("input_scope", form.input_scope.as_ref()),
        ("expected_output", form.expected_output.as_ref()),
        ("approval_gate", form.approval_gate.as_ref()),
        ("notification_path", form.notification_path.as_ref()),
        ("pause_rule", form.pause_rule.as_ref()),
        ("rollback_path", form.rollback_path.as_ref()),
        ("provider", form.operation.provider.as_ref()),
        ("model", form.operation.model.as_ref()),
        ("prompt_version", form.operation.prompt_version.as_ref()),
    ];
    let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text?.as_str())));
    for (field, text) in texts.clone() {
        let is_line = matches!(field, "provider" | "model" | "prompt_version");
        check_length(field, text, if is_line { LINE_MAX } else { TEXT_MAX }, &mut errors);
    }
    refuse_secrets(desk, texts, &mut errors)?;
    if errors.is_empty() { Ok(form) } else { Err(Failure::Invalid(errors)) }
}

fn check_limits(operation: &Operation, errors: &mut Vec<FieldError>) {
    let within = |value: Option<i32>, most: i32| value.is_none_or(|value| (1..=most).contains(&value));
    if !within(operation.failure_limit, FAILURE_LIMIT_MAX) {
        errors.push(FieldError::new("failure_limit", format!("Use a number from 1 to {FAILURE_LIMIT_MAX}.")));
    }
    if !within(operation.failure_minutes, FAILURE_MINUTES_MAX) {
        errors.push(FieldError::new("failure_minutes", format!("Use a number from 1 to {FAILURE_MINUTES_MAX}.")));
    }
}
