//! What a word is when incidents are searched: the same for what is kept in the index and for what people type.
//!
//! A word is a run of letters and digits, in lower case; everything else stands between words. So a search is data and
//! never a language: no sign that somebody types means anything to a database. The reference of an incident is a word
//! besides: who types a whole one means that incident, not all that share its year.

/// Longest part of a word that is kept and compared, in characters.
pub const WORD_MAX: usize = 40;
/// Most words of one search; a search is a few words, not a text.
pub const WORDS_MAX: usize = 12;
/// Shortest word that is also found as the beginning of a longer one. One letter begins nearly everything.
pub const BEGINNING_MIN: usize = 2;

/// How many digits the year and, at least, the number of a reference have: `INC-2026-0001`.
const YEAR_DIGITS: usize = 4;
const NUMBER_DIGITS: usize = 4;
/// What the word of a reference begins with.
const REFERENCE: &str = "inc";

/// The words of a text, in their order, with repetitions; the word of a reference stands after its parts.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    chunks(text).flat_map(|chunk| runs(chunk).chain(reference_word(chunk)))
}

/// What stands between signs other than a hyphen.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-')
}

fn runs(chunk: &str) -> impl Iterator<Item = String> {
    chunk
        .split('-')
        .filter(|run| !run.is_empty())
        .map(|run| run.chars().flat_map(char::to_lowercase).take(WORD_MAX).collect())
}

/// `inc20260001` for `INC-2026-0001`; none for anything else.
fn reference_word(chunk: &str) -> Option<String> {
    let (kind, rest) = chunk.split_once('-')?;
    let (year, number) = rest.split_once('-')?;
    let word = format!("{REFERENCE}{year}{number}");
    (kind.eq_ignore_ascii_case(REFERENCE) && year.len() == YEAR_DIGITS && is_reference_word(&word)).then_some(word)
}

fn is_reference_word(word: &str) -> bool {
    let digits = word.strip_prefix(REFERENCE).unwrap_or_default();
    (YEAR_DIGITS + NUMBER_DIGITS..WORD_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// What somebody searches for: an incident is found that holds all of these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted(Vec<String>);

impl Wanted {
    /// The first words of what was typed, each once. None: there is no letter and no digit in it, so that nothing can
    /// be found by it.
    pub fn typed(text: &str) -> Option<Self> {
        let mut wanted: Vec<String> = Vec::new();
        let typed = chunks(text).flat_map(|chunk| match reference_word(chunk) {
            Some(reference) => vec![reference],
            None => runs(chunk).collect(),
        });
        for word in typed {
            if wanted.len() == WORDS_MAX {
                break;
            }
            if !wanted.contains(&word) {
                wanted.push(word);
            }
        }
        (!wanted.is_empty()).then_some(Self(wanted))
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Is this word also found as the beginning of a longer one? A reference is not: it is whole.
    pub fn may_begin(word: &str) -> bool {
        word.chars().nth(BEGINNING_MIN - 1).is_some() && !is_reference_word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Option<Vec<String>> {
        Wanted::typed(text).map(|wanted| wanted.words().to_vec())
    }

    #[test]
    fn signs_mean_nothing() {
        assert_eq!(typed("\"Mails\" NEAR/2 -twice* (body:x)").unwrap(), ["mails", "near", "2", "twice", "body", "x"]);
        assert_eq!(typed("Größe größe GRÖSSE").unwrap(), ["größe", "grösse"]);
        assert_eq!(typed("\0%_'\\ \u{200b}"), None);
        assert_eq!(typed(""), None);
    }

    #[test]
    fn a_long_text_is_cut() {
        let text: String = (0..5000).map(|n| format!("{n} ")).collect();
        assert_eq!(typed(&text).unwrap().len(), WORDS_MAX);
        assert_eq!(typed(&"a".repeat(10_000)).unwrap(), ["a".repeat(WORD_MAX)]);
    }

    #[test]
    fn a_whole_reference_is_one_word_and_its_parts_are_found_too() {
        assert_eq!(typed("as inc-2026-0001, INC-2026-00012").unwrap(), ["as", "inc20260001", "inc202600012"]);
        assert_eq!(words("See INC-2026-0001.").collect::<Vec<_>>(), ["see", "inc", "2026", "0001", "inc20260001"]);
        assert!(!Wanted::may_begin("inc20260001"), "it finds no other incident");
        for part in ["INC-2026", "INC-2026-01", "INC-26-0001", "INC-2026-0001-2", "-INC-2026-0001"] {
            assert!(typed(part).unwrap().iter().all(|word| !is_reference_word(word)), "{part}");
        }
    }

    #[test]
    fn one_letter_is_a_word_but_no_beginning() {
        assert!(!Wanted::may_begin("ä") && Wanted::may_begin("ab"));
    }
}
