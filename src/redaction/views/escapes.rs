//! Escapes of JSON, URLs, HTML and quoted-printable: where they stand, and the text without them.

use super::super::placeholder::placeholder_around;
use super::printable::is_soft_break;

/// Escapes nearer to each other than this share a region, in bytes.
const NEAR: usize = 256;

/// Furthest a region reaches past its first and last escape to take in the whole line, in bytes.
const MARGIN: usize = 4 * 1024;

/// How much behind the last escape always belongs to its region, in bytes.
const BEHIND: usize = 96;

/// A part of a text with escapes: start, end, and whether quoted-printable is among them.
type Region = (usize, usize, bool);

/// Parts of the text with escapes; `printable` are the places of quoted-printable that the survey has seen.
pub(super) fn regions(text: &[u8], printable: &[usize]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for at in memchr::memchr3_iter(b'\\', b'%', b'&', text) {
        if escape_at(text, at) > 1 {
            extend(&mut regions, at, false);
        }
    }
    let mut printable = printable.to_vec();
    for needle in [&b"=\r\n"[..], b"=\n"] {
        printable.extend(memchr::memmem::find_iter(text, needle).filter(|at| is_soft_break(text, *at)));
    }
    if !printable.is_empty() {
        printable.sort_unstable();
        let mut others: Vec<Region> = Vec::new();
        printable.into_iter().for_each(|at| extend(&mut others, at, true));
        regions.append(&mut others);
        regions.sort_unstable();
    }
    widen(text, &mut regions);
    regions
}

fn extend(regions: &mut Vec<Region>, at: usize, printable: bool) {
    match regions.last_mut() {
        Some(last) if at < last.1 + NEAR => last.1 = at,
        _ => regions.push((at, at, printable)),
    }
}

/// Takes in whole lines, without running into each other.
fn widen(text: &[u8], regions: &mut Vec<Region>) {
    let mut out: Vec<Region> = Vec::with_capacity(regions.len());
    for (start, end, printable) in regions.drain(..) {
        // Half a placeholder would be taken for text.
        let from = start.saturating_sub(MARGIN);
        let from = placeholder_around(text, from).map_or(from, |placeholder| placeholder.0);
        let to = text.len().min(end + BEHIND + MARGIN);
        let to = placeholder_around(text, to).map_or(to, |placeholder| placeholder.1);
        let first = memchr::memrchr(b'\n', &text[from..start]).map_or(from, |newline| from + newline + 1);
        // A value may stand on the line behind its key's.
        let after = (end + BEHIND).min(text.len());
        let last = memchr::memchr(b'\n', &text[after..to]).map_or(to, |newline| after + newline);
        match out.last_mut() {
            Some(previous) if first <= previous.1 + usize::from(printable && previous.2) => {
                previous.1 = previous.1.max(last);
                previous.2 |= printable;
            }
            _ => out.push((first, last, printable)),
        }
    }
    *regions = out;
}

/// Whether another round of decoding may find something.
pub(super) fn has_more(text: &[u8]) -> bool {
    memchr::memchr3_iter(b'\\', b'%', b'&', text).any(|at| escape_at(text, at) > 1)
}

/// The text without its escapes, and where each byte stood (one entry more, for the end).
pub(super) fn decode(text: &[u8], printable: bool) -> (Vec<u8>, Vec<u32>) {
    let mut out = Vec::with_capacity(text.len());
    let mut map = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    // After a percent escape a plus sign is a blank, up to the end of the word: forms are encoded so.
    let mut form = false;
    while at < text.len() {
        let next = if printable {
            text[at..].iter().position(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'='))
        } else {
            memchr::memchr3(b'\\', b'%', b'&', &text[at..])
        };
        let stop = next.map_or(text.len(), |found| at + found);
        let copied = out.len();
        out.extend_from_slice(&text[at..stop]);
        map.extend(at as u32..stop as u32);
        if form {
            form = plus_to_blank(&mut out[copied..]);
        }
        at = stop;
        if at == text.len() {
            break;
        }
        let (length, code) = if text[at] == b'=' { printable_at(text, at) } else { read(text, at) };
        if text[at] == b'%' && length == 3 && !form {
            form = true;
            plus_before(&mut out);
        }
        match code {
            Code::Byte(byte) => {
                out.push(byte);
                map.push(at as u32);
            }
            Code::Char(character) => {
                let mut buffer = [0; 4];
                let bytes = character.encode_utf8(&mut buffer).as_bytes();
                out.extend_from_slice(bytes);
                map.extend(bytes.iter().map(|_| at as u32));
            }
            Code::Nothing => {}
        }
        at += length;
    }
    map.push(text.len() as u32);
    (out, map)
}

