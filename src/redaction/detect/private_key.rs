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
    let end = match memchr::memmem::find(window, b"-----END") {
        Some(found) => {
            let tail = body + found + 8;
            let rest = &text[tail..text.len().min(tail + 80)];
            memchr::memmem::find(rest, b"-----").map_or(tail, |dashes| tail + dashes + 5)
        }
        // Cut off: everything that still looks like armour goes.
        None => body + window.iter().position(|byte| !is_armour(*byte)).unwrap_or(window.len()),
    };
    let substance = text[body..end].iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    if substance >= 16 {
        sink.push_for(Finder::PrivateKey, start, end, "");
    }
}

fn is_armour(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'\r' | b'\n' | b' ' | b'-' | b':' | b',' | b'\t')
}
