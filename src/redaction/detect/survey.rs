//! The survey: one pass over a text that notes every place where a rule may want to look closer.

use super::super::classes::{BASE64, BASE64URL, ByteClass, DIGIT, and, run_end, run_start};
use super::landmarks::{self, LONG_RUN, Visit};
use super::lexicon::{AT_ONCE, Lexicon};

/// What the pass over a text has noted, each list in the order of places.
pub(crate) struct Survey<'t> {
    text: &'t [u8],
    lexicon: &'t Lexicon,
    /// Where words begin that were not looked up yet.
    words: Vec<usize>,
    /// Literals that begin a word: where, and their numbers.
    pub(super) literals: Vec<(usize, u16)>,
    /// Runs of digits that may begin a number of interest.
    pub(super) numbers: Vec<usize>,
    /// Long runs of the characters of base64 in either alphabet.
    pub(crate) long_runs: Vec<(usize, usize)>,
    /// Those of other tokens: without `/` and `+`.
    pub(super) unparted_runs: Vec<(usize, usize)>,
    pub(super) at_signs: Vec<usize>,
    /// Escapes of quoted-printable.
    pub(crate) printable: Vec<usize>,
    pub(super) ipv6: Vec<usize>,
}

/// How many words are noted before they are looked up.
const WORDS: usize = 448;

/// Three numbers of at most three digits with their dots, before the third dot.
const LONGEST_BEFORE_DOT: usize = 11;

/// What IPv4 addresses are made of.
static DOTTED: ByteClass = and(DIGIT, b".");

/// Both alphabets of base64.
static TOKEN_BYTES: ByteClass = and(BASE64, b"-_");

impl<'t> Survey<'t> {
    pub(crate) fn of(text: &'t [u8], tables: &'t super::Tables) -> Self {
        let mut survey = Survey {
            text,
            lexicon: &tables.lexicon,
            words: Vec::new(),
            literals: Vec::new(),
            numbers: Vec::new(),
            long_runs: Vec::new(),
            unparted_runs: Vec::new(),
            at_signs: Vec::new(),
            printable: Vec::new(),
            ipv6: Vec::new(),
        };
        landmarks::walk(text, &mut survey);
        survey.look_up();
        survey
    }

    /// Looks up the words that were noted.
    fn look_up(&mut self) {
        self.words.chunks(AT_ONCE).for_each(|words| self.lexicon.look(self.text, words, &mut self.literals));
        self.words.clear();
    }
}

impl Visit for Survey<'_> {
    #[inline(always)]
    fn words(&mut self, base: usize, mut beginnings: u64) {
        let end = self.words.len() + beginnings.count_ones() as usize;
        // Eight at a time, since how often a loop of single ones ends is anybody's guess; the last ones may be none.
        while beginnings != 0 {
            let mut eight = [0; 8];
            for word in &mut eight {
                *word = base + beginnings.trailing_zeros() as usize;
                beginnings &= beginnings.wrapping_sub(1);
            }
            self.words.extend_from_slice(&eight);
        }
        self.words.truncate(end);
        if end >= WORDS {
            self.look_up();
        }
    }

    fn number(&mut self, start: usize) {
        // Block by block, and within a block kind by kind: its place is near the end.
        let place = self.numbers.iter().rposition(|number| *number <= start).map_or(0, |last| last + 1);
        self.numbers.insert(place, start);
    }

    fn third_dot(&mut self, at: usize) {
        self.number(run_start(self.text, at, &DOTTED, LONGEST_BEFORE_DOT));
    }

    fn long_run(&mut self, at: usize, seen: usize) {
        let start = at + 1 - LONG_RUN;
        self.long_runs.push((start, run_end(self.text, seen, &TOKEN_BYTES, usize::MAX)));
    }

    fn unparted_run(&mut self, at: usize, seen: usize) {
        let start = at + 1 - LONG_RUN;
        self.unparted_runs.push((start, run_end(self.text, seen, &BASE64URL, usize::MAX)));
    }

    fn at_sign(&mut self, at: usize) {
        self.at_signs.push(at);
    }

    fn printable(&mut self, at: usize) {
        if is_printable_escape(self.text, at) {
            self.printable.push(at);
        }
    }

    fn ipv6(&mut self, at: usize) {
        self.ipv6.push(at);
    }
}

/// Whether the two digits behind an equals sign are an escape rather than a number (`max_tokens=4096`): they stand for a
/// sign, or for an at sign before a name, or other escapes stand beside them.
fn is_printable_escape(text: &[u8], at: usize) -> bool {
    let escape = |at: usize| {
        let digit = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
        matches!(text.get(at..at + 3), Some([b'=', high, low]) if digit(high) && digit(low))
    };
    let sign = match (text[at + 1], text[at + 2]) {
        (b'0', low) => matches!(low, b'A' | b'D'),
        (b'4', b'0') => text.get(at + 3).is_some_and(u8::is_ascii_alphabetic),
        (b'2' | b'3' | b'5' | b'7', low) => low.is_ascii_uppercase(),
        _ => false,
    };
    sign || escape(at + 3) || at.checked_sub(3).is_some_and(escape)
}
