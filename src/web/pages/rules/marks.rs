//! A text in numbered lines, with what goes or stays marked.

use serde::Serialize;

/// Lines that are shown of one text.
pub(super) const LINES: usize = 1000;
/// Longest line that is shown, characters; of longer ones the rest is left out.
const LINE_MAX: usize = 2000;

#[derive(Serialize)]
pub(super) struct Line {
    number: usize,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    text: String,
    /// `gone`, `kept` or nothing.
    mark: &'static str,
    what: String,
}

/// A marked place: byte offsets at characters, in order, without overlaps.
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) mark: &'static str,
    pub(super) what: String,
}

/// The first [`LINES`] lines.
pub(super) fn lines(text: &str, marks: &[Mark]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').take(LINES).enumerate() {
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        lines.push(Line { number: index + 1, parts: parts(text, start, end, marks) });
        start += line.len();
    }
    lines
}

fn parts(text: &str, start: usize, end: usize, marks: &[Mark]) -> Vec<Part> {
    let end = cut(text, start, end);
    let mut parts = Vec::new();
    let mut at = start;
    let mut push = |from: usize, to: usize, mark: &'static str, what: &str| {
        if from < to {
            parts.push(Part { text: text[from..to].to_owned(), mark, what: what.to_owned() });
        }
    };
    for mark in marks.iter().filter(|mark| mark.start < end && mark.end > start) {
        let (from, to) = (mark.start.max(at), mark.end.min(end));
        push(at, from, "", "");
        push(from, to, mark.mark, &mark.what);
        at = to.max(at);
    }
    push(at, end, "", "");
    parts
}

/// The end of what is shown of a line.
fn cut(text: &str, start: usize, end: usize) -> usize {
    text[start..end].char_indices().nth(LINE_MAX).map_or(end, |(at, _)| start + at)
}

#[cfg(test)]
mod tests {
    use super::{Mark, lines};

    #[test]
    fn a_mark_over_two_lines_stands_in_both() {
        let mark = Mark { start: 2, end: 8, mark: "gone", what: "a key".into() };
        let shown = serde_json::to_value(lines("ab123\r\n4cd\nef", &[mark])).unwrap();
        let line = |at: usize| -> Vec<(String, String)> {
            let parts = shown[at]["parts"].as_array().unwrap();
            parts.iter().map(|p| (p["text"].as_str().unwrap().into(), p["mark"].as_str().unwrap().into())).collect()
        };
        let part = |text: &str, mark: &str| (text.to_owned(), mark.to_owned());
        assert_eq!(line(0), [part("ab", ""), part("123", "gone")]);
        assert_eq!(line(1), [part("4", "gone"), part("cd", "")]);
        assert_eq!(line(2), [part("ef", "")]);
    }
}
