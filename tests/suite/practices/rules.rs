//! The rules of practices, over generated ones.

use allclear::domain::person::Role;
use allclear::domain::practice::{
    self, Attestation, Clause, Condition, Escalation, Known, Line, Practice, PracticeFact, Rule, SubjectKind, changes,
    complete, escalations, flaws, unmet,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn practice(name: &str, rules: Vec<Rule>) -> Practice {
    let lines = rules.into_iter().enumerate().map(|(at, rule)| Line {
        id: format!("{name}.checklist.{}", at + 1),
        text: format!("line {at}"),
        rule,
    });
    Practice {
        name: name.to_owned(),
        prefix: name.to_owned(),
        title: name.to_owned(),
        about: String::new(),
        subjects: SubjectKind::ALL.to_vec(),
        owner: Role::Owner,
        owner_words: String::new(),
        lines: lines.collect(),
    }
}

fn any_fact() -> impl Strategy<Value = PracticeFact> {
    prop::sample::select(PracticeFact::ALL)
}

fn any_rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        any_fact().prop_map(Rule::Fact),
        any::<bool>().prop_map(|evidence| Rule::Attestation(Attestation { role: Role::Owner, evidence })),
        prop::sample::select(vec!["a", "b"]).prop_map(|name| Rule::Precondition(name.to_owned())),
        (any_fact(), any::<bool>()).prop_map(|(fact, holds)| Rule::Escalation(Escalation {
            when: Condition::Any(vec![Clause { fact, holds }]),
            tell: vec![Role::Administrator],
        })),
    ]
}

fn any_known() -> impl Strategy<Value = Known> {
    (
        prop::collection::btree_set(any_fact(), 0..20),
        prop::collection::btree_set((1..8u8).prop_map(|at| format!("p.checklist.{at}")), 0..8),
        prop::collection::btree_set(prop::sample::select(vec!["a".to_owned(), "b".to_owned()]), 0..2),
    )
        .prop_map(|(facts, attested, settled)| Known { facts, attested, settled })
}

proptest! {
    #[test]
    fn complete_means_that_every_item_holds(rules in prop::collection::vec(any_rule(), 0..8), known in any_known()) {
        let practice = practice("p", rules);
        let holds = |line: &Line| match &line.rule {
            Rule::Field(fact) | Rule::Fact(fact) => known.facts.contains(fact),
            Rule::Attestation(_) => known.attested.contains(&line.id),
            Rule::Precondition(name) => known.settled.contains(name),
            _ => true,
        };
        let items: Vec<&Line> = practice.lines.iter().filter(|line| line.is_item()).collect();
        prop_assert_eq!(complete(&practice, &known), !items.is_empty() && items.iter().all(|line| holds(line)));
    }

    #[test]
    fn knowing_more_never_opens_an_item(
        rules in prop::collection::vec(any_rule(), 1..8), known in any_known(), more in any_fact(),
    ) {
        let practice = practice("p", rules);
        let before = unmet(&practice, &known).len();
        let mut wiser = known.clone();
        wiser.facts.insert(more);
        prop_assert!(unmet(&practice, &wiser).len() <= before);
    }

    #[test]
    fn an_escalation_is_due_when_its_condition_holds(
        clauses in prop::collection::vec((any_fact(), any::<bool>()), 1..4), any in any::<bool>(),
        facts in prop::collection::btree_set(any_fact(), 0..20),
    ) {
        let clauses: Vec<Clause> = clauses.into_iter().map(|(fact, holds)| Clause { fact, holds }).collect();
        let due = clauses.iter().filter(|clause| facts.contains(&clause.fact) == clause.holds).count();
        let wanted = if any { due > 0 } else { due == clauses.len() };
        let when = if any { Condition::Any(clauses) } else { Condition::All(clauses) };
        let practice = practice("p", vec![Rule::Escalation(Escalation { when, tell: vec![Role::Owner] })]);
        prop_assert_eq!(!escalations(&practice, &facts).is_empty(), wanted);
    }

    #[test]
    fn circles_are_found_and_nothing_else(edges in prop::collection::btree_set((0..5usize, 0..5usize), 0..10)) {
        const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
        let practices: Vec<Practice> = (0..5)
            .map(|own| {
                let first = edges.iter().filter(|(from, _)| *from == own);
                let mut rules = vec![Rule::Attestation(Attestation { role: Role::Owner, evidence: false })];
                rules.extend(first.map(|(_, to)| Rule::Precondition(NAMES[*to].to_owned())));
                practice(NAMES[own], rules)
            })
            .collect();
        let found = flaws(&practices);
        prop_assert_eq!(found.is_empty(), !has_circle(&edges), "{:?}", found);
        prop_assert!(found.iter().all(|flaw| flaw.line.is_some() && flaw.reason.contains("wait for each other")));
    }

    #[test]
    fn two_versions_differ_in_what_is_said(rules in prop::collection::vec(any_rule(), 1..6), at in 0..6usize) {
        let old = practice("p", rules);
        prop_assert!(changes(&old, &old).is_empty());
        let mut new = old.clone();
        let at = at % new.lines.len();
        new.lines[at].text = "other words".into();
        let changed = changes(&old, &new);
        prop_assert_eq!(changed.len(), 1);
        prop_assert_eq!((changed[0].what, &changed[0].line), ("changed", &old.lines[at].id));
        let gone = new.lines.remove(at);
        prop_assert_eq!(changes(&old, &new).into_iter().map(|c| (c.what, c.line)).collect::<Vec<_>>(), [("removed", gone.id)]);
    }
}

