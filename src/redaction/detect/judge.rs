//! Judges: given a key and its value, which part of the value is the secret?
//!
//! A key called `password` decides by itself; a key called `token` does not, since logs are full of counts, names and
//! versions under such keys. What is plainly no secret (a variable, a template, a mask, a placeholder word) is refused
//! by all of them.

use super::super::classes::{ALNUM, ends_with_word};
use super::super::validate::{is_dotted, is_typed_row, looks_random, shannon};
use super::accounts;
use super::extent::{Field, Operator};
use super::header_values::{authorization, cookies, set_cookie, user_password};
use super::no_secret::{is_no_secret, is_reference};

/// A judge that a rule file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    /// Any value: the key says everything (`DB_PASSWORD`).
    Any,
    /// A password: any value, except that unquoted prose needs more than a plain word.
    Password,
    /// A token or key: long enough and random enough.
    Token,
    /// The credentials behind a scheme: `Bearer …`.
    Authorization,
    /// Each value of a Cookie header; the names stay.
    Cookie,
    /// The first value of a Set-Cookie header; attributes stay.
    SetCookie,
    /// A person's name, street or town.
    Personal,
    /// The name of an account.
    Login,
    /// A date of birth.
    Date,
    /// A telephone number in the notation of any country.
    Phone,
    /// Three or four digits.
    CardCode,
    /// Digits with separators: an account number.
    Account,
    /// The number of a passport, a tax office or an insurance: digits, perhaps with letters and separators.
    Identity,
    /// `user:password` behind curl's `-u`.
    UserPassword,
}

/// How much of the line behind a value is looked at, in bytes.
const LINE: usize = 200;

/// Shortest value of a token's key that goes, in bytes.
const SHORTEST_TOKEN: usize = 8;

/// What a judge is asked.
pub(super) struct Asked<'a> {
    pub(super) text: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) field: Field,
}

impl Judge {
    /// The judge a rule file names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "any" => Judge::Any,
            "password" => Judge::Password,
            "token" => Judge::Token,
            "authorization" => Judge::Authorization,
            "cookie" => Judge::Cookie,
            "set-cookie" => Judge::SetCookie,
            "personal" => Judge::Personal,
            "login" => Judge::Login,
            "date" => Judge::Date,
            "phone" => Judge::Phone,
            "card-code" => Judge::CardCode,
            "account" => Judge::Account,
            "identity" => Judge::Identity,
            "user-password" => Judge::UserPassword,
            _ => return None,
        })
    }

    /// Calls `take` with each part of the value that must go.
    pub(super) fn decide(self, asked: &Asked<'_>, take: &mut dyn FnMut(usize, usize)) {
        let Field { start, end, .. } = asked.field;
        let value = &asked.text[start..end];
        match self {
            Judge::Authorization => return authorization(asked, take),
            Judge::Cookie => return cookies(asked, take),
            Judge::SetCookie => return set_cookie(asked, take),
            Judge::UserPassword => return user_password(asked, take),
            Judge::Phone if !asked.field.quoted => {
                let signs = |byte: &u8| byte.is_ascii_digit() || b"+-() ./".contains(byte);
                let more = asked.text[start..].iter().take(32).take_while(|byte| signs(byte)).count();
                let trimmed = asked.text[start..start + more].trim_ascii_end().len();
                if telephone(&asked.text[start..start + trimmed]) {
                    take(start, start + trimmed);
                }
                return;
            }
            _ => {}
        }
        // Counts under the key of a token (`max_tokens=4096`) are in every log.
        if self == Judge::Token && value.len() < SHORTEST_TOKEN && asked.field.operator != Operator::Pair {
            return;
        }
        if is_no_secret(value) && self != Judge::CardCode {
            return;
        }
        let goes = match self {
            Judge::Any => !value.is_empty(),
            Judge::Password => password(asked, value),
            Judge::Token => token(asked, value),
            Judge::Personal => personal(asked, value),
            Judge::Login => login(asked, value),
            Judge::Date => value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 6 && value.len() <= 32,
            Judge::Phone => telephone(value),
            Judge::CardCode => (3..=4).contains(&value.len()) && value.iter().all(u8::is_ascii_digit),
            Judge::Account => account(value),
            Judge::Identity => identity(value),
            _ => false,
        };
        if goes {
            take(start, end);
        }
    }
}

