//! Reviews, and the looks that the cadence asks for.

use super::record::record;
use super::schema::{review_points, reviews};
use super::{Connection, Error};
use crate::domain::ids::{IncidentId, PersonId, PointId};
use crate::domain::moment::Moment;
use crate::domain::review::{ChangeKind, Point};
use crate::redaction::Redacted;
use diesel::prelude::*;

/// The review of one incident.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReviewRow {
    /// The incident.
    pub id: IncidentId,
    /// Why it happened.
    pub root_cause: Option<Redacted>,
    /// What was noticed late, or not at all.
    pub detection_gaps: Option<Redacted>,
    /// What would have helped to know.
    pub missing_evidence: Option<Redacted>,
    /// What kept it from being worse.
    pub safeguards_worked: Option<Redacted>,
    /// What should have, and did not.
    pub safeguards_failed: Option<Redacted>,
    /// What kind of thing was changed.
    pub change_kind: Option<ChangeKind>,
    /// Where the change can be seen.
    pub change_link: Option<Redacted>,
    /// Version or state before.
    pub change_before: Option<Redacted>,
    /// Version or state after.
    pub change_after: Option<Redacted>,
    /// Who wrote it last.
    pub written_by: PersonId,
    /// When.
    pub written_at: Moment,
    /// Counts changes, for ETags.
    pub version: i32,
}
record!(
    ReviewRow, reviews, id is found by root_cause, detection_gaps, missing_evidence, safeguards_worked, safeguards_failed,
    change_link, change_before, change_after
);

/// A look that the cadence asks for: when reported, before support contact, after recovery.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = review_points, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PointRow {
    /// Primary key.
    pub id: PointId,
    /// Whose.
    pub incident_id: IncidentId,
    /// Which of the three.
    pub point: Point,
    /// Since when it is asked for.
    pub since: Moment,
    /// Who looked.
    pub done_by: Option<PersonId>,
    /// When.
    pub done_at: Option<Moment>,
}
record!(PointRow, review_points);

/// The review of an incident.
pub fn find(connection: &mut Connection, incident: &IncidentId) -> Result<Option<ReviewRow>, Error> {
    Ok(reviews::table.find(incident).select(ReviewRow::as_select()).first(connection).optional()?)
}

/// The looks of an incident, in their order.
pub fn points(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<PointRow>, Error> {
    Ok(review_points::table
        .filter(review_points::incident_id.eq(incident))
        .order(review_points::id.asc())
        .select(PointRow::as_select())
        .load(connection)?)
}
