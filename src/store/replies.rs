//! Answers to escalations.

use super::escalations::EscalationRow;
use super::incidents::{Behind, behind};
use super::record::record;
use super::schema::{escalations, incidents, replies};
use super::{Connection, Error};
use crate::domain::ids::{EntryId, EscalationId, PersonId, ReplyId};
use crate::domain::moment::Moment;
use crate::domain::reply::ReplySender;
use diesel::prelude::*;

/// One answer. Its words are an entry of the timeline.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = replies, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReplyRow {
    /// Primary key.
    pub id: ReplyId,
    /// What it answers.
    pub escalation_id: EscalationId,
    /// Its words.
    pub entry_id: EntryId,
    /// By this it is told from others: its `Message-ID`, hashed, or the hash of all of it.
    pub message_key: String,
    /// Where it says that it comes from.
    pub sender: ReplySender,
    /// Did a program write it?
    pub automatic: bool,
    /// How many files came with it.
    pub files: i32,
    /// When it came.
    pub received_at: Moment,
    /// Who said that they read it.
    pub read_by: Option<PersonId>,
    /// When.
    pub read_at: Option<Moment>,
}
record!(ReplyRow, replies);

/// The answer with this id.
pub fn find(connection: &mut Connection, id: &ReplyId) -> Result<ReplyRow, Error> {
    Ok(replies::table.find(id).select(ReplyRow::as_select()).first(connection)?)
}

/// The answers to an escalation, oldest first.
pub fn of_escalation(connection: &mut Connection, escalation: &EscalationId) -> Result<Vec<ReplyRow>, Error> {
    Ok(replies::table
        .filter(replies::escalation_id.eq(escalation))
        .order(replies::id.asc())
        .select(ReplyRow::as_select())
        .load(connection)?)
}

/// Answers that nobody read, oldest first, at most `limit`, each with what it answers. What a program wrote waits for
/// nobody.
pub fn unread(
    connection: &mut Connection,
    behind: &Behind,
    limit: i64,
) -> Result<Vec<(ReplyRow, EscalationRow)>, Error> {
    let rows = replies::table
        .inner_join(escalations::table.on(escalations::id.eq(replies::escalation_id)))
        .inner_join(incidents::table.on(incidents::id.eq(escalations::incident_id)))
        .filter(replies::read_at.is_null().and(replies::automatic.eq(false)))
        .select((ReplyRow::as_select(), EscalationRow::as_select()));
    Ok(behind!(rows, behind).order(replies::id.asc()).limit(limit).load(connection)?)
}
