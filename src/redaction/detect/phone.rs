//! Telephone numbers in free text: international notation, and the notations that only telephone numbers use.
//!
//! Country codes and lengths after the public numbering plans of the ITU (E.164). Digits without a plus sign and
//! without the grouping of a telephone number are left alone: order numbers and timestamps look the same.

use super::{Finder, Sink};

/// Country codes of one digit, and of two; everything else has three.
const ONE_DIGIT: &[u8] = b"17";
const TWO_DIGITS: &[u8] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62,
    63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// A number with a plus sign at `plus`; whether it is one.
pub(super) fn international_at(plus: usize, sink: &mut Sink<'_>) -> bool {
    let text = sink.text;
    if plus > 0
        && (text[plus - 1].is_ascii_alphanumeric() || matches!(text[plus - 1], b'+' | b'/' | b'=' | b'.' | b')'))
        && text[plus - 1] != b'='
    {
        return false;
    }
    let Some((end, digits)) = walk(text, plus + 1) else {
        return false;
    };
    if !plausible(&digits) {
        return false;
    }
    // `+02:00` of a timestamp and `+0000` never get here: no country code begins with 0.
    sink.push_for(Finder::Phone, plus, end, "");
    true
}

/// Reads digits with the separators of telephone numbers; the end and the digits.
fn walk(text: &[u8], from: usize) -> Option<(usize, Vec<u8>)> {
    let mut digits = Vec::new();
    let mut at = from;
    let mut end = from;
    let mut gap = 0;
    while at < text.len() && digits.len() < 16 {
        match text[at] {
            digit @ b'0'..=b'9' => {
                digits.push(digit);
                gap = 0;
                end = at + 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' if gap < 2 => gap += 1,
            _ => break,
        }
        at += 1;
    }
    let glued = text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    ((8..=15).contains(&digits.len()) && !glued).then_some((end, digits))
}

fn plausible(digits: &[u8]) -> bool {
    if digits[0] == b'0' || digits.iter().all(|digit| *digit == digits[0]) {
        return false;
    }
    let two = (digits[0] - b'0') * 10 + (digits[1] - b'0');
    let national = if ONE_DIGIT.contains(&digits[0]) {
        digits.len() - 1
    } else if TWO_DIGITS.contains(&two) {
        digits.len() - 2
    } else {
        digits.len() - 3
    };
    match digits[0] {
        b'1' => national == 10 && digits[1] >= b'2' && digits[4] >= b'2',
        b'7' => national == 10,
        _ => (6..=12).contains(&national),
    }
}

/// `(415) 555-0132`, `415-555-0132`, `415.555.0132`: the North American groups.
pub(super) fn north_american(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let open = text.get(at) == Some(&b'(');
    at += usize::from(open);
    at = group(text, at, 3)?;
    let area = at - 3;
    if open {
        if text.get(at) != Some(&b')') {
            return None;
        }
        at += 1;
        at += usize::from(text.get(at) == Some(&b' '));
    } else {
        if !matches!(text.get(at), Some(b'-')) {
            return None;
        }
        at += 1;
    }
    let exchange = at;
    at = group(text, at, 3)?;
    if !matches!(text.get(at), Some(b'-' | b'.' | b' ')) {
        return None;
    }
    at = group(text, at + 1, 4)?;
    let ended = !text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (ended && text[area] >= b'2' && text[exchange] >= b'2').then_some(at)
}

fn group(text: &[u8], from: usize, length: usize) -> Option<usize> {
    let digits = text.get(from..from + length)?;
    digits.iter().all(u8::is_ascii_digit).then_some(from + length)
}
