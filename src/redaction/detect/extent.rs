//! The extent of a value: from the end of a key's name over the operator to the value's last byte.
//!
//! Reads assignments of PHP, JSON (also escaped inside a string), YAML, INI, .env, XML, SQL, `print_r`, `var_dump`,
//! `serialize()`, `define()`, query strings, command lines, multipart forms and HAR name/value pairs.

use std::ops::Range;

use super::super::classes::{ALPHA, BLANK, DIGIT, SPACE, run_end};
use super::pairs;

/// Longest value of a key, in bytes.
pub(super) const LONGEST_VALUE: usize = 8 * 1024;

/// Longest value without quotes around it, in bytes.
const LONGEST_PLAIN: usize = 1024;

/// Widest alignment between a key, its operator and its value.
const WIDEST_GAP: usize = 64;

/// How the value was introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `=`, `:=`, `==` and the like.
    Equals,
    /// `:` of YAML, JSON, headers and prose.
    Colon,
    /// `=>`.
    Arrow,
    /// `,` or `(`: the next argument of a call.
    Argument,
    /// A space after `--name`.
    CommandLine,
    /// Between XML tags.
    Tags,
    /// On the line below, as YAML folds long values.
    Below,
    /// The second of two strings in brackets: `auth=("ann", "…")`.
    Pair,
}

/// A value found behind a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether quotes close it in.
    pub(crate) quoted: bool,
    pub(crate) operator: Operator,
}

/// The value behind the name at `name_start..name_end`, if an operator follows.
pub(super) fn read(text: &[u8], name_start: usize, name_end: usize) -> Option<Field> {
    if let Some(field) = between_tags(text, name_start, name_end) {
        return Some(field);
    }
    if let Some((start, end)) = pairs::cell_after(text, name_end)
        .or_else(|| pairs::sql_value_before(text, name_start))
        .or_else(|| pairs::print_r_pair(text, name_start, name_end))
    {
        return Some(Field { start, end, quoted: true, operator: Operator::Tags });
    }
    let after_name = pairs::past_visibility(text, close_name(text, name_end));
    let closed_name = after_name > name_end;
    if closed_name && let Some((start, end)) = pairs::element_text(text, name_start, after_name) {
        return Some(Field { start, end, quoted: true, operator: Operator::Tags });
    }
    let (operator, after) = operator(text, name_start, after_name, closed_name)?;
    let below = if operator == Operator::Colon { pairs::line_below(text, name_start, after) } else { None };
    let start = below.unwrap_or_else(|| before_value(text, after, operator));
    let (operator, start) = match pairs::wrapped(text, start, &text[name_start..name_end]) {
        Some((inner, true)) => (Operator::Pair, inner),
        Some((inner, false)) => (operator, inner),
        None if below.is_some() => (Operator::Below, start),
        None => (operator, start),
    };
    let (value, quoted) = value(text, start, operator, closed_name, name_start)?;
    let field = Field { start: value.0, end: value.1, quoted, operator };
    if !quoted && is_type_name(&text[field.start..field.end]) {
        // `apiKey: string = "…"`, `password: &str = "…"`: the type stands where the value would.
        let gap = run_end(text, field.end, &BLANK, WIDEST_GAP);
        if text.get(gap) == Some(&b'=') {
            let start = before_value(text, gap + 1, Operator::Equals);
            let ((start, end), quoted) = self::value(text, start, Operator::Equals, false, name_start)?;
            return Some(Field { start, end, quoted, operator: Operator::Equals });
        }
    }
    Some(field)
}

fn is_type_name(word: &[u8]) -> bool {
    [&b"string"[..], b"str", b"text", b"varchar", b"secretstr"].iter().any(|name| name.eq_ignore_ascii_case(word))
}

