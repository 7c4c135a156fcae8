//! The audit chain: append-only, hash-chained, compared with the rows it speaks of.
//!
//! Each entry holds the SHA-256 of the row it wrote and of the entry before it. The head is one row, read and advanced
//! inside the transaction that writes the rows, last, and never cached.

use super::schema::{audit, audit_head, audit_seals};
use super::{Connection, Error, Record, Verb};
use crate::domain::audit_chain::{ChainEntry, ChainWalk};
use crate::domain::ids::KeyId;
use crate::domain::moment::Moment;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// An entry on its way into the chain.
pub(super) struct Entry {
    verb: Verb,
    table: &'static str,
    key: String,
    digest: String,
}

impl Entry {
    pub(super) fn new(verb: Verb, table: &'static str, key: String, digest: String) -> Self {
        Self { verb, table, key, digest }
    }

    pub(super) fn table(&self) -> &'static str {
        self.table
    }
}

/// An entry as it stands in the chain.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub struct AuditEntry {
    /// Position, from 1.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who: `person:ID`, `automation:ID` or `system:NAME`.
    pub actor: String,
    /// What was done.
    pub act: String,
    /// To which table.
    pub subject_table: String,
    /// To which row.
    pub subject_id: String,
    /// SHA-256 of the row after the act.
    pub digest: String,
    /// Hash of the entry before.
    pub previous: String,
    /// Hash of this entry.
    pub hash: String,
}

impl From<AuditEntry> for ChainEntry {
    fn from(row: AuditEntry) -> Self {
        Self {
            seq: row.seq,
            at: row.at.rfc3339_exact(),
            actor: row.actor,
            act: row.act,
            subject_table: row.subject_table,
            subject_id: row.subject_id,
            digest: row.digest,
            previous: row.previous,
            hash: row.hash,
        }
    }
}

/// A head that was signed: whoever holds it can show that the chain up to there was not rewritten.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_seals, treat_none_as_default_value = false)]
pub struct AuditSeal {
    /// Position of the head.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// The signing key.
    pub key_id: KeyId,
    /// Ed25519 signature over `allclear-audit-head:SEQ:HASH`, base64.
    pub signature: String,
    /// When it was signed.
    pub sealed_at: Moment,
}

/// Appends entries and returns the position of the last one; 0 when there are none.
pub(super) fn append(connection: &mut Connection, actor: &str, at: Moment, entries: Vec<Entry>) -> Result<i64, Error> {
    if entries.is_empty() {
        return Ok(0);
    }
    let (mut seq, mut previous) = head(connection)?;
    for entry in entries {
        seq += 1;
        let mut row = AuditEntry {
            seq,
            at,
            actor: actor.to_owned(),
            act: entry.verb.as_str().to_owned(),
            subject_table: entry.table.to_owned(),
            subject_id: entry.key,
            digest: entry.digest,
            previous,
            hash: String::new(),
        };
        row.hash = ChainEntry::from(row.clone()).computed_hash();
        diesel::insert_into(audit::table).values(&row).execute(connection)?;
        previous = row.hash;
    }
    diesel::update(audit_head::table.find(1))
        .set((audit_head::seq.eq(seq), audit_head::hash.eq(previous)))
        .execute(connection)?;
    Ok(seq)
}

/// Table and key of the rows of these tables that entries above `seq` name, oldest first, at most `limit`: what a reader
/// who knows the state at `seq` must read again.
pub fn named_after(
    connection: &mut Connection,
    seq: i64,
    tables: &[&str],
    limit: i64,
) -> Result<Vec<(String, String)>, Error> {
    Ok(audit::table
        .filter(audit::seq.gt(seq).and(audit::subject_table.eq_any(tables.iter().map(|table| (*table).to_owned()))))
        .order(audit::seq.asc())
        .limit(limit)
        .select((audit::subject_table, audit::subject_id))
        .load(connection)?)
}

