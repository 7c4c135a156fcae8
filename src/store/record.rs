//! Rows that are history: each write of one leaves an entry in the audit chain with the row's digest.

use super::search::Document;
use super::{Connection, Error};
use crate::domain::ids::IncidentId;
use sha2::{Digest, Sha256};

/// A row that the audit chain vouches for.
pub trait Record: serde::Serialize + Sized {
    /// Its table.
    const TABLE: &'static str;
    /// Its primary key.
    fn key(&self) -> String;
    /// Writes it for the first time.
    fn insert(&self, connection: &mut Connection) -> Result<(), Error>;
    /// Writes it over its earlier self.
    fn update(&self, connection: &mut Connection) -> Result<(), Error>;
    /// The row with this key, if there is one.
    fn by_key(connection: &mut Connection, key: &str) -> Result<Option<Self>, Error>;
    /// The rows behind this key, in the order of keys, at most `limit`.
    fn page(connection: &mut Connection, after: &str, limit: i64) -> Result<Vec<Self>, Error>;
    /// The keys behind this one, in order, at most `limit`.
    fn keys(connection: &mut Connection, after: &str, limit: i64) -> Result<Vec<String>, Error>;

    /// The incident that is found by the words of this row.
    fn found_as(&self) -> Option<&IncidentId> {
        None
    }

    /// Adds the words by which it is found.
    fn add_words(&self, _: &mut Document) {}

    /// SHA-256 over the row's JSON, columns in the order of the table.
    fn digest(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(&json))
    }
}

/// Binds a row type to its table; and names the incident that is found by it, with the columns that hold the words.
macro_rules! record {
    ($row:ty, $table:ident) => { $crate::store::record::record! { @of $row, $table, } };
    ($row:ty, $table:ident, $incident:ident is found by $($text:ident),+) => {
        $crate::store::record::record! { @of $row, $table,
            fn found_as(&self) -> Option<&$crate::domain::ids::IncidentId> {
                Some(&self.$incident)
            }

            fn add_words(&self, document: &mut $crate::store::search::Document) {
                use $crate::store::search::Worded;
                $(self.$text.add_words(document);)+
            }
        }
    };
    (@of $row:ty, $table:ident, $($search:tt)*) => {
        impl $crate::store::Record for $row {
            const TABLE: &'static str = stringify!($table);

            fn key(&self) -> String {
                self.id.as_str().to_owned()
            }

            fn insert(&self, connection: &mut $crate::store::Connection) -> Result<(), $crate::store::Error> {
                diesel::insert_into($table::table).values(self).execute(connection)?;
                Ok(())
            }

            fn update(&self, connection: &mut $crate::store::Connection) -> Result<(), $crate::store::Error> {
                match diesel::update($table::table.find(&self.id)).set(self).execute(connection)? {
                    1 => Ok(()),
                    _ => Err($crate::store::Error::NotFound),
                }
            }

            fn by_key(
                connection: &mut $crate::store::Connection,
                key: &str,
            ) -> Result<Option<Self>, $crate::store::Error> {
                Ok($table::table.find(key).select(Self::as_select()).first(connection).optional()?)
            }

            fn page(
                connection: &mut $crate::store::Connection,
                after: &str,
                limit: i64,
            ) -> Result<Vec<Self>, $crate::store::Error> {
                Ok($table::table
                    .filter($table::id.gt(after.to_owned()))
                    .order($table::id.asc())
                    .limit(limit)
                    .select(Self::as_select())
                    .load(connection)?)
            }

            fn keys(
                connection: &mut $crate::store::Connection,
                after: &str,
                limit: i64,
            ) -> Result<Vec<String>, $crate::store::Error> {
                Ok($table::table
                    .filter($table::id.gt(after.to_owned()))
                    .order($table::id.asc())
                    .limit(limit)
                    .select($table::id)
                    .load(connection)?)
            }

            $($search)*
        }
    };
}
pub(super) use record;
