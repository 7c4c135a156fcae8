//! What rules cost on a text made to hurt them.
//!
//! A pattern is tried at each of its keywords and reads on from there: where the text is made of keywords, a pattern that
//! reads far each time costs the length of the text times that reach. The measure is beside a pattern that reads only the
//! keyword, on the same text in the same run, so that it says the same on a fast and on a busy machine.

use std::time::Instant;

use memchr::memmem;
use regex::bytes::Regex;

use super::super::detect::PATTERN_REACH;
use super::Rules;
use super::compile::compile_regex;

/// Bytes of the text that is tried.
const SAMPLE: usize = 32 * 1024;

/// Tries, of which the fastest counts.
const TRIES: usize = 5;

/// What may stand between keywords so that a pattern goes on reading.
const FILLERS: &[&str] = &["", "a", "0", " ", "-", "\"", "A1_b2-"];

/// The worst ratio over the patterns of all rules and all fillers.
pub(super) fn of(rules: &Rules) -> f64 {
    let mut worst = 1.0_f64;
    for rule in &rules.rules {
        let (Some(pattern), Some(keyword)) = (&rule.pattern, rule.keywords.first()) else { continue };
        // The keyword followed by a byte that no sample holds: tried at the same places, found nowhere.
        let Ok(plain) = compile_regex(&format!("^(?:{}\\x01)", regex::escape(keyword))) else { continue };
        for filler in FILLERS {
            let unit = format!("{keyword}{filler}");
            let sample = unit.repeat(SAMPLE / unit.len().max(1) + 1);
            let (own, reference) = (seconds(pattern, keyword, &sample), seconds(&plain, keyword, &sample));
            worst = worst.max(own / reference.max(1e-9));
        }
    }
    worst
}

/// How long it takes to try a pattern at each of its keywords, as the first pass does.
fn seconds(pattern: &Regex, keyword: &str, sample: &str) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..TRIES {
        let begin = Instant::now();
        let mut taken = 0;
        for at in memmem::find_iter(sample.as_bytes(), keyword) {
            let window = &sample.as_bytes()[at..sample.len().min(at + PATTERN_REACH)];
            // What lies inside the last find is not tried again.
            if at >= taken
                && let Some(found) = pattern.find(window)
            {
                taken = at + found.end();
            }
        }
        std::hint::black_box(taken);
        best = best.min(begin.elapsed().as_secs_f64());
    }
    best
}

#[cfg(test)]
mod tests {
    use super::Rules;

    fn cost(pattern: &str) -> f64 {
        let rule = format!(
            "[[rule]]\nid = \"a\"\ntitle = \"t\"\nwhy = \"w\"\nlevel = \"likely\"\npattern = '{pattern}'\ngoes = [[\"x\", \"x\"]]\nstays = [\"y\"]\n"
        );
        Rules::from_sources(&[("a.toml", &rule)]).unwrap().hostile_cost()
    }

    #[test]
    fn a_pattern_that_reads_far_from_each_keyword_costs_many_times_more() {
        let (near, far) = (cost(r"CRM-\d{6}"), cost(r"CRM-[^\n]*[^ -~]"));
        assert!(far > 5.0 * near, "{near} {far}");
    }
}
