//! Rows of `wp_users` in a dump: the columns have no names beside them, but the password hash tells which row it is.

use super::no_secret::is_no_secret;
use super::{Finder, Sink, columns};

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
    let (values, _) = columns::row(&text[..text.len().min(hash + LONGEST)], hash - 1, DISPLAY_NAME);
    let others = [NICENAME, ACTIVATION_KEY, DISPLAY_NAME].into_iter().filter_map(|place| values.get(place).cloned());
    for value in std::iter::once(login.0..login.1).chain(others) {
        if value.len() >= 2 && !is_no_secret(&text[value.clone()]) {
            sink.push_for(Finder::UserRow, value.start, value.end, "");
        }
    }
}
