//! The timeline: what was observed, attempted, decided and communicated, and what this program did.

use super::problem::Reason;
use super::words::words;

words! {
    /// What an entry tells.
    EntryKind {
        Observed = "observed",
        Attempted = "attempted",
        Decided = "decided",
        Communicated = "communicated",
        /// Written by this program for an act of a person or of its own.
        System = "system",
    }
}

impl EntryKind {
    /// The kinds that a person may write.
    pub const BY_PEOPLE: &'static [EntryKind] =
        &[EntryKind::Observed, EntryKind::Attempted, EntryKind::Decided, EntryKind::Communicated];
}

/// Attempts wait until the evidence is safe (seed "Post-incident review", common mistake: "Retrying or changing
/// settings repeatedly before preserving the exact error report, timestamp, and affected screen").
///
/// `sealed`: pieces of evidence sealed so far. `no_evidence_reason`: why there is none to seal.
pub fn attempt_refusal(sealed: usize, no_evidence_reason: Option<&str>) -> Option<Reason> {
    if sealed > 0 || no_evidence_reason.is_some_and(|reason| !reason.trim().is_empty()) {
        return None;
    }
    Some(Reason::new(
        "evidence_not_sealed",
        "Attempts can be logged once evidence is sealed. Upload the log or paste the error report first, or state why none exists.",
        "support_lead",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_wait_for_evidence_or_a_reason() {
        assert!(attempt_refusal(0, None).is_some());
        assert!(attempt_refusal(0, Some("  ")).is_some());
        assert!(attempt_refusal(1, None).is_none());
        assert!(attempt_refusal(0, Some("the host keeps no logs")).is_none());
    }
}
