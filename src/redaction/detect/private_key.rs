//! Private keys in PEM and PGP armour, also inside a JSON string where line ends are written `\n`.

use super::{Finder, REACH, Sink};

/// Longest prefix that a logger writes before each line of a key, in bytes.
const LONGEST_PREFIX: usize = 120;

/// `start` is the first byte of `-----BEGIN`.
pub(super) fn at(start: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    let head = &text[start..text.len().min(start + 100)];
    let Some(label_end) = memchr::memmem::find(&head[10..], b"-----") else {
        return;
    };
    let label = &head[10..10 + label_end];
    if memchr::memmem::find(label, b"PRIVATE KEY").is_none() || label.contains(&b'\n') {
        return;
    }
    let body = start + 10 + label_end + 5;
    let window = &text[body..text.len().min(start + REACH)];
    let before = &text[start.saturating_sub(LONGEST_PREFIX)..start];
    let prefix = memchr::memrchr(b'\n', before).map_or(before, |newline| &before[newline + 1..]);
    let armour = armour_length(window, prefix);
    let end = if window[armour..].starts_with(b"-----END") {
        let tail = body + armour + 8;
        let rest = &text[tail..text.len().min(tail + 80)];
        memchr::memmem::find(rest, b"-----").map_or(tail, |dashes| tail + dashes + 5)
    } else {
        // Cut off: what looks like armour goes.
        body + armour
    };
    let substance = window[..armour].iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    if substance >= 16 {
        sink.push_for(Finder::PrivateKey, start, end, "");
    }
}

/// Shortest line of a key behind a logger's prefix that is no word of the log's next line, in bytes.
const SHORTEST_LOGGED: usize = 32;

/// Whether a line begins as the one that the key begins in, the same but for the digits of its time, and goes on as a key
/// does; the last line of a key, which may be short, stands before its end.
fn goes_on_behind(prefix: &[u8], line: &[u8]) -> bool {
    let same = |(a, b): (&u8, &u8)| a == b || a.is_ascii_digit() && b.is_ascii_digit();
    if prefix.is_empty() || line.len() <= prefix.len() || !line.iter().zip(prefix).all(same) {
        return false;
    }
    let rest = &line[prefix.len()..];
    let base64 = rest.iter().take_while(|byte| is_base64(**byte)).count();
    let next = &rest[memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1)..];
    let last = next.get(prefix.len()..).is_some_and(|behind| behind.starts_with(b"-----END"));
    rest.starts_with(b"-----END") || base64 >= SHORTEST_LOGGED || base64 > 0 && last
}

/// How far the armour reaches: lines of base64 and header lines, ended by line ends or by `\n` as two characters; a logger
/// may have written `prefix` before each of them.
fn armour_length(window: &[u8], prefix: &[u8]) -> usize {
    let mut at = 0;
    let mut headers = MOST_HEADERS;
    while at < window.len() {
        let line = &window[at..];
        let base64 = line.iter().take_while(|byte| is_base64(**byte) || **byte == b' ').count();
        let ends = |at: usize| matches!(line.get(at), None | Some(b'\r' | b'\n' | b'\\'));
        let mut length = base64;
        let mut header = false;
        if !ends(base64) && headers > 0 {
            let named = line.iter().take(200).take_while(|byte| !matches!(byte, b'\r' | b'\n' | b'\\')).count();
            header = ends(named) && is_header(&line[..named]);
            length = if header { named } else { base64 };
        }
        let content = line[..length].trim_ascii();
        let prose = content.len() < 100 && content.contains(&b' ');
        if !header && (!ends(length) || prose) {
            // The end on the same line, or something else that follows, such as the date of a log's next line.
            let other = prose || content.iter().all(u8::is_ascii_digit);
            return at + if other { 0 } else { base64 };
        }
        headers = if header || content.is_empty() { headers.saturating_sub(1) } else { 0 };
        at += length;
        at += match window.get(at..) {
            Some([b'\\', b'n' | b'r', ..]) => 2,
            Some([b'\n', rest @ ..]) if goes_on_behind(prefix, rest) => 1 + prefix.len(),
            Some([b'\r' | b'\n', ..]) => 1,
            _ => return at,
        };
    }
    at
}

/// Most header and empty lines before the armour: what programs write is two to four.
const MOST_HEADERS: usize = 8;

/// `DEK-Info: AES-256-CBC,…`, `Version: GnuPG v2`: a name of letters and hyphens, a colon, a value.
fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let name = line.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    (2..=24).contains(&name) && line.get(name) == Some(&b':')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armour_reaches_as_far_as_its_lines() {
        let key =
            "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n\nMIIEowVaTeE00Mwg\nmY6FgLSH5Ac8Yl5s\n-----END";
        assert_eq!(armour_length(key.as_bytes(), b""), key.len() - 8);
        assert_eq!(armour_length(b"\nMIIEowVaTeE0\nand then it was over: nothing came", b""), 14);
        let line = "MIIEowVaTeE00MwgmY6FgLSH5Ac8Yl5s";
        let logged = format!("\n10:00:01 web: {line}\n10:00:01 web: mY6FgLSH\n10:00:02 web: -----END");
        assert_eq!(armour_length(logged.as_bytes(), b"10:00:00 web: "), logged.len() - 8);
        // Lines of a log behind a lonely head are no headers.
        let log = "\n2026-11-14T17:00:43+00:00 card: declined".repeat(50);
        assert!(armour_length(log.as_bytes(), b"") < 16);
        assert!(armour_length(log.as_bytes(), b"2026-11-14T17:00:43+00:00 ") < 48);
    }
}
