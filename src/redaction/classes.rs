//! Byte classes: which bytes a run of a token may hold.
//!
//! Every part of the engine that walks over text asks these tables instead of writing its own conditions, so that
//! "a word byte" means the same thing in a rule's shape, in a key's name and in the second scan.

/// A set of byte values, one entry for each.
pub(crate) type ByteClass = [bool; 256];

/// `class` and these signs.
pub(crate) const fn and(mut class: ByteClass, signs: &[u8]) -> ByteClass {
    let mut i = 0;
    while i < signs.len() {
        class[signs[i] as usize] = true;
        i += 1;
    }
    class
}

/// `class` and every byte of a letter that is written with several.
pub(crate) const fn and_beyond_ascii(class: ByteClass) -> ByteClass {
    and_range(class, (0x80, 0xff))
}

/// These signs only.
pub(crate) const fn of(signs: &[u8]) -> ByteClass {
    and([false; 256], signs)
}

const fn and_range(mut class: ByteClass, (first, last): (u8, u8)) -> ByteClass {
    let mut byte = first as usize;
    while byte <= last as usize {
        class[byte] = true;
        byte += 1;
    }
    class
}

const fn class(ranges: &[(u8, u8)], signs: &[u8]) -> ByteClass {
    let mut class = of(signs);
    let mut i = 0;
    while i < ranges.len() {
        class = and_range(class, ranges[i]);
        i += 1;
    }
    class
}

const AZ: (u8, u8) = (b'A', b'Z');
const LOWER_AZ: (u8, u8) = (b'a', b'z');
const DIGITS: (u8, u8) = (b'0', b'9');

pub(crate) static DIGIT: ByteClass = class(&[DIGITS], b"");
pub(crate) static ALPHA: ByteClass = class(&[AZ, LOWER_AZ], b"");
pub(crate) static ALNUM: ByteClass = class(&[AZ, LOWER_AZ, DIGITS], b"");
/// Letters, digits and underscore: what `\w` means for ASCII.
pub(crate) static WORD: ByteClass = and(ALNUM, b"_");
/// What a key's name is made of: `wp-config.db_password`.
pub(crate) static NAME: ByteClass = and(ALNUM, b"_-.");
pub(crate) static HEX: ByteClass = class(&[(b'A', b'F'), (b'a', b'f'), DIGITS], b"");
pub(crate) static BASE64: ByteClass = and(ALNUM, b"+/");
pub(crate) static BASE64URL: ByteClass = and(ALNUM, b"-_");
/// Space and tab, the blanks that stay on a line.
pub(crate) static BLANK: ByteClass = of(b" \t");
/// Blanks and line ends.
pub(crate) static SPACE: ByteClass = of(b" \t\r\n");

static LOWER: ByteClass = class(&[LOWER_AZ], b"");
static UPPER: ByteClass = class(&[AZ], b"");
static LOWER_HEX: ByteClass = class(&[(b'a', b'f'), DIGITS], b"");
static UPPER_HEX: ByteClass = class(&[(b'A', b'F'), DIGITS], b"");
static LOWER_ALNUM: ByteClass = class(&[LOWER_AZ, DIGITS], b"");
static UPPER_ALNUM: ByteClass = class(&[AZ, DIGITS], b"");
static BASE32: ByteClass = class(&[AZ, (b'2', b'7')], b"");
static PAD: ByteClass = of(b"=");
static TOKEN: ByteClass = and(ALNUM, b"_-.=");
static TOKEN64: ByteClass = and(ALNUM, b"_-+/=");
static LOWER_TOKEN: ByteClass = class(&[LOWER_AZ, DIGITS], b"_-=");
static GRAPH: ByteClass = class(&[(b'!', b'~')], b"");

/// The class a rule file names, or `None` when there is no such class.
pub(crate) fn named(name: &str) -> Option<&'static ByteClass> {
    Some(match name {
        "digit" => &DIGIT,
        "lower" => &LOWER,
        "upper" => &UPPER,
        "alpha" => &ALPHA,
        "alnum" => &ALNUM,
        "word" => &WORD,
        "hex" => &HEX,
        "lower-hex" => &LOWER_HEX,
        "upper-hex" => &UPPER_HEX,
        "lower-alnum" => &LOWER_ALNUM,
        "upper-alnum" => &UPPER_ALNUM,
        "base32" => &BASE32,
        "base64" => &BASE64,
        "base64url" => &BASE64URL,
        "pad" => &PAD,
        "token" => &TOKEN,
        "token64" => &TOKEN64,
        "lower-token" => &LOWER_TOKEN,
        "graph" => &GRAPH,
        _ => return None,
    })
}

/// The same class written for a regular expression (the second scan matches with those).
pub(crate) fn as_regex(name: &str) -> Option<&'static str> {
    Some(match name {
        "digit" => "[0-9]",
        "lower" => "[a-z]",
        "upper" => "[A-Z]",
        "alpha" => "[A-Za-z]",
        "alnum" => "[A-Za-z0-9]",
        "word" => "[A-Za-z0-9_]",
        "hex" => "[A-Fa-f0-9]",
        "lower-hex" => "[a-f0-9]",
        "upper-hex" => "[A-F0-9]",
        "lower-alnum" => "[a-z0-9]",
        "upper-alnum" => "[A-Z0-9]",
        "base32" => "[A-Z2-7]",
        "base64" => "[A-Za-z0-9+/]",
        "base64url" => "[A-Za-z0-9_-]",
        "pad" => "=",
        "token" => "[A-Za-z0-9_.=-]",
        "token64" => "[A-Za-z0-9_+/=-]",
        "lower-token" => "[a-z0-9_=-]",
        "graph" => "[!-~]",
        _ => return None,
    })
}

/// The end of the run of `class` that starts at `from`, at most `limit` bytes on.
pub(crate) fn run_end(text: &[u8], from: usize, class: &ByteClass, limit: usize) -> usize {
    let end = text.len().min(from.saturating_add(limit));
    let mut at = from;
    while at < end && class[text[at] as usize] {
        at += 1;
    }
    at
}

/// Does `text` end with these letters, in whatever case?
pub(crate) fn ends_with_word(text: &[u8], word: &[u8]) -> bool {
    text.len() >= word.len() && text[text.len() - word.len()..].eq_ignore_ascii_case(word)
}

/// The start of the run of `class` that ends just before `before`, at most `limit` bytes back.
pub(crate) fn run_start(text: &[u8], before: usize, class: &ByteClass, limit: usize) -> usize {
    let start = before.saturating_sub(limit);
    let mut at = before;
    while at > start && class[text[at - 1] as usize] {
        at -= 1;
    }
    at
}