/// Can some node be reached from itself?
fn has_circle(edges: &BTreeSet<(usize, usize)>) -> bool {
    let mut reach: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (from, to) in edges {
        reach.entry(*from).or_default().insert(*to);
    }
    for _ in 0..5 {
        let before = reach.clone();
        for to in reach.values_mut() {
            let more: Vec<usize> = to.iter().filter_map(|next| before.get(next)).flatten().copied().collect();
            to.extend(more);
        }
    }
    reach.iter().any(|(from, to)| to.contains(from))
}

const GOOD: &str = "name = \"a\"\nprefix = \"a\"\ntitle = \"A\"\nabout = \"\"\nsubjects = [\"site\"]\nowner = \"owner\"\nowner_words = \"\"\n";

fn refused(lines: &str) -> (usize, String) {
    let error = practice::from_sources(&[("a.toml", &format!("{GOOD}{lines}"))]).unwrap_err();
    assert_eq!(error.file, "a.toml");
    (error.line, error.reason)
}

#[test]
fn a_broken_file_is_refused_with_its_line_and_the_reason() {
    let line = "\n[[line]]\nid = \"a.checklist.1\"\ntext = \"t\"\n";
    practice::from_sources(&[("a.toml", &format!("{GOOD}{line}rule.fact = \"site_setup_owner\"\n"))]).unwrap();
    assert_eq!(refused(&format!("{line}rule.fact = \"site_moon_phase\"\n")).0, 12);
    assert!(refused(&format!("{line}rule.fact = \"site_moon_phase\"\n")).1.contains("use one of"));
    let unknown =
        refused(&format!("{line}rule.escalation = {{ when = {{ any = [\"not here\"] }}, tell = [\"owner\"] }}\n"));
    assert!(unknown.0 == 12 && unknown.1.contains("there is no fact"), "{unknown:?}");
    assert_eq!(refused("surprise = 1\n").0, 8);
    assert_eq!(refused("[[line\n").0, 8);
    for (rule, words) in [
        ("fact = \"incident_lead\"", "not held against"),
        ("field = \"site_support_path\"", "is no field"),
        ("precondition = \"nothing\"", "There is no practice"),
        ("precondition = \"a\"", "wait for each other"),
        ("warning = \"site_page\"", "empty checklist"),
    ] {
        let (at, reason) = refused(&format!("{line}rule.{rule}\n"));
        assert!(reason.contains(words), "{reason}");
        assert!(at == 9 || words == "empty checklist", "{rule} at {at}");
    }
    let twice = format!("{line}rule.fact = \"site_setup_owner\"\n{line}rule.fact = \"site_setup_owner\"\n");
    assert_eq!(refused(&twice).0, 14);
    let misplaced = practice::from_sources(&[("b.toml", GOOD)]).unwrap_err();
    assert_eq!(misplaced.to_string().split(':').next(), Some("b.toml"));
}

#[test]
fn the_shipped_practices_are_whole() {
    let shipped = practice::embedded().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(shipped.len(), 5);
    assert_eq!(flaws(&shipped), []);
    assert!(shipped.iter().map(|practice| practice.lines.len()).sum::<usize>() >= 150);
}
