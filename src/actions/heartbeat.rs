//! A sign of life of the thread of background work, and how a panic on such a thread is survived.
//!
//! Nobody waits for background work, so nobody would notice that it ended: mails would stay, originals would not be
//! shredded, the audit chain would not be compared. One wrong piece of work must not end all other, and `/readyz` says
//! when the thread has not been heard of for longer than any piece of work may take.

use super::Failure;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Silence after which background work counts as ended. A claim holds a piece of work for ten minutes.
pub const SILENCE_MAX: Duration = Duration::from_secs(15 * 60);

/// When something was last heard of.
pub struct Heartbeat {
    began: Instant,
    /// Milliseconds from `began`.
    beat: AtomicU64,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self { began: Instant::now(), beat: AtomicU64::new(0) }
    }
}

impl Heartbeat {
    /// It lives.
    pub fn beat(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.beat.fetch_max(millis, Ordering::AcqRel);
    }

    /// For how long nothing was heard of it.
    pub fn silence(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.beat.load(Ordering::Acquire)))
    }
}

/// Does a piece of background work; a panic in it is a failure like any other, so that it is logged and tried again.
pub fn unless_it_panics<T>(f: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // What a piece of work shares with others lies behind locks that survive a panic, or in the database.
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| {
        Err(Failure::Broken("the program failed; what failed stands before this in the log".into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_counted_from_the_last_beat() {
        let began = Instant::now().checked_sub(Duration::from_secs(3600)).unwrap();
        let heartbeat = Heartbeat { began, beat: AtomicU64::new(0) };
        assert!(heartbeat.silence() > SILENCE_MAX);
        heartbeat.beat();
        assert!(heartbeat.silence() < SILENCE_MAX);
    }

    #[test]
    fn a_panic_is_a_failure() {
        let outcome: Result<(), Failure> = unless_it_panics(|| panic!("a wrong index"));
        assert!(matches!(outcome, Err(Failure::Broken(_))));
        assert!(matches!(unless_it_panics(|| Ok(7)), Ok(7)));
    }
}
