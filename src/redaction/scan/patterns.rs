//! The rules' data as whole-buffer regular expressions, one for each shape, pattern and finder.

use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

use super::super::detect::is_no_secret;
use super::super::detect::judge::Judge;
use super::super::placeholder::end_of_placeholder;
use super::super::rules::Rules;
use super::super::validate::looks_random;

/// What a pattern saw: offsets in the view, and the rule.
pub(super) struct Seen {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) rule: usize,
}

/// One regular expression for each way a rule can match.
pub(super) struct Patterns {
    patterns: Vec<(usize, Regex)>,
}

/// Memory one pattern's automaton may take, in bytes.
const CACHE: usize = 1024 * 1024;

impl Patterns {
    pub(super) fn build(rules: &Rules) -> Self {
        let mut patterns = Vec::new();
        for (place, rule) in rules.rules.iter().enumerate() {
            // The last choice is for what begins with a sign: a path may follow a host's name.
            let left = if rule.inside_words { "" } else { r"(?:^|[^A-Za-z0-9_]|\\[nrt]|%[0-9A-F]{2}|\b)" };
            for shape in &rule.shapes {
                add(&mut patterns, place, &format!(r"{left}(?P<secret>{})(?:[^A-Za-z0-9_]|$)", shape.to_regex()));
            }
            if let Some(source) = &rule.pattern_source {
                let named =
                    if source.contains("(?P<secret>") { source.clone() } else { format!("(?P<secret>{source})") };
                add(&mut patterns, place, &format!("{left}(?:{named})"));
            }
            if !rule.keys.is_empty() && matches!(rule.judge, Some(Judge::Any | Judge::Password | Judge::Token)) {
                add(&mut patterns, place, &assignment(&rule.keys));
            }
            if let Some(token) = &rule.token {
                patterns.push((place, token.clone()));
            }
            if let Some(source) = &rule.scan {
                add(&mut patterns, place, source);
            }
        }
        Patterns { patterns }
    }

    /// No patterns: for a scan that looks for values only.
    pub(super) fn none() -> Self {
        Patterns { patterns: Vec::new() }
    }

    /// Everything the patterns see in one view, placeholders aside.
    pub(super) fn find(&self, rules: &Rules, text: &[u8]) -> Vec<Seen> {
        let mut seen = Vec::new();
        for (rule, pattern) in &self.patterns {
            for found in pattern.captures_iter(text) {
                let Some(group) = found.name("secret").or_else(|| found.get(0)) else {
                    continue;
                };
                let (start, end) = (group.start(), group.end());
                let value = &text[start..end];
                let checked = rules.rules[*rule].checks.iter().all(|check| check.passes(value));
                let assigned = pattern.as_str().starts_with(ASSIGNMENT);
                if assigned
                    && (is_no_assignment(text, found.get(0).map_or(start..end, |whole| whole.range()), start)
                        || is_no_secret(value)
                        || rules.rules[*rule].judge == Some(Judge::Token) && !looks_random(value))
                {
                    continue;
                }
                if checked && !is_redacted(value) {
                    seen.push(Seen { start, end, rule: *rule });
                }
            }
        }
        seen
    }
}

fn add(patterns: &mut Vec<(usize, Regex)>, rule: usize, source: &str) {
    // Every source was compiled once when the rules were read; one that is too large in this form is left to the
    // other views' patterns, and a test holds that there is none.
    if let Ok(pattern) = RegexBuilder::new(source).unicode(false).dfa_size_limit(CACHE).multi_line(false).build() {
        patterns.push((rule, pattern));
    }
}

/// How a pattern of an assignment begins.
const ASSIGNMENT: &str = r"(?i)(?:^|[^A-Za-z0-9])(?:";

/// A key of a rule, an operator, and a value in quotes: nothing else is certain enough to hold back a mail.
fn assignment(keys: &[String]) -> String {
    let names: Vec<String> = keys.iter().map(|key| regex::escape(key).replace(' ', "[ _.-]?")).collect();
    let operator = r#")["'\\\]]{0,4}\s{0,4}(?:=>|:=|=|:|,)\s{0,4}\\?["'](?P<secret>[^"'\s\\\[\]]{6,200})\\?["']"#;
    format!("{ASSIGNMENT}{}{operator}", names.join("|"))
}

/// Whether what looks like an assignment is none: what stands in the quotes is a key itself, as in `"a word about a
/// password", "severity": "sev2"`; or only a comma stands between, and the name is the end of a sentence.
fn is_no_assignment(text: &[u8], whole: Range<usize>, value: usize) -> bool {
    let behind = text[whole.end..].trim_ascii_start();
    if behind.starts_with(b":") || behind.starts_with(b"=>") {
        return true;
    }
    let is_sign = |byte: &u8| !matches!(byte, b'"' | b'\'' | b'\\') && !byte.is_ascii_whitespace();
    let by_comma = text[whole.start..value].iter().rfind(|byte| is_sign(byte)) == Some(&b',');
    // The match begins one byte before the name, or with it.
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = text[..=whole.start].iter().rfind(|byte| !in_name(byte));
    by_comma && !matches!(before, Some(b'"' | b'\''))
}

/// Whether a placeholder stands in the value.
fn is_redacted(value: &[u8]) -> bool {
    memchr::memchr2_iter(b'[', b'%', value).any(|at| end_of_placeholder(value, at).is_some())
}
