//! Named validators: what a rule file may ask of a secret beyond its shape.

use std::sync::LazyLock;

use super::classes::ALNUM;
use super::detect::is_no_secret;

/// A validator with its setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Check {
    /// Shannon entropy of the bytes is at least this many bits.
    Entropy(f32),
    /// At least one digit and one letter.
    Mixed,
    /// The last six characters are the base-62 CRC32 of the random part (GitHub, npm).
    Crc32Base62,
    /// Not one character over and over, and no `xxxx` or `****` mask.
    NoMask,
    /// A digit stands in it.
    HasDigit,
    /// A digit or a capital among small letters: drawn, not a word.
    Drawn,
    /// A sign stands in it that no name holds.
    Sign,
    /// No published example of a vendor's handbook.
    NoExample,
    /// No row of letters or digits in their order, as examples are typed.
    NoSequence,
    /// No variable, template or word that says nothing.
    NoWord,
    /// No path, address, version or file name.
    NoPath,
    /// No alphabet that somebody has typed.
    NoAlphabet,
    /// What stands behind the last colon looks drawn.
    DrawnTail,
    /// A capital stands in it.
    HasCapital,
    /// It looks drawn at random.
    Random,
}

impl Check {
    /// Reads `entropy:3.5`, `mixed` and so on.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        if let Some(bits) = name.strip_prefix("entropy:") {
            let bits: f32 = bits.parse().map_err(|_| format!("{name:?} needs a number of bits"))?;
            return Ok(Check::Entropy(bits));
        }
        Ok(match name {
            "mixed" => Check::Mixed,
            "crc32-base62" => Check::Crc32Base62,
            "no-mask" => Check::NoMask,
            "has-digit" => Check::HasDigit,
            "drawn" => Check::Drawn,
            "sign" => Check::Sign,
            "no-example" => Check::NoExample,
            "no-sequence" => Check::NoSequence,
            "no-word" => Check::NoWord,
            "no-path" => Check::NoPath,
            "no-alphabet" => Check::NoAlphabet,
            "drawn-tail" => Check::DrawnTail,
            "has-capital" => Check::HasCapital,
            "random" => Check::Random,
            _ => return Err(format!("there is no check {name:?}")),
        })
    }

    /// Whether `value` passes.
    pub(crate) fn passes(self, value: &[u8]) -> bool {
        match self {
            Check::Entropy(bits) => shannon(value) >= bits,
            Check::Mixed => value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic),
            Check::Crc32Base62 => crc32_base62(value),
            Check::NoMask => !masked(value),
            Check::HasDigit => value.iter().any(u8::is_ascii_digit),
            Check::Drawn => {
                value.iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
                    && value.iter().any(u8::is_ascii_alphabetic)
            }
            Check::Sign => value.iter().any(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.')),
            Check::NoExample => !is_published(value),
            Check::NoSequence => !in_sequence(value),
            Check::NoWord => !is_no_secret(value),
            Check::NoPath => !value.contains(&b'/') && !value.contains(&b'\\') && !is_dotted(value),
            Check::NoAlphabet => !is_typed_row(value),
            Check::DrawnTail => looks_random(&value[memchr::memrchr(b':', value).map_or(0, |colon| colon + 1)..]),
            Check::HasCapital => value.iter().any(u8::is_ascii_uppercase),
            Check::Random => looks_random(value),
        }
    }
}

/// Shannon entropy of the bytes, in bits per byte.
pub(crate) fn shannon(value: &[u8]) -> f32 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0_u16; 256];
    let value = &value[..value.len().min(LONGEST_MEASURED)];
    for byte in value {
        counts[*byte as usize] += 1;
    }
    // The mean over all bytes of the logarithm of how seldom each is.
    let logarithm = |count: usize| LOGARITHMS[count];
    let shared: f32 = value.iter().map(|byte| logarithm(usize::from(counts[*byte as usize]))).sum();
    logarithm(value.len()) - shared / value.len() as f32
}

/// How much of a value its entropy is measured on, in bytes.
const LONGEST_MEASURED: usize = 4096;

/// Binary logarithms of all counts that occur.
static LOGARITHMS: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..=LONGEST_MEASURED).map(|count| (count.max(1) as f32).log2()).collect());

/// Luhn's checksum over decimal digits.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let mut sum = 0_u32;
    for (place, digit) in digits.iter().rev().enumerate() {
        let mut value = u32::from(digit - b'0');
        if place % 2 == 1 {
            value *= 2;
            if value > 9 {
                value -= 9;
            }
        }
        sum += value;
    }
    sum.is_multiple_of(10)
}

