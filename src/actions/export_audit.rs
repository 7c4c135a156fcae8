//! The audit chain on its way out: its head, signed now, and the entries up to it.

use super::{Desk, Failure, sight};
use crate::domain::audit_chain::{ChainEntry, ChainHead, FORMAT, head_message};
use crate::domain::person::{Act, Actor};
use crate::store::audit;

/// The head as it stands now, for somebody who may read the chain.
pub fn head(desk: &Desk, actor: &Actor) -> Result<ChainHead, Failure> {
    sight::somewhere(actor, Act::ReadAudit)?;
    let (seq, hash) = desk.read(|connection| Ok(audit::head(connection)?))?;
    let signer = desk.signer.current();
    Ok(ChainHead {
        format: FORMAT.to_owned(),
        seq,
        key_id: signer.id().to_owned(),
        public_key: signer.public_key(),
        signature: signer.sign(head_message(seq, &hash).as_bytes()),
        hash,
    })
}

/// The entries behind `seq` and up to the head, some thousands at a time; none: that was the last one. The chain only
/// grows, so that pieces read one after the other fit together.
pub fn entries(desk: &Desk, seq: i64, head: &ChainHead) -> Result<Vec<ChainEntry>, Failure> {
    let mut rows = desk.read(|connection| Ok(audit::following(connection, seq)?))?;
    rows.retain(|row| row.seq <= head.seq);
    Ok(rows.into_iter().map(ChainEntry::from).collect())
}
