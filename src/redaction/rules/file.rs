//! Rule files: what their TOML holds. Unknown keys are errors, so that a rule never vanishes by a misspelling.

use serde::Deserialize;
use toml::Spanned;

use super::super::finding::Level;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    #[serde(default)]
    pub(super) rule: Vec<RuleEntry>,
    #[serde(default)]
    pub(super) exception: Vec<ExceptionEntry>,
}

/// A value that stays although a rule would remove it, as written; `rules/README.md` says what each key means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionEntry {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) why: String,
    /// Whole values, exactly.
    #[serde(default)]
    pub(super) literals: Vec<String>,
    /// A regular expression for the whole value.
    #[serde(default)]
    pub(super) pattern: Option<String>,
    /// The rules that it holds for; none: all that may be lifted.
    #[serde(default)]
    pub(super) only: Vec<String>,
    /// Examples: text and the secret in it that must go all the same.
    #[serde(default)]
    pub(super) goes: Vec<(String, String)>,
    /// Examples: text that must come back unchanged because of it.
    pub(super) stays: Vec<String>,
}

/// One rule as written; `rules/README.md` says what each key means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) why: String,
    pub(super) level: Level,
    /// Values of one class have one placeholder tail, whichever rule found them. Default: `secret`.
    #[serde(default)]
    pub(super) class: Option<String>,
    /// Whole tokens that begin with a literal.
    #[serde(default)]
    pub(super) shapes: Vec<String>,
    /// A token may begin in the middle of a word.
    #[serde(default)]
    pub(super) inside_words: bool,
    /// Names of keys whose value is the secret.
    #[serde(default)]
    pub(super) keys: Vec<String>,
    /// Words of which one stands in the key's name (or just before it) for `values` to count.
    #[serde(default)]
    pub(super) near: Vec<String>,
    /// Shapes of the value of a key.
    #[serde(default)]
    pub(super) values: Vec<String>,
    /// Named judge of the value of a key.
    #[serde(default)]
    pub(super) judge: Option<String>,
    /// Exact texts that go wherever they stand.
    #[serde(default)]
    pub(super) literals: Vec<String>,
    /// Literals the prefilter looks for, where `pattern` begins; without any they are read off the pattern.
    #[serde(default)]
    pub(super) keywords: Vec<String>,
    /// A regular expression that begins at a keyword; its group `secret` (or all of it) is removed.
    #[serde(default)]
    pub(super) pattern: Option<String>,
    /// How many bytes before the keyword the pattern begins.
    #[serde(default)]
    pub(super) behind: usize,
    /// A regular expression for tokens that begin with no literal; tried on long runs of token characters.
    #[serde(default)]
    pub(super) token: Option<String>,
    /// What must stand in the text around a long run for `token` to be tried: one of these. A `pattern` beside it is tried
    /// only where one of them stands within its reach.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// How long the run of token characters must be for `token` to be tried, in bytes; at least 16.
    #[serde(default)]
    pub(super) run: usize,
    /// Named finder, written in Rust.
    #[serde(default)]
    pub(super) finder: Option<String>,
    /// Named validators which the secret must pass.
    #[serde(default)]
    pub(super) checks: Vec<String>,
    /// For the second scan, where a finder cannot be asked: a regular expression.
    #[serde(default)]
    pub(super) scan: Option<String>,
    /// Examples: text and the secret in it that must be gone.
    pub(super) goes: Vec<(String, String)>,
    /// Examples: text that must come back unchanged.
    pub(super) stays: Vec<String>,
}
