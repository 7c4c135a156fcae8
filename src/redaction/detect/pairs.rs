//! Keys and values that stand apart: in the cells of a table, in an SQL update, in a `print_r` on one line.

use super::super::classes::{ALPHA, BLANK, NAME, SPACE, ends_with_word, run_end, run_start};
use super::extent::{LONGEST_VALUE, close_name};

/// How far before `WHERE option_name = 'key'` its value may begin, in bytes.
const SQL_BEFORE: usize = 1024;

/// Elements that hold a value beside the element that holds its key.
const CELLS: &[&[u8]] = &[b"td", b"th", b"dd", b"string", b"value", b"strong", b"code", b"span"];

/// `password</td><td>…</td>`, `password</key><string>…</string>`: the text of the cell behind a key's own.
pub(super) fn cell_after(text: &[u8], name_end: usize) -> Option<(usize, usize)> {
    let mut at = name_end + usize::from(text.get(name_end) == Some(&b':'));
    if !text.get(at..)?.starts_with(b"</") {
        return None;
    }
    let mut cell = false;
    for _ in 0..4 {
        let begin = run_end(text, at, &SPACE, 64);
        if text.get(begin) != Some(&b'<') {
            break;
        }
        let closing = usize::from(text.get(begin + 1) == Some(&b'/'));
        let name = begin + 1 + closing;
        let name_end = run_end(text, name, &ALPHA, 16);
        cell |= closing == 0 && CELLS.iter().any(|cell| cell.eq_ignore_ascii_case(&text[name..name_end]));
        let limit = text.len().min(name_end + 200);
        at = name_end + memchr::memchr(b'>', &text[name_end..limit])? + 1;
    }
    let start = run_end(text, at, &SPACE, 64);
    let limit = text.len().min(start + LONGEST_VALUE);
    let mut end = start + memchr::memchr2(b'<', b'\n', &text[start..limit])?;
    while end > start && SPACE[text[end - 1] as usize] {
        end -= 1;
    }
    (cell && end > start && json_boundary(&text[start..end]).is_none()).then_some((start, end))
}

/// `| DB_PASSWORD | … | constant |`: the cell behind the one that holds nothing but a name.
pub(super) fn framed_cell(text: &[u8], name_start: usize, name_end: usize) -> Option<(usize, usize)> {
    let bar = run_end(text, name_end, &BLANK, LONGEST_TAG);
    let before = run_start(text, name_start, &BLANK, LONGEST_TAG);
    if text.get(bar) != Some(&b'|') || !text[..before].ends_with(b"|") {
        return None;
    }
    let start = run_end(text, bar + 1, &BLANK, LONGEST_TAG);
    let limit = text.len().min(start + LONGEST_VALUE);
    let end = start + memchr::memchr2(b'|', b'\n', &text[start..limit])?;
    let value = text[start..end].trim_ascii_end();
    (text[end] == b'|' && !value.is_empty()).then_some((start, start + value.len()))
}

/// Elements whose attribute names something else than the key of their text.
const OTHER_ELEMENTS: &[&[u8]] = &[b"input", b"meta", b"label", b"select", b"button", b"a", b"form", b"section"];

/// How far the name of an attribute's element may stand before it, and the element's end behind it, in bytes.
const LONGEST_TAG: usize = 120;

