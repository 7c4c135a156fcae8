//! Regression checks and their results.

use super::record::record;
use super::schema::{check_results, checks};
use super::{Connection, Error, Json};
use crate::domain::configuration::Configuration;
use crate::domain::ids::{CheckId, IncidentId, PersonId, ResultId};
use crate::domain::moment::Moment;
use crate::domain::review::Outcome;
use crate::redaction::Redacted;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// One check.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = checks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CheckRow {
    /// Primary key.
    pub id: CheckId,
    /// The incident that asks for it.
    pub incident_id: IncidentId,
    /// What is checked.
    pub title: Redacted,
    /// What must come out.
    pub expected: Redacted,
    /// Who asked for it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Moment,
}
record!(CheckRow, checks, incident_id is found by title, expected);

/// One result. Only the newest counts.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = check_results, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ResultRow {
    /// Primary key.
    pub id: ResultId,
    /// Of which check.
    pub check_id: CheckId,
    /// What came out.
    pub outcome: Outcome,
    /// What shows it.
    pub evidence: Redacted,
    /// Who ran it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: Moment,
    /// What each automation that the incident paused was made of when this was recorded, by the automation's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Json<BTreeMap<String, Configuration>>>,
    /// Since when it no longer counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<Moment>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided_because: Option<String>,
}
record!(ResultRow, check_results);

/// The check with this id.
pub fn find(connection: &mut Connection, id: &CheckId) -> Result<CheckRow, Error> {
    Ok(checks::table.find(id).select(CheckRow::as_select()).first(connection)?)
}

/// The result with this id.
pub fn find_result(connection: &mut Connection, id: &ResultId) -> Result<ResultRow, Error> {
    Ok(check_results::table.find(id).select(ResultRow::as_select()).first(connection)?)
}

/// The checks of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<CheckRow>, Error> {
    Ok(checks::table
        .filter(checks::incident_id.eq(incident))
        .order(checks::id.asc())
        .select(CheckRow::as_select())
        .load(connection)?)
}

/// The results of a check, newest first.
pub fn results(connection: &mut Connection, check: &CheckId) -> Result<Vec<ResultRow>, Error> {
    Ok(check_results::table
        .filter(check_results::check_id.eq(check))
        .order(check_results::id.desc())
        .select(ResultRow::as_select())
        .load(connection)?)
}

/// The checks of these incidents whose newest result is no pass, oldest first.
pub fn not_passed(connection: &mut Connection, incidents: Vec<IncidentId>) -> Result<Vec<CheckRow>, Error> {
    let mut all: Vec<CheckRow> = checks::table
        .filter(checks::incident_id.eq_any(incidents))
        .order(checks::id.asc())
        .select(CheckRow::as_select())
        .load(connection)?;
    let ids: Vec<CheckId> = all.iter().map(|check| check.id.clone()).collect();
    let outcomes: Vec<(CheckId, Outcome)> = check_results::table
        .filter(check_results::check_id.eq_any(ids))
        .filter(check_results::voided_at.is_null())
        .order(check_results::id.asc())
        .select((check_results::check_id, check_results::outcome))
        .load(connection)?;
    let newest: HashMap<CheckId, Outcome> = outcomes.into_iter().collect();
    all.retain(|check| newest.get(&check.id) != Some(&Outcome::Pass));
    Ok(all)
}
