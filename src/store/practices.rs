//! Practices, what is held against them, and the reviews that they ask for.

use super::record::record;
use super::schema::{practice_attestations, practice_reviews, practice_runs, practices};
use super::{Connection, Error, Json};
use crate::domain::ids::{AttestationId, PersonId, PracticeId, PracticeReviewId, PracticeRunId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::Role;
use crate::domain::practice::{Practice, PracticeOccasion, SubjectKind};
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One version of a practice; versions are never changed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = practices, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PracticeRow {
    /// Primary key.
    pub id: PracticeId,
    /// The practice's name.
    pub name: String,
    /// Which version.
    pub version: i32,
    /// What it says.
    pub definition: Json<Practice>,
    /// Is it the text of the product?
    pub shipped: bool,
    /// What was said of it.
    pub note: Option<String>,
    /// Who wrote it: an actor's reference.
    pub written_by: String,
    /// When.
    pub written_at: Moment,
}
record!(PracticeRow, practices);

/// Something held against a practice.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = practice_runs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PracticeRunRow {
    /// Primary key.
    pub id: PracticeRunId,
    /// The practice's name.
    pub practice: String,
    /// Which version.
    pub version: i32,
    /// What kind of thing.
    pub subject_kind: SubjectKind,
    /// Its id.
    pub subject_id: String,
    /// Its site.
    pub site_id: SiteId,
    /// Who opened it: an actor's reference.
    pub opened_by: String,
    /// When.
    pub opened_at: Moment,
}
record!(PracticeRunRow, practice_runs);

/// A person's word about one line.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = practice_attestations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AttestationRow {
    /// Primary key.
    pub id: AttestationId,
    /// Which run.
    pub run_id: PracticeRunId,
    /// Which line.
    pub line_id: String,
    /// Which version.
    pub version: i32,
    /// As what.
    pub role: Role,
    /// What shows it.
    pub evidence: Option<Redacted>,
    /// Who.
    pub attested_by: PersonId,
    /// When.
    pub attested_at: Moment,
}
record!(AttestationRow, practice_attestations);

/// A review that the cadence asks for.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = practice_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PracticeReviewRow {
    /// Primary key.
    pub id: PracticeReviewId,
    /// Which run.
    pub run_id: PracticeRunId,
    /// Which line.
    pub line_id: String,
    /// What asked for it.
    pub occasion: PracticeOccasion,
    /// When.
    pub opened_at: Moment,
    /// From then on it is overdue.
    pub due_at: Moment,
    /// What was said of it.
    pub note: Option<Redacted>,
    /// Who did it.
    pub done_by: Option<PersonId>,
    /// When.
    pub done_at: Option<Moment>,
}
record!(PracticeReviewRow, practice_reviews);

/// Every version of every practice, newest first.
pub fn all(connection: &mut Connection) -> Result<Vec<PracticeRow>, Error> {
    Ok(practices::table
        .order((practices::name.asc(), practices::version.desc()))
        .select(PracticeRow::as_select())
        .load(connection)?)
}

/// The newest version of each practice, by name.
pub fn newest(connection: &mut Connection) -> Result<Vec<PracticeRow>, Error> {
    let mut rows = all(connection)?;
    rows.dedup_by(|later, earlier| later.name == earlier.name);
    Ok(rows)
}

/// The versions of a practice, newest first.
pub fn versions(connection: &mut Connection, name: &str) -> Result<Vec<PracticeRow>, Error> {
    Ok(practices::table
        .filter(practices::name.eq(name))
        .order(practices::version.desc())
        .select(PracticeRow::as_select())
        .load(connection)?)
}

/// One version of a practice.
pub fn version(connection: &mut Connection, name: &str, version: i32) -> Result<PracticeRow, Error> {
    Ok(practices::table
        .filter(practices::name.eq(name).and(practices::version.eq(version)))
        .select(PracticeRow::as_select())
        .first(connection)?)
}

/// The run with this id.
pub fn find_run(connection: &mut Connection, id: &PracticeRunId) -> Result<PracticeRunRow, Error> {
    Ok(practice_runs::table.find(id).select(PracticeRunRow::as_select()).first(connection)?)
}

/// The run of a practice over one subject.
pub fn run_of(
    connection: &mut Connection,
    practice: &str,
    kind: SubjectKind,
    subject: &str,
) -> Result<Option<PracticeRunRow>, Error> {
    Ok(practice_runs::table
        .filter(practice_runs::practice.eq(practice))
        .filter(practice_runs::subject_kind.eq(kind).and(practice_runs::subject_id.eq(subject)))
        .select(PracticeRunRow::as_select())
        .first(connection)
        .optional()?)
}

/// Every run, newest first.
pub fn runs(connection: &mut Connection) -> Result<Vec<PracticeRunRow>, Error> {
    Ok(practice_runs::table.order(practice_runs::id.desc()).select(PracticeRunRow::as_select()).load(connection)?)
}

/// The runs of one site, oldest first.
pub fn runs_on(connection: &mut Connection, site: &SiteId) -> Result<Vec<PracticeRunRow>, Error> {
    Ok(practice_runs::table
        .filter(practice_runs::site_id.eq(site))
        .order(practice_runs::id.asc())
        .select(PracticeRunRow::as_select())
        .load(connection)?)
}

/// The attestations of a run, oldest first.
pub fn attestations(connection: &mut Connection, run: &PracticeRunId) -> Result<Vec<AttestationRow>, Error> {
    Ok(practice_attestations::table
        .filter(practice_attestations::run_id.eq(run))
        .order(practice_attestations::id.asc())
        .select(AttestationRow::as_select())
        .load(connection)?)
}

/// The review with this id.
pub fn find_review(connection: &mut Connection, id: &PracticeReviewId) -> Result<PracticeReviewRow, Error> {
    Ok(practice_reviews::table.find(id).select(PracticeReviewRow::as_select()).first(connection)?)
}

/// The reviews of a run, oldest first.
pub fn reviews(connection: &mut Connection, run: &PracticeRunId) -> Result<Vec<PracticeReviewRow>, Error> {
    Ok(practice_reviews::table
        .filter(practice_reviews::run_id.eq(run))
        .order(practice_reviews::id.asc())
        .select(PracticeReviewRow::as_select())
        .load(connection)?)
}

/// Reviews that wait, the most urgent first, at most `limit`.
pub fn open_reviews(
    connection: &mut Connection,
    sites: Option<&[SiteId]>,
    limit: i64,
) -> Result<Vec<PracticeReviewRow>, Error> {
    let mut query = practice_reviews::table
        .inner_join(practice_runs::table.on(practice_runs::id.eq(practice_reviews::run_id)))
        .filter(practice_reviews::done_at.is_null())
        .select(PracticeReviewRow::as_select())
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(practice_runs::site_id.eq_any(sites.to_vec()));
    }
    Ok(query.order((practice_reviews::due_at.asc(), practice_reviews::id.asc())).limit(limit).load(connection)?)
}
