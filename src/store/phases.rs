//! Phases of a restart, and the certificate of its decision.

use super::record::record;
use super::schema::{certificates, phases};
use super::{Connection, Error, Json};
use crate::domain::automation::RunScope;
use crate::domain::configuration::Configuration;
use crate::domain::ids::{AutomationId, IncidentId, KeyId, PhaseId, RequestId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// A scope that was opened, with its soak time. The newest one without an end is the present one.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = phases, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PhaseRow {
    /// Primary key.
    pub id: PhaseId,
    /// Which automation.
    pub automation_id: AutomationId,
    /// The restart request whose approval opened the first phase; none for an automation that was never paused by an incident.
    pub request_id: Option<RequestId>,
    /// That request's incident.
    pub incident_id: Option<IncidentId>,
    /// What it opened.
    pub scope: RunScope,
    /// How far later phases may go.
    pub ceiling: RunScope,
    /// What the automation was made of.
    pub configuration: Json<Configuration>,
    /// What shows that the phase before went well; none for the first.
    pub evidence: Option<Redacted>,
    /// Who opened it: an actor's reference.
    pub opened_by: String,
    /// When.
    pub opened_at: Moment,
    /// The next phase cannot be opened before.
    pub soak_until: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Why: the next phase, a pause, a failure, drift.
    pub ended_because: Option<String>,
}
record!(PhaseRow, phases);

/// The signed document of an approved restart: its key is the request's. Never changed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = certificates, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CertificateRow {
    /// The request, and primary key.
    pub id: RequestId,
    /// What is signed: JSON, byte for byte.
    pub statement: String,
    /// The key that signed it.
    pub key_id: KeyId,
    /// Ed25519 over the statement, base64.
    pub signature: String,
    /// When.
    pub issued_at: Moment,
}
record!(CertificateRow, certificates);

/// The present phase of an automation.
pub fn present(connection: &mut Connection, automation: &AutomationId) -> Result<Option<PhaseRow>, Error> {
    Ok(phases::table
        .filter(phases::automation_id.eq(automation).and(phases::ended_at.is_null()))
        .order(phases::id.desc())
        .select(PhaseRow::as_select())
        .first(connection)
        .optional()?)
}

/// Every phase that has not ended, oldest first.
pub fn all_present(connection: &mut Connection) -> Result<Vec<PhaseRow>, Error> {
    Ok(phases::table
        .filter(phases::ended_at.is_null())
        .order(phases::id.asc())
        .select(PhaseRow::as_select())
        .load(connection)?)
}

/// The phases of an automation, newest first.
pub fn of_automation(connection: &mut Connection, automation: &AutomationId) -> Result<Vec<PhaseRow>, Error> {
    Ok(phases::table
        .filter(phases::automation_id.eq(automation))
        .order(phases::id.desc())
        .select(PhaseRow::as_select())
        .load(connection)?)
}

/// The certificate of a request, if it was approved.
pub fn certificate(connection: &mut Connection, request: &RequestId) -> Result<Option<CertificateRow>, Error> {
    Ok(certificates::table.find(request).select(CertificateRow::as_select()).first(connection).optional()?)
}

/// The present phases that a request's decision led to.
pub fn of_request(connection: &mut Connection, request: &RequestId) -> Result<Vec<PhaseRow>, Error> {
    Ok(phases::table
        .filter(phases::request_id.eq(request).and(phases::ended_at.is_null()))
        .order(phases::id.asc())
        .select(PhaseRow::as_select())
        .load(connection)?)
}

/// The phase with this id.
pub fn find(connection: &mut Connection, id: &PhaseId) -> Result<PhaseRow, Error> {
    Ok(phases::table.find(id).select(PhaseRow::as_select()).first(connection)?)
}
