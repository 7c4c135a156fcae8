//! A hunt for inputs that break what always holds: nothing panics, every byte is accounted for, the size of reads changes
//! nothing, what is redacted comes back unchanged, and no value that was found is left in what comes out.
//!
//! A few seconds of it run with the suite, always on the same inputs. `ALLCLEAR_HUNT_SECONDS=1200 cargo test --release
//! --test suite redaction::hunt` hunts on with new ones and also measures time; `ALLCLEAR_HUNT_SEED` begins with a seed that
//! an earlier hunt has printed.

use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use allclear::redaction::{Finding, Redactor};

use super::logs::{self, Draw};
use super::types::redactor;

/// Inputs that once broke a redactor, or that were written to: one file each.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/redaction");

/// Pieces that wake up a part of the engine.
const PIECES: &[&str] = &[
    "password=",
    "\"password\":\"",
    "api_key: ",
    "Authorization: Bearer ",
    "Authorization: Digest username=\"a\", response=\"",
    "Cookie: sid=",
    "Set-Cookie: a=",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----",
    "mysql://shop:",
    "@db.example/shop",
    "ann.lee@shop.example",
    "ann=40shop.example",
    "s:99999999999:\"",
    "s:8:\"password\";s:13:\"",
    "a:1:{s:4:\"",
    "\";}",
    "[password:abcdef]",
    "%5Bemail%3Aabcdef%5D",
    "[password:",
    "curl -u shop:",
    "<password>",
    "</password>",
    "password</td><td>",
    "[db_password] => ",
    "wp_authenticate('ann', '",
    "4111 1111 1111 1111",
    "DE89370400440532013000",
    "+49 30 12345678",
    "81.2.69.160",
    "2a00:1450:4001:81b::200e",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wLTcifQ.",
    "xoxb-",
    "sk-proj-",
    "AKIA",
    "8Q~",
    "\\u0040",
    "\\\\\\\"",
    "\\\"",
    "%40",
    "%2540",
    "&#64;",
    "&amp;quot;",
    "=3D",
    "=\n",
    "=70=61=73=73",
    "cGFzc3dvcmQ9Z3IzM24tbGFudGVybg==",
    "cGFzc3dvcmQgPSAiZ3IzM24tbGFudGVybiIgYW5kIG1v\n",
    "p\0a\0s\0s\0w\0o\0r\0d\0=\0",
    "\0t\0o\0k\0e\0n\0:\0 \0k\0J\0d\0L\0w\0P\0q",
    "\u{feff}",
    "é\u{1f511}",
    "'",
    "\"",
    "`",
    "\n",
    "\r\n\r\n",
    " ",
    "UPDATE wp_options SET option_value = '",
    "' WHERE option_name = 'api_key'",
    "the password is ",
    "INSERT INTO t (name, `password`, mail) VALUES ('ann', '",
    "'), (7, 'b', ",
    "wc_customer_lookup VALUES (",
    "(12,34,'billing','",
    "id,first_name,city\n7,",
    "| ID | display_name |\n| 7 | ",
    "password, ",
    "\" +\n  \"",
    "password:\n    ",
    "token: >-\n  ",
    "\"\"\"",
    "\"\"password\"\":\"\"",
    "auth=(\"ann\", \"",
    "<entry key=\"password\">",
    "- name: API_KEY\n  value: ",
];

fn random_bytes(draw: &mut Draw, count: usize) -> Vec<u8> {
    (0..count).map(|_| draw.below(256) as u8).collect()
}

/// An input: pieces, lines with and without secrets, and then some damage.
fn input(draw: &mut Draw, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..1 + draw.below(10) {
        match draw.below(12) {
            0..=5 => out.extend_from_slice(draw.one(PIECES).as_bytes()),
            6 => out.extend(draw.alnum(20).into_bytes()),
            7 => out.extend(logs::with_secret(draw).0.into_bytes()),
            8 => out.extend(logs::clean(draw).into_bytes()),
            9 => out.extend(draw.hex(32).into_bytes()),
            10 => out.extend_from_slice(&corpus[draw.below(corpus.len())]),
            _ => {
                let count = draw.below(12);
                out.extend(random_bytes(draw, count));
            }
        }
    }
    out.truncate(6000);
    for _ in 0..draw.below(4) {
        damage(draw, &mut out);
    }
    out
}

