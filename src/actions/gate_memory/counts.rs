//! Asks are counted, not audited: a gate is asked before every run, and the chain is for what changes something.

use super::lock;
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::store::asks::AsksRow;
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

/// The asks for one automation's gate on this node.
#[derive(Default)]
pub(super) struct Asked {
    /// When last: microseconds since 1970, 0 for never.
    last: AtomicI64,
    /// How often, since they were last taken to be written down.
    times: AtomicI64,
}

pub(super) type LastAsked = Arc<Asked>;

impl Asked {
    pub(super) fn note(&self, now: Moment) {
        self.last.store(now.utc().timestamp_micros(), Ordering::Relaxed);
        self.times.fetch_add(1, Ordering::Relaxed);
    }

    fn last(&self) -> Option<Moment> {
        let micros = self.last.load(Ordering::Relaxed);
        chrono::DateTime::from_timestamp_micros(micros).filter(|_| micros != 0).map(Moment::from_utc)
    }
}

impl Counts {
    pub(super) fn one(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Where the asks for this automation are noted.
    pub(super) fn of(&self, automation: &AutomationId) -> LastAsked {
        lock(&self.asked).entry(automation.clone()).or_default().clone()
    }

    /// When last and how often an automation's gate was asked, as far as it is not written down.
    pub(super) fn unwritten(&self, automation: &AutomationId) -> (Option<Moment>, i64) {
        lock(&self.asked).get(automation).map_or((None, 0), |asked| (asked.last(), asked.times.load(Ordering::Relaxed)))
    }

    /// Takes what is not written down yet.
    pub(super) fn take(&self) -> Vec<AsksRow> {
        let asked = lock(&self.asked);
        let taken = asked.iter().filter_map(|(id, asked)| {
            let times = asked.times.swap(0, Ordering::Relaxed);
            Some(AsksRow { automation_id: id.clone(), times, last_at: asked.last()? }).filter(|row| row.times > 0)
        });
        taken.collect()
    }

    /// Puts back what could not be written down.
    pub(super) fn put_back(&self, rows: &[AsksRow]) {
        for row in rows {
            self.of(&row.automation_id).times.fetch_add(row.times, Ordering::Relaxed);
        }
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
