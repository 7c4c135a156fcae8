//! Keys and their values: `DB_PASSWORD = "…"`, in every notation that logs and configuration use.
//!
//! A literal that names a key (or a service) wakes this up. The whole name around the literal is read, then the
//! operator, then the extent of the value; the rule's judge or shapes decide about the value.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::super::classes::{NAME, ends_with_word, run_end, run_start};
use super::super::validate::{is_typed_row, looks_random};
use super::bounds::Chain;
use super::extent::{self, Field};
use super::header_values::header_end;
use super::judge::{Asked, Judge};
use super::{Sink, arrays, columns, sheets};

/// Longest part of a name on either side of the literal, in bytes.
const LONGEST_NAME: usize = 64;

/// How far a service's name may stand before the operator: `algolia api token = …`.
const NEAR: usize = 40;

/// What may follow the word that makes a key a secret: `api_key_live`, `password2`, `secret_value`.
const HARMLESS_SUFFIXES: &[&[u8]] = &[
    b"",
    b"value",
    b"val",
    b"str",
    b"string",
    b"text",
    b"plain",
    b"raw",
    b"live",
    b"test",
    b"prod",
    b"production",
    b"staging",
    b"sandbox",
    b"dev",
    b"new",
    b"old",
    b"current",
    b"confirm",
    b"confirmation",
    b"repeat",
    b"again",
    b"base64",
    b"b64",
    b"enc",
    b"encrypted",
    b"primary",
    b"secondary",
    b"default",
    b"hash",
    b"data",
    b"env",
    b"secure",
    b"field",
    b"param",
    b"input",
    b"main",
    b"master",
    b"admin",
    b"root",
    b"user",
    b"db",
    b"api",
    b"e",
    b"in",
    b"out",
];

/// The reading of keys in one text; remembers the last one, since several rules often ask about the same.
#[derive(Default)]
pub(super) struct Fields {
    last: Option<(usize, Option<Field>)>,
    /// End of the last value that goes as a whole: keys inside it need no look of their own, which keeps a row of keys
    /// without end from being read over and over.
    covered: usize,
    /// The judge that has refused the value of a name, and where that name stands: many rules share a judge, and it says
    /// the same to all of them.
    refused: Option<(Judge, usize, usize)>,
    chain: Chain,
    columns: columns::Lists,
    sheets: sheets::Sheets,
    arrays: arrays::Arrays,
}

impl Fields {
    pub(super) fn new() -> Self {
        Fields::default()
    }

    fn read(&mut self, text: &[u8], name_start: usize, name_end: usize) -> Option<Field> {
        match &self.last {
            Some((end, field)) if *end == name_end => *field,
            _ => {
                let field = extent::read(text, name_start, name_end);
                self.last = Some((name_end, field));
                field.iter().for_each(|field| self.chain.note(field));
                field
            }
        }
    }

    /// A literal that names a key of `rule` was found at `start..end`.
    pub(super) fn key_at(&mut self, rule: usize, start: usize, end: usize, sink: &mut Sink<'_>) {
        let text = sink.text;
        if end <= self.covered || self.chain.is_inside(end) {
            return;
        }
        let name_end = run_end(text, end, &NAME, LONGEST_NAME);
        let suffix = &text[end..name_end];
        let harmless = suffix_is_harmless(suffix);
        if harmless || suffix.eq_ignore_ascii_case(b"s") {
            self.array_at(rule, start, name_end, sink);
        }
        let name_end = if harmless || end - start >= 6 && !suffix.contains(&b'.') {
            name_end
        } else if suffix[0] == b'.' || suffix[0] == b'-' {
            // `secret.assign("…")`, and a name that ends in punctuation.
            end
        } else {
            return;
        };
        let short = end - start <= 5;
        let name_start = run_start(text, start, &NAME, LONGEST_NAME);
        if short && !begins_word(text, start) {
            return;
        }
        let entry = &sink.rules.rules[rule];
        let asked = entry.judge.map(|judge| (judge, name_start, name_end));
        if entry.values.is_empty() && asked.is_some() && asked == self.refused {
            return;
        }
        let name = &text[name_start..name_end];
        let column = self.columns.values(text, name_start, name_end);
        if let Some(values) = column.or_else(|| self.sheets.values(text, name_start, name_end)) {
            if harmless && !names_no_secret(name) {
                for field in values {
                    decide(rule, Asked { text, name, field }, sink);
                }
            }
            return;
        }
        let Some(field) = self.read(text, name_start, name_end) else {
            return;
        };
        let other = matches!(entry.judge, Some(Judge::Token) | None) && names_no_secret(name);
        if other || names_stand_in(name) || name == b"nonce" && in_asset(text, name_start) {
            return;
        }
        let value = &text[field.start..field.end];
        // `secret_do_not_commit = …`: any name that begins so, when the value is plainly drawn at random.
        if !harmless && (names_another(suffix) || !strongly_random(value)) {
            return;
        }
        if !entry.values.is_empty() {
            if entry.values.iter().any(|shape| shape.is(value)) {
                sink.push(field.start, field.end, rule, "");
            }
            if entry.judge.is_none() {
                return;
            }
        }
        if let Some(judge) = entry.judge {
            if decide(rule, Asked { text, name, field }, sink) {
                self.covered = field.end;
            } else if matches!(judge, Judge::Cookie | Judge::SetCookie) {
                self.covered = header_end(&Asked { text, name, field });
            } else {
                self.refused = asked;
            }
        }
    }