/// Hash of the entry at this position, if there is one.
pub fn hash_at(connection: &mut Connection, seq: i64) -> Result<Option<String>, Error> {
    Ok(audit::table.find(seq).select(audit::hash).first(connection).optional()?)
}

/// Position and hash of the last entry.
pub fn head(connection: &mut Connection) -> Result<(i64, String), Error> {
    Ok(audit_head::table.find(1).select((audit_head::seq, audit_head::hash)).first(connection)?)
}

/// The newest entries below `before`, newest first.
pub fn page(connection: &mut Connection, before: Option<i64>, limit: i64) -> Result<Vec<AuditEntry>, Error> {
    Ok(audit::table
        .filter(audit::seq.lt(before.unwrap_or(i64::MAX)))
        .order(audit::seq.desc())
        .limit(limit)
        .select(AuditEntry::as_select())
        .load(connection)?)
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this table.
    pub table: Option<String>,
    /// Only of this row.
    pub row: Option<String>,
    /// Only by this actor (`person:ID`).
    pub actor: Option<String>,
    /// Only below this position.
    pub before: Option<i64>,
    /// Only above this position; the ones next to it.
    pub after: Option<i64>,
}

/// The newest entries that pass the filter, newest first.
pub fn search(connection: &mut Connection, filter: &Filter, limit: i64) -> Result<Vec<AuditEntry>, Error> {
    let mut query = audit::table.select(AuditEntry::as_select()).into_boxed();
    if let Some(table) = &filter.table {
        query = query.filter(audit::subject_table.eq(table.clone()));
    }
    if let Some(row) = &filter.row {
        query = query.filter(audit::subject_id.eq(row.clone()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit::actor.eq(actor.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(audit::seq.lt(before));
    }
    if let Some(after) = filter.after {
        let mut rows: Vec<AuditEntry> =
            query.filter(audit::seq.gt(after)).order(audit::seq.asc()).limit(limit).load(connection)?;
        rows.reverse();
        return Ok(rows);
    }
    Ok(query.order(audit::seq.desc()).limit(limit).load(connection)?)
}

/// The last entry about one row.
pub fn last_of(connection: &mut Connection, table: &str, row: &str) -> Result<Option<AuditEntry>, Error> {
    let filter = Filter { table: Some(table.to_owned()), row: Some(row.to_owned()), ..Filter::default() };
    Ok(search(connection, &filter, 1)?.pop())
}

/// The last signed head.
pub fn last_seal(connection: &mut Connection) -> Result<Option<AuditSeal>, Error> {
    Ok(audit_seals::table.order(audit_seals::seq.desc()).select(AuditSeal::as_select()).first(connection).optional()?)
}

/// Keeps a signed head.
pub fn keep_seal(tx: &mut super::Tx, seal: &AuditSeal) -> Result<(), Error> {
    diesel::insert_into(audit_seals::table).values(seal).execute(tx.connection())?;
    Ok(())
}

/// What a walk over chain and rows found.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verification {
    /// Entries walked.
    pub entries: i64,
    /// Rows compared.
    pub rows: usize,
    /// Hash of the last entry.
    pub head: String,
    /// What differs, each in one sentence; empty when everything holds.
    pub differences: Vec<String>,
    /// The rows that differ, by table and key; `audit` and a position where it is the chain itself.
    #[serde(skip)]
    pub altered: Vec<(String, String)>,
}

impl Verification {
    /// Notes that a row is not as it was written.
    pub fn differs(&mut self, table: &str, key: &str, words: String) {
        self.altered.push((table.to_owned(), key.to_owned()));
        self.differences.push(words);
    }
}

/// How many entries are read at once.
const WALK_STEP: i64 = 5_000;

/// The entries behind this position, oldest first, a step of them.
pub fn following(connection: &mut Connection, seq: i64) -> Result<Vec<AuditEntry>, Error> {
    Ok(audit::table
        .filter(audit::seq.gt(seq))
        .order(audit::seq.asc())
        .limit(WALK_STEP)
        .select(AuditEntry::as_select())
        .load(connection)?)
}

/// Every signed head, oldest first.
pub fn seals(connection: &mut Connection) -> Result<Vec<AuditSeal>, Error> {
    Ok(audit_seals::table.order(audit_seals::seq.asc()).select(AuditSeal::as_select()).load(connection)?)
}

/// Walks the whole chain and compares every present row with its last entry, and every signed head with its entry. The
/// signatures themselves are checked where the keys are (`actions::watch_integrity`).
pub fn verify(connection: &mut Connection) -> Result<Verification, Error> {
    let seals = seals(connection)?.into_iter().map(|seal| (seal.seq, seal.hash)).collect();
    let mut walk = Walk { seals, ..Walk::default() };
    loop {
        let step = following(connection, walk.chain.seq)?;
        if step.is_empty() {
            break;
        }
        step.into_iter().for_each(|entry| walk.take(entry));
    }
    let (seq, hash) = head(connection)?;
    let end = walk.chain.seq;
    if (seq, hash.as_str()) != (end, walk.chain.hash.as_str()) {
        walk.differs(end, format!("the head names entry {seq}, the chain ends at entry {end}"));
    }
    for seq in std::mem::take(&mut walk.seals).into_keys() {
        walk.differs(seq, format!("entry {seq} is not the one that was signed"));
    }
    let mut found = Verification { entries: end, head: walk.chain.hash, ..walk.found };
    super::tables::compare_rows(connection, walk.last, &mut found)?;
    Ok(found)
}

/// Last digest by table and row.
pub(super) type LastDigests = HashMap<(String, String), String>;

#[derive(Default)]
struct Walk {
    chain: ChainWalk,
    last: LastDigests,
    /// Signed heads that were not met yet.
    seals: BTreeMap<i64, String>,
    found: Verification,
}

impl Walk {
    fn differs(&mut self, seq: i64, words: String) {
        self.found.differs("audit", &seq.to_string(), words);
    }

    fn take(&mut self, entry: AuditEntry) {
        let entry = ChainEntry::from(entry);
        for (seq, words) in self.chain.take(&entry) {
            self.differs(seq, words);
        }
        if self.seals.get(&entry.seq) == Some(&entry.hash) {
            self.seals.remove(&entry.seq);
        }
        self.last.insert((entry.subject_table, entry.subject_id), entry.digest);
    }
}

/// How many rows are compared at once.
const COMPARE_STEP: i64 = 1_000;

/// Compares the present rows of one table with their last entries, and takes those entries out of `last`.
pub(super) fn compare<R: Record>(
    connection: &mut Connection,
    last: &mut LastDigests,
    found: &mut Verification,
) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let keys = R::keys(connection, &after, COMPARE_STEP)?;
        let Some(end) = keys.last().cloned() else { return Ok(()) };
        match R::page(connection, &after, COMPARE_STEP) {
            Ok(rows) => rows.iter().for_each(|row| compare_one(row, last, found)),
            // One of them holds what no act ever wrote: a word that is none. Which one?
            Err(_) => {
                let mut before = after;
                for key in &keys {
                    match R::page(connection, &before, 1) {
                        Ok(rows) => rows.iter().for_each(|row| compare_one(row, last, found)),
                        Err(_) => {
                            found.rows += 1;
                            last.remove(&(R::TABLE.to_owned(), key.clone()));
                            found.differs(R::TABLE, key, format!("row {} {key} cannot be read", R::TABLE));
                        }
                    }
                    before = key.clone();
                }
            }
        }
        after = end;
    }
}

fn compare_one<R: Record>(row: &R, last: &mut LastDigests, found: &mut Verification) {
    found.rows += 1;
    let key = row.key();
    let name = format!("{} {key}", R::TABLE);
    match last.remove(&(R::TABLE.to_owned(), key.clone())) {
        None => found.differs(R::TABLE, &key, format!("row {name} has no entry in the chain")),
        Some(digest) if digest != row.digest() => {
            found.differs(R::TABLE, &key, format!("row {name} is not what was last written"));
        }
        Some(_) => {}
    }
}
