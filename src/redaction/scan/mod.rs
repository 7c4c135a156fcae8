//! The second scan: looks again at what is about to leave, sharing only the rules' data with the first pass.
//!
//! It matches whole buffers with regular expressions, without the first pass's automaton, windows or parsers, on the bytes
//! as they are and on decoded views of them; it looks for every known value and for planted canaries in all of them.

use std::sync::Arc;

use serde::Serialize;

use super::finding::Level;
use super::known::KnownValues;
use super::placeholder::PlaceholderKey;
use super::rules::Rules;

mod decode;
mod patterns;

use patterns::Patterns;

/// Something that looks like a secret in what is about to leave. Never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// The member's name as given.
    pub member: String,
    /// The rule's id; `canary` and `known-value` for values that were planted or told.
    pub rule: String,
    /// How sure.
    pub level: Level,
    /// Line in the member, counted from 1.
    pub line: u64,
    /// Column in bytes, counted from 1.
    pub column: u64,
    /// In which view it was seen: `plain`, `json`, `url`, `html`, `base64`, `quoted-printable`, `utf-16`.
    pub view: String,
    /// Hex of a truncated HMAC of rule and value: the same false alarm has the same fingerprint.
    pub fingerprint: String,
    /// Whether this fingerprint was lifted as a false alarm, or an exception of the rules keeps the value.
    pub lifted: bool,
}

/// Looks at what leaves.
pub struct Scanner {
    rules: Arc<Rules>,
    key: PlaceholderKey,
    patterns: Patterns,
    values: Vec<(Vec<u8>, String)>,
    allowed: Vec<String>,
    lifted: Vec<String>,
}

impl Scanner {
    /// A scanner with these rules; fingerprints are made with this key.
    pub fn new(rules: Arc<Rules>, key: PlaceholderKey) -> Self {
        let patterns = Patterns::build(&rules);
        Scanner { rules, key, patterns, values: Vec::new(), allowed: Vec::new(), lifted: Vec::new() }
    }

    /// A scanner that looks for values only; its fingerprints are those of the whole scanner.
    pub fn for_values_only(rules: Arc<Rules>, key: PlaceholderKey) -> Self {
        let patterns = Patterns::none();
        Scanner { rules, key, patterns, values: Vec::new(), allowed: Vec::new(), lifted: Vec::new() }
    }

    /// Every one of these values is looked for in all views.
    pub fn with_known(mut self, known: &KnownValues) -> Self {
        self.values.extend(known.iter().map(|(value, rule)| (value.to_vec(), rule.to_owned())));
        self
    }

    /// Values that were planted and must be gone.
    pub fn with_canaries(mut self, canaries: &[String]) -> Self {
        self.values.extend(canaries.iter().map(|canary| (canary.clone().into_bytes(), "canary".to_owned())));
        self
    }

    /// Exact strings of ours that are allowed to look like a finding (hashes, ids, own addresses).
    pub fn allowing(mut self, allowed: &[String]) -> Self {
        self.allowed.extend_from_slice(allowed);
        self
    }

    /// Fingerprints of alarms that were lifted: they are reported with `lifted: true`.
    pub fn lifting(mut self, fingerprints: &[String]) -> Self {
        self.lifted.extend_from_slice(fingerprints);
        self
    }

    /// Looks at one member; alarms in the order of their place.
    pub fn scan(&self, member: &str, bytes: &[u8]) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = Vec::new();
        for view in decode::views(bytes) {
            for seen in self.patterns.find(&self.rules, &view.text) {
                let value = &view.text[seen.start..seen.end];
                if self.allowed.iter().any(|allowed| allowed.as_bytes() == value) {
                    continue;
                }
                let info = &self.rules.rules[seen.rule].info;
                let mut alarm = self.alarm(member, bytes, &view, &info.id, info.level, seen.start, value);
                alarm.lifted |= self.rules.spared_by(seen.rule, value).is_some();
                alarms.push(alarm);
            }
            for (value, rule) in &self.values {
                for start in memchr::memmem::find_iter(&view.text, value) {
                    if self.allowed.iter().any(|allowed| allowed.as_bytes() == value.as_slice())
                        || !stands_alone(&view.text, start, value)
                    {
                        continue;
                    }
                    let mut alarm = self.alarm(member, bytes, &view, rule, Level::Certain, start, value);
                    alarm.lifted |= self.rules.spares(rule, value);
                    alarms.push(alarm);
                }
            }
        }
        alarms.sort_by(|a, b| (a.line, a.column, &a.rule).cmp(&(b.line, b.column, &b.rule)));
        alarms.dedup_by(|a, b| a.line == b.line && a.column == b.column && a.rule == b.rule);
        alarms
    }

    #[allow(clippy::too_many_arguments)] // one place builds every alarm, from what only its two callers know
    fn alarm(
        &self,
        member: &str,
        bytes: &[u8],
        view: &decode::View,
        rule: &str,
        level: Level,
        at: usize,
        value: &[u8],
    ) -> Alarm {
        let origin = view.origin(at).min(bytes.len());
        let before = &bytes[..origin];
        let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
        let column = (origin - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1)) as u64 + 1;
        let digest = self.key.stamp().digest(&[b"alarm", rule.as_bytes(), value]);
        let fingerprint: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let lifted = self.lifted.contains(&fingerprint);
        Alarm {
            member: member.to_owned(),
            rule: rule.to_owned(),
            level,
            line,
            column,
            view: view.name.to_owned(),
            fingerprint,
            lifted,
        }
    }
}

/// A value that is a plain word or number counts only where it stands alone.
fn stands_alone(text: &[u8], start: usize, value: &[u8]) -> bool {
    if !value.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) {
        let end = start + value.len();
        return !(start > 0 && text[start - 1].is_ascii_digit() || text.get(end).is_some_and(u8::is_ascii_digit));
    }
    if !value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) {
        return true;
    }
    let end = start + value.len();
    !(start > 0 && text[start - 1].is_ascii_alphanumeric() || text.get(end).is_some_and(u8::is_ascii_alphanumeric))
}
