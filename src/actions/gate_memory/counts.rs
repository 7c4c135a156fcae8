//! Asks are counted, not audited: a gate is asked before every run, and the chain is for what changes something.

use super::lock;
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Asks since the start, by answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// Answered "open".
    pub open: u64,
    /// Answered "closed".
    pub closed: u64,
    /// Answered "closed" because memory could not be shown to be fresh.
    pub stale: u64,
    /// Not answered: no working token, not theirs, unknown.
    pub refused: u64,
    /// Leases signed.
    pub signed: u64,
}

#[derive(Default)]
pub(super) struct Counts {
    pub(super) open: AtomicU64,
    pub(super) closed: AtomicU64,
    pub(super) stale: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) signed: AtomicU64,
    asked: Mutex<HashMap<AutomationId, LastAsked>>,
}

/// When an automation's gate was last asked for: microseconds since 1970, 0 for never.
pub(super) type LastAsked = Arc<AtomicI64>;

impl Counts {
    pub(super) fn one(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Where the asks for this automation are noted.
    pub(super) fn of(&self, automation: &AutomationId) -> LastAsked {
        lock(&self.asked).entry(automation.clone()).or_default().clone()
    }

    pub(super) fn last_asked(&self, automation: &AutomationId) -> Option<Moment> {
        let micros = lock(&self.asked).get(automation)?.load(Ordering::Relaxed);
        chrono::DateTime::from_timestamp_micros(micros).filter(|_| micros != 0).map(Moment::from_utc)
    }

    pub(super) fn read(&self) -> Asks {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Asks {
            open: read(&self.open),
            closed: read(&self.closed),
            stale: read(&self.stale),
            refused: read(&self.refused),
            signed: read(&self.signed),
        }
    }
}
