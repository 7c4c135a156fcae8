//! Statements: what people must write in words, so that somebody else can follow it later.

use super::incident::{TEXT_MAX, check_length, clean_text};
use super::problem::FieldError;
use super::review::is_filler;

/// What was written, cleaned. Adds an error at `field` when it is too long, or when it says nothing ("n/a", "tbd", "-"):
/// then the error's words are `ask`.
pub fn statement(field: &str, text: &str, ask: &str, errors: &mut Vec<FieldError>) -> String {
    let text = clean_text(text);
    if is_filler(&text) {
        errors.push(FieldError::new(field, ask));
    }
    check_length(field, &text, TEXT_MAX, errors);
    text
}

/// [`statement`], of an act that asks for nothing else.
pub fn only_statement(field: &str, text: &str, ask: &str) -> Result<String, Vec<FieldError>> {
    let mut errors = Vec::new();
    let text = statement(field, text, ask, &mut errors);
    if errors.is_empty() { Ok(text) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filler_and_a_text_too_long_are_named_at_their_field() {
        let refused = only_statement("note", " tbd ", "Say what you saw.").expect_err("a filler");
        assert_eq!(refused.len(), 1);
        assert_eq!((refused[0].field.as_str(), refused[0].message.as_str()), ("note", "Say what you saw."));
        let long = "it goes on ".repeat(TEXT_MAX);
        assert_eq!(only_statement("note", &long, "").expect_err("too long").len(), 1);
        assert_eq!(only_statement("note", " It went well. \r\n", "").expect("an answer"), "It went well.");
    }
}
