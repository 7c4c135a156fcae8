//! The first pass: from bytes to hits.
//!
//! One automaton of literals goes over the text once; each literal leads to the rules that want to look closer there,
//! which then read a few bytes around it. Digits are looked at by their own scan, because regular expressions on digit
//! runs are what makes other redactors slow. Hits may overlap; [`super::resolve`] decides.

mod addresses;
mod arrays;
mod bounds;
mod columns;
mod curl;
mod email;
mod extent;
mod field;
mod header_values;
pub(crate) mod judge;
mod landmarks;
mod lexicon;
mod masks;
mod no_secret;
mod numbers;
mod pairs;
mod phone;
mod private_key;
mod prose;
mod runs;
mod sheets;
mod survey;
mod tables;
mod url;
mod user_rows;

use regex::bytes::Regex;

use super::classes::WORD;
use super::placeholder::{holds_wide_placeholder, placeholder_around};
use super::rules::Rules;
use super::rules::shape::LongRuns;
use super::utf16::ByteOrder;
pub(crate) use no_secret::is_no_secret;
pub(crate) use survey::Survey;
use tables::Action;
pub(crate) use tables::Tables;

/// Furthest a finder looks from the literal that woke it, in bytes: what a stream keeps in sight on both sides.
pub(crate) const REACH: usize = 24 * 1024;

/// Furthest a pattern reads, in bytes.
pub(crate) const PATTERN_REACH: usize = 8 * 1024;

/// A place that a rule wants gone. Offsets are into the text that was looked at.
#[derive(Clone)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Index of the rule.
    pub(crate) rule: usize,
    /// What the placeholder adds to the rule's id, such as a card's brand.
    pub(crate) note: &'static str,
    /// What a view has seen of it. Most hits have none and stay small, since many of them are sorted and moved.
    pub(crate) wrapped: Option<Box<Wrapped>>,
}

/// A value in a wrapping, or several with what stands between them.
#[derive(Clone)]
pub(crate) struct Wrapped {
    /// The value without its wrapping, when it is one.
    pub(crate) value: Option<Vec<u8>>,
    /// What the replacement must be written in.
    pub(crate) wrap: Wrap,
}

/// The wrapping in which a replacement must be valid.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Wrap {
    /// Placeholders are valid as they are, also inside JSON strings and HTML.
    None,
    /// URL encoding.
    Percent,
    /// UTF-16.
    Wide(ByteOrder),
    /// Base64: what shares its groups of three bytes with the value stays.
    Base64 { before: Vec<u8>, after: Vec<u8>, for_urls: bool },
}

impl Hit {
    pub(crate) fn plain(start: usize, end: usize, rule: usize, note: &'static str) -> Self {
        Hit { start, end, rule, note, wrapped: None }
    }

    /// The value without its wrapping, where a view has seen it.
    pub(crate) fn decoded(&self) -> Option<&[u8]> {
        self.wrapped.as_ref()?.value.as_deref()
    }

    /// What the replacement must be written in.
    pub(crate) fn wrap(&self) -> &Wrap {
        self.wrapped.as_ref().map_or(&Wrap::None, |wrapped| &wrapped.wrap)
    }

    /// The value that goes, without its wrapping.
    pub(crate) fn value<'v>(&'v self, text: &'v [u8]) -> &'v [u8] {
        self.decoded().unwrap_or(&text[self.start..self.end])
    }
}

/// Finders written in Rust, for what neither a shape nor a key can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Finder {
    Email,
    Ipv4,
    Ipv6,
    Card,
    Iban,
    Phone,
    UrlPassword,
    PrivateKey,
    CurlLogin,
    UserRow,
    ProsePassword,
}

impl Finder {
    pub(crate) const COUNT: usize = 11;

    /// The finder a rule file names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "email" => Finder::Email,
            "ipv4" => Finder::Ipv4,
            "ipv6" => Finder::Ipv6,
            "card" => Finder::Card,
            "iban" => Finder::Iban,
            "phone" => Finder::Phone,
            "url-password" => Finder::UrlPassword,
            "private-key" => Finder::PrivateKey,
            "curl-login" => Finder::CurlLogin,
            "user-row" => Finder::UserRow,
            "prose-password" => Finder::ProsePassword,
            _ => return None,
        })
    }
}

