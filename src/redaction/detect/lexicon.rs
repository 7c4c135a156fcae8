//! The lexicon: literals that begin at the start of a word, found by their first three, five or eight bytes.
//!
//! A bitmap answers most questions without touching the lists behind it. For it, case is folded by setting one bit, which
//! maps a few signs onto others; the comparison that follows sorts them out.

use std::ops::Range;

/// Bits of the hash of the first bytes of a literal by which it is looked for: a table has some eighty times as many
/// places as literals, so that few words that begin none are mistaken, and lies in the nearest cache.
const BITS: u32 = 16;

/// Bits of the same hash by which the literals behind it are kept: what holds them stays near.
const ROW_BITS: u32 = 12;

/// One of something in each of eight bytes.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The bit that small letters have and capitals have not.
const FOLD: u64 = 0x20 * EACH;

/// Most words that are looked up at once.
pub(super) const AT_ONCE: usize = 64;

/// Literals with numbers, by the hash of their first bytes: of each the most that it has.
pub(super) struct Lexicon {
    eight: Table<8>,
    five: Table<5>,
    three: Table<3>,
    literals: Vec<Box<[u8]>>,
}

/// A literal as it is compared first.
#[derive(Clone, Copy)]
struct Entry {
    /// Its first sixteen bytes, and which bits of a text's first sixteen bytes must be the same.
    first: u64,
    second: u64,
    mask: u64,
    second_mask: u64,
    /// Its number.
    place: u16,
}

/// One bit and one row of entries for each hash of so many first bytes.
struct Table<const HEAD: usize> {
    bitmap: Box<[u64; 1 << (BITS - 6)]>,
    /// Where the row of each hash (its first bits) begins in `entries`; it ends where the next one begins.
    rows: Vec<u16>,
    entries: Vec<Entry>,
}

impl<const HEAD: usize> Table<HEAD> {
    fn new(entries: impl Iterator<Item = Entry>) -> Self {
        let mut entries: Vec<(usize, Entry)> = entries.map(|entry| (Self::hash(entry.first | FOLD), entry)).collect();
        entries.sort_by_key(|(hash, _)| *hash);
        let rows = vec![0; (1 << ROW_BITS) + 1];
        let mut table =
            Table { bitmap: Box::new([0; 1 << (BITS - 6)]), rows, entries: Vec::with_capacity(entries.len()) };
        for (hash, entry) in entries {
            table.bitmap[hash >> 6] |= 1 << (hash & 63);
            table.rows[row_of(hash) + 1] += 1;
            table.entries.push(entry);
        }
        for row in 0..1 << ROW_BITS {
            table.rows[row + 1] += table.rows[row];
        }
        table
    }

