//! The write connection: what an action holds while it changes something.

use super::audit::{self, Entry};
use super::search::Changed;
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
        Acknowledged = "acknowledged",
        Answered = "answered",
        Judged = "judged",
        Enrolled = "enrolled",
        RolledOut = "rolled_out",
        Waived = "waived",
        Signed = "signed",
        Fetched = "fetched",
        Accepted = "accepted",
    }
}

/// What a transaction left in the audit chain.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Position of its last entry; 0 when it wrote none.
    pub seq: i64,
    /// The tables that its entries name.
    pub tables: Vec<&'static str>,
}

/// A transaction of one actor at one moment. Dropping it without the end that [`super::Database::write`] gives it
/// leaves nothing behind.
pub struct Tx<'c> {
    connection: &'c mut Connection,
    actor: String,
    now: Moment,
    entries: Vec<Entry>,
    searched: Changed,
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c mut Connection, actor: String, now: Moment) -> Self {
        Self { connection, actor, now, entries: Vec::new(), searched: Changed::default() }
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
        self.note(verb, row, true);
        Ok(())
    }

    /// Writes a changed row and its audit entry.
    pub fn update<R: Record>(&mut self, verb: Verb, row: &R) -> Result<(), Error> {
        row.update(self.connection)?;
        self.note(verb, row, false);
        Ok(())
    }

    /// Notes a row that stands in its table already.
    pub(super) fn note<R: Record>(&mut self, verb: Verb, row: &R, is_new: bool) {
        self.searched.note(row, is_new);
        self.entries.push(Entry::new(verb, R::TABLE, row.key(), row.digest()));
    }

    /// Makes the search find what was written, and appends the entries to the chain: the last things that happen
    /// before the commit.
    pub(super) fn finish(self) -> Result<Written, Error> {
        self.searched.write(self.connection)?;
        let tables = self.entries.iter().map(Entry::table).collect();
        let seq = audit::append(self.connection, &self.actor, self.now, self.entries)?;
        Ok(Written { seq, tables })
    }
}
