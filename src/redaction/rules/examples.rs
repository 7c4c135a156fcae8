//! Runs the examples that stand beside each rule: what goes must be gone by that very rule, what stays must stay.

use super::super::engine::Core;
use super::super::placeholder::PlaceholderKey;
use super::Rules;

/// Which example of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// One of what must go, counted from 0.
    Goes(usize),
    /// One of what must stay, counted from 0.
    Stays(usize),
}

/// An example of a rule or an exception that does not come out as it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: rule {rule}: {reason}")]
pub struct ExampleFailure {
    /// The file's name.
    pub file: String,
    /// Line of the rule, counted from 1.
    pub line: usize,
    /// The rule's or exception's id.
    pub rule: String,
    /// Which of its examples.
    pub example: Example,
    /// What happens instead, in one sentence.
    pub reason: String,
}

pub(super) fn check(rules: &Rules) -> Vec<ExampleFailure> {
    let key = PlaceholderKey::from_bytes([0x5a; 32]);
    let redactor = Core { rules, key: &key, own_domains: &[], known: None, private_addresses: false, exceptions: true };
    let mut failures = Vec::new();
    for rule in &rules.rules {
        let fail = |example, reason| failure(&rule.file, rule.line, &rule.info.id, example, reason);
        for (at, (text, secret)) in rule.goes.iter().enumerate() {
            let by = Some(rule.info.id.as_str());
            failures.extend(goes(&redactor, text, secret, by).map(|reason| fail(Example::Goes(at), reason)));
        }
        for (at, text) in rule.stays.iter().enumerate() {
            failures.extend(stays(&redactor, text).map(|reason| fail(Example::Stays(at), reason)));
        }
    }
    let without = Core { exceptions: false, ..redactor };
    for exception in &rules.exceptions {
        let fail = |example, reason| failure(&exception.file, exception.line, &exception.id, example, reason);
        for (at, (text, secret)) in exception.goes.iter().enumerate() {
            failures.extend(goes(&redactor, text, secret, None).map(|reason| fail(Example::Goes(at), reason)));
        }
        for (at, text) in exception.stays.iter().enumerate() {
            let reason = stays(&redactor, text).or_else(|| {
                let idle = without.text(text).findings.is_empty();
                idle.then(|| format!("{text:?} stays without the exception too"))
            });
            failures.extend(reason.map(|reason| fail(Example::Stays(at), reason)));
        }
    }
    failures
}

fn failure(file: &str, line: usize, rule: &str, example: Example, reason: String) -> ExampleFailure {
    ExampleFailure { file: file.to_owned(), line, rule: rule.to_owned(), example, reason }
}

fn goes(redactor: &Core<'_>, text: &str, secret: &str, by: Option<&str>) -> Option<String> {
    if !text.contains(secret) {
        return Some(format!("the secret {secret:?} is not in its own example {text:?}"));
    }
    let redacted = redactor.text(text);
    if redacted.text.as_str().contains(secret) {
        return Some(format!("does not remove {secret:?} from {text:?}"));
    }
    let by = by?;
    if redacted.findings.iter().any(|finding| finding.rule == by) {
        return None;
    }
    let others: Vec<&str> = redacted.findings.iter().map(|finding| finding.rule.as_str()).collect();
    Some(format!("{text:?} is redacted by {others:?} instead"))
}

fn stays(redactor: &Core<'_>, text: &str) -> Option<String> {
    let redacted = redactor.text(text);
    let changed = redacted.text.as_str() != text;
    changed.then(|| format!("{text:?} should stay and became {:?}", redacted.text.as_str()))
}
