//! `/automations/new` and `/automations/{slug}/edit`.

use crate::actions::register_automation::{self, AutomationForm, Operation};
use crate::actions::sight::{self, promised};
use crate::actions::{Desk, Failure};
use crate::domain::automation::{
    Category, Environment, FAILURE_LIMIT_MAX, FAILURE_MINUTES_MAX, Kind, RETRY_LIMIT_MAX, Touches,
};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Place;
use crate::domain::problem::FieldError;
use crate::domain::run::{COST_MAX, cost_in_millionths, cost_in_units};
use crate::store::automations::AutomationRow;
use crate::store::sites::SiteRow;
use crate::store::{Connection, people, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{Choice, Conflict, capital, differences, site_choices, sites_for};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    automation: Option<Edited>,
    sites: Vec<Choice>,
    kinds: Vec<Choice>,
    categories: Vec<Choice>,
    environments: Vec<Choice>,
    people: Vec<Choice>,
    conflict: Option<Conflict>,
    mistakes: Vec<String>,
}

#[derive(Serialize)]
struct Edited {
    slug: String,
    name: String,
    version: i32,
}

#[derive(Deserialize)]
pub(in crate::web) struct Query {
    site: Option<String>,
}

/// `GET /automations/new`.
pub(in crate::web) async fn new(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ManageRegistry)?;
    let mut values = Map::new();
    if let Some(site) = query.into_inner().site {
        values.insert("site".into(), site.into());
    }
    show(&state, &request, &signed, None, values, Vec::new()).await
}