    /// The values of an array under the key that a literal at `start` stands in and that ends at `name_end`.
    fn array_at(&mut self, rule: usize, start: usize, name_end: usize, sink: &mut Sink<'_>) {
        let text = sink.text;
        let Some(judge) = sink.rules.rules[rule].judge else { return };
        let values = self.arrays.values(text, name_end);
        if values.is_empty() {
            return;
        }
        let name = &text[run_start(text, start, &NAME, LONGEST_NAME)..name_end];
        if names_no_secret(name) || names_stand_in(name) || !begins_word(text, start) {
            return;
        }
        for value in values {
            if arrays::goes(judge, name, &text[value.clone()]) {
                sink.push(value.start, value.end, rule, "");
            }
        }
    }

    /// A service's name was found at `start..end`: the key it stands in, or the next one on the line.
    pub(super) fn near_at(&mut self, rule: usize, start: usize, end: usize, sink: &mut Sink<'_>) {
        let text = sink.text;
        // `etsy` in SetSysctl and `sumo` in sumOfValues are no services.
        let goes_on = text.get(end).is_some_and(u8::is_ascii_lowercase);
        if !begins_word(text, start) || goes_on || self.chain.is_inside(end) {
            return;
        }
        let entry = &sink.rules.rules[rule];
        let mut name_end = run_end(text, end, &NAME, NEAR);
        for _ in 0..3 {
            if let Some(field) = self.read(text, start, name_end) {
                let value = &text[field.start..field.end];
                let fits = entry.values.iter().any(|shape| shape.is(value)) && !is_typed_row(value);
                let name = &text[start..name_end];
                match entry.judge {
                    // A judge beside the shapes must agree, and the name must not speak of something else.
                    Some(_) if fits && !names_record(name) => {
                        decide(rule, Asked { text, name, field }, sink);
                    }
                    None if fits => sink.push(field.start, field.end, rule, ""),
                    _ => {}
                }
                return;
            }
            let gap = run_end(text, name_end, &super::super::classes::BLANK, 4);
            let next = run_end(text, gap, &NAME, NEAR);
            if next == gap || next > end + NEAR {
                return;
            }
            name_end = next;
        }
    }
}

/// Asks the rule's judge about a value, all pieces of it together where it is written in several; whether it goes as a
/// whole.
fn decide(rule: usize, asked: Asked<'_>, sink: &mut Sink<'_>) -> bool {
    let Some(judge) = sink.rules.rules[rule].judge else { return false };
    let Field { start, end, .. } = asked.field;
    let pieces = extent::pieces(asked.text, asked.field);
    if pieces.is_empty() {
        let before = sink.hits.len();
        judge.decide(&asked, &mut |from, to| sink.push(from, to, rule, ""));
        return sink.hits[before..].iter().any(|hit| hit.start <= start && hit.end >= end);
    }
    let joined: Vec<u8> = pieces.iter().flat_map(|piece| &asked.text[piece.clone()]).copied().collect();
    let field = Field { start: 0, end: joined.len(), ..asked.field };
    let mut goes = false;
    judge.decide(&Asked { text: &joined, name: asked.name, field }, &mut |from, to| goes |= to - from == joined.len());
    if goes {
        pieces.into_iter().for_each(|piece| sink.push(piece.start, piece.end, rule, ""));
    }
    goes
}

