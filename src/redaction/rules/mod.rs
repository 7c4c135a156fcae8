//! The rules: data in TOML files, compiled once at start.
//!
//! Everything wrong with a rule file is an error that names file, line, rule and reason; nothing is skipped, because a
//! rule that vanishes silently is a leak. The files of the product are embedded at compile time.

mod compile;
mod cost;
mod embedded;
mod examples;
mod exceptions;
mod file;
mod keywords;
pub(crate) mod shape;

use std::collections::HashMap;

use serde::Serialize;

use super::detect::Finder;
use super::detect::judge::Judge;
use super::finding::Level;
use super::validate::Check;
pub use examples::{Example, ExampleFailure};
pub(crate) use exceptions::Exception;
use shape::Shape;

/// Why a set of rules was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{reason}", if rule.is_empty() { String::new() } else { format!("rule {rule}: ") })]
pub struct RuleError {
    /// The file's name.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// The rule's id; empty when the file itself does not parse.
    pub rule: String,
    /// What is wrong, in one sentence.
    pub reason: String,
}

/// What a page or `--explain` shows of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its id, as in the placeholder.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// One sentence: why this is removed.
    pub why: String,
    /// How sure it is.
    pub level: Level,
}

/// The compiled rules, parsed once at start.
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) by_id: HashMap<String, usize>,
    pub(crate) detector: super::detect::Tables,
    pub(crate) exceptions: Vec<Exception>,
    fingerprint: String,
}

/// One compiled rule.
pub(crate) struct Rule {
    pub(crate) info: RuleInfo,
    /// Where it stands, for messages.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) class: String,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) inside_words: bool,
    pub(crate) keys: Vec<String>,
    pub(crate) near: Vec<String>,
    pub(crate) values: Vec<Shape>,
    pub(crate) judge: Option<Judge>,
    pub(crate) keywords: Vec<String>,
    pub(crate) pattern: Option<regex::bytes::Regex>,
    pub(crate) pattern_source: Option<String>,
    pub(crate) behind: usize,
    pub(crate) token: Option<regex::bytes::Regex>,
    pub(crate) needs: Vec<memchr::memmem::Finder<'static>>,
    pub(crate) run: usize,
    pub(crate) finder: Option<Finder>,
    pub(crate) checks: Vec<Check>,
    pub(crate) scan: Option<String>,
    pub(crate) goes: Vec<(String, String)>,
    pub(crate) stays: Vec<String>,
}

impl Rules {
    /// The rules of the product, from `rules/*.toml`.
    ///
    /// # Errors
    /// When a file does not parse or a rule cannot be compiled: file, line, rule and reason.
    pub fn embedded() -> Result<Rules, RuleError> {
        Self::from_sources(embedded::FILES)
    }

    /// The rules of the product and those of more files, which come after them.
    ///
    /// # Errors
    /// As [`Rules::embedded`].
    pub fn embedded_with(own: &[(&str, &str)]) -> Result<Rules, RuleError> {
        let files: Vec<(&str, &str)> = embedded::FILES.iter().chain(own).copied().collect();
        Self::from_sources(&files)
    }

    /// Rules from (file name, TOML text).
    ///
    /// # Errors
    /// As [`Rules::embedded`].
    pub fn from_sources(files: &[(&str, &str)]) -> Result<Rules, RuleError> {
        compile::compile(files)
    }

    /// Runs every rule's own examples; each failure is one line, empty when all hold.
    pub fn check_examples(&self) -> Vec<String> {
        self.failing_examples().iter().map(ToString::to_string).collect()
    }

    /// The same with the place of each failure.
    pub fn failing_examples(&self) -> Vec<ExampleFailure> {
        examples::check(self)
    }

    /// SHA-256 over all files, hexadecimal: two nodes with the same have the same rules.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// How many times more than a plain word these rules cost on a text made to hurt them. For a set of a few rules: a
    /// page asks before it takes one.
    pub fn hostile_cost(&self) -> f64 {
        cost::of(self)
    }

    /// The title of an exception, by its id.
    pub fn exception_title(&self, id: &str) -> Option<&str> {
        self.exceptions.iter().find(|exception| exception.id == id).map(|exception| exception.title.as_str())
    }

    /// What is known about a rule, by its id (or by the name in a placeholder, which may carry a note such as a brand).
    pub fn describe(&self, rule: &str) -> Option<RuleInfo> {
        let mut name = rule;
        loop {
            if let Some(found) = self.by_id.get(name) {
                return Some(self.rules[*found].info.clone());
            }
            name = name.rsplit_once('-')?.0;
        }
    }

    /// All rules, in the order of their files.
    pub fn all(&self) -> Vec<RuleInfo> {
        self.rules.iter().map(|rule| rule.info.clone()).collect()
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rules({})", self.rules.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn every_rule_keeps_its_own_examples() {
        let rules = Rules::embedded().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rules.check_examples(), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_with_a_rule_file_is_said_with_its_place() {
        let error = Rules::from_sources(&[("a.toml", "\n[[rule]]\nid = \"a\"\nfoo = 1\n")]).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("a.toml", 4));
        let rule = "[[rule]]\nid = \"a-b\"\ntitle = \"t\"\nwhy = \"w\"\nlevel = \"likely\"\nshapes = [\"ab_ digits{3}\"]\ngoes = [[\"x\", \"x\"]]\nstays = [\"y\"]\n";
        let error = Rules::from_sources(&[("b.toml", rule)]).unwrap_err();
        assert_eq!(error.to_string(), "b.toml:2: rule a-b: there is no class \"digits\"");
    }
}
