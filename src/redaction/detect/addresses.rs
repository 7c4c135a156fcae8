//! IP addresses: public ones go; loopback, private, link-local and documentation ranges say nothing about anybody.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::classes::{ByteClass, HEX, and, run_end};
use super::{Finder, Sink, accounts};

static HEX_COLON: ByteClass = and(HEX, b":.");

/// Longest textual IPv6 address.
const LONGEST: usize = 45;

/// The end of the IPv4 address that starts at `start`, when it is public (or `all` go).
pub(super) fn ipv4(text: &[u8], start: usize, all: bool) -> Option<usize> {
    let mut octets = [0_u8; 4];
    let mut at = start;
    for (place, octet) in octets.iter_mut().enumerate() {
        if place > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let end = run_end(text, at, &super::super::classes::DIGIT, 4);
        let digits = &text[at..end];
        if digits.is_empty() || digits.len() > 3 || digits.len() > 1 && digits[0] == b'0' {
            return None;
        }
        let value = digits.iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        *octet = u8::try_from(value).ok()?;
        at = end;
    }
    let next = text.get(at).copied().unwrap_or(b' ');
    let version = next.is_ascii_alphanumeric()
        || next == b'_'
        || matches!(next, b'.' | b'-' | b'+') && text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    (!version && (all || is_public_v4(Ipv4Addr::from(octets)))).then_some(at)
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_unspecified()
        || address.is_broadcast()
        || a == 0
        || a >= 224
        || a == 100 && (64..128).contains(&b)
        || a == 198 && (b == 18 || b == 19))
}

/// Finds every public IPv6 address around `places` where one may stand.
pub(super) fn scan_ipv6(places: &[usize], sink: &mut Sink<'_>) {
    let text = sink.text;
    let mut done = 0;
    for place in places.iter().copied() {
        if place < done {
            continue;
        }
        let start = super::super::classes::run_start(text, place, &HEX_COLON, LONGEST).max(done);
        let end = run_end(text, start, &HEX_COLON, LONGEST + 1);
        done = end;
        accounts::behind(end, sink);
        if let Some((start, end)) = address(text, start, end, sink.private_addresses) {
            sink.push_for(Finder::Ipv6, start, end, "");
        }
    }
}

fn address(text: &[u8], start: usize, mut end: usize, all: bool) -> Option<(usize, usize)> {
    if start > 0 && (text[start - 1].is_ascii_alphanumeric() || matches!(text[start - 1], b'_' | b'-' | b'\\')) {
        return None;
    }
    if text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'(' | b'-')) {
        return None;
    }
    while end > start && (text[end - 1] == b'.' || text[end - 1] == b':' && !text[..end].ends_with(b"::")) {
        end -= 1;
    }
    let candidate = &text[start..end];
    let colons = candidate.iter().filter(|byte| **byte == b':').count();
    if colons < 2 || candidate.len() > LONGEST || colons < 7 && memchr::memmem::find(candidate, b"::").is_none() {
        return None;
    }
    let groups = candidate.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    let address: Ipv6Addr = std::str::from_utf8(candidate).ok()?.parse().ok()?;
    (all || groups >= 3 && is_public_v6(address)).then_some((start, end))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [first, second, ..] = address.segments();
    !(address.is_loopback()
        || address.is_unspecified()
        || first & 0xfe00 == 0xfc00
        || first & 0xffc0 == 0xfe80
        || first & 0xff00 == 0xff00
        || first == 0x2001 && second == 0x0db8
        || first & 0xfff0 == 0x3ff0)
}
