//! Arrays under one key: `"api_keys": ["…", "…"]`, `'tokens' => array( '…' )`, `[secrets] => Array ( [0] => … )`, lists of
//! YAML. The key names many values; each is judged by itself, and sternly, since words stand in such lists too.

use std::ops::Range;

use super::super::classes::{ALPHA, BLANK, DIGIT, SPACE, run_end};
use super::super::validate::is_dotted;
use super::extent::close_name;
use super::judge::Judge;
use super::no_secret::is_no_secret;

/// How much of an array is read, in bytes.
const LONGEST: usize = 4 * 1024;

/// Most values of one array.
const MOST: usize = 64;

/// How deep brackets may stand inside each other.
const DEEPEST: usize = 8;

/// What stands between the name of an array and its brackets; a semicolon in `serialize()`.
const OPERATORS: &[&[u8]] = &[b"=>", b":=", b"=", b":", b";"];

/// What programs write before the brackets of an array.
const TYPES: &[&[u8]] = &[b"", b"a", b"array", b"list", b"set", b"tuple"];

/// The array of a text that was read last.
#[derive(Default)]
pub(super) struct Arrays {
    name_end: usize,
    values: Vec<Range<usize>>,
    /// Where it ends, as far as it was read: a name inside it is not asked for an array of its own.
    end: usize,
}

impl Arrays {
    /// The values of the array whose name ends at `name_end`; none when no array follows.
    pub(super) fn values(&mut self, text: &[u8], name_end: usize) -> &[Range<usize>] {
        if name_end == self.name_end {
            return &self.values;
        }
        if name_end < self.end {
            return &[];
        }
        let Some(begin) = after_operator(text, name_end) else { return &[] };
        let text = &text[..text.len().min(begin + LONGEST)];
        let (values, end) = match opening(text, begin) {
            Some(inner) => between_brackets(text, inner),
            None => lines_with_dashes(text, begin),
        };
        *self = Arrays { name_end, values, end };
        &self.values
    }
}

/// The place behind the operator that follows a name.
fn after_operator(text: &[u8], name_end: usize) -> Option<usize> {
    let at = run_end(text, close_name(text, name_end), &BLANK, 8);
    let operator = OPERATORS.iter().find(|operator| text[at..].starts_with(operator))?;
    Some(at + operator.len())
}

/// The place behind the bracket that opens an array.
fn opening(text: &[u8], begin: usize) -> Option<usize> {
    let word = run_end(text, begin, &SPACE, 64);
    let mut at = run_end(text, word, &ALPHA, 8);
    if !TYPES.iter().any(|known| known.eq_ignore_ascii_case(&text[word..at])) {
        return None;
    }
    // `a:2:{` of serialize(), `array(2) {` of var_dump().
    let count = run_end(text, at + 1, &DIGIT, 6);
    if count > at + 1 && at > word && matches!((text[at], text.get(count)), (b':', Some(b':')) | (b'(', Some(b')'))) {
        at = count + 1;
    }
    at = run_end(text, at, &SPACE, 64);
    matches!(text.get(at), Some(b'[' | b'(' | b'{')).then_some(at + 1)
}