/// Writes blanks for plus signs up to the first byte that cannot stand in a form; false when there is one.
fn plus_to_blank(piece: &mut [u8]) -> bool {
    for byte in piece {
        match byte {
            b'+' => *byte = b' ',
            b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'<' => return false,
            _ => {}
        }
    }
    true
}

/// Writes blanks for plus signs back to the beginning of the word that turned out to be encoded.
fn plus_before(out: &mut [u8]) {
    for byte in out.iter_mut().rev().take(MARGIN) {
        match byte {
            b'+' => *byte = b' ',
            b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'<' => return,
            _ => {}
        }
    }
}

enum Code {
    Byte(u8),
    Char(char),
    Nothing,
}

/// Length of the escape at `at`; 1 when it is none.
fn escape_at(text: &[u8], at: usize) -> usize {
    read(text, at).0
}

fn read(text: &[u8], at: usize) -> (usize, Code) {
    let plain = (1, Code::Byte(text[at]));
    match text[at] {
        b'\\' => match text.get(at + 1) {
            Some(b'u') => unicode_at(text, at).unwrap_or(plain),
            Some(b'x') => match pair(text, at + 2) {
                Some(byte) => (4, Code::Byte(byte)),
                None => plain,
            },
            Some(b'n') => (2, Code::Byte(b'\n')),
            Some(b'r') => (2, Code::Byte(b'\r')),
            Some(b't') => (2, Code::Byte(b'\t')),
            Some(next @ (b'"' | b'/' | b'\\' | b'\'')) => (2, Code::Byte(*next)),
            _ => plain,
        },
        b'%' => match pair(text, at + 1) {
            Some(byte) => (3, Code::Byte(byte)),
            None => plain,
        },
        b'&' => entity_at(text, at).unwrap_or(plain),
        _ => plain,
    }
}

fn printable_at(text: &[u8], at: usize) -> (usize, Code) {
    match (text.get(at + 1), text.get(at + 2)) {
        (Some(b'\n'), _) if is_soft_break(text, at) => (2, Code::Nothing),
        (Some(b'\r'), Some(b'\n')) if is_soft_break(text, at) => (3, Code::Nothing),
        (Some(b'0'..=b'9' | b'A'..=b'F'), Some(b'0'..=b'9' | b'A'..=b'F')) => match pair(text, at + 1) {
            Some(byte) => (3, Code::Byte(byte)),
            None => (1, Code::Byte(b'=')),
        },
        _ => (1, Code::Byte(b'=')),
    }
}

fn pair(text: &[u8], at: usize) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (high, low) = (digit(*text.get(at)?)?, digit(*text.get(at + 1)?)?);
    u8::try_from(high * 16 + low).ok()
}

fn four(text: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(pair(text, at)?) << 8 | u32::from(pair(text, at + 2)?))
}

/// `\u0040`, and pairs of surrogates.
fn unicode_at(text: &[u8], at: usize) -> Option<(usize, Code)> {
    let code = four(text, at + 2)?;
    if (0xd800..0xdc00).contains(&code) && text.get(at + 6..at + 8) == Some(b"\\u") {
        let low = four(text, at + 8)?;
        let joined = 0x1_0000 + ((code - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
        return Some((12, Code::Char(char::from_u32(joined)?)));
    }
    Some((6, Code::Char(char::from_u32(code)?)))
}

/// Named entities that occur in what a site escapes, and numbers.
fn entity_at(text: &[u8], at: usize) -> Option<(usize, Code)> {
    let window = &text[at..text.len().min(at + 10)];
    let end = memchr::memchr(b';', window)?;
    let name = &window[1..end];
    let character = match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        b"nbsp" => ' ',
        b"commat" => '@',
        b"period" => '.',
        b"colon" => ':',
        b"sol" => '/',
        b"equals" => '=',
        b"lowbar" => '_',
        b"plus" => '+',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((end + 1, Code::Char(character)))
}

fn number(digits: &[u8], base: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    char::from_u32(u32::from_str_radix(digits, base).ok()?)
}
