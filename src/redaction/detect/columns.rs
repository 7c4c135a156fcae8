//! Columns of SQL: `INSERT INTO users (name, password) VALUES ('ann', '…'), ('ben', '…')` names a key once for many values.

use std::ops::Range;

use super::super::classes::{ByteClass, NAME, SPACE, and, of, run_end, run_start};
use super::extent::{Field, Operator};

/// Longest list of columns, in bytes.
const LONGEST_LIST: usize = 2 * 1024;

/// How much of the rows behind a list is read, in bytes.
const LONGEST_ROWS: usize = 12 * 1024;

/// Longest value without quotes, such as a number, in bytes.
const LONGEST_BARE: usize = 64;

/// Most columns of one list that are looked up, so that a list of the same name over and over costs no more.
const MOST_LOOKED_UP: usize = 16;

/// What a list of columns is made of.
static LIST: ByteClass = and(NAME, b" \t\r\n,`\"'[]");

/// The list of columns that was read last.
#[derive(Default)]
pub(super) struct Lists {
    last: Option<List>,
}

struct List {
    /// Between its brackets.
    span: Range<usize>,
    /// Where its rows begin; `None` when it is no list of columns.
    rows: Option<usize>,
    looked_up: usize,
}

impl Lists {
    /// The values of the column named at `name_start..name_end` in all rows; `None` when the name stands in no list of
    /// columns.
    pub(super) fn values(&mut self, text: &[u8], name_start: usize, name_end: usize) -> Option<Vec<Field>> {
        let closing = run_end(text, name_end, &CLOSING, 3);
        if !matches!(text.get(closing), Some(b',' | b')')) {
            return None;
        }
        let list = match &mut self.last {
            Some(list) if list.span.contains(&name_start) => list,
            last => last.insert(read_list(text, name_start, name_end)),
        };
        let rows = list.rows?;
        list.looked_up += 1;
        if list.looked_up > MOST_LOOKED_UP {
            return Some(Vec::new());
        }
        let place = memchr::memchr_iter(b',', &text[list.span.start..name_start]).count();
        Some(column(text, rows, place).0)
    }
}

/// What may stand between a column's name and the comma behind it.
static CLOSING: ByteClass = of(b"`\"] ");

/// The list around a name, with its rows when `VALUES` follows.
fn read_list(text: &[u8], name_start: usize, name_end: usize) -> List {
    let start = run_start(text, name_start, &LIST, LONGEST_LIST);
    let end = run_end(text, name_end, &LIST, LONGEST_LIST);
    let values = || {
        let opened = start.checked_sub(1).map(|before| text[before]) == Some(b'(');
        let word = run_end(text, end + 1, &SPACE, 8);
        let named = text.get(word..word + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"values"));
        (opened && text.get(end) == Some(&b')') && named).then_some(word + 6)
    };
    List { span: start..end, rows: values(), looked_up: 0 }
}

/// Where rows begin when `VALUES` stands behind the name of a table at `end`.
pub(super) fn rows_behind(text: &[u8], end: usize) -> Option<usize> {
    let word = run_end(text, end, &CLOSING, 8);
    text.get(word..word + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"values")).then_some(word + 6)
}

/// The values at `place` in the rows that begin at `from`, and where reading ended.
pub(super) fn column(text: &[u8], from: usize, place: usize) -> (Vec<Field>, usize) {
    let text = &text[..text.len().min(from + LONGEST_ROWS)];
    let mut found = Vec::new();
    let mut at = run_end(text, from, &SPACE, 8);
    let mut read_to = at;
    while text.get(at) == Some(&b'(') {
        let (values, end) = row(text, at + 1, place);
        read_to = end;
        if let Some(value) = values.get(place).filter(|value| !value.is_empty()) {
            let quoted = matches!(text[value.start - 1], b'\'' | b'"');
            found.push(Field { start: value.start, end: value.end, quoted, operator: Operator::Arrow });
        }
        let next = run_end(text, end, &SPACE, 8);
        if text.get(next) != Some(&b')') {
            break;
        }
        let comma = run_end(text, next + 1, &SPACE, 8);
        if text.get(comma) != Some(&b',') {
            break;
        }
        at = run_end(text, comma + 1, &SPACE, 64);
    }
    (found, read_to)
}

/// The values of a row from `from` on without their quotes, those behind the place `last` unread, and where reading ended.
/// Reads on to the end of the row so that the next one can be found.
pub(super) fn row(text: &[u8], from: usize, last: usize) -> (Vec<Range<usize>>, usize) {
    let mut values = Vec::new();
    let mut at = from;
    loop {
        at = run_end(text, at, &SPACE, 8);
        let quote = text.get(at).copied().filter(|byte| matches!(byte, b'\'' | b'"'));
        // The next row begins: this one has no end.
        if text.get(at) == Some(&b'(') {
            return (values, at);
        }
        let start = at + usize::from(quote.is_some());
        let end = value_end(text, start, quote);
        if values.len() <= last {
            values.push(start..end);
        }
        at = end + usize::from(quote.is_some() && end < text.len());
        at = run_end(text, at, &SPACE, 8);
        if text.get(at) != Some(&b',') {
            return (values, at);
        }
        at += 1;
    }
}

/// The end of a value: its closing quote, or what parts values.
fn value_end(text: &[u8], start: usize, quote: Option<u8>) -> usize {
    let mut end = start;
    let limit = if quote.is_some() { text.len() } else { text.len().min(start + LONGEST_BARE) };
    while end < limit {
        match (text[end], quote) {
            (byte, Some(open)) if byte == open && text.get(end + 1) == Some(&open) => end += 1,
            (b'\\', Some(_)) => end += 1,
            (byte, Some(open)) if byte == open => break,
            (b',' | b')', None) => break,
            (b'\n', _) => break,
            _ => {}
        }
        end += 1;
    }
    end.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, name: &str) -> Vec<String> {
        let start = text.find(name).unwrap();
        let fields = Lists::default().values(text.as_bytes(), start, start + name.len()).unwrap_or_default();
        fields.iter().map(|field| text[field.start..field.end].to_owned()).collect()
    }

    #[test]
    fn a_column_has_a_value_in_each_row() {
        let text =
            "INSERT INTO `t` (`id`, `pass`, `mail`) VALUES (1,'a''b,c','x'),\n  (2, 'd\\'e)', NULL), (3, NULL, '');";
        assert_eq!(values(text, "pass"), ["a''b,c", "d\\'e)", "NULL"]);
        assert_eq!(values(text, "id"), ["1", "2", "3"]);
        assert_eq!(values("insert into t (pass) values ('a')", "pass"), ["a"]);
        assert!(values("call(name, pass) and values", "pass").is_empty());
        assert!(values("(pass) VALUES (", "pass").is_empty());
    }
}
