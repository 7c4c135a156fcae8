//! Forgets what is over: sessions, drafts, first answers, previews of rules.

use super::sign_in::SESSION_MEMORY_DAYS;
use super::{Desk, Failure};
use crate::domain::person::Actor;
use crate::store::{drafts, idempotency, rule_work, sessions};
use chrono::Duration;

/// Forgets.
pub fn run(desk: &Desk) -> Result<(), Failure> {
    desk.write(&Actor::System("tidy"), |tx| {
        let long_ago = tx.now().minus(Duration::days(SESSION_MEMORY_DAYS));
        sessions::forget_expired(tx, long_ago)?;
        drafts::forget_expired(tx)?;
        idempotency::forget_expired(tx)?;
        rule_work::forget_previews(tx)?;
        Ok(())
    })
}
