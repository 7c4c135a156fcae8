//! Rows that are history: each write of one leaves an entry in the audit chain with the row's digest.

use super::{Connection, Error};
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
    /// All rows of the table.
    fn all(connection: &mut Connection) -> Result<Vec<Self>, Error>;

    /// SHA-256 over the row's JSON, columns in the order of the table.
    fn digest(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(&json))
    }
}

/// Binds a row type to its table.
macro_rules! record {
    ($row:ty, $table:ident) => {
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

            fn all(connection: &mut $crate::store::Connection) -> Result<Vec<Self>, $crate::store::Error> {
                Ok($table::table.select(Self::as_select()).load(connection)?)
            }
        }
    };
}
pub(super) use record;
