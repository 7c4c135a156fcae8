//! Automations.

use super::record::record;
use super::schema::{automations, people};
use super::{Connection, Error};
use crate::domain::automation::{Category, Environment, Field, Kind, RunScope, Touches};
use crate::domain::ids::{AutomationId, PersonId, SiteId};
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// A thing that can be paused, with its nine fields.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = automations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AutomationRow {
    /// Primary key.
    pub id: AutomationId,
    /// Name in addresses.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it belongs to.
    pub category: Category,
    /// Where it runs.
    pub site_id: SiteId,
    /// Who can pause it and explain its last run.
    pub owner_id: Option<PersonId>,
    /// What starts a run.
    pub run_trigger: Option<String>,
    /// What it may read.
    pub input_scope: Option<String>,
    /// What should come out.
    pub expected_output: Option<String>,
    /// Who approves what, before it takes effect.
    pub approval_gate: Option<String>,
    /// How often a failed run is tried again.
    pub retry_limit: Option<i32>,
    /// Who is told of a failure, and how.
    pub notification_path: Option<String>,
    /// When it must be paused.
    pub pause_rule: Option<String>,
    /// How its effects are undone.
    pub rollback_path: Option<String>,
    /// The widest scope that was earned.
    pub scope: RunScope,
    /// Counts changes, for ETags.
    pub version: i32,
    /// When it was registered.
    pub created_at: Moment,
    /// Where it is registered to run.
    #[serde(skip_serializing_if = "is_production")]
    pub environment: Environment,
    /// Does it write production data?
    #[serde(skip_serializing_if = "is_false")]
    pub writes_data: bool,
    /// Does it contact customers?
    #[serde(skip_serializing_if = "is_false")]
    pub contacts_customers: bool,
    /// Does it spend money?
    #[serde(skip_serializing_if = "is_false")]
    pub spends_money: bool,
    /// The AI provider it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The model it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version of its prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_version: Option<String>,
    /// Failures within the window that pause it; none: the installation's setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_limit: Option<i32>,
    /// The window, minutes; none: the installation's setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_minutes: Option<i32>,
    /// What it may spend in 24 hours, millionths of the currency unit; none: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_budget: Option<i64>,
    /// Was its approval requirement relaxed, after enough reviewed successful runs?
    #[serde(skip_serializing_if = "is_false")]
    pub approval_relaxed: bool,
}
record!(AutomationRow, automations);

/// Columns that came later are left out of the digest while they say what they said by default: rows from before keep
/// the digest that the audit chain holds.
fn is_false(value: &bool) -> bool {
    !value
}

fn is_production(environment: &Environment) -> bool {
    *environment == Environment::Production
}

impl AutomationRow {
    /// What it touches.
    pub fn touches(&self) -> Touches {
        Touches {
            writes_data: self.writes_data,
            contacts_customers: self.contacts_customers,
            spends_money: self.spends_money,
        }
    }

    /// The fields of the definition that are not filled, in the order of [`Field::ALL`].
    pub fn missing(&self) -> Vec<Field> {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        Field::ALL
            .iter()
            .copied()
            .filter(|field| match field {
                Field::Owner => self.owner_id.is_none(),
                Field::Trigger => blank(&self.run_trigger),
                Field::InputScope => blank(&self.input_scope),
                Field::ExpectedOutput => blank(&self.expected_output),
                Field::ApprovalGate => blank(&self.approval_gate),
                Field::RetryLimit => self.retry_limit.is_none(),
                Field::NotificationPath => blank(&self.notification_path),
                Field::PauseRule => blank(&self.pause_rule),
                Field::RollbackPath => blank(&self.rollback_path),
            })
            .collect()
    }
}

/// The automation with this slug.
pub fn by_slug(connection: &mut Connection, slug: &str) -> Result<Option<AutomationRow>, Error> {
    Ok(automations::table
        .filter(automations::slug.eq(slug))
        .select(AutomationRow::as_select())
        .first(connection)
        .optional()?)
}

/// The automation with this id.
pub fn find(connection: &mut Connection, id: &AutomationId) -> Result<AutomationRow, Error> {
    Ok(automations::table.find(id).select(AutomationRow::as_select()).first(connection)?)
}

/// All automations, by name.
pub fn list(connection: &mut Connection) -> Result<Vec<AutomationRow>, Error> {
    Ok(automations::table
        .order((automations::name.asc(), automations::id.asc()))
        .select(AutomationRow::as_select())
        .load(connection)?)
}

/// The automations of one site, by name.
pub fn of_site(connection: &mut Connection, site: &SiteId) -> Result<Vec<AutomationRow>, Error> {
    Ok(automations::table
        .filter(automations::site_id.eq(site))
        .order((automations::name.asc(), automations::id.asc()))
        .select(AutomationRow::as_select())
        .load(connection)?)
}

/// The automations that somebody owns, by name.
pub fn of_owner(connection: &mut Connection, owner: &PersonId) -> Result<Vec<AutomationRow>, Error> {
    Ok(automations::table
        .filter(automations::owner_id.eq(owner))
        .order((automations::name.asc(), automations::id.asc()))
        .select(AutomationRow::as_select())
        .load(connection)?)
}

/// The automations whose owner cannot sign in any more, by name.
pub fn of_departed(connection: &mut Connection) -> Result<Vec<AutomationRow>, Error> {
    Ok(automations::table
        .inner_join(people::table.on(automations::owner_id.eq(people::id.nullable())))
        .filter(people::active.eq(false))
        .order((automations::name.asc(), automations::id.asc()))
        .select(AutomationRow::as_select())
        .load(connection)?)
}

/// The automations with these ids, in any order.
pub fn by_ids(connection: &mut Connection, ids: Vec<AutomationId>) -> Result<Vec<AutomationRow>, Error> {
    Ok(automations::table.filter(automations::id.eq_any(ids)).select(AutomationRow::as_select()).load(connection)?)
}
