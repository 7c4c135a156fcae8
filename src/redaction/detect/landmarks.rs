//! Landmarks: where words, numbers, long runs and addresses can begin, sixty-four bytes at a time.
//!
//! Almost every rule begins at the start of a word, and every number at the start of a run of digits. Comparing whole
//! blocks at once and then walking over the set bits is several times faster than asking about each byte.

use super::masks::{BLOCK, Masks, Seam};

/// Shortest run of token characters that is a landmark, in bytes.
pub(crate) const LONG_RUN: usize = 16;

/// Shortest run of hexadecimal digits and colons that can be an IPv6 address without `::`.
const FULL_IPV6: u32 = 15;

/// Shortest card number, in digits.
const CARD: u32 = 13;

/// Who hears of landmarks.
pub(crate) trait Visit {
    /// One bit for each byte of the block at `base` at which a word begins: a letter or digit after something else, or a
    /// capital after a small letter. Most of those that begin with two digits are left out: times and numbers are half of a
    /// log.
    fn words(&mut self, base: usize, beginnings: u64);
    /// A number that may be of interest begins.
    fn number(&mut self, start: usize);
    /// The third dot of what may be an IPv4 address.
    fn third_dot(&mut self, at: usize);
    /// A run of token characters has reached [`LONG_RUN`] bytes at `at`, and goes on to `seen` at least. Told once for each
    /// run.
    fn long_run(&mut self, at: usize, seen: usize);
    /// The same for a run without `+` and `/`.
    fn unparted_run(&mut self, at: usize, seen: usize);
    /// An at sign.
    fn at_sign(&mut self, at: usize);
    /// An equals sign before two hexadecimal digits in capitals, as quoted-printable writes them.
    fn printable(&mut self, at: usize);
    /// `::`, or a long run of hexadecimal digits and colons, which has been seen up to `at`.
    fn ipv6(&mut self, at: usize);
}

/// Tells `visit` of every landmark in `text`, in the order of blocks.
pub(crate) fn walk(text: &[u8], visit: &mut impl Visit) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("bmi1") && std::is_x86_feature_detected!("bmi2") {
        if std::is_x86_feature_detected!("avx512bw") {
            // SAFETY: the machine has what it is compiled for, asked just now.
            return unsafe { walk_with_avx512(text, visit) };
        }
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the same.
            return unsafe { walk_with_avx2(text, visit) };
        }
    }
    walk_blocks(text, visit, Masks::of);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,bmi1,bmi2")]
