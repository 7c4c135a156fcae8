//! What is plainly no secret, whatever its key is called: variables, templates, masks, words that say nothing.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::super::classes::{ALNUM, ALPHA, NAME, ends_with_word, run_end};
use super::super::validate::looks_random;

/// Words that stand where a secret would, and say nothing.
const EMPTY_WORDS: &[&str] = &[
    "null",
    "nil",
    "none",
    "true",
    "false",
    "undefined",
    "yes",
    "no",
    "on",
    "off",
    "empty",
    "n/a",
    "na",
    "redacted",
    "hidden",
    "masked",
    "secret",
    "password",
    "passwd",
    "token",
    "string",
    "str",
    "int",
    "bool",
    "array",
    "bytes",
    "object",
    "required",
    "optional",
    "missing",
    "invalid",
    "incorrect",
    "wrong",
    "expired",
    "valid",
    "ok",
    "failed",
    "failure",
    "error",
    "unknown",
    "set",
    "unset",
    "changeme",
    "example",
    "placeholder",
    "your",
    "is",
    "was",
    "not",
    "has",
    "and",
    "or",
    "the",
    "to",
    "for",
    "in",
    "must",
    "should",
    "cannot",
    "can",
    "will",
    "field",
    "function",
    "const",
    "self",
    "this",
    "new",
    "await",
    "return",
    "default",
    "sensitive",
    "test",
    "testing",
    "pass",
    "user",
    "username",
    "passwort",
    "kennwort",
    "contraseña",
    "mot de passe",
    "senha",
    "wachtwoord",
    "yourpassword",
    "your_password",
    "mypassword",
    "yyy",
    "abc",
    "foo",
    "bar",
    "dummy",
];

/// The longest of them, in bytes.
const LONGEST_EMPTY_WORD: usize = {
    let mut longest = 0;
    let mut place = 0;
    while place < EMPTY_WORDS.len() {
        if EMPTY_WORDS[place].len() > longest {
            longest = EMPTY_WORDS[place].len();
        }
        place += 1;
    }
    longest
};

/// For each length, one bit for each letter with which an empty word of that length begins, whatever its case: most values
/// are none, and that is known without comparing them.
const EMPTY_BEGINNINGS: [u32; LONGEST_EMPTY_WORD + 1] = {
    let mut beginnings = [0; LONGEST_EMPTY_WORD + 1];
    let mut place = 0;
    while place < EMPTY_WORDS.len() {
        let word = EMPTY_WORDS[place].as_bytes();
        beginnings[word.len()] |= 1 << (word[0] & 31);
        place += 1;
    }
    beginnings
};

fn is_empty_word(value: &[u8]) -> bool {
    EMPTY_BEGINNINGS.get(value.len()).is_some_and(|beginnings| beginnings >> (value[0] & 31) & 1 == 1)
        && EMPTY_WORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(value))
}

/// Variables, templates, masks and words that hold no secret.
pub(crate) fn is_no_secret(value: &[u8]) -> bool {
    if value.is_empty() {
        return true;
    }
    let substance = value.iter().filter(|byte| ALNUM[**byte as usize] || **byte >= 0x80).take(2).count();
    if substance < 2 && value.len() < 8 || substance == 0 {
        return true;
    }
    let first = value[0];
    if value.iter().all(|byte| byte.eq_ignore_ascii_case(&first)) || is_mask(value) {
        return true;
    }
    let template = match first {
        b'$' => {
            value.len() > 1
                && (ALPHA[value[1] as usize] || matches!(value[1], b'{' | b'(' | b'_'))
                && is_reference(&value[1..])
        }
        b'{' => {
            value.starts_with(b"{{") && value.ends_with(b"}}")
                || value.get(1).is_some_and(u8::is_ascii_alphabetic) && value.contains(&b'(')
                || value.len() > 2 && value.ends_with(b"}") && is_reference(value) && !looks_random(value)
        }
        b'<' => value.ends_with(b">") || value.starts_with(b"<%"),
        b'%' => {
            value.len() <= 3
                || value.ends_with(b"%") && is_reference(value)
                || value.starts_with(b"%(")
                || value.starts_with(b"%{")
        }
        b'[' => value.ends_with(b"]") && !value.contains(&b':'),
        _ => false,
    };
    let told = [&b"REPLACE"[..], b"YOUR_", b"your-", b"your_", b"<"].iter().any(|word| value.starts_with(word));
    template
        || told && !value.iter().any(u8::is_ascii_digit)
        || is_empty_word(value)
        || is_call_or_path(value)
        || is_sealed(value)
        || says_so(value)
}

/// Longest value of words that says that it stands for another, in bytes.
const LONGEST_SAYING: usize = 64;

/// Words in a value that say that it stands for another: `some-fake-key`, `AKCxxxxxxxx`, `…EXAMPLEKEY`,
/// `xoxp-1-YourTokenHere`.
fn says_so(value: &[u8]) -> bool {
    let filled = memchr::memchr2_iter(b'x', b'X', value)
        .any(|at| value[at..].iter().take(FILLED).filter(|byte| matches!(byte, b'x' | b'X')).count() == FILLED);
    filled
        || value.len() <= LONGEST_SAYING && words_say_so(value)
        || value.len() >= 16 && memchr::memmem::find(value, b"EXAMPLE").is_some()
}

/// How many crosses in a row fill in for something else.
const FILLED: usize = 5;

