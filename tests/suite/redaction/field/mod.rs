//! The field: what a WordPress shop writes, with planted secrets of every kind in every notation and wrapping, and
//! lookalikes that must stay. Each measure has a floor below which the test fails; all figures are printed
//! (`cargo test --test suite redaction::field -- --nocapture`).

mod kinds;
mod lookalikes;
mod notations;
mod records;
mod wrappings;

use std::collections::BTreeMap;

use allclear::redaction::PlaceholderKey;
use allclear::redaction::scan::Scanner;

use super::logs::{self, Draw};
use super::types::{redactor, rules};
use wrappings::{WRAPPINGS, Wrapping};

/// A line with planted secrets.
struct Planted {
    /// What is measured together.
    kind: String,
    /// Its notation or record.
    place: &'static str,
    line: String,
    secrets: Vec<String>,
}

/// Every kind in every notation that can hold it, and every record.
fn planted(draw: &mut Draw) -> Vec<Planted> {
    let mut out = Vec::new();
    for kind in kinds::KINDS {
        for notation in notations::NOTATIONS {
            let value = kinds::fill(draw, kind.form);
            if notation.bare && value.contains([' ', '&', '<', '#', ';', '\'', '(', '}', '|', '@', '?', '%', '{']) {
                continue;
            }
            let line = notation.write(draw.one(kind.keys), &value);
            out.push(Planted { kind: kind.name.to_owned(), place: notation.name, line, secrets: vec![value] });
        }
        for sentence in notations::SENTENCES.iter().filter(|_| kind.alone) {
            let value = kinds::fill(draw, kind.form);
            let line = sentence.write("", &value);
            out.push(Planted { kind: kind.name.to_owned(), place: sentence.name, line, secrets: vec![value] });
        }
    }
    for (name, line, secrets) in records::every(draw) {
        out.push(Planted { kind: format!("record {name}"), place: name, line, secrets });
    }
    out
}

/// What comes out of the redactor.
fn redacted(input: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(input.len() + 256);
    redactor().stream(&mut &input[..], &mut output, &mut |_| {}).expect("memory does not fail");
    output
}

/// How many of the secrets are gone from what comes out.
fn gone(wrapping: &Wrapping, planted: &Planted) -> usize {
    let output = redacted(&(wrapping.wrap)(&planted.line));
    let raw = String::from_utf8_lossy(&output).into_owned();
    let plain = (wrapping.unwrap)(&output);
    planted.secrets.iter().filter(|secret| !raw.contains(*secret) && !plain.contains(*secret)).count()
}

#[derive(Default)]
struct Share {
    good: usize,
    all: usize,
}

impl Share {
    fn percent(&self) -> f64 {
        100.0 * self.good as f64 / self.all.max(1) as f64
    }
}

/// Which of the planted lines are measured.
#[derive(Clone, Copy)]
enum Part {
    All,
    /// Every record, and of each kind two or three notations: other ones for every wrapping, so that together they see
    /// all of them.
    Turn(usize),
}

/// Notations of a kind that share a turn; there are about fifty.
const TURNS: usize = 20;

impl Part {
    fn has(self, place: usize, planted: &Planted) -> bool {
        match self {
            Part::All => true,
            Part::Turn(turn) => place % TURNS == turn % TURNS || planted.kind.starts_with("record"),
        }
    }
}

/// The share of secrets that are gone, by kind, and the share over all kinds; `leaks` hears of every leak.
fn measure(seed: u64, wrapping: &Wrapping, part: Part, leaks: &mut dyn FnMut(&Planted)) -> BTreeMap<String, Share> {
    let mut draw = Draw::new(seed);
    let mut by_kind: BTreeMap<String, Share> = BTreeMap::new();
    for (place, planted) in planted(&mut draw).iter().enumerate() {
        if !part.has(place, planted) {
            continue;
        }
        let good = gone(wrapping, planted);
        let share = by_kind.entry(planted.kind.clone()).or_default();
        share.good += good;
        share.all += planted.secrets.len();
        if good < planted.secrets.len() {
            leaks(planted);
        }
    }
    by_kind
}

