//! PHP's `serialize()`: strings carry their length (`s:8:"password";`), so a replacement inside one changes a number
//! before it.

use std::collections::BTreeMap;

use super::classes::{DIGIT, run_start};

/// How far before a removal the length of its string may stand, in bytes: what a window keeps in sight behind.
pub(crate) const REACH: usize = 1024;

/// How many strings around one removal are looked at: serialized text inside serialized text.
const NESTED: usize = 3;

/// How many strings before one are asked whether they enclose it.
const ENCLOSING: usize = 16;

/// How many quotes are passed on the way back to the string's beginning.
const QUOTES: usize = 24;

/// A length to be written anew.
pub(crate) struct Length {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) digits: String,
}

#[derive(Clone, Copy)]
struct Declared {
    digits_end: usize,
    content_end: usize,
    length: i64,
    change: i64,
}

/// The lengths that change when each of `removals` (start, end, bytes of the replacement) is made. Nothing before `from`
/// is touched.
pub(crate) fn lengths(text: &[u8], from: usize, removals: &[(usize, usize, usize)]) -> Vec<Length> {
    let mut declared: BTreeMap<usize, Declared> = BTreeMap::new();
    if removals.is_empty() || !declares_lengths(text) {
        return Vec::new();
    }
    for (start, end, replacement) in removals {
        let change = *replacement as i64 - (*end - *start) as i64;
        let mut found = 0;
        for (digits_start, string) in around(text, from, *start, *end) {
            declared.entry(digits_start).or_insert(string).change += change;
            found += 1;
            if found == NESTED {
                break;
            }
        }
    }
    // From the inside out: a number that gets longer or shorter changes the strings around it.
    let starts: Vec<usize> = declared.keys().rev().copied().collect();
    let mut out = Vec::new();
    for start in starts {
        let string = declared[&start];
        let digits = (string.length + string.change).max(0).to_string();
        let growth = digits.len() as i64 - (string.digits_end - start) as i64;
        for (_, other) in declared.range_mut(..start).rev().take(ENCLOSING) {
            if other.content_end > start {
                other.change += growth;
            }
        }
        out.push(Length { start, end: string.digits_end, digits });
    }
    out.reverse();
    out
}

/// Whether a string with its length stands anywhere: most texts have none.
fn declares_lengths(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"s:").any(|at| text.get(at + 2).is_some_and(u8::is_ascii_digit))
}

/// Where the string ends whose declared length stands before `limit`, when it reaches over `limit`: a window must not be
/// cut there.
pub(crate) fn begins_before(text: &[u8], limit: usize) -> Option<usize> {
    around(text, 0, limit, limit + 1).last().map(|(digits_start, _)| digits_start.saturating_sub(2))
}

/// Strings that enclose `start..end`, the innermost first.
fn around(text: &[u8], from: usize, start: usize, end: usize) -> Vec<(usize, Declared)> {
    let lowest = from.max(start.saturating_sub(REACH));
    let mut found = Vec::new();
    let mut before = start;
    for _ in 0..QUOTES {
        let Some(quote) = memchr::memrchr(b'"', &text[lowest..before]).map(|at| lowest + at) else {
            break;
        };
        before = quote;
        let escaped = usize::from(text[..quote].ends_with(b"\\"));
        let Some(colon) = quote.checked_sub(1 + escaped) else {
            break;
        };
        if text[colon] != b':' {
            continue;
        }
        let digits_start = run_start(text, colon, &DIGIT, 12);
        if digits_start < lowest.max(2) || digits_start == colon || !text[..digits_start].ends_with(b"s:") {
            continue;
        }
        let length = text[digits_start..colon].iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let content = quote + 1;
        let Some(content_end) = usize::try_from(length).ok().and_then(|length| content.checked_add(length)) else {
            continue;
        };
        let closing: &[u8] = if escaped == 1 { b"\\\"" } else { b"\"" };
        if content_end >= end && text.get(content_end..).is_some_and(|rest| rest.starts_with(closing)) {
            found.push((digits_start, Declared { digits_end: colon, content_end, length, change: 0 }));
        }
    }
    found
}

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
