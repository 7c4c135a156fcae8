//! Brings the schema up to date: what both databases share, and what only one of them can say, in one order.

use super::{Connection, Error};
use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SHARED: EmbeddedMigrations = embed_migrations!("migrations/shared");
/// Only what the two databases say differently: full-text search.
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Applies the migrations that are not applied yet; returns how many those were.
pub(super) fn apply(connection: &mut Connection) -> Result<usize, Error> {
    match connection {
        Connection::Sqlite(c) => run(c, SQLITE),
        Connection::Postgres(c) => run(c, POSTGRES),
    }
}

/// Is the schema older than this program? Asked by a select of our own: diesel's harness would make its table first,
/// which a connection that only reads must not.
pub(super) fn is_pending(connection: &mut Connection) -> Result<bool, Error> {
    let Ok(applied) = applied(connection) else { return Ok(true) };
    let own = match connection {
        Connection::Sqlite(_) => SQLITE,
        Connection::Postgres(_) => POSTGRES,
    };
    let all = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&InOrder { own })
        .map_err(|e| Error::Refused(format!("the migrations cannot be read: {e}")))?;
    Ok(all.iter().any(|migration| !applied.contains(&migration.name().version().to_string())))
}

/// The versions that were applied; an error when there is not even the table that says so.
pub(super) fn applied(connection: &mut Connection) -> Result<Vec<String>, Error> {
    Ok(__diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(connection)?)
}

diesel::table! {
    /// Diesel's own list of what was applied.
    __diesel_schema_migrations (version) {
        /// Version of a migration.
        version -> Text,
    }
}

fn run<DB: Backend>(connection: &mut impl MigrationHarness<DB>, own: EmbeddedMigrations) -> Result<usize, Error> {
    let applied = connection
        .run_pending_migrations(InOrder { own })
        .map_err(|e| Error::Refused(format!("a migration failed: {e}")))?;
    Ok(applied.len())
}

/// All migrations for one database, sorted by version.
struct InOrder {
    /// Those of this database only.
    own: EmbeddedMigrations,
}

impl<DB: Backend> MigrationSource<DB> for InOrder {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = MigrationSource::<DB>::migrations(&SHARED)?;
        all.extend(MigrationSource::<DB>::migrations(&self.own)?);
        all.sort_by_key(|migration| migration.name().version().as_owned());
        Ok(all)
    }
}
