//! Base64: long runs of its alphabet that decode to text.

use base64::Engine;

use super::super::classes::{BASE64, BASE64URL, ByteClass};

/// Shortest run worth decoding, in characters: shorter ones hold no secret with its context.
const SHORTEST: usize = 16;

/// Longest part of a run that is decoded in one view, in characters (a multiple of four).
const LONGEST: usize = 16 * 1024;

/// How much of the start of a run decides whether it decodes to text, in characters.
const PROBE: usize = 64;

static EITHER: ByteClass = {
    let mut table = BASE64;
    let mut byte = 0;
    while byte < 256 {
        table[byte] = BASE64[byte] || BASE64URL[byte];
        byte += 1;
    }
    table
};

/// Calls `take` with each decoded text, where its first group stands, where the run ends (with its padding), and whether
/// it is written in the alphabet for URLs.
pub(super) fn decode_all(text: &[u8], take: &mut dyn FnMut(Vec<u8>, usize, usize, bool)) {
    let mut at = 0;
    // Looking at every sixteenth byte is enough: a run of sixteen cannot pass between two looks.
    while let Some(look) = text.get(at + SHORTEST - 1) {
        if !EITHER[*look as usize] {
            at += SHORTEST;
            continue;
        }
        let mut start = at + SHORTEST - 1;
        while start > at && EITHER[text[start - 1] as usize] {
            start -= 1;
        }
        let mut end = at + SHORTEST;
        while end < text.len() && EITHER[text[end] as usize] {
            end += 1;
        }
        if end - start >= SHORTEST {
            decode_run(text, start, end, take);
        }
        at = end;
    }
}

fn decode_run(text: &[u8], start: usize, end: usize, take: &mut dyn FnMut(Vec<u8>, usize, usize, bool)) {
    let run = &text[start..end];
    // Words, paths and names are runs too; encoded text mixes cases and digits within a few characters.
    let probe = &run[..run.len().min(PROBE)];
    let upper = probe.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if upper * 12 < probe.len() {
        return;
    }
    // The run may begin with a word or path that is glued to it; what encodes JSON shows its own beginning.
    let json = memchr::memmem::find(run, b"eyJ").filter(|at| *at > 3);
    let Some(shift) = (0..4).chain(json).find(|shift| decodes_to_text(&run[*shift..])) else { return };
    let mut from = start + shift;
    while end - from >= SHORTEST {
        let to = if end - from > LONGEST { from + LONGEST } else { end };
        let piece = &text[from..to];
        let Some(decoded) = decode(piece) else { return };
        let padded = if to == end { padding_end(text, end) } else { to };
        let for_urls = run.iter().any(|byte| matches!(byte, b'-' | b'_'));
        take(decoded, from, padded, for_urls);
        if to == end {
            return;
        }
        // The next part begins before the end of this one, so that a value across the seam is seen whole.
        from = to - LONGEST / 4;
    }
}

fn padding_end(text: &[u8], end: usize) -> usize {
    end + text[end..].iter().take(2).take_while(|byte| **byte == b'=').count()
}

fn decodes_to_text(run: &[u8]) -> bool {
    if run.len() < SHORTEST - 4 {
        return false;
    }
    let probe = &run[..run.len().min(PROBE) & !3];
    decode(probe).is_some_and(|decoded| is_text(&decoded))
}

fn is_text(decoded: &[u8]) -> bool {
    let odd = decoded
        .iter()
        .filter(|byte| **byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t' | 0) || **byte == 127)
        .count();
    let high = decoded.iter().filter(|byte| **byte >= 0x80).count();
    odd == 0 && high * 4 <= decoded.len()
}

fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let whole = run.len() - usize::from(run.len() % 4 == 1);
    let plain: Vec<u8> = run[..whole]
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    LENIENT.decode(plain).ok()
}

/// The last character of a run cut off elsewhere may hold bits that belong to nothing.
static LENIENT: base64::engine::GeneralPurpose = base64::engine::GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    base64::engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);
