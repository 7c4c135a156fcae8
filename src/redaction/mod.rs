//! The redaction engine: the ground floor of the house.
//!
//! Text goes in, text without secrets comes out, with a finding for each removal. Rules are data (`rules/*.toml`);
//! what leaves is proved by the type [`Redacted`]; a second scan ([`scan`]) looks again before anything is sent.
//!
//! The way of a text: [`utf16`] turns it into UTF-8 if need be; [`stream`] keeps a window of it in sight; [`detect`] runs
//! the rules over the window, [`views`] runs them again over what JSON, URLs, HTML and base64 hide; [`known_search`] looks
//! for values that were found before; [`resolve`] settles overlaps; [`replace`] writes placeholders that are valid where
//! they stand.

mod classes;
mod detect;
mod engine;
mod finding;
mod known;
mod known_search;
mod placeholder;
mod redacted;
mod replace;
mod resolve;
mod rules;
pub mod scan;
mod serialized;
mod stream;
mod text_check;
mod together;
mod utf16;
mod validate;
mod views;

pub use engine::{Explanation, Redactor, Spared};
pub use finding::{Finding, Level, RedactedText, StreamSummary};
pub use known::{KNOWN_VALUE, KNOWN_VALUES_MAX, KnownValues, KnownValuesError};
pub use placeholder::{PlaceholderKey, PlaceholderSpan, placeholders};
pub use redacted::Redacted;
pub use rules::{Example, ExampleFailure, RuleError, RuleInfo, Rules};
pub use text_check::looks_like_text;
pub use together::{in_order, texts_at_once};
pub use utf16::decoded;
