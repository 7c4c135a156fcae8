//! Escalations that somebody delivered by hand.

use super::record::record;
use super::schema::hand_deliveries;
use super::{Connection, Error};
use crate::domain::by_hand::Way;
use crate::domain::ids::{EntryId, EscalationId, HandDeliveryId, PersonId};
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// One delivery by hand. What was said is an entry of the timeline.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = hand_deliveries, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct HandDeliveryRow {
    /// Primary key.
    pub id: HandDeliveryId,
    /// What was delivered.
    pub escalation_id: EscalationId,
    /// Its words.
    pub entry_id: EntryId,
    /// How they were reached.
    pub way: Way,
    /// Did the bundle go along? Else it was told in words.
    pub with_bundle: bool,
    /// When they were told.
    pub told_at: Moment,
    /// Who told them, and recorded it.
    pub recorded_by: PersonId,
    /// When it was recorded.
    pub recorded_at: Moment,
}
record!(HandDeliveryRow, hand_deliveries);

/// The deliveries of an escalation, oldest first.
pub fn of_escalation(connection: &mut Connection, escalation: &EscalationId) -> Result<Vec<HandDeliveryRow>, Error> {
    Ok(hand_deliveries::table
        .filter(hand_deliveries::escalation_id.eq(escalation))
        .order(hand_deliveries::id.asc())
        .select(HandDeliveryRow::as_select())
        .load(connection)?)
}