/// The strings, and what `print_r` writes without quotes, up to the bracket that closes the array; and where reading ended.
fn between_brackets(text: &[u8], from: usize) -> (Vec<Range<usize>>, usize) {
    let mut values = Vec::new();
    let (mut at, mut depth) = (from, 1);
    while at < text.len() && values.len() < MOST {
        match text[at] {
            mark @ (b'"' | b'\'') => {
                let Some(string) = string_at(text, at, mark) else { return (Vec::new(), at) };
                at = string.close;
                if !is_key(text, at) {
                    values.push(string.inner);
                }
            }
            b'[' | b'(' | b'{' => depth += 1,
            b']' if text[at..].starts_with(b"] => ") => {
                depth -= 1;
                let end = bare_end(text, at + 5);
                values.push(at + 5..end);
                at = end - 1;
            }
            b']' | b')' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || depth > DEEPEST {
            break;
        }
        at += 1;
    }
    (values, at)
}

/// A string in quotes.
struct Quoted {
    inner: Range<usize>,
    /// Where its closing quote stands.
    close: usize,
}

/// The string whose opening quote stands at `open`, on its line; `None` when what closes it may have opened before, since
/// the array stood at the end of a string of JSON.
fn string_at(text: &[u8], open: usize, mark: u8) -> Option<Quoted> {
    let slashes = |at: usize| text[..at].iter().rev().take(16).take_while(|byte| **byte == b'\\').count();
    let close = open + 1 + memchr::memchr2(mark, b'\n', &text[open + 1..])?;
    // The quotes of a string in a string have as many backslashes before them.
    let depth = slashes(open);
    let inner = open + 1..close.checked_sub(depth)?;
    let whole = text[close] == mark && slashes(close) == depth && inner.start <= inner.end;
    (whole && ends_string(text, close) && !parts_strings(&text[inner.clone()])).then_some(Quoted { inner, close })
}

/// Whether what stands behind the quote at `close` may follow a string.
fn ends_string(text: &[u8], close: usize) -> bool {
    let at = run_end(text, close + 1, &BLANK, 8);
    text.get(at).is_none_or(|next| matches!(next, b',' | b']' | b')' | b'}' | b':' | b'=' | b';' | b'\r' | b'\n'))
        || at > close + 1
}

/// Whether this stands between strings rather than in one: `,`, `],"x":[`.
fn parts_strings(between: &[u8]) -> bool {
    let between = between.trim_ascii();
    matches!(between.first(), Some(b',' | b']' | b'}' | b':'))
        && matches!(between.last(), Some(b',' | b':' | b'[' | b'{' | b']' | b'}'))
}

/// Whether the string that ends at `close` names a value behind it.
fn is_key(text: &[u8], close: usize) -> bool {
    let at = close + 1 + usize::from(text.get(close + 1) == Some(&b']'));
    let at = run_end(text, at, &BLANK, 8);
    text.get(at) == Some(&b':') || text[at.min(text.len())..].starts_with(b"=>")
}

/// The end of a value of `print_r`: that of its line, or what follows it where all stand on one line.
fn bare_end(text: &[u8], start: usize) -> usize {
    let line = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
    let value = &text[start..line];
    let next = [&b" ["[..], b" )"].iter().filter_map(|mark| memchr::memmem::find(value, mark)).min();
    start + next.unwrap_or(value.len())
}

/// `tokens:` and below it lines of `- …`.
fn lines_with_dashes(text: &[u8], begin: usize) -> (Vec<Range<usize>>, usize) {
    let mut values = Vec::new();
    let mut at = run_end(text, begin, &BLANK, 8);
    while values.len() < MOST {
        at += usize::from(text.get(at) == Some(&b'\r'));
        let dash = run_end(text, at + 1, &BLANK, 64);
        if text.get(at) != Some(&b'\n') || !text[dash.min(text.len())..].starts_with(b"- ") {
            break;
        }
        let line = memchr::memchr(b'\n', &text[dash..]).map_or(text.len(), |length| dash + length);
        let inner = |byte: &u8| !matches!(byte, b' ' | b'"' | b'\'' | b'\r');
        let start = dash + 1 + text[dash + 1..line].iter().position(inner).unwrap_or(0);
        let end = text[start..line].iter().rposition(inner).map_or(start, |last| start + last + 1);
        values.push(start..end);
        at = end + text[end..line].iter().take_while(|byte| **byte != b'\r').count();
    }
    (values, at)
}

/// Whether a value in an array goes: drawn at random beyond doubt, or under a password's key no word, name or rule.
pub(super) fn goes(judge: Judge, name: &[u8], value: &[u8]) -> bool {
    if is_no_secret(value) {
        return false;
    }
    match judge {
        Judge::Token => {
            super::field::strongly_random(value)
                || is_long_hex(value) && !name.eq_ignore_ascii_case(b"keys") && !name.eq_ignore_ascii_case(b"key")
        }
        Judge::Password | Judge::Any => {
            let mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
            let written = |byte: &u8| matches!(byte, b':' | b' ' | b'/' | b'|' | b'(');
            value.len() >= 8 && mixed && !value.iter().any(written) && !is_dotted(value)
        }
        _ => false,
    }
}

/// Thirty-two hexadecimal digits or more, as programs draw them.
fn is_long_hex(value: &[u8]) -> bool {
    value.len() >= 32 && value.iter().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let name_end = text.find("tokens").unwrap() + 6;
        Arrays::default().values(text.as_bytes(), name_end).iter().map(|span| &text[span.clone()]).collect()
    }

    #[test]
    fn arrays_of_all_notations_are_read() {
        for text in [
            "\"tokens\": [\"ann\", \"ben\"], \"x\": \"y\"",
            "'tokens' => array( 'ann', 'ben' ), 'x' => 'y'",
            "tokens = ['ann',\n 'ben']",
            "\"tokens\":{\"live\":\"ann\",\"test\":\"ben\"}",
            "[\"tokens\"]=>\n  array(2) {\n    [0]=>\n    string(3) \"ann\"\n    [\"b\"]=>\n    string(3) \"ben\"\n  }\n",
            "[tokens] => Array\n  (\n    [0] => ann\n    [1] => ben\n  )\n[x] => y",
            "[tokens] => Array ( [0] => ann [1] => ben ) [x] => y",
            "s:6:\"tokens\";a:2:{i:0;s:3:\"ann\";i:1;s:3:\"ben\";}s:1:\"x\";s:1:\"y\";",
            "tokens:\n  - ann\n  - \"ben\"\nx: y",
            "tokens:\r\n- ann\r\n- 'ben'\r\nx: y",
        ] {
            assert_eq!(values(text), ["ann", "ben"], "{text}");
        }
    }

    #[test]
    fn what_is_no_array_has_no_values() {
        for text in ["tokens", "tokens: 7", "tokens =", "tokens(\"a\")", "tokens:\nx: y", "tokens: [", "tokens:\n- "] {
            assert!(values(text).iter().all(|value| value.is_empty()), "{text}");
        }
        assert!(values("[\"a tokens=[\",\"\",\"k3J9dLw0PqZ7xV2mQa1z\"]").is_empty());
        assert!(values("{\"x\":\"tokens=[\",\"k3J9dLw0\":[\"tokens=[\",7]}").is_empty());
        let nested = "tokens: [tokens: [\"a\"]]";
        let mut arrays = Arrays::default();
        assert_eq!(arrays.values(nested.as_bytes(), 6).len(), 1);
        assert!(arrays.values(nested.as_bytes(), 15).is_empty());
    }

    #[test]
    fn words_in_arrays_stay() {
        for value in ["required", "min:8", "confirmed", "string", "password-reset", "wp_rest", "a.b1.c2"] {
            assert!(!goes(Judge::Password, b"password", value.as_bytes()), "{value}");
            assert!(!goes(Judge::Token, b"tokens", value.as_bytes()), "{value}");
        }
        assert!(goes(Judge::Password, b"passwords", b"gr33n-lantern"));
        assert!(goes(Judge::Token, b"tokens", b"k3J9dLw0PqZ7xV2mQa1z"));
        assert!(goes(Judge::Token, b"api_keys", b"9f8e7d6c5b4a39281706f5e49f8e7d6c"));
        assert!(!goes(Judge::Token, b"keys", b"9f8e7d6c5b4a39281706f5e49f8e7d6c"));
    }
}