/// ISO 7064 mod 97-10 over an IBAN without spaces.
pub(crate) fn mod97(iban: &[u8]) -> bool {
    let mut rest = 0_u32;
    for byte in iban[4..].iter().chain(&iban[..4]) {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

/// GitHub's and npm's tokens end in the CRC32 of what stands between prefix and checksum, in base 62.
fn crc32_base62(token: &[u8]) -> bool {
    let Some(underscore) = memchr::memrchr(b'_', token) else {
        return false;
    };
    let body = &token[underscore + 1..];
    let Some(split) = body.len().checked_sub(6) else {
        return false;
    };
    let mut sum = crc32fast::hash(&body[..split]);
    let mut expected = [b'0'; 6];
    for place in expected.iter_mut().rev() {
        *place = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(sum % 62) as usize];
        sum /= 62;
    }
    expected == body[split..]
}

/// Parts between dots: `wp-login.php`, `9.4.1`, `shop.example`.
pub(crate) fn is_dotted(value: &[u8]) -> bool {
    value.split(|byte| *byte == b'.').filter(|part| part.len() > 1).count() > 1
        || value.iter().filter(|byte| **byte == b'.').count() > 1
}

/// Letters or digits in a row that nobody draws, in bytes: `abcdefghijklmnop`, `1234567890abcdef`.
const TYPED_ROW: usize = 16;

/// Whether somebody has typed the alphabet or the digits where a secret belongs.
pub(crate) fn is_typed_row(value: &[u8]) -> bool {
    let follows = |at: &usize| {
        let (before, next) = (value[at - 1], value[*at]);
        ALNUM[before as usize] && next == before.wrapping_add(1)
            || matches!((before, next), (b'9', b'0') | (b'9', b'a') | (b'9', b'A') | (b'0', b'a') | (b'0', b'A'))
            || matches!((before, next), (b'z', b'A') | (b'Z', b'a') | (b'z', b'0') | (b'Z', b'0'))
    };
    // Every row that is long enough holds one of these places, and begins and ends around it.
    (TYPED_ROW - 1..value.len()).step_by(TYPED_ROW - 1).filter(|at| follows(at)).any(|at| {
        let before = (1..at).rev().take_while(|at| follows(at)).count();
        let behind = (at + 1..value.len()).take_while(|at| follows(at)).count();
        1 + before + 1 + behind >= TYPED_ROW
    })
}

/// What the handbooks of AWS print where a key belongs.
fn is_published(value: &[u8]) -> bool {
    memchr::memmem::find(value, b"EXAMPLE").is_some()
}

/// Letters or digits in a row that is too long for chance, in bytes.
const ROW: usize = 8;

fn in_sequence(value: &[u8]) -> bool {
    let follows =
        |pair: &[u8]| ALNUM[pair[0] as usize] && ALNUM[pair[1] as usize] && pair[1] == pair[0].wrapping_add(1);
    value.windows(ROW).any(|row| row.windows(2).all(follows))
}

/// More than half of it is one sign that people use to hide or to fill in.
fn masked(value: &[u8]) -> bool {
    if value.len() >= 24 && shannon(value) < 2.3 && value.windows(8).any(|row| row.iter().all(|byte| *byte == row[0])) {
        return true;
    }
    b"xX*#.aA01".iter().any(|mark| value.iter().filter(|byte| *byte == mark).count() * 2 > value.len())
}

/// Whether a value looks drawn at random rather than written: digits among letters, or case changing without reason.
pub(crate) fn looks_random(value: &[u8]) -> bool {
    let letters = count(value, |byte| byte.is_ascii_alphabetic());
    let digits = count(value, |byte| byte.is_ascii_digit());
    let plain = letters + digits;
    if value.len() < 8 || plain < value.len() / 2 {
        return letters > 2 && digits > 1 && value.len() >= 12;
    }
    // Changes between digit, lower and upper case, not counting a capital before its word; and capitals side by side, which
    // tell drawn letters from names in camel case.
    let (mut changes, mut capitals) = (0, 0);
    let mut before = OTHER;
    for byte in value {
        let kind = KINDS[usize::from(*byte)];
        changes += usize::from(CHANGES >> pair(before, kind) & 1);
        capitals += usize::from(pair(before, kind) == pair(UPPER, UPPER));
        before = kind;
    }
    digits > 0 && letters > 0 && changes * 6 >= plain && changes >= 2
        || digits == 0 && changes * 4 >= plain && changes >= 4
        || digits == 0 && changes * 6 >= plain && changes >= 3 && capitals >= 3 && value.len() >= 16
        || letters > 0 && digits >= 3 && changes >= 2 && value.len() >= 16 && changes * 10 >= plain
}

/// How many bytes are so, counted many at once: so few of them that their number fits a byte.
fn count(value: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    value.chunks(255).map(|part| usize::from(part.iter().map(|byte| u8::from(is_so(*byte))).sum::<u8>())).sum()
}

/// Kinds of bytes.
const DIGIT: u8 = 0;
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const OTHER: u8 = 3;

/// A number for each two kinds.
const fn pair(before: u8, kind: u8) -> u8 {
    before << 2 | kind
}

/// One bit for each two kinds between which a value changes.
const CHANGES: u16 = 1 << pair(DIGIT, LOWER)
    | 1 << pair(DIGIT, UPPER)
    | 1 << pair(LOWER, DIGIT)
    | 1 << pair(LOWER, UPPER)
    | 1 << pair(UPPER, DIGIT);

/// The kind of each byte.
static KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_digit() {
            kinds[byte] = DIGIT;
        } else if (byte as u8).is_ascii_lowercase() {
            kinds[byte] = LOWER;
        } else if (byte as u8).is_ascii_uppercase() {
            kinds[byte] = UPPER;
        }
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums() {
        assert!(luhn(b"4111111111111111"));
        assert!(!luhn(b"4111111111111112"));
        assert!(mod97(b"DE89370400440532013000"));
        assert!(!mod97(b"DE89370400440532013001"));
    }

    #[test]
    fn random_and_written_values_differ() {
        assert!(looks_random(b"k3J9dLw0PqZ7xV2m"));
        assert!(looks_random(b"9f8e7d6c5b4a39281706f5e4"));
        assert!(!looks_random(b"woocommerce_checkout"));
        assert!(!looks_random(b"processPaymentAction"));
    }
}
