//! Placeholders: `[rule-id:xxxxxx]`, what stands where a secret stood.
//!
//! The six characters come from HMAC-SHA256 under a key, over the rule's class and the normalised value: the same
//! value has the same placeholder everywhere under one key, and nobody without the key can tell which value it was or
//! join two incidents. 30 bits are few enough to be useless for guessing a password by trial without the key, and many
//! enough to tell the values of one incident apart.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Crockford's base32, lower case: digits and letters without those that look alike (i, l, o, u).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Longest id of a rule, so that looking for a placeholder stays bounded.
pub(crate) const LONGEST_RULE_ID: usize = 40;

/// Characters of the keyed part.
pub(crate) const TAIL: usize = 6;

/// The key of placeholders: 32 bytes, zeroized on drop. The same value under the same key has the same placeholder.
#[derive(Clone)]
pub struct PlaceholderKey(Zeroizing<[u8; 32]>);

impl PlaceholderKey {
    /// A key from its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        PlaceholderKey(Zeroizing::new(bytes))
    }

    /// What makes placeholders with this key.
    pub(crate) fn stamp(&self) -> Stamp {
        match Hmac::<Sha256>::new_from_slice(self.0.as_ref()) {
            Ok(keyed) => Stamp { keyed, lately: Vec::new() },
            Err(_) => unreachable!("HMAC takes keys of any length"),
        }
    }
}

/// A key as HMAC has taken it in, which costs as much as a short value.
pub(crate) struct Stamp {
    keyed: Hmac<Sha256>,
    /// Tails made lately, each at a place that depends on its value: the same values stand in a log many times.
    lately: Vec<Tail>,
}

/// How many tails are remembered, and the longest value of theirs, in bytes.
const REMEMBERED: usize = 256;
const LONGEST_REMEMBERED: usize = 128;

/// The keyed part of a value's placeholder.
#[derive(Clone, Default)]
struct Tail {
    class: String,
    value: Zeroizing<Vec<u8>>,
    text: String,
}

impl Stamp {
    /// HMAC-SHA256 over the parts, each preceded by its length so that parts cannot run together.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The placeholder of a value: `[rule:xxxxxx]`.
    pub(crate) fn placeholder(&mut self, rule: &str, class: &str, note: &str, value: &[u8]) -> String {
        let mut out = String::with_capacity(rule.len() + note.len() + TAIL + 4);
        out.push('[');
        out.push_str(rule);
        if !note.is_empty() {
            out.push('-');
            out.push_str(note);
        }
        out.push(':');
        out.push_str(&self.tail(class, value));
        out.push(']');
        out
    }

    fn tail(&mut self, class: &str, value: &[u8]) -> Cow<'_, str> {
        if value.len() > LONGEST_REMEMBERED {
            return self.new_tail(class, value).into();
        }
        if self.lately.is_empty() {
            self.lately.resize(REMEMBERED, Tail::default());
        }
        let place = value.iter().fold(value.len(), |sum, byte| sum.wrapping_mul(31) + usize::from(*byte)) % REMEMBERED;
        let known = &self.lately[place];
        if known.value.as_slice() != value || known.class != class {
            let text = self.new_tail(class, value);
            self.lately[place] = Tail { class: class.to_owned(), value: Zeroizing::new(value.to_vec()), text };
        }
        self.lately[place].text.as_str().into()
    }

    fn new_tail(&self, class: &str, value: &[u8]) -> String {
        let digest = self.digest(&[class.as_bytes(), value]);
        let bits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        (0..TAIL).map(|place| char::from(ALPHABET[(bits >> (27 - 5 * place)) as usize & 31])).collect()
    }
}

impl std::fmt::Debug for PlaceholderKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlaceholderKey(..)")
    }
}

/// A placeholder in redacted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderSpan<'t> {
    /// Byte offset of its first byte.
    pub start: usize,
    /// Byte offset after its last byte.
    pub end: usize,
    /// The rule's id (with a note such as a card's brand, where it has one).
    pub rule: &'t str,
}

/// Placeholders in redacted text, in order, for highlighting.
pub fn placeholders(text: &str) -> Vec<PlaceholderSpan<'_>> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(found) = memchr::memchr2(b'[', b'%', &bytes[from..]) {
        let start = from + found;
        from = start + 1;
        if let Some(end) = end_of_placeholder(bytes, start) {
            let open = if bytes[start] == b'[' { 1 } else { 3 };
            let name = &text[start + open..end];
            let name = name.split([':', '%']).next().unwrap_or(name);
            spans.push(PlaceholderSpan { start, end, rule: name });
            from = end;
        }
    }
    spans
}

