//! The types of the interface: what they print and what they do not.

use std::sync::{Arc, OnceLock};

use allclear::redaction::{KnownValues, PlaceholderKey, Redacted, Redactor, Rules, placeholders};

/// The rules of the product, compiled once for all tests.
pub(crate) fn rules() -> Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    RULES.get_or_init(|| Arc::new(Rules::embedded().unwrap_or_else(|error| panic!("{error}")))).clone()
}

pub(crate) fn redactor() -> Redactor {
    Redactor::new(rules(), PlaceholderKey::from_bytes([7; 32]))
}

#[test]
fn redacted_text_shows_placeholders_and_no_secret() {
    let redacted = redactor().text("DB_PASSWORD=gr33n-lantern! and mail to ann.lee@shop.example");
    assert_eq!(redacted.findings.len(), 2);
    assert!(!redacted.text.as_str().contains("gr33n"));
    assert!(!redacted.text.as_str().contains("ann.lee"));
    let spans = placeholders(redacted.text.as_str());
    assert_eq!(spans.iter().map(|span| span.rule).collect::<Vec<_>>(), ["wp-config-secret", "email"]);
    assert!(!format!("{redacted:?}").contains("gr33n"));
}

#[test]
fn known_values_go_wherever_they_stand() {
    let mut known = KnownValues::new();
    assert!(known.insert("password", "gr33n-lantern"));
    let redacted = redactor().with_known(&known).text("somewhere gr33n-lantern stands");
    assert_eq!(redacted.findings.len(), 1);
    assert_eq!(redacted.findings[0].rule, "password");
    assert_eq!(redacted.findings[0].offset, 10);
}

#[test]
fn redacted_is_made_of_literals_and_redacted_text_only() {
    let joined = Redacted::join(&[Redacted::literal("a"), redactor().text("b").text], ", ");
    assert_eq!(joined.as_str(), "a, b");
    assert_eq!(joined.to_string(), "a, b");
}

#[test]
fn private_and_documentation_addresses_stay_unless_told() {
    let text = "from 10.0.0.7 and 192.0.2.10 and fe80::1 and 2001:db8::7 to 81.2.69.160";
    let stays = redactor().text(text);
    assert_eq!(stays.findings.len(), 1, "{}", stays.text);
    let gone = redactor().with_private_addresses(true).text(text);
    assert_eq!(gone.findings.len(), 5, "{}", gone.text);
    assert!(gone.findings.iter().all(|finding| matches!(finding.rule.as_str(), "ip" | "ipv6")));
}
