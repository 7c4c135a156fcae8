//! Views: what a text hides in JSON escapes, URL encoding, HTML entities, quoted-printable and base64.
//!
//! Only the surroundings of escapes are decoded, all kinds of escapes in one go and at most [`DEPTH`] times over (a URL
//! in a JSON string in a JSON string). Each decoded byte knows where it stood, so that hits in a view become hits in
//! the text.

mod base64_runs;
mod escapes;

use super::detect::{Hit, Survey, Wrap};

/// How many wrappings inside each other are undone.
const DEPTH: usize = 3;

/// A decoded part of a text.
pub(crate) struct View {
    pub(crate) text: Vec<u8>,
    origin: Origin,
}

enum Origin {
    /// Where each byte stood, and one more for the end.
    Escapes(Vec<u32>),
    /// Where the first group of four stood, where the run ends, and whether its alphabet is the one for URLs.
    Base64 { start: usize, end: usize, for_urls: bool },
}

/// All views of a text, whose survey says where its long runs are.
pub(crate) fn of(text: &[u8], survey: &Survey<'_>) -> Vec<View> {
    let mut views = Vec::new();
    for region in escapes::regions(text, &survey.printable) {
        let (mut decoded, mut map) = escapes::decode(&text[region.0..region.1], region.2);
        for place in &mut map {
            *place += region.0 as u32;
        }
        for _ in 1..DEPTH {
            if !escapes::has_more(&decoded) {
                break;
            }
            let (next, inner) = escapes::decode(&decoded, false);
            if next.len() == decoded.len() {
                break;
            }
            let outer: Vec<u32> = inner.iter().map(|place| map[*place as usize]).collect();
            views.push(View { text: decoded, origin: Origin::Escapes(map) });
            decoded = next;
            map = outer;
        }
        views.push(View { text: decoded, origin: Origin::Escapes(map) });
    }
    base64_runs::decode_all(text, &survey.long_runs, &mut |decoded, start, end, for_urls| {
        views.push(View { text: decoded, origin: Origin::Base64 { start, end, for_urls } });
    });
    views
}

impl View {
    /// The hit in the text that a hit in this view means.
    pub(crate) fn lift(&self, text: &[u8], hit: Hit) -> Hit {
        let value = self.text[hit.start..hit.end].to_vec();
        match &self.origin {
            Origin::Escapes(map) => {
                let (start, end) = (map[hit.start] as usize, map[hit.end] as usize);
                let wrap = if percent_encoded(text, start, end) { Wrap::Percent } else { Wrap::None };
                Hit { start, end, wrap, decoded: Some(value), ..hit }
            }
            Origin::Base64 { start: run, end: run_end, for_urls } => {
                let first = hit.start / 3 * 3;
                let last = (hit.end.div_ceil(3) * 3).min(self.text.len());
                let start = run + first / 3 * 4;
                let end = if last == self.text.len() { *run_end } else { run + last / 3 * 4 };
                let wrap = Wrap::Base64 {
                    before: self.text[first..hit.start].to_vec(),
                    after: self.text[hit.end..last].to_vec(),
                    for_urls: *for_urls,
                };
                Hit { start, end, wrap, decoded: Some(value), ..hit }
            }
        }
    }
}

/// Whether a value stands in URL encoding: it holds an escape itself or touches one.
fn percent_encoded(text: &[u8], start: usize, end: usize) -> bool {
    let from = start.saturating_sub(3);
    let to = text.len().min(end + 3);
    memchr::memchr_iter(b'%', &text[from..to]).any(|at| {
        let digits = text.get(from + at + 1..from + at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
