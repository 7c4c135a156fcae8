//! Properties that hold for any input: nothing is lost or cut differently by the size of reads, redacted text comes
//! back unchanged, and what is listed as found is gone.

use std::io::Read;

use allclear::redaction::Finding;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::hunt::worked;
use super::types::redactor;

/// Gives its bytes in pieces of changing size.
struct Pieces<'b> {
    rest: &'b [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.size.min(buffer.len()).min(self.rest.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest = &self.rest[count..];
        self.size = self.size.wrapping_mul(7) % 1009 + 1;
        Ok(count)
    }
}

pub(super) fn streamed(input: &[u8], size: usize) -> (Vec<u8>, Vec<Finding>) {
    let mut output = Vec::new();
    let mut findings = Vec::new();
    let summary = redactor()
        .stream(&mut Pieces { rest: input, size }, &mut output, &mut |finding| findings.push(finding.clone()))
        .expect("memory does not fail");
    assert_eq!(summary.bytes_in, input.len() as u64);
    assert_eq!(summary.bytes_out, output.len() as u64);
    (output, findings)
}

/// Pieces of text that wake up every part of the engine, true and broken.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "\\PC{0,20}",
        Just("password=".to_owned()),
        Just("\"password\": \"gr33n-lantern\"".to_owned()),
        Just("Authorization: Bearer k3J9dLw0PqZ7xV2m".to_owned()),
        Just("Cookie: sid=k3j9dlw0pqz7xv2m; theme=dark\r\n".to_owned()),
        Just("ann.lee@shop.example".to_owned()),
        Just("ann%40shop.example%20".to_owned()),
        Just("mysql://shop:gr33n-lantern@db.example/shop".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("81.2.69.160".to_owned()),
        Just("2a00:1450:4001:81b::200e".to_owned()),
        Just("[password:abcdef]".to_owned()),
        Just("%5Bemail%3Aabcdef%5D".to_owned()),
        Just("s:8:\"password\";s:13:\"gr33n-lantern\";".to_owned()),
        Just("eyJlbWFpbCI6ICJhbm5Ac2hvcC5leGFtcGxlIiwgIngiOiAidGhlIHF1aWNrIn0=".to_owned()),
        Just("{\\\"token\\\":\\\"k3J9dLw0PqZ7xV2m\\\"}".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----\nMIIEinvented0123456789\n-----END PRIVATE KEY-----".to_owned()),
        Just("\"phone\":491761234567,".to_owned()),
        Just("\n".to_owned()),
        Just("\\u0040 &#64; =40 %40 \\/ =\n".to_owned()),
        "[\\[\\]{}\"':;=&%\\\\,<>()-]{0,12}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(fragment(), 0..24).prop_map(|parts| parts.join(""))
}

/// The same fragments, each standing by itself.
fn separate() -> impl Strategy<Value = String> {
    proptest::collection::vec(fragment(), 0..24).prop_map(|parts| parts.join(" \n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_pass_and_are_counted(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
        let (output, findings) = streamed(&bytes, 3);
        if findings.is_empty() {
            prop_assert_eq!(output, bytes);
        }
    }

    #[test]
    fn the_size_of_reads_changes_nothing(text in text(), size in 1_usize..200) {
        let (one, findings) = streamed(text.as_bytes(), usize::MAX);
        let (other, again) = streamed(text.as_bytes(), size);
        prop_assert_eq!(one, other);
        prop_assert_eq!(findings, again);
    }

    #[test]
    fn redacted_text_comes_back_unchanged(text in text()) {
        let once = redactor().text(&text);
        let twice = redactor().text(once.text.as_str());
        prop_assert_eq!(once.text.as_str(), twice.text.as_str());
        prop_assert!(twice.findings.is_empty());
    }

    #[test]
    fn what_is_found_is_gone(text in separate()) {
        let redacted = redactor().text(&text);
        let again = redactor().with_known(&redacted.values).text(redacted.text.as_str());
        prop_assert_eq!(redacted.text.as_str(), again.text.as_str());
    }

    #[test]
    fn findings_point_at_their_places(text in text()) {
        let (output, findings) = streamed(text.as_bytes(), 17);
        for finding in findings {
            let at = finding.output_offset as usize;
            let placeholder = finding.placeholder.as_bytes();
            let plain = output[at..].starts_with(placeholder);
            let encoded = output[at..].starts_with(b"%5B");
            let hidden = text.contains("eyJ");
            prop_assert!(plain || encoded || hidden);
            prop_assert!(finding.offset + finding.length <= text.len() as u64);
            let line = text.as_bytes()[..finding.offset as usize].iter().filter(|byte| **byte == b'\n').count() + 1;
            prop_assert_eq!(line as u64, finding.line);
        }
    }

    #[test]
    fn json_stays_json(text in text(), more in text()) {
        let inner = serde_json::json!({"message": text, "nested": [more, 7, null]});
        // Twice wrapped, with slashes escaped as PHP does.
        let outer = serde_json::json!({"body": inner.to_string(), "plain": inner}).to_string().replace('/', "\\/");
        let redacted = redactor().text(&outer);
        let read: Result<serde_json::Value, _> = serde_json::from_str(redacted.text.as_str());
        prop_assert!(read.is_ok(), "{}", redacted.text.as_str());
    }
}

/// Rows that made this or another redactor slow: each mebibyte must be read in a bounded number of looks, so the time
/// may grow with the size only.
#[test]
fn twice_as_much_takes_no_more_than_twice_as_long() {
    let rows = [
        "password='",
        "password: ",
        "xoxb-",
        "s:99999:\"pass\";s:9:\"",
        "Authorization: ",
        "[password] => ",
        "%25",
        "\\\"",
        "api_key=",
        "-eyJ",
    ];
    for row in rows {
        let time = |size: usize| {
            let text = row.repeat(size / row.len());
            (0..3)
                .map(|_| {
                    let start = worked();
                    std::hint::black_box(streamed(text.as_bytes(), usize::MAX));
                    worked() - start
                })
                .min()
                .unwrap_or_default()
        };
        let (small, large) = (time(64 * 1024), time(512 * 1024));
        assert!(large < small * 8 * 4, "{row:?}: {small:?} for 64 KiB, {large:?} for 512 KiB");
    }
}