fn password(asked: &Asked<'_>, value: &[u8]) -> bool {
    if names_key(asked, value) || is_listed(asked, value) || is_list_of_rules(value) {
        return false;
    }
    if asked.field.quoted {
        return value.len() <= 512 && !is_sentence(value) && !is_label(value) && !is_command(asked);
    }
    match asked.field.operator {
        Operator::Arrow | Operator::Equals | Operator::Tags | Operator::Pair => {
            !code_like(value) && !is_member(asked.name, value)
        }
        Operator::Below => looks_made_up(value) && !code_like(value),
        // `-passin file:/run/secret`: where openssl finds the password, or a rule of its own.
        Operator::CommandLine => {
            let source = [&b"-"[..], b"pass:", b"file:", b"env:", b"fd:"].iter().any(|word| value.starts_with(word));
            !source && value.len() >= 3
        }
        Operator::Colon | Operator::Argument => {
            // Prose: `password: too short`. A plain word counts only when nothing follows it.
            let rest = &asked.text[asked.field.end..asked.text.len().min(asked.field.end + LINE)];
            let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
            let alone = line.iter().all(|byte| matches!(byte, b' ' | b'\r' | b'"' | b',' | b'\'' | b'}' | b';'));
            (looks_made_up(value) || alone && value.len() >= 4 && !code_like(value)) && !is_member(asked.name, value)
        }
    }
}

/// `$this->x`, `foo()`, `request.form[`: code on the right of an assignment.
fn code_like(value: &[u8]) -> bool {
    let names = |rest: &[u8]| rest.iter().all(|byte| byte.is_ascii_alphabetic() || b"_.,".contains(byte));
    value[0] == b'$' && is_reference(&value[1..])
        || matches!(value[0], b'(' | b'[') && names(&value[1..])
        || value.ends_with(b"()")
        || value.ends_with(b"[")
        || value.ends_with(b"(")
        || memchr::memmem::find(value, b"->").is_some()
}

/// What programs call that from which they take a value.
const OWNERS: &[&[u8]] = &[
    b"self",
    b"this",
    b"args",
    b"req",
    b"request",
    b"config",
    b"cfg",
    b"conf",
    b"settings",
    b"options",
    b"opts",
    b"params",
    b"ctx",
    b"context",
    b"props",
    b"state",
    b"data",
    b"form",
    b"user",
    b"env",
    b"environ",
    b"module",
    b"local",
    b"var",
];

/// `args.password`, `req.body.pwd`, `cfg.db_pass`: a member of something, called as its key is or taken from what programs
/// take values from.
fn is_member(name: &[u8], value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'.').collect();
    let [owner, .., member] = parts.as_slice() else { return false };
    let is_name = |part: &&[u8]| {
        part.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
            && part.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
    };
    let called = [name, b"password", b"passwd", b"pass", b"pwd", b"secret", b"token", b"value", b"null"];
    let named = called.iter().any(|known| ends_with_word(member, known));
    parts.iter().all(is_name) && (named || OWNERS.contains(owner))
}

/// `Forgot password?`, `Your new password`: what a form says beside a field.
fn is_label(value: &[u8]) -> bool {
    let words = [&b"password"[..], b"passwort", b"passphrase", b"kennwort"];
    value.contains(&b' ')
        && !value.iter().any(u8::is_ascii_digit)
        && words.iter().any(|word| value.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word)))
}

