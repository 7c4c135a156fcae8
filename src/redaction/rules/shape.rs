//! Shapes: the form of a token, written for people and matched without a regular expression.
//!
//! A shape is a row of parts separated by spaces: a literal (`ghp_`), or a class with a length (`alnum{36}`,
//! `base64url{20,}`). Classes are matched as far as they go, without going back: a token whose run is longer or shorter
//! than the shape says is another token. Most of the rules are shapes, because a published token is a prefix, an
//! alphabet and a length, and because hundreds of them cost neither memory nor time.

use super::super::classes::{self, ByteClass, WORD, run_end};

/// Longest token a shape may match, in bytes: what a stream keeps in sight.
pub(crate) const LONGEST_TOKEN: usize = 4 * 1024;

/// Long runs that were read before, the last one of each of a few classes, so that a row of prefixes inside one is not
/// read over and over.
#[derive(Default)]
pub(crate) struct LongRuns {
    runs: [LongRun; 4],
    /// Which of them is forgotten next.
    next: usize,
}

#[derive(Clone, Copy, Default)]
struct LongRun {
    class: Option<&'static ByteClass>,
    from: usize,
    to: usize,
}

/// Runs that are shorter cost nothing to read again, in bytes.
const LONG: usize = 256;

impl LongRuns {
    /// As [`run_end`], going on where the last long run was left.
    fn end(&mut self, text: &[u8], from: usize, class: &'static ByteClass, limit: usize) -> usize {
        let of_class = |run: &LongRun| run.class.is_some_and(|known| std::ptr::eq(known, class));
        let known = self.runs.iter().position(of_class);
        let stop = from.saturating_add(limit);
        let read =
            known.map(|place| self.runs[place]).filter(|run| run.from <= from && from < run.to && run.to <= stop);
        let end = match read {
            Some(run) => run_end(text, run.to, class, stop - run.to),
            None => run_end(text, from, class, limit),
        };
        if end - from >= LONG {
            let place = known.unwrap_or(self.next);
            if known.is_none() {
                self.next = (self.next + 1) % self.runs.len();
            }
            self.runs[place] = LongRun { class: Some(class), from, to: end };
        }
        end
    }
}

enum Part {
    Literal(Vec<u8>),
    Run { class: &'static ByteClass, least: usize, most: usize, trim: bool },
}

/// The form of a token.
pub(crate) struct Shape {
    parts: Vec<Part>,
    source: String,
}

impl Shape {
    /// Reads a shape as rule files write it. The error says what is wrong with it.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let words: Vec<&str> = source.split_whitespace().collect();
        if words.is_empty() {
            return Err("an empty shape".to_owned());
        }
        let mut parts = Vec::new();
        for (place, word) in words.iter().enumerate() {
            let next = words.get(place + 1).copied();
            parts.push(parse_part(word, next)?);
        }
        Ok(Shape { parts, source: source.to_owned() })
    }

    /// The literal it begins with: what the prefilter looks for.
    pub(crate) fn prefix(&self) -> Option<&[u8]> {
        match self.parts.first() {
            Some(Part::Literal(text)) => Some(text),
            _ => None,
        }
    }

    /// The end of the token that starts at `from`, when the text there has this shape and ends at its own boundary.
    pub(crate) fn matches(&self, text: &[u8], from: usize, long_runs: &mut LongRuns) -> Option<usize> {
        let mut at = from;
        for part in &self.parts {
            at = match part {
                Part::Literal(expected) => {
                    let end = at + expected.len();
                    if text.get(at..end)? != expected.as_slice() {
                        return None;
                    }
                    end
                }
                Part::Run { class, least, most, trim } => {
                    let stop = if *trim { *most } else { most.saturating_add(1) };
                    let end = long_runs.end(text, at, class, stop);
                    if end - at < *least || end - at > *most {
                        return None;
                    }
                    end
                }
            };
        }
        let ended = at >= text.len() || !WORD[text[at] as usize] || !WORD[text[at - 1] as usize];
        (ended && at > from).then_some(at)
    }

    /// Whether all of `value` has this shape.
    pub(crate) fn is(&self, value: &[u8]) -> bool {
        self.matches(value, 0, &mut LongRuns::default()) == Some(value.len())
    }

    /// The same shape as a regular expression, for the second scan.
    pub(crate) fn to_regex(&self) -> String {
        let mut out = String::new();
        for word in self.source.split_whitespace() {
            match class_of(word) {
                Some((class, bounds)) => {
                    out.push_str(class);
                    out.push('{');
                    out.push_str(bounds);
                    out.push('}');
                }
                None => out.push_str(&regex::escape(word)),
            }
        }
        out
    }
}

fn class_of(word: &str) -> Option<(&'static str, &str)> {
    let (name, rest) = word.split_once('{')?;
    Some((classes::as_regex(name)?, rest.strip_suffix('}')?))
}

fn parse_part(word: &str, next: Option<&str>) -> Result<Part, String> {
    let Some((name, rest)) = word.split_once('{') else {
        return Ok(Part::Literal(word.as_bytes().to_vec()));
    };
    let class = classes::named(name).ok_or_else(|| format!("there is no class {name:?}"))?;
    let bounds = rest.strip_suffix('}').ok_or_else(|| format!("{word:?} does not end with a brace"))?;
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("{word:?} has a length that is no number"));
    let (least, most) = match bounds.split_once(',') {
        None => (number(bounds)?, number(bounds)?),
        Some((least, "")) => (number(least)?, LONGEST_TOKEN),
        Some((least, most)) => (number(least)?, number(most)?),
    };
    if least > most || most > LONGEST_TOKEN {
        return Err(format!("{word:?} has a length out of order or over {LONGEST_TOKEN}"));
    }
    // A run of fixed length may be followed by a part that begins with bytes of its own class; only then is it cut at
    // its length instead of being refused as too long.
    let trim = least == most && next.is_some();
    Ok(Part::Run { class, least, most, trim })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(shape: &str, text: &str) -> Option<usize> {
        Shape::parse(shape).unwrap().matches(text.as_bytes(), 0, &mut LongRuns::default())
    }

    #[test]
    fn a_shape_is_prefix_alphabet_and_length() {
        assert_eq!(matched("ab_ digit{4}", "ab_1234 rest"), Some(7));
        assert_eq!(matched("ab_ digit{4}", "ab_12345"), None);
        assert_eq!(matched("ab_ digit{4}", "ab_1234x"), None);
        assert_eq!(matched("ab_ digit{2,} - hex{4}", "ab_123-beef"), Some(11));
        assert_eq!(matched("lower{2} digit{2} alnum{3}", "ab12cd3"), Some(7));
    }

    #[test]
    fn what_is_wrong_with_a_shape_is_said() {
        for wrong in ["", "nothing{3}", "digit{x}", "digit{4", "digit{5,2}", "digit{99999999}"] {
            assert!(Shape::parse(wrong).is_err(), "{wrong}");
        }
    }
}
