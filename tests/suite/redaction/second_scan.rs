//! The second scan: finds what the first pass would, in all wrappings, and is quiet about redacted text.

use base64::Engine;

use allclear::redaction::scan::Scanner;
use allclear::redaction::{KnownValues, Level, PlaceholderKey};

use super::logs;
use super::types::{redactor, rules};

fn scanner() -> Scanner {
    Scanner::new(rules(), PlaceholderKey::from_bytes([7; 32]))
}

#[test]
fn it_sees_what_stands_in_the_open_and_in_wrappings() {
    let token = "sk-ant-api03-k3J9dLw0PqZ7xV2mk3J9dLw0PqZ7xV2mk3J9dLw0PqZ7xV2mk3J9dLw0PqZ7xV2mk3J9dLw0PqZ7xV2m";
    let json = format!("{{\"key\":\"{}\"}}", token.replace('-', "\\u002d"));
    let url = format!("?key={}", token.replace('-', "%2D"));
    let wide: String = token.chars().flat_map(|letter| [letter, '\0']).collect();
    let printable: String = token.bytes().map(|byte| format!("={byte:02X}")).collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("a line before it and then {token} after"));
    let wrapped = encoded.as_bytes().chunks(76).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    for text in [token.to_owned(), json, url, wide, printable, wrapped] {
        let alarms = scanner().scan("report.md", text.as_bytes());
        assert!(alarms.iter().any(|alarm| alarm.rule == "anthropic-key" && alarm.level == Level::Certain), "{text}");
    }
    let alarms = scanner().scan("a.txt", b"line\n  'db_password' => 'gr33n-lantern',");
    assert!(alarms.iter().any(|alarm| alarm.rule == "password" && alarm.line == 2), "{alarms:?}");
}

#[test]
fn a_word_behind_a_sentence_about_passwords_is_none() {
    for text in [
        "{\"title\": \"A word that was a password\",\n \"severity\": \"sev2\"}",
        "{\"steps\": [\"Enter the new password\", \"Press-resend\"]}",
        "{\"fields\": {\"password\", \"site-user\": 3}}",
    ] {
        assert!(scanner().scan("report.json", text.as_bytes()).is_empty(), "{text}");
    }
    for text in ["define('DB_PASSWORD', 'gr33n-lantern');", "[\"password\", \"gr33n-lantern\"]"] {
        assert!(!scanner().scan("a.txt", text.as_bytes()).is_empty(), "{text}");
    }
}

#[test]
fn known_values_canaries_allowed_and_lifted() {
    let mut known = KnownValues::new();
    known.insert("password", "gr33n-lantern");
    let canary = "canary-7f3a9b2c".to_owned();
    let scanner = scanner().with_known(&known).with_canaries(std::slice::from_ref(&canary));
    let alarms = scanner.scan("a.txt", b"x gr33n%2Dlantern y canary-7f3a9b2c");
    let rules: Vec<&str> = alarms.iter().map(|alarm| alarm.rule.as_str()).collect();
    assert_eq!(rules, ["password", "canary"]);
    let fingerprint = alarms[0].fingerprint.clone();
    let lifted = scanner.lifting(std::slice::from_ref(&fingerprint));
    assert!(lifted.scan("a.txt", b"gr33n-lantern").iter().all(|alarm| alarm.lifted));
    assert!(lifted.allowing(&["gr33n-lantern".to_owned()]).scan("a.txt", b"gr33n-lantern").is_empty());
}

#[test]
fn redacted_logs_are_quiet() {
    let log = String::from_utf8(logs::generate(21, 60_000, 30)).expect("generated logs are text");
    let redacted = redactor().text(&log);
    let alarms = scanner().with_known(&redacted.values).scan("log.txt", redacted.text.as_str().as_bytes());
    assert!(alarms.is_empty(), "{:?}", &alarms[..alarms.len().min(5)]);
}
