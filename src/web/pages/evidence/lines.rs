//! Redacted text in parts of some hundred lines, with every placeholder marked. A file of any size is read as a
//! stream; what one page holds is bounded.

use super::show::shown_rule;
use crate::actions::Failure;
use crate::redaction::{Rules, decoded, placeholders};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

/// Lines in one part.
pub(super) const PART: u64 = 500;
/// Longest line that is shown, in bytes; longer ones are cut.
const LINE_MAX: usize = 4_000;
/// How far a file is searched for the first place of each rule, and its lines are counted, bytes.
const SEARCHED: u64 = 64 * 1024 * 1024;

#[derive(Serialize)]
pub(super) struct Line {
    number: u64,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    text: String,
    rule: Option<String>,
    what: Option<String>,
}

/// One part of a text.
pub(super) struct Shown {
    pub(super) lines: Vec<Line>,
    /// Is there a line after the last one shown?
    pub(super) more: bool,
    /// How many lines there are; none when the text is longer than is searched.
    pub(super) total: Option<u64>,
    /// The first line in which each rule removed something, as far as the text was searched.
    pub(super) first: BTreeMap<String, u64>,
}

/// The lines `from` to `from` + [`PART`], counted from 1; of UTF-16 its text. `wanted`: the rules whose first place is
/// looked for.
pub(super) fn read(input: impl Read, from: u64, wanted: &[String], rules: &Rules) -> Result<Shown, Failure> {
    decoded(input, |text| lines(BufReader::with_capacity(256 * 1024, text), from, wanted, rules)).map_err(broken)?
}

fn lines(mut reader: impl BufRead, from: u64, wanted: &[String], rules: &Rules) -> Result<Shown, Failure> {
    let mut shown = Shown { lines: Vec::new(), more: false, total: None, first: BTreeMap::new() };
    let (mut number, mut searched) = (0, 0);
    loop {
        let Some((line, length)) = next_line(&mut reader).map_err(broken)? else {
            shown.total = Some(number);
            return Ok(shown);
        };
        number += 1;
        searched += length;
        let inside = number >= from && number < from + PART;
        let searching = searched <= SEARCHED && shown.first.len() < wanted.len();
        if number >= from + PART {
            shown.more = true;
            if searched > SEARCHED {
                return Ok(shown);
            }
        }
        let interesting = inside || (searching && memchr::memchr2(b'[', b'%', &line).is_some());
        if !interesting {
            continue;
        }
        let cut = line.len() > LINE_MAX || (length as usize) > line.len() + 2;
        let text = String::from_utf8_lossy(if number == 1 { without_mark(&line) } else { &line });
        for span in placeholders(&text) {
            if let Some(rule) = wanted.iter().find(|rule| is_of(span.rule, rule)) {
                shown.first.entry(rule.clone()).or_insert(number);
            }
        }
        if inside {
            shown.lines.push(Line { number, parts: parts(&text, cut, rules) });
        }
    }
}

/// A byte order mark is no text.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
}

/// Does the name in a placeholder (which may carry a note, as in `card-visa`) belong to this rule?
fn is_of(name: &str, rule: &str) -> bool {
    name.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The next line without its end, cut to a little more than [`LINE_MAX`], and its whole length; none at the end.
fn next_line(reader: &mut impl BufRead) -> std::io::Result<Option<(Vec<u8>, u64)>> {
    let (mut line, mut length) = (Vec::new(), 0_u64);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok((length > 0).then_some((line, length)));
        }
        let (taken, ended) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        let text = &buffer[..if ended { taken - 1 } else { taken }];
        let room = (LINE_MAX + 64).saturating_sub(line.len()).min(text.len());
        line.extend_from_slice(&text[..room]);
        length += taken as u64;
        reader.consume(taken);
        if ended {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some((line, length)));
        }
    }
}

fn parts(text: &str, cut: bool, rules: &Rules) -> Vec<Part> {
    let mut parts = Vec::new();
    let plain = |parts: &mut Vec<Part>, text: &str| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), rule: None, what: None });
        }
    };
    let mut end = 0;
    for span in placeholders(text) {
        plain(&mut parts, &text[end..span.start]);
        let (rule, what) = shown_rule(rules, span.rule);
        parts.push(Part { text: text[span.start..span.end].to_owned(), rule: Some(rule), what: Some(what) });
        end = span.end;
    }
    plain(&mut parts, &text[end..]);
    if cut {
        plain(&mut parts, " … (the rest of this long line is not shown here; a bundle holds all of it)");
    }
    parts
}

fn broken(error: std::io::Error) -> Failure {
    Failure::Broken(format!("a redacted file cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, from: u64, wanted: &[&str]) -> Shown {
        let wanted: Vec<String> = wanted.iter().map(|rule| (*rule).to_owned()).collect();
        let rules = Rules::embedded().unwrap();
        read(text.as_bytes(), from, &wanted, &rules).unwrap()
    }

    #[test]
    fn a_long_file_is_shown_in_parts_and_the_first_place_is_found_in_another() {
        let mut text: String = (1..=1200).map(|n| format!("line {n}\n")).collect();
        text.push_str("to [email:k7f2q9] again\n");
        let first = shown(&text, 1, &["email"]);
        assert_eq!((first.lines.len(), first.more, first.total), (500, true, Some(1201)));
        assert_eq!(first.first.get("email"), Some(&1201));
        let last = shown(&text, 1001, &["email"]);
        assert_eq!((last.lines.len(), last.more), (201, false));
        let marked = &last.lines[200].parts;
        assert_eq!(marked[1].text, "[email:k7f2q9]");
        assert_eq!(marked[1].rule.as_deref(), Some("email"));
        assert_eq!(marked[0].text, "to ");
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_still_counts() {
        let text = format!("{}\nsecond", "ü".repeat(20_000));
        let shown = shown(&text, 1, &[]);
        assert_eq!(shown.lines.len(), 2);
        assert!(shown.lines[0].parts.last().unwrap().text.contains("not shown here"));
        assert!(shown.lines[0].parts[0].text.len() < 5_000);
        assert_eq!(shown.lines[1].parts[0].text, "second");
    }

    #[test]
    fn utf_16_is_shown_as_the_text_that_it_is() {
        let rules = Rules::embedded().unwrap();
        let text = "\u{feff}für [email:k7f2q9]\r\n日本 am Ende\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big, text.as_bytes().to_vec()] {
            let shown = read(bytes.as_slice(), 1, &["email".to_owned()], &rules).unwrap();
            let texts: Vec<String> =
                shown.lines.iter().map(|line| line.parts.iter().map(|part| part.text.as_str()).collect()).collect();
            assert_eq!(texts, ["für [email:k7f2q9]", "日本 am Ende"]);
            assert_eq!(shown.first.get("email"), Some(&1));
        }
    }

    #[test]
    fn an_empty_text_has_no_lines() {
        assert!(shown("", 1, &[]).lines.is_empty());
    }
}
