//! Long runs of token characters: tokens without a literal to begin with (Discord, Telegram, Mailchimp).
//!
//! Looking at every sixteenth byte is enough to find every run of sixteen, so ordinary words cost almost nothing. The
//! patterns of the rules that have a `token` are tried on what surrounds such a run.

use super::super::classes::{BASE64URL, ByteClass, run_end, run_start};
use super::Sink;

/// Shortest run that is looked at, in bytes.
const SHORTEST: usize = 16;

/// How far the token may reach before and after its long run, in bytes.
const AROUND: usize = 64;

/// Longest text the patterns are tried on, in bytes.
const LONGEST: usize = 512;

/// What such tokens are made of, besides letters and digits.
static TOKEN: ByteClass = {
    let mut table = BASE64URL;
    let signs = b".:|~=%!";
    let mut i = 0;
    while i < signs.len() {
        table[signs[i] as usize] = true;
        i += 1;
    }
    table
};

/// Tries the `token` patterns on every long run.
pub(super) fn scan(sink: &mut Sink<'_>) {
    let text = sink.text;
    let mut at = 0;
    while let Some(look) = text.get(at + SHORTEST - 1) {
        if !BASE64URL[*look as usize] {
            at += SHORTEST;
            continue;
        }
        let start = run_start(text, at + SHORTEST - 1, &BASE64URL, SHORTEST - 1);
        let end = run_end(text, at + SHORTEST, &BASE64URL, usize::MAX);
        at = end.max(at + 1);
        if end - start >= SHORTEST && text[start..end.min(start + LONGEST)].iter().any(u8::is_ascii_digit) {
            at = at.max(try_patterns(sink, start, end));
        }
    }
}

/// Returns where to go on.
fn try_patterns(sink: &mut Sink<'_>, start: usize, end: usize) -> usize {
    let text = sink.text;
    let from = run_start(text, start, &TOKEN, AROUND);
    let to = run_end(text, end, &TOKEN, AROUND).min(from + LONGEST);
    let rules = sink.rules;
    let window = &text[from..to];
    for (rule, pattern) in rules.detector.tokens(rules) {
        let needs = &rules.rules[rule].needs;
        if !needs.iter().any(|needed| memchr::memmem::find(window, needed.as_bytes()).is_some()) {
            continue;
        }
        for found in pattern.find_iter(window) {
            sink.push(from + found.start(), from + found.end(), rule, "");
        }
    }
    end
}
