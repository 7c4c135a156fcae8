//! Automations.

use super::read::given;
use super::{IfMatch, ListQuery, Listing, created, found, json, needed, page_of, versioned, word};
use crate::actions::register_automation::{self, AutomationForm, Operation, RegisteredAutomation};
use crate::actions::{Desk, Failure, ask_gate, count_asks, sight};
use crate::domain::automation::{Category, Environment, Field, Kind, RunScope, Touches};
use crate::domain::gate::Verdict;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::run::{COST_MAX, cost_in_millionths, cost_in_units};
use crate::store::automations::{self, AutomationRow};
use crate::store::{Connection, people, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/automations`. What is left away of the nine fields of the definition keeps the gate closed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAutomation {
    /// Name in addresses.
    slug: Option<String>,
    name: Option<String>,
    /// workflow, watcher, agent, playbook, tool, panel or publishing_path.
    kind: Option<String>,
    /// commerce, content, support, marketing, system, image or agent.
    category: Option<String>,
    /// Slug of its site.
    site: Option<String>,
    /// Address of its owner.
    owner: Option<String>,
    trigger: Option<String>,
    input_scope: Option<String>,
    expected_output: Option<String>,
    approval_gate: Option<String>,
    retry_limit: Option<i32>,
    notification_path: Option<String>,
    pause_rule: Option<String>,
    rollback_path: Option<String>,
    /// staging or production (default): one of staging never runs on production.
    environment: Option<String>,
    /// What it touches; what is true is escalated.
    touches: Option<Touches>,
    provider: Option<String>,
    model: Option<String>,
    prompt_version: Option<String>,
    /// Failed runs within the window that pause it; the installation's setting if left away.
    failure_limit: Option<i32>,
    /// That window, minutes.
    failure_minutes: Option<i32>,
    /// What it may spend in 24 hours, currency units.
    daily_budget: Option<f64>,
}

/// Body of `PATCH /api/v1/automations/{slug}`. What is left away stays; `null` empties a field.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AutomationChange {
    name: Option<String>,
    kind: Option<String>,
    category: Option<String>,
    #[serde(default, deserialize_with = "given")]
    owner: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    trigger: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    input_scope: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    expected_output: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    approval_gate: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    retry_limit: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    notification_path: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pause_rule: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    rollback_path: Option<Option<String>>,
    environment: Option<String>,
    touches: Option<Touches>,
    #[serde(default, deserialize_with = "given")]
    provider: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    model: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    prompt_version: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    failure_limit: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    failure_minutes: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    daily_budget: Option<Option<f64>>,
}

/// An automation.
#[derive(Serialize, ToSchema)]
#[schema(as = Automation)]
pub(super) struct AutomationShown {
    slug: String,
    name: String,
    kind: Kind,
    category: Category,
    /// Slug of its site.
    site: String,
    /// Address of its owner.
    owner: Option<String>,
    trigger: Option<String>,
    input_scope: Option<String>,
    expected_output: Option<String>,
    approval_gate: Option<String>,
    retry_limit: Option<i32>,
    notification_path: Option<String>,
    pause_rule: Option<String>,
    rollback_path: Option<String>,
    /// Where it is registered to run.
    environment: Environment,
    touches: Touches,
    provider: Option<String>,
    model: Option<String>,
    prompt_version: Option<String>,
    /// Failed runs within the window that pause it; null: the installation's setting.
    failure_limit: Option<i32>,
    failure_minutes: Option<i32>,
    /// What it may spend in 24 hours, currency units; null: no limit.
    daily_budget: Option<f64>,
    /// Was its approval requirement relaxed, after enough reviewed successful runs?
    approval_relaxed: bool,
    /// Fields of the definition that keep its gate closed.
    missing: Vec<Field>,
    /// The widest scope that was earned.
    scope: RunScope,
    /// What its gate says now, in production.
    gate: Gate,
    /// How often its gate was asked, since it was registered.
    asks: i64,
    /// When last; null: never. What does not ask cannot be stopped.
    last_asked_at: Option<String>,
    created_at: String,
    version: i32,
}

/// What a gate says, without a lease.
#[derive(Serialize, ToSchema)]
#[schema(as = GateState)]
pub(super) struct Gate {
    /// `open` or `closed`.
    verdict: &'static str,
    /// Why it is closed.
    reasons: Vec<Reason>,
}

fn show(connection: &mut Connection, row: AutomationRow, desk: &Desk) -> Result<AutomationShown, Failure> {
    let (verdict, reasons) = match ask_gate::verdict(connection, &row, desk.now())? {
        Verdict::Open(_) => ("open", Vec::new()),
        Verdict::Closed(reasons) => ("closed", reasons),
    };
    let site = sight::promised(sites::find(connection, &row.site_id))?.slug;
    let asked = count_asks::of(connection, &desk.gate, &row.id)?;
    Ok(AutomationShown {
        asks: asked.times,
        last_asked_at: asked.last_at.map(Moment::rfc3339),
        missing: row.missing(),
        owner: owner_of(connection, &row)?,
        environment: row.environment,
        touches: row.touches(),
        provider: row.provider,
        model: row.model,
        prompt_version: row.prompt_version,
        failure_limit: row.failure_limit,
        failure_minutes: row.failure_minutes,
        daily_budget: row.daily_budget.map(cost_in_units),
        approval_relaxed: row.approval_relaxed,
        slug: row.slug,
        name: row.name,
        kind: row.kind,
        category: row.category,
        site,
        trigger: row.run_trigger,
        input_scope: row.input_scope,
        expected_output: row.expected_output,
        approval_gate: row.approval_gate,
        retry_limit: row.retry_limit,
        notification_path: row.notification_path,
        pause_rule: row.pause_rule,
        rollback_path: row.rollback_path,
        scope: row.scope,
        gate: Gate { verdict, reasons },
        created_at: row.created_at.rfc3339(),
        version: row.version,
    })
}

fn owner_of(connection: &mut Connection, row: &AutomationRow) -> Result<Option<String>, Failure> {
    match &row.owner_id {
        Some(id) => Ok(Some(sight::promised(people::find(connection, id))?.email)),
        None => Ok(None),
    }
}

/// `GET /api/v1/automations`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let mut rows = match query.filter("site") {
                Some(slug) => {
                    let site = sight::site(connection, &bearer.0, slug, Act::ReadRegistry)?;
                    automations::of_site(connection, &site.id)?
                }
                None => automations::list(connection)?,
            };
            rows.retain(|row| bearer.0.may(Act::ReadRegistry, &row.site_id));
            let rows = page_of(rows, &query, |row| row.id.to_string());
            let Listing { items, next_cursor } = Listing::of(rows, query.limit(), |row| row.id.to_string(), |row| row);
            let items = items.into_iter().map(|row| show(connection, row, desk)).collect::<Result<_, _>>()?;
            Ok(Listing::<AutomationShown> { items, next_cursor })
        })
    })
    .await
}

/// `GET /api/v1/automations/{slug}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = sight::automation(connection, &bearer.0, &slug, Act::ReadRegistry)?;
                show(connection, row, desk)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `POST /api/v1/automations`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let automation = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            register_automation::create(&desk, &bearer.0, form(json(&body)?)?)
        })
        .await?;
    Ok(created(&automation))
}

