//! The values of HTTP headers: what of `Authorization`, `Cookie` and `Set-Cookie` is the secret.

use super::super::classes::{BLANK, NAME, run_end};
use super::super::validate::looks_random;
use super::extent::{Field, LONGEST_VALUE, Operator, outer_escape};
use super::judge::Asked;
use super::no_secret::is_no_secret;

/// The end of a header's value: the line's end, or the quote around the whole header.
pub(super) fn header_end(asked: &Asked<'_>) -> usize {
    let Field { start, end, quoted, .. } = asked.field;
    if quoted {
        return end;
    }
    let text = asked.text;
    line_end(text, start, text.len().min(start + LONGEST_VALUE))
}

fn line_end(text: &[u8], start: usize, limit: usize) -> usize {
    let mut at = start;
    while at < limit && !matches!(text[at], b'\r' | b'\n' | b'"' | b'\'' | b'`' | 0) {
        if outer_escape(text, at) {
            break;
        }
        at += 1;
    }
    at
}

/// Longest credentials of an Authorization header that is not in quotes, in bytes.
const LONGEST_CREDENTIALS: usize = 2 * 1024;

pub(super) fn authorization(asked: &Asked<'_>, take: &mut dyn FnMut(usize, usize)) {
    if asked.field.operator == Operator::CommandLine {
        return;
    }
    let text = asked.text;
    let start = asked.field.start;
    let limit = text.len().min(start + LONGEST_CREDENTIALS);
    let end = if asked.field.quoted { asked.field.end.min(limit) } else { limit };
    let scheme = run_end(text, start, &NAME, 32).min(end);
    let gap = run_end(text, scheme, &BLANK, 4).min(end);
    let known = [
        &b"bearer"[..],
        b"basic",
        b"digest",
        b"token",
        b"apikey",
        b"negotiate",
        b"ntlm",
        b"hawk",
        b"key",
        b"api-key",
        b"oauth",
        b"aws4-hmac-sha256",
        b"jwt",
        b"api-token",
        b"apitoken",
        b"sso-key",
        b"genie-key",
        b"bot",
        b"cpanel",
        b"whm",
    ]
    .iter()
    .any(|name| name.eq_ignore_ascii_case(&text[start..scheme]));
    let many = [&b"digest"[..], b"hawk", b"oauth", b"aws4-hmac-sha256"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&text[start..scheme]));
    if many && gap > scheme {
        // What follows the next header of the same name belongs to that.
        let next = memchr::memmem::find(&text[gap..limit], asked.name);
        return proofs(text, gap, next.map_or(limit, |next| gap + next), take);
    }
    let (from, to) = if known && gap > scheme {
        (gap, word_end(text, gap, end))
    } else if asked.field.quoted {
        (start, start + text[start..end].trim_ascii_end().len())
    } else {
        (start, word_end(text, start, end))
    };
    let value = &text[from..to.max(from)];
    let prose = !known && !looks_random(value) && !value.iter().any(u8::is_ascii_digit);
    if value.len() >= 4 && !is_no_secret(value) && !prose {
        take(from, to);
    }
}

/// Parameters of a scheme that prove who asks, and those that name the key.
const PROOFS: &[&[u8]] =
    &[b"response", b"cnonce", b"signature", b"oauth_signature", b"oauth_token", b"oauth_consumer_key", b"mac", b"id"];

/// Most parameters of one header: schemes have a dozen, and a row of headers without line ends is not read over and over.
const MOST_PARAMETERS: usize = 24;

/// `Digest username="…", response="…"`: the values of the parameters that prove who asks.
fn proofs(text: &[u8], from: usize, limit: usize, take: &mut dyn FnMut(usize, usize)) {
    let line = memchr::memchr2(b'\r', b'\n', &text[from..limit]).map_or(limit, |end| from + end);
    for equals in memchr::memchr_iter(b'=', &text[from..line]).take(MOST_PARAMETERS) {
        let equals = from + equals;
        let name = super::super::classes::run_start(text, equals, &NAME, 32);
        if !PROOFS.iter().any(|proof| proof.eq_ignore_ascii_case(&text[name..equals])) {
            continue;
        }
        let slashes = text[equals + 1..line].iter().take_while(|byte| **byte == b'\\').count();
        let open = equals + 1 + slashes;
        let start = open + usize::from(text.get(open) == Some(&b'"'));
        let stop = |byte: &u8| matches!(byte, b'"' | b',' | b' ' | b'\\' | b'\'');
        let end = text[start..line].iter().position(stop).map_or(line, |end| start + end);
        if end - start >= 8 && !is_no_secret(&text[start..end]) {
            take(start, end);
        }
    }
}

/// The end of the word at `from`, which quotes and line ends (also written as escapes) end too.
fn word_end(text: &[u8], from: usize, end: usize) -> usize {
    let stop = |(at, byte): (usize, &u8)| match byte {
        b' ' | b'\t' | b',' | b';' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | 0 => true,
        // `\/` and `\u002b` are letters of base64 in JSON.
        b'\\' => !matches!(text.get(from + at + 1), Some(b'/' | b'u')),
        _ => false,
    };
    text[from..end].iter().enumerate().position(stop).map_or(end, |at| from + at)
}

pub(super) fn cookies(asked: &Asked<'_>, take: &mut dyn FnMut(usize, usize)) {
    if asked.name.len() >= 3 && asked.name[..3].eq_ignore_ascii_case(b"set") {
        return;
    }
    let text = asked.text;
    let end = header_end(asked);
    let mut at = asked.field.start;
    while at < end {
        let stop = memchr::memchr(b';', &text[at..end]).map_or(end, |found| at + found);
        if let Some(equals) = memchr::memchr(b'=', &text[at..stop]) {
            let from = at + equals + 1;
            let to = from + text[from..stop].iter().position(|byte| *byte == b' ').unwrap_or(stop - from);
            if to - from >= 6 && !is_no_secret(&text[from..to]) {
                take(from, to);
            }
        }
        at = stop + 1;
    }
}

pub(super) fn set_cookie(asked: &Asked<'_>, take: &mut dyn FnMut(usize, usize)) {
    let text = asked.text;
    let end = header_end(asked);
    let start = asked.field.start;
    let stop = memchr::memchr(b';', &text[start..end]).map_or(end, |found| start + found);
    if let Some(equals) = memchr::memchr(b'=', &text[start..stop]) {
        let from = start + equals + 1;
        if stop - from >= 6 && !is_no_secret(&text[from..stop]) {
            take(from, stop);
        }
    }
}

pub(super) fn user_password(asked: &Asked<'_>, take: &mut dyn FnMut(usize, usize)) {
    let Field { start, end, .. } = asked.field;
    let value = &asked.text[start..end];
    if let Some(colon) = memchr::memchr(b':', value) {
        let password = &value[colon + 1..];
        if !is_no_secret(password) && colon > 0 && asked.name.len() < 64 {
            take(start + colon + 1, end);
        }
    }
}
