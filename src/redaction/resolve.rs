//! Overlaps: one stated order.
//!
//! What overlaps is removed together, so that no half of anything survives. It bears the name of the longest of the
//! hits; among equally long ones of the surest rule; among equally sure ones of the rule that comes first in the files.

use std::cmp::Reverse;

use super::detect::{Hit, Wrap, Wrapped};
use super::finding::Level;
use super::rules::Rules;

/// Sorts hits and joins those that overlap.
pub(crate) fn resolve(rules: &Rules, mut hits: Vec<Hit>) -> Vec<Hit> {
    // Each finder gives its hits in their order: sorting that knows runs has little to do.
    hits.sort_by_key(|hit| (hit.start, Reverse(hit.end), hit.rule, hit.decoded().is_none()));
    let mut out: Vec<Hit> = Vec::with_capacity(hits.len());
    // Length of the hit that gives its name to the group that is being built.
    let mut namer = 0;
    for hit in hits {
        match out.last_mut() {
            Some(last) if hit.start < last.end => {
                let length = hit.end - hit.start;
                let better = standing(rules, &hit, length) > standing(rules, last, namer);
                join(last, hit, better);
                if better {
                    namer = length;
                }
            }
            _ => {
                namer = hit.end - hit.start;
                out.push(hit);
            }
        }
    }
    out
}

/// Leaves of `found` those hits that change something beside those that are `settled` (sorted, without overlaps): none of
/// these covers them and keeps its name.
pub(crate) fn keep_news(rules: &Rules, settled: &[Hit], found: &mut Vec<Hit>) {
    // How many of the settled ones do not begin behind the hit: it goes on from that of the last one, which is near.
    let mut before = 0;
    found.retain(|hit| {
        before += settled[before..].iter().take_while(|other| other.start <= hit.start).count();
        before -= settled[..before].iter().rev().take_while(|other| other.start > hit.start).count();
        let Some(other) = before.checked_sub(1).map(|place| &settled[place]) else { return true };
        let (length, others) = (hit.end - hit.start, other.end - other.start);
        hit.end > other.end || standing(rules, hit, length) > standing(rules, other, others)
    });
}

/// Joins `hit` to the group `last`, under the name of the better one.
fn join(last: &mut Hit, hit: Hit, better: bool) {
    let (start, end) = (last.start, last.end.max(hit.end));
    let whole = |hit: &Hit| hit.start == start && hit.end == end;
    let wrap = match (last.wrap(), hit.wrap()) {
        // What stands before the first and after the last value in their groups of bytes stays.
        (Wrap::Base64 { before, after, for_urls }, Wrap::Base64 { after: later, .. }) => {
            let after = if hit.end >= last.end { later } else { after };
            Some(Wrap::Base64 { before: before.clone(), after: after.clone(), for_urls: *for_urls })
        }
        (Wrap::Wide(order), _) | (_, Wrap::Wide(order)) => Some(Wrap::Wide(*order)),
        (Wrap::Percent, _) | (_, Wrap::Percent) => Some(Wrap::Percent),
        _ => None,
    };
    let together = |wrap| Box::new(Wrapped { value: None, wrap });
    let kept_whole = whole(last);
    if better {
        let became_whole = whole(&hit);
        *last = Hit { start, end, ..hit };
        if !became_whole {
            last.wrapped = wrap.map(together);
        }
    } else if !kept_whole {
        last.end = end;
        last.wrapped = wrap.map(together);
    }
}

/// Longer first; then the surer; then what was seen without its wrapping (its value is the true one); then the rule that
/// stands first.
fn standing(rules: &Rules, hit: &Hit, length: usize) -> (usize, Level, bool, Reverse<usize>) {
    (length, rules.rules[hit.rule].info.level, hit.decoded().is_some(), Reverse(hit.rule))
}