/// `<entry key="password">…</entry>`, `<setting name="password"><value>…</value>`: the text of the element that the name
/// stands in.
pub(super) fn element_text(text: &[u8], name_start: usize, after_name: usize) -> Option<(usize, usize)> {
    let before = &text[name_start.saturating_sub(LONGEST_TAG)..name_start];
    let attribute = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"))?;
    if !ends_with_word(attribute, b"key=") && !ends_with_word(attribute, b"name=") {
        return None;
    }
    let element = memchr::memrchr(b'<', attribute)? + 1;
    let element = &attribute[element..run_end(attribute, element, &NAME, 32)];
    let window = &text[after_name..text.len().min(after_name + LONGEST_TAG)];
    let close = memchr::memchr2(b'>', b'<', window)?;
    let attributes = &window[..close];
    let empty =
        window[close] == b'<' || attributes.ends_with(b"/") || memchr::memmem::find(attributes, b"alue").is_some();
    if empty || OTHER_ELEMENTS.iter().any(|other| other.eq_ignore_ascii_case(element)) {
        return None;
    }
    let mut start = run_end(text, after_name + close + 1, &SPACE, 64);
    for inner in [&b"<value>"[..], b"<string>"] {
        if text[start..].starts_with(inner) {
            start = run_end(text, start + inner.len(), &SPACE, 64);
        }
    }
    let limit = text.len().min(start + LONGEST_VALUE);
    let end = start + memchr::memchr2(b'<', b'\n', &text[start..limit])?;
    let end = start + text[start..end].trim_ascii_end().len();
    (end > start && json_boundary(&text[start..end]).is_none()).then_some((start, end))
}

/// Whether what stands before the quote at `close`, which backslashes may precede, is a key.
pub(super) fn is_key(text: &[u8], close: usize) -> bool {
    let slashes = text[close..].iter().take(8).take_while(|byte| **byte == b'\\').count();
    let at = run_end(text, close + slashes + 1, &BLANK, 32).min(text.len());
    text[at..].starts_with(b"=>") || text.get(at) == Some(&b':')
}

/// Past what `print_r` and `var_dump` say of a property: `[name:protected]`, `["name":"WC_Order":private]`.
pub(super) fn past_visibility(text: &[u8], after_name: usize) -> usize {
    if text.get(after_name) != Some(&b':') {
        return after_name;
    }
    let window = &text[after_name..text.len().min(after_name + LONGEST_TAG)];
    let said = |close: usize| [&b":protected"[..], b":private"].iter().any(|word| window[..close].ends_with(word));
    memchr::memchr(b']', window).filter(|close| said(*close)).map_or(after_name, |close| after_name + close + 1)
}

/// Where the value begins whose name stands beside it: `"name":"password","value":"…"`, `name="password" value="…"`.
pub(super) fn value_of_pair(text: &[u8], after_name: usize) -> Option<usize> {
    let window = &text[after_name..text.len().min(after_name + 80)];
    let stop = memchr::memchr3(b'>', b'}', b'{', window).unwrap_or(window.len());
    let found = window[..stop].windows(5).position(|word| word.eq_ignore_ascii_case(b"value"))?;
    let at = run_end(text, close_name(text, after_name + found + 5), &SPACE, 8);
    matches!(text.get(at), Some(b':' | b'=')).then_some(at + 1)
}

/// `password:` at a line's end with the value on the next line, farther in than its key: plain, or folded with `>-` or `|`.
/// `after` is the place behind the colon.
pub(super) fn line_below(text: &[u8], name_start: usize, after: usize) -> Option<usize> {
    let at = run_end(text, after, &BLANK, 8);
    let fold = text[at..].iter().take(2).take_while(|byte| matches!(byte, b'|' | b'>' | b'-' | b'+')).count();
    let mut line_end = at + fold;
    line_end += usize::from(text.get(line_end) == Some(&b'\r'));
    if text.get(line_end) != Some(&b'\n') || text[at..at + fold].starts_with(b"-") {
        return None;
    }
    let value = run_end(text, line_end + 1, &BLANK, 64);
    let line = run_start(text, name_start, &BLANK, 64);
    let farther_in = value - line_end - 1 > name_start - line;
    let plain = text.get(value).is_some_and(|byte| byte.is_ascii_alphanumeric());
    let word = run_end(text, value, &NAME, 128);
    // The name of another key stands before a colon.
    (farther_in && plain && text.get(word) != Some(&b':')).then_some(value)
}

/// What makes a value of the string in its brackets: `String("…")`, `new Secret("…")`.
const WRAPPERS: &[&[u8]] = &[
    b"string",
    b"str",
    b"some",
    b"secret",
    b"secretstr",
    b"secretstring",
    b"securestring",
    b"bytes",
    b"bytearray",
    b"buffer.from",
    b"string.from",
    b"sensitive",
    b"base64.decode",
    b"base64_decode",
    b"b64decode",
    b"base64.b64decode",
    b"atob",
];

