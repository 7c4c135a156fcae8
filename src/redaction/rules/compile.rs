//! From rule files to compiled rules: every check on a rule, with the place where it fails.

use std::collections::HashMap;

use memchr::memmem::Finder;
use sha2::{Digest, Sha256};

use super::super::detect::{Finder as NamedFinder, Tables, judge::Judge};
use super::super::placeholder::LONGEST_RULE_ID;
use super::super::validate::Check;
use super::exceptions;
use super::file::{RuleEntry, RuleFile};
use super::keywords;
use super::shape::Shape;
use super::{Rule, RuleError, RuleInfo, Rules};

/// Memory one pattern may take when compiled, in bytes: a pattern that needs more is refused at start.
pub(crate) const PATTERN_SIZE: usize = 256 * 1024;

/// Memory one pattern may take for its lazily built automaton, in bytes. A full one would be given up for a search that is
/// many times slower: windows are so short that building it anew never pays.
const PATTERN_CACHE: usize = 512 * 1024;

/// Shortest literal the prefilter takes: shorter ones would stop at every line.
pub(super) const SHORTEST_LITERAL: usize = 2;

/// Shortest exact text that goes wherever it stands, in bytes: shorter ones are in everything.
pub(super) const SHORTEST_WHOLE: usize = 4;

pub(super) fn compile(files: &[(&str, &str)]) -> Result<Rules, RuleError> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut by_id = HashMap::new();
    let mut exceptions = Vec::new();
    for (file, source) in files {
        let parsed: RuleFile = toml::from_str(source).map_err(|error| RuleError {
            file: (*file).to_owned(),
            line: error.span().map_or(1, |span| line_of(source, span.start)),
            rule: String::new(),
            reason: error.message().to_owned(),
        })?;
        for entry in parsed.rule {
            let line = line_of(source, entry.id.span().start);
            let id = entry.id.get_ref().clone();
            let fail = |reason: String| RuleError { file: (*file).to_owned(), line, rule: id.clone(), reason };
            if by_id.contains_key(&id) {
                return Err(fail("there is already a rule with this id".to_owned()));
            }
            let rule = compile_rule(entry, file, line).map_err(fail)?;
            by_id.insert(id, rules.len());
            rules.push(rule);
        }
        for entry in parsed.exception {
            let line = line_of(source, entry.id.span().start);
            let id = entry.id.get_ref().clone();
            let fail = |reason: String| RuleError { file: (*file).to_owned(), line, rule: id.clone(), reason };
            if exceptions.iter().any(|known: &exceptions::Exception| known.id == id) {
                return Err(fail("there is already an exception with this id".to_owned()));
            }
            exceptions.push(exceptions::compile(entry, file, line).map_err(fail)?);
        }
    }
    let detector = Tables::build(&rules).map_err(|(place, reason)| match rules.get(place) {
        Some(rule) => RuleError { file: rule.file.clone(), line: rule.line, rule: rule.info.id.clone(), reason },
        None => RuleError { file: String::new(), line: 0, rule: String::new(), reason },
    })?;
    Ok(Rules { rules, by_id, detector, exceptions, fingerprint: fingerprint(files) })
}

