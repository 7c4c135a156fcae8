//! Writes the output: what stays is copied, what goes becomes a placeholder that is valid where it stands.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::detect::{Hit, Wrap};
use super::engine::Core;
use super::finding::Finding;
use super::placeholder::{Stamp, end_of_placeholder};
use super::serialized;

/// Writes pieces of one input in order, counting bytes and lines.
pub(crate) struct Writer<'r> {
    core: Core<'r>,
    stamp: Stamp,
    bytes_in: u64,
    bytes_out: u64,
    line: u64,
    /// The text is UTF-16 outside the engine: offsets count its bytes.
    wide: bool,
    /// Where each replaced piece stood and stands: start and end in the input, start and end in the output. Kept for
    /// short texts only, since it grows with the input.
    pieces: Option<Vec<[usize; 4]>>,
}

/// What stands in the place of a hit.
struct Replacement {
    placeholder: String,
    /// The placeholder in its wrapping, where it has one.
    wrapped: Option<Vec<u8>>,
    /// Where in that the placeholder begins.
    shift: usize,
}

impl Replacement {
    fn bytes(&self) -> &[u8] {
        self.wrapped.as_deref().unwrap_or(self.placeholder.as_bytes())
    }
}

impl<'r> Writer<'r> {
    pub(crate) fn new(core: Core<'r>, wide: bool) -> Self {
        Writer { core, stamp: core.key.stamp(), bytes_in: 0, bytes_out: 0, line: 1, wide, pieces: None }
    }

    /// Keeps the pieces, see [`Writer::into_pieces`].
    pub(crate) fn keeping_pieces(mut self) -> Self {
        self.pieces = Some(Vec::new());
        self
    }

    /// Each replaced piece: start and end in the input, start and end in the output.
    pub(crate) fn into_pieces(self) -> Vec<[usize; 4]> {
        self.pieces.unwrap_or_default()
    }

    pub(crate) fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    pub(crate) fn bytes_out(&self) -> u64 {
        self.bytes_out
    }

    /// Writes `text[from..to]` with `hits` (sorted, inside it, without overlaps) replaced.
    pub(crate) fn write(
        &mut self,
        text: &[u8],
        from: usize,
        to: usize,
        hits: &[Hit],
        out: &mut Vec<u8>,
        found: &mut dyn FnMut(&Hit, &Finding),
    ) {
        let mut replacements = Vec::with_capacity(hits.len());
        for hit in hits {
            replacements.push(self.replacement(text, hit));
        }
        let removals: Vec<(usize, usize, usize)> =
            hits.iter().zip(&replacements).map(|(hit, new)| (hit.start, hit.end, new.bytes().len())).collect();
        let mut lengths = serialized::lengths(text, from, &removals).into_iter().peekable();
        let (mut at, mut counted) = (from, from);
        for (hit, new) in hits.iter().zip(replacements) {
            while let Some(length) = lengths.next_if(|length| length.start < hit.start) {
                // A length inside what was removed went with it.
                if length.start < at || length.end > hit.start {
                    continue;
                }
                self.copy(&text[at..length.start], out);
                self.put(length.digits.as_bytes(), &text[length.start..length.end], out);
                at = length.end;
            }
            self.copy(&text[at..hit.start], out);
            self.line += newlines(&text[counted..hit.start]);
            counted = hit.start;
            let gone = &text[hit.start..hit.end];
            let rule = &self.core.rules.rules[hit.rule];
            let output_offset = self.bytes_out + self.measure(&new.bytes()[..new.shift]);
            let (offset, length, line) = (self.bytes_in, self.measure(gone), self.line);
            self.put(new.bytes(), gone, out);
            let finding = Finding {
                rule: rule.info.id.clone(),
                level: rule.info.level,
                offset,
                length,
                line,
                output_offset,
                placeholder: new.placeholder,
            };
            found(hit, &finding);
            at = hit.end;
        }
        self.copy(&text[at..to], out);
        self.line += newlines(&text[counted..to]);
    }

