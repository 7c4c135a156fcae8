//! Digits: cards, IBANs, IPv4 addresses and telephone numbers, in one walk over the runs of digits.

use super::super::classes::{DIGIT, NAME, run_end, run_start};
use super::super::validate::{luhn, mod97};
use super::{Finder, Sink, accounts, addresses, phone};

/// Looks at the runs of digits that begin at `starts`.
pub(super) fn scan(starts: &[usize], sink: &mut Sink<'_>) {
    let text = sink.text;
    let mut done = 0;
    for at in starts.iter().copied() {
        let inside = at > 0 && text[at - 1].is_ascii_digit();
        if at >= done && !inside {
            let end = run_end(text, at, &DIGIT, usize::MAX);
            let before = at.checked_sub(1).map(|place| text[place]);
            done = look(sink, at, end, before).max(end);
        }
    }
}

/// One run of digits at `start..end`; returns where to go on.
fn look(sink: &mut Sink<'_>, start: usize, end: usize, before: Option<u8>) -> usize {
    let text = sink.text;
    let length = end - start;
    let next = text.get(end).copied().unwrap_or(b' ');
    let joined = before.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_') && !escape_before(text, start);
    if length >= 2 && before.is_some_and(|byte| byte.is_ascii_uppercase()) {
        return iban_at(sink, start).unwrap_or(end);
    }
    if joined {
        return end;
    }
    let fraction = before == Some(b'.');
    if length <= 3 && next == b'.' {
        accounts::behind_address(start, sink);
    }
    if length <= 3
        && next == b'.'
        && !fraction
        && before != Some(b'-')
        && let Some(stop) = addresses::ipv4(text, start, sink.private_addresses)
        && !named_version(text, start)
        && !small_version(text, start, stop)
    {
        sink.push_for(Finder::Ipv4, start, stop, "");
        return stop;
    }
    if before == Some(b'+') && phone::international_at(start - 1, sink) {
        return end;
    }
    // `1-800-555-0199`: the trunk prefix belongs to the number.
    let trunk = matches!(&text[..start], [.., b'1', b'-']) && !text[..start - 2].last().is_some_and(is_joined);
    if length == 3 && (trunk || before.is_none_or(|byte| !matches!(byte, b'-' | b'.' | b'/' | b':'))) {
        let open = usize::from(before == Some(b'('));
        if let Some(stop) = phone::north_american(text, start - open) {
            sink.push_for(Finder::Phone, start - open, stop, "");
            return stop;
        }
    }
    let grouped = length == 4 && matches!(next, b' ' | b'-');
    if ((13..=19).contains(&length) || grouped)
        && !fraction
        && before != Some(b'-')
        && let Some((stop, brand)) = card_at(text, start)
    {
        sink.push_for(Finder::Card, start, stop, brand);
        return stop;
    }
    end
}

/// What joins a digit to what stands before it.
fn is_joined(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/' | b':')
}

/// `\n`, `\t`, `\r` written as two characters before a digit, or the `%3D` before a value.
fn escape_before(text: &[u8], start: usize) -> bool {
    matches!(&text[..start], [.., b'\\', b'n' | b'r' | b't'])
        || matches!(&text[..start], [.., b'%', b'2' | b'3' | b'5' | b'7', b'A'..=b'F'])
}

/// `version 1.2.3.4`, `v1.2.3.4`: four numbers that are no address.
fn named_version(text: &[u8], start: usize) -> bool {
    let before = text[start.saturating_sub(12)..start].to_ascii_lowercase();
    [&b"version"[..], b"ver.", b"release", b"chrome/", b"safari/", b"build"]
        .iter()
        .any(|word| memchr::memmem::find(&before, word).is_some())
        || before.ends_with(b"/")
            && before.iter().rev().skip(1).take(3).all(u8::is_ascii_alphabetic)
            && before.len() > 4
}

/// Words before four numbers that say that they are an address.
const ADDRESS_WORDS: &[&[u8]] = &[
    b"from",
    b"ip",
    b"ips",
    b"ipv4",
    b"client",
    b"address",
    b"host",
    b"server",
    b"by",
    b"to",
    b"at",
    b"for",
    b"addr",
    b"remote",
    b"peer",
    b"user",
    b"is",
    b"dns",
    b"and",
    b"or",
    b"ping",
    b"via",
    b"on",
    b"gateway",
    b"proxy",
    b"resolver",
    b"route",
];

