//! Reviews that the cadence asks for, flags that must be escalated, and outside events.

use super::automations::AutomationRow;
use super::record::record;
use super::schema::{automation_reviews, automations, changes, flags, runs};
use super::{Connection, Error, Json};
use crate::domain::automation::Environment;
use crate::domain::cadence::{FlagKind, Occasion, OutsideChange};
use crate::domain::ids::{AutomationId, AutomationReviewId, ChangeId, FlagId, IncidentId, PersonId, SiteId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// A review of an automation that an occasion asked for.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = automation_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AutomationReviewRow {
    /// Primary key.
    pub id: AutomationReviewId,
    /// Which automation.
    pub automation_id: AutomationId,
    /// What asked for it.
    pub occasion: Occasion,
    /// The run or the change behind it, by id; of a monthly one, its month (`2026-11`).
    pub subject: Option<String>,
    /// Since when it is asked for.
    pub opened_at: Moment,
    /// From then on it is overdue.
    pub due_at: Moment,
    /// What the review found.
    pub note: Option<Redacted>,
    /// Who did it.
    pub done_by: Option<PersonId>,
    /// When.
    pub done_at: Option<Moment>,
}
record!(AutomationReviewRow, automation_reviews);

/// Something that must be escalated. Dismissed only with a reason.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = flags, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FlagRow {
    /// Primary key.
    pub id: FlagId,
    /// Which automation.
    pub automation_id: AutomationId,
    /// What.
    pub kind: FlagKind,
    /// The run behind it, by id.
    pub subject: Option<String>,
    /// Since when.
    pub raised_at: Moment,
    /// Who dismissed it.
    pub dismissed_by: Option<PersonId>,
    /// When.
    pub dismissed_at: Option<Moment>,
    /// Why.
    pub dismissed_because: Option<Redacted>,
}
record!(FlagRow, flags);

/// An outside event that was reported.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = changes, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ChangeRow {
    /// Primary key.
    pub id: ChangeId,
    /// What happened.
    pub kind: OutsideChange,
    /// Where.
    pub site_id: SiteId,
    /// What is known of it.
    pub note: Redacted,
    /// Who reported it: an actor's reference.
    pub reported_by: String,
    /// When.
    pub reported_at: Moment,
    /// The incident that it opened.
    pub incident_id: Option<IncidentId>,
    /// Slugs of what it paused.
    pub paused: Json<Vec<String>>,
}
record!(ChangeRow, changes);

/// The review with this id.
pub fn find_review(connection: &mut Connection, id: &AutomationReviewId) -> Result<AutomationReviewRow, Error> {
    Ok(automation_reviews::table.find(id).select(AutomationReviewRow::as_select()).first(connection)?)
}

/// The reviews of an automation, newest first.
pub fn reviews_of(connection: &mut Connection, automation: &AutomationId) -> Result<Vec<AutomationReviewRow>, Error> {
    Ok(automation_reviews::table
        .filter(automation_reviews::automation_id.eq(automation))
        .order(automation_reviews::id.desc())
        .select(AutomationReviewRow::as_select())
        .load(connection)?)
}

/// Every review that waits to be done, oldest first.
pub fn open_reviews(connection: &mut Connection) -> Result<Vec<AutomationReviewRow>, Error> {
    Ok(automation_reviews::table
        .filter(automation_reviews::done_at.is_null())
        .order(automation_reviews::id.asc())
        .select(AutomationReviewRow::as_select())
        .load(connection)?)
}

/// Automations that were registered before a moment and lack the monthly review of `month`, at most `limit`.
pub fn without_monthly_review(
    connection: &mut Connection,
    month: &str,
    registered_before: Moment,
    limit: i64,
) -> Result<Vec<AutomationRow>, Error> {
    let made = automation_reviews::table
        .filter(automation_reviews::automation_id.eq(automations::id))
        .filter(automation_reviews::occasion.eq(Occasion::Monthly).and(automation_reviews::subject.eq(month)));
    Ok(automations::table
        .filter(automations::created_at.lt(registered_before))
        .filter(diesel::dsl::not(diesel::dsl::exists(made)))
        .order(automations::id.asc())
        .limit(limit)
        .select(AutomationRow::as_select())
        .load(connection)?)
}

/// Automations that never ran and lack the review before their first run, at most `limit`.
pub fn without_first_review(connection: &mut Connection, limit: i64) -> Result<Vec<AutomationRow>, Error> {
    let made = automation_reviews::table
        .filter(automation_reviews::automation_id.eq(automations::id))
        .filter(automation_reviews::occasion.eq(Occasion::BeforeFirstRun));
    let ran = runs::table.filter(runs::automation_id.eq(automations::id));
    Ok(automations::table
        .filter(diesel::dsl::not(diesel::dsl::exists(made)))
        .filter(diesel::dsl::not(diesel::dsl::exists(ran)))
        .order(automations::id.asc())
        .limit(limit)
        .select(AutomationRow::as_select())
        .load(connection)?)
}