fn between_tags(text: &[u8], name_start: usize, name_end: usize) -> Option<Field> {
    if name_start == 0 || text[name_start - 1] != b'<' && text[name_start - 1] != b':' {
        return None;
    }
    let mut at = name_end;
    if text.get(at) == Some(&b' ') {
        let limit = text.len().min(at + 200);
        at += memchr::memchr2(b'>', b'\n', &text[at..limit])?;
    }
    if text.get(at) != Some(&b'>') {
        return None;
    }
    let mut start = run_end(text, at + 1, &SPACE, WIDEST_GAP);
    let limit = text.len().min(start + LONGEST_VALUE);
    let mut end = start + memchr::memchr(b'<', &text[start..limit])?;
    if text[start..limit].starts_with(b"<![CDATA[") {
        start += 9;
        end = start + memchr::memchr(b']', &text[start..limit])?;
    }
    while end > start && SPACE[text[end - 1] as usize] {
        end -= 1;
    }
    let whole = end > start && pairs::json_boundary(&text[start..end]).is_none();
    whole.then_some(Field { start, end, quoted: true, operator: Operator::Tags })
}

/// Past what closes a name: quotes (also escaped ones), brackets.
pub(super) fn close_name(text: &[u8], name_end: usize) -> usize {
    let limit = text.len().min(name_end + 8);
    let mut at = name_end;
    while at < limit && matches!(text[at], b'"' | b'\'' | b'`' | b']' | b'\\') {
        at += 1;
    }
    at
}

/// The signs between a name and its value, longer ones first.
const OPERATORS: &[(&[u8], Operator)] = &[
    (b"=>", Operator::Arrow),
    (b"=&gt;", Operator::Arrow),
    (b":::=", Operator::Equals),
    (b"::=", Operator::Equals),
    (b":=", Operator::Equals),
    (b"?=", Operator::Equals),
    (b".=", Operator::Equals),
    (b"+=", Operator::Equals),
    (b"!==", Operator::Equals),
    (b"!=", Operator::Equals),
    (b"===", Operator::Equals),
    (b"==", Operator::Equals),
    (b"=", Operator::Equals),
    (b":", Operator::Colon),
];

/// The operator after a name and the place behind it.
fn operator(text: &[u8], name_start: usize, at: usize, closed_name: bool) -> Option<(Operator, usize)> {
    let gap = run_end(text, at, &BLANK, WIDEST_GAP);
    let rest = &text[gap..text.len().min(gap + 48)];
    for (spelling, operator) in OPERATORS {
        if rest.starts_with(spelling) {
            // `=3D` is an equals sign of quoted-printable; the decoded view reads on.
            if *spelling == b"=" && rest.starts_with(b"=3D") {
                return None;
            }
            let scope = *spelling == b":" && rest.get(1) == Some(&b':') || rest.starts_with(b"://");
            return (!scope).then_some((*operator, gap + spelling.len()));
        }
    }
    if let Some(at) = fallback(text, gap) {
        return Some((Operator::Argument, at));
    }
    if closed_name {
        return closed_name_operator(text, gap, rest);
    }
    match rest.first() {
        // `<apikey value="…"/>`
        Some(b'v') if gap > at && text[..name_start].ends_with(b"<") => {
            return pairs::value_of_pair(text, gap).map(|at| (Operator::Arrow, at));
        }
        Some(b'\r' | b'\n') if [&b"name: "[..], b"key: "].iter().any(|word| text[..name_start].ends_with(word)) => {
            // `- name: API_KEY` and below it `value: …`
            return pairs::value_of_pair(text, gap).map(|at| (Operator::Arrow, at));
        }
        Some(b'(') if matches!(rest.get(1), Some(b'"' | b'\'')) => {
            return Some((Operator::Argument, gap + 1));
        }
        Some(b'.') => {
            // `secret.assign("…")`
            let call = run_end(text, gap + 1, &ALPHA, 24);
            return (text.get(call) == Some(&b'(')).then_some((Operator::Argument, call + 1));
        }
        _ => {}
    }
    if gap > at {
        if matches!(rest.first(), Some(b'"' | b'\'')) {
            // `proxy_set_header Authorization "Basic …"`, `user 'ann' password '…'`.
            return Some((Operator::Argument, gap));
        }
        let option = text[..name_start].ends_with(b"-") || text.get(name_start) == Some(&b'-');
        if option || SETTERS.iter().any(|setter| text[..name_start].ends_with(setter)) {
            return Some((Operator::CommandLine, gap));
        }
        let word = run_end(text, gap, &ALPHA, 16);
        if is_type_name(&text[gap..word]) || text[gap..word].eq_ignore_ascii_case(b"as") {
            let mut next = run_end(text, word, &BLANK, 4);
            next = run_end(text, next, &ALPHA, 16);
            next = run_end(text, next, &BLANK, 4);
            if text.get(next) == Some(&b'=') {
                return Some((Operator::Equals, next + 1));
            }
        }
    }
    None
}

