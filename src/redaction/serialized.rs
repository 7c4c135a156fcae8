//! PHP's `serialize()`: strings carry their length (`s:8:"password";`), so a replacement inside one changes a number
//! before it.

use std::collections::BTreeMap;

use super::classes::{DIGIT, run_end};

/// How far before a removal the length of its string may stand, in bytes: what a window keeps in sight behind.
pub(crate) const REACH: usize = 1024;

/// How many strings around one removal are looked at: serialized text inside serialized text.
const NESTED: usize = 3;

/// How many strings before one are asked whether they enclose it.
const ENCLOSING: usize = 16;

/// How many strings before one removal are asked whether they enclose it.
const ASKED: usize = 24;

/// A length to be written anew.
pub(crate) struct Length {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) digits: String,
}

/// A string with its length, by where the digits of that begin.
#[derive(Clone, Copy)]
struct Declared {
    digits: usize,
    digits_end: usize,
    content: usize,
    content_end: usize,
    length: i64,
}

/// The lengths that change when each of `removals` (start, end, bytes of the replacement) is made. Nothing before `from`
/// is touched.
pub(crate) fn lengths(text: &[u8], from: usize, removals: &[(usize, usize, usize)]) -> Vec<Length> {
    let Some((last, ..)) = removals.last() else { return Vec::new() };
    // Most texts have none.
    let strings = declared(text, from, *last);
    let mut changes: BTreeMap<usize, i64> = BTreeMap::new();
    for (start, end, replacement) in removals.iter().filter(|_| !strings.is_empty()) {
        let change = *replacement as i64 - (*end - *start) as i64;
        for place in around(&strings, *start, *end).take(NESTED) {
            *changes.entry(place).or_insert(0) += change;
        }
    }
    // From the inside out: a number that gets longer or shorter changes the strings around it.
    let places: Vec<usize> = changes.keys().rev().copied().collect();
    let mut out = Vec::new();
    for place in places {
        let string = &strings[place];
        let digits = (string.length + changes[&place]).max(0).to_string();
        let growth = digits.len() as i64 - (string.digits_end - string.digits) as i64;
        for (other, change) in changes.range_mut(..place).rev().take(ENCLOSING) {
            if strings[*other].content_end > string.digits {
                *change += growth;
            }
        }
        out.push(Length { start: string.digits, end: string.digits_end, digits });
    }
    out.reverse();
    out
}

/// Where the string ends whose declared length stands before `limit`, when it reaches over `limit`: a window must not be
/// cut there.
pub(crate) fn begins_before(text: &[u8], limit: usize) -> Option<usize> {
    let strings = declared(text, limit.saturating_sub(REACH), limit);
    around(&strings, limit, limit + 1).last().map(|place| strings[place].digits - 2)
}

/// Those of the strings that enclose `start..end`, the innermost first.
fn around(strings: &[Declared], start: usize, end: usize) -> impl Iterator<Item = usize> {
    let before = strings.partition_point(|string| string.content <= start);
    let asked = (0..before).rev().take(ASKED).take_while(move |place| strings[*place].digits + REACH >= start);
    asked.filter(move |place| strings[*place].content_end >= end)
}

/// The strings with their lengths that begin in `from..to`, in their order.
fn declared(text: &[u8], from: usize, to: usize) -> Vec<Declared> {
    let starts = memchr::memmem::find_iter(&text[from..to], b"s:").map(|at| from + at + 2);
    starts.filter_map(|digits| declared_at(text, digits)).collect()
}

fn declared_at(text: &[u8], digits: usize) -> Option<Declared> {
    let digits_end = run_end(text, digits, &DIGIT, LONGEST_NUMBER);
    let closing: &[u8] = match text.get(digits_end..)? {
        [b':', b'"', ..] => b"\"",
        [b':', b'\\', b'"', ..] => b"\\\"",
        _ => return None,
    };
    let length: i64 = std::str::from_utf8(&text[digits..digits_end]).ok()?.parse().ok()?;
    let content = digits_end + 1 + closing.len();
    let content_end = content.checked_add(usize::try_from(length).ok()?)?;
    let ends = text.get(content_end..)?.starts_with(closing);
    ends.then_some(Declared { digits, digits_end, content, content_end, length })
}

/// Most digits of a length.
const LONGEST_NUMBER: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, secret: &str, replacement: &str) -> String {
        let start = text.find(secret).unwrap();
        let removal = (start, start + secret.len(), replacement.len());
        let mut out = text.replace(secret, replacement);
        for length in lengths(text.as_bytes(), 0, &[removal]).into_iter().rev() {
            out.replace_range(length.start..length.end, &length.digits);
        }
        out
    }

    #[test]
    fn lengths_stay_right() {
        assert_eq!(
            rewritten(r#"a:1:{s:4:"pass";s:6:"s3cret";}"#, "s3cret", "[p:abcdef12]"),
            r#"a:1:{s:4:"pass";s:12:"[p:abcdef12]";}"#
        );
        assert_eq!(rewritten(r#"s:21:"s:14:"a s3cret value"";"#, "s3cret", "[x]"), r#"s:18:"s:11:"a [x] value"";"#);
    }

    #[test]
    fn lengths_that_do_not_fit_are_left_alone() {
        let text = r#"s:999999999999:"s3cret";"#;
        assert_eq!(rewritten(text, "s3cret", "[x]"), r#"s:999999999999:"[x]";"#);
    }
}
