//! Looks for known values in a text, and takes in new ones at any time.
//!
//! Every value is at least six bytes long, so any place where it stands holds one of its first three groups of four
//! bytes at a position that three divides; where all values are longer, fewer positions do. Only those are looked at: a
//! bitmap says whether a group belongs to any value; behind it, the first six bytes lead to the few values that begin
//! so. Adding a value costs nothing but its own entries, which is what a stream needs that learns as it goes.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use zeroize::Zeroize;

use super::classes::ALNUM;
use super::detect::Hit;
use super::known::{KNOWN_VALUE, KnownValues, may_be_removed_blindly};
use super::placeholder::touches_placeholder;
use super::rules::Rules;

/// Bytes by which a value is found: shorter ones are not removed blindly.
const HEAD: usize = 6;

/// Only every so many positions are looked at, when the shortest value has six bytes.
const SHORTEST_STRIDE: usize = HEAD - GROUP + 1;

/// The same when all values are long: more groups of each would fill the bitmap.
const LONGEST_STRIDE: usize = 6;

/// Bytes that are looked at together.
const GROUP: usize = 4;

/// How many groups are asked about in one go.
const ROW: usize = 4;

/// Fewest and most bits of the hash of a group of bytes: the bitmaps of a few values lie in the nearest cache, and those
/// of many still answer most questions.
const FEWEST_BITS: u32 = 14;
const MOST_BITS: u32 = 22;

/// How many bits of a bitmap there are for each value.
const BITS_FOR_EACH: usize = 128;

/// How many different lengths values that begin with the same six bytes may have: a bound on the work at one place.
const LENGTHS_MAX: usize = 64;

/// How many values one stream remembers: the memory of a stream is constant. Past it only rules find values.
pub(crate) const STREAM_VALUES_MAX: usize = 8 * 1024;

/// Values, each with the index of its rule.
#[derive(Default)]
pub(crate) struct KnownSearch {
    /// Bits of the hashes.
    bits: u32,
    /// How far the positions are apart that are looked at: whatever the shortest value allows.
    stride: usize,
    bitmap: Vec<u64>,
    /// The same for the first six bytes, asked before the map.
    head_bitmap: Vec<u64>,
    /// The lengths of the values that begin with these six bytes, the longest first.
    heads: HashMap<[u8; HEAD], Vec<usize>, Seed>,
    by_value: HashMap<Vec<u8>, usize, Seed>,
    values: Vec<Value>,
}

struct Value {
    rule: usize,
    /// What must not stand beside it.
    alone: Alone,
}

/// What must not stand beside a value, because it would be another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// A word: `Rosemarie` does not remove part of `Rosemariental`.
    Word,
    /// Digits and signs: `81.2.69.16` does not remove part of `81.2.69.160`.
    Number,
    Anything,
}

impl KnownSearch {
    /// All values of a set, whatever its size.
    pub(crate) fn from_known(known: &KnownValues, rules: &Rules) -> Self {
        let fallback = rules.by_id.get(KNOWN_VALUE).copied().unwrap_or_default();
        let mut search = KnownSearch::default();
        for (value, rule) in known.iter() {
            search.add(value, rules.by_id.get(rule).copied().unwrap_or(fallback));
        }
        search
    }

    /// Adds a value of a stream; false when it is there already, must not be removed blindly, or there are too many.
    pub(crate) fn insert(&mut self, value: &[u8], rule: usize) -> bool {
        let value = value.trim_ascii();
        self.values.len() < STREAM_VALUES_MAX
            && !self.by_value.contains_key(value)
            && may_be_removed_blindly(value)
            && self.add(value, rule)
    }

