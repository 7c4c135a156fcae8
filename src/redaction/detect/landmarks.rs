//! Landmarks: where words and runs of digits begin, sixty-four bytes at a time.
//!
//! Almost every rule begins at the start of a word, and every number at the start of a run of digits. Comparing whole
//! blocks at once (plain loops that the compiler turns into vector instructions) and then walking over the set bits is
//! several times faster than asking about each byte.

/// Bytes in one block: one bit of a `u64` for each.
const BLOCK: usize = 64;

/// Calls `word` with the start of each word (a letter or digit after something else, or a capital after a small letter)
/// and `digits` with the start of each run of digits.
pub(super) fn walk(text: &[u8], word: &mut dyn FnMut(usize), digits: &mut dyn FnMut(usize)) {
    let mut carry = Carry::default();
    let mut base = 0;
    for block in text.chunks(BLOCK) {
        let masks = match block.first_chunk::<BLOCK>() {
            Some(whole) => Masks::of(whole),
            None => {
                let mut padded = [0; BLOCK];
                padded[..block.len()].copy_from_slice(block);
                Masks::of(&padded)
            }
        };
        let after_alnum = masks.alnum << 1 | carry.alnum;
        let after_lower = masks.lower << 1 | carry.lower;
        let after_digit = masks.digit << 1 | carry.digit;
        let mut words = masks.alnum & !after_alnum | masks.upper & after_lower;
        let mut numbers = masks.digit & !after_digit;
        carry = Carry { alnum: masks.alnum >> 63, lower: masks.lower >> 63, digit: masks.digit >> 63 };
        while words != 0 {
            word(base + words.trailing_zeros() as usize);
            words &= words - 1;
        }
        while numbers != 0 {
            digits(base + numbers.trailing_zeros() as usize);
            numbers &= numbers - 1;
        }
        base += BLOCK;
    }
}

/// The last byte of the block before.
#[derive(Default)]
struct Carry {
    alnum: u64,
    lower: u64,
    digit: u64,
}

/// One bit for each byte of a block.
struct Masks {
    alnum: u64,
    lower: u64,
    upper: u64,
    digit: u64,
}

impl Masks {
    #[inline]
    fn of(block: &[u8; BLOCK]) -> Self {
        let lower = bits(block, |byte| byte.wrapping_sub(b'a') < 26);
        let upper = bits(block, |byte| byte.wrapping_sub(b'A') < 26);
        let digit = bits(block, |byte| byte.wrapping_sub(b'0') < 10);
        Masks { alnum: lower | upper | digit, lower, upper, digit }
    }
}

/// One bit for each byte that is in the class.
#[inline(always)]
fn bits(block: &[u8; BLOCK], is_in: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0_u8; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(is_in(*byte));
    }
    let mut mask = 0;
    for (place, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Eight bytes of 0 or 1 become eight bits: each byte is moved to its own bit of the highest byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= gathered << (8 * place);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_digits_are_found_across_blocks() {
        let text = format!("{}dbPassword = a1b22 {}99 x", " ".repeat(57), "-".repeat(50));
        let (mut words, mut digits) = (Vec::new(), Vec::new());
        walk(text.as_bytes(), &mut |at| words.push(at), &mut |at| digits.push(at));
        let expected_words: Vec<usize> = (0..text.len())
            .filter(|at| {
                let bytes = text.as_bytes();
                let before = at.checked_sub(1).map(|before| bytes[before]).unwrap_or(b' ');
                let this = bytes[*at];
                this.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric()
                    || this.is_ascii_uppercase() && before.is_ascii_lowercase()
            })
            .collect();
        assert_eq!(words, expected_words);
        let at = |needle: &str| text.find(needle).unwrap();
        assert_eq!(digits, [at("1b"), at("22"), at("99")]);
    }
}
