//! The database as the rest of the program sees it: `read` and `write`.
//!
//! One write at a time, on both databases: on SQLite one thread owns the write connection, on PostgreSQL every write
//! transaction first takes the same advisory lock, which holds across nodes. An action therefore never sees another's
//! half, and nothing has to be retried; a decision cannot be raced by an edit. Reads see one snapshot.

use super::connection::Manager;
use super::tx::{Tx, Written};
use super::writer::SqliteWriter;
use super::{Address, Connection, Error, migrate};
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Readers kept open on SQLite.
const SQLITE_READERS: u32 = 8;
/// Connections kept open to PostgreSQL, for reading and for writing.
const POSTGRES_POOL: u32 = 12;
/// How often, and after what time again, the write-ahead log is tried to be emptied.
const LOG_TRIES: u32 = 40;
const LOG_WAIT: Duration = Duration::from_millis(50);
/// How long a request waits for a connection.
const POOL_WAIT: Duration = Duration::from_secs(10);
/// The advisory lock that makes PostgreSQL's writers wait for each other ("allclear" in ASCII).
const WRITE_LOCK: i64 = 0x616c_6c63_6c65_6172;

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Database {
    readers: r2d2::Pool<Manager>,
    writers: Writers,
    address: Address,
}

#[derive(Clone)]
enum Writers {
    Sqlite(Arc<SqliteWriter>),
    Postgres(r2d2::Pool<Manager>),
}

impl Database {
    /// Opens the database and brings its schema up to date.
    pub fn open(address: &Address) -> Result<Self, Error> {
        let mut connection = address.open()?;
        migrate::apply(&mut connection)?;
        let (writers, size) = match address {
            Address::Sqlite(path) => {
                (Writers::Sqlite(Arc::new(SqliteWriter::start(connection, path.clone())?)), SQLITE_READERS)
            }
            Address::Postgres(_) => {
                drop(connection);
                (Writers::Postgres(pool(address, false, POSTGRES_POOL)?), POSTGRES_POOL)
            }
        };
        Ok(Self { readers: pool(address, true, size)?, writers, address: address.clone() })
    }

    /// Where the data is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Empties SQLite's write-ahead log into the database, so that no file holds any more what was overwritten (the
    /// database itself overwrites freed space). Waits for readers; fails when they do not end in time. On PostgreSQL
    /// the server's vacuum does this.
    pub fn forget_overwritten(&self) -> Result<(), Error> {
        if let Address::Sqlite(_) = &self.address {
            let mut connection = self.address.open()?;
            for _ in 0..LOG_TRIES {
                // Another checkpoint in progress is told at once, without waiting for it.
                if !connection.empty_log()? {
                    return Ok(());
                }
                std::thread::sleep(LOG_WAIT);
            }
            return Err(Error::Unavailable("the write-ahead log is in use".to_owned()));
        }
        Ok(())
    }

    /// Reads one consistent snapshot. Blocks: call it on a blocking thread.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.readers.get().map_err(Error::from)?;
        snapshot(&mut connection, f)
    }

    /// Runs one act in one transaction and writes its audit entries with it; when `f` fails nothing is kept.
    /// Blocks until the commit is durable: call it on a blocking thread. `f` does database work only.
    pub fn write<T, E>(
        &self,
        actor: &Actor,
        now: Moment,
        f: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.write_told(actor, now, f).map(|(outcome, _)| outcome)
    }

    /// Like [`Database::write`]; also tells what the act left in the audit chain.
    pub fn write_told<T, E>(
        &self,
        actor: &Actor,
        now: Moment,
        f: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<(T, Written), E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let actor = actor.reference();
        let act = move |connection: &mut Connection| {
            let mut tx = Tx::new(connection, actor, now);
            let outcome = f(&mut tx)?;
            let written = tx.finish()?;
            Ok((outcome, written))
        };
        match &self.writers {
            Writers::Sqlite(writer) => writer.run(act),
            Writers::Postgres(pool) => {
                let mut connection = pool.get().map_err(Error::from)?;
                in_postgres(&mut connection, act)
            }
        }
    }
}