/// `POST /automations/new`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ManageRegistry)?;
    let (actor, typed) = (signed.actor(), fields.clone());
    let (path, key) = (request.path().to_owned(), fields.once());
    let slug = fields.text("slug").trim().to_owned();
    let outcome = state
        .run(move |desk| {
            let form = read(desk, &typed)?;
            register_automation::create(&once::for_form(desk, &path, &actor, &key), &actor, form)
        })
        .await;
    match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            let said = "It is registered. Its gate opens read only once nothing is missing.";
            Ok(go(&state, &format!("/automations/{slug}"), "success", said))
        }
        Err(Failure::Invalid(errors)) => {
            show(&state, &request, &signed, None, fields.values(&[]), fields.in_order(errors)).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `GET /automations/{slug}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let (editing, values) = state
        .run(move |desk| {
            desk.read(|connection| {
                let editing = Editing::find(connection, &actor, &slug)?;
                let values = values_of(connection, &editing.row)?;
                Ok((editing, values))
            })
        })
        .await?;
    show(&state, &request, &signed, Some(editing), values, Vec::new()).await
}

/// `POST /automations/{slug}/edit`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, slug, typed) = (signed.actor(), slug.into_inner(), fields.clone());
    let (changing, target) = (actor.clone(), slug.clone());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::automation(connection, &changing, &target, Act::ManageRegistry))?;
            let mut form = read(desk, &typed)?;
            form.slug.clone_from(&target);
            register_automation::change(desk, &changing, &target, typed.version(), form)
        })
        .await;
    let (errors, stale) = match outcome {
        Ok(_) => return Ok(go(&state, &format!("/automations/{slug}"), "success", "The automation is changed.")),
        Err(Failure::Invalid(errors)) => (fields.in_order(errors), false),
        Err(Failure::Stale) => (Vec::new(), true),
        Err(failure) => return Err(failure.into()),
    };
    let typed = fields.clone();
    let editing = state
        .run(move |desk| {
            desk.read(|connection| {
                let mut editing = Editing::find(connection, &actor, &slug)?;
                if stale {
                    editing.conflict = conflict(connection, &editing.row, &typed)?;
                }
                editing.stale = stale;
                Ok(editing)
            })
        })
        .await?;
    show(&state, &request, &signed, Some(editing), fields.values(&[]), errors).await
}

/// The automation that is being changed.
struct Editing {
    row: AutomationRow,
    site: SiteRow,
    stale: bool,
    conflict: Option<Conflict>,
}

impl Editing {
    fn find(connection: &mut Connection, actor: &Actor, slug: &str) -> Result<Self, Failure> {
        let row = sight::automation(connection, actor, slug, Act::ManageRegistry)?;
        let site = promised(sites::find(connection, &row.site_id))?;
        Ok(Self { row, site, stale: false, conflict: None })
    }
}

async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    editing: Option<Editing>,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let sites = match &editing {
        Some(editing) => vec![editing.site.clone()],
        None => state.run(move |desk| desk.read(|c| sites_for(c, &actor, Act::ManageRegistry))).await?,
    };
    let on = sites.clone();
    let (people, mistakes) = state
        .run(move |desk| {
            desk.read(|connection| Ok((owners(connection, &on)?, mistakes(connection, Place::AutomationForm)?)))
        })
        .await?;
    let stale = editing.as_ref().is_some_and(|editing| editing.stale);
    let title = match &editing {
        Some(editing) => format!("Change {}", editing.row.name),
        None => "Register an automation".to_owned(),
    };
    let (automation, conflict) = match editing {
        Some(Editing { row, conflict, .. }) => {
            (Some(Edited { slug: row.slug, name: row.name, version: row.version }), conflict)
        }
        None => (None, None),
    };
    let mut page = Page::new(request, state, signed, &title).values(values).errors(errors);
    if stale {
        page = page.status(StatusCode::PRECONDITION_FAILED);
    }
    let kinds = Kind::ALL.iter().map(|kind| Choice::new(kind.as_str(), capital(&kind.label()))).collect();
    let categories = Category::ALL.iter().map(|c| Choice::new(c.as_str(), capital(&c.label()))).collect();
    let environments = Environment::ALL.iter().map(|e| Choice::new(e.as_str(), capital(&e.label()))).collect();
    let sites = site_choices(&sites);
    let context = Context { automation, sites, kinds, categories, environments, people, conflict, mistakes };
    page.render("automations/form.html", &context)
}

/// Who may own an automation on one of these sites.
fn owners(connection: &mut Connection, sites: &[SiteRow]) -> Result<Vec<Choice>, Failure> {
    let mut owners = Vec::new();
    for person in people::list(connection)?.into_iter().filter(|person| person.active) {
        let actor = Actor::Person(people::as_actor(connection, &person)?);
        if sites.iter().any(|site| actor.may(Act::Pause, &site.id)) {
            owners.push(Choice::new(person.email, person.name));
        }
    }
    Ok(owners)
}

/// Reads the form; all that is wrong with it at once.
fn read(desk: &Desk, fields: &Fields) -> Result<AutomationForm, Failure> {
    let mut errors = fields.character_errors();
    let kind = Kind::parse(fields.text("kind"));
    let category = Category::parse(fields.text("category"));
    let operation = read_operation(fields, &mut errors);
    let limit = fields.text("retry_limit").trim();
    let retry_limit = limit.parse::<i32>().ok();
    if kind.is_none() {
        errors.push(FieldError::new("kind", "Choose what kind of thing it is."));
    }
    if category.is_none() {
        errors.push(FieldError::new("category", "Choose what it belongs to."));
    }
    if !limit.is_empty() && retry_limit.is_none() {
        errors.push(FieldError::new("retry_limit", format!("Use a number from 0 to {RETRY_LIMIT_MAX}.")));
    }
    let form = AutomationForm {
        slug: fields.text("slug").to_owned(),
        name: fields.text("name").to_owned(),
        kind: kind.unwrap_or(Kind::Workflow),
        category: category.unwrap_or(Category::System),
        site: fields.text("site").to_owned(),
        owner: fields.optional("owner"),
        trigger: fields.optional("trigger"),
        input_scope: fields.optional("input_scope"),
        expected_output: fields.optional("expected_output"),
        approval_gate: fields.optional("approval_gate"),
        retry_limit,
        notification_path: fields.optional("notification_path"),
        pause_rule: fields.optional("pause_rule"),
        rollback_path: fields.optional("rollback_path"),
        operation,
    };
    if errors.is_empty() {
        return Ok(form);
    }
    for error in register_automation::problems(desk, form)? {
        // Of an automation that exists the short name is not on the form.
        let on_the_form = error.field != "slug" || fields.has("slug");
        if on_the_form && !errors.iter().any(|known| known.field == error.field) {
            errors.push(error);
        }
    }
    Err(Failure::Invalid(errors))
}

/// What stands under "How it is operated".
fn read_operation(fields: &Fields, errors: &mut Vec<FieldError>) -> Operation {
    let mut number = |name: &str, most: i32| {
        let text = fields.optional(name)?;
        let read = text.trim().parse::<i32>().ok();
        if read.is_none() {
            errors.push(FieldError::new(name, format!("Use a number from 1 to {most}, or leave it empty.")));
        }
        read
    };
    let failure_limit = number("failure_limit", FAILURE_LIMIT_MAX);
    let failure_minutes = number("failure_minutes", FAILURE_MINUTES_MAX);
    let budget = fields.optional("daily_budget");
    let daily_budget =
        budget.as_ref().and_then(|text| cost_in_millionths(text.trim().replace(',', ".").parse::<f64>().ok()?));
    if budget.is_some() && daily_budget.is_none() {
        let message = format!("Use a number from 0 to {COST_MAX}, for example 12.50, or leave it empty.");
        errors.push(FieldError::new("daily_budget", message));
    }
    Operation {
        environment: Environment::parse(fields.text("environment")).unwrap_or(Environment::Production),
        touches: Touches {
            writes_data: fields.has("writes_data"),
            contacts_customers: fields.has("contacts_customers"),
            spends_money: fields.has("spends_money"),
        },
        provider: fields.optional("provider"),
        model: fields.optional("model"),
        prompt_version: fields.optional("prompt_version"),
        failure_limit,
        failure_minutes,
        daily_budget,
    }
}

fn values_of(connection: &mut Connection, row: &AutomationRow) -> Result<Map<String, Value>, Failure> {
    let owner = match &row.owner_id {
        Some(owner) => Some(promised(people::find(connection, owner))?.email),
        None => None,
    };
    let texts = [
        ("name", Some(row.name.clone())),
        ("kind", Some(row.kind.as_str().to_owned())),
        ("category", Some(row.category.as_str().to_owned())),
        ("owner", owner),
        ("trigger", row.run_trigger.clone()),
        ("input_scope", row.input_scope.clone()),
        ("expected_output", row.expected_output.clone()),
        ("approval_gate", row.approval_gate.clone()),
        ("retry_limit", row.retry_limit.map(|limit| limit.to_string())),
        ("notification_path", row.notification_path.clone()),
        ("pause_rule", row.pause_rule.clone()),
        ("rollback_path", row.rollback_path.clone()),
        ("environment", Some(row.environment.as_str().to_owned())),
        ("writes_data", ticked(row.writes_data)),
        ("contacts_customers", ticked(row.contacts_customers)),
        ("spends_money", ticked(row.spends_money)),
        ("provider", row.provider.clone()),
        ("model", row.model.clone()),
        ("prompt_version", row.prompt_version.clone()),
        ("failure_limit", row.failure_limit.map(|limit| limit.to_string())),
        ("failure_minutes", row.failure_minutes.map(|minutes| minutes.to_string())),
        ("daily_budget", row.daily_budget.map(|budget| cost_in_units(budget).to_string())),
    ];
    Ok(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect())
}

fn ticked(is: bool) -> Option<String> {
    is.then(|| "yes".to_owned())
}

fn conflict(connection: &mut Connection, row: &AutomationRow, typed: &Fields) -> Result<Option<Conflict>, Failure> {
    let saved = values_of(connection, row)?;
    let labels = [
        ("name", "Name"),
        ("kind", "Kind"),
        ("category", "Category"),
        ("owner", "Owner"),
        ("trigger", "Trigger"),
        ("input_scope", "Input scope"),
        ("expected_output", "Expected output"),
        ("approval_gate", "Approval gate"),
        ("retry_limit", "Retry limit"),
        ("notification_path", "Notification path"),
        ("pause_rule", "Pause rule"),
        ("rollback_path", "Rollback path"),
        ("environment", "Environment"),
        ("writes_data", "Writes production data"),
        ("contacts_customers", "Contacts customers"),
        ("spends_money", "Spends money"),
        ("provider", "AI provider"),
        ("model", "Model"),
        ("prompt_version", "Prompt version"),
        ("failure_limit", "Failures that pause it"),
        ("failure_minutes", "Within minutes"),
        ("daily_budget", "Daily budget"),
    ];
    let fields = labels
        .into_iter()
        .map(|(name, label)| (label, typed.optional(name), saved.get(name).and_then(Value::as_str).map(str::to_owned)));
    Conflict::over(connection, "automations", row.id.as_str(), differences(fields.collect()))
}