fn suffix_is_harmless(suffix: &[u8]) -> bool {
    let mut trimmed = suffix;
    while let [b'_' | b'-' | b'.', rest @ ..] = trimmed {
        trimmed = rest;
    }
    while let [rest @ .., b'0'..=b'9' | b'_' | b'-'] = trimmed {
        trimmed = rest;
    }
    HARMLESS_SUFFIXES.iter().any(|known| known.eq_ignore_ascii_case(trimmed))
}

/// Whether a short word begins here: at a separator, or where camel case turns.
fn begins_word(text: &[u8], start: usize) -> bool {
    let Some(before) = start.checked_sub(1).map(|at| text[at]) else {
        return true;
    };
    !before.is_ascii_alphanumeric()
        || (before.is_ascii_lowercase() && text[start].is_ascii_uppercase())
        || before.is_ascii_digit()
}

/// Words that make a key of a database, a cache or a lock out of a key.
static OTHER_KEYS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = [
        "public",
        "primary",
        "foreign",
        "bucket",
        "cache",
        "sort",
        "partition",
        "object",
        "meta",
        "array",
        "option",
        "lock",
        "route",
        "translation",
        "setting",
        "registry",
        "unique",
        "index",
        "transient",
        "publishable",
        "idempotency",
        "shortcut",
        "asset",
        "script",
        "style",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
});

fn names_no_secret(name: &[u8]) -> bool {
    let hash = [&b"keyhash"[..], b"key_hash", b"key-hash"].iter().any(|word| ends_with_word(name, word));
    hash || OTHER_KEYS.as_ref().is_some_and(|words| words.is_match(name))
}

/// `<script nonce="…">`: the number lets a browser run the script, and every visitor sees it.
fn in_asset(text: &[u8], name_start: usize) -> bool {
    let before = &text[name_start.saturating_sub(300)..name_start];
    let Some(open) = memchr::memrchr2(b'<', b'>', before) else { return false };
    [&b"<script "[..], b"<style ", b"<link "].iter().any(|element| before[open..].starts_with(element))
}

/// Words at the beginning of a name that say that its value stands for another.
const STAND_INS: &[&[u8]] =
    &[b"fake", b"dummy", b"mock", b"bogus", b"sample", b"example", b"placeholder", b"nonmatching", b"non_matching"];

/// `fakeToken`, `dummy_password`, `nonMatchingToken`: made up by whoever wrote the program.
fn names_stand_in(name: &[u8]) -> bool {
    STAND_INS.iter().any(|word| {
        name[0].eq_ignore_ascii_case(&word[0])
            && name.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
            && name.get(word.len()).is_some_and(|next| !next.is_ascii_lowercase())
    })
}

/// `credentialId`, `secretName`, `tokenType`: what a secret is called, not what it is.
fn names_another(suffix: &[u8]) -> bool {
    const OTHERS: &[&[u8]] = &[b"id", b"ids", b"name", b"type", b"path", b"url", b"uri", b"version", b"fingerprint"];
    let bare = suffix.strip_prefix(b"_").or_else(|| suffix.strip_prefix(b"-")).unwrap_or(suffix);
    OTHERS.iter().any(|other| other.eq_ignore_ascii_case(bare))
}

/// Last words of names whose values tell records apart and open nothing.
const RECORDS: &[&[u8]] = &[
    b"id",
    b"ids",
    b"uuid",
    b"guid",
    b"name",
    b"type",
    b"path",
    b"url",
    b"uri",
    b"host",
    b"version",
    b"fingerprint",
    b"hash",
    b"sha",
    b"sha1",
    b"sha256",
    b"md5",
    b"checksum",
    b"digest",
    b"etag",
    b"commit",
    b"build",
    b"ref",
    b"request",
    b"trace",
    b"event",
    b"order",
    b"message",
    b"status",
    b"file",
    b"image",
    b"asset",
    b"ver",
    b"rev",
    b"revision",
];

/// `mailjet_message_id`, `serper-request`: which record it is.
fn names_record(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| matches!(byte, b'_' | b'-' | b'.' | b' ')).next().unwrap_or(name);
    let camel = last.iter().rposition(u8::is_ascii_uppercase).map_or(last, |at| &last[at..]);
    [last, camel].iter().any(|word| RECORDS.iter().any(|record| record.eq_ignore_ascii_case(word)))
}

/// Both cases, digits, and no order in them.
pub(super) fn strongly_random(value: &[u8]) -> bool {
    value.len() >= 16
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_digit)
        && !value.contains(&b' ')
        && !value.contains(&b'/')
        && looks_random(value)
}