/// Automations that touch what must be escalated and never had such a flag, at most `limit`.
pub fn without_flag(connection: &mut Connection, kind: FlagKind, limit: i64) -> Result<Vec<AutomationRow>, Error> {
    let raised = flags::table.filter(flags::automation_id.eq(automations::id)).filter(flags::kind.eq(kind));
    let query = automations::table
        .filter(diesel::dsl::not(diesel::dsl::exists(raised)))
        .order(automations::id.asc())
        .limit(limit)
        .select(AutomationRow::as_select());
    Ok(match kind {
        FlagKind::WritesProductionData => query
            .filter(automations::writes_data.eq(true).and(automations::environment.eq(Environment::Production)))
            .load(connection)?,
        FlagKind::CustomerFacingOutput => query.filter(automations::contacts_customers.eq(true)).load(connection)?,
        FlagKind::RepeatsFailures | FlagKind::NoVisibleOwner => Vec::new(),
    })
}

/// The flag with this id.
pub fn find_flag(connection: &mut Connection, id: &FlagId) -> Result<FlagRow, Error> {
    Ok(flags::table.find(id).select(FlagRow::as_select()).first(connection)?)
}

/// The flags of an automation, newest first.
pub fn flags_of(connection: &mut Connection, automation: &AutomationId) -> Result<Vec<FlagRow>, Error> {
    Ok(flags::table
        .filter(flags::automation_id.eq(automation))
        .order(flags::id.desc())
        .select(FlagRow::as_select())
        .load(connection)?)
}

/// Every flag that nobody has dismissed, oldest first.
pub fn open_flags(connection: &mut Connection) -> Result<Vec<FlagRow>, Error> {
    Ok(flags::table
        .filter(flags::dismissed_at.is_null())
        .order(flags::id.asc())
        .select(FlagRow::as_select())
        .load(connection)?)
}

/// The oldest flags on these sites (none: on every site) that nobody has dismissed.
pub fn open_flags_on(connection: &mut Connection, sites: Option<&[SiteId]>, limit: i64) -> Result<Vec<FlagRow>, Error> {
    let mut query = flags::table
        .inner_join(automations::table.on(automations::id.eq(flags::automation_id)))
        .filter(flags::dismissed_at.is_null())
        .select(FlagRow::as_select())
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(automations::site_id.eq_any(sites.to_vec()));
    }
    Ok(query.order(flags::id.asc()).limit(limit).load(connection)?)
}

/// The reviews that wait for the owner of their automation, the first due first.
pub fn open_reviews_of_owner(
    connection: &mut Connection,
    owner: &PersonId,
    limit: i64,
) -> Result<Vec<AutomationReviewRow>, Error> {
    Ok(automation_reviews::table
        .inner_join(automations::table.on(automations::id.eq(automation_reviews::automation_id)))
        .filter(automations::owner_id.eq(owner).and(automation_reviews::done_at.is_null()))
        .order((automation_reviews::due_at.asc(), automation_reviews::id.asc()))
        .limit(limit)
        .select(AutomationReviewRow::as_select())
        .load(connection)?)
}

/// The overdue reviews on these sites (none: on every site), the longest overdue first.
pub fn overdue_reviews_on(
    connection: &mut Connection,
    sites: Option<&[SiteId]>,
    now: Moment,
    limit: i64,
) -> Result<Vec<AutomationReviewRow>, Error> {
    let mut query = automation_reviews::table
        .inner_join(automations::table.on(automations::id.eq(automation_reviews::automation_id)))
        .filter(automation_reviews::done_at.is_null().and(automation_reviews::due_at.le(now)))
        .select(AutomationReviewRow::as_select())
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(automations::site_id.eq_any(sites.to_vec()));
    }
    let order = (automation_reviews::due_at.asc(), automation_reviews::id.asc());
    Ok(query.order(order).limit(limit).load(connection)?)
}

/// The change with this id.
pub fn find_change(connection: &mut Connection, id: &ChangeId) -> Result<ChangeRow, Error> {
    Ok(changes::table.find(id).select(ChangeRow::as_select()).first(connection)?)
}

/// The newest outside events of these sites (none: of every site), newest first, older than `before`.
pub fn changes_of(
    connection: &mut Connection,
    sites: Option<&[SiteId]>,
    before: Option<&ChangeId>,
    limit: i64,
) -> Result<Vec<ChangeRow>, Error> {
    let mut query = changes::table.into_boxed();
    if let Some(sites) = sites {
        query = query.filter(changes::site_id.eq_any(sites.to_vec()));
    }
    if let Some(before) = before {
        query = query.filter(changes::id.lt(before.clone()));
    }
    Ok(query.order(changes::id.desc()).limit(limit).select(ChangeRow::as_select()).load(connection)?)
}
