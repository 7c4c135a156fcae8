//! Throughput of the redaction engine on one core beside baselines in the same run, on generated logs and on inputs made
//! to hurt: `cargo bench --bench redaction [-- FILE…]` (with files: those instead).
//!
//! Figures are MB in a second of processor time, since other programs on the machine do not count, and behind them of
//! elapsed time. `cat` and `gitleaks` run as programs of their own; a dash stands for what is not installed.

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aho_corasick::AhoCorasick;
use allclear::redaction::{PlaceholderKey, Redactor, Rules};

#[path = "../tests/suite/redaction/logs.rs"]
mod logs;

/// How much of each kind of input is generated, in bytes.
const SIZE: usize = 32 * 1024 * 1024;

/// How often a program reads the input of `cat`, which is done with it sooner than the clock ticks.
const CATS: usize = 32;

/// How much of an input gitleaks gets, in bytes.
const FOR_GITLEAKS: usize = 4 * 1024 * 1024;

fn main() {
    let rules = Arc::new(Rules::embedded().expect("the embedded rules compile"));
    let redactor = Redactor::new(rules, PlaceholderKey::from_bytes([7; 32]));
    println!("{:24} {:>12} {:>12} {:>12} {:>12} {:>12}", "input", "redact", "literals", "copy", "cat", "gitleaks");
    for (name, input) in inputs() {
        let redact = speed(input.len(), 5, &mut || {
            let summary = redactor.stream(&mut &input[..], &mut std::io::sink(), &mut |_| {});
            black_box(summary.expect("memory does not fail"));
            true
        });
        let plain = AhoCorasick::new(logs::LITERALS).expect("a few literals");
        let literals = speed(input.len(), 3, &mut || black_box(plain.find_iter(&input).count()) < usize::MAX);
        let copy = speed(input.len(), 3, &mut || {
            let mut copy = Vec::with_capacity(input.len());
            copy.write_all(&input).is_ok() && !black_box(copy).is_empty()
        });
        let cat = program("cat", &[], &input, CATS);
        let arguments = ["dir", "--no-banner", "--exit-code=0", "--log-level=fatal"];
        let gitleaks = program("gitleaks", &arguments, &input[..input.len().min(FOR_GITLEAKS)], 1);
        println!("{name:24} {redact:>12} {literals:>12} {copy:>12} {cat:>12} {gitleaks:>12}");
    }
}

type Make = fn() -> Vec<u8>;

/// What is measured, by its name.
fn inputs() -> Box<dyn Iterator<Item = (String, Vec<u8>)>> {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if !files.is_empty() {
        return Box::new(files.into_iter().map(|file| {
            let bytes = std::fs::read(&file).expect("the file can be read");
            (file, bytes)
        }));
    }
    let made: [(&str, Make); 7] = [
        ("clean logs", || logs::generate(1, SIZE, 0)),
        ("sparse logs (5 %)", || logs::generate(2, SIZE, 5)),
        ("dense logs (50 %)", || logs::generate(3, SIZE, 50)),
        ("one line of 50 MB", || logs::one_line(4, 50 * 1024 * 1024)),
        ("digits and signs", || logs::hostile_digits(SIZE)),
        ("base64 letters", || logs::hostile_base64(5, SIZE)),
        ("base64 of a log", || logs::hostile_encoded(6, SIZE)),
    ];
    let repeated = logs::HOSTILE.iter().map(|(name, row)| ((*name).to_owned(), row.repeat(SIZE / row.len())));
    Box::new(made.into_iter().map(|(name, make)| (name.to_owned(), make())).chain(repeated))
}

/// MB in a second, of processor time and of elapsed time.
struct Speed(Option<(f64, f64)>);

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.map_or_else(|| "-".to_owned(), |(worked, elapsed)| format!("{worked:.0} ({elapsed:.0})"));
        f.pad(&text)
    }
}

/// The best of so many runs; none when one of them fails.
fn speed(bytes: usize, runs: usize, work: &mut dyn FnMut() -> bool) -> Speed {
    let mut best = (0.0, 0.0);
    for _ in 0..runs {
        let (begun, clock) = (worked(), Instant::now());
        if !work() {
            return Speed(None);
        }
        let elapsed = clock.elapsed();
        let busy = worked().zip(begun).map_or(elapsed, |(now, before)| now - before);
        let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
        best = (f64::max(best.0, rate(busy)), f64::max(best.1, rate(elapsed)));
    }
    Speed(Some(best))
}

/// The speed of a program that reads the input so many times.
fn program(name: &str, arguments: &[&str], input: &[u8], times: usize) -> Speed {
    let mut file = tempfile::NamedTempFile::new().expect("the folder for temporary files can be written");
    file.write_all(input).expect("the folder for temporary files can be written");
    speed(input.len() * times, 3, &mut || {
        let mut command = Command::new(name);
        command.args(arguments).args(vec![file.path(); times]).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("GOMAXPROCS", "1").status().is_ok_and(|status| status.success())
    })
}

/// How long this thread and the programs it has waited for have worked, where the system says so.
fn worked() -> Option<Duration> {
    // What the system has counted is brought up to date when the thread steps back.
    std::thread::yield_now();
    let own = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let own = Duration::from_nanos(own.split(' ').next()?.parse().ok()?);
    let process = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may hold blanks; the times of children are the fourteenth and fifteenth word behind it.
    let mut words = process.rsplit(')').next()?.split_whitespace().skip(13);
    let ticks = words.next()?.parse::<u64>().ok()? + words.next()?.parse::<u64>().ok()?;
    Some(own + Duration::from_millis(ticks * TICK))
}

/// What the system counts the time of other programs in, in milliseconds.
const TICK: u64 = 10;
