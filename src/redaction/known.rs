//! Values that were found (or told), to be removed wherever they stand.

use std::collections::BTreeMap;

use zeroize::{Zeroize, Zeroizing};

/// The rule of a value that was told, and of one whose own rule is there no more.
pub const KNOWN_VALUE: &str = "known-value";

/// How many values one incident keeps; past it [`KnownValues::cap_exceeded`] says so and a person must look.
pub const KNOWN_VALUES_MAX: usize = 20_000;

/// Longest value that is kept, in bytes: what is longer (a private key) is found by its own shape wherever it stands.
pub(crate) const LONGEST_KNOWN: usize = 4 * 1024;

/// Shortest value that is removed wherever it stands, in bytes.
const SHORTEST_KNOWN: usize = 6;

/// Shortest value made of letters of one case: shorter words occur in ordinary text.
const SHORTEST_WORD: usize = 12;

/// Shortest value of such letters with underscores: shorter ones are what programs call something (`server_hostname`).
const SHORTEST_IDENTIFIER: usize = 24;

/// Words that are values somewhere and ordinary text everywhere else.
const COMMON: &[&str] = &[
    "localhost",
    "wordpress",
    "woocommerce",
    "password",
    "username",
    "customer",
    "administrator",
    "database",
    "production",
    "undefined",
    "anonymous",
    "changeme",
    "testtest",
    "standard",
    "internal",
    "external",
    "complete",
    "completed",
    "processing",
    "checkout",
    "shipping",
    "redacted",
    "disabled",
    "required",
    "template",
    "homepage",
    "website",
    "document",
    "security",
];

/// Values found (or told), each with the rule that found it. Zeroized on drop; nothing of them prints.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KnownValues {
    values: BTreeMap<Vec<u8>, String>,
    exceeded: bool,
}

/// Why stored values could not be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnownValuesError {
    /// The bytes end in the middle of a value.
    #[error("the stored values are cut off")]
    CutOff,
    /// The bytes are of another form.
    #[error("the stored values are not of this form")]
    Form,
}

/// First bytes of the stored form.
const MAGIC: &[u8; 4] = b"KV1\0";

impl KnownValues {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds a value. False when it is already there, past the cap, longer than 4 KiB, or too short or too common to be
    /// removed blindly: under 6 bytes, words in one case under 12 letters, and a short list of ordinary words.
    pub fn insert(&mut self, rule: &str, value: &str) -> bool {
        self.insert_bytes(rule, value.as_bytes())
    }

    pub(crate) fn insert_bytes(&mut self, rule: &str, value: &[u8]) -> bool {
        let value = value.trim_ascii();
        if !may_be_removed_blindly(value) || self.values.contains_key(value) {
            return false;
        }
        if self.values.len() >= KNOWN_VALUES_MAX {
            self.exceeded = true;
            return false;
        }
        self.values.insert(value.to_vec(), rule.to_owned());
        true
    }

    /// Adds the other's values; how many were new.
    pub fn merge(&mut self, other: &KnownValues) -> usize {
        self.exceeded |= other.exceeded;
        other.values.iter().filter(|(value, rule)| self.insert_bytes(rule, value)).count()
    }

    /// Whether values were left out because there were more than [`KNOWN_VALUES_MAX`]: then a person must look.
    pub fn cap_exceeded(&self) -> bool {
        self.exceeded
    }

    /// The values in a compact form, to be encrypted by whoever keeps them.
    pub fn to_plain_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::new());
        out.extend_from_slice(MAGIC);
        out.push(u8::from(self.exceeded));
        for (value, rule) in &self.values {
            for part in [rule.as_bytes(), value.as_slice()] {
                out.extend_from_slice(&(part.len() as u32).to_be_bytes());
                out.extend_from_slice(part);
            }
        }
        out
    }

    /// Reads back what [`KnownValues::to_plain_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are cut off or of another form.
    pub fn from_plain_bytes(bytes: &[u8]) -> Result<Self, KnownValuesError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(KnownValuesError::Form)?;
        let (exceeded, mut rest) = rest.split_first().ok_or(KnownValuesError::CutOff)?;
        let mut known = KnownValues { values: BTreeMap::new(), exceeded: *exceeded != 0 };
        while !rest.is_empty() {
            let rule = take(&mut rest)?;
            let value = take(&mut rest)?;
            let rule = std::str::from_utf8(rule).map_err(|_| KnownValuesError::Form)?;
            known.values.insert(value.to_vec(), rule.to_owned());
        }
        Ok(known)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &str)> {
        self.values.iter().map(|(value, rule)| (value.as_slice(), rule.as_str()))
    }
}

impl Drop for KnownValues {
    fn drop(&mut self) {
        for (mut value, _) in std::mem::take(&mut self.values) {
            value.zeroize();
        }
    }
}

impl std::fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownValues({})", self.values.len())
    }
}

fn take<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], KnownValuesError> {
    let (length, tail) = rest.split_first_chunk::<4>().ok_or(KnownValuesError::CutOff)?;
    let length = u32::from_be_bytes(*length) as usize;
    let (part, tail) = tail.split_at_checked(length).ok_or(KnownValuesError::CutOff)?;
    *rest = tail;
    Ok(part)
}

/// Whether removing the value wherever it stands takes secrets and not ordinary text.
pub(crate) fn may_be_removed_blindly(value: &[u8]) -> bool {
    // What holds zeros is UTF-16 read byte by byte; its view finds the value itself.
    if value.len() < SHORTEST_KNOWN || value.len() > LONGEST_KNOWN || value.contains(&0) {
        return false;
    }
    let number = value.iter().all(u8::is_ascii_digit);
    let common = COMMON.iter().any(|common| common.as_bytes().eq_ignore_ascii_case(value));
    // One sign over and over is a mask or a filler.
    let filler = value.len() >= 16 && super::validate::shannon(value) < 2.5 && !number;
    let short_number = number && value.len() < 10;
    !(common || filler || short_number || is_ordinary_word(value))
}

/// Letters of one case only, and shorter than words that are made up: `postgres`, `DEFAULT`. A capital makes a name.
fn is_ordinary_word(value: &[u8]) -> bool {
    let letters = value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b' '));
    let capitals = value.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let shortest = if value.contains(&b'_') { SHORTEST_IDENTIFIER } else { SHORTEST_WORD };
    letters && (capitals == 0 || capitals == value.len()) && value.len() < shortest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_to_bytes_and_back() {
        let mut known = KnownValues::new();
        assert!(known.insert("password", "tr0ub4dor&3"));
        assert!(!known.insert("password", "tr0ub4dor&3"));
        assert!(!known.insert("password", "short"));
        assert!(!known.insert("password", "localhost"));
        let bytes = known.to_plain_bytes();
        assert_eq!(KnownValues::from_plain_bytes(&bytes), Ok(known));
        assert_eq!(KnownValues::from_plain_bytes(&bytes[..bytes.len() - 1]), Err(KnownValuesError::CutOff));
        assert_eq!(KnownValues::from_plain_bytes(b"other"), Err(KnownValuesError::Form));
    }

    #[test]
    fn utf_16_read_byte_by_byte_is_no_value_to_look_for() {
        let zeros: Vec<u8> = "tr0ub4dor&3".bytes().flat_map(|byte| [byte, 0]).collect();
        assert!(may_be_removed_blindly(b"tr0ub4dor&3") && !may_be_removed_blindly(&zeros));
    }

    #[test]
    fn nothing_of_them_prints() {
        let mut known = KnownValues::new();
        known.insert("password", "tr0ub4dor&3");
        assert_eq!(format!("{known:?}"), "KnownValues(1)");
    }
}