    /// What stands in the place of a hit, valid in its wrapping.
    fn replacement(&mut self, text: &[u8], hit: &Hit) -> Replacement {
        let placeholder = self.placeholder(hit, hit.value(text));
        let (wrapped, shift) = match hit.wrap() {
            Wrap::None if bare_json_number(text, hit.start, hit.end) => {
                (Some(format!("\"{placeholder}\"").into_bytes()), 1)
            }
            Wrap::None => (None, 0),
            Wrap::Wide(order) => (Some(super::utf16::encode(placeholder.as_bytes(), *order)), 0),
            Wrap::Percent => (Some(percent_encoded(&placeholder)), 0),
            Wrap::Base64 { before, after, for_urls } => (Some(in_base64(&placeholder, before, after, *for_urls)), 0),
        };
        Replacement { placeholder, wrapped, shift }
    }

    /// Writes `new` in the place of `old`.
    fn put(&mut self, new: &[u8], old: &[u8], out: &mut Vec<u8>) {
        let (from_in, from_out) = (self.bytes_in as usize, out.len());
        out.extend_from_slice(new);
        self.bytes_out += self.measure(new);
        self.bytes_in += self.measure(old);
        if let Some(pieces) = &mut self.pieces {
            pieces.push([from_in, self.bytes_in as usize, from_out, out.len()]);
        }
    }

    /// How many bytes a piece takes in the text's own encoding.
    fn measure(&self, piece: &[u8]) -> u64 {
        if self.wide { super::utf16::measure(piece) } else { piece.len() as u64 }
    }

    fn copy(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(piece);
        self.bytes_out += self.measure(piece);
        self.bytes_in += self.measure(piece);
    }

    fn placeholder(&mut self, hit: &Hit, value: &[u8]) -> String {
        let rule = &self.core.rules.rules[hit.rule];
        let normal = normalised(&rule.class, value);
        let own = rule.class == "email" && self.is_own_address(&normal);
        let note = if own { "own" } else { hit.note };
        let made = self.stamp.placeholder(&rule.info.id, &rule.class, note, &normal);
        debug_assert!(end_of_placeholder(made.as_bytes(), 0) == Some(made.len()));
        made
    }

    fn is_own_address(&self, address: &[u8]) -> bool {
        let Some(at) = memchr::memrchr(b'@', address) else {
            return false;
        };
        self.core.own_domains.iter().any(|own| {
            let domain = &address[at + 1..];
            domain == own.as_bytes()
                || domain.ends_with(own.as_bytes()) && domain[..domain.len() - own.len()].ends_with(b".")
        })
    }
}

fn newlines(piece: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', piece).count() as u64
}

/// The form of a value under which it is the same: cards, IBANs and telephone numbers without their grouping, addresses
/// in lower case.
fn normalised<'v>(class: &str, value: &'v [u8]) -> Cow<'v, [u8]> {
    match class {
        "card" | "iban" | "phone" => {
            value.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'+').collect()
        }
        "email" => value.to_ascii_lowercase().into(),
        _ => value.trim_ascii().into(),
    }
}

/// A number that stands bare in JSON (`"phone": 4930123456`) is replaced by a string, so that JSON stays JSON.
fn bare_json_number(text: &[u8], start: usize, end: usize) -> bool {
    if !text[start..end].iter().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let before = text[..start].trim_ascii_end();
    let after = text[end..text.len().min(end + 16)].trim_ascii_start();
    let opened = match before {
        [.., b'"', b':'] => !before.ends_with(b"\\\":"),
        [.., b',' | b'['] => {
            matches!(after, [b',' | b']', ..])
                && before.len() > 1
                && matches!(before[before.len() - 2], b'0'..=b'9' | b'"' | b':')
        }
        _ => false,
    };
    opened && matches!(after, [b',' | b'}' | b']', ..])
}

/// A placeholder in URL encoding.
fn percent_encoded(placeholder: &str) -> Vec<u8> {
    placeholder.replace('[', "%5B").replace(':', "%3A").replace(']', "%5D").into_bytes()
}

/// A placeholder in base64, between what shared its groups of bytes; blanks fill the last group.
fn in_base64(placeholder: &str, before: &[u8], after: &[u8], for_urls: bool) -> Vec<u8> {
    let mut plain = before.to_vec();
    plain.extend_from_slice(placeholder.as_bytes());
    let short = (3 - (plain.len() + after.len()) % 3) % 3;
    plain.resize(plain.len() + short, b' ');
    plain.extend_from_slice(after);
    let encoded = if for_urls { URL_SAFE_NO_PAD.encode(plain) } else { STANDARD_NO_PAD.encode(plain) };
    encoded.into_bytes()
}
