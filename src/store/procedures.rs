//! Procedures, who read them, who answered their situations, and who learns for which role.

use super::record::record;
use super::schema::{acknowledgements, enrolments, procedures, scenario_checks};
use super::{Connection, Error, Json};
use crate::domain::ids::{AcknowledgementId, EnrolmentId, PersonId, ProcedureId, ScenarioCheckId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::Role;
use crate::domain::procedure::{Behaviour, Procedure, ProcedureTopic};
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One version of a procedure; versions are never changed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = procedures, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProcedureRow {
    /// Primary key.
    pub id: ProcedureId,
    /// Name in addresses; it stays.
    pub slug: String,
    /// Which version.
    pub version: i32,
    /// For which role.
    pub role: Role,
    /// What it is about.
    pub topic: ProcedureTopic,
    /// What it says.
    pub content: Json<Procedure<Redacted>>,
    /// What was said of it.
    pub note: Option<Redacted>,
    /// Who wrote it: an actor's reference.
    pub written_by: String,
    /// When.
    pub written_at: Moment,
}
record!(ProcedureRow, procedures);

/// Somebody read one version of a procedure and says so.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = acknowledgements, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AcknowledgementRow {
    /// Primary key.
    pub id: AcknowledgementId,
    /// Which version of a procedure.
    pub procedure_id: ProcedureId,
    /// Who.
    pub person_id: PersonId,
    /// When.
    pub acknowledged_at: Moment,
}
record!(AcknowledgementRow, acknowledgements);

/// Somebody's answers to the five situations of one version, and what another person says of them.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = scenario_checks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CheckRow {
    /// Primary key.
    pub id: ScenarioCheckId,
    /// Which version of a procedure.
    pub procedure_id: ProcedureId,
    /// Who.
    pub person_id: PersonId,
    /// The behaviour chosen for each situation, in the order in which they were shown.
    pub answers: Json<Vec<Behaviour>>,
    /// Were all five right?
    pub all_fit: bool,
    /// When they were answered.
    pub answered_at: Moment,
    /// What the other person says; none: nobody has judged yet.
    pub passed: Option<bool>,
    /// What was said of it.
    pub note: Option<Redacted>,
    /// Who judged.
    pub judged_by: Option<PersonId>,
    /// When.
    pub judged_at: Option<Moment>,
}
record!(CheckRow, scenario_checks);

/// Somebody learns for a role before it is given to them.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = enrolments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EnrolmentRow {
    /// Primary key.
    pub id: EnrolmentId,
    /// Who.
    pub person_id: PersonId,
    /// For which role.
    pub role: Role,
    /// On which site; none: on every site.
    pub site_id: Option<SiteId>,
    /// Who asked for it: an actor's reference.
    pub opened_by: String,
    /// Since when.
    pub opened_at: Moment,
    /// Until when.
    pub ended_at: Option<Moment>,
}
record!(EnrolmentRow, enrolments);

/// Every version of every procedure, by name, the newest version of each first.
pub fn all(connection: &mut Connection) -> Result<Vec<ProcedureRow>, Error> {
    Ok(procedures::table
        .order((procedures::slug.asc(), procedures::version.desc()))
        .select(ProcedureRow::as_select())
        .load(connection)?)
}

/// The current version of each procedure, by name.
pub fn current(connection: &mut Connection) -> Result<Vec<ProcedureRow>, Error> {
    let mut rows = all(connection)?;
    rows.dedup_by(|later, earlier| later.slug == earlier.slug);
    Ok(rows)
}

/// The versions of a procedure, newest first.
pub fn versions(connection: &mut Connection, slug: &str) -> Result<Vec<ProcedureRow>, Error> {
    Ok(procedures::table
        .filter(procedures::slug.eq(slug))
        .order(procedures::version.desc())
        .select(ProcedureRow::as_select())
        .load(connection)?)
}

/// The version with this id.
pub fn find(connection: &mut Connection, id: &ProcedureId) -> Result<ProcedureRow, Error> {
    Ok(procedures::table.find(id).select(ProcedureRow::as_select()).first(connection)?)
}

/// What a person acknowledged, oldest first.
pub fn acknowledgements(connection: &mut Connection, person: &PersonId) -> Result<Vec<AcknowledgementRow>, Error> {
    Ok(acknowledgements::table
        .filter(acknowledgements::person_id.eq(person))
        .order(acknowledgements::id.asc())
        .select(AcknowledgementRow::as_select())
        .load(connection)?)
}

/// The answers of a person, oldest first.
pub fn checks(connection: &mut Connection, person: &PersonId) -> Result<Vec<CheckRow>, Error> {
    Ok(scenario_checks::table
        .filter(scenario_checks::person_id.eq(person))
        .order(scenario_checks::id.asc())
        .select(CheckRow::as_select())
        .load(connection)?)
}

/// The answers with this id.
pub fn find_check(connection: &mut Connection, id: &ScenarioCheckId) -> Result<CheckRow, Error> {
    Ok(scenario_checks::table.find(id).select(CheckRow::as_select()).first(connection)?)
}

/// Whose training somebody judges and reviews: rows about others are picked out before a list is cut.
#[derive(Clone, Debug)]
pub struct Trainees {
    /// Only whoever works or learns on one of these sites, or on every site; none: everybody.
    pub sites: Option<Vec<SiteId>>,
    /// Never this one: nobody judges themselves.
    pub except: Option<PersonId>,
}

/// Keeps of a query the rows whose `person_id` is among the trainees.
macro_rules! trained {
    ($query:expr, $person:expr, $trainees:expr) => {{
        use $crate::store::schema::{enrolments, grants};
        let (mut query, trainees): (_, &$crate::store::procedures::Trainees) = ($query.into_boxed(), $trainees);
        if let Some(me) = &trainees.except {
            query = query.filter($person.ne(me.clone()));
        }
        if let Some(sites) = &trainees.sites {
            let works = grants::table
                .filter(grants::revoked_at.is_null())
                .filter(grants::site_id.is_null().or(grants::site_id.eq_any(sites.clone()).assume_not_null()))
                .select(grants::person_id);
            let learns = enrolments::table
                .filter(enrolments::ended_at.is_null())
                .filter(enrolments::site_id.is_null().or(enrolments::site_id.eq_any(sites.clone()).assume_not_null()))
                .select(enrolments::person_id);
            query = query.filter($person.eq_any(works).or($person.eq_any(learns)));
        }
        query
    }};
}
pub(super) use trained;

/// Right answers of these people that nobody has judged, oldest first, at most `limit`.
pub fn checks_to_judge(connection: &mut Connection, of: &Trainees, limit: i64) -> Result<Vec<CheckRow>, Error> {
    let rows = scenario_checks::table
        .filter(scenario_checks::judged_at.is_null().and(scenario_checks::all_fit.eq(true)))
        .select(CheckRow::as_select());
    let rows = trained!(rows, scenario_checks::person_id, of);
    Ok(rows.order(scenario_checks::id.asc()).limit(limit).load(connection)?)
}

/// What a person learns for now, oldest first.
pub fn enrolments(connection: &mut Connection, person: &PersonId) -> Result<Vec<EnrolmentRow>, Error> {
    Ok(enrolments::table
        .filter(enrolments::person_id.eq(person).and(enrolments::ended_at.is_null()))
        .order(enrolments::id.asc())
        .select(EnrolmentRow::as_select())
        .load(connection)?)
}
