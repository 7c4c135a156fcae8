//! Bringing memory up to date with the audit chain, and the thread that does so all the time.

use super::super::Failure;
use super::super::worker::{Stop, Worker};
use super::held::{Concerned, Held, Row};
use super::{GateMemory, lock};
use crate::store::cadence::AutomationReviewRow;
use crate::store::keys::{self, KeyRow};
use crate::store::overrides::OverrideRow;
use crate::store::people::{GrantRow, PersonRow};
use crate::store::phases::PhaseRow;
use crate::store::sites::SiteRow;
use crate::store::tokens::TokenRow;
use crate::store::{Connection, Record, audit, automations::AutomationRow, pauses};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// The tables whose rows gates and the tokens that ask for them rest on.
pub(super) const WATCHED: &[&str] = &[
    "automations",
    "pauses",
    "people",
    "grants",
    "tokens",
    "sites",
    "phases",
    "overrides",
    "automation_reviews",
    "differences",
    "keys",
];

/// More news than this at once, and everything is read again instead.
const NEWS_MAX: i64 = 2_000;
/// How often the head of the chain is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Least time between two looks that refused asks cause: whoever asks with tokens that nobody gave out must not keep
/// the lock busy on which a pause waits.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What changed since a position.
enum News {
    Nothing,
    Rows { seq: i64, hash: String, rows: Vec<Row> },
    Everything(Box<Held>, Option<KeyRow>),
}

impl GateMemory {
    /// Reads everything.
    pub(super) fn load(&self) -> Result<(), Failure> {
        let mut reader = lock(&self.reader);
        let asked = Instant::now();
        let news = reader.read(everything)?;
        self.take_up(news)?;
        self.freshness.prove(asked);
        Ok(())
    }

    /// Takes up what is new in the database. `wanted`: only when that position was not reached meanwhile.
    pub(super) fn catch_up(&self, wanted: Option<i64>) -> Result<(), Failure> {
        self.catch_up_unless(|seq| wanted.is_some_and(|wanted| seq >= Some(wanted)) && self.is_fresh())
    }

    /// The same, unless it was done while we waited for our turn; that is told from the position that was reached.
    fn catch_up_unless(&self, is_done: impl FnOnce(Option<i64>) -> bool) -> Result<(), Failure> {
        let mut reader = lock(&self.reader);
        let known = self.rows().as_ref().map(|held| (held.seq, held.hash.clone()));
        if is_done(known.as_ref().map(|(seq, _)| *seq)) {
            return Ok(());
        }
        let asked = Instant::now();
        let news = reader.read(|connection| news(connection, known.as_ref()))?;
        self.take_up(news)?;
        self.freshness.prove(asked);
        Ok(())
    }

    /// Looks at the database, unless somebody has since this moment: what was asked for then may be new elsewhere. One
    /// look serves all who wait for one. Blocks.
    pub fn look(&self, since: Instant) -> Result<(), Failure> {
        self.catch_up_unless(|_| self.has_looked(since))
    }

    /// Has somebody looked since this moment?
    pub fn has_looked(&self, since: Instant) -> bool {
        self.freshness.proved_after(since)
    }

    /// How long a refused ask waits until the next look may be made.
    pub fn next_look_in(&self) -> Duration {
        self.freshness.age().map_or(Duration::ZERO, |age| LOOK_AGAIN_AFTER.saturating_sub(age))
    }

    fn take_up(&self, news: News) -> Result<(), Failure> {
        // First what can fail: then either all of the news is taken up, or none.
        match &news {
            News::Everything(_, Some(key)) => self.signer.take_up(key)?,
            News::Rows { rows, .. } => {
                let keys = rows.iter().filter_map(|row| if let Row::Key(key) = row { Some(key) } else { None });
                keys.into_iter().try_for_each(|key| self.signer.take_up(key))?;
            }
            _ => {}
        }
        let mut place = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let (revision, concerned) = match news {
            News::Nothing => return Ok(()),
            News::Everything(mut held, _) => {
                let revision = place.as_ref().map_or(1, |before| before.revision + 1);
                held.revision = revision;
                *place = Some(*held);
                (revision, Concerned::All)
            }
            News::Rows { seq, hash, rows } => {
                let Some(held) = place.as_mut() else { return Ok(()) };
                (held.seq, held.hash) = (seq, hash);
                if rows.is_empty() {
                    return Ok(());
                }
                let mut concerned = Concerned::None;
                rows.into_iter().for_each(|row| concerned.add(held.take_up(row)));
                held.revision += 1;
                (held.revision, concerned)
            }
        };
        self.revision.store(revision, Ordering::Release);
        drop(place);
        self.events.note(concerned);
        Ok(())
    }
}

