//! Rows of a dump whose columns have no names beside them: in `wp_users` the password hash tells which row it is, in
//! WooCommerce's addresses of orders the kind of address, elsewhere the table's name before the rows.

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
    push_all(std::iter::once(login.0..login.1).chain(others), sink);
}

/// Columns of an address behind its kind: names, company, street, town, postcode, telephone.
const ADDRESS: &[usize] = &[1, 2, 3, 4, 5, 6, 8, 11];

/// The kind of an address stands at `kind`: `(12,771,'billing','Ann','Lee',…)`.
pub(super) fn address_at(kind: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    // What stands in a row that was read is a value.
    if kind < sink.rows_end {
        return;
    }
    let before = text[kind.saturating_sub(48)..kind].strip_suffix(b"'").map(<[u8]>::trim_ascii_end);
    let ids = |row: &[u8]| {
        let open = memchr::memrchr(b'(', row)?;
        let parts = &row[open + 1..];
        let digits = parts.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b' '));
        Some(digits && parts.len() > 3 && parts.ends_with(b","))
    };
    if before.and_then(ids) != Some(true) {
        return;
    }
    let (values, read_to) = columns::row(&text[..text.len().min(kind + LONGEST)], kind - 1, 11);
    sink.rows_end = read_to;
    push_all(ADDRESS.iter().filter_map(|place| values.get(*place).cloned()), sink);
}

/// Tables whose rows hold people, and the columns that name them.
const TABLES: &[(&[u8], &[usize])] = &[(b"wc_customer_lookup", &[2, 3, 4, 9, 10]), (b"comments", &[2])];

/// The name of a table stands at `start..end`: `INSERT INTO wp_comments VALUES (1,1,'Ann Lee',…)`.
pub(super) fn table_at(start: usize, end: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    let places = TABLES.iter().find(|(table, _)| *table == &text[start..end]);
    let Some((rows, (_, places))) = columns::rows_behind(text, end).zip(places) else { return };
    // What stands in the rows of a table is a value, whatever it looks like.
    if start < sink.rows_end {
        return;
    }
    for place in *places {
        let (values, read_to) = columns::column(text, rows, *place);
        sink.rows_end = sink.rows_end.max(read_to);
        push_all(values.into_iter().map(|field| field.start..field.end), sink);
    }
}

fn push_all(values: impl Iterator<Item = std::ops::Range<usize>>, sink: &mut Sink<'_>) {
    for value in values {
        if value.len() >= 2 && !is_no_secret(&sink.text[value.clone()]) {
            sink.push_for(Finder::UserRow, value.start, value.end, "");
        }
    }
}
