//! What is wrong with a set of practices: all of it, each with the line it stands in.

use super::{Practice, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The practice's name.
    pub practice: String,
    /// Which line, counted from 0; none: the practice itself.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub reason: String,
}

/// Longest text of a line, characters.
const LINE_MAX: usize = 500;
/// Most lines of one practice.
const LINES_MAX: usize = 200;

/// What is wrong with each of them by itself and with all of them together.
pub fn flaws(practices: &[Practice]) -> Vec<Flaw> {
    let mut found: Vec<Flaw> = practices.iter().flat_map(flaws_of_one).collect();
    let known: BTreeSet<&str> = practices.iter().map(|practice| practice.name.as_str()).collect();
    let mut prefixes = BTreeMap::new();
    for practice in practices {
        if let Some(other) = prefixes.insert(&practice.prefix, &practice.name) {
            found.push(whole(practice, format!("{other} has the prefix “{}” already.", practice.prefix)));
        }
        for (at, line) in practice.lines.iter().enumerate() {
            if let Rule::Precondition(name) = &line.rule
                && !known.contains(name.as_str())
            {
                found.push(flaw(practice, at, format!("There is no practice “{name}” that could come first.")));
            }
        }
    }
    found.extend(cycle(practices));
    found
}

/// What is wrong with one practice, whatever the others say.
pub fn flaws_of_one(practice: &Practice) -> Vec<Flaw> {
    let mut found = Vec::new();
    if [&practice.name, &practice.prefix, &practice.title].into_iter().any(|text| text.trim().is_empty()) {
        found.push(whole(practice, "A practice needs a name, a prefix and a title.".to_owned()));
    }
    if practice.lines.len() > LINES_MAX {
        found.push(whole(practice, format!("{LINES_MAX} lines fit into a practice. Make two of it.")));
    }
    if !practice.lines.iter().any(super::Line::is_item) {
        found.push(whole(practice, "Nothing in it must hold: an empty checklist never counts as complete.".to_owned()));
    }
    let mut ids = BTreeSet::new();
    for (at, line) in practice.lines.iter().enumerate() {
        if !ids.insert(&line.id) {
            found.push(flaw(practice, at, format!("The id {} stands twice.", line.id)));
        }
        if let Some(reason) = wrong_id(&practice.prefix, &line.id) {
            found.push(flaw(practice, at, reason));
        }
        let count = line.text.chars().count();
        if line.text.trim().is_empty() || count > LINE_MAX {
            found.push(flaw(practice, at, format!("{}: say it in 1 to {LINE_MAX} characters.", line.id)));
        }
        found.extend(
            wrong_rule(practice, &line.rule).map(|reason| flaw(practice, at, format!("{}: {reason}", line.id))),
        );
    }
    found
}

fn wrong_id(prefix: &str, id: &str) -> Option<String> {
    let parts: Vec<&str> = id.split('.').collect();
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    match parts.as_slice() {
        [first, section, number]
            if *first == prefix && word(section) && number.parse::<u32>().is_ok_and(|number| number > 0) =>
        {
            None
        }
        _ => Some(format!("“{id}” is no id here; write {prefix}.checklist.1.")),
    }
}

fn wrong_rule(practice: &Practice, rule: &Rule) -> Option<String> {
    if let Some(fact) = rule.facts().into_iter().find(|fact| !practice.subjects.contains(&fact.subject())) {
        let kind = fact.subject();
        return Some(format!("the fact {fact} is about the kind {kind}, which is not held against this practice."));
    }
    match rule {
        Rule::Field(fact) if !fact.is_field() => Some(format!("{fact} is no field; make it a fact.")),
        Rule::Escalation(escalation) if escalation.when.clauses().is_empty() => {
            Some("the condition names no fact.".to_owned())
        }
        Rule::Escalation(escalation) if escalation.tell.is_empty() => Some("it tells nobody.".to_owned()),
        Rule::Occasion(occasion) if occasion.days > 366 => Some("a review is due within a year.".to_owned()),
        _ => None,
    }
}

/// The first circle among preconditions: nobody could ever begin.
fn cycle(practices: &[Practice]) -> Option<Flaw> {
    let after: BTreeMap<&str, BTreeSet<&str>> =
        practices.iter().map(|practice| (practice.name.as_str(), practice.preconditions().collect())).collect();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    loop {
        let free = after.iter().find(|(name, first)| {
            !settled.contains(*name) && first.iter().all(|name| settled.contains(name) || !after.contains_key(name))
        });
        match free {
            Some((name, _)) => settled.insert(name),
            None => break,
        };
    }
    let mut left: Vec<&str> = after.keys().copied().filter(|name| !settled.contains(name)).collect();
    // What only waits for a circle is not part of it.
    while let Some(at) = left.iter().position(|name| !left.iter().any(|other| after[other].contains(name))) {
        left.remove(at);
    }
    let practice = practices.iter().find(|practice| left.first() == Some(&practice.name.as_str()))?;
    let at = practice
        .lines
        .iter()
        .position(|line| matches!(&line.rule, Rule::Precondition(name) if left.contains(&name.as_str())))?;
    Some(flaw(practice, at, format!("These wait for each other and none could ever begin: {}.", left.join(", "))))
}

fn flaw(practice: &Practice, line: usize, reason: String) -> Flaw {
    Flaw { practice: practice.name.clone(), line: Some(line), reason }
}

fn whole(practice: &Practice, reason: String) -> Flaw {
    Flaw { practice: practice.name.clone(), line: None, reason }
}