/// What takes the name of a value and what counts when there is none: `env('DB_PASSWORD', '…')`.
const WITH_DEFAULT: &[&[u8]] = &[b"env", b"getenv", b"os.getenv", b"os.environ.get", b"get_option", b"config"];

/// Names of a login and its password in brackets: `auth=("ann", "…")`.
const LOGINS: &[&[u8]] = &[b"auth", b"credential", b"credentials", b"creds", b"login"];

/// Where the string begins that stands in brackets at `at`, and whether it is the second of two.
pub(super) fn wrapped(text: &[u8], at: usize, name: &[u8]) -> Option<(usize, bool)> {
    let word = at + if text[at..].starts_with(b"new ") { 4 } else { 0 };
    let open = run_end(text, word, &NAME, 24);
    if text.get(open) != Some(&b'(') {
        return None;
    }
    let first = run_end(text, open + 1, &SPACE, 64);
    let mark = *text.get(first).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let name_of = &text[word..open];
    if WITH_DEFAULT.iter().any(|known| known.eq_ignore_ascii_case(name_of)) {
        return second_string(text, first, mark).map(|second| (second, false));
    }
    if open > word {
        return WRAPPERS.iter().any(|known| known.eq_ignore_ascii_case(&text[word..open])).then_some((first, false));
    }
    if !LOGINS.iter().any(|login| ends_with_word(name, login)) {
        return Some((first, false));
    }
    second_string(text, first, mark).map(|second| (second, true))
}

/// Where the string begins that follows the one that begins at `first`, with a comma between them.
fn second_string(text: &[u8], first: usize, mark: u8) -> Option<usize> {
    let limit = text.len().min(first + 128);
    let comma = run_end(text, first + 1 + memchr::memchr(mark, &text[first + 1..limit])? + 1, &BLANK, 4);
    let second = run_end(text, comma + 1, &SPACE, 64);
    (text.get(comma) == Some(&b',') && text.get(second) == Some(&mark)).then_some(second)
}

/// `[key] => password [value] => …`, on one line or two: the value of a pair that `print_r` writes.
pub(super) fn print_r_pair(text: &[u8], name_start: usize, name_end: usize) -> Option<(usize, usize)> {
    let before = &text[..name_start];
    let is_key = [&b"key] => "[..], b"name] => ", b"meta_key] => "].iter().any(|word| before.ends_with(word));
    let at = run_end(text, name_end, &SPACE, LONGEST_TAG);
    if !is_key || at == name_end {
        return None;
    }
    let marks = [&b"[value] => "[..], b"[meta_value] => "];
    let start = at + marks.iter().find(|mark| text[at..].starts_with(mark))?.len();
    let limit = text.len().min(start + LONGEST_VALUE);
    let line = memchr::memchr(b'\n', &text[start..limit]).map_or(limit, |length| start + length);
    let close = memchr::memmem::find(&text[start..line], b" )").map_or(line, |length| start + length);
    let end = start + text[start..close].trim_ascii_end().len();
    (end > start).then_some((start, end))
}

/// `SET option_value = '…' WHERE option_name = 'key'`: the value that stands before its key.
pub(super) fn sql_value_before(text: &[u8], name_start: usize) -> Option<(usize, usize)> {
    let quote = *text.get(name_start.checked_sub(1)?)?;
    if !matches!(quote, b'\'' | b'"') {
        return None;
    }
    let column = without(text, name_start - 1, b" =");
    let column_start = run_start(text, column, &NAME, 32);
    if !text[column_start..column].ends_with(b"_name") && !text[column_start..column].ends_with(b"_key") {
        return None;
    }
    if !matches!(text[..column_start].last(), Some(b' ' | b'\t' | b'\n' | b'`' | b'"' | b'.' | b'(')) {
        return None;
    }
    let from = column_start.saturating_sub(SQL_BEFORE);
    let before = &text[from..column_start];
    let value = memchr::memmem::rfind(before, b"_value")? + 6;
    let open = value + before[value..].iter().take_while(|byte| matches!(byte, b' ' | b'=' | b'`')).count();
    let quote = *before.get(open).filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let close = open + 1 + before[open + 1..].iter().rposition(|byte| *byte == quote)?;
    let between = &before[close..];
    let joined = !between.contains(&b'\n') && memchr::memmem::find(&before[open + 1..close], b"', ").is_none();
    (open > value && joined && close > open + 1).then_some((from + open + 1, from + close))
}