    #[inline(always)]
    fn hash(folded: u64) -> usize {
        ((folded & bits_of(HEAD)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
    }

    #[inline(always)]
    fn has(&self, folded: u64) -> bool {
        let hash = Self::hash(folded);
        self.bitmap[hash >> 6] >> (hash & 63) & 1 == 1
    }

    fn row(&self, folded: u64) -> &[Entry] {
        if !self.has(folded) {
            return &[];
        }
        let row = row_of(Self::hash(folded));
        &self.entries[usize::from(self.rows[row])..usize::from(self.rows[row + 1])]
    }
}

impl Lexicon {
    /// Of literals of three bytes or more, at most `u16::MAX` of them; a literal's number is its place.
    pub(super) fn new(literals: &[Vec<u8>]) -> Self {
        let literals: Vec<Box<[u8]>> =
            literals.iter().map(|literal| literal.to_ascii_lowercase().into_boxed_slice()).collect();
        let of_length = |lengths: Range<usize>| {
            literals.iter().enumerate().filter(move |(_, literal)| lengths.contains(&literal.len())).map(
                |(place, literal)| Entry {
                    first: eight(literal, 0),
                    second: literal.get(8..).map_or(0, |rest| eight(rest, 0)),
                    mask: bits_of(literal.len()),
                    second_mask: bits_of(literal.len().saturating_sub(8)),
                    place: place as u16,
                },
            )
        };
        let (eight, five, three) =
            (Table::new(of_length(8..usize::MAX)), Table::new(of_length(5..8)), Table::new(of_length(3..5)));
        Lexicon { eight, five, three, literals }
    }

    /// Adds each literal that stands at one of the `words` (at most [`AT_ONCE`]) to `found`: its place and number, in this
    /// order.
    pub(super) fn look(&self, text: &[u8], words: &[usize], found: &mut Vec<(usize, u16)>) {
        // All are asked about before one is compared: the answers come as they may, and nothing waits for them.
        let mut likely = [0; AT_ONCE];
        let mut count = 0;
        for at in words.iter().copied().take(AT_ONCE) {
            let folded = eight(text, at) | FOLD;
            likely[count] = at;
            count += usize::from(self.eight.has(folded) | self.five.has(folded) | self.three.has(folded));
        }
        likely[..count].iter().for_each(|at| self.compare(text, *at, found));
    }

    /// Length of a literal, in bytes.
    pub(super) fn length(&self, number: u16) -> usize {
        self.literals[usize::from(number)].len()
    }

    /// Whether what a literal has behind its first sixteen bytes stands in `text`, which begins with these.
    #[cold]
    fn goes_on(&self, entry: &Entry, text: &[u8]) -> bool {
        let literal = &self.literals[usize::from(entry.place)];
        text.get(16..literal.len()).is_some_and(|there| there.eq_ignore_ascii_case(&literal[16..]))
    }

    fn compare(&self, text: &[u8], at: usize, found: &mut Vec<(usize, u16)>) {
        let here = eight(text, at);
        let folded = here | FOLD;
        let (first, second) = (lower_case(here), lower_case(text.get(at + 8..).map_or(0, |rest| eight(rest, 0))));
        let before = found.len();
        for row in [self.eight.row(folded), self.five.row(folded), self.three.row(folded)] {
            for entry in row {
                let differs = (first ^ entry.first) & entry.mask | (second ^ entry.second) & entry.second_mask;
                if differs == 0 && (entry.second_mask != u64::MAX || self.goes_on(entry, &text[at..])) {
                    found.push((at, entry.place));
                }
            }
        }
        if found.len() > before + 1 {
            found[before..].sort_unstable();
        }
    }
}

/// Eight bytes of a text; zeros stand for those behind its end.
#[inline(always)]
fn eight(text: &[u8], at: usize) -> u64 {
    match text[at..].first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => less_than_eight(&text[at..]),
    }
}

#[cold]
fn less_than_eight(text: &[u8]) -> u64 {
    text.iter().rev().fold(0, |eight, byte| eight << 8 | u64::from(*byte))
}

/// The bits of so many first bytes of eight.
const fn bits_of(bytes: usize) -> u64 {
    if bytes < 8 { (1 << (8 * bytes)) - 1 } else { u64::MAX }
}

/// Eight bytes with small letters for capitals.
fn lower_case(eight: u64) -> u64 {
    // Without their highest bits, so that no sum reaches into the next byte.
    let low = eight & (0x7f * EACH);
    let from_a = low + (0x80 - u64::from(b'A')) * EACH;
    let past_z = low + (0x7f - u64::from(b'Z')) * EACH;
    eight | (from_a & !past_z & !eight & (0x80 * EACH)) >> 2
}

fn row_of(hash: usize) -> usize {
    hash >> (BITS - ROW_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_where_they_stand_in_any_case() {
        let lexicon = Lexicon::new(&[b"password".to_vec(), b"pwd".to_vec(), b"pass_key".to_vec(), b"sk-".to_vec()]);
        let found = |text: &str, at: usize| {
            let mut out = Vec::new();
            lexicon.look(text.as_bytes(), &[at], &mut out);
            out.into_iter().map(|(_, number)| (number, lexicon.length(number))).collect::<Vec<_>>()
        };
        assert_eq!(found("my PassWord", 3), [(0, 8)]);
        assert_eq!(found("PWD", 0), [(1, 3)]);
        assert_eq!(found("pass_key=", 0), [(2, 8)]);
        assert_eq!(found("sk-x", 0), [(3, 3)]);
        assert!(found("passport", 0).is_empty());
        assert!(found("pa", 0).is_empty());
        assert_eq!(found("PWD", 0), found("xxxxxxxPWD", 7));
        assert!(found("[wd", 0).is_empty() && found("pass\u{3f}key", 0).is_empty() && found("\0\0", 0).is_empty());
    }

    #[test]
    fn capitals_and_nothing_else_become_small() {
        for byte in 0..=255_u8 {
            let eight = u64::from_le_bytes([byte, b'Q', byte, 0xff, byte, b'q', byte, 0]);
            let small = byte.to_ascii_lowercase();
            assert_eq!(lower_case(eight).to_le_bytes(), [small, b'q', small, 0xff, small, b'q', small, 0]);
        }
    }
}
