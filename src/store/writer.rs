//! SQLite's one writer: a thread that owns the write connection and commits acts in groups.
//!
//! Each act runs in its own savepoint inside one `BEGIN IMMEDIATE`; one commit makes the whole group durable, and only
//! then are the answers given. An act that fails leaves nothing; a commit that fails fails the group. A second thread
//! moves the write-ahead log into the database, so that no act waits for that.

use super::database::panicked;
use super::{Address, Connection, Error};
use diesel::connection::SimpleConnection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Most acts in one commit.
const GROUP_MAX: usize = 64;
/// How often the write-ahead log is moved into the database.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(500);

pub(super) struct SqliteWriter {
    queue: mpsc::Sender<Act>,
}

/// An act waiting for its turn. It runs, and returns whether to keep what it wrote and how to answer.
type Act = Box<dyn FnOnce(&mut Connection) -> Done + Send>;

struct Done {
    keep: bool,
    answer: Box<dyn FnOnce(Result<(), String>) + Send>,
}

impl SqliteWriter {
    pub(super) fn start(mut connection: Connection, path: PathBuf) -> Result<Self, Error> {
        connection.batch_execute("PRAGMA wal_autocheckpoint = 0")?;
        let (queue, acts) = mpsc::channel::<Act>();
        let dirty = Arc::new(AtomicBool::new(false));
        let written = dirty.clone();
        spawn("sqlite-writer", move || write_groups(&mut connection, &acts, &written))?;
        spawn("sqlite-checkpoint", move || checkpoint(path, &dirty))?;
        Ok(Self { queue })
    }

    pub(super) fn run<T, E>(&self, act: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (give, take) = mpsc::sync_channel(1);
        let job: Act = Box::new(move |connection| {
            let outcome = catch_unwind(AssertUnwindSafe(|| act(connection))).unwrap_or_else(|_| Err(panicked().into()));
            Done {
                keep: outcome.is_ok(),
                answer: Box::new(move |committed| {
                    let outcome = match committed {
                        Ok(()) => outcome,
                        Err(why) => Err(Error::Unavailable(why).into()),
                    };
                    // Nobody waits any more when the asking thread is gone; the act itself stands.
                    let _ = give.send(outcome);
                }),
            }
        });
        let gone = || Error::Unavailable("the write was not begun; nothing was changed, try again".to_owned());
        self.queue.send(job).map_err(|_| gone())?;
        take.recv().unwrap_or_else(|_| Err(gone().into()))
    }
}

fn spawn(name: &str, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(f)
        .map(drop)
        .map_err(|e| Error::Unavailable(format!("cannot start {name}: {e}")))
}

fn write_groups(connection: &mut Connection, acts: &mpsc::Receiver<Act>, dirty: &AtomicBool) {
    while let Ok(first) = acts.recv() {
        let mut answers = Vec::new();
        let outcome = write_group(connection, first, acts, &mut answers);
        dirty.store(true, Ordering::Release);
        let told = outcome.map_err(|e| e.to_string());
        for answer in answers {
            answer(told.clone());
        }
    }
}

type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

/// Runs acts until none waits or the group is full, then commits.
fn write_group(
    connection: &mut Connection,
    first: Act,
    acts: &mpsc::Receiver<Act>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    // When this fails (disk full, another program holds the lock) the act is dropped unrun, and its caller learns
    // from the closed channel that nothing was done.
    connection.batch_execute("BEGIN IMMEDIATE")?;
    let outcome = run_acts(connection, first, acts, answers)
        .and_then(|()| connection.batch_execute("COMMIT").map_err(Error::from));
    if outcome.is_err() {
        let _ = connection.batch_execute("ROLLBACK");
    }
    outcome
}

fn run_acts(
    connection: &mut Connection,
    first: Act,
    acts: &mpsc::Receiver<Act>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    let mut next = Some(first);
    while let Some(act) = next {
        in_savepoint(connection, act, answers)?;
        next = if answers.len() < GROUP_MAX { acts.try_recv().ok() } else { None };
    }
    Ok(())
}

fn in_savepoint(connection: &mut Connection, act: Act, answers: &mut Vec<Answer>) -> Result<(), Error> {
    connection.batch_execute("SAVEPOINT act")?;
    let done = act(connection);
    answers.push(done.answer);
    let end = if done.keep { "RELEASE act" } else { "ROLLBACK TO act; RELEASE act" };
    connection.batch_execute(end)?;
    Ok(())
}

/// Moves the write-ahead log into the database for as long as the process lives: without that it would grow until the
/// disk is full. What fails is tried again.
fn checkpoint(path: PathBuf, dirty: &AtomicBool) {
    let address = Address::Sqlite(path);
    let mut open: Option<Connection> = None;
    let mut failing = false;
    loop {
        std::thread::sleep(CHECKPOINT_EVERY);
        if !dirty.swap(false, Ordering::AcqRel) {
            continue;
        }
        if let Err(error) = checkpoint_once(&address, &mut open) {
            open = None;
            dirty.store(true, Ordering::Release);
            if !failing {
                tracing::warn!(%error, "the write-ahead log cannot be moved into the database; this is tried again");
            }
            failing = true;
        } else {
            failing = false;
        }
    }
}

fn checkpoint_once(address: &Address, open: &mut Option<Connection>) -> Result<(), Error> {
    let connection = match open {
        Some(connection) => connection,
        None => open.insert(address.open()?),
    };
    // PASSIVE never waits for readers or for the writer; what it cannot move now it moves next time.
    Ok(connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
}
