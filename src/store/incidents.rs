//! Incidents.

use super::record::record;
use super::schema::{incident_counters, incidents};
use super::search::{self, Edge};
use super::{Connection, Error, Json, Tx};
use crate::domain::ids::{IncidentId, PersonId, SiteId};
use crate::domain::incident::{Facts, Impact, Severity, Status};
use crate::domain::moment::Moment;
use crate::domain::search::Wanted;
use crate::redaction::Redacted;
use chrono::Datelike;
use diesel::dsl::{self, AsSelect, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::HashMap;

/// One incident.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = incidents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct IncidentRow {
    /// Primary key.
    pub id: IncidentId,
    /// `INC-2026-0001`.
    pub reference: String,
    /// What happened, in a line.
    pub title: Redacted,
    /// Where the work stands.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// The six dimensions.
    pub impact: Json<Impact>,
    /// Where it happened.
    pub site_id: SiteId,
    /// Who leads; nobody yet is shown in red.
    pub lead_id: Option<PersonId>,
    /// Who filed it.
    pub reported_by: PersonId,
    /// When it happened.
    pub occurred_at: Moment,
    /// The zone in which that was stated.
    pub occurred_zone: String,
    /// When somebody noticed.
    pub detected_at: Option<Moment>,
    /// When it was filed.
    pub reported_at: Moment,
    /// When the harm stopped.
    pub mitigated_at: Option<Moment>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Moment>,
    /// The facts of the report.
    pub facts: Json<Facts<Redacted>>,
    /// Why there is no evidence to seal.
    pub no_evidence_reason: Option<Redacted>,
    /// The key of its placeholders, wrapped.
    pub secret_key: String,
    /// The values that its evidence revealed, wrapped; gone with the last original.
    pub known_values: Option<String>,
    /// Counts the growth of `known_values`: evidence redacted with fewer is redacted again.
    pub known_generation: i32,
    /// Counts changes, for ETags.
    pub version: i32,
}
record!(IncidentRow, incidents, id is found by title, facts, no_evidence_reason);

/// Takes the next reference of the year, `INC-2026-0001`. Numbers never repeat; a filing that fails leaves no gap,
/// because its transaction takes the number back.
pub fn next_reference(tx: &mut Tx) -> Result<String, Error> {
    let year = tx.now().utc().year();
    let connection = tx.connection();
    let last: Option<i32> =
        incident_counters::table.find(year).select(incident_counters::last_number).first(connection).optional()?;
    let number = last.unwrap_or(0) + 1;
    let row = (incident_counters::year.eq(year), incident_counters::last_number.eq(number));
    if last.is_some() {
        diesel::update(incident_counters::table.find(year)).set(row).execute(connection)?;
    } else {
        diesel::insert_into(incident_counters::table).values(row).execute(connection)?;
    }
    Ok(format!("INC-{year}-{number:04}"))
}

/// The incident with this reference.
pub fn by_reference(connection: &mut Connection, reference: &str) -> Result<Option<IncidentRow>, Error> {
    Ok(incidents::table
        .filter(incidents::reference.eq(reference))
        .select(IncidentRow::as_select())
        .first(connection)
        .optional()?)
}

/// The incident with this id.
pub fn find(connection: &mut Connection, id: &IncidentId) -> Result<IncidentRow, Error> {
    Ok(incidents::table.find(id).select(IncidentRow::as_select()).first(connection)?)
}

/// [`Status::is_open`], word for word as the index of open incidents says it; a bound word would not be known to be one
/// of these.
pub(super) const IS_OPEN: &str = "incidents.status NOT IN ('closed', 'cancelled')";

/// Which incidents are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these sites; none: every site.
    pub sites: Option<Vec<SiteId>>,
    /// And those that this person filed.
    pub or_reported_by: Option<PersonId>,
    /// On these sites; none: on every site.
    pub own_on: Option<Vec<SiteId>>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only incidents that are still worked on.
    pub open_only: bool,
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Only this site.
    pub site: Option<SiteId>,
    /// Only incidents that hold these words.
    pub wanted: Option<Wanted>,
    /// Older than this one.
    pub before: Option<IncidentId>,
    /// Newer than this one.
    pub after: Option<IncidentId>,
}

