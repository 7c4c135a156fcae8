//! Base64: long runs of its alphabet that decode to text.

use base64::Engine;

/// Shortest run worth decoding, in characters: shorter ones hold no secret with its context.
const SHORTEST: usize = 16;

/// Longest part of a run that is decoded in one view, in characters (a multiple of four).
const LONGEST: usize = 16 * 1024;

/// How much of the start of a run decides whether it decodes to text, in characters.
const PROBE: usize = 64;

/// Calls `take` with each decoded text, where its first group stands, where the run ends (with its padding), and whether
/// it is written in the alphabet for URLs.
pub(super) fn decode_all(text: &[u8], long_runs: &[(usize, usize)], take: &mut dyn FnMut(Vec<u8>, usize, usize, bool)) {
    for (start, end) in long_runs.iter().copied() {
        decode_run(text, start, end, take);
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

/// Whether the first characters decode to text: most runs that are no base64 fail within a few of them.
fn decodes_to_text(run: &[u8]) -> bool {
    if run.len() < SHORTEST - 4 {
        return false;
    }
    let mut high = 0;
    let mut all = 0;
    for four in run[..run.len().min(PROBE)].as_chunks::<4>().0 {
        let group = four.iter().fold(0, |group, byte| group << 6 | u32::from(SIX_BITS[*byte as usize]));
        for byte in [(group >> 16) as u8, (group >> 8) as u8, group as u8] {
            if byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t' | 0) || byte == 127 {
                return false;
            }
            high += u32::from(byte >= 0x80);
            all += 1;
        }
    }
    high * 4 <= all
}

/// The six bits that a character stands for, in either alphabet.
static SIX_BITS: [u8; 256] = {
    let mut table = [0; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut place = 0;
    while place < 64 {
        table[alphabet[place] as usize] = place as u8;
        place += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

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