/// `smtp_password`, `shop-client-secret`: the name of a variable, an option or a file that holds the secret. In quotes it may
/// as well be somebody's password, unless it repeats a key of several words: `'webhook_secret' => 'shop_webhook_secret'`.
fn names_key(asked: &Asked<'_>, value: &[u8]) -> bool {
    let words = [&b"password"[..], b"passwd", b"secret", b"token"];
    let joined = value.iter().any(|byte| matches!(byte, b'_' | b'-'));
    let plain = value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'));
    let last = value.rsplit(|byte| matches!(byte, b'_' | b'-')).next().unwrap_or(value);
    let repeated = asked.name.contains(&b'_') && value.ends_with(&asked.name.to_ascii_lowercase());
    joined && plain && words.contains(&last) && (repeated || !asked.field.quoted)
}

/// `required|min:8|confirmed`: what a form demands of a field.
fn is_list_of_rules(value: &[u8]) -> bool {
    let is_rule = |part: &[u8]| {
        let name = part.split(|byte| *byte == b':').next().unwrap_or(part);
        name.len() >= 3 && name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
    };
    value.contains(&b'|') && value.split(|byte| *byte == b'|').all(is_rule)
}

/// `'putenv', 'pwd', 'quit'`: one of several words in a list of a program.
fn is_listed(asked: &Asked<'_>, value: &[u8]) -> bool {
    let plain = value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
    if asked.field.operator != Operator::Argument || !plain || asked.name.is_empty() {
        return false;
    }
    let Field { start, .. } = asked.field;
    let line = &asked.text[start.saturating_sub(LINE)..start];
    let Some(name) = memchr::memmem::rfind(line, asked.name) else { return false };
    // What stands before the name, without the quote that opens it.
    let before = line[..name].strip_suffix(b"'").or_else(|| line[..name].strip_suffix(b"\"")).unwrap_or(&line[..name]);
    let before = before.trim_ascii_end();
    before.ends_with(b"',") || before.ends_with(b"\",")
}

/// A command between backquotes, whose output is the value.
fn is_command(asked: &Asked<'_>) -> bool {
    let Field { start, end, .. } = asked.field;
    let value = &asked.text[start..end];
    asked.text.get(end) == Some(&b'`') && memchr::memmem::find(value, b" ").is_some() && value.contains(&b'/')
}

/// Several words of prose in quotes under a password's key: a message or label, not a password.
fn is_sentence(value: &[u8]) -> bool {
    let spaces = value.iter().filter(|byte| **byte == b' ').count();
    spaces >= 2 && !value.iter().any(u8::is_ascii_digit)
}

/// Letters mixed with digits or signs: no dictionary word.
fn looks_made_up(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = value
        .iter()
        .filter(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'.' | b'-' | b'_' | b'/' | b':'))
        .count();
    value.len() >= 5 && letters > 0 && digits + signs > 0 && (digits > 0 || signs > 1)
        || value.len() >= 6 && letters == 0 && signs > 0 && digits > 0
}

fn token(asked: &Asked<'_>, value: &[u8]) -> bool {
    if asked.field.operator == Operator::Pair {
        return !value.contains(&b'/') && password(asked, value);
    }
    if value.len() < SHORTEST_TOKEN || value.len() > 4096 || value.contains(&b' ') {
        return false;
    }
    let address = memchr::memmem::find(value, b"://").is_some() && !value.starts_with(b"base64:");
    if value[0] == b'$' || address || value.ends_with(b"()") {
        return false;
    }
    let quoted_or_assigned = asked.field.quoted
        || matches!(asked.field.operator, Operator::Equals | Operator::Arrow | Operator::Tags | Operator::CommandLine);
    if value.iter().all(|byte| byte.is_ascii_digit()) || is_typed_row(value) || is_path_of_names(value) {
        return false;
    }
    if looks_random(value) {
        return shannon(value) >= 2.5;
    }
    if !quoted_or_assigned && is_one_run(value) {
        return shannon(value) >= 3.3;
    }
    // `jetbrains.mps.v8_elimination`, `Ed25519.BlindKeySignatures`: names of something.
    quoted_or_assigned
        && value.len() >= 16
        && value.iter().any(u8::is_ascii_digit)
        && !is_dotted(value)
        && shannon(value) >= 3.3
}