/// SHA-256 over the names and texts of the files, hexadecimal.
fn fingerprint(files: &[(&str, &str)]) -> String {
    let mut hasher = Sha256::new();
    for part in files.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn compile_rule(mut entry: RuleEntry, file: &str, line: usize) -> Result<Rule, String> {
    let id = entry.id.get_ref().clone();
    check_id(&id)?;
    let shapes = parse_shapes(&entry.shapes)?;
    if let Some(shape) = shapes.iter().position(|shape| shape.prefix().is_none_or(|p| p.len() < SHORTEST_LITERAL)) {
        return Err(format!("shape {:?} does not begin with a literal of two bytes", entry.shapes[shape]));
    }
    let values = parse_shapes(&entry.values)?;
    let judge = entry.judge.as_deref().map(named_judge).transpose()?;
    let finder = entry.finder.as_deref().map(named_finder).transpose()?;
    let checks = entry.checks.iter().map(|name| Check::parse(name)).collect::<Result<Vec<_>, _>>()?;
    if entry.pattern.is_none() && !entry.keywords.is_empty() {
        return Err("keywords without a pattern find nothing".to_owned());
    }
    read_literals(&mut entry)?;
    if let Some(pattern) = entry.pattern.as_deref().filter(|_| entry.keywords.is_empty()) {
        entry.keywords = keywords::of_pattern(pattern)?;
    }
    if entry.token.is_some() == entry.needs.is_empty() {
        return Err("token and needs belong together".to_owned());
    }
    if (!entry.keys.is_empty() || !entry.near.is_empty()) && judge.is_none() && values.is_empty() {
        return Err("keys and near need values or a judge".to_owned());
    }
    if shapes.is_empty()
        && entry.keys.is_empty()
        && entry.near.is_empty()
        && entry.pattern.is_none()
        && entry.token.is_none()
        && finder.is_none()
    {
        return Err("it can find nothing: no shapes, literals, keys, near, pattern, token or finder".to_owned());
    }
    if entry.goes.is_empty() || entry.stays.is_empty() {
        return Err("it needs an example of what goes and one of what stays".to_owned());
    }
    let pattern = entry.pattern.as_deref().map(compile_pattern).transpose()?;
    let token = entry.token.as_deref().map(compile_regex).transpose()?;
    if let Some(scan) = entry.scan.as_deref() {
        compile_regex(scan)?;
    }
    Ok(Rule {
        info: RuleInfo { id, title: entry.title, why: entry.why, level: entry.level },
        file: file.to_owned(),
        line,
        class: entry.class.unwrap_or_else(|| "secret".to_owned()),
        shapes,
        inside_words: entry.inside_words,
        keys: entry.keys,
        near: entry.near,
        values,
        judge,
        keywords: entry.keywords,
        pattern,
        pattern_source: entry.pattern,
        behind: entry.behind,
        token,
        needs: entry.needs.iter().map(|needed| Finder::new(needed.as_bytes()).into_owned()).collect(),
        run: entry.run,
        finder,
        checks,
        scan: entry.scan,
        goes: entry.goes,
        stays: entry.stays,
    })
}

/// Exact texts are a pattern of their own, which may begin anywhere.
fn read_literals(entry: &mut RuleEntry) -> Result<(), String> {
    if entry.literals.is_empty() {
        return Ok(());
    }
    if entry.pattern.is_some() {
        return Err("literals and a pattern are two rules".to_owned());
    }
    if let Some(short) = entry.literals.iter().find(|literal| literal.len() < SHORTEST_WHOLE) {
        return Err(format!("the literal {short:?} is shorter than {SHORTEST_WHOLE} bytes"));
    }
    let mut literals = std::mem::take(&mut entry.literals);
    literals.sort_by_key(|literal| std::cmp::Reverse(literal.len()));
    let escaped: Vec<String> = literals.iter().map(|literal| regex::escape(literal)).collect();
    entry.pattern = Some(escaped.join("|"));
    entry.keywords = literals;
    entry.inside_words = true;
    Ok(())
}

pub(super) fn check_id(id: &str) -> Result<(), String> {
    let plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    // A note such as a card's brand follows the id inside the placeholder.
    if !plain || id.len() > LONGEST_RULE_ID - 12 || !id.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!(
            "an id is at most {} lower-case letters, digits and hyphens, and begins with a letter",
            LONGEST_RULE_ID - 12
        ));
    }
    Ok(())
}

fn parse_shapes(sources: &[String]) -> Result<Vec<Shape>, String> {
    sources.iter().map(|source| Shape::parse(source)).collect()
}

fn named_judge(name: &str) -> Result<Judge, String> {
    Judge::named(name).ok_or_else(|| format!("there is no judge {name:?}"))
}

fn named_finder(name: &str) -> Result<NamedFinder, String> {
    NamedFinder::named(name).ok_or_else(|| format!("there is no finder {name:?}"))
}

fn compile_pattern(source: &str) -> Result<regex::bytes::Regex, String> {
    compile_regex(&format!("^(?:{source})"))
}

pub(super) fn compile_regex(source: &str) -> Result<regex::bytes::Regex, String> {
    regex::bytes::RegexBuilder::new(source)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_CACHE)
        .unicode(false)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => {
                format!("the pattern costs more than {limit} bytes when compiled; shorten its repetitions")
            }
            other => format!("the pattern does not compile: {other}"),
        })
}

fn line_of(source: &str, offset: usize) -> usize {
    source.as_bytes()[..offset.min(source.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
