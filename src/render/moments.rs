//! Moments in sentences. A reason or a refusal is a sentence that ends up on a page, in an answer of the API or in a log;
//! it says its moments in UTC. On a page each of them is marked as one and said in the reader's zone as well, here, for
//! all pages at once.

use crate::domain::moment::Moment;
use chrono::{DateTime, NaiveDateTime};
use chrono_tz::Tz;

/// Elements whose words stay as they are: what is marked already, what people or programs wrote, what can hold no mark.
const LEFT_ALONE: &[&str] = &["time", "pre", "textarea", "code", "q", "option", "title", "script", "svg"];
/// Classes of such elements.
const LEFT_ALONE_CLASSES: &[&str] = &["entry-text", "log"];

/// The page with every moment of its sentences marked and said in `zone` beside UTC. An unknown zone reads as UTC.
pub(super) fn mark_moments(html: &str, zone: &str) -> String {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let mut out = String::with_capacity(html.len() + 512);
    let mut rest = html;
    loop {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        mark(text, zone, &mut out);
        if after.is_empty() {
            return out;
        }
        let skipped = left_alone(after);
        out.push_str(&after[..skipped]);
        rest = &after[skipped..];
    }
}

/// How much stays as it is, from a tag on: the tag, or the whole element.
fn left_alone(from: &str) -> usize {
    let tag = from.find('>').map_or(from.len(), |end| end + 1);
    let name: &str = from[1..tag].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let classes = from[..tag].split_once("class=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
    let whole = LEFT_ALONE.contains(&name) || classes.split(' ').any(|class| LEFT_ALONE_CLASSES.contains(&class));
    if !whole {
        return tag;
    }
    let end = format!("</{name}>");
    from[tag..].find(&end).map_or(tag, |at| tag + at + end.len())
}

fn mark(text: &str, zone: Tz, out: &mut String) {
    let (mut done, mut at) = (0, 0);
    while let Some(dash) = text[at..].find('-') {
        let dash = at + dash;
        at = dash + 1;
        let Some((start, end, moment)) = moment_at(text, dash) else { continue };
        out.push_str(&text[done..start]);
        out.push_str(&marked(moment, zone));
        (done, at) = (end, end);
    }
    out.push_str(&text[done..]);
}

/// The moment whose year ends at `dash`, with its first byte and the byte after it: `2026-11-21 10:02 UTC`,
/// `2026-11-21T10:02:00Z`.
fn moment_at(text: &str, dash: usize) -> Option<(usize, usize, Moment)> {
    let start = dash.checked_sub(4)?;
    let whole = text.get(start..)?;
    let is_alone = !text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    let plain = whole.get(..20).and_then(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M UTC").ok());
    if let (true, Some(at)) = (is_alone, plain) {
        return Some((start, start + 20, Moment::from_naive_utc(at)));
    }
    let length = whole.find('Z').filter(|at| (16..=30).contains(at))? + 1;
    let at = DateTime::parse_from_rfc3339(&whole[..length]).ok().filter(|_| is_alone)?;
    Some((start, start + length, Moment::from_utc(at.to_utc())))
}

fn marked(at: Moment, zone: Tz) -> String {
    let (iso, utc, here) = (at.rfc3339(), at.in_zone(Tz::UTC), at.in_zone(zone));
    let both = match (here == utc, here[..10] == utc[..10]) {
        (true, _) => format!("<span class=\"when\">{utc}</span>"),
        (_, true) => format!("<span class=\"when\">{here}</span> <span class=\"when\">({})</span>", &utc[11..]),
        _ => format!("<span class=\"when\">{here}</span> <span class=\"when\">({utc})</span>"),
    };
    format!("<time datetime=\"{iso}\" data-local>{both}</time>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_a_sentence_is_said_in_the_readers_zone_too() {
        let both = "<time datetime=\"2026-11-21T23:30:00Z\" data-local>\
            <span class=\"when\">2026-11-22 00:30 CET</span> <span class=\"when\">(2026-11-21 23:30 UTC)</span></time>";
        for said in ["2026-11-21 23:30 UTC", "2026-11-21T23:30:00Z"] {
            let page = mark_moments(&format!("<p>Paused since {said}; why?</p>"), "Europe/Berlin");
            assert_eq!(page, format!("<p>Paused since {both}; why?</p>"));
        }
        let same = mark_moments("at 2026-11-21 10:02 UTC", "Europe/Berlin");
        assert!(same.ends_with("2026-11-21 11:02 CET</span> <span class=\"when\">(10:02 UTC)</span></time>"), "{same}");
        let utc = mark_moments("at 2026-11-21 10:02 UTC.", "");
        assert!(utc.ends_with("<span class=\"when\">2026-11-21 10:02 UTC</span></time>."), "{utc}");
    }

    #[test]
    fn words_of_others_and_what_is_no_moment_stay() {
        for page in [
            "<pre>2026-11-21 10:02 UTC</pre>",
            "<p class=\"entry-text small\">since 2026-11-21 10:02 UTC</p>",
            "<time>2026-11-21 10:02 UTC</time>",
            "<a href=\"/x?at=2026-11-21T10:02:00Z\">x</a>",
            "<p>INC-2026-0001, 2026-11-21, 2026-13-41 10:02 UTC, 12026-11-21 10:02 UTC, ü-2026-1-1, -</p>",
        ] {
            assert_eq!(mark_moments(page, "Europe/Berlin"), page);
        }
    }
}