/// Letters and many digits without anything between them, too long for a name.
fn is_one_run(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    value.len() >= 20 && digits >= 4 && value.len() - digits >= 4 && value.iter().all(|byte| ALNUM[*byte as usize])
}

/// `Ed25519.BlindKeySignatures`, `xs2:TokenType`: words with dots or colons between them, each with at most a number at its
/// end.
fn is_path_of_names(value: &[u8]) -> bool {
    let is_name = |part: &[u8]| {
        let digits = part.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let word = &part[..part.len() - digits];
        digits <= 5 && word.len() > 1 && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
    };
    let parts = |byte: &u8| matches!(byte, b'.' | b':');
    value.iter().any(parts) && value.split(parts).all(|part| is_name(part) && !looks_random(part))
}

fn personal(asked: &Asked<'_>, value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphanumeric() || **byte >= 0x80).count();
    let code = value.iter().any(|byte| matches!(byte, b'{' | b'}' | b'$' | b'<' | b'>' | b'=' | b'(' | b';' | b'|'));
    let introduced = match asked.field.operator {
        // `array( 'first_name', 'last_name' )`: the next argument may be the name of another field.
        Operator::Argument => asked.field.quoted && !names_field(value) && !is_listed(asked, value),
        // `line.full_name = full_name`, `name = entry.path`: another variable.
        Operator::Equals if !asked.field.quoted => !names_field(value) && !code_like(value) && !is_dotted_name(value),
        _ => true,
    };
    introduced && (2..=200).contains(&value.len()) && letters >= 2 && !code
}

/// Without quotes only what no program calls a variable, and no sentence goes on with.
fn login(asked: &Asked<'_>, value: &[u8]) -> bool {
    let said = match asked.field.operator {
        Operator::Argument | Operator::Below | Operator::CommandLine => false,
        Operator::Colon if !asked.field.quoted => looks_made_up(value),
        Operator::Equals if !asked.field.quoted => !is_dotted_name(value),
        _ => true,
    };
    said && accounts::is_name(value) && !is_member(asked.name, value) && !names_field(value)
}

/// `zipfile.ZipFile`: names with dots between them.
fn is_dotted_name(value: &[u8]) -> bool {
    let is_name = |part: &[u8]| {
        part.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
            && part.iter().all(|byte| ALNUM[*byte as usize] || *byte == b'_')
    };
    value.contains(&b'.') && value.split(|byte| *byte == b'.').all(is_name)
}

/// Names of fields that consist of one word.
const FIELDS: &[&[u8]] = &[
    b"email",
    b"phone",
    b"city",
    b"postcode",
    b"country",
    b"state",
    b"company",
    b"address",
    b"zip",
    b"name",
    b"required",
];

/// `last_name`, `city`: what a field is called.
fn names_field(value: &[u8]) -> bool {
    let lower = value.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_' || byte.is_ascii_digit());
    lower && value.contains(&b'_') || FIELDS.contains(&value)
}

fn telephone(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    (6..=15).contains(&digits)
        && value.len() <= 32
        && value
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b' ' | b'(' | b')' | b'.' | b'/' | b'x'))
}

fn account(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    (6..=34).contains(&digits)
        && digits * 2 >= value.len()
        && value.iter().all(|byte| ALNUM[*byte as usize] || matches!(byte, b' ' | b'-'))
}

fn identity(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    ((5..=20).contains(&digits) || digits >= 2 && value.len() >= 8)
        && value.len() <= 24
        && value
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-' | b'.' | b'/'))
}