fn walk_with_avx512(text: &[u8], visit: &mut impl Visit) {
    walk_blocks(text, visit, |block| Masks::with_avx512(block));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn walk_with_avx2(text: &[u8], visit: &mut impl Visit) {
    walk_blocks(text, visit, |block| Masks::with_avx2(block));
}

#[inline(always)]
fn walk_blocks(text: &[u8], visit: &mut impl Visit, masks_of: impl Fn(&[u8; BLOCK]) -> Masks) {
    let mut before = Masks::default();
    let mut base = 0;
    for block in text.chunks(BLOCK) {
        let mut padded = [0; BLOCK];
        let whole = match block.first_chunk::<BLOCK>() {
            Some(whole) => whole,
            None => {
                padded[..block.len()].copy_from_slice(block);
                &padded
            }
        };
        // One call: with two of them the compiler joins what follows byte by byte.
        let masks = masks_of(whole);
        let alnum = Seam::of(before.lower | before.upper | before.digit, masks.lower | masks.upper | masks.digit);
        let capitals = Seam::of(before.lower, masks.lower).later(1).block() & masks.upper;
        let numbers = masks.digit & masks.digit >> 1;
        visit.words(base, (alnum.beginnings() | capitals) & !numbers);
        let seldom = Seldom::of(&before, &masks);
        if seldom.any() {
            seldom.tell(base, visit);
        }
        before = masks;
        base += BLOCK;
    }
}

/// What most blocks have not.
struct Seldom {
    token: u64,
    unparted: u64,
    long_runs: u64,
    unparted_runs: u64,
    at_signs: u64,
    /// The second digit behind an equals sign.
    printable: u64,
    ipv6: u64,
    /// Numbers by where they are noticed: the first digit (behind a sign, or behind two capitals as in an IBAN), the third
    /// dot of an address, the hyphen behind three digits, the fourth digit of a second group, the thirteenth digit of a run.
    opened: u64,
    dotted: u64,
    hyphened: u64,
    grouped: u64,
    long_numbers: u64,
}

impl Seldom {
    #[inline(always)]
    fn of(before: &Masks, masks: &Masks) -> Self {
        let digit = Seam::of(before.digit, masks.digit);
        let dot = Seam::of(before.dot, masks.dot);
        let hyphen = Seam::of(before.hyphen, masks.hyphen);
        let colon = Seam::of(before.colon, masks.colon);
        // Dots with a digit before them, two to four bytes behind each other.
        let dots = dot.and(digit.later(1));
        let next = |dots: Seam| dots.later(2).or(dots.later(3)).or(dots.later(4));
        let upper = Seam::of(before.upper, masks.upper);
        let opening = Seam::of(before.opening, masks.opening).or(upper.and(upper.later(1)));
        let four = digit.runs(4);
        let parted = hyphen.or(Seam::of(before.blank, masks.blank)).and(four.later(1));
        let exactly_three = digit.runs(3).and(digit.later(3).not());
        let capital_hex = |masks: &Masks| masks.hex_colon & !masks.colon & !masks.lower;
        let hex = Seam::of(capital_hex(before), capital_hex(masks));
        let equals = Seam::of(before.equals, masks.equals);
        let unparted = Seam::of(before.token & !before.parting, masks.token & !masks.parting);
        let full_ipv6 = Seam::of(before.hex_colon, masks.hex_colon).runs(FULL_IPV6);
        Seldom {
            token: masks.token,
            unparted: masks.token & !masks.parting,
            long_runs: Seam::of(before.token, masks.token).runs(LONG_RUN as u32).beginnings(),
            unparted_runs: unparted.runs(LONG_RUN as u32).beginnings(),
            at_signs: masks.at_sign,
            printable: equals.later(2).and(hex.later(1)).and(hex).block(),
            ipv6: colon.and(colon.later(1)).block() | full_ipv6.beginnings(),
            opened: digit.and(opening.later(1)).block(),
            dotted: dots.and(next(dots.and(next(dots)))).block(),
            hyphened: hyphen.and(exactly_three.later(1)).block(),
            grouped: four.and(parted.later(4)).block(),
            long_numbers: digit.runs(CARD).beginnings(),
        }
    }

    #[inline(always)]
    fn any(&self) -> bool {
        self.long_runs
            | self.unparted_runs
            | self.at_signs
            | self.printable
            | self.ipv6
            | self.opened
            | self.dotted
            | self.hyphened
            | self.grouped
            | self.long_numbers
            != 0
    }

    fn tell(&self, base: usize, visit: &mut impl Visit) {
        let seen = |run: u64, bit: usize| base + bit + (!(run >> bit)).trailing_zeros() as usize;
        each(self.long_runs, |bit| visit.long_run(base + bit, seen(self.token, bit)));
        each(self.unparted_runs, |bit| visit.unparted_run(base + bit, seen(self.unparted, bit)));
        each(self.at_signs, |bit| visit.at_sign(base + bit));
        each(self.printable, |bit| visit.printable(base + bit - 2));
        each(self.ipv6, |bit| visit.ipv6(base + bit));
        each(self.opened, |bit| visit.number(base + bit));
        each(self.dotted, |bit| visit.third_dot(base + bit));
        each(self.hyphened, |bit| visit.number(base + bit - 3));
        each(self.grouped, |bit| visit.number(base + bit - 8));
        each(self.long_numbers, |bit| visit.number(base + bit + 1 - CARD as usize));
    }
}

#[inline(always)]
fn each(mut mask: u64, mut found: impl FnMut(usize)) {
    while mask != 0 {
        found(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen {
        words: Vec<usize>,
        numbers: Vec<usize>,
        long: Vec<usize>,
        unparted: Vec<usize>,
        ats: Vec<usize>,
        printable: Vec<usize>,
        ipv6: Vec<usize>,
    }

    impl Visit for Seen {
        fn words(&mut self, base: usize, beginnings: u64) {
            each(beginnings, |bit| self.words.push(base + bit));
        }
        fn number(&mut self, start: usize) {
            self.numbers.push(start);
        }
        fn third_dot(&mut self, at: usize) {
            self.numbers.push(at);
        }
        fn long_run(&mut self, at: usize, seen: usize) {
            assert!(at < seen);
            self.long.push(at);
        }
        fn unparted_run(&mut self, at: usize, seen: usize) {
            assert!(at < seen);
            self.unparted.push(at);
        }
        fn at_sign(&mut self, at: usize) {
            self.ats.push(at);
        }
        fn printable(&mut self, at: usize) {
            self.printable.push(at);
        }
        fn ipv6(&mut self, at: usize) {
            self.ipv6.push(at);
        }
    }

    #[test]
    fn landmarks_are_found_across_blocks() {
        let text = format!(
            "{}dbPassword = a1b22 {}9.9 x@y {} 2001:db8:0:0:0:0:0:1 :: 10.11.12.13 +49 415-5 4111 1111 1234567890123 a=3Db=3db=4 /path/to/some/where/{}",
            " ".repeat(57),
            "-".repeat(50),
            "q".repeat(80),
            "w".repeat(16)
        );
        let mut seen = Seen::default();
        walk(text.as_bytes(), &mut seen);
        let bytes = text.as_bytes();
        let expected_words: Vec<usize> = (0..text.len())
            .filter(|at| {
                let before = at.checked_sub(1).map(|before| bytes[before]).unwrap_or(b' ');
                let this = bytes[*at];
                // The last byte of a block does not see the first one of the next.
                let number = at % BLOCK + 1 < BLOCK
                    && bytes.get(*at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_digit));
                this.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric() && !number
                    || this.is_ascii_uppercase() && before.is_ascii_lowercase()
            })
            .collect();
        assert_eq!(seen.words, expected_words);
        let at = |needle: &str| text.find(needle).unwrap();
        seen.numbers.sort_unstable();
        let numbers = [at("12.13") + 2, at("49 4"), at("415-"), at("4111 "), at("1111 1234"), at("1234567890123")];
        assert_eq!(seen.numbers, numbers);
        assert_eq!(seen.long, [at("----") + 15, at("qqqq") + 15, at("/path") + 15]);
        assert_eq!(seen.unparted, [at("----") + 15, at("qqqq") + 15, at("wwww") + 15]);
        assert_eq!(seen.ats, [at("@")]);
        assert_eq!(seen.printable, [at("=3D")]);
        assert_eq!(seen.ipv6, [at("2001:") + 14, at(" ::") + 2]);
    }
}