/// The end of the placeholder that starts at `start`, as `[…]` or percent-encoded as `%5B…%5D`.
pub(crate) fn end_of_placeholder(text: &[u8], start: usize) -> Option<usize> {
    let (open, colon, close): (&[u8], &[u8], &[u8]) = match text.get(start)? {
        b'[' => (b"[", b":", b"]"),
        b'%' => (b"%5B", b"%3A", b"%5D"),
        _ => return None,
    };
    let mut at = start;
    at = literal(text, at, open)?;
    let name = at;
    while at < text.len() && at - name <= LONGEST_RULE_ID && is_id_byte(text[at]) {
        at += 1;
    }
    if at == name || !text[name].is_ascii_lowercase() {
        return None;
    }
    at = literal(text, at, colon)?;
    let tail = text.get(at..at + TAIL)?;
    if !tail.iter().all(|byte| ALPHABET.contains(byte)) {
        return None;
    }
    literal(text, at + TAIL, close)
}

/// The span of the placeholder that covers or touches byte `at`, if there is one.
pub(crate) fn placeholder_around(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let furthest = LONGEST_RULE_ID + TAIL + 9;
    // Where nothing ends one, none has to be looked for.
    memchr::memchr2(b']', b'D', &text[at.min(text.len())..text.len().min(at + furthest)])?;
    let from = at.saturating_sub(furthest);
    let before = &text[from..text.len().min(at + 1)];
    for start in memchr::memrchr2_iter(b'[', b'%', before) {
        if let Some(end) = end_of_placeholder(text, from + start) {
            return (end > at).then_some((from + start, end));
        }
    }
    None
}

/// Whether a placeholder covers a part of `start..end`.
pub(crate) fn touches_placeholder(text: &[u8], start: usize, end: usize) -> bool {
    placeholder_around(text, start).is_some()
        || memchr::memchr2_iter(b'[', b'%', &text[start..end]).any(|at| end_of_placeholder(text, start + at).is_some())
}

/// Whether a placeholder stands in a value with zeros between its letters: in UTF-16, read byte by byte.
pub(crate) fn holds_wide_placeholder(value: &[u8]) -> bool {
    if !value.contains(&0) {
        return false;
    }
    let narrow: Vec<u8> = value.iter().copied().filter(|byte| *byte != 0).collect();
    memchr::memchr2_iter(b'[', b'%', &narrow).any(|at| end_of_placeholder(&narrow, at).is_some())
}

fn literal(text: &[u8], at: usize, expected: &[u8]) -> Option<usize> {
    let end = at + expected.len();
    (text.get(at..end)? == expected).then_some(end)
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_placeholder_under_one_key_only() {
        let one = PlaceholderKey::from_bytes([1; 32]);
        let two = PlaceholderKey::from_bytes([2; 32]);
        let (mut one, mut two) = (one.stamp(), two.stamp());
        let first = one.placeholder("password", "secret", "", b"correct horse");
        assert_eq!(first, one.placeholder("password", "secret", "", b"correct horse"));
        assert_ne!(first, two.placeholder("password", "secret", "", b"correct horse"));
        assert_ne!(first, one.placeholder("password", "secret", "", b"battery staple"));
    }

    #[test]
    fn what_is_remembered_of_many_values_is_theirs() {
        let key = PlaceholderKey::from_bytes([4; 32]);
        let mut stamp = key.stamp();
        for round in 0..4 * REMEMBERED {
            let value = format!("value {}", round % (REMEMBERED + 7));
            let class = ["secret", "email"][round / 3 % 2];
            let fresh = key.stamp().placeholder("password", class, "", value.as_bytes());
            assert_eq!(stamp.placeholder("password", class, "", value.as_bytes()), fresh);
        }
    }

    #[test]
    fn placeholders_are_found_again() {
        let key = PlaceholderKey::from_bytes([3; 32]);
        let made = key.stamp().placeholder("card", "card", "visa", b"x");
        let text = format!("a {made} b [not one] [2026:10:11] {made}");
        let spans = placeholders(&text);
        assert_eq!(spans.len(), 2);
        assert_eq!(&text[spans[0].start..spans[0].end], made);
        assert_eq!(spans[0].rule, "card-visa");
        assert_eq!(placeholders("x%5Bemail%3Akkkkkk%5D").len(), 1);
    }

    #[test]
    fn a_key_does_not_print() {
        assert_eq!(format!("{:?}", PlaceholderKey::from_bytes([9; 32])), "PlaceholderKey(..)");
    }
}
