//! Exceptions: values that stay although a rule would remove them.
//!
//! An exception can only lift what a person may lift: findings of rules that are `likely` or `suspicious`, and never those
//! of finders whose value is proved by its own form (private keys, cards, account numbers, passwords in addresses).

use regex::bytes::Regex;

use super::super::detect::Finder;
use super::super::finding::Level;
use super::compile::{check_id, compile_regex};
use super::file::ExceptionEntry;
use super::{Rule, Rules};

/// Shortest value that may be excepted by a pattern, in bytes.
const SHORTEST: usize = 3;

/// One compiled exception.
pub(crate) struct Exception {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) why: String,
    pub(crate) file: String,
    pub(crate) line: usize,
    literals: Vec<Vec<u8>>,
    pattern: Option<Regex>,
    only: Vec<String>,
    pub(crate) goes: Vec<(String, String)>,
    pub(crate) stays: Vec<String>,
}

pub(super) fn compile(entry: ExceptionEntry, file: &str, line: usize) -> Result<Exception, String> {
    let id = entry.id.into_inner();
    check_id(&id)?;
    if entry.literals.is_empty() == entry.pattern.is_none() {
        return Err("an exception has literals or a pattern, one of them".to_owned());
    }
    if entry.literals.iter().any(String::is_empty) {
        return Err("an empty literal".to_owned());
    }
    if entry.stays.is_empty() {
        return Err("it needs an example of what stays because of it".to_owned());
    }
    let pattern = entry.pattern.as_deref().map(|source| compile_regex(&format!("^(?:{source})$"))).transpose()?;
    if pattern.as_ref().is_some_and(|pattern| pattern.is_match(b"")) {
        return Err("the pattern fits the empty value, so it would fit anything".to_owned());
    }
    Ok(Exception {
        id,
        title: entry.title,
        why: entry.why,
        file: file.to_owned(),
        line,
        literals: entry.literals.into_iter().map(String::into_bytes).collect(),
        pattern,
        only: entry.only,
        goes: entry.goes,
        stays: entry.stays,
    })
}

impl Exception {
    fn fits(&self, rule: &Rule, value: &[u8]) -> bool {
        if !self.only.is_empty() && !self.only.contains(&rule.info.id) {
            return false;
        }
        self.literals.iter().any(|literal| literal == value)
            || self.pattern.as_ref().is_some_and(|pattern| value.len() >= SHORTEST && pattern.is_match(value))
    }
}

impl Rules {
    /// Whether a person may lift what this rule finds: only then an exception has a say.
    pub fn may_be_excepted(&self, rule: &str) -> bool {
        self.by_id.get(rule).is_some_and(|place| liftable(&self.rules[*place]))
    }

    /// The exception by which this value of a rule stays.
    pub(crate) fn spared_by(&self, rule: usize, value: &[u8]) -> Option<&Exception> {
        if self.exceptions.is_empty() {
            return None;
        }
        let rule = self.rules.get(rule).filter(|rule| liftable(rule))?;
        self.exceptions.iter().find(|exception| exception.fits(rule, value))
    }

    /// The same for a rule by its id.
    pub(crate) fn spares(&self, rule: &str, value: &[u8]) -> bool {
        !self.exceptions.is_empty() && self.by_id.get(rule).is_some_and(|place| self.spared_by(*place, value).is_some())
    }
}

fn liftable(rule: &Rule) -> bool {
    let proved = matches!(
        rule.finder,
        Some(Finder::PrivateKey | Finder::Card | Finder::Iban | Finder::UrlPassword | Finder::UserRow)
    );
    rule.info.level < Level::Certain && !proved
}
