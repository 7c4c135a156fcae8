//! The write connection: what an action holds while it changes something.

use super::audit::{self, Entry};
use super::{Connection, Error, Record};
use crate::domain::moment::Moment;
use crate::domain::words::words;

words! {
    /// What was done to a row, in the audit chain.
    Verb {
        Created = "created",
        Changed = "changed",
        Filed = "filed",
        Sealed = "sealed",
        Redacted = "redacted",
        Shredded = "shredded",
        Written = "written",
        Superseded = "superseded",
        Paused = "paused",
        Released = "released",
        Bundled = "bundled",
        Looked = "looked",
        Refused = "refused",
        Questioned = "questioned",
        Lifted = "lifted",
        Granted = "granted",
        Revoked = "revoked",
        Escalated = "escalated",
        Tried = "tried",
        Sent = "sent",
        Failed = "failed",
        Reviewed = "reviewed",
        Planned = "planned",
        Completed = "completed",
        Verified = "verified",
        Recorded = "recorded",
        Shown = "shown",
        TookPart = "took_part",
        Asked = "asked",
        Approved = "approved",
        Declined = "declined",
        Voided = "voided",
        Reported = "reported",
        Explained = "explained",
        Flagged = "flagged",
        Dismissed = "dismissed",
        Opened = "opened",
        Ended = "ended",
        Confirmed = "confirmed",
        Drilled = "drilled",
        Certified = "certified",
        Settled = "settled",
        Notified = "notified",
        Attested = "attested",
        Exported = "exported",
        Imported = "imported",
        Quarantined = "quarantined",
        Localised = "localised",
    }
}

/// A transaction of one actor at one moment. Dropping it without the end that [`super::Database::write`] gives it
/// leaves nothing behind.
pub struct Tx<'c> {
    connection: &'c mut Connection,
    actor: String,
    now: Moment,
    entries: Vec<Entry>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c mut Connection, actor: String, now: Moment) -> Self {
        Self { connection, actor, now, entries: Vec::new() }
    }

    /// The moment of this act: every row it writes bears the same.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// For reading inside the transaction.
    pub fn connection(&mut self) -> &mut Connection {
        self.connection
    }

    /// Writes a new row and its audit entry.
    pub fn insert<R: Record>(&mut self, verb: Verb, row: &R) -> Result<(), Error> {
        row.insert(self.connection)?;
        self.note(verb, row);
        Ok(())
    }

    /// Writes a changed row and its audit entry.
    pub fn update<R: Record>(&mut self, verb: Verb, row: &R) -> Result<(), Error> {
        row.update(self.connection)?;
        self.note(verb, row);
        Ok(())
    }

    fn note<R: Record>(&mut self, verb: Verb, row: &R) {
        self.entries.push(Entry::new(verb, R::TABLE, row.key(), row.digest()));
    }

    /// Appends the entries to the chain: the last thing that happens before the commit.
    pub(super) fn finish(self) -> Result<(), Error> {
        audit::append(self.connection, &self.actor, self.now, self.entries)
    }
}