fn mean(by_kind: &BTreeMap<String, Share>) -> f64 {
    by_kind.values().map(Share::percent).sum::<f64>() / by_kind.len() as f64
}

/// Prints what a measure found, with one line for each kind and place that leaked; the mean over all kinds, and each.
fn figures(seed: u64, wrapping: &Wrapping, part: Part) -> (f64, BTreeMap<String, Share>) {
    let mut leaked: BTreeMap<(String, &str), String> = BTreeMap::new();
    let by_kind = measure(seed, wrapping, part, &mut |planted| {
        leaked.entry((planted.kind.clone(), planted.place)).or_insert_with(|| planted.line.clone());
    });
    let mean = mean(&by_kind);
    let secrets: usize = by_kind.values().map(|share| share.all).sum();
    println!("{}: {secrets} secrets of {} kinds, mean over kinds {mean:.2} %", wrapping.name, by_kind.len());
    for ((kind, place), line) in &leaked {
        println!("    {kind} {:.0} %, {place}: {line:?}", by_kind[kind].percent());
    }
    (mean, by_kind)
}

#[test]
fn every_kind_is_gone_in_every_notation() {
    let (mean, by_kind) = figures(51, &WRAPPINGS[0], Part::All);
    assert!(mean >= 99.5, "{mean:.2} %");
    for (kind, share) in &by_kind {
        assert!(share.percent() >= 95.0, "{kind}: {:.1} %", share.percent());
    }
}

#[test]
fn every_kind_is_gone_in_every_wrapping() {
    for (turn, wrapping) in WRAPPINGS.iter().enumerate() {
        let (mean, _) = figures(52, wrapping, Part::Turn(turn));
        assert!(mean >= 99.0, "{}: {mean:.2} %", wrapping.name);
    }
}

#[test]
fn lookalikes_stay_in_every_wrapping() {
    let mut draw = Draw::new(53);
    for wrapping in WRAPPINGS {
        for (name, line) in lookalikes::every(&mut draw) {
            let input = (wrapping.wrap)(&line);
            let output = redacted(&input);
            assert!(output == input, "{name} in {}: {line}\n{}", wrapping.name, String::from_utf8_lossy(&output));
        }
    }
}

#[test]
fn lines_without_secrets_stay() {
    let mut draw = Draw::new(54);
    let (mut kept, mut all) = (0, 0);
    for _ in 0..2000 {
        let line = if draw.below(3) == 0 { logs::clean(&mut draw) } else { lookalikes::draw(&mut draw).1 };
        all += 1;
        kept += usize::from(redacted(line.as_bytes()) == line.as_bytes());
    }
    println!("{kept} of {all} lines without secrets are unchanged");
    assert!(kept * 1000 >= all * 999, "{kept} of {all}");
}

/// The second scan has its own eyes: what was planted by form and what it was told of must be seen in every wrapping.
#[test]
fn the_second_scan_sees_every_wrapping() {
    let mut draw = Draw::new(55);
    let key = PlaceholderKey::from_bytes([7; 32]);
    let scanner = Scanner::new(rules(), key.clone());
    for wrapping in WRAPPINGS {
        let (mut by_form, mut told, mut all) = (0, 0, 0);
        for kind in kinds::KINDS.iter().filter(|kind| kind.alone) {
            let value = kinds::fill(&mut draw, kind.form);
            let line = notations::SENTENCES[0].write("", &value);
            let bytes = (wrapping.wrap)(&line);
            let form = !scanner.scan("log.txt", &bytes).is_empty();
            let canary = Scanner::for_values_only(rules(), key.clone()).with_canaries(std::slice::from_ref(&value));
            let seen = !canary.scan("log.txt", &bytes).is_empty();
            if !form || !seen {
                println!("    {}: {} by form: {form}, told: {seen}: {line}", wrapping.name, kind.name);
            }
            by_form += usize::from(form);
            told += usize::from(seen);
            all += 1;
        }
        println!("{}: {by_form} of {all} by form, {told} told", wrapping.name);
        assert!(told == all && by_form * 100 >= all * 98, "{}", wrapping.name);
    }
}
