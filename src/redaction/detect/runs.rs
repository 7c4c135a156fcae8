//! Long runs of token characters: tokens without a literal to begin with (Discord, Telegram, Mailchimp).
//!
//! The patterns of the rules that have a `token` are tried on what surrounds such a run.

use memchr::memmem::Finder;

use super::super::classes::{BASE64URL, ByteClass, and, run_end, run_start};
use super::super::rules::Rule;
use super::Sink;

/// How far the token may reach before and after its long run, in bytes.
const AROUND: usize = 64;

/// Longest text the patterns are tried on, in bytes.
const LONGEST: usize = 512;

/// What such tokens are made of, besides letters and digits.
static TOKEN: ByteClass = and(BASE64URL, b".:|~=%!");

/// Tries the `token` patterns on every long run without `/` and `+`, which no token holds, and on what of a token may
/// stand around it.
pub(super) fn scan(unparted_runs: &[(usize, usize)], sink: &mut Sink<'_>) {
    for (start, end) in unparted_runs.iter().copied() {
        try_patterns(sink, start, end);
    }
}

fn try_patterns(sink: &mut Sink<'_>, start: usize, end: usize) {
    let text = sink.text;
    let from = run_start(text, start, &TOKEN, AROUND);
    let to = run_end(text, end, &TOKEN, AROUND).min(from + LONGEST);
    let rules = sink.rules;
    let window = &text[from..to];
    // Most windows lack a byte of what a rule needs: that is known without looking for it.
    let mut stands = [false; 256];
    window.iter().for_each(|byte| stands[usize::from(*byte)] = true);
    if !stands[usize::from(b'0')..=usize::from(b'9')].contains(&true) {
        return;
    }
    for (rule, pattern) in rules.detector.tokens(rules) {
        let Rule { needs, run, .. } = &rules.rules[rule];
        let may_stand = |needed: &Finder<'_>| needed.needle().iter().all(|byte| stands[usize::from(*byte)]);
        if end - start < *run || !needs.iter().any(|needed| may_stand(needed) && needed.find(window).is_some()) {
            continue;
        }
        for found in pattern.find_iter(window) {
            sink.push(from + found.start(), from + found.end(), rule, "");
        }
    }
}