/// `getenv('DB_PASSWORD') ?: '…'`, `process.env.API_KEY || '…'`: the place behind the sign before what counts when nothing is
/// set.
fn fallback(text: &[u8], at: usize) -> Option<usize> {
    let sign = run_end(text, at + usize::from(text.get(at) == Some(&b')')), &BLANK, 4);
    let known = [&b"?:"[..], b"||", b"??"].iter().any(|known| text[sign.min(text.len())..].starts_with(known));
    known.then_some(sign + 2)
}

/// Words behind which a name and its value stand with a blank between them, in Dockerfiles and shells.
const SETTERS: &[&[u8]] =
    &[b"ENV ", b"setenv ", b"SetEnv ", b"set -x ", b"set -gx ", b"set -Ux ", b"config set ", b"configure set "];

/// Behind a name in quotes: the next argument, the next item of a serialized array, the value of a name/value pair.
fn closed_name_operator(text: &[u8], gap: usize, rest: &[u8]) -> Option<(Operator, usize)> {
    let next = rest.first()?;
    if *next == b';' && matches!(rest.get(1), Some(b's' | b'S')) && rest.get(2) == Some(&b':') {
        return Some((Operator::Arrow, gap + 1));
    }
    if *next == b',' || gap > 0 && BLANK[text[gap - 1] as usize] || *next == b'\r' || *next == b'\n' {
        // `"name":"Authorization","value":"…"`, `name="password" value="…"`.
        if let Some(at) = pairs::value_of_pair(text, gap) {
            return Some((Operator::Arrow, at));
        }
    }
    if *next == b',' {
        return Some((Operator::Argument, gap + 1));
    }
    let lines = run_end(text, gap, &SPACE, 4);
    if text[gap..lines] == *b"\r\n\r\n" || text[gap..lines] == *b"\n\n" {
        return Some((Operator::Tags, lines));
    }
    None
}

/// Over blanks, line ends (where a value may stand on the next line) and the type and length that PHP writes first.
fn before_value(text: &[u8], after: usize, operator: Operator) -> usize {
    let mut at = run_end(text, after, &BLANK, WIDEST_GAP);
    if matches!(text.get(at), Some(b'\r' | b'\n')) && operator != Operator::CommandLine {
        let next = run_end(text, at, &SPACE, WIDEST_GAP);
        let rest = &text[next..];
        if rest.starts_with(b"string(") || matches!(rest.first(), Some(b'"' | b'\'')) {
            at = next;
        }
    }
    let rest = &text[at..];
    // The type of a string in Rust.
    if rest.starts_with(b"&str ") {
        return at + 1;
    }
    if rest.starts_with(b"string(") {
        let digits = run_end(text, at + 7, &DIGIT, 8);
        if text[digits..].starts_with(b") ") {
            return digits + 2;
        }
    }
    if rest.starts_with(b"s:") || rest.starts_with(b"S:") {
        let digits = run_end(text, at + 2, &DIGIT, 8);
        if digits > at + 2 && text.get(digits) == Some(&b':') {
            return digits + 1;
        }
    }
    at
}

type Span = (usize, usize);