/// On which incidents the rows lie that somebody may deal with: they are picked before a list is cut, so that what waits
/// elsewhere does not push out what waits for them.
#[derive(Clone, Debug)]
pub struct Behind {
    /// Only of these sites; none: of every site.
    pub sites: Option<Vec<SiteId>>,
    /// Only of incidents that are still worked on.
    pub open_only: bool,
}

/// Keeps of a query that joins `incidents` the rows that lie so. The conditions are none that an index answers: the rows
/// that wait are few and lead the way; by its index a site would lead over all its incidents.
macro_rules! behind {
    ($query:expr, $behind:expr) => {{
        let (query, behind): (_, &$crate::store::incidents::Behind) = ($query, $behind);
        let mut query = query.into_boxed();
        if behind.open_only {
            // Not false of a row without an incident, and no condition that the index of open incidents answers.
            let is_open = format!("({}) IS NOT FALSE", $crate::store::incidents::IS_OPEN);
            query = query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>(&is_open));
        }
        if let Some(sites) = &behind.sites {
            query = query.filter($crate::store::schema::incidents::site_id.concat("").eq_any(sites.clone()));
        }
        query
    }};
}
pub(super) use behind;

type Backend = <Connection as diesel::Connection>::Backend;
type Condition = Box<dyn BoxableExpression<incidents::table, Backend, SqlType = Bool>>;
type Rows = dsl::IntoBoxed<'static, dsl::Select<incidents::table, AsSelect<IncidentRow, Backend>>, Backend>;

/// What a row must be to pass the filter, but for words and page; and, where somebody sees only some sites, the ways in
/// which they may see it.
fn conditions(filter: &Filter) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    if let Some(status) = filter.status {
        all.push(Box::new(incidents::status.eq(status)));
    }
    if let Some(severity) = filter.severity {
        all.push(Box::new(incidents::severity.eq(severity)));
    }
    if let Some(site) = &filter.site {
        all.push(Box::new(incidents::site_id.eq(site.clone())));
    }
    all
}

/// What this person may see: on their sites everything, elsewhere what they filed themselves.
fn in_sight(filter: &Filter) -> Option<Condition> {
    let sites = filter.sites.clone()?;
    let seen = incidents::site_id.eq_any(sites);
    Some(match (filter.or_reported_by.clone(), filter.own_on.clone()) {
        (None, _) => Box::new(seen),
        (Some(person), None) => Box::new(seen.or(incidents::reported_by.eq(person))),
        (Some(person), Some(on)) => {
            Box::new(seen.or(incidents::reported_by.eq(person).and(incidents::site_id.eq_any(on))))
        }
    })
}

/// How many incidents pass the filter, whatever its words and page.
pub fn count(connection: &mut Connection, filter: &Filter) -> Result<i64, Error> {
    let mut query = incidents::table.count().into_boxed();
    if filter.open_only {
        // By the index over the status: counting what is not closed would look at all that is.
        let open: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
        query = query.filter(incidents::status.eq_any(open));
    }
    for condition in conditions(filter).into_iter().chain(in_sight(filter)) {
        query = query.filter(condition);
    }
    Ok(query.get_result(connection)?)
}

/// The newest incidents that pass the filter, newest first; with `after`, the ones just newer than that.
pub fn list(connection: &mut Connection, filter: &Filter, limit: i64) -> Result<Vec<IncidentRow>, Error> {
    if let Some(wanted) = &filter.wanted {
        return found(connection, filter, wanted, usize::try_from(limit).unwrap_or_default());
    }
    let mut rows: Vec<IncidentRow> = Vec::new();
    for way in ways(filter) {
        let mut query = passing(filter).filter(way);
        query = match (&filter.before, &filter.after) {
            (_, Some(after)) => query.filter(incidents::id.gt(after.clone())).order(incidents::id.asc()),
            (Some(before), None) => query.filter(incidents::id.lt(before.clone())).order(incidents::id.desc()),
            (None, None) => query.order(incidents::id.desc()),
        };
        rows.extend(query.limit(limit).load::<IncidentRow>(connection)?);
    }
    rows.sort_by(|a, b| b.id.cmp(&a.id));
    rows.dedup_by(|a, b| a.id == b.id);
    let limit = usize::try_from(limit).unwrap_or_default();
    if filter.after.is_some() {
        rows.drain(..rows.len().saturating_sub(limit));
    }
    rows.truncate(limit);
    Ok(rows)
}

