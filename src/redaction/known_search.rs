//! Looks for known values in a text: one automaton over all of them.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use super::classes::ALNUM;
use super::detect::Hit;
use super::known::KnownValues;
use super::rules::Rules;

/// An automaton over values, each with the index of its rule.
pub(crate) struct KnownSearch {
    automaton: Option<AhoCorasick>,
    rules: Vec<usize>,
    /// Values that are words must stand alone: `Rosemarie` does not remove part of `Rosemariental`.
    alone: Vec<bool>,
}

impl KnownSearch {
    pub(crate) fn from_known(known: &KnownValues, rules: &Rules) -> Self {
        let fallback = rules.by_id.get("known-value").copied().unwrap_or_default();
        let pairs: Vec<(&[u8], usize)> =
            known.iter().map(|(value, rule)| (value, rules.by_id.get(rule).copied().unwrap_or(fallback))).collect();
        Self::build(&pairs)
    }

    pub(crate) fn build(values: &[(&[u8], usize)]) -> Self {
        let automaton = if values.is_empty() {
            None
        } else {
            // Building fails only past four thousand million states, far beyond the cap on values.
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(values.iter().map(|(value, _)| *value))
                .ok()
        };
        KnownSearch {
            automaton,
            rules: values.iter().map(|(_, rule)| *rule).collect(),
            alone: values
                .iter()
                .map(|(value, _)| value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80))
                .collect(),
        }
    }

    /// Adds every place of every value.
    pub(crate) fn search(&self, text: &[u8], hits: &mut Vec<Hit>) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        for found in automaton.find_iter(text) {
            let (start, end) = (found.start(), found.end());
            let place = found.pattern().as_usize();
            if self.alone[place] && glued(text, start, end) {
                continue;
            }
            hits.push(Hit::plain(start, end, self.rules[place], ""));
        }
    }
}

fn glued(text: &[u8], start: usize, end: usize) -> bool {
    start > 0 && ALNUM[text[start - 1] as usize] || text.get(end).is_some_and(|byte| ALNUM[*byte as usize])
}

/// Values of one stream, from the finding on: a settled automaton and a small one for what is new, so that adding a
/// value does not build everything again.
pub(crate) struct StreamKnown {
    values: HashMap<Vec<u8>, usize>,
    order: Vec<Vec<u8>>,
    settled: KnownSearch,
    settled_to: usize,
    recent: KnownSearch,
    recent_to: usize,
}

/// How many values one stream remembers: the memory of a stream is constant. Past it only rules find values.
pub(crate) const STREAM_VALUES_MAX: usize = 8 * 1024;

impl StreamKnown {
    pub(crate) fn new() -> Self {
        StreamKnown {
            values: HashMap::new(),
            order: Vec::new(),
            settled: KnownSearch::build(&[]),
            settled_to: 0,
            recent: KnownSearch::build(&[]),
            recent_to: 0,
        }
    }

    pub(crate) fn insert(&mut self, value: &[u8], rule: usize) {
        if self.order.len() < STREAM_VALUES_MAX
            && super::known::may_be_removed_blindly(value)
            && !self.values.contains_key(value)
        {
            self.values.insert(value.to_vec(), rule);
            self.order.push(value.to_vec());
        }
    }

    /// Whether values were added since the last search.
    pub(crate) fn has_new(&self) -> bool {
        self.recent_to < self.order.len()
    }

    pub(crate) fn search(&mut self, text: &[u8], hits: &mut Vec<Hit>) {
        if self.has_new() {
            self.rebuild();
        }
        self.settled.search(text, hits);
        self.recent.search(text, hits);
    }

    fn rebuild(&mut self) {
        let waiting = self.order.len() - self.settled_to;
        if waiting > 64.max(self.settled_to / 2) {
            self.settled = self.automaton(0);
            self.settled_to = self.order.len();
        }
        self.recent = self.automaton(self.settled_to);
        self.recent_to = self.order.len();
    }

    fn automaton(&self, from: usize) -> KnownSearch {
        let pairs: Vec<(&[u8], usize)> = self.order[from..]
            .iter()
            .map(|value| (value.as_slice(), self.values.get(value).copied().unwrap_or(0)))
            .collect();
        KnownSearch::build(&pairs)
    }
}