/// The end of a value in quotes, so that it does not reach over the end of the JSON string it stands in; `None` when what
/// looked like its opening quote is that end: `["password=",7,"x"]`.
pub(super) fn within_string(text: &[u8], start: usize, end: usize, mark: u8, closed_name: bool) -> Option<usize> {
    let value = text[start..end].trim_ascii();
    if mark != b'"' {
        return Some(json_boundary(&text[start..end]).map_or(end, |cut| start + cut));
    }
    let separates = matches!(value.first(), Some(b',' | b']' | b'}' | b':'))
        && matches!(value.last(), Some(b',' | b':' | b'[' | b'{' | b']' | b'}'));
    (closed_name || !separates).then_some(end)
}

/// Where in a value a string of JSON ends: a double quote before what parts strings, with its backslashes.
pub(super) fn json_boundary(value: &[u8]) -> Option<usize> {
    let quote = memchr::memchr_iter(b'"', value)
        .find(|at| matches!(value.get(at + 1), None | Some(b',' | b':' | b']' | b'}')))?;
    Some(quote - value[..quote].iter().rev().take_while(|byte| **byte == b'\\').count())
}

fn without(text: &[u8], end: usize, signs: &[u8]) -> usize {
    let mut at = end;
    while at > 0 && end - at < 8 && signs.contains(&text[at - 1]) {
        at -= 1;
    }
    at
}

/// Whether ` [name] =>` stands at `at`: the next pair of a `print_r` on one line.
pub(super) fn next_pair(text: &[u8], at: usize) -> bool {
    if text[at] != b' ' || text.get(at + 1) != Some(&b'[') {
        return false;
    }
    let close = run_end(text, at + 2, &NAME, 64);
    close > at + 2 && text[close..].starts_with(b"] =>")
}

/// The end of a value of `print_r` that would reach to the line's end, when several stand on one line:
/// `Array ( [id] => 7 [key] => value )`.
pub(super) fn print_r_end(text: &[u8], name_start: usize, start: usize, end: usize) -> usize {
    let value = &text[start..end];
    let value = without_stray_bytes(value);
    let end = start + value.len();
    let line = memchr::memrchr(b'\n', &text[name_start.saturating_sub(512)..name_start]);
    let before =
        &text[line.map_or(name_start.saturating_sub(512), |at| name_start.saturating_sub(512) + at)..name_start];
    match memchr::memmem::find(before, b"( [").and_then(|_| memchr::memmem::find(value, b" )")) {
        Some(close) if close > 0 => start + close,
        _ => end,
    }
}

/// What stands before stray bytes that are no UTF-8, when a blank parts them from it.
fn without_stray_bytes(value: &[u8]) -> &[u8] {
    match std::str::from_utf8(value) {
        Err(error) if value[..error.valid_up_to()].ends_with(b" ") => value[..error.valid_up_to()].trim_ascii_end(),
        _ => value,
    }
}

/// The end of a value at the beginning of a line when it is the first field of a form: `a=1&b=2`.
pub(super) fn form_field_end(text: &[u8], start: usize, end: usize) -> usize {
    let value = &text[start..end];
    let mut fields = memchr::memchr_iter(b'&', value).filter(|at| {
        let name = run_end(value, at + 1, &NAME, 64);
        name > at + 1 && value.get(name) == Some(&b'=')
    });
    fields.next().map_or(end, |at| start + at)
}
