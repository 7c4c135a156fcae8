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
    literals: Vec<Literal>,
}

struct Literal {
    folded: Box<[u8]>,
    /// Its first eight bytes, and which bits of a text's first eight bytes must be the same.
    first: u64,
    mask: u64,
}

impl Literal {
    fn new(folded: Vec<u8>) -> Self {
        let (mut first, mut mask) = (0, 0);
        for (place, byte) in folded.iter().take(8).enumerate() {
            first |= u64::from(byte | FOLD_ONE) << (8 * place);
            mask |= 0xff << (8 * place);
        }
        Literal { folded: folded.into_boxed_slice(), first, mask }
    }
}

/// One bit and one list for each hash.
struct Table {
    bitmap: Vec<u64>,
    lists: Vec<Vec<u16>>,
    slots: Vec<u16>,
}

impl Table {
    fn new() -> Self {
        Table { bitmap: vec![0; 1 << (BITS - 6)], lists: vec![Vec::new()], slots: vec![0; 1 << BITS] }
    }

    fn add(&mut self, hash: usize, literal: u16) {
        self.bitmap[hash >> 6] |= 1 << (hash & 63);
        if self.slots[hash] == 0 {
            self.slots[hash] = self.lists.len() as u16;
            self.lists.push(Vec::new());
        }
        self.lists[self.slots[hash] as usize].push(literal);
    }

    #[inline]
    fn has(&self, hash: usize) -> bool {
        self.bitmap[hash >> 6] >> (hash & 63) & 1 == 1
    }

    fn list(&self, hash: usize) -> &[u16] {
        &self.lists[self.slots[hash] as usize]
    }
}

impl Lexicon {
    /// Of literals of three bytes or more, at most `u16::MAX` of them; a literal's number is its place.
    pub(super) fn new(literals: &[Vec<u8>]) -> Self {
        let mut lexicon = Lexicon { four: Table::new(), three: Table::new(), literals: Vec::new() };
        for (place, literal) in literals.iter().enumerate() {
            let folded = literal.to_ascii_lowercase();
            if let Some(first) = folded.first_chunk::<4>() {
                lexicon.four.add(hash(u32::from_le_bytes(*first) | FOLD_FOUR), place as u16);
            } else if let Some(&[a, b, c]) = folded.first_chunk::<3>() {
                lexicon.three.add(hash(u32::from_le_bytes([a, b, c, 0]) | FOLD_THREE), place as u16);
            }
            lexicon.literals.push(Literal::new(folded));
        }
        lexicon
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
            for place in self.three.list(hash(folded)) {
                self.compare_one(*place, text, at, found);
            }
        }
    }

    fn compare(&self, of_four: usize, of_three: usize, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let lists = [self.four.list(of_four), self.three.list(of_three)];
        let Some(eight) = text[at..].first_chunk::<8>() else {
            lists.into_iter().flatten().for_each(|place| self.compare_one(*place, text, at, found));
            return;
        };
        let here = u64::from_le_bytes(*eight) | FOLD_EIGHT;
        for place in lists.into_iter().flatten() {
            let literal = &self.literals[*place as usize];
            if (here ^ literal.first) & literal.mask == 0 {
                self.compare_one(*place, text, at, found);
            }
        }
    }

    fn compare_one(&self, place: u16, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let literal = &self.literals[place as usize].folded;
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
