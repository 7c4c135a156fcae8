//! The tables of the first pass: the literals that wake up rules, and what to do at each.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use regex::bytes::Regex;

use super::super::rules::{Rule, Rules};
use super::Finder;
use super::lexicon::Lexicon;

/// What a literal leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Shape {
        rule: usize,
        shape: usize,
    },
    Pattern {
        rule: usize,
    },
    Key {
        rule: usize,
    },
    Near {
        rule: usize,
    },
    Finder(Finder),
    /// A word that tells what a row of a dump holds.
    Row,
}

/// Compiled once from the rules.
pub(crate) struct Tables {
    pub(super) lexicon: Lexicon,
    word_actions: Vec<Vec<Action>>,
    /// Literals that stand anywhere: few and of three bytes or more, so that they are searched with vector instructions.
    pub(super) loose: AhoCorasick,
    loose_actions: Vec<Vec<Action>>,
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
            let add = if rule.inside_words { Book::add_loose } else { Book::add_word };
            for (shape, compiled) in rule.shapes.iter().enumerate() {
                let prefix = compiled.prefix().ok_or((place, "a shape without a literal".to_owned()))?;
                add(&mut book, prefix, Action::Shape { rule: place, shape });
            }
            for keyword in &rule.keywords {
                add(&mut book, keyword.as_bytes(), Action::Pattern { rule: place });
            }
            for key in &rule.keys {
                for spelling in spellings(key) {
                    book.add_word(spelling.as_bytes(), Action::Key { rule: place });
                }
            }
            for near in &rule.near {
                for spelling in spellings(near) {
                    book.add_word(spelling.as_bytes(), Action::Near { rule: place });
                }
            }
            if let Some(finder) = rule.finder {
                if finders[finder as usize].replace(place).is_some() {
                    return Err((place, "another rule has this finder".to_owned()));
                }
                match finder {
                    Finder::UrlPassword => book.add_loose(b"://", Action::Finder(finder)),
                    Finder::PrivateKey => book.add_loose(b"-----BEGIN", Action::Finder(finder)),
                    Finder::CurlLogin => {
                        book.add_loose(b" -u", Action::Finder(finder));
                        book.add_loose(b" --user", Action::Finder(finder));
                    }
                    Finder::ProsePassword => {
                        for word in [&b"password"[..], b"passwort", b"passphrase"] {
                            book.add_word(word, Action::Finder(finder));
                        }
                    }
                    Finder::UserRow => {
                        for hash in [&b"$P$"[..], b"$wp$2y$", b"$2y$"] {
                            book.add_loose(hash, Action::Finder(finder));
                        }
                        for word in [&b"billing'"[..], b"shipping'", b"wc_customer_lookup", b"comments"] {
                            book.add_word(word, Action::Row);
                        }
                    }
                    _ => {}
                }
            }
        }
        let loose = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(&book.loose.literals)
            .map_err(|error| (rules.len(), error.to_string()))?;
        if book.words.literals.len() > usize::from(u16::MAX) {
            return Err((rules.len() - 1, "there are too many literals".to_owned()));
        }
        let tokens = (0..rules.len()).filter(|place| rules[*place].token.is_some()).collect();
        let lexicon = Lexicon::new(&book.words.literals);
        let Book { words, loose: others } = book;
        Ok(Tables { lexicon, word_actions: words.actions, loose, loose_actions: others.actions, finders, tokens })
    }

    pub(super) fn word_actions(&self, literal: usize) -> &[Action] {
        &self.word_actions[literal]
    }

    pub(super) fn loose_actions(&self, literal: usize) -> &[Action] {
        &self.loose_actions[literal]
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
    words: Part,
    loose: Part,
}

#[derive(Default)]
struct Part {
    known: HashMap<Vec<u8>, usize>,
    literals: Vec<Vec<u8>>,
    actions: Vec<Vec<Action>>,
}

impl Book {
    /// A literal that begins at the start of a word, in any case.
    fn add_word(&mut self, literal: &[u8], action: Action) {
        if literal.len() < 3 || !literal[0].is_ascii_alphanumeric() {
            self.add_loose(literal, action);
        } else if literal[..2].iter().all(u8::is_ascii_digit) {
            // Such words are no landmarks.
            let mut spellings = vec![literal.to_vec(), literal.to_ascii_lowercase(), literal.to_ascii_uppercase()];
            spellings.sort();
            spellings.dedup();
            spellings.iter().for_each(|spelling| self.add_loose(spelling, action));
        } else {
            self.words.add(literal.to_ascii_lowercase(), action);
        }
    }

    /// A literal that stands anywhere, exactly as written.
    fn add_loose(&mut self, literal: &[u8], action: Action) {
        self.loose.add(literal.to_vec(), action);
    }
}

impl Part {
    fn add(&mut self, literal: Vec<u8>, action: Action) {
        let place = *self.known.entry(literal.clone()).or_insert_with(|| {
            self.literals.push(literal);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_that_stand_anywhere_are_few_and_three_bytes_or_longer() {
        let rules = Rules::embedded().unwrap_or_else(|error| panic!("{error}"));
        let loose = &rules.detector.loose;
        assert!(loose.min_pattern_len() >= 3, "a shorter one makes the search a third slower");
        assert!(loose.patterns_len() <= 64, "{} of them: each costs every text", loose.patterns_len());
    }
}
