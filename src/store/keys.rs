//! Keys of this installation, wrapped by the key file. Nodes share them through the database.

use super::record::record;
use super::schema::keys;
use super::{Connection, Error};
use crate::domain::ids::KeyId;
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// One wrapped key.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = keys, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct KeyRow {
    /// Primary key; the `kid` of what it signs.
    pub id: KeyId,
    /// `signing` or `pseudonym`.
    pub purpose: String,
    /// The public half, base64, where there is one.
    pub public_key: Option<String>,
    /// The secret half, wrapped.
    pub wrapped: String,
    /// When it was made.
    pub made_at: Moment,
    /// When a newer one took its place.
    pub retired_at: Option<Moment>,
}
record!(KeyRow, keys);

/// All keys, newest first.
pub fn list(connection: &mut Connection) -> Result<Vec<KeyRow>, Error> {
    Ok(keys::table.order(keys::id.desc()).select(KeyRow::as_select()).load(connection)?)
}

/// The key in use for a purpose.
pub fn current(connection: &mut Connection, purpose: &str) -> Result<Option<KeyRow>, Error> {
    Ok(keys::table
        .filter(keys::purpose.eq(purpose).and(keys::retired_at.is_null()))
        .order(keys::id.asc())
        .select(KeyRow::as_select())
        .first(connection)
        .optional()?)
}