/// A connection for one reader alone: it never waits for those of requests, and comes back by itself after a failure.
pub struct OwnReader {
    address: Address,
    connection: Option<Connection>,
}

impl OwnReader {
    /// A reader of this database; it connects when it first reads.
    pub fn of(database: &Database) -> Self {
        Self { address: database.address.clone(), connection: None }
    }

    /// Reads one consistent snapshot.
    pub fn read<T, E: From<Error>>(&mut self, f: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.address.open_reader()?,
        };
        let outcome = snapshot(&mut connection, f);
        // After a failure nobody knows what state the connection is in: the next reading opens another.
        if outcome.is_ok() {
            self.connection = Some(connection);
        }
        outcome
    }
}

/// Reads one snapshot of a database that is there, without making or changing one: what a command does that only
/// looks.
pub fn look<T, E: From<Error>>(address: &Address, f: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
    refuse_absent(address)?;
    let mut connection = address.open_reader()?;
    if migrate::is_pending(&mut connection)? {
        return Err(Error::Outdated.into());
    }
    snapshot(&mut connection, f)
}

/// Brings the schema up to date; returns how many migrations that took.
pub fn bring_up_to_date(address: &Address) -> Result<usize, Error> {
    migrate::apply(&mut address.open()?)
}

/// Is there no table in it yet, not even that of migrations?
pub fn is_empty(address: &Address) -> Result<bool, Error> {
    refuse_absent(address)?;
    let mut connection = address.open_reader()?;
    Ok(migrate::applied(&mut connection).map_or(true, |applied| applied.is_empty()))
}

/// Writes one consistent copy of an SQLite database to a file that is not there yet, while others write.
pub fn copy_sqlite(from: &std::path::Path, to: &std::path::Path) -> Result<(), Error> {
    let address = Address::Sqlite(from.to_owned());
    refuse_absent(&address)?;
    let to = to.to_str().ok_or_else(|| Error::Refused("the name of the copy is not UTF-8 text".to_owned()))?;
    let mut connection = address.open()?;
    diesel::sql_query("VACUUM INTO $1").bind::<diesel::sql_types::Text, _>(to).execute(&mut connection)?;
    Ok(())
}

/// Opening an SQLite file that is not there would make an empty one.
fn refuse_absent(address: &Address) -> Result<(), Error> {
    match address {
        Address::Sqlite(path) if !path.exists() => Err(Error::Absent(path.display().to_string())),
        _ => Ok(()),
    }
}

fn snapshot<T, E: From<Error>>(
    connection: &mut Connection,
    f: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    let begin = match connection {
        Connection::Sqlite(_) => "BEGIN",
        Connection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    connection.batch_execute(begin).map_err(Error::from)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| f(connection)));
    connection.batch_execute("ROLLBACK").map_err(Error::from)?;
    outcome.unwrap_or_else(|_| Err(panicked().into()))
}

fn pool(address: &Address, read_only: bool, size: u32) -> Result<r2d2::Pool<Manager>, Error> {
    let manager = Manager { address: address.clone(), read_only };
    let pool = r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(POOL_WAIT)
        .test_on_check_out(matches!(address, Address::Postgres(_)))
        .build(manager)?;
    Ok(pool)
}

fn in_postgres<T, E: From<Error>>(
    connection: &mut Connection,
    act: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({WRITE_LOCK})");
    connection.batch_execute(&begin).map_err(Error::from)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| act(connection))).unwrap_or_else(|_| Err(panicked().into()));
    let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.batch_execute(end).map_err(Error::from)?;
    outcome
}

/// What a caller learns of a panic inside a transaction; the panic itself is in the log.
pub(super) fn panicked() -> Error {
    Error::Refused("the program failed inside the transaction; nothing was kept".to_owned())
}
