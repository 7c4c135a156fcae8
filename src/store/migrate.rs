//! Brings the schema up to date: what both databases share, and what only one of them can say, in one order.

use super::{Connection, Error};
use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SHARED: EmbeddedMigrations = embed_migrations!("migrations/shared");

/// Applies the migrations that are not applied yet; returns how many those were.
pub(super) fn apply(connection: &mut Connection) -> Result<usize, Error> {
    match connection {
        Connection::Sqlite(c) => run(c),
        Connection::Postgres(c) => run(c),
    }
}

fn run<DB: Backend>(connection: &mut impl MigrationHarness<DB>) -> Result<usize, Error> {
    let applied =
        connection.run_pending_migrations(InOrder).map_err(|e| Error::Refused(format!("a migration failed: {e}")))?;
    Ok(applied.len())
}

/// All migrations for one database, sorted by version.
struct InOrder;

impl<DB: Backend> MigrationSource<DB> for InOrder {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = MigrationSource::<DB>::migrations(&SHARED)?;
        all.sort_by_key(|migration| migration.name().version().as_owned());
        Ok(all)
    }
}