    fn add(&mut self, value: &[u8], rule: usize) -> bool {
        let Some(head) = value.first_chunk::<HEAD>() else { return false };
        if self.by_value.contains_key(value) {
            return false;
        }
        let lengths = self.heads.entry(*head).or_default();
        if !lengths.contains(&value.len()) {
            if lengths.len() >= LENGTHS_MAX {
                return false;
            }
            // Of two values that begin alike, the longer one goes.
            let at = lengths.partition_point(|length| *length > value.len());
            lengths.insert(at, value.len());
        }
        let wanted = (self.values.len() * BITS_FOR_EACH + 1).next_power_of_two().ilog2().clamp(FEWEST_BITS, MOST_BITS);
        if wanted > self.bits {
            self.grow(wanted);
        }
        let allowed = (value.len() - GROUP + 1).clamp(SHORTEST_STRIDE, LONGEST_STRIDE);
        self.stride = if self.values.is_empty() { allowed } else { self.stride.min(allowed) };
        self.mark(value);
        let alone = if value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) {
            Alone::Word
        } else if !value.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) {
            Alone::Number
        } else {
            Alone::Anything
        };
        self.by_value.insert(value.to_vec(), self.values.len());
        self.values.push(Value { rule, alone });
        true
    }

    /// Makes the bitmaps larger, with all values in them.
    fn grow(&mut self, bits: u32) {
        // In steps of four times, so that values are marked anew seldom.
        self.bits = (bits + bits % 2).min(MOST_BITS);
        self.bitmap = vec![0; 1 << (self.bits - 6)];
        self.head_bitmap = vec![0; 1 << (self.bits - 6)];
        let values = std::mem::take(&mut self.by_value);
        values.keys().for_each(|value| self.mark(value));
        self.by_value = values;
    }

    /// Notes in the bitmaps where a value can be noticed.
    fn mark(&mut self, value: &[u8]) {
        if let Some(head) = value.first_chunk::<HEAD>() {
            let place = hash_head(*head, self.bits);
            self.head_bitmap[place >> 6] |= 1 << (place & 63);
        }
        for shift in 0..self.stride.max(SHORTEST_STRIDE) {
            if let Some(group) = value.get(shift..).and_then(<[u8]>::first_chunk::<GROUP>) {
                let hash = hash(*group, self.bits);
                self.bitmap[hash >> 6] |= 1 << (hash & 63);
            }
        }
    }

    /// Adds every place of every value.
    pub(crate) fn search(&self, text: &[u8], hits: &mut Vec<Hit>) {
        if self.values.is_empty() {
            return;
        }
        let mut done = 0;
        let mut at = 0;
        loop {
            // Most places hold no group of a value: several are asked about before anything hangs on an answer.
            while let Some(row) = text.get(at..at + (ROW - 1) * self.stride + GROUP)
                && !(0..ROW).fold(false, |any, place| any | self.may_hold(&row[place * self.stride..]))
            {
                at += ROW * self.stride;
            }
            let Some(rest) = text.get(at..).filter(|rest| rest.len() >= GROUP) else { break };
            if self.may_hold(rest) {
                let earliest = at.saturating_sub(self.stride - 1).max(done);
                for start in earliest..=at {
                    if let Some(end) = self.value_at(text, start, hits) {
                        done = end;
                        break;
                    }
                }
            }
            at += self.stride;
        }
    }

    /// Whether a group of bytes with which a value can be noticed may stand at the beginning of `text`.
    #[inline(always)]
    fn may_hold(&self, text: &[u8]) -> bool {
        let Some(group) = text.first_chunk::<GROUP>() else { return false };
        let hash = hash(*group, self.bits);
        self.bitmap[hash >> 6] >> (hash & 63) & 1 == 1
    }

    /// The end of the value that begins at `start`, which is added.
    fn value_at(&self, text: &[u8], start: usize, hits: &mut Vec<Hit>) -> Option<usize> {
        let head = text[start..].first_chunk::<HEAD>()?;
        let place = hash_head(*head, self.bits);
        if self.head_bitmap[place >> 6] >> (place & 63) & 1 == 0 {
            return None;
        }
        for length in self.heads.get(head)? {
            let end = start + length;
            let Some(place) = text.get(start..end).and_then(|here| self.by_value.get(here)) else { continue };
            let value = &self.values[*place];
            if !glued(text, start, end, value.alone) && !touches_placeholder(text, start, end) {
                hits.push(Hit::plain(start, end, value.rule, ""));
                return Some(end);
            }
        }
        None
    }
}

