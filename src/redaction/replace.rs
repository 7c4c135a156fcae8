//! Writes the output: what stays is copied, what goes becomes a placeholder that is valid where it stands.

use super::detect::Hit;
use super::engine::Core;
use super::finding::Finding;
use super::placeholder::end_of_placeholder;

/// Writes pieces of one input in order, counting bytes and lines.
pub(crate) struct Writer<'r> {
    core: Core<'r>,
    bytes_in: u64,
    bytes_out: u64,
    line: u64,
}

impl<'r> Writer<'r> {
    pub(crate) fn new(core: Core<'r>) -> Self {
        Writer { core, bytes_in: 0, bytes_out: 0, line: 1 }
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
        found: &mut dyn FnMut(&Finding, &[u8]),
    ) {
        let mut at = from;
        for hit in hits {
            self.copy(&text[at..hit.start], out);
            let value = &text[hit.start..hit.end];
            let rule = &self.core.rules.rules[hit.rule];
            let placeholder = self.placeholder(hit, value);
            let bare = bare_json_number(text, hit.start, hit.end);
            let finding = Finding {
                rule: rule.info.id.clone(),
                level: rule.info.level,
                offset: self.bytes_in,
                length: value.len() as u64,
                line: self.line,
                output_offset: self.bytes_out + u64::from(bare),
                placeholder,
            };
            let before = out.len();
            out.extend(bare.then_some(b'"'));
            out.extend_from_slice(finding.placeholder.as_bytes());
            out.extend(bare.then_some(b'"'));
            self.bytes_out += (out.len() - before) as u64;
            self.advance(value);
            found(&finding, value);
            at = hit.end;
        }
        self.copy(&text[at..to], out);
    }

    fn copy(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(piece);
        self.bytes_out += piece.len() as u64;
        self.advance(piece);
    }

    fn advance(&mut self, piece: &[u8]) {
        self.bytes_in += piece.len() as u64;
        self.line += memchr::memchr_iter(b'\n', piece).count() as u64;
    }

    fn placeholder(&self, hit: &Hit, value: &[u8]) -> String {
        let rule = &self.core.rules.rules[hit.rule];
        let normal = normalised(&rule.class, value);
        let own = rule.class == "email" && self.is_own_address(&normal);
        let note = if own { "own" } else { hit.note };
        let made = self.core.key.placeholder(&rule.info.id, &rule.class, note, &normal);
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

/// The form of a value under which it is the same: cards, IBANs and telephone numbers without their grouping, addresses
/// in lower case.
fn normalised(class: &str, value: &[u8]) -> Vec<u8> {
    match class {
        "card" | "iban" | "phone" => {
            value.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'+').collect()
        }
        "email" => value.to_ascii_lowercase(),
        _ => value.trim_ascii().to_vec(),
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
