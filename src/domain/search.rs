//! What a word is when incidents are searched: the same for what is kept in the index and for what people type.
//!
//! A word is a run of letters and digits, in lower case; everything else stands between words. So a search is data and
//! never a language: no sign that somebody types means anything to a database.

/// Longest part of a word that is kept and compared, in characters.
pub const WORD_MAX: usize = 40;
/// Most words of one search; a search is a few words, not a text.
pub const WORDS_MAX: usize = 12;
/// Shortest word that is also found as the beginning of a longer one. One letter begins nearly everything.
pub const BEGINNING_MIN: usize = 2;

/// The words of a text, in their order, with repetitions.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|run| !run.is_empty())
        .map(|run| run.chars().flat_map(char::to_lowercase).take(WORD_MAX).collect())
}

/// What somebody searches for: an incident is found that holds all of these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted(Vec<String>);

impl Wanted {
    /// The first words of what was typed, each once. None: there is no letter and no digit in it, so that nothing can
    /// be found by it.
    pub fn typed(text: &str) -> Option<Self> {
        let mut wanted: Vec<String> = Vec::new();
        for word in words(text) {
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

    /// Is this word also found as the beginning of a longer one?
    pub fn may_begin(word: &str) -> bool {
        word.chars().nth(BEGINNING_MIN - 1).is_some()
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
        assert_eq!(typed("INC-2026-0001").unwrap(), ["inc", "2026", "0001"]);
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
    fn one_letter_is_a_word_but_no_beginning() {
        assert!(!Wanted::may_begin("ä") && Wanted::may_begin("ab"));
    }
}
