//! Signs the head of the audit chain from time to time: a chain that was rewritten no longer holds the signed entry.

use super::{Desk, Failure};
use crate::domain::audit_chain::head_message;
use crate::domain::ids::KeyId;
use crate::domain::person::Actor;
use crate::store::audit::{self, AuditSeal};
use chrono::Duration;

/// Shortest time between two signatures.
const EVERY_MINUTES: i64 = 60;

/// Signs the head, unless it was signed lately or has not moved.
pub fn run(desk: &Desk) -> Result<(), Failure> {
    let (head, last) = desk.read(|connection| Ok((audit::head(connection)?, audit::last_seal(connection)?)))?;
    let (seq, hash) = head;
    let lately = last
        .as_ref()
        .is_some_and(|seal| seal.seq == seq || seal.sealed_at > desk.now().minus(Duration::minutes(EVERY_MINUTES)));
    if seq == 0 || lately {
        return Ok(());
    }
    let signer = desk.signer.current();
    let signature = signer.sign(head_message(seq, &hash).as_bytes());
    let seal = AuditSeal { seq, hash, key_id: KeyId::from_text(signer.id()), signature, sealed_at: desk.now() };
    desk.write(&Actor::System("audit"), move |tx| match audit::keep_seal(tx, &seal) {
        // Another node signed the same head.
        Err(crate::store::Error::Exists) => Ok(()),
        other => Ok(other?),
    })
}
