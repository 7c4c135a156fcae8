//! Names of accounts: half of what opens a site, and often the name of a person.

use super::super::classes::{ByteClass, DIGIT, and, run_end};
use super::{Finder, Sink};

/// Accounts that every system has: their names say nothing about anybody.
const EVERYWHERE: &[&[u8]] = &[
    b"admin",
    b"administrator",
    b"root",
    b"guest",
    b"anonymous",
    b"nobody",
    b"system",
    b"www-data",
    b"apache",
    b"nginx",
    b"httpd",
    b"mysql",
    b"mariadb",
    b"postgres",
    b"redis",
    b"default",
    b"wordpress",
    b"woocommerce",
    b"wp",
    b"sa",
    b"git",
    b"ubuntu",
    b"debian",
    b"ec2-user",
    b"deploy",
    b"daemon",
    b"cron",
    b"support",
    b"service",
    b"base64",
    b"oauth2",
];

/// Longest name of an account: WordPress takes no longer one, in bytes.
const LONGEST: usize = 60;

/// Whether this is the name of somebody's account.
pub(super) fn is_name(value: &[u8]) -> bool {
    (3..=LONGEST).contains(&value.len())
        && value[0].is_ascii_alphanumeric()
        && value.iter().any(u8::is_ascii_alphabetic)
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-@+".contains(byte) || *byte >= 0x80)
        && !EVERYWHERE.iter().any(|known| known.eq_ignore_ascii_case(value))
}

static DOTTED: ByteClass = and(DIGIT, b".");

/// Longest IPv4 address, in bytes.
const LONGEST_ADDRESS: usize = 15;

/// `10.0.0.7 - ann [21/Nov/2026:…]`: the account between the address at `start` and the time of an access log.
pub(super) fn behind_address(start: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    behind(run_end(text, start, &DOTTED, LONGEST_ADDRESS), sink);
}

/// The same where the address ends at `end`.
pub(super) fn behind(end: usize, sink: &mut Sink<'_>) {
    let text = sink.text;
    let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(b" - ")) else { return };
    let Some(length) = memchr::memchr(b' ', &rest[..rest.len().min(LONGEST + 1)]) else { return };
    let time = matches!(rest.get(length + 1..length + 3), Some([b'[', digit]) if digit.is_ascii_digit());
    if time && is_name(&rest[..length]) {
        sink.push_for(Finder::RemoteUser, end + 3, end + 3 + length, "");
    }
}