fn value(text: &[u8], at: usize, operator: Operator, closed_name: bool, name_start: usize) -> Option<(Span, bool)> {
    let mut quote = at;
    // `f"…"`, `b'…'`, `@"…"`: a letter that belongs to the string.
    if matches!(text.get(quote + 1), Some(b'"' | b'\''))
        && matches!(text.get(quote), Some(b'f' | b'b' | b'r' | b'u' | b'@' | b'N'))
    {
        quote += 1;
    }
    while text.get(quote) == Some(&b'\\') && quote < at + 8 {
        quote += 1;
    }
    if let Some(mark @ (b'"' | b'\'' | b'`')) = text.get(quote).copied() {
        let depth = text[at..quote].iter().filter(|byte| **byte == b'\\').count();
        // Two backslashes are one backslash; the quote behind them ends the string around.
        if depth > 0 && depth % 2 == 0 {
            return None;
        }
        // The names of columns stand between backquotes too.
        if operator == Operator::Argument && mark == b'`' {
            return None;
        }
        if let Some(span) = fenced(text, quote, mark, closed_name) {
            return Some((span, true));
        }
        let end = closing_quote(text, quote + 1, mark, depth)?;
        let end = pairs::within_string(text, quote + 1, end, mark, closed_name)?;
        // `'type' => 'password', 'title' => …`: what follows a value is the next key.
        if operator == Operator::Argument && pairs::is_key(text, end) {
            return None;
        }
        return Some(((quote + 1, end), true));
    }
    if operator == Operator::Argument {
        return None;
    }
    let to_line_end = operator == Operator::Arrow && closed_name && !text[..at].ends_with(b",");
    let at_line_start = operator == Operator::Equals && begins_line(text, name_start);
    let opener = name_start.checked_sub(1).map(|before| text[before]).filter(|byte| matches!(byte, b'"' | b'\''));
    let in_query = matches!(text[..name_start].last(), Some(b'?' | b'&'));
    let ends = plain_ends(to_line_end, at_line_start, operator);
    let limit = text.len().min(at + LONGEST_PLAIN);
    let mut end = at;
    while end < limit {
        let goes_on = match text[end] {
            byte if ENDS[usize::from(byte)] & (ends | ASKED) == 0 => true,
            b'\\' => !outer_escape(text, end),
            b'#' => !in_query,
            b'\'' if opener == Some(b'\'') => false,
            b'\'' => ends & BLANKS == 0 || is_apostrophe(text, at, end),
            b' ' => ends & BLANKS == 0 && !pairs::next_pair(text, end),
            _ => false,
        };
        if !goes_on {
            break;
        }
        end += 1;
    }
    if to_line_end {
        end = pairs::print_r_end(text, name_start, at, end);
    } else if at_line_start {
        end = pairs::form_field_end(text, at, end);
    }
    while end > at && matches!(text[end - 1], b' ' | b'\t' | b';' | b',') {
        end -= 1;
    }
    (end > at).then_some(((at, end), false))
}

/// `"""…"""`, and `""…""` where the quotes of a cell of CSV are written twice.
fn fenced(text: &[u8], quote: usize, mark: u8, closed_name: bool) -> Option<Span> {
    let marks = text[quote..].iter().take(3).take_while(|byte| **byte == mark).count();
    let fence = if marks == 2 && !closed_name { 1 } else { marks };
    if fence < 2 {
        return None;
    }
    let start = quote + fence;
    let limit = text.len().min(start + LONGEST_PLAIN);
    let end = start + memchr::memmem::find(&text[start..limit], &text[quote..start])?;
    (end > start && !text[start..end].contains(&b'\n')).then_some((start, end))
}

/// The pieces of a value in quotes that is written as several strings: `"abc" + "def"`. Empty when it is one string.
pub(super) fn pieces(text: &[u8], field: Field) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut last = field.start..field.end;
    while field.quoted && pieces.len() < MOST_PIECES {
        let Some(next) = next_piece(text, last.end) else { break };
        pieces.push(std::mem::replace(&mut last, next));
    }
    if !pieces.is_empty() {
        pieces.push(last);
    }
    pieces
}

/// Most strings of which one value is put together.
const MOST_PIECES: usize = 32;

