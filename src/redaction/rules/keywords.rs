//! The literals with which every match of a pattern begins: what the prefilter looks for when a rule names none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::Extractor;

use super::compile::SHORTEST_LITERAL;

/// Most beginnings that one pattern may have.
const MOST: usize = 64;

/// Classes of at most so many characters are spelled out: both cases of a letter are, all digits are not.
const ALIKE: usize = 4;

/// The beginnings of a pattern.
///
/// # Errors
/// When a match may begin with anything: such a pattern would be tried at every byte.
pub(super) fn of_pattern(pattern: &str) -> Result<Vec<String>, String> {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    let hir = parsed.map_err(|error| format!("the pattern does not compile: {error}"))?;
    let mut found = Extractor::new().limit_class(ALIKE).limit_total(4 * MOST).extract(&hir);
    if found.len().is_none_or(|count| count > MOST) {
        found.optimize_for_prefix_by_preference();
    }
    let begins = found.literals().unwrap_or_default();
    let texts: Vec<String> =
        begins.iter().filter_map(|literal| String::from_utf8(literal.as_bytes().to_vec()).ok()).collect();
    let usable = !texts.is_empty()
        && texts.len() == begins.len()
        && texts.len() <= MOST
        && texts.iter().all(|text| text.len() >= SHORTEST_LITERAL);
    if usable {
        return Ok(texts);
    }
    Err(format!(
        "the pattern must begin with fixed text of at least {SHORTEST_LITERAL} characters, so that it is tried there only"
    ))
}

#[cfg(test)]
mod tests {
    use super::of_pattern;

    #[test]
    fn a_pattern_begins_with_fixed_text() {
        assert_eq!(of_pattern(r"CRM-\d{6}").unwrap(), ["CRM-"]);
        assert_eq!(of_pattern(r"\bCRM-[0-9]+").unwrap(), ["CRM-"]);
        assert_eq!(of_pattern("(?:ab-|cd-)[0-9]{4}").unwrap(), ["ab-", "cd-"]);
        assert_eq!(of_pattern("client no: (?P<secret>[0-9]{5})").unwrap(), ["client no: "]);
        assert_eq!(of_pattern("queue: job (?P<secret>[0-9]{4})").unwrap(), ["queue: job "]);
        assert_eq!(of_pattern("(?i)no[.:][0-9]+").unwrap().len(), 8);
        assert!(of_pattern("(?i)customer[0-9]+").unwrap().len() <= 64);
        for wrong in [r"\d{6}", "[A-Z]+-[0-9]+", ".*", "x", "", "a|bcd", "(?:ab)?[0-9]{4}"] {
            let error = of_pattern(wrong).unwrap_err();
            assert!(error.contains("must begin with fixed text"), "{wrong}: {error}");
        }
        assert!(of_pattern("CRM-(").unwrap_err().contains("does not compile"));
    }
}
