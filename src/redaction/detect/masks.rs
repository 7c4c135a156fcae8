//! Classes of sixty-four bytes at a time: one bit of a `u64` for each byte.

/// Bytes in one block.
pub(super) const BLOCK: usize = 64;

/// One bit for each byte of a block.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Masks {
    pub(super) lower: u64,
    pub(super) upper: u64,
    pub(super) digit: u64,
    /// Letters, digits and `+/-_`: what base64 and most tokens are made of.
    pub(super) token: u64,
    /// `+` and `/`, which base64 has and other tokens have not.
    pub(super) parting: u64,
    /// Hexadecimal digits and colons: what IPv6 addresses are made of.
    pub(super) hex_colon: u64,
    pub(super) colon: u64,
    pub(super) at_sign: u64,
    pub(super) equals: u64,
    pub(super) dot: u64,
    pub(super) hyphen: u64,
    pub(super) blank: u64,
    /// `+` and `(`, with which telephone numbers begin.
    pub(super) opening: u64,
}

#[cfg(target_arch = "x86_64")]
impl Masks {
    /// Thirty-two bytes at a time, on machines that have AVX2.
    #[target_feature(enable = "avx2")]
    #[inline]
    pub(super) fn with_avx2(block: &[u8; BLOCK]) -> Self {
        use std::arch::x86_64::{
            __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
            _mm256_or_si256, _mm256_set1_epi8, _mm256_sub_epi8,
        };
        let is = |bytes: __m256i, byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8));
        let between = |bytes: __m256i, low: u8, width: u8| {
            let above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low as i8));
            _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(width as i8)), above)
        };
        let mut masks = Masks::default();
        for (lane, bytes) in block.as_chunks::<32>().0.iter().enumerate() {
            // SAFETY: thirty-two bytes, wherever they lie.
            let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
            let bits = |flags: __m256i| u64::from(_mm256_movemask_epi8(flags) as u32) << (32 * lane);
            let lower = between(bytes, b'a', 25);
            let upper = between(bytes, b'A', 25);
            let digit = between(bytes, b'0', 9);
            let colon = is(bytes, b':');
            let hex_letter = between(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), b'a', 5);
            let (plus, hyphen) = (is(bytes, b'+'), is(bytes, b'-'));
            let parting = _mm256_or_si256(plus, is(bytes, b'/'));
            let signs = _mm256_or_si256(parting, _mm256_or_si256(hyphen, is(bytes, b'_')));
            let alnum = _mm256_or_si256(_mm256_or_si256(lower, upper), digit);
            let hex = _mm256_or_si256(_mm256_and_si256(hex_letter, alnum), digit);
            masks.lower |= bits(lower);
            masks.upper |= bits(upper);
            masks.digit |= bits(digit);
            masks.token |= bits(_mm256_or_si256(alnum, signs));
            masks.parting |= bits(parting);
            masks.colon |= bits(colon);
            masks.hex_colon |= bits(_mm256_or_si256(hex, colon));
            masks.at_sign |= bits(is(bytes, b'@'));
            masks.equals |= bits(is(bytes, b'='));
            masks.dot |= bits(is(bytes, b'.'));
            masks.hyphen |= bits(hyphen);
            masks.blank |= bits(is(bytes, b' '));
            masks.opening |= bits(_mm256_or_si256(plus, is(bytes, b'(')));
        }
        masks
    }

    /// Sixty-four bytes at a time, on machines that have AVX-512.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    pub(super) fn with_avx512(block: &[u8; BLOCK]) -> Self {
        use std::arch::x86_64::{
            _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8,
            _mm512_sub_epi8,
        };
        // SAFETY: sixty-four bytes, wherever they lie.
        let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
        let among = |bytes, low: u8, count: u8| {
            let above = _mm512_sub_epi8(bytes, _mm512_set1_epi8(low as i8));
            _mm512_cmplt_epu8_mask(above, _mm512_set1_epi8(count as i8))
        };
        let (lower, upper, digit) = (among(bytes, b'a', 26), among(bytes, b'A', 26), among(bytes, b'0', 10));
        let (colon, plus, hyphen) = (is(b':'), is(b'+'), is(b'-'));
        let parting = plus | is(b'/');
        let hex_letter = among(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), b'a', 6);
        Masks {
            lower,
            upper,
            digit,
            token: lower | upper | digit | parting | hyphen | is(b'_'),
            parting,
            hex_colon: hex_letter | digit | colon,
            colon,
            at_sign: is(b'@'),
            equals: is(b'='),
            dot: is(b'.'),
            hyphen,
            blank: is(b' '),
            opening: plus | is(b'('),
        }
    }

    #[inline]
    pub(super) fn of(block: &[u8; BLOCK]) -> Self {
        // SAFETY: SSE2 belongs to x86-64 itself; there is no such machine without it.
        unsafe { Self::with_sse2(block) }
    }

    /// Sixteen bytes at a time.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn with_sse2(block: &[u8; BLOCK]) -> Self {
        use std::arch::x86_64::{
            __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
            _mm_set1_epi8, _mm_sub_epi8,
        };
        let is = |bytes: __m128i, byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8));
        let between = |bytes: __m128i, low: u8, width: u8| {
            let above = _mm_sub_epi8(bytes, _mm_set1_epi8(low as i8));
            _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(width as i8)), above)
        };
        let mut masks = Masks::default();
        for (lane, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: sixteen bytes, wherever they lie.
            let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            let bits = |flags: __m128i| u64::from(_mm_movemask_epi8(flags) as u16) << (16 * lane);
            let lower = between(bytes, b'a', 25);
            let upper = between(bytes, b'A', 25);
            let digit = between(bytes, b'0', 9);
            let colon = is(bytes, b':');
            let hex_letter = between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), b'a', 5);
            let (plus, hyphen) = (is(bytes, b'+'), is(bytes, b'-'));
            let parting = _mm_or_si128(plus, is(bytes, b'/'));
            let signs = _mm_or_si128(parting, _mm_or_si128(hyphen, is(bytes, b'_')));
            let alnum = _mm_or_si128(_mm_or_si128(lower, upper), digit);
            masks.lower |= bits(lower);
            masks.upper |= bits(upper);
            masks.digit |= bits(digit);
            masks.token |= bits(_mm_or_si128(alnum, signs));
            masks.parting |= bits(parting);
            masks.colon |= bits(colon);
            masks.hex_colon |= bits(_mm_or_si128(_mm_and_si128(hex_letter, alnum), _mm_or_si128(digit, colon)));
            masks.at_sign |= bits(is(bytes, b'@'));
            masks.equals |= bits(is(bytes, b'='));
            masks.dot |= bits(is(bytes, b'.'));
            masks.hyphen |= bits(hyphen);
            masks.blank |= bits(is(bytes, b' '));
            masks.opening |= bits(_mm_or_si128(plus, is(bytes, b'(')));
        }
        masks
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Masks {
    /// With plain loops, which the compiler turns into what vector instructions the machine has.
    #[inline]
    pub(super) fn of(block: &[u8; BLOCK]) -> Self {
        let lower = bits(block, |byte| byte.wrapping_sub(b'a') < 26);
        let upper = bits(block, |byte| byte.wrapping_sub(b'A') < 26);
        let digit = bits(block, |byte| byte.wrapping_sub(b'0') < 10);
        let colon = bits(block, |byte| byte == b':');
        Masks {
            lower,
            upper,
            digit,
            token: lower | upper | digit | bits(block, |byte| matches!(byte, b'+' | b'/' | b'-' | b'_')),
            parting: bits(block, |byte| matches!(byte, b'+' | b'/')),
            hex_colon: digit | colon | bits(block, |byte| (byte | 0x20).wrapping_sub(b'a') < 6),
            colon,
            at_sign: bits(block, |byte| byte == b'@'),
            equals: bits(block, |byte| byte == b'='),
            dot: bits(block, |byte| byte == b'.'),
            hyphen: bits(block, |byte| byte == b'-'),
            blank: bits(block, |byte| byte == b' '),
            opening: bits(block, |byte| byte == b'+' || byte == b'('),
        }
    }
}

