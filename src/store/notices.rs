//! Mail to our own people: nothing is switched off in silence.

use super::record::record;
use super::schema::notices;
use super::{Connection, Error};
use crate::domain::cadence::NoticeKind;
use crate::domain::escalation::Delivery;
use crate::domain::ids::{NoticeId, PersonId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One mail, and how far it came.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = notices, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct NoticeRow {
    /// Primary key.
    pub id: NoticeId,
    /// To whom.
    pub person_id: PersonId,
    /// Why.
    pub kind: NoticeKind,
    /// Its subject line.
    pub subject: Redacted,
    /// Its text.
    pub body: Redacted,
    /// The page it speaks of, below the base address.
    pub link: String,
    /// When it was queued.
    pub queued_at: Moment,
    /// Where it stands.
    pub state: Delivery,
    /// How often it was tried.
    pub attempts: i32,
    /// What the server said last.
    pub server_words: Option<Redacted>,
    /// When it was sent.
    pub settled_at: Option<Moment>,
}
record!(NoticeRow, notices);

/// The notice with this id.
pub fn find(connection: &mut Connection, id: &NoticeId) -> Result<NoticeRow, Error> {
    Ok(notices::table.find(id).select(NoticeRow::as_select()).first(connection)?)
}

/// The notices to a person, newest first.
pub fn of_person(connection: &mut Connection, person: &PersonId) -> Result<Vec<NoticeRow>, Error> {
    Ok(notices::table
        .filter(notices::person_id.eq(person))
        .order(notices::id.desc())
        .select(NoticeRow::as_select())
        .load(connection)?)
}

/// When the last notice of this kind about this page was queued.
pub fn last_about(connection: &mut Connection, kind: NoticeKind, link: &str) -> Result<Option<Moment>, Error> {
    Ok(notices::table
        .filter(notices::kind.eq(kind).and(notices::link.eq(link.to_owned())))
        .order(notices::queued_at.desc())
        .select(notices::queued_at)
        .first(connection)
        .optional()?)
}

/// The oldest notices in this state.
pub fn in_state(connection: &mut Connection, state: Delivery, limit: i64) -> Result<Vec<NoticeRow>, Error> {
    Ok(notices::table
        .filter(notices::state.eq(state))
        .order(notices::id.asc())
        .limit(limit)
        .select(NoticeRow::as_select())
        .load(connection)?)
}
