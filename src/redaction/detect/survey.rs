//! The survey: one pass over a text that notes every place where a rule may want to look closer.

use super::super::classes::{BASE64, BASE64URL, ByteClass, DIGIT, run_end, run_start};
use super::landmarks::{self, LONG_RUN, Visit};
use super::lexicon::Lexicon;

/// What the pass over a text has noted, each list in the order of places.
pub(crate) struct Survey<'t> {
    text: &'t [u8],
    lexicon: &'t Lexicon,
    /// Literals that begin a word: number, start and length.
    pub(super) literals: Vec<(usize, usize, usize)>,
    /// Runs of digits that may begin a number of interest.
    pub(super) numbers: Vec<usize>,
    /// Long runs of the characters of base64 in either alphabet.
    pub(crate) long_runs: Vec<(usize, usize)>,
    pub(super) at_signs: Vec<usize>,
    pub(super) ipv6: Vec<usize>,
}

/// Three numbers of at most three digits with their dots, before the third dot.
const LONGEST_BEFORE_DOT: usize = 11;

/// What IPv4 addresses are made of.
static DOTTED: ByteClass = {
    let mut table = DIGIT;
    table[b'.' as usize] = true;
    table
};

/// Both alphabets of base64.
static TOKEN_BYTES: ByteClass = {
    let mut table = BASE64;
    let mut byte = 0;
    while byte < 256 {
        table[byte] = BASE64[byte] || BASE64URL[byte];
        byte += 1;
    }
    table
};

impl<'t> Survey<'t> {
    pub(crate) fn of(text: &'t [u8], tables: &'t super::Tables) -> Self {
        let mut survey = Survey {
            text,
            lexicon: &tables.lexicon,
            literals: Vec::new(),
            numbers: Vec::new(),
            long_runs: Vec::new(),
            at_signs: Vec::new(),
            ipv6: Vec::new(),
        };
        landmarks::walk(text, &mut survey);
        survey.numbers.sort_unstable();
        survey
    }
}

impl Visit for Survey<'_> {
    #[inline]
    fn word(&mut self, at: usize) {
        let literals = &mut self.literals;
        self.lexicon.look(self.text, at, &mut |literal, length| literals.push((literal, at, length)));
    }

    fn number(&mut self, start: usize) {
        self.numbers.push(start);
    }

    fn third_dot(&mut self, at: usize) {
        self.numbers.push(run_start(self.text, at, &DOTTED, LONGEST_BEFORE_DOT));
    }

    fn long_run(&mut self, at: usize) {
        let start = at + 1 - LONG_RUN;
        self.long_runs.push((start, run_end(self.text, at + 1, &TOKEN_BYTES, usize::MAX)));
    }

    fn at_sign(&mut self, at: usize) {
        self.at_signs.push(at);
    }

    fn ipv6(&mut self, at: usize) {
        self.ipv6.push(at);
    }
}