/// Where hits go. Refuses what is already redacted.
pub(crate) struct Sink<'s> {
    pub(crate) text: &'s [u8],
    pub(crate) rules: &'s Rules,
    pub(crate) hits: Vec<Hit>,
    /// Whether private, loopback and documentation addresses go too.
    pub(crate) private_addresses: bool,
    /// The last long runs that shapes have read.
    pub(crate) long_runs: LongRuns,
    /// Every at sign of the text.
    at_signs: &'s [usize],
    /// Where the rows of a table that were read last end.
    pub(crate) rows_end: usize,
    failures: bounds::Failures,
    needed: bounds::Needed,
}

impl Sink<'_> {
    /// The place of the first at sign that does not stand before `at`.
    fn at_sign_after(&self, at: usize) -> Option<usize> {
        self.at_signs.get(self.at_signs.partition_point(|sign| *sign < at)).copied()
    }

    /// Adds what lies between `start` and `end`: each part of it that no placeholder covers, so that a row of placeholders
    /// with words between them goes at once and not word by word.
    pub(crate) fn push(&mut self, start: usize, end: usize, rule: usize, note: &'static str) {
        let mut at = start;
        while at < end {
            let (from, to) = self.outside_placeholders(at, end);
            if has_substance(&self.text[from..to]) {
                let checks = &self.rules.rules[rule].checks;
                if checks.iter().all(|check| check.passes(&self.text[from..to])) {
                    self.hits.push(Hit::plain(from, to, rule, note));
                }
            }
            at = to.max(at + 1);
        }
    }

    pub(crate) fn push_for(&mut self, finder: Finder, start: usize, end: usize, note: &'static str) {
        if let Some(rule) = self.rules.detector.finder_rule(finder) {
            self.push(start, end, rule, note);
        }
    }

    /// Whether `at` lies in one of the last hits of this rule.
    fn is_inside(&self, rule: usize, at: usize) -> bool {
        self.hits.iter().rev().take(4).any(|hit| hit.rule == rule && hit.start <= at && at < hit.end)
    }

    /// The first part of the span that no placeholder covers.
    fn outside_placeholders(&self, mut start: usize, end: usize) -> (usize, usize) {
        let mut at = start;
        while at < end {
            match placeholder_around(self.text, at) {
                Some((from, to)) if from <= start => {
                    start = to;
                    at = to;
                }
                Some((from, _)) => return (start, from),
                None => {
                    let rest = &self.text[at + 1..end];
                    at = memchr::memchr2(b'[', b'%', rest).map_or(end, |found| at + 1 + found);
                }
            }
        }
        (start, end.max(start))
    }
}

/// Whether anything is left to remove, so that text which was redacted before comes back unchanged.
fn has_substance(value: &[u8]) -> bool {
    value.iter().any(|byte| WORD[*byte as usize] || *byte >= 0x80) && !holds_wide_placeholder(value)
}

/// All hits of all rules in `text`, in no particular order.
pub(crate) fn detect(rules: &Rules, text: &[u8], survey: &Survey<'_>, private_addresses: bool) -> Vec<Hit> {
    let mut sink = Sink {
        text,
        rules,
        hits: Vec::new(),
        private_addresses,
        long_runs: LongRuns::default(),
        at_signs: &survey.at_signs,
        rows_end: 0,
        failures: bounds::Failures::default(),
        needed: bounds::Needed::default(),
    };
    let tables = &rules.detector;
    let mut fields = field::Fields::new();
    let mut tried = (usize::MAX, usize::MAX);
    for (start, literal) in survey.literals.iter().copied() {
        let end = start + tables.lexicon.length(literal);
        for action in tables.word_actions(usize::from(literal)) {
            // Two keywords of one pattern may begin at the same place.
            if let Action::Pattern { rule } = action
                && std::mem::replace(&mut tried, (*rule, start)) == (*rule, start)
            {
                continue;
            }
            act(rules, *action, start, end, &mut fields, &mut sink);
        }
    }
    for found in tables.loose.find_iter(text) {
        for action in tables.loose_actions(found.pattern().as_usize()) {
            act(rules, *action, found.start(), found.end(), &mut fields, &mut sink);
        }
    }
    numbers::scan(&survey.numbers, &mut sink);
    email::scan(&survey.at_signs, &mut sink);
    addresses::scan_ipv6(&survey.ipv6, &mut sink);
    runs::scan(&survey.unparted_runs, &mut sink);
    sink.hits
}

