//! A connection to either database, chosen by the address.
//!
//! We choose by scheme ourselves: the `establish` that diesel derives tries one backend after the other, and would
//! silently make an SQLite file out of a mistyped PostgreSQL address.

use super::Error;
use diesel::connection::SimpleConnection;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use std::path::PathBuf;

/// A connection to one of the two databases. The rest of the house knows it as [`super::Connection`]; the derive needs
/// that name for diesel's own trait.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Where the data is.
#[derive(Clone)]
pub enum Address {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL address, possibly with a password in it.
    Postgres(String),
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Address::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Checkpointed {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

impl AnyConnection {
    /// SQLite: moves the whole write-ahead log into the database and cuts it to nothing; true when somebody was in the
    /// way.
    pub(super) fn empty_log(&mut self) -> Result<bool, Error> {
        use diesel::RunQueryDsl as _;
        let done: Checkpointed = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(self)?;
        Ok(done.busy != 0)
    }
}

impl Address {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`. Anything else is refused.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err("names no file: write sqlite:PATH".to_owned());
            }
            return Ok(Address::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Address::Postgres(text.to_owned()));
        }
        Err("starts with neither sqlite: nor postgres://".to_owned())
    }

    /// Opens a connection that may write.
    pub fn open(&self) -> Result<AnyConnection, Error> {
        match self {
            Address::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())
                    .map_err(|e| Error::Unavailable(format!("{}: {e}", path.display())))?;
                connection.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; \
                     PRAGMA cache_size = -16000;",
                )?;
                Ok(AnyConnection::Sqlite(connection))
            }
            Address::Postgres(url) => {
                let mut connection = PgConnection::establish(url).map_err(|_| {
                    // libpq's words can repeat the address, and with it the password.
                    Error::Unavailable("PostgreSQL cannot be reached with the address given".to_owned())
                })?;
                connection.batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning;")?;
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }

    /// Opens a connection that can only read.
    pub fn open_reader(&self) -> Result<AnyConnection, Error> {
        let mut connection = self.open()?;
        match &mut connection {
            AnyConnection::Sqlite(c) => c.batch_execute("PRAGMA query_only = ON;")?,
            AnyConnection::Postgres(c) => c.batch_execute("SET default_transaction_read_only = on;")?,
        }
        Ok(connection)
    }
}

/// Makes pooled connections.
pub(super) struct Manager {
    pub(super) address: Address,
    pub(super) read_only: bool,
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = Error;

    fn connect(&self) -> Result<AnyConnection, Error> {
        if self.read_only { self.address.open_reader() } else { self.address.open() }
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        connection.batch_execute("SELECT 1").map_err(Error::from)
    }

    fn has_broken(&self, _: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_address_never_becomes_a_file() {
        assert!(Address::parse("postgress://localhost/x").is_err());
        assert!(Address::parse("data.db").is_err());
        assert!(Address::parse("sqlite:").is_err());
        assert!(matches!(Address::parse("sqlite:data.db"), Ok(Address::Sqlite(_))));
        assert!(matches!(Address::parse("postgres://u:p@h/d"), Ok(Address::Postgres(_))));
    }

    #[test]
    fn an_address_does_not_print_its_password() {
        let address = Address::parse("postgres://u:hush@h/d").unwrap();
        assert!(!format!("{address:?}").contains("hush"));
    }
}