/// One bit for each byte that is in the class.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn bits(block: &[u8; BLOCK], is_in: impl Fn(u8) -> bool) -> u64 {
    block.iter().rev().fold(0, |mask, byte| mask << 1 | u64::from(is_in(*byte)))
}

/// The bits of a block, each half of it with the thirty-two bytes before, so that what reaches over the seam of two blocks
/// is seen. A bit tells of its byte when the steps that led to it go back over no more than those.
#[derive(Clone, Copy)]
pub(super) struct Seam([u64; 2]);

/// Bytes in half a block.
const HALF: u32 = BLOCK as u32 / 2;

impl Seam {
    #[inline(always)]
    pub(super) fn of(before: u64, mask: u64) -> Self {
        Seam([mask << HALF | before >> HALF, mask])
    }

    /// Each bit moved `step` bytes on.
    #[inline(always)]
    pub(super) fn later(self, step: u32) -> Self {
        Seam(self.0.map(|half| half << step))
    }

    #[inline(always)]
    pub(super) fn and(self, other: Self) -> Self {
        Seam([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    #[inline(always)]
    pub(super) fn or(self, other: Self) -> Self {
        Seam([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    #[inline(always)]
    pub(super) fn not(self) -> Self {
        Seam(self.0.map(|half| !half))
    }

    /// The bits at which a run of at least `length` set bits ends or goes on.
    #[inline(always)]
    pub(super) fn runs(self, length: u32) -> Self {
        let mut runs = self;
        let mut reached = 1;
        while reached < length {
            let step = reached.min(length - reached);
            runs = runs.and(runs.later(step));
            reached += step;
        }
        runs
    }

    /// Of the bits of the block itself, those that the byte before has not.
    #[inline(always)]
    pub(super) fn beginnings(self) -> u64 {
        self.and(self.later(1).not()).block()
    }

    /// The bits of the block itself.
    #[inline(always)]
    pub(super) fn block(self) -> u64 {
        self.0[0] >> HALF | self.0[1] >> HALF << HALF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bits() {
        let every: Vec<u8> = (0..=255).collect();
        for block in every.as_chunks::<BLOCK>().0 {
            let masks = Masks::of(block);
            #[cfg(target_arch = "x86_64")]
            if std::is_x86_feature_detected!("avx2") {
                // SAFETY: asked just now.
                assert_eq!(unsafe { Masks::with_avx2(block) }, masks);
            }
            #[cfg(target_arch = "x86_64")]
            if std::is_x86_feature_detected!("avx512bw") {
                // SAFETY: asked just now.
                assert_eq!(unsafe { Masks::with_avx512(block) }, masks);
            }
            for (place, byte) in block.iter().enumerate() {
                let bit = |mask: u64| mask >> place & 1 == 1;
                assert_eq!(bit(masks.lower), byte.is_ascii_lowercase());
                assert_eq!(bit(masks.upper), byte.is_ascii_uppercase());
                assert_eq!(bit(masks.digit), byte.is_ascii_digit());
                assert_eq!(bit(masks.token), byte.is_ascii_alphanumeric() || b"+/-_".contains(byte));
                assert_eq!(bit(masks.parting), b"+/".contains(byte));
                assert_eq!(bit(masks.hex_colon), byte.is_ascii_hexdigit() || *byte == b':');
                assert_eq!(bit(masks.colon), *byte == b':');
                assert_eq!(bit(masks.at_sign), *byte == b'@');
                assert_eq!(bit(masks.equals), *byte == b'=');
                assert_eq!(bit(masks.dot), *byte == b'.');
                assert_eq!(bit(masks.hyphen), *byte == b'-');
                assert_eq!(bit(masks.blank), *byte == b' ');
                assert_eq!(bit(masks.opening), b"+(".contains(byte));
            }
        }
    }

    #[test]
    fn runs_reach_over_two_blocks() {
        assert_eq!(Seam::of(0b11 << 62, 0b1111).runs(4).block(), 0b1110);
        assert_eq!(Seam::of(0, u64::MAX).runs(15).block(), u64::MAX << 14);
        assert_eq!(Seam::of(u64::MAX, 1).runs(16).block(), 1);
        assert_eq!(Seam::of(1 << 63, 0b1101).beginnings(), 0b100);
    }
}