/// `jetpack 13.9.1.2`: four small numbers behind the name of something that has versions.
fn small_version(text: &[u8], start: usize, stop: usize) -> bool {
    let small = text[start..stop]
        .split(|byte| *byte == b'.')
        .all(|part| part.len() == 1 || part < b"32".as_slice() && part.len() == 2);
    let Some(word) = text[..start].strip_suffix(b" ") else { return false };
    let word = &word[run_start(word, word.len(), &NAME, 32)..];
    small && word.len() > 1 && !ADDRESS_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The end of the card number at `start`, and its brand.
fn card_at(text: &[u8], start: usize) -> Option<(usize, &'static str)> {
    let mut digits = [0_u8; 20];
    let mut count = 0;
    let mut at = start;
    let mut separator = None;
    let mut groups: [usize; 6] = [0; 6];
    let mut group = 0;
    while at < text.len() && count < 20 {
        match text[at] {
            digit @ b'0'..=b'9' => {
                digits[count] = digit;
                count += 1;
                groups[group] += 1;
            }
            sign @ (b' ' | b'-') if groups[group] > 0 && group < 5 && *separator.get_or_insert(sign) == sign => {
                if !text.get(at + 1).is_some_and(u8::is_ascii_digit) || !full(&groups[..=group]) {
                    break;
                }
                group += 1;
            }
            _ => break,
        }
        at += 1;
    }
    let next = text.get(at).copied().unwrap_or(b' ');
    let goes_on = next.is_ascii_alphanumeric()
        || next == b'_'
        || next == b'-' && text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
        || next == b'.' && text.get(at + 1).is_some_and(u8::is_ascii_digit);
    if goes_on || !(12..=19).contains(&count) || !groups_fit(&groups[..=group], count) {
        return None;
    }
    let brand = brand(&digits[..count])?;
    (luhn(&digits[..count]) && digits[..count].iter().any(|digit| *digit != digits[0])).then_some((at, brand))
}

/// Whether another group may follow: cards are printed 4-4-4-4(-3), 4-6-5 and 4-6-4.
fn full(groups: &[usize]) -> bool {
    matches!(groups, [4] | [4, 4] | [4, 4, 4] | [4, 6] | [4, 4, 4, 4])
}

fn groups_fit(groups: &[usize], count: usize) -> bool {
    match groups {
        [_] => count >= 13,
        [4, 4, 4, 4] | [4, 6, 5] | [4, 6, 4] | [4, 4, 4, 4, 1..=3] | [4, 4, 4, 1..=3] => true,
        _ => false,
    }
}

/// The brand by its issuer's range (public BIN ranges), when the length fits.
fn brand(digits: &[u8]) -> Option<&'static str> {
    let number = |length: usize| digits[..length].iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let length = digits.len();
    let six = number(6);
    Some(match (six, length) {
        (400_000..=499_999, 13 | 16 | 19) => "visa",
        (510_000..=559_999 | 222_100..=272_099, 16) => "mastercard",
        (340_000..=349_999 | 370_000..=379_999, 15) => "amex",
        (601_100..=601_199 | 622_126..=622_925 | 644_000..=659_999, 16..=19) => "discover",
        (352_800..=358_999, 16..=19) => "jcb",
        (300_000..=305_999 | 360_000..=369_999 | 380_000..=399_999, 14) => "diners",
        (620_000..=629_999 | 810_000..=817_199, 16..=19) => "unionpay",
        (500_000..=509_999 | 560_000..=589_999 | 600_000..=699_999, 13..=19) => "maestro",
        _ => return None,
    })
}

/// Lengths of IBANs by country (SWIFT registry).
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// The digits at `start` are the check digits of an IBAN when a country stands before them.
fn iban_at(sink: &mut Sink<'_>, start: usize) -> Option<usize> {
    let text = sink.text;
    let from = start.checked_sub(2)?;
    let country = &text[from..start];
    let length = IBAN_LENGTHS.iter().find(|(code, _)| code.as_slice() == country)?.1;
    if from > 0 && (text[from - 1].is_ascii_alphanumeric() || text[from - 1] == b'_') && !escape_before(text, from) {
        return None;
    }
    let mut compact = Vec::with_capacity(length);
    let mut at = from;
    while at < text.len() && compact.len() < length {
        match text[at] {
            byte if byte.is_ascii_digit() || byte.is_ascii_uppercase() => compact.push(byte),
            b' ' | b'-' if compact.len() >= 4 && compact.len() % 4 == 0 => {}
            _ => break,
        }
        at += 1;
    }
    let ended = !text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if compact.len() != length || !ended || !mod97(&compact) {
        return None;
    }
    sink.push_for(Finder::Iban, from, at, "");
    Some(at)
}