fn everything(connection: &mut Connection) -> Result<News, Failure> {
    let key = keys::current(connection, super::super::signing::SIGNING)?;
    Ok(News::Everything(Box::new(Held::load(connection)?), key))
}

fn news(connection: &mut Connection, known: Option<&(i64, String)>) -> Result<News, Failure> {
    let Some((known, hash)) = known else { return everything(connection) };
    let (seq, head) = audit::head(connection)?;
    if seq == *known && head == *hash {
        return Ok(News::Nothing);
    }
    // Another chain, or a part of it that was cut off: nothing that is known can be relied upon.
    let same_chain = *known == 0 || audit::hash_at(connection, *known)?.as_ref() == Some(hash);
    if seq < *known || (seq == *known && head != *hash) || !same_chain {
        return everything(connection);
    }
    let named = audit::named_after(connection, *known, WATCHED, NEWS_MAX)?;
    // A settled difference may mean that an altered row was accepted, which no entry names.
    if i64::try_from(named.len()).unwrap_or(NEWS_MAX) >= NEWS_MAX
        || named.iter().any(|(table, _)| table == "differences")
    {
        return everything(connection);
    }
    let mut rows = Vec::new();
    for (table, key) in named.into_iter().collect::<BTreeSet<_>>() {
        rows.extend(read(connection, &table, &key)?);
    }
    Ok(News::Rows { seq, hash: head, rows })
}

fn read(connection: &mut Connection, table: &str, key: &str) -> Result<Option<Row>, Failure> {
    Ok(match table {
        "automations" => AutomationRow::by_key(connection, key)?.map(Row::Automation),
        "pauses" => Some(match pauses::holding(connection, key)? {
            Some((row, reference)) => Row::Pause(row, reference),
            None => Row::Released(key.to_owned()),
        }),
        "people" => PersonRow::by_key(connection, key)?.map(Row::Person),
        "grants" => GrantRow::by_key(connection, key)?.map(Row::Grant),
        "tokens" => TokenRow::by_key(connection, key)?.map(Row::Token),
        "sites" => SiteRow::by_key(connection, key)?.map(Row::Site),
        "phases" => PhaseRow::by_key(connection, key)?.map(Row::Phase),
        "overrides" => OverrideRow::by_key(connection, key)?.map(Row::Override),
        "automation_reviews" => AutomationReviewRow::by_key(connection, key)?.map(Row::Review),
        "keys" => KeyRow::by_key(connection, key)?.filter(|key| key.retired_at.is_none()).map(Row::Key),
        _ => None,
    })
}

/// The thread that follows the chain; it ends when this is dropped.
pub struct Follower {
    memory: Arc<GateMemory>,
    worker: Worker,
}

impl Follower {
    pub(super) fn start(memory: Arc<GateMemory>) -> Result<Self, Failure> {
        let followed = memory.clone();
        let worker = Worker::start("gate-memory", move |stop| follow(&followed, stop))
            .map_err(|e| Failure::Unavailable(format!("cannot start gate-memory: {e}")))?;
        Ok(Self { memory, worker })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.worker.tell();
        self.memory.events.wake();
        self.worker.end();
        // Nobody looks any more: what memory holds must not pass for fresh.
        self.memory.freshness.doubt();
        self.memory.end_listening();
    }
}

fn follow(memory: &GateMemory, stop: &Stop) {
    let mut looked: Option<Instant> = None;
    let mut failing = false;
    while !stop.is_told() {
        if looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            looked = Some(Instant::now());
            let outcome = memory.catch_up(None);
            if let (Err(failure), false) = (&outcome, failing) {
                tracing::warn!(%failure, "the gate's memory cannot be compared with the database");
            }
            failing = outcome.is_err();
        }
        memory.tell_listeners();
        memory.events.wait(LOOK_EVERY.saturating_sub(looked.map_or(Duration::ZERO, |at| at.elapsed())));
    }
}
