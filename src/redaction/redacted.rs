//! The type that alone may leave: text from which everything the rules know has been removed.

use serde::Serialize;

/// Text from which everything the rules know has been removed. The only type a bundle or a mail accepts, so that the
/// compiler proves what leaves.
///
/// There is no way from a plain string into it except through [`super::Redactor::text`], the words of our own source
/// code ([`Redacted::literal`]), and reading back what was stored ([`Redacted::from_stored`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Redacted(String);

impl Redacted {
    /// Reads back what was stored as `Redacted` before. For the store only: a house test allows no other caller.
    pub fn from_stored(stored: String) -> Self {
        Redacted(stored)
    }

    /// Words of our own source code.
    pub fn literal(words: &'static str) -> Self {
        Redacted(words.to_owned())
    }

    /// Several redacted texts in one, with a separator of our own.
    pub fn join(parts: &[Redacted], separator: &'static str) -> Self {
        let parts: Vec<&str> = parts.iter().map(Redacted::as_str).collect();
        Redacted(parts.join(separator))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken out.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only the engine makes one from text it has gone over.
    pub(super) fn from_engine(text: String) -> Self {
        Redacted(text)
    }
}

impl std::fmt::Display for Redacted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
