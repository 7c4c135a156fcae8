//! Overlaps: one stated order.
//!
//! What overlaps is removed together, so that no half of anything survives. It bears the name of the longest of the
//! hits; among equally long ones of the surest rule; among equally sure ones of the rule that comes first in the files.

use super::detect::Hit;
use super::rules::Rules;

/// Sorts hits and joins those that overlap.
pub(crate) fn resolve(rules: &Rules, mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
    let mut out: Vec<Hit> = Vec::with_capacity(hits.len());
    // Extent of the hit that gives its name to the group that is being built.
    let mut namer = (0, 0);
    for hit in hits {
        match out.last_mut() {
            Some(last) if hit.start < last.end => {
                if standing(rules, &hit, hit.end - hit.start) > standing(rules, last, namer.1 - namer.0) {
                    last.rule = hit.rule;
                    last.note = hit.note;
                    namer = (hit.start, hit.end);
                }
                last.end = last.end.max(hit.end);
            }
            _ => {
                namer = (hit.start, hit.end);
                out.push(hit);
            }
        }
    }
    out
}

fn standing(rules: &Rules, hit: &Hit, length: usize) -> (usize, super::finding::Level, std::cmp::Reverse<usize>) {
    (length, rules.rules[hit.rule].info.level, std::cmp::Reverse(hit.rule))
}
