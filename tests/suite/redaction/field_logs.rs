//! Generated WordPress logs with planted secrets and lookalikes: what must go is gone, what must stay is unchanged.

use super::logs::{Draw, clean, generate, with_secret};
use super::properties::streamed;
use super::types::redactor;

#[test]
fn planted_secrets_are_gone() {
    let mut draw = Draw::new(31);
    for _ in 0..2000 {
        let (line, secret) = with_secret(&mut draw);
        let redacted = redactor().text(&line);
        assert!(!redacted.text.as_str().contains(&secret), "{line}");
    }
}

#[test]
fn records_without_secrets_come_back_unchanged() {
    let mut draw = Draw::new(32);
    for _ in 0..3000 {
        let line = clean(&mut draw);
        assert_eq!(redactor().text(&line).text.as_str(), line);
    }
}

#[test]
fn large_logs_pass_windows_without_a_leak() {
    let log = generate(33, 3 * 1024 * 1024, 20);
    let (output, findings) = streamed(&log, 4096);
    let text = String::from_utf8(output).expect("text stays text");
    for finding in &findings {
        let value = &log[finding.offset as usize..(finding.offset + finding.length) as usize];
        assert!(
            text.as_bytes()[finding.output_offset as usize..].starts_with(finding.placeholder.as_bytes())
                || text.contains("%5B")
        );
        assert!(!value.is_empty());
    }
    assert!(findings.len() > 3000);
}

#[test]
fn large_logs_without_secrets_come_back_unchanged() {
    // Several windows: what stands at the edge of one is seen without its surroundings there.
    let log = generate(1, 3 * 1024 * 1024, 0);
    let (output, findings) = streamed(&log, usize::MAX);
    assert_eq!(findings.first(), None);
    assert!(output == log);
}