/// Does what a literal at `start..end` asks for.
fn act(rules: &Rules, action: Action, start: usize, end: usize, fields: &mut field::Fields, sink: &mut Sink<'_>) {
    match action {
        Action::Shape { rule, shape } => shape_at(rules, rule, shape, start, sink),
        Action::Pattern { rule } => {
            if let Some(from) = start.checked_sub(rules.rules[rule].behind) {
                pattern_at(rules, rule, from, sink);
            }
        }
        Action::Key { rule } => fields.key_at(rule, start, end, sink),
        Action::Near { rule } => fields.near_at(rule, start, end, sink),
        Action::Finder(Finder::UrlPassword) => url::password_at(start, end, sink),
        Action::Finder(Finder::PrivateKey) => private_key::at(start, sink),
        Action::Finder(Finder::ProsePassword) => prose::password_at(end, sink),
        Action::Finder(Finder::UserRow) => user_rows::at(start, sink),
        Action::Row if sink.text[end - 1] == b'\'' => user_rows::address_at(start, sink),
        Action::Row => user_rows::table_at(start, end, sink),
        Action::Finder(Finder::CurlLogin) => curl::login_at(start, end, sink),
        Action::Finder(_) => {}
    }
}

/// Longest part of a token before its mask that gives nothing away, in bytes.
const LONGEST_UNMASKED: usize = 48;

fn shape_at(rules: &Rules, rule: usize, shape: usize, start: usize, sink: &mut Sink<'_>) {
    let entry = &rules.rules[rule];
    let inside = start > 0 && WORD[sink.text[start - 1] as usize] && WORD[sink.text[start] as usize];
    if inside && !entry.inside_words && !after_escape(sink.text, start) {
        return;
    }
    // A token of the same kind that begins inside the last one ends with it.
    if sink.is_inside(rule, start) {
        return;
    }
    if let Some(end) = entry.shapes[shape].matches(sink.text, start, &mut sink.long_runs) {
        // `xoxp-…-####`: somebody has masked what is secret in it.
        let masked = sink.text[end..].starts_with(b"####") || sink.text[end..].starts_with(b"****");
        if masked && end - start < LONGEST_UNMASKED {
            return;
        }
        sink.push(start, end, rule, "");
    }
}

/// `\n`, `\t` and `\r` written as two characters, and percent escapes, end in a letter or digit that belongs to no word.
fn after_escape(text: &[u8], start: usize) -> bool {
    let before = &text[..start];
    match before {
        [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Names of the group that holds the secret, for patterns with alternatives.
const GROUPS: &[&str] = &["secret", "secret_b", "secret_c"];

fn pattern_at(rules: &Rules, rule: usize, start: usize, sink: &mut Sink<'_>) {
    let entry = &rules.rules[rule];
    let Some(pattern) = &entry.pattern else {
        return;
    };
    let inside = start > 0 && WORD[sink.text[start - 1] as usize] && WORD[sink.text[start] as usize];
    if inside && !entry.inside_words && !after_escape(sink.text, start) || sink.is_inside(rule, start) {
        return;
    }
    if !entry.needs.is_empty() && !sink.needed.stand_in(sink.text, rule, &entry.needs, start..start + PATTERN_REACH) {
        return;
    }
    let whole = &sink.text[start..sink.text.len().min(start + PATTERN_REACH)];
    let mut window = &whole[..whole.len().min(sink.failures.reach(rule, start))];
    if window.is_empty() {
        return;
    }
    let mut found = pattern.find(window);
    if found.is_some() && window.len() < whole.len() {
        window = whole;
        found = pattern.find(window);
    }
    let Some(found) = found else {
        return sink.failures.note(rule, None);
    };
    let hits = sink.hits.len();
    let (from, to) = secret_of(pattern, window, found.end());
    sink.push(start + from, unescaped_end(sink.text, start + from, start + to), rule, "");
    if sink.hits.len() == hits {
        sink.failures.note(rule, Some(start + to));
    }
}

/// What of a match, which ends at `end` and is all or has a group for it, is the secret.
fn secret_of(pattern: &Regex, window: &[u8], end: usize) -> (usize, usize) {
    if pattern.captures_len() == 1 {
        return (0, end);
    }
    // Groups cost time by the length of the text: they are asked about what was found and the byte behind it.
    let found = pattern.captures(&window[..window.len().min(end + 1)]);
    let group = found.as_ref().and_then(|found| GROUPS.iter().find_map(|name| found.name(name)));
    group.map_or((0, end), |group| (group.start(), group.end()))
}

/// The end of a value without the backslashes before a quote, which belong to the quote.
fn unescaped_end(text: &[u8], start: usize, end: usize) -> usize {
    match text.get(end) {
        Some(b'"' | b'\'') => end - text[start..end].iter().rev().take_while(|byte| **byte == b'\\').count(),
        _ => end,
    }
}
