//! Logins on curl's command line: `-u user:password`, `--user "user:password"`.

use super::super::classes::{BLANK, run_end};
use super::super::validate::looks_random;
use super::no_secret::is_no_secret;
use super::{Finder, Sink};

/// How far before the option the command's name may stand, in bytes.
const COMMAND: usize = 600;

/// Longest login, in bytes.
const LONGEST: usize = 256;

/// `start..end` is ` -u` or ` --user`.
pub(super) fn login_at(start: usize, end: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    let mut at = run_end(text, end, &BLANK, 4);
    if text.get(at) == Some(&b'=') {
        at += 1;
    }
    if at == end && end - start > 3 {
        return;
    }
    let (from, to) = login(text, at);
    if text[from..to].starts_with(b"<") {
        return;
    }
    let Some(colon) = memchr::memchr(b':', &text[from..to]).map(|found| from + found) else { return };
    let user = bare(&text[from..colon]);
    let before = &text[start.saturating_sub(COMMAND)..start];
    if memchr::memmem::rfind(before, b"curl").is_none() || text[from..to].contains(&b'$') && user.starts_with(b"$") {
        return;
    }
    let mut password = (colon + 1, to);
    while password.0 < password.1 && matches!(text[password.0], b'"' | b'\'') {
        password.0 += 1;
    }
    while password.0 < password.1 && matches!(text[password.1 - 1], b'"' | b'\'') {
        password.1 -= 1;
    }
    // The backslash before the closing quote belongs to the quote.
    if password.1 < to {
        password.1 = password.0 + without_slashes(&text[password.0..password.1]);
    }
    let value = &text[password.0..password.1];
    if value.is_empty() && looks_random(user) {
        // Some services take the key as the user's name.
        sink.push_for(Finder::CurlLogin, from, colon, "");
    } else if value != user && value.len() > 1 && !is_no_secret(value) {
        sink.push_for(Finder::CurlLogin, password.0, password.1, "");
    }
}

/// The extent of the argument: quoted pieces and plain bytes up to a blank.
fn login(text: &[u8], at: usize) -> (usize, usize) {
    let limit = text.len().min(at + LONGEST);
    let mut quote = None;
    let mut end = at;
    while end < limit {
        match (text[end], quote) {
            (b'\n' | b'\r', _) => break,
            (b' ' | b'\t', None) => break,
            (byte, Some(open)) if byte == open => quote = None,
            (byte @ (b'"' | b'\''), None) => quote = Some(byte),
            _ => {}
        }
        end += 1;
    }
    (at, end)
}

/// Length without the backslashes at the end.
fn without_slashes(value: &[u8]) -> usize {
    value.len() - value.iter().rev().take_while(|byte| **byte == b'\\').count()
}

fn bare(mut value: &[u8]) -> &[u8] {
    while let [b'"' | b'\'', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b'"' | b'\''] = value {
        value = rest;
    }
    value
}
