//! The audit chain: entries that hold each other by hashes, and how they leave the house.
//!
//! An export is lines of JSON in the order of the chain: first its head, signed, then every entry up to it. With that, and
//! nothing else of this installation, anybody can show that no entry was changed, left out or put in.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the first line of an export says that it is.
pub const FORMAT: &str = "allclear-audit/1";

/// The first line of an export: where the chain ends, and the signature over [`head_message`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChainHead {
    /// [`FORMAT`].
    pub format: String,
    /// Position of the last entry.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// The signing key's name.
    pub key_id: String,
    /// Its public half, base64.
    pub public_key: String,
    /// Ed25519, base64.
    pub signature: String,
}

/// What is signed of a head.
pub fn head_message(seq: i64, hash: &str) -> String {
    format!("allclear-audit-head:{seq}:{hash}")
}

/// An entry of the chain.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AuditEntry)]
pub struct ChainEntry {
    /// Position, from 1.
    pub seq: i64,
    /// With microseconds, as it was hashed.
    pub at: String,
    /// `person:ID`, `automation:ID` or `system:NAME`.
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

impl ChainEntry {
    /// SHA-256 over all other fields, each preceded by its length so that no two entries read alike.
    pub fn computed_hash(&self) -> String {
        let mut hasher = Sha256::new();
        let seq = self.seq.to_string();
        let fields = [
            &seq,
            &self.at,
            &self.actor,
            &self.act,
            &self.subject_table,
            &self.subject_id,
            &self.digest,
            &self.previous,
        ];
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hex::encode(hasher.finalize())
    }
}

/// A walk along the chain, from its beginning.
#[derive(Debug)]
pub struct ChainWalk {
    /// Position of the last entry that was met.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

impl Default for ChainWalk {
    fn default() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}

impl ChainWalk {
    /// Goes on to the next entry. Says what is wrong with it, and at which position.
    pub fn take(&mut self, entry: &ChainEntry) -> Vec<(i64, String)> {
        let mut wrong = Vec::new();
        if entry.seq != self.seq + 1 {
            wrong.push((self.seq + 1, format!("entry {} is missing", self.seq + 1)));
        }
        if entry.previous != self.hash {
            wrong.push((entry.seq, format!("entry {} does not follow the one before it", entry.seq)));
        }
        if entry.computed_hash() != entry.hash {
            wrong.push((entry.seq, format!("entry {} was altered", entry.seq)));
        }
        self.seq = entry.seq;
        self.hash.clone_from(&entry.hash);
        wrong
    }
}