fn form(new: NewAutomation) -> Result<AutomationForm, Failure> {
    let mut errors = Vec::new();
    let kind = word::<Kind>("kind", new.kind.as_deref(), &mut errors);
    let kind = needed("kind", kind, &format!("Say what it is: {}.", Kind::choices()), &mut errors);
    let category = word::<Category>("category", new.category.as_deref(), &mut errors);
    let how = format!("Say what it belongs to: {}.", Category::choices());
    let category = needed("category", category, &how, &mut errors);
    let site = needed("site", new.site, "Name its site by the slug.", &mut errors);
    let environment = word::<Environment>("environment", new.environment.as_deref(), &mut errors);
    let daily_budget = budget(new.daily_budget, &mut errors);
    let (Some(kind), Some(category), Some(site), true) = (kind, category, site, errors.is_empty()) else {
        return Err(Failure::Invalid(errors));
    };
    Ok(AutomationForm {
        slug: new.slug.unwrap_or_default(),
        name: new.name.unwrap_or_default(),
        kind,
        category,
        site,
        owner: new.owner,
        trigger: new.trigger,
        input_scope: new.input_scope,
        expected_output: new.expected_output,
        approval_gate: new.approval_gate,
        retry_limit: new.retry_limit,
        notification_path: new.notification_path,
        pause_rule: new.pause_rule,
        rollback_path: new.rollback_path,
        operation: Operation {
            environment: environment.unwrap_or(Environment::Production),
            touches: new.touches.unwrap_or_default(),
            provider: new.provider,
            model: new.model,
            prompt_version: new.prompt_version,
            failure_limit: new.failure_limit,
            failure_minutes: new.failure_minutes,
            daily_budget,
        },
    })
}

