//! Rows of `wp_users` in a dump: the columns have no names beside them, but the password hash tells which row it is.

use super::no_secret::is_no_secret;
use super::{Finder, Sink};

/// Longest row, in bytes.
const LONGEST: usize = 2048;

/// Columns behind the hash: nicename, e-mail (which its own finder sees), address, date, activation key, status, name.
const NICENAME: usize = 1;
const ACTIVATION_KEY: usize = 5;
const DISPLAY_NAME: usize = 7;

/// The hash begins at `hash`: `(1,'ann','$P$…','ann',…,'Ann Lee')`.
pub(super) fn at(hash: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    let from = hash.saturating_sub(256);
    let Some(before) = text[from..hash].strip_suffix(b"'") else { return };
    let row = before.trim_ascii_end().strip_suffix(b",").map(<[u8]>::trim_ascii_end);
    let login = row.and_then(|row| row.strip_suffix(b"'")).and_then(|row| {
        let open = memchr::memrchr(b'\'', row)?;
        row[..open].trim_ascii_end().ends_with(b",").then_some((from + open + 1, from + row.len()))
    });
    let Some(login) = login else { return };
    let mut found = vec![login];
    let columns = columns(&text[..text.len().min(hash + LONGEST)], hash - 1);
    for place in [NICENAME, ACTIVATION_KEY, DISPLAY_NAME] {
        found.extend(columns.get(place));
    }
    for (start, end) in found {
        if end - start >= 2 && !is_no_secret(&text[start..end]) {
            sink.push_for(Finder::UserRow, start, end, "");
        }
    }
}

/// The columns from `from` to the end of the row, without their quotes.
fn columns(text: &[u8], from: usize) -> Vec<(usize, usize)> {
    let mut columns = Vec::new();
    let mut at = from;
    while at < text.len() && columns.len() <= DISPLAY_NAME {
        at += text[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let quoted = text.get(at) == Some(&b'\'');
        let start = at + usize::from(quoted);
        let mut end = start;
        while end < text.len() {
            match text[end] {
                b'\'' if quoted && text.get(end + 1) == Some(&b'\'') => end += 1,
                b'\\' if quoted => end += 1,
                b'\'' if quoted => break,
                b',' | b')' if !quoted => break,
                b'\n' => return columns,
                _ => {}
            }
            end += 1;
        }
        let end = end.min(text.len());
        columns.push((start, end));
        at = end + usize::from(quoted);
        if text.get(at) != Some(&b',') {
            break;
        }
        at += 1;
    }
    columns
}
