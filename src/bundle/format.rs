//! What stands in a bundle beside the report and the evidence.

use serde::{Deserialize, Serialize};

/// Name and version of the format. A reader that does not know it must say so.
pub const FORMAT: &str = "allclear-bundle/1";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "signature.json";
pub(super) const REMOVALS: &str = "redactions.json";

/// The zip's comment: this word and the signature over every byte before the comment, so that not one byte of the
/// file, not even of the zip's own tables, can change unnoticed.
pub const SEAL: &str = "allclear-seal:";
/// Length of an Ed25519 signature in base64.
pub(super) const SEAL_SIGNATURE: usize = 88;
/// Length of the whole comment.
pub const SEAL_LENGTH: usize = SEAL.len() + SEAL_SIGNATURE;

/// `manifest.json`: every other member with its hash. The signature is over the bytes of this file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The incident.
    pub reference: String,
    /// Whom it is for.
    pub audience: String,
    /// All members but the manifest and the signature, in the order of the zip.
    pub members: Vec<Member>,
    /// What a scan finds and the signer's people have called a false alarm.
    #[serde(default)]
    pub lifted: Vec<Lifted>,
    /// The rules of redaction that it was built with, in words: version, revision of the signer's own rules, digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rules: String,
}

/// A finding of the second scan that was answered before the bundle was built: a suspicion by one person, anything surer
/// by two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lifted {
    /// The member.
    pub path: String,
    /// The rule that strikes there.
    pub rule: String,
}

/// One member of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Path in the zip.
    pub path: String,
    /// Bytes, uncompressed.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// `signature.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// Always `Ed25519`.
    pub algorithm: String,
    /// Name of the key.
    pub key_id: String,
    /// Its public half, base64. Says who signed only to whoever knows the key from elsewhere.
    pub public_key: String,
    /// Over the bytes of `manifest.json`, base64.
    pub signature: String,
}

/// One line of `redactions.json`: what was removed from a member, never the value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Removal {
    /// The member.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// How often.
    pub count: u64,
    /// What the rule removes, in words.
    pub why: String,
}