/// Begins a fast hash for what is looked up at many places, with a number that is drawn for each search: who writes the text
/// cannot make its values collide.
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Seed(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Seed {
    type Hasher = Mixer;

    fn build_hasher(&self) -> Mixer {
        Mixer(self.0)
    }
}

struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            self.write_u64(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // Both halves of the product, so that each bit of the word counts in each bit of the hash.
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

impl Drop for KnownSearch {
    fn drop(&mut self) {
        for (mut value, _) in self.by_value.drain() {
            value.zeroize();
        }
    }
}

#[inline]
fn hash_head([a, b, c, d, e, f]: [u8; HEAD], bits: u32) -> usize {
    let value = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
    (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - bits)) as usize
}

#[inline]
fn hash(group: [u8; 4], bits: u32) -> usize {
    (u32::from_le_bytes(group).wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

fn glued(text: &[u8], start: usize, end: usize, alone: Alone) -> bool {
    let goes_on: fn(u8) -> bool = match alone {
        Alone::Anything => return false,
        Alone::Word => |byte| ALNUM[byte as usize],
        Alone::Number => |byte| byte.is_ascii_digit(),
    };
    start > 0 && goes_on(text[start - 1]) || text.get(end).is_some_and(|byte| goes_on(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_however_many_there_are() {
        let mut search = KnownSearch::default();
        let values: Vec<String> = (0..3000).map(|number| format!("gr{number}n-lantern{}", number * 7)).collect();
        assert!(values.iter().all(|value| search.insert(value.as_bytes(), 1)));
        let mut hits = Vec::new();
        search.search(values.join(" ").as_bytes(), &mut hits);
        assert_eq!(hits.len(), values.len());
    }

    #[test]
    fn placeholders_stay_whole() {
        let mut search = KnownSearch::default();
        assert!(search.insert(b"[password:", 1) && search.insert(b"gr33n[pass", 1));
        let mut hits = Vec::new();
        search.search(b"[password:abcdef] gr33n[password:abcdef] [password:?", &mut hits);
        assert_eq!(hits.iter().map(|hit| hit.start).collect::<Vec<_>>(), [41]);
    }

    #[test]
    fn a_number_inside_another_is_another() {
        let mut search = KnownSearch::default();
        assert!(search.insert(b"81.2.69.16", 1));
        let mut hits = Vec::new();
        search.search(b"181.2.69.16 81.2.69.160 log-81.2.69.16.txt v81.2.69.16", &mut hits);
        assert_eq!(hits.iter().map(|hit| hit.start).collect::<Vec<_>>(), [28, 44]);
    }

    #[test]
    fn values_are_found_at_every_place() {
        let mut search = KnownSearch::default();
        assert!(search.insert(b"gr33n-lantern", 1));
        assert!(search.insert(b"gr33n-lantern-7", 2));
        assert!(!search.insert(b"gr33n-lantern", 1));
        for shift in 0..7 {
            let text = format!("{}gr33n-lantern gr33n-lantern-7gr33n-lantern", "x".repeat(shift));
            let mut hits = Vec::new();
            search.search(text.as_bytes(), &mut hits);
            let found: Vec<(usize, usize)> = hits.iter().map(|hit| (hit.start - shift, hit.rule)).collect();
            assert_eq!(found, [(0, 1), (14, 2), (29, 1)]);
        }
        // A shorter value brings the positions closer together.
        assert_eq!(search.stride, LONGEST_STRIDE);
        assert!(search.insert(b"gr4pes", 3));
        assert_eq!(search.stride, SHORTEST_STRIDE);
        for shift in 0..7 {
            let text = format!("{}gr4pes gr33n-lanterngr4pes", "x".repeat(shift));
            let mut hits = Vec::new();
            search.search(text.as_bytes(), &mut hits);
            let found: Vec<(usize, usize)> = hits.iter().map(|hit| (hit.start - shift, hit.rule)).collect();
            assert_eq!(found, [(0, 3), (7, 1), (20, 3)]);
        }
    }
}
