//! E-mail addresses.

use super::super::classes::{ALNUM, ByteClass, and, and_beyond_ascii, run_end, run_start};
use super::{Finder, Sink, url};

/// What a local part is made of in practice; quoted local parts do not occur in logs.
static LOCAL: ByteClass = and_beyond_ascii(and(ALNUM, b"!#$%&'*+/=?^_{|}~.-"));

static DOMAIN: ByteClass = and_beyond_ascii(and(ALNUM, b"-."));

/// Endings of file names that look like a domain: `icon@2x.png`.
const FILE_ENDINGS: &[&[u8]] = &[
    b"png",
    b"jpg",
    b"jpeg",
    b"gif",
    b"webp",
    b"svg",
    b"css",
    b"js",
    b"mjs",
    b"ts",
    b"map",
    b"php",
    b"html",
    b"json",
    b"xml",
    b"ico",
    b"woff",
    b"woff2",
    b"min",
    b"scss",
    b"vue",
    b"tsx",
    b"jsx",
    b"pdf",
    b"avif",
    b"local",
    b"localhost",
];

/// Longest local part and longest domain (RFC 5321).
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 255;

/// Finds every address around the at signs.
pub(super) fn scan(at_signs: &[usize], sink: &mut Sink<'_>) {
    let text = sink.text;
    for at in at_signs.iter().copied() {
        if let Some((start, end)) = address_at(text, at) {
            sink.push_for(Finder::Email, start, end, "");
        }
    }
}

fn address_at(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut start = run_start(text, at, &LOCAL, LONGEST_LOCAL);
    // A query string or an assignment may stand directly before: `email=ann@…`.
    if let Some(cut) =
        text[start..at].iter().rposition(|byte| matches!(byte, b'=' | b'/' | b'?' | b'&' | b'|' | b'{' | b'}' | b'\''))
    {
        start += cut + 1;
    }
    while start < at && !ALNUM[text[start] as usize] && text[start] != b'_' && text[start] < 0x80 {
        start += 1;
    }
    // `\nann@…` inside a string: the letter belongs to the escape.
    if start > 0 && text[start - 1] == b'\\' && matches!(text[start], b'n' | b'r' | b't') && at > start + 1 {
        start += 1;
    }
    if start == at || text[at - 1] == b'.' {
        return None;
    }
    let mut end = run_end(text, at + 1, &DOMAIN, LONGEST_DOMAIN);
    while end > at + 1 && matches!(text[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let domain = &text[at + 1..end];
    let dot = memchr::memrchr(b'.', domain)?;
    let top = &domain[dot + 1..];
    let named = top.len() >= 2
        && (top.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) || top.starts_with(b"xn--"));
    if !named || domain[0] == b'.' || domain[0] == b'-' || top.len() > 24 || dot == 0 {
        return None;
    }
    if FILE_ENDINGS.iter().any(|ending| ending.eq_ignore_ascii_case(top))
        || memchr::memmem::find(domain, b"..").is_some()
    {
        return None;
    }
    // `git@github.com:owner/name.git` names a server, not a person.
    let server =
        &text[start..at] == b"git" || text.get(end) == Some(&b':') && text[start..at].eq_ignore_ascii_case(b"root");
    // What stands before the @ of a URL with a password is a password.
    let in_url = start > 0
        && text[start - 1] == b':'
        && memchr::memmem::rfind(&text[start.saturating_sub(80)..start], b"://").is_some();
    let key = text[..start].ends_with(b"://") && url::is_key(&text[start..at]);
    (!server && !in_url && !key).then_some((start, end))
}