fn damage(draw: &mut Draw, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let from = draw.below(bytes.len());
    let to = (from + 1 + draw.below(24)).min(bytes.len());
    match draw.below(6) {
        0 => bytes[from] = draw.below(256) as u8,
        1 => drop(bytes.drain(from..to)),
        2 => bytes.truncate(from),
        3 => {
            let piece: Vec<u8> = bytes[from..to].to_vec();
            let again = piece.repeat(1 + draw.below(12));
            bytes.splice(from..from, again);
        }
        4 => drop(bytes.splice(from..from, draw.one(PIECES).bytes())),
        _ => {
            let wide: Vec<u8> = bytes[from..].iter().take(60).flat_map(|byte| [*byte, 0]).collect();
            let end = bytes.len().min(from + 60);
            bytes.splice(from..end, wide);
        }
    }
}

/// Gives its bytes a few at a time.
struct Few<'b>(&'b [u8], usize);

impl Read for Few<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(buffer.len()).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn streamed(redactor: &Redactor, input: &[u8], size: usize) -> (Vec<u8>, Vec<Finding>) {
    let (mut output, mut findings) = (Vec::new(), Vec::new());
    let summary = redactor
        .stream(&mut Few(input, size), &mut output, &mut |finding| findings.push(finding.clone()))
        .expect("memory does not fail");
    assert_eq!(summary.bytes_in, input.len() as u64);
    assert_eq!(summary.bytes_out, output.len() as u64);
    (output, findings)
}

/// What holds for every input.
fn check(redactor: &Redactor, input: &[u8]) {
    let (output, findings) = streamed(redactor, input, usize::MAX);
    assert_eq!((&output, &findings), (&streamed(redactor, input, 7).0, &findings));
    if findings.is_empty() {
        assert_eq!(output, input);
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    let once = redactor.text(text);
    let again = redactor.text(once.text.as_str());
    assert_eq!(once.text.as_str(), again.text.as_str(), "redacted text comes back unchanged");
    let known = redactor.clone().with_known(&once.values).text(once.text.as_str());
    assert_eq!(once.text.as_str(), known.text.as_str(), "what was found is gone");
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(CORPUS)
        .expect("the corpus lies beside the tests")
        .map(|entry| {
            let entry = entry.expect("a folder can be read");
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file can be read"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_corpus_breaks_nothing() {
    let redactor = redactor();
    let files = corpus();
    assert!(files.len() >= 20, "{} files", files.len());
    for (name, bytes) in files {
        println!("{name}");
        check(&redactor, &bytes);
    }
}

#[test]
fn placeholders_in_utf_16_come_back_unchanged_wherever_they_stand() {
    let wide: String = "[password:abcdef]".chars().flat_map(|letter| [letter, '\0']).collect();
    for text in [format!("password=\"{wide}\" and more"), format!("password={wide}\n"), format!("token: '{wide}'")] {
        assert_eq!(redactor().text(&text).text.as_str(), text);
    }
}

/// How long this thread has worked: other programs on the machine do not count, where the system says so.
pub fn worked() -> Duration {
    // The count is brought up to date when the thread steps back.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

static START: OnceLock<Instant> = OnceLock::new();

/// How often the hunt draws when nobody asks for more.
const ROUNDS: usize = 1200;

/// How many times slower than a log with a value in every second record an input may be: values side by side in escapes of
/// escapes are read in every depth. What is read over and over is slower than that by far.
const SLOWER: f64 = 16.0;

/// Bytes in a second.
fn speed(redactor: &Redactor, bytes: &[u8]) -> f64 {
    let begun = worked();
    streamed(redactor, bytes, usize::MAX);
    bytes.len() as f64 / (worked() - begun).as_secs_f64()
}

#[test]
fn a_hunt_finds_nothing() {
    let log = logs::generate(5, 1024 * 1024, 50);
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("ALLCLEAR_HUNT_SECONDS");
    let ends = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let corpus: Vec<Vec<u8>> = corpus().into_iter().map(|(_, bytes)| bytes).collect();
    let redactor = redactor();
    let new = if ends.is_some() { u64::from(std::process::id()) << 20 } else { 77 };
    let seed = number("ALLCLEAR_HUNT_SEED").unwrap_or(new);
    let mut round = 0;
    while ends.map_or(round < ROUNDS, |ends| Instant::now() < ends) {
        let mut draw = Draw::new(seed + round as u64);
        let bytes = input(&mut draw, &corpus);
        if ends.is_some() {
            println!("seed {}", seed + round as u64);
        }
        check(&redactor, &bytes);
        if ends.is_some() && round % 20 == 0 && !bytes.is_empty() {
            let large = bytes.repeat(1024 * 1024 / bytes.len().max(1) + 1);
            // Other programs share the machine, so both are measured side by side, and again before it is believed.
            let slow = || speed(&redactor, &large) * SLOWER < speed(&redactor, &log);
            assert!(!(slow() && slow() && slow()), "{:.1} MB/s for {bytes:?}", speed(&redactor, &large) / 1e6);
        }
        round += 1;
    }
    println!("{round} inputs");
}