/// A budget in currency units as it is kept.
fn budget(units: Option<f64>, errors: &mut Vec<FieldError>) -> Option<i64> {
    let kept = cost_in_millionths(units?);
    if kept.is_none() {
        errors.push(FieldError::new("daily_budget", format!("Use a number from 0 to {COST_MAX}.")));
    }
    kept
}

/// `PATCH /api/v1/automations/{slug}`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    if_match: IfMatch,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let changed = state.run(move |desk| patch(desk, &bearer.0, &slug, &if_match, &json(&body)?)).await?;
    Ok(versioned(changed.version, &changed))
}

/// How often a change without `If-Match` is laid over again when somebody else was faster.
const ROUNDS: usize = 5;

fn patch(
    desk: &Desk,
    actor: &Actor,
    slug: &str,
    if_match: &IfMatch,
    change: &AutomationChange,
) -> Result<RegisteredAutomation, Failure> {
    for _ in 0..ROUNDS {
        let (row, owner) = desk.read(|connection| {
            let row = sight::automation(connection, actor, slug, Act::ManageRegistry)?;
            let owner = owner_of(connection, &row)?;
            Ok::<_, Failure>((row, owner))
        })?;
        if_match.admit(row.version)?;
        let version = row.version;
        match register_automation::change(desk, actor, slug, Some(version), laid_over(row, owner, change.clone())?) {
            Err(Failure::Stale) => {}
            other => return other,
        }
    }
    Err(Failure::Stale)
}

fn laid_over(row: AutomationRow, owner: Option<String>, change: AutomationChange) -> Result<AutomationForm, Failure> {
    let mut errors = Vec::new();
    let kind = word::<Kind>("kind", change.kind.as_deref(), &mut errors);
    let category = word::<Category>("category", change.category.as_deref(), &mut errors);
    let environment = word::<Environment>("environment", change.environment.as_deref(), &mut errors);
    let daily_budget = match change.daily_budget {
        Some(units) => budget(units, &mut errors),
        None => row.daily_budget,
    };
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let kept = Operation::from(&row);
    Ok(AutomationForm {
        operation: Operation {
            environment: environment.unwrap_or(kept.environment),
            touches: change.touches.unwrap_or(kept.touches),
            provider: change.provider.unwrap_or(kept.provider),
            model: change.model.unwrap_or(kept.model),
            prompt_version: change.prompt_version.unwrap_or(kept.prompt_version),
            failure_limit: change.failure_limit.unwrap_or(kept.failure_limit),
            failure_minutes: change.failure_minutes.unwrap_or(kept.failure_minutes),
            daily_budget,
        },
        slug: row.slug,
        name: change.name.unwrap_or(row.name),
        kind: kind.unwrap_or(row.kind),
        category: category.unwrap_or(row.category),
        // The act keeps the site.
        site: String::new(),
        owner: change.owner.unwrap_or(owner),
        trigger: change.trigger.unwrap_or(row.run_trigger),
        input_scope: change.input_scope.unwrap_or(row.input_scope),
        expected_output: change.expected_output.unwrap_or(row.expected_output),
        approval_gate: change.approval_gate.unwrap_or(row.approval_gate),
        retry_limit: change.retry_limit.unwrap_or(row.retry_limit),
        notification_path: change.notification_path.unwrap_or(row.notification_path),
        pause_rule: change.pause_rule.unwrap_or(row.pause_rule),
        rollback_path: change.rollback_path.unwrap_or(row.rollback_path),
    })
}
