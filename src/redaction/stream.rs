//! Streams: a window over input of any size, in constant memory and with lines of any length.
//!
//! The window keeps [`REACH`] bytes in sight ahead of what is written, so that no rule ever sees a value cut off, and
//! [`BEHIND`] bytes of what was written already, so that keys and boundaries before a value stay visible.

use std::io::{self, Read, Write};

use super::detect::{Hit, REACH};
use super::engine::Core;
use super::finding::{Finding, StreamSummary};
use super::known_search::StreamKnown;
use super::replace::Writer;

/// How much of a window is settled in one go, in bytes.
const STEP: usize = 512 * 1024;

/// What stays visible before the place where the window goes on, in bytes.
const BEHIND: usize = 1024;

/// Redacts `input` into `output`. `revealed` hears of each rule and value.
pub(crate) fn redact(
    core: Core<'_>,
    input: &mut dyn Read,
    output: &mut dyn Write,
    findings: &mut dyn FnMut(&Finding),
    revealed: &mut dyn FnMut(&str, &[u8]),
) -> io::Result<StreamSummary> {
    let mut summary = StreamSummary::default();
    let mut known = StreamKnown::new();
    let mut writer = Writer::new(core);
    let mut window: Vec<u8> = Vec::with_capacity(BEHIND + STEP + REACH);
    let mut out: Vec<u8> = Vec::with_capacity(STEP + REACH);
    let mut done = 0;
    loop {
        let ended = fill(&mut window, input)?;
        let hits = core.plan(&window, Some(&mut known));
        let limit = if ended { window.len() } else { window.len().saturating_sub(REACH).max(done) };
        let (hits, stop) = settle(hits, done, limit);
        writer.write(&window, done, stop, &hits, &mut out, &mut |finding, value| {
            summary.count(finding);
            findings(finding);
            revealed(&finding.rule, value);
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
    output.flush()?;
    summary.bytes_in = writer.bytes_in();
    summary.bytes_out = writer.bytes_out();
    Ok(summary)
}

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
        hit.start = hit.start.max(done);
        if hit.start >= limit {
            break;
        }
        stop = stop.max(hit.end);
        kept.push(hit);
    }
    (kept, stop)
}
