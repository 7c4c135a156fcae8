//! The tables of the first pass: one automaton of literals, and what to do at each.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use regex::bytes::Regex;

use super::super::rules::{Rule, Rules};
use super::Finder;

/// What a literal leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Shape { rule: usize, shape: usize },
    Pattern { rule: usize },
    Key { rule: usize },
    Near { rule: usize },
    Finder(Finder),
}

/// Compiled once from the rules.
pub(crate) struct Tables {
    pub(super) literals: AhoCorasick,
    actions: Vec<Vec<Action>>,
    finders: [Option<usize>; Finder::COUNT],
    /// Rules with a `token` pattern.
    tokens: Vec<usize>,
}

impl Tables {
    /// # Errors
    /// The index of the rule at fault and the reason.
    pub(crate) fn build(rules: &[Rule]) -> Result<Self, (usize, String)> {
        let mut book = Book::default();
        let mut finders = [None; Finder::COUNT];
        for (place, rule) in rules.iter().enumerate() {
            for (shape, compiled) in rule.shapes.iter().enumerate() {
                let prefix = compiled.prefix().ok_or((place, "a shape without a literal".to_owned()))?;
                book.add(prefix, Action::Shape { rule: place, shape });
            }
            for keyword in &rule.keywords {
                book.add(keyword.as_bytes(), Action::Pattern { rule: place });
            }
            for key in &rule.keys {
                for spelling in spellings(key) {
                    book.add(spelling.as_bytes(), Action::Key { rule: place });
                }
            }
            for near in &rule.near {
                for spelling in spellings(near) {
                    book.add(spelling.as_bytes(), Action::Near { rule: place });
                }
            }
            if let Some(finder) = rule.finder {
                if finders[finder as usize].replace(place).is_some() {
                    return Err((place, "another rule has this finder".to_owned()));
                }
                match finder {
                    Finder::UrlPassword => book.add(b"://", Action::Finder(finder)),
                    Finder::PrivateKey => book.add(b"-----BEGIN", Action::Finder(finder)),
                    Finder::CurlLogin => {
                        book.add(b"-u", Action::Finder(finder));
                        book.add(b"--user", Action::Finder(finder));
                    }
                    _ => {}
                }
            }
        }
        let literals = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&book.literals)
            .map_err(|error| (rules.len(), error.to_string()))?;
        let tokens = (0..rules.len()).filter(|place| rules[*place].token.is_some()).collect();
        Ok(Tables { literals, actions: book.actions, finders, tokens })
    }

    pub(super) fn actions(&self, literal: usize) -> &[Action] {
        &self.actions[literal]
    }

    /// The patterns for long runs of token characters.
    pub(super) fn tokens<'r>(&'r self, rules: &'r Rules) -> impl Iterator<Item = (usize, &'r Regex)> {
        self.tokens.iter().filter_map(|place| Some((*place, rules.rules[*place].token.as_ref()?)))
    }

    pub(crate) fn finder_rule(&self, finder: Finder) -> Option<usize> {
        self.finders[finder as usize]
    }
}

#[derive(Default)]
struct Book {
    known: HashMap<Vec<u8>, usize>,
    literals: Vec<Vec<u8>>,
    actions: Vec<Vec<Action>>,
}

impl Book {
    fn add(&mut self, literal: &[u8], action: Action) {
        let folded = literal.to_ascii_lowercase();
        let place = *self.known.entry(folded.clone()).or_insert_with(|| {
            self.literals.push(folded);
            self.actions.push(Vec::new());
            self.literals.len() - 1
        });
        self.actions[place].push(action);
    }
}

/// `api key` is written apikey, api_key, api-key, api.key and (in prose) api key; case is folded by the automaton.
fn spellings(words: &str) -> Vec<String> {
    if !words.contains(' ') {
        return vec![words.to_owned()];
    }
    ["", "_", "-", ".", " "].iter().map(|separator| words.replace(' ', separator)).collect()
}
