//! Escalations: a bundle on its way to somebody, and how far it came.

use super::incidents::{Behind, behind};
use super::record::record;
use super::schema::{escalations, hand_deliveries, incidents};
use super::{Connection, Error, Json};
use crate::domain::bundle::Audience;
use crate::domain::escalation::{Delivery, Routing};
use crate::domain::ids::{BundleId, EscalationId, IncidentId, PersonId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// One escalation. The mail itself is made of this row and the bundle, the same each time it is tried.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = escalations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EscalationRow {
    /// Primary key.
    pub id: EscalationId,
    /// Whose report it is.
    pub incident_id: IncidentId,
    /// The bundle that goes along.
    pub bundle_id: BundleId,
    /// Hosting, provider, vendor or internal.
    pub destination: Audience,
    /// The address; empty when it is delivered by hand.
    pub recipient: String,
    /// What the person wrote.
    pub message: Redacted,
    /// The four answers.
    pub routing: Json<Routing>,
    /// Why it goes elsewhere than they lead.
    pub override_reason: Option<Redacted>,
    /// What was removed from the message, per rule.
    pub counts: Json<BTreeMap<String, u64>>,
    /// The mail's `Message-ID`, the same in every try.
    pub message_id: String,
    /// Who sent it.
    pub sent_by: PersonId,
    /// When it was queued.
    pub queued_at: Moment,
    /// Where it stands.
    pub state: Delivery,
    /// How often it was tried.
    pub attempts: i32,
    /// Since when it is being tried; still set after a crash: then it may arrive twice.
    pub attempting_since: Option<Moment>,
    /// What the server said last.
    pub server_words: Option<Redacted>,
    /// When it was sent.
    pub settled_at: Option<Moment>,
}
record!(EscalationRow, escalations);

impl EscalationRow {
    /// Does a person deliver it, instead of a mail?
    pub fn is_by_hand(&self) -> bool {
        self.recipient.is_empty()
    }
}

/// The escalation with this id.
pub fn find(connection: &mut Connection, id: &EscalationId) -> Result<EscalationRow, Error> {
    Ok(escalations::table.find(id).select(EscalationRow::as_select()).first(connection)?)
}

/// The escalation whose mail carried this `Message-ID`, angle brackets included.
pub fn by_message_id(connection: &mut Connection, message_id: &str) -> Result<Option<EscalationRow>, Error> {
    Ok(escalations::table
        .filter(escalations::message_id.eq(message_id))
        .select(EscalationRow::as_select())
        .first(connection)
        .optional()?)
}

/// The escalations of an incident, newest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<EscalationRow>, Error> {
    Ok(escalations::table
        .filter(escalations::incident_id.eq(incident))
        .order(escalations::id.desc())
        .select(EscalationRow::as_select())
        .load(connection)?)
}

/// The newest escalations in a state.
pub fn in_state(
    connection: &mut Connection,
    behind: &Behind,
    state: Delivery,
    limit: i64,
) -> Result<Vec<EscalationRow>, Error> {
    let rows = escalations::table
        .inner_join(incidents::table.on(incidents::id.eq(escalations::incident_id)))
        .filter(escalations::state.eq(state))
        .select(EscalationRow::as_select());
    Ok(behind!(rows, behind).order(escalations::id.desc()).limit(limit).load(connection)?)
}

/// Escalations that wait for somebody to deliver them by hand, oldest first: those without an address, and those whose
/// mail lies in the outbox, of which the mailer said `outbox`.
pub fn to_deliver(
    connection: &mut Connection,
    behind: &Behind,
    outbox: &str,
    limit: i64,
) -> Result<Vec<EscalationRow>, Error> {
    let told = hand_deliveries::table.filter(hand_deliveries::escalation_id.eq(escalations::id));
    let without_address = escalations::recipient.eq("").and(escalations::state.eq(Delivery::Queued));
    let in_outbox = escalations::state.eq(Delivery::Sent).and(escalations::server_words.eq(outbox).assume_not_null());
    let rows = escalations::table
        .inner_join(incidents::table.on(incidents::id.eq(escalations::incident_id)))
        .filter(without_address.or(in_outbox))
        .filter(not(exists(told)))
        .select(EscalationRow::as_select());
    Ok(behind!(rows, behind).order(escalations::id.asc()).limit(limit).load(connection)?)
}