/// The conditions, as a query over whole rows.
fn passing(filter: &Filter) -> Rows {
    let mut query = incidents::table.select(IncidentRow::as_select()).into_boxed();
    if filter.open_only {
        query = query.filter(sql::<Bool>(IS_OPEN));
    }
    for condition in conditions(filter) {
        query = query.filter(condition);
    }
    query
}

/// The ways in which somebody may see an incident, each of which one index walks in the order of the list: all
/// incidents, those of one of their sites, their own. Asked together, a database would read and sort all of them.
fn ways(filter: &Filter) -> Vec<Condition> {
    let Some(sites) = &filter.sites else { return vec![Box::new(sql::<Bool>("TRUE"))] };
    let mut ways: Vec<Condition> = Vec::new();
    for site in sites.iter().filter(|site| filter.site.as_ref().is_none_or(|only| only == *site)) {
        ways.push(Box::new(incidents::site_id.eq(site.clone())));
    }
    if let Some(person) = &filter.or_reported_by {
        let own = incidents::reported_by.eq(person.clone());
        ways.push(match &filter.own_on {
            None => Box::new(own),
            Some(on) => Box::new(own.and(incidents::site_id.eq_any(on.clone()))),
        });
    }
    ways
}

/// Hits that are looked at first, and at most at once.
const HITS_FIRST: usize = 64;
const HITS_MAX: usize = 4_096;

/// Like [`list`] for words: walks the index from the edge of the page on, until enough hits pass the filter.
fn found(
    connection: &mut Connection,
    filter: &Filter,
    wanted: &Wanted,
    limit: usize,
) -> Result<Vec<IncidentRow>, Error> {
    let mut edge = match (&filter.before, &filter.after) {
        (_, Some(after)) => Edge::After(after.clone()),
        (Some(before), None) => Edge::Before(before.clone()),
        (None, None) => Edge::Newest,
    };
    let (mut rows, mut step): (Vec<IncidentRow>, usize) = (Vec::new(), HITS_FIRST);
    while rows.len() < limit {
        let hits = search::find(connection, wanted, filter, &edge, i32::try_from(step).unwrap_or(i32::MAX))?;
        let Some(last) = hits.last().cloned() else { break };
        let mut query = passing(filter).filter(incidents::id.eq_any(hits.clone()));
        if let Some(condition) = in_sight(filter) {
            query = query.filter(condition);
        }
        let mut passed: HashMap<IncidentId, IncidentRow> =
            query.load::<IncidentRow>(connection)?.into_iter().map(|row| (row.id.clone(), row)).collect();
        rows.extend(hits.iter().filter_map(|id| passed.remove(id)).take(limit - rows.len()));
        if hits.len() < step {
            break;
        }
        edge = if filter.after.is_some() { Edge::After(last) } else { Edge::Before(last) };
        step = (step * 4).min(HITS_MAX);
    }
    if filter.after.is_some() {
        rows.reverse();
    }
    Ok(rows)
}

/// The incidents with these ids, in no order.
pub fn by_ids(connection: &mut Connection, ids: Vec<IncidentId>) -> Result<Vec<IncidentRow>, Error> {
    Ok(incidents::table.filter(incidents::id.eq_any(ids)).select(IncidentRow::as_select()).load(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_index_of_open_incidents_says_is_the_rule_of_open_incidents() {
        let ended: Vec<String> =
            Status::ALL.iter().filter(|status| !status.is_open()).map(|status| format!("'{status}'")).collect();
        assert_eq!(IS_OPEN, format!("incidents.status NOT IN ({})", ended.join(", ")));
        let index = include_str!("../../migrations/shared/2026-11-21-000005_lists/up.sql");
        assert!(index.contains(&IS_OPEN.replace("incidents.", "WHERE ")));
    }
}
