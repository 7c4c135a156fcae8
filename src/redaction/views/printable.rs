//! Quoted-printable: which equals signs at the ends of lines are its soft breaks.
//!
//! Much that is no mail ends its lines so: the padding of base64, an assignment that goes on below. Taking such an end for
//! a soft break would join two lines, and what goes from the first would take the beginning of the second with it.

use super::super::classes::{BASE64, run_start};

/// Width of a line that was broken because it was full, with its equals sign: at most 76, less where an escape or a word did
/// not fit.
const FULL: std::ops::RangeInclusive<usize> = 70..=76;

/// Furthest the lines around a break are read, in bytes.
const LINE: usize = 1000;

/// Shortest run of base64 that may end in padding, in characters.
const SHORTEST_PADDED: usize = 12;

/// Whether the equals sign at `at`, which ends its line, is a soft break: its line is full, or the lines around it are
/// quoted-printable as well.
pub(super) fn is_soft_break(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(LINE)..at];
    let line = &before[memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1)..];
    // A sign before the sign would be written as an escape.
    if line.is_empty() || line.ends_with(b"=") {
        return false;
    }
    let full = FULL.contains(&(line.len() + 1));
    full && !may_be_padding(line)
        || has_escape(line)
        || next_line(text, at).is_some_and(goes_on)
        || broken_before(before)
}

/// Whether a run of base64 ends here whose next character may be its padding.
fn may_be_padding(line: &[u8]) -> bool {
    let run = line.len() - run_start(line, line.len(), &BASE64, LINE);
    run >= SHORTEST_PADDED && run % 4 == 3
}

/// Whether an escape of a sign that must be escaped stands here, or several side by side.
fn has_escape(line: &[u8]) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    memchr::memchr_iter(b'=', line).any(|at| match line[at + 1..] {
        [b'3', b'D', ..] | [b'0', b'9' | b'A' | b'D', ..] => true,
        [high, low, b'=', next, ..] => digit(high) && digit(low) && digit(next),
        _ => false,
    })
}

/// The line behind the one whose equals sign stands at `at`.
fn next_line(text: &[u8], at: usize) -> Option<&[u8]> {
    let start = at + memchr::memchr(b'\n', &text[at..text.len().min(at + 3)])? + 1;
    let rest = &text[start..text.len().min(start + LINE)];
    Some(&rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())])
}

/// Whether a line holds escapes or ends in a soft break itself.
fn goes_on(line: &[u8]) -> bool {
    has_escape(line) || ends_in_break(line)
}

fn ends_in_break(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.strip_suffix(b"=").is_some_and(|rest| FULL.contains(&line.len()) && !may_be_padding(rest))
}

/// Whether the line before the last of these ends in a soft break.
fn broken_before(before: &[u8]) -> bool {
    let Some(newline) = memchr::memrchr(b'\n', before) else { return false };
    let lines = &before[..newline];
    ends_in_break(&lines[memchr::memrchr(b'\n', lines).map_or(0, |newline| newline + 1)..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_broken(text: &str) -> bool {
        let at = text.find("=\n").or_else(|| text.find("=\r\n")).unwrap();
        is_soft_break(text.as_bytes(), at)
    }

    #[test]
    fn full_lines_and_lines_with_escapes_are_broken_softly() {
        let words = "the customer of the shop said that his order has not come, and then he asks=\n";
        assert_eq!(words.len(), 77);
        assert!(is_broken(words));
        assert!(is_broken(&words.replace('\n', "\r\n")));
        assert!(is_broken("a=3Db and so=\non"));
        assert!(is_broken("caf=C3=A9 so=\non"));
        assert!(is_broken("so=\non =3D 7"));
    }

    #[test]
    fn padding_and_assignments_end_their_lines() {
        assert!(!is_broken("Authorization: Basic c2hvcDprdW1xdWF0Nzdncm92ZXM=\nHost: shop.example"));
        assert!(!is_broken("key: c2hvcDprdW1xdWF0Nzdncm92ZQ=\nnext: 1"));
        assert!(!is_broken("$total =\n  7;"));
        assert!(!is_broken("=\n"));
        let full = format!("Authorization: Basic {}=\nHost: shop.example", "c2hvcDprdW1x".repeat(4) + "dWF");
        assert!(!is_broken(&full));
    }
}
