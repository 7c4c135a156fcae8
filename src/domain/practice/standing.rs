//! How a subject stands: which items are unmet, whom to tell, what changed between two versions.

use super::{Clause, Condition, Line, Place, Practice, PracticeFact, Rule};
use std::collections::BTreeSet;

/// What is known about a subject.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The facts that hold.
    pub facts: BTreeSet<PracticeFact>,
    /// Ids of lines that a person of the right role attested in the words they have now.
    pub attested: BTreeSet<String>,
    /// Names of practices that are complete where this subject is concerned.
    pub settled: BTreeSet<String>,
}

/// Does a line hold? Lines that are no items always do.
fn holds(line: &Line, known: &Known) -> bool {
    match &line.rule {
        Rule::Field(fact) | Rule::Fact(fact) => known.facts.contains(fact),
        Rule::Attestation(_) => known.attested.contains(&line.id),
        Rule::Precondition(practice) => known.settled.contains(practice),
        Rule::Escalation(_) | Rule::Warning(_) | Rule::Occasion(_) => true,
    }
}

/// The items that do not hold, in their order.
pub fn unmet<'p>(practice: &'p Practice, known: &Known) -> Vec<&'p Line> {
    practice.lines.iter().filter(|line| !holds(line, known)).collect()
}

/// Is there an item, and do all of them hold? An empty practice never counts as complete.
pub fn complete(practice: &Practice, known: &Known) -> bool {
    practice.lines.iter().any(Line::is_item) && unmet(practice, known).is_empty()
}

/// The escalations whose condition holds.
pub fn escalations<'p>(practice: &'p Practice, facts: &BTreeSet<PracticeFact>) -> Vec<&'p Line> {
    let fits = |clause: &Clause| facts.contains(&clause.fact) == clause.holds;
    let due = |line: &&Line| match &line.rule {
        Rule::Escalation(escalation) => match &escalation.when {
            Condition::All(clauses) => clauses.iter().all(fits),
            Condition::Any(clauses) => clauses.iter().any(fits),
        },
        _ => false,
    };
    practice.lines.iter().filter(due).collect()
}

/// The mistakes that would be made at this place.
pub fn warnings(practice: &Practice, place: Place) -> Vec<&Line> {
    practice.lines.iter().filter(|line| line.rule == Rule::Warning(place)).collect()
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PracticeChange)]
pub struct Change {
    /// `added`, `removed` or `changed`.
    pub what: &'static str,
    /// The line's id.
    pub line: String,
    /// Its words before.
    pub before: Option<String>,
    /// Its words now.
    pub after: Option<String>,
}

/// What a newer version says otherwise.
pub fn changes(old: &Practice, new: &Practice) -> Vec<Change> {
    let mut found = Vec::new();
    for line in &new.lines {
        match old.line(&line.id) {
            None => found.push(change("added", None, Some(line))),
            Some(before) if before != line => found.push(change("changed", Some(before), Some(line))),
            Some(_) => {}
        }
    }
    for line in old.lines.iter().filter(|line| new.line(&line.id).is_none()) {
        found.push(change("removed", Some(line), None));
    }
    found
}

fn change(what: &'static str, before: Option<&Line>, after: Option<&Line>) -> Change {
    let line = after.or(before).map(|line| line.id.clone()).unwrap_or_default();
    Change { what, line, before: before.map(|line| line.text.clone()), after: after.map(|line| line.text.clone()) }
}
