//! Long runs of token characters: tokens without a literal to begin with (Discord, Telegram, Mailchimp).
//!
//! The patterns of the rules that have a `token` are tried on what surrounds such a run.

use memchr::memmem::Finder;

use super::super::classes::{BASE64URL, ByteClass, and, run_end, run_start};
use super::super::rules::Rule;
use super::Sink;
use super::landmarks::LONG_RUN;

/// How far the token may reach before and after its long run, in bytes.
const AROUND: usize = 64;

/// Longest text the patterns are tried on, in bytes.
const LONGEST: usize = 512;

/// What such tokens are made of, besides letters and digits.
static TOKEN: ByteClass = and(BASE64URL, b".:|~=%!");

/// Tries the `token` patterns on every long run; `/` and `+`, which no token holds, part the runs of both alphabets of base64.
pub(super) fn scan(long_runs: &[(usize, usize)], sink: &mut Sink<'_>) {
    let text = sink.text;
    for (start, end) in long_runs.iter().copied() {
        let mut at = start;
        while end - at >= LONG_RUN {
            // Looked at from behind: parts that end within the length of a long run are passed over together.
            if let Some(sign) = text[at..at + LONG_RUN].iter().rposition(|byte| matches!(byte, b'/' | b'+')) {
                at += sign + 1;
                continue;
            }
            let rest = at + LONG_RUN;
            let stop = memchr::memchr2(b'/', b'+', &text[rest..end]).map_or(end, |sign| rest + sign);
            try_patterns(sink, at, stop);
            at = (stop + 1).min(end);
        }
    }
}

/// The run and what of a token may stand around it.
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
