//! What the redactor says about its work: findings, levels and summaries. Never the secret itself.

use std::collections::BTreeMap;

use serde::Serialize;

use super::known::KnownValues;
use super::redacted::Redacted;

/// How sure the engine is. Ordered: `Suspicious < Likely < Certain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// May be harmless; a named person looks before a bundle is sealed.
    Suspicious,
    /// The context says that it is a secret.
    Likely,
    /// A published shape or checksum says so.
    Certain,
}

impl Level {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Suspicious => "suspicious",
            Level::Likely => "likely",
            Level::Certain => "certain",
        }
    }
}

/// One thing the redactor removed: rule, place, placeholder. Never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's id, for example `openai-key`.
    pub rule: String,
    /// How sure the rule is.
    pub level: Level,
    /// Byte offset in the input.
    pub offset: u64,
    /// Bytes removed from the input.
    pub length: u64,
    /// Line in the input, counted from 1.
    pub line: u64,
    /// Byte offset of what stands in its place in the output.
    pub output_offset: u64,
    /// What stands in its place, for example `[openai-key:k7f2q9]`.
    pub placeholder: String,
}

/// A redacted text with everything known about its redaction.
#[derive(Clone, Debug)]
pub struct RedactedText {
    /// The text that may be stored and may leave.
    pub text: Redacted,
    /// What was removed, in order.
    pub findings: Vec<Finding>,
    /// The values that were removed, to be looked for elsewhere.
    pub values: KnownValues,
}

/// The sum of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StreamSummary {
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Findings for each rule.
    pub counts: BTreeMap<String, u64>,
    /// The highest level among the findings.
    pub worst: Option<Level>,
}
