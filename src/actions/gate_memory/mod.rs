//! The gate, answered from memory that is never staler than a bound.
//!
//! Memory holds every row that a gate rests on ([`held`]). The audit chain is its feed: each write of such a row leaves
//! an entry in the same transaction, so a node reads the head, and again just the rows that new entries name
//! ([`follow`]). A write of this node is taken up before it is answered; those of other processes and nodes are found by
//! a thread that looks four times a second, and by looking proves that memory is fresh. When it cannot, for longer than
//! the bound, every gate is closed. Verdicts are kept as long as nothing changes, leases for a second ([`answers`]), and
//! whoever listens is told what opened and closed ([`events`]).

mod answers;
mod counts;
mod events;
mod follow;
mod held;
mod shelf;

pub use answers::{ClosedGate, GateAnswer, OpenGate, Prepared, REASONS_MAX};
pub use counts::Asks;
pub use events::{EventKind, GateEvent, Listening};
pub use follow::Follower;

use super::signing::SigningKey;
use super::{Failure, Limits};
use crate::clock::Clock;
use crate::store::{Database, OwnReader, Written};
use answers::Answers;
use events::Events;
use held::Held;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// The limits that the gate's memory keeps to.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How old what it answers from may be.
    pub staleness: Duration,
    /// How long a lease is good for.
    pub lease: chrono::Duration,
}

impl Bounds {
    /// Those of this installation.
    pub fn of(limits: &Limits) -> Self {
        Self {
            staleness: Duration::from_millis(limits.gate_staleness_ms.unsigned_abs()),
            lease: chrono::Duration::seconds(limits.lease_seconds),
        }
    }
}

/// What the gate is answered from. Empty, and every gate closed, until [`GateMemory::start`].
pub struct GateMemory {
    clock: Clock,
    signer: Arc<SigningKey>,
    bounds: Bounds,
    held: RwLock<Option<Held>>,
    /// Whoever brings memory up to date holds this.
    reader: Mutex<OwnReader>,
    freshness: Freshness,
    /// That of the rows held, for answers that were made of earlier ones.
    revision: AtomicU64,
    answers: Answers,
    events: Events,
    counts: counts::Counts,
}

impl GateMemory {
    pub(super) fn new(db: &Database, clock: &Clock, signer: Arc<SigningKey>, bounds: Bounds) -> Self {
        Self {
            clock: clock.clone(),
            signer,
            bounds,
            held: RwLock::new(None),
            reader: Mutex::new(OwnReader::of(db)),
            freshness: Freshness::new(),
            revision: AtomicU64::new(0),
            answers: Answers::default(),
            events: Events::new(),
            counts: counts::Counts::default(),
        }
    }

    /// Reads everything that gates rest on, and follows the audit chain from there, until the follower is dropped.
    pub fn start(self: &Arc<Self>) -> Result<Follower, Failure> {
        self.load()?;
        Follower::start(self.clone())
    }

    /// Takes up what a transaction of this process wrote, if gates rest on it. When that fails, every gate is closed
    /// until the follower has caught up: the write stands, and must hold.
    pub(super) fn follow(&self, written: &Written) {
        let concerned = written.tables.iter().any(|table| follow::WATCHED.contains(table));
        if concerned
            && self.is_started()
            && let Err(failure) = self.catch_up(Some(written.seq))
        {
            self.freshness.doubt();
            tracing::warn!(%failure, "the gate is closed: its memory could not take up a change");
        }
    }

    /// Was memory compared with the database lately enough?
    pub fn is_fresh(&self) -> bool {
        self.freshness.age().is_some_and(|age| age <= self.bounds.staleness)
    }

    fn is_started(&self) -> bool {
        self.rows().is_some()
    }

    fn rows(&self) -> std::sync::RwLockReadGuard<'_, Option<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When memory was last shown to agree with the database.
struct Freshness {
    began: Instant,
    /// Microseconds from `began`, plus one; 0: never, or in doubt.
    proved: AtomicU64,
}

impl Freshness {
    fn new() -> Self {
        Self { began: Instant::now(), proved: AtomicU64::new(0) }
    }

    /// Memory agrees with what was committed before `asked`.
    fn prove(&self, asked: Instant) {
        self.proved.fetch_max(self.micros(asked) + 1, Ordering::AcqRel);
    }

    /// Was it shown by a look that began after this moment?
    fn proved_after(&self, at: Instant) -> bool {
        self.proved.load(Ordering::Acquire) > self.micros(at) + 1
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.began).as_micros()).unwrap_or(u64::MAX - 1)
    }

    fn doubt(&self) {
        self.proved.store(0, Ordering::Release);
    }

    fn age(&self) -> Option<Duration> {
        let proved = self.proved.load(Ordering::Acquire).checked_sub(1)?;
        Some(self.began.elapsed().saturating_sub(Duration::from_micros(proved)))
    }
}

/// A lock whose holder panicked guards what can still be read: a panic in one request must not close all gates for good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_proved_or_is_in_doubt_has_no_age() {
        let freshness = Freshness::new();
        assert_eq!(freshness.age(), None);
        freshness.prove(Instant::now());
        assert!(freshness.age().is_some_and(|age| age < Duration::from_secs(5)));
        freshness.doubt();
        assert_eq!(freshness.age(), None);
    }

    #[test]
    fn only_a_look_that_began_later_serves_whoever_asked() {
        let freshness = Freshness::new();
        let asked = Instant::now();
        assert!(!freshness.proved_after(asked), "never");
        freshness.prove(asked);
        assert!(!freshness.proved_after(asked), "it may have read before");
        freshness.prove(asked + Duration::from_millis(1));
        assert!(freshness.proved_after(asked));
        freshness.doubt();
        assert!(!freshness.proved_after(asked));
    }
}
