//! Forms that a person could not send, because their session had ended: encrypted, and kept for a short while.

use super::schema::drafts;
use super::{Connection, Error, Tx};
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// One encrypted form.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = drafts, treat_none_as_default_value = false)]
pub struct DraftRow {
    /// SHA-256 of the cookie that owns it.
    pub hash: String,
    /// The person whose session had ended, if that is known: nobody else gets it back.
    pub person_id: Option<String>,
    /// Where the form was going.
    pub path: String,
    /// The form's fields, encrypted.
    pub sealed: String,
    /// When it is forgotten.
    pub expires_at: Moment,
}

/// Keeps a form.
pub fn keep(tx: &mut Tx, draft: &DraftRow) -> Result<(), Error> {
    diesel::insert_into(drafts::table).values(draft).execute(tx.connection())?;
    Ok(())
}

/// A form that was kept and has not been forgotten.
pub fn find(connection: &mut Connection, hash: &str, now: Moment) -> Result<Option<DraftRow>, Error> {
    Ok(drafts::table
        .find(hash)
        .filter(drafts::expires_at.gt(now))
        .select(DraftRow::as_select())
        .first(connection)
        .optional()?)
}

/// Forgets one form.
pub fn forget(tx: &mut Tx, hash: &str) -> Result<(), Error> {
    diesel::delete(drafts::table.find(hash)).execute(tx.connection())?;
    Ok(())
}

/// Forgets the forms whose time is over.
pub fn forget_expired(tx: &mut Tx) -> Result<usize, Error> {
    let now = tx.now();
    Ok(diesel::delete(drafts::table.filter(drafts::expires_at.lt(now))).execute(tx.connection())?)
}
