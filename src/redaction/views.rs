//! Views: what a text hides in JSON escapes, URL encoding, HTML entities, quoted-printable, base64 and UTF-16.
//!
//! Only the surroundings of escapes are decoded, all kinds of escapes in one go and at most [`DEPTH`] times over (a URL
//! in a JSON string in a JSON string). Each decoded byte knows where it stood, so that hits in a view become hits in
//! the text.

mod base64_runs;
mod escapes;
mod printable;
mod wide_runs;

use super::detect::{Hit, Survey, Wrap, Wrapped};
use super::utf16::ByteOrder;

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
    /// The same for UTF-16.
    Wide(Vec<u32>, ByteOrder),
    Base64(base64_runs::Letters),
}

/// All views of a text, whose survey says where its long runs are.
pub(crate) fn of(text: &[u8], survey: &Survey<'_>) -> Vec<View> {
    let mut views = Vec::new();
    for region in escapes::regions(text, &survey.printable) {
        let (decoded, mut map) = escapes::decode(&text[region.0..region.1], region.2);
        for place in &mut map {
            *place += region.0 as u32;
        }
        unwrap(decoded, map, &mut |text, map| views.push(View { text, origin: Origin::Escapes(map) }));
    }
    wide_runs::decode_all(text, &mut |decoded, map, order| {
        unwrap(decoded, map, &mut |text, map| views.push(View { text, origin: Origin::Wide(map, order) }));
    });
    base64_runs::decode_all(text, &survey.long_runs, &mut |decoded, letters| {
        views.push(View { text: decoded, origin: Origin::Base64(letters) });
    });
    views
}

/// Gives a decoded text, and what it hides in turn, each with its map.
fn unwrap(mut decoded: Vec<u8>, mut map: Vec<u32>, take: &mut dyn FnMut(Vec<u8>, Vec<u32>)) {
    for _ in 1..DEPTH {
        if !escapes::has_more(&decoded) {
            break;
        }
        let (next, inner) = escapes::decode(&decoded, false);
        if next.len() == decoded.len() {
            break;
        }
        let outer: Vec<u32> = inner.iter().map(|place| map[*place as usize]).collect();
        take(decoded, map);
        decoded = next;
        map = outer;
    }
    take(decoded, map);
}

impl View {
    /// The hit in the text that a hit in this view means.
    pub(crate) fn lift(&self, text: &[u8], hit: Hit) -> Hit {
        let (start, end, wrap) = match &self.origin {
            Origin::Escapes(map) => {
                let (start, end) = (map[hit.start] as usize, map[hit.end] as usize);
                (start, end, if percent_encoded(text, start, end) { Wrap::Percent } else { Wrap::None })
            }
            Origin::Wide(map, order) => (map[hit.start] as usize, map[hit.end] as usize, Wrap::Wide(*order)),
            Origin::Base64(letters) => {
                let first = hit.start / 3 * 3;
                let last = (hit.end.div_ceil(3) * 3).min(self.text.len());
                let (start, end) = letters.place(first, last, last == self.text.len());
                let wrap = Wrap::Base64 {
                    before: self.text[first..hit.start].to_vec(),
                    after: self.text[hit.end..last].to_vec(),
                    for_urls: letters.for_urls,
                };
                (start, end, wrap)
            }
        };
        let value = Some(self.text[hit.start..hit.end].to_vec());
        Hit { start, end, wrapped: Some(Box::new(Wrapped { value, wrap })), ..hit }
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
