//! Forgets what is over: sessions, drafts, first answers.

use super::{Desk, Failure};
use crate::domain::person::Actor;
use crate::store::{drafts, idempotency, sessions};
use chrono::Duration;

/// Days for which an ended session is remembered: so long a form that was left open finds its owner.
const SESSION_MEMORY_DAYS: i64 = 7;

/// Forgets.
pub fn run(desk: &Desk) -> Result<(), Failure> {
    desk.write(&Actor::System("tidy"), |tx| {
        let long_ago = tx.now().minus(Duration::days(SESSION_MEMORY_DAYS));
        sessions::forget_expired(tx, long_ago)?;
        drafts::forget_expired(tx)?;
        idempotency::forget_expired(tx)?;
        Ok(())
    })
}
