//! Throughput of the redaction engine beside plain baselines, on generated logs, in one run:
//! `cargo bench --bench redaction [-- FILE]`.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use allclear::redaction::{PlaceholderKey, Redactor, Rules};

#[path = "../tests/suite/redaction/logs.rs"]
mod logs;

/// How much of each kind of input is generated, in bytes.
const SIZE: usize = 32 * 1024 * 1024;

fn main() {
    let rules = Arc::new(Rules::embedded().expect("the embedded rules compile"));
    let redactor = Redactor::new(rules, PlaceholderKey::from_bytes([7; 32]));
    let inputs = [
        ("clean logs", logs::generate(1, SIZE, 0)),
        ("sparse logs (5 %)", logs::generate(2, SIZE, 5)),
        ("dense logs (50 %)", logs::generate(3, SIZE, 50)),
        ("one line of 50 MB", logs::one_line(4, 50 * 1024 * 1024)),
        ("digits and signs", logs::hostile_digits(SIZE)),
        ("keys without values", b"password=token=secret:api_key=\"".repeat(SIZE / 31)),
        ("escapes", br#"\\\"\/\u0040%40&amp;=3D"#.repeat(SIZE / 24)),
        ("base64 letters", logs::hostile_base64(5, SIZE)),
    ];
    println!("{:24} {:>10} {:>12} {:>10}", "input", "redact", "aho-corasick", "copy");
    for (name, input) in &inputs {
        let redact = speed(input, &mut |input| {
            let summary =
                redactor.stream(&mut &input[..], &mut std::io::sink(), &mut |_| {}).expect("memory does not fail");
            std::hint::black_box(summary);
        });
        let plain = AhoCorasick::new(logs::LITERALS).expect("a few literals");
        let search = speed(input, &mut |input| {
            std::hint::black_box(plain.find_iter(input).count());
        });
        let copy = speed(input, &mut |input| {
            let mut copy = Vec::with_capacity(input.len());
            copy.write_all(input).expect("memory does not fail");
            std::hint::black_box(copy);
        });
        println!("{name:24} {redact:>5.0} MB/s {search:>7.0} MB/s {copy:>5.0} MB/s");
    }
}

/// Best of three, in MB/s.
fn speed(input: &[u8], work: &mut dyn FnMut(&[u8])) -> f64 {
    (0..3)
        .map(|_| {
            let start = Instant::now();
            work(input);
            input.len() as f64 / 1e6 / start.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max)
}
