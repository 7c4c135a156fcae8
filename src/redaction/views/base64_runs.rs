//! Base64: long runs of its alphabet that decode to text, also when they are wrapped over lines.

use std::borrow::Cow;

use base64::Engine;

use super::super::classes::{BASE64, BLANK, run_end};

/// Shortest run worth decoding, in characters: shorter ones hold no secret with its context.
const SHORTEST: usize = 16;

/// Longest part of a run that is decoded in one view, in characters (a multiple of four).
const LONGEST: usize = 16 * 1024;

/// How much of the start of a run decides whether it decodes to text, in characters.
const PROBE: usize = 64;

/// Shortest line of wrapped base64, in characters: mail writes 76, PEM 64, others 60 or 72.
const SHORTEST_LINE: usize = 40;

/// Widest indentation of wrapped base64.
const INDENT: usize = 16;

/// Where the letters of one run stand.
pub(super) struct Letters {
    /// For each line: which letter is its first, and where that stands in the text.
    lines: Vec<(usize, usize)>,
    /// Which letter is the first of the view.
    first: usize,
    /// Where the run ends in the text, with its padding.
    end: usize,
    /// Whether it is written in the alphabet for URLs.
    pub(super) for_urls: bool,
}

impl Letters {
    /// Where the letters begin and end in the text that encode the decoded bytes `from..to`, which are whole groups of
    /// three; `ends` says that they reach to the end of the view.
    pub(super) fn place(&self, from: usize, to: usize, ends: bool) -> (usize, usize) {
        let start = self.letter(self.first + from / 3 * 4);
        (start, if ends { self.end } else { self.letter(self.first + to / 3 * 4 - 1) + 1 })
    }

    fn letter(&self, at: usize) -> usize {
        let line = self.lines.partition_point(|line| line.0 <= at).saturating_sub(1);
        self.lines[line].1 + at - self.lines[line].0
    }
}

/// A run with its lines put together.
struct Run<'t> {
    letters: Cow<'t, [u8]>,
    lines: Vec<(usize, usize)>,
    end: usize,
}

/// Calls `take` with each decoded text and where its letters stand.
pub(super) fn decode_all(text: &[u8], long_runs: &[(usize, usize)], take: &mut dyn FnMut(Vec<u8>, Letters)) {
    let mut done = 0;
    for (place, (start, end)) in long_runs.iter().copied().enumerate() {
        // Words, paths and names are runs too; encoded text mixes cases and digits within a few characters.
        let probe = &text[start..end.min(start + PROBE)];
        // So few that their number fits a byte, which lets the compiler count many at once.
        let upper: u8 = probe.iter().map(|byte| u8::from(byte.is_ascii_uppercase())).sum();
        if start < done || usize::from(upper) * 12 < probe.len() {
            continue;
        }
        let run = whole_run(text, &long_runs[place..]);
        done = run.end;
        decode_run(text, &run, take);
    }
}

/// The first of the runs, with the lines that go on from it.
fn whole_run<'t>(text: &'t [u8], runs: &[(usize, usize)]) -> Run<'t> {
    let (start, end) = runs[0];
    let mut run = Run { letters: Cow::Borrowed(&text[start..end]), lines: vec![(0, start)], end };
    let width = end - start;
    if !(SHORTEST_LINE..=LONGEST).contains(&width) || !width.is_multiple_of(4) {
        return run;
    }
    while run.letters.len() + width <= LONGEST {
        let Some(next) = next_line(text, run.end) else { break };
        let stop = run_end(text, next, &BASE64, width + 1);
        if stop == next || stop - next > width {
            break;
        }
        run.lines.push((run.letters.len(), next));
        run.letters.to_mut().extend_from_slice(&text[next..stop]);
        run.end = stop;
        if stop - next < width {
            break;
        }
    }
    run
}

/// Where the next line begins, when `at` ends a line: with a line end or with one written as an escape.
fn next_line(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + 8)];
    let length = [&b"\n"[..], b"\r\n", b"\\n", b"\\r\\n"].iter().find(|end| rest.starts_with(end))?.len();
    Some(run_end(text, at + length, &BLANK, INDENT))
}

fn decode_run(text: &[u8], run: &Run<'_>, take: &mut dyn FnMut(Vec<u8>, Letters)) {
    let letters = &run.letters[..];
    // The run may begin with a word or path that is glued to it; what encodes JSON shows its own beginning.
    let json = memchr::memmem::find(letters, b"eyJ").filter(|at| *at > 3);
    let Some(mut from) = (0..4).chain(json).find(|shift| decodes_to_text(&letters[*shift..])) else { return };
    let for_urls = letters.iter().any(|byte| matches!(byte, b'-' | b'_'));
    while letters.len() - from >= SHORTEST {
        let to = if letters.len() - from > LONGEST { from + LONGEST } else { letters.len() };
        let Some(decoded) = decode(&letters[from..to], for_urls) else { return };
        let ended = to == letters.len();
        let mut origin = Letters { lines: run.lines.clone(), first: from, end: 0, for_urls };
        origin.end = if ended { padding_end(text, run.end) } else { origin.letter(to - 1) + 1 };
        take(decoded, origin);
        if ended {
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

fn decode(run: &[u8], for_urls: bool) -> Option<Vec<u8>> {
    let whole = &run[..run.len() - usize::from(run.len() % 4 == 1)];
    if !for_urls {
        return LENIENT.decode(whole).ok();
    }
    // What belongs to the run may be written in either alphabet.
    let plain: Vec<u8> = whole
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_wrapped_lines_know_their_places() {
        let line = "cGFzc3dvcmQgPSAiZ3IzM24tbGFudGVybiIgYW5kIG1v";
        for end in ["\n", "\r\n", "\\n", "\n    "] {
            let text = format!("data: {line}{end}{line}{end}cmU= rest");
            let runs = [(6, 6 + line.len()), (6 + line.len() + end.len(), 6 + 2 * line.len() + end.len())];
            let mut seen = Vec::new();
            decode_all(text.as_bytes(), &runs, &mut |decoded, letters| seen.push((decoded, letters)));
            assert_eq!(seen.len(), 1, "{end:?}");
            let (decoded, letters) = &seen[0];
            assert_eq!(decoded.len(), 2 * line.len() / 4 * 3 + 2);
            assert_eq!(letters.place(0, 3, false), (6, 10));
            let second = line.len() / 4 * 3;
            let start = 6 + line.len() + end.len();
            assert_eq!(letters.place(second, second + 3, false), (start, start + 4));
            assert_eq!(letters.place(second - 3, second + 3, false), (6 + line.len() - 4, start + 4));
            assert_eq!(&text[letters.place(second, decoded.len(), true).1..], " rest");
        }
    }
}