fn words_say_so(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits > 2 || !value.iter().all(|byte| ALNUM[*byte as usize] || matches!(byte, b'-' | b'_' | b'.')) {
        return false;
    }
    let has_one = |words: &Option<AhoCorasick>| words.as_ref().is_some_and(|words| words.is_match(value));
    digits == 0 && has_one(&STANDING_FOR_ANOTHER) || ends_with_word(value, b"here") && has_one(&WHAT_GOES_HERE)
}

static STANDING_FOR_ANOTHER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| in_any_case(&["fake", "dummy", "example", "placeholder", "changeme", "your-", "your_", "insert"]));

static WHAT_GOES_HERE: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| in_any_case(&["token", "key", "secret", "string", "password", "value"]));

fn in_any_case(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
}

/// Whether so many of this sign stand side by side.
fn has_row(value: &[u8], sign: u8, length: usize) -> bool {
    value.windows(length).any(|row| row.iter().all(|byte| *byte == sign))
}

/// What another tool has sealed or cut away: `ENC[AES256_GCM,…]` of sops, `abc..[Redacted]`.
fn is_sealed(value: &[u8]) -> bool {
    const SEALS: &[&[u8]] = &[b"[redacted", b"<redacted", b"[filtered", b"[hidden", b"[masked"];
    let seal = || {
        let at = memchr::memchr2(b'[', b'<', value)?;
        let rest = &value[at..];
        SEALS
            .iter()
            .any(|seal| rest.get(..seal.len()).is_some_and(|here| here.eq_ignore_ascii_case(seal)))
            .then_some(at)
    };
    value.starts_with(b"ENC[AES") || seal().is_some_and(|before| before <= LONGEST_REST)
}

/// Longest part of a value that another tool left standing and that does not give the value away, in bytes.
const LONGEST_REST: usize = 20;

/// How many signs in a row hide what stood there.
const HIDDEN: usize = 10;

/// Longest part of a value cut by `...` that does not give it away, in bytes.
const LONGEST_CUT_REST: usize = 14;

/// Longest first part of a token that says how it was made, in bytes.
const LONGEST_HEAD: usize = 64;

/// `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9` before `...`: the beginning of a JSON object in base64, which says how the token was
/// made; what opens something stands behind it.
fn is_public_head(rest: &[u8]) -> bool {
    const OBJECT: &[u8] = b"eyJ";
    let head = rest.strip_suffix(b".").unwrap_or(rest);
    let begin = memchr::memmem::find(head, OBJECT);
    head.len() <= LONGEST_HEAD && begin.is_some_and(|at| at <= 4) && !head.contains(&b'.')
}

/// `*****`, `xxxx-xxxx`, `…`, `abcd****`, `sk-...x7Qm`.
fn is_mask(value: &[u8]) -> bool {
    if memchr::memchr3(b'*', b'.', b'#', value).or_else(|| memchr::memchr(0xe2, value)).is_none() {
        return value.iter().all(|byte| matches!(byte, b'x' | b'X' | b'-' | b'_'));
    }
    let (mut marks, mut stars, mut dots) = (0, 0, 0);
    for byte in value {
        marks += usize::from(matches!(byte, b'*' | b'x' | b'X' | b'.' | b'#' | b'-' | b'_'));
        stars += usize::from(*byte == b'*');
        dots += usize::from(matches!(byte, b'*' | b'.' | 0xe2));
    }
    let cut_at =
        || [&b"..."[..], "\u{2026}".as_bytes(), b"***"].iter().find_map(|sign| memchr::memmem::find(value, sign));
    // What is left of a cut value names the key without giving it away.
    let cut =
        dots > 0 && cut_at().is_some_and(|at| value.len() - marks <= LONGEST_CUT_REST || is_public_head(&value[..at]));
    let hidden = marks >= HIDDEN && (has_row(value, b'*', HIDDEN) || has_row(value, b'#', HIDDEN));
    marks == value.len()
        || cut
        || hidden
        || stars >= 4 && (stars * 2 >= value.len() || value.starts_with(b"****") || value.ends_with(b"****"))
}

/// Names, dots, braces and calls only: a reference to a value, not a value.
pub(super) fn is_reference(value: &[u8]) -> bool {
    value.iter().all(|byte| {
        ALNUM[*byte as usize]
            || matches!(
                byte,
                b'_' | b'{'
                    | b'}'
                    | b'.'
                    | b'('
                    | b')'
                    | b'-'
                    | b':'
                    | b'['
                    | b']'
                    | b'\''
                    | b'"'
                    | b'>'
                    | b' '
                    | b'%'
                    | b'$'
                    | b'/'
                    | b'@'
                    | b'|'
                    | b'?'
            )
    }) && !value
        .iter()
        .zip(value.iter().skip(1))
        .any(|(a, b)| a.is_ascii_digit() && b.is_ascii_alphabetic() && value.len() > 40)
}

/// `getenv(`, `process.env.X`, `os.environ`, `config('app.key')`, `$this->key`.
fn is_call_or_path(value: &[u8]) -> bool {
    let name = run_end(value, 0, &NAME, 64);
    let called = name > 1 && matches!(value.get(name), Some(b'(')) && ALPHA[value[0] as usize];
    let path = [
        &b"process.env"[..],
        b"os.environ",
        b"env.",
        b"ENV[",
        b"secrets.",
        b"vault:",
        b"var.",
        b"local.",
        b"System.",
        b"this.",
        b"self.",
        b"@Microsoft.KeyVault",
    ]
    .iter()
    .any(|known| value.starts_with(known));
    called || path
}