/// The string that is joined to the one whose closing quote stands at `close`, by a sign or by standing on the next line.
fn next_piece(text: &[u8], close: usize) -> Option<Range<usize>> {
    let mark = *text.get(close).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let mut at = run_end(text, close + 1, &SPACE, WIDEST_GAP);
    let indented = at > close + 2 && text[close + 1..at].contains(&b'\n') && BLANK[text[at - 1] as usize];
    match text.get(at)? {
        b'+' | b'.' | b'&' | b'\\' => at = run_end(text, at + 1, &SPACE, WIDEST_GAP),
        byte if *byte == mark && indented => {}
        _ => return None,
    }
    if text.get(at) != Some(&mark) {
        return None;
    }
    let end = closing_quote(text, at + 1, mark, 0)?;
    let whole = end > at + 1 && !text[at + 1..end].iter().any(|byte| SPACE[*byte as usize]);
    whole.then_some(at + 1..end)
}

/// An escape of the string around the value, however deep that string is: `\n`, `\"`, `\\\"`.
pub(super) fn outer_escape(text: &[u8], at: usize) -> bool {
    if text[at] != b'\\' {
        return false;
    }
    let after = at + text[at..text.len().min(at + 16)].iter().take_while(|byte| **byte == b'\\').count();
    matches!(text.get(after), Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'&'))
}

/// `O'Malley`: a quote between two letters of a name that began without one.
fn is_apostrophe(text: &[u8], start: usize, at: usize) -> bool {
    text[at] == b'\''
        && at > start
        && text[at - 1].is_ascii_uppercase()
        && text.get(at + 1).is_some_and(u8::is_ascii_uppercase)
}

/// What may end a value without quotes: each byte belongs to one of these, or to none.
static ENDS: [u8; 256] = {
    let mut ends = [0; 256];
    let kinds: [(&[u8], u8); 5] =
        [(b"\r\n\0\"`", ALWAYS), (b" \t'", BLANKS), (b"<>", ANGLES), (b"&;,)}]|", SIGNS), (b"\\#", ASKED)];
    let mut kind = 0;
    while kind < kinds.len() {
        let (signs, bit) = kinds[kind];
        let mut place = 0;
        while place < signs.len() {
            ends[signs[place] as usize] |= bit;
            place += 1;
        }
        kind += 1;
    }
    ends[b' ' as usize] |= ASKED;
    ends[b'\'' as usize] |= ASKED;
    ends
};

const ALWAYS: u8 = 1;
const BLANKS: u8 = 2;
const ANGLES: u8 = 4;
const SIGNS: u8 = 8;
/// Ends a value or not, by what stands around it.
const ASKED: u8 = 16;

/// Which of them end this value.
fn plain_ends(to_line_end: bool, at_line_start: bool, operator: Operator) -> u8 {
    match (to_line_end, at_line_start) {
        (true, _) => ALWAYS,
        (_, true) => ALWAYS | BLANKS,
        _ if operator == Operator::CommandLine => ALWAYS | BLANKS | ANGLES,
        _ => ALWAYS | BLANKS | ANGLES | SIGNS,
    }
}

fn begins_line(text: &[u8], name_start: usize) -> bool {
    let mut at = name_start;
    while at > 0 && BLANK[text[at - 1] as usize] {
        at -= 1;
    }
    at == 0 || text[at - 1] == b'\n' || text[..at].ends_with(b"export") || text[..at].ends_with(b"-e")
}

/// The closing quote on the same line: the one with as many backslashes before it as the opening one had.
fn closing_quote(text: &[u8], from: usize, mark: u8, depth: usize) -> Option<usize> {
    let limit = text.len().min(from + LONGEST_VALUE);
    let mut at = from;
    while at < limit {
        at += memchr::memchr3(mark, b'\n', b'\n', &text[at..limit])?;
        if text[at] == b'\n' {
            return None;
        }
        let slashes = text[from..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if slashes <= depth && (depth > 0 || slashes == 0) {
            return Some(at - slashes.min(depth));
        }
        if depth == 0 && slashes % 2 == 0 {
            return Some(at);
        }
        at += 1;
    }
    None
}
