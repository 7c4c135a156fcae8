//! The lexicon: literals that begin at the start of a word, found by their first three or four bytes.
//!
//! A bitmap answers most questions without touching the lists behind it. Case is folded by setting one bit, which maps
//! a few signs onto others; the comparison that follows sorts them out.

/// Bits of the hash of the first bytes of a literal.
const BITS: u32 = 15;

/// The bit that small letters have and capitals have not, in one, eight, four and three bytes.
const FOLD_ONE: u8 = 0x20;
const FOLD_EIGHT: u64 = 0x2020_2020_2020_2020;
const FOLD_FOUR: u32 = 0x2020_2020;
const FOLD_THREE: u32 = 0x0020_2020;

/// Literals with numbers, by the hash of their first bytes.
pub(super) struct Lexicon {
    four: Table,
    three: Table,
    literals: Vec<Box<[u8]>>,
}

/// A literal as it is compared first.
#[derive(Clone, Copy)]
struct Entry {
    /// Its first eight bytes, and which bits of a text's first eight bytes must be the same.
    first: u64,
    mask: u64,
    /// Its number.
    place: u16,
}

impl Entry {
    fn new(folded: &[u8], place: u16) -> Self {
        let (mut first, mut mask) = (0, 0);
        for (place, byte) in folded.iter().take(8).enumerate() {
            first |= u64::from(byte | FOLD_ONE) << (8 * place);
            mask |= 0xff << (8 * place);
        }
        Entry { first, mask, place }
    }
}

/// One bit and one row of entries for each hash.
struct Table {
    bitmap: Vec<u64>,
    /// Where the row of each hash begins in `entries`; it ends where the next one begins.
    rows: Vec<u16>,
    entries: Vec<Entry>,
}

impl Table {
    fn new(mut entries: Vec<(usize, Entry)>) -> Self {
        entries.sort_by_key(|(hash, _)| *hash);
        let mut table = Table { bitmap: vec![0; 1 << (BITS - 6)], rows: vec![0; (1 << BITS) + 1], entries: Vec::new() };
        for (hash, entry) in entries {
            table.bitmap[hash >> 6] |= 1 << (hash & 63);
            table.rows[hash + 1] += 1;
            table.entries.push(entry);
        }
        for hash in 0..1 << BITS {
            table.rows[hash + 1] += table.rows[hash];
        }
        table
    }

    #[inline]
    fn has(&self, hash: usize) -> bool {
        self.bitmap[hash >> 6] >> (hash & 63) & 1 == 1
    }

    #[inline]
    fn row(&self, hash: usize) -> &[Entry] {
        &self.entries[usize::from(self.rows[hash])..usize::from(self.rows[hash + 1])]
    }
}

impl Lexicon {
    /// Of literals of three bytes or more, at most `u16::MAX` of them; a literal's number is its place.
    pub(super) fn new(literals: &[Vec<u8>]) -> Self {
        let (mut four, mut three) = (Vec::new(), Vec::new());
        let literals: Vec<Box<[u8]>> =
            literals.iter().map(|literal| literal.to_ascii_lowercase().into_boxed_slice()).collect();
        for (place, folded) in literals.iter().enumerate() {
            let entry = Entry::new(folded, place as u16);
            if let Some(first) = folded.first_chunk::<4>() {
                four.push((hash(u32::from_le_bytes(*first) | FOLD_FOUR), entry));
            } else if let Some(&[a, b, c]) = folded.first_chunk::<3>() {
                three.push((hash(u32::from_le_bytes([a, b, c, 0]) | FOLD_THREE), entry));
            }
        }
        Lexicon { four: Table::new(four), three: Table::new(three), literals }
    }

    /// Calls `found` with the number and length of each literal that stands at `at`.
    #[inline]
    pub(super) fn look(&self, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let Some(four) = text[at..].first_chunk::<4>() else {
            return self.look_near_end(text, at, found);
        };
        let folded = u32::from_le_bytes(*four) | FOLD_FOUR;
        let (of_four, of_three) = (hash(folded), hash(folded & 0x00ff_ffff));
        if self.four.has(of_four) | self.three.has(of_three) {
            self.compare(of_four, of_three, text, at, found);
        }
    }

    #[cold]
    fn look_near_end(&self, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        if let Some(&[a, b, c]) = text[at..].first_chunk::<3>() {
            let folded = u32::from_le_bytes([a, b, c, 0]) | FOLD_THREE;
            for entry in self.three.row(hash(folded)) {
                self.compare_one(entry.place, text, at, found);
            }
        }
    }

    fn compare(&self, of_four: usize, of_three: usize, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let rows = [self.four.row(of_four), self.three.row(of_three)];
        let Some(eight) = text[at..].first_chunk::<8>() else {
            rows.into_iter().flatten().for_each(|entry| self.compare_one(entry.place, text, at, found));
            return;
        };
        let here = u64::from_le_bytes(*eight) | FOLD_EIGHT;
        for entry in rows.into_iter().flatten() {
            if (here ^ entry.first) & entry.mask == 0 {
                self.compare_one(entry.place, text, at, found);
            }
        }
    }

    fn compare_one(&self, place: u16, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let literal = &self.literals[place as usize];
        if text.get(at..at + literal.len()).is_some_and(|here| here.eq_ignore_ascii_case(literal)) {
            found(place as usize, literal.len());
        }
    }
}

#[inline]
fn hash(folded: u32) -> usize {
    (folded.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_where_they_stand_in_any_case() {
        let lexicon = Lexicon::new(&[b"password".to_vec(), b"pwd".to_vec(), b"pass_key".to_vec(), b"sk-".to_vec()]);
        let found = |text: &str, at: usize| {
            let mut out = Vec::new();
            lexicon.look(text.as_bytes(), at, &mut |place, length| out.push((place, length)));
            out
        };
        assert_eq!(found("my PassWord", 3), [(0, 8)]);
        assert_eq!(found("PWD", 0), [(1, 3)]);
        assert_eq!(found("pass_key=", 0), [(2, 8)]);
        assert_eq!(found("sk-x", 0), [(3, 3)]);
        assert!(found("passport", 0).is_empty());
        assert!(found("pa", 0).is_empty());
    }
}
