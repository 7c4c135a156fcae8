//! Streams: a window over input of any size, in constant memory and with lines of any length.
//!
//! The window keeps [`REACH`] bytes in sight ahead of what is written, so that no rule ever sees a value cut off, and
//! [`BEHIND`] bytes of what was written already, so that keys and boundaries before a value stay visible.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use super::detect::{Hit, REACH};
use super::engine::Core;
use super::finding::{Finding, StreamSummary};
use super::known_search::KnownSearch;
use super::replace::Writer;
use super::serialized;
use super::utf16::{self, ByteOrder};

/// How much of a window is settled in one go, in bytes.
const STEP: usize = 512 * 1024;

/// What stays visible before the place where the window goes on, in bytes.
const BEHIND: usize = 1024;

/// Redacts `input` into `output`, in the encoding it came in. `revealed` hears of each rule and value.
pub(crate) fn redact(
    core: Core<'_>,
    input: &mut dyn Read,
    output: &mut dyn Write,
    findings: &mut dyn FnMut(&Finding),
    revealed: &mut dyn FnMut(&str, &[u8]),
) -> io::Result<StreamSummary> {
    let mut head = Vec::with_capacity(utf16::HEAD);
    input.take(utf16::HEAD as u64).read_to_end(&mut head)?;
    let order = utf16::detect(&head);
    let mut whole = head.as_slice().chain(input);
    let Some(order) = order else {
        let summary = redact_bytes(core, false, &mut whole, output, findings, revealed)?;
        output.flush()?;
        return Ok(summary);
    };
    let odd = Rc::new(Cell::new(None));
    let mut decoder = utf16::Decoder::new(&mut whole, order, odd.clone());
    let mut encoder = Encoder { inner: output, order };
    let mut summary = redact_bytes(core, true, &mut decoder, &mut encoder, findings, revealed)?;
    if let Some(byte) = odd.get() {
        output.write_all(&[byte])?;
        summary.bytes_in += 1;
        summary.bytes_out += 1;
    }
    output.flush()?;
    Ok(summary)
}

/// Writes whole pieces of UTF-8 as UTF-16; pieces never end inside a character.
struct Encoder<'w> {
    inner: &'w mut dyn Write,
    order: ByteOrder,
}

impl Write for Encoder<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.inner.write_all(&utf16::encode(piece, self.order))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn redact_bytes(
    core: Core<'_>,
    wide: bool,
    input: &mut dyn Read,
    output: &mut dyn Write,
    findings: &mut dyn FnMut(&Finding),
    revealed: &mut dyn FnMut(&str, &[u8]),
) -> io::Result<StreamSummary> {
    let mut counts = vec![0; core.rules.rules.len()];
    let mut known = KnownSearch::default();
    let mut writer = Writer::new(core, wide);
    let mut window: Vec<u8> = Vec::with_capacity(BEHIND + STEP + REACH);
    let mut out: Vec<u8> = Vec::with_capacity(STEP + REACH);
    let mut done = 0;
    loop {
        let ended = fill(&mut window, input)?;
        let limit = if ended { window.len() } else { cut(&window, done) };
        let hits = core.plan(&window, done..limit, Some(&mut known));
        let (hits, stop) = settle(hits, done, limit);
        writer.write(&window, done, stop, &hits, &mut out, &mut |hit, finding| {
            counts[hit.rule] += 1;
            findings(finding);
            revealed(&finding.rule, hit.value(&window));
        });
        output.write_all(&out)?;
        out.clear();
        if ended {
            break;
        }
        let keep = stop.saturating_sub(BEHIND);
        window.drain(..keep);
        done = stop - keep;
    }
    let found = core.rules.rules.iter().zip(counts).filter(|(_, count)| *count > 0);
    let mut summary =
        StreamSummary { bytes_in: writer.bytes_in(), bytes_out: writer.bytes_out(), ..StreamSummary::default() };
    for (rule, count) in found {
        summary.counts.insert(rule.info.id.clone(), count);
        summary.worst = summary.worst.max(Some(rule.info.level));
    }
    Ok(summary)
}

/// Where a full window is cut: what is ahead of it stays in sight, no character is cut in two, and no serialized string
/// is cut off from its length.
fn cut(window: &[u8], done: usize) -> usize {
    let mut limit = window.len().saturating_sub(REACH).max(done + 1);
    if let Some(begin) = serialized::begins_before(window, limit)
        && begin > done
    {
        limit = begin;
    }
    // Stray bytes that go on and on are no character.
    for back in 0..LONGEST_CHARACTER {
        let at = limit - back;
        if at <= done || at >= window.len() {
            break;
        }
        if window[at] & 0xc0 != 0x80 {
            return at;
        }
    }
    limit
}

/// Longest character in UTF-8, in bytes.
const LONGEST_CHARACTER: usize = 4;

/// Reads until the window is full; true at the end of the input.
fn fill(window: &mut Vec<u8>, input: &mut dyn Read) -> io::Result<bool> {
    let mut filled = window.len();
    window.resize(BEHIND + STEP + REACH, 0);
    let mut ended = false;
    while filled < window.len() {
        match input.read(&mut window[filled..]) {
            Ok(0) => {
                ended = true;
                break;
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    window.truncate(filled);
    Ok(ended)
}

/// The hits that begin in `done..limit`, and where the settled part ends: after the last of them, when it reaches over.
fn settle(hits: Vec<Hit>, done: usize, limit: usize) -> (Vec<Hit>, usize) {
    let mut stop = limit;
    let mut kept = Vec::with_capacity(hits.len());
    for mut hit in hits {
        if hit.end <= done {
            continue;
        }
        // What reaches over from the part that is written already was only seen whole now: its rest still goes.
        if hit.start < done {
            hit = Hit::plain(done, hit.end, hit.rule, hit.note);
        }
        if hit.start >= limit {
            break;
        }
        stop = stop.max(hit.end);
        kept.push(hit);
    }
    (kept, stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_between_characters_and_go_on_in_stray_bytes() {
        let text = "\u{1f511}".repeat(REACH);
        let limit = cut(text.as_bytes(), 0);
        assert!(text.is_char_boundary(limit) && limit > text.len() - REACH - LONGEST_CHARACTER);
        let stray = vec![0x92; 4 * REACH];
        assert_eq!(cut(&stray, 0), 3 * REACH);
    }
}
