//! Restart requests and decisions, and who took part before them.

use super::incidents::{Behind, IncidentRow, behind};
use super::record::record;
use super::schema::{actions, checks, criteria, incidents, participations, pauses, restart_requests, reviews};
use super::{Connection, Error, Json};
use crate::domain::automation::RunScope;
use crate::domain::configuration::Configuration;
use crate::domain::ids::{IncidentId, ParticipationId, PauseId, PersonId, RequestId};
use crate::domain::moment::Moment;
use crate::domain::review::{RequestState, Taking};
use crate::redaction::Redacted;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// One request, with its decision.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = restart_requests, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RequestRow {
    /// Primary key.
    pub id: RequestId,
    /// The incident whose pauses it asks to lift.
    pub incident_id: IncidentId,
    /// How far it asks to go.
    pub scope: RunScope,
    /// Why, in the words of whoever asks.
    pub note: Redacted,
    /// The pauses it asks to lift: exactly these.
    pub pauses: Json<Vec<PauseId>>,
    /// What it rests on.
    pub fingerprint: String,
    /// Who asks.
    pub requested_by: PersonId,
    /// When.
    pub requested_at: Moment,
    /// Where it stands.
    pub state: RequestState,
    /// Who decided.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Moment>,
    /// Why.
    pub reason: Option<Redacted>,
    /// When it was voided.
    pub voided_at: Option<Moment>,
    /// By what.
    pub voided_because: Option<String>,
    /// What each automation that it asks for was made of, by the automation's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Json<BTreeMap<String, Configuration>>>,
}
record!(RequestRow, restart_requests);

/// Somebody's part in an incident. Never taken back.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = participations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ParticipationRow {
    /// Primary key.
    pub id: ParticipationId,
    /// The incident.
    pub incident_id: IncidentId,
    /// Who.
    pub person_id: PersonId,
    /// What they did.
    pub part: Taking,
    /// When first.
    pub since: Moment,
}
record!(ParticipationRow, participations);

/// The request with this id.
pub fn find(connection: &mut Connection, id: &RequestId) -> Result<RequestRow, Error> {
    Ok(restart_requests::table.find(id).select(RequestRow::as_select()).first(connection)?)
}

/// The requests of an incident, newest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<RequestRow>, Error> {
    Ok(restart_requests::table
        .filter(restart_requests::incident_id.eq(incident))
        .order(restart_requests::id.desc())
        .select(RequestRow::as_select())
        .load(connection)?)
}

/// The requests that wait for a decision, oldest first.
pub fn open(connection: &mut Connection, behind: &Behind, limit: i64) -> Result<Vec<RequestRow>, Error> {
    let rows = restart_requests::table
        .inner_join(incidents::table.on(incidents::id.eq(restart_requests::incident_id)))
        .filter(restart_requests::state.eq(RequestState::Open))
        .select(RequestRow::as_select());
    Ok(behind!(rows, behind).order(restart_requests::id.asc()).limit(limit).load(connection)?)
}

/// Who took part in an incident.
pub fn participations(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<ParticipationRow>, Error> {
    Ok(participations::table
        .filter(participations::incident_id.eq(incident))
        .order(participations::id.asc())
        .select(ParticipationRow::as_select())
        .load(connection)?)
}

/// The participation with this id.
pub fn participation(connection: &mut Connection, id: &ParticipationId) -> Result<ParticipationRow, Error> {
    Ok(participations::table.find(id).select(ParticipationRow::as_select()).first(connection)?)
}

/// Open incidents, oldest first, that hold a pause and have no open request, and whose review, actions and criteria are
/// there and done as far as a query can tell: those in which the rules may find nothing that blocks.
pub fn to_ask(connection: &mut Connection, behind: &Behind, limit: i64) -> Result<Vec<IncidentRow>, Error> {
    // What holds leads, by its own index: it is little, and of incidents and of all pauses there may be many.
    let held = pauses::table.filter(pauses::released_at.is_null()).select(pauses::incident_id);
    let asked = restart_requests::table
        .filter(restart_requests::incident_id.eq(incidents::id))
        .filter(restart_requests::state.eq(RequestState::Open))
        .select(restart_requests::id);
    let reviewed = reviews::table.filter(reviews::id.eq(incidents::id)).select(reviews::id);
    let planned = actions::table.filter(actions::incident_id.eq(incidents::id)).select(actions::id);
    let checked = checks::table.filter(checks::incident_id.eq(incidents::id)).select(checks::id);
    let stated = criteria::table.filter(criteria::incident_id.eq(incidents::id)).select(criteria::id);
    let rows = incidents::table
        .filter(incidents::id.nullable().eq_any(held).and(not(exists(asked))).and(exists(reviewed)))
        .filter(exists(planned).and(not(exists(planned.filter(actions::verified_at.is_null())))))
        .filter(exists(checked).and(exists(stated)).and(not(exists(stated.filter(criteria::shown_at.is_null())))))
        .select(IncidentRow::as_select());
    Ok(behind!(rows, behind).order(incidents::id.asc()).limit(limit).load(connection)?)
}
