//! The only place that asks what time it is: tests set it, and rules get a moment handed to them.

use crate::domain::moment::Moment;
use chrono::Utc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time.
#[derive(Clone, Default)]
pub struct Clock {
    ahead_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Moment {
        let ahead = chrono::Duration::microseconds(self.ahead_micros.load(Ordering::Relaxed));
        Moment::from_utc(Utc::now() + ahead)
    }

    /// Moves this clock forward; what tests do instead of waiting.
    pub fn advance(&self, span: chrono::Duration) {
        self.ahead_micros.fetch_add(span.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Turns this clock so far ahead of the real time, or back where `ahead` is negative: how the demo tells of last
    /// week.
    pub fn turn(&self, ahead: chrono::Duration) {
        self.ahead_micros.store(ahead.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
    }
}
