//! Private keys in PEM and PGP armour, also inside a JSON string where line ends are written `\n`.

use super::{Finder, REACH, Sink};

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
    let armour = armour_length(window);
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

/// How far the armour reaches: lines of base64 and header lines, ended by line ends or by `\n` as two characters.
fn armour_length(window: &[u8]) -> usize {
    let mut at = 0;
    let mut headers = true;
    while at < window.len() {
        let line = &window[at..];
        let base64 = line.iter().take_while(|byte| is_base64(**byte) || **byte == b' ').count();
        let ends = |at: usize| matches!(line.get(at), None | Some(b'\r' | b'\n' | b'\\'));
        let mut length = base64;
        let mut header = false;
        if !ends(base64) && headers {
            let named = line.iter().take(200).take_while(|byte| !matches!(byte, b'\r' | b'\n' | b'\\')).count();
            header = ends(named) && line[..named].contains(&b':');
            length = named;
        }
        let content = line[..length].trim_ascii();
        let prose = content.len() < 100 && content.contains(&b' ');
        if !header && (!ends(length) || prose) {
            // The end on the same line, or something else that follows.
            return at + if prose { 0 } else { base64 };
        }
        headers &= header || content.is_empty();
        at += length;
        at += match window.get(at..) {
            Some([b'\\', b'n' | b'r', ..]) => 2,
            Some([b'\r' | b'\n', ..]) => 1,
            _ => return at,
        };
    }
    at
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
