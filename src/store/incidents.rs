//! Incidents.

use super::record::record;
use super::schema::{incident_counters, incidents};
use super::{Connection, Error, Json, Tx};
use crate::domain::ids::{IncidentId, PersonId, SiteId};
use crate::domain::incident::{Facts, Impact, Severity, Status};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use chrono::Datelike;
use diesel::prelude::*;

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
record!(IncidentRow, incidents);

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
    /// Only incidents whose reference or title holds every one of these words.
    pub words: Vec<String>,
    /// Older than this one.
    pub before: Option<IncidentId>,
    /// Newer than this one.
    pub after: Option<IncidentId>,
}

diesel::define_sql_function! {
    /// Lower case. SQLite folds A to Z only, PostgreSQL every letter.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

type Holds = Box<
    dyn BoxableExpression<
            incidents::table,
            <Connection as diesel::Connection>::Backend,
            SqlType = diesel::sql_types::Bool,
        >,
>;

/// Does the reference or the title hold this word? `%`, `_` and `\` in it are looked for as they stand. The title is
/// looked at folded and as typed, because SQLite folds no letters beyond A to Z.
fn holds(word: &str) -> Holds {
    let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = format!("%{escaped}%");
    let folded = pattern.to_lowercase();
    Box::new(
        lower(incidents::title)
            .like(folded.clone())
            .escape('\\')
            .or(incidents::title.like(pattern).escape('\\'))
            .or(lower(incidents::reference).like(folded).escape('\\')),
    )
}

/// How many incidents pass the filter that are still worked on: few, whatever the size of the table.
pub fn count_open(connection: &mut Connection, filter: &Filter) -> Result<i64, Error> {
    let ended = vec![Status::Closed, Status::Cancelled];
    let mut query = incidents::table.filter(incidents::status.ne_all(ended)).count().into_boxed();
    match (&filter.sites, &filter.or_reported_by) {
        (Some(sites), Some(person)) => {
            query =
                query.filter(incidents::site_id.eq_any(sites.clone()).or(incidents::reported_by.eq(person.clone())));
        }
        (Some(sites), None) => query = query.filter(incidents::site_id.eq_any(sites.clone())),
        (None, _) => {}
    }
    Ok(query.get_result(connection)?)
}

/// The newest incidents that pass the filter, newest first; with `after`, the ones just newer than that.
pub fn list(connection: &mut Connection, filter: &Filter, limit: i64) -> Result<Vec<IncidentRow>, Error> {
    let mut query = incidents::table.select(IncidentRow::as_select()).into_boxed();
    match (&filter.sites, &filter.or_reported_by) {
        (Some(sites), Some(person)) => {
            let seen = incidents::site_id.eq_any(sites.clone());
            let own = incidents::reported_by.eq(person.clone());
            query = match &filter.own_on {
                Some(on) => query.filter(seen.or(own.and(incidents::site_id.eq_any(on.clone())))),
                None => query.filter(seen.or(own)),
            };
        }
        (Some(sites), None) => query = query.filter(incidents::site_id.eq_any(sites.clone())),
        (None, _) => {}
    }
    if let Some(status) = filter.status {
        query = query.filter(incidents::status.eq(status));
    }
    if filter.open_only {
        query = query.filter(incidents::status.ne_all(vec![Status::Closed, Status::Cancelled]));
    }
    if let Some(severity) = filter.severity {
        query = query.filter(incidents::severity.eq(severity));
    }
    if let Some(site) = &filter.site {
        query = query.filter(incidents::site_id.eq(site.clone()));
    }
    for word in &filter.words {
        query = query.filter(holds(word));
    }
    if let Some(before) = &filter.before {
        query = query.filter(incidents::id.lt(before.clone()));
    }
    if let Some(after) = &filter.after {
        let rows = query.filter(incidents::id.gt(after.clone())).order(incidents::id.asc()).limit(limit);
        let mut rows: Vec<IncidentRow> = rows.load(connection)?;
        rows.reverse();
        return Ok(rows);
    }
    Ok(query.order(incidents::id.desc()).limit(limit).load(connection)?)
}
