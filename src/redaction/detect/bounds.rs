//! Bounds on the work in one place: what begins again and again inside what was read before is not read every time.
//!
//! A row of keys without an end, or of beginnings of tokens, would otherwise cost its length for each of them.

use std::ops::Range;

use memchr::memmem::Finder;

use super::PATTERN_REACH;
use super::extent::Field;

/// Shortest value that counts, in bytes: shorter ones cost little.
const LONG: usize = 128;

/// How many long values may begin inside each other before most keys in them are passed over.
const MOST_INSIDE: usize = 8;

/// Long values that begin inside each other: a value without quotes in which key follows upon key.
#[derive(Default)]
pub(super) struct Chain {
    end: usize,
    count: usize,
}

impl Chain {
    /// Notes a value that was read.
    pub(super) fn note(&mut self, field: &Field) {
        if field.quoted || field.end - field.start < LONG {
            return;
        }
        self.count = if field.start < self.end { self.count + 1 } else { 1 };
        self.end = self.end.max(field.end);
    }

    /// Whether a key that ends at `name_end` is one of many in a chain, and its value as little a secret as theirs. The
    /// last part of a chain is read, since a value of its own may stand there.
    pub(super) fn is_inside(&self, name_end: usize) -> bool {
        self.count >= MOST_INSIDE && name_end + LONG <= self.end
    }
}

/// How often a pattern may fail within its reach, or find what is refused, before it is tried on little text only.
const MOST_FAILURES: usize = 16;

/// How much text that is, in bytes. Where it fits, the pattern reads on.
const LITTLE: usize = 160;

/// How many patterns are remembered at the same time.
const REMEMBERED: usize = 8;

/// Patterns that have failed lately.
#[derive(Default)]
pub(super) struct Failures([Failing; REMEMBERED]);

#[derive(Clone, Copy, Default)]
struct Failing {
    rule: usize,
    from: usize,
    count: usize,
    /// End of what was refused last.
    refused: usize,
}

impl Failures {
    /// How far the pattern of `rule` is tried at `start`, in bytes: not at all inside what was refused, after many
    /// failures.
    pub(super) fn reach(&mut self, rule: usize, start: usize) -> usize {
        let failing = &mut self.0[rule % REMEMBERED];
        if failing.rule != rule || start >= failing.from + PATTERN_REACH {
            *failing = Failing { rule, from: start, ..Failing::default() };
        }
        match failing.count < MOST_FAILURES {
            true => PATTERN_REACH,
            false if start < failing.refused => 0,
            false => LITTLE,
        }
    }

    /// Notes that the pattern of `rule`, where it was tried last, does not fit, or that what it found up to `refused` is
    /// no secret.
    pub(super) fn note(&mut self, rule: usize, refused: Option<usize>) {
        let failing = &mut self.0[rule % REMEMBERED];
        failing.count += 1;
        failing.refused = refused.unwrap_or(failing.refused);
    }
}

/// Where what a rule needs stands next: it is looked for once, however many places before it ask.
#[derive(Default)]
pub(super) struct Needed {
    rule: usize,
    /// None of it begins in here; some begins at the end, unless that is the end of the text.
    without: Range<usize>,
}

impl Needed {
    /// Whether something of what `rule` needs begins in `range`.
    pub(super) fn stand_in(&mut self, text: &[u8], rule: usize, needs: &[Finder<'_>], range: Range<usize>) -> bool {
        if self.rule != rule || !(self.without.start..=self.without.end).contains(&range.start) {
            let rest = &text[range.start..];
            let next = needs.iter().filter_map(|needed| needed.find(rest)).min().unwrap_or(rest.len());
            *self = Needed { rule, without: range.start..range.start + next };
        }
        self.without.end < range.end.min(text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::extent::Operator;
    use super::*;

    fn value(start: usize, end: usize) -> Field {
        Field { start, end, quoted: false, operator: Operator::Equals }
    }

    #[test]
    fn a_row_of_keys_is_read_now_and_then() {
        let mut chain = Chain::default();
        let mut read = 0;
        for start in (0..100_000).step_by(5) {
            if !chain.is_inside(start) {
                read += 1;
                chain.note(&value(start, start + 1024));
            }
        }
        assert!(read < 130, "{read}");
        // What stands by itself is read, however much of it there is.
        let mut chain = Chain::default();
        for start in (0..100_000).step_by(500) {
            assert!(!chain.is_inside(start));
            chain.note(&value(start, start + 490));
        }
    }

    #[test]
    fn what_is_needed_is_looked_for_once() {
        let text = [b"-".repeat(40), b".ey".to_vec(), b"-".repeat(40)].concat();
        let needs = [Finder::new(b"nothing"), Finder::new(b".ey")];
        let mut needed = Needed::default();
        for start in 0..text.len() {
            let expected = (21..=40).contains(&start);
            assert_eq!(needed.stand_in(&text, 7, &needs, start..start + 20), expected, "{start}");
        }
        assert!(needed.stand_in(&text, 8, &needs, 0..41) && !needed.stand_in(&text, 7, &needs, 0..40));
    }

    #[test]
    fn a_pattern_that_fails_and_fails_reads_little() {
        let mut failures = Failures::default();
        let read: usize = (0..100_000)
            .step_by(4)
            .map(|start| {
                failures.note(7, None);
                failures.reach(7, start)
            })
            .sum();
        assert!(read < 100 * 100_000, "{read}");
        failures.note(7, Some(100_060));
        assert_eq!((failures.reach(7, 100_004), failures.reach(7, 100_060)), (0, LITTLE));
        assert_eq!(failures.reach(7, 200_000), PATTERN_REACH);
    }
}
