//! Runs the examples that stand beside each rule: what goes must be gone by that very rule, what stays must stay.

use super::super::engine::Core;
use super::super::placeholder::PlaceholderKey;
use super::Rules;

pub(super) fn check(rules: &Rules) -> Vec<String> {
    let key = PlaceholderKey::from_bytes([0x5a; 32]);
    let redactor = Core { rules, key: &key, own_domains: &[], known: None, private_addresses: false };
    let mut failures = Vec::new();
    for rule in &rules.rules {
        let place = format!("{}:{}: rule {}", rule.file, rule.line, rule.info.id);
        for (text, secret) in &rule.goes {
            if !text.contains(secret.as_str()) {
                failures.push(format!("{place}: the secret {secret:?} is not in its own example {text:?}"));
                continue;
            }
            let redacted = redactor.text(text);
            if redacted.text.as_str().contains(secret.as_str()) {
                failures.push(format!("{place}: does not remove {secret:?} from {text:?}"));
            } else if !redacted.findings.iter().any(|finding| finding.rule == rule.info.id) {
                let by: Vec<&str> = redacted.findings.iter().map(|finding| finding.rule.as_str()).collect();
                failures.push(format!("{place}: {text:?} is redacted by {by:?} instead"));
            }
        }
        for text in &rule.stays {
            let redacted = redactor.text(text);
            if redacted.text.as_str() != text {
                failures.push(format!("{place}: {text:?} should stay and became {:?}", redacted.text.as_str()));
            }
        }
    }
    failures
}
