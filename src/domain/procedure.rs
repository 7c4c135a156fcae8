//! A procedure (SOP): what an operator of one role reads, acknowledges and is asked about before the role is given.
//!
//! Source: seed 002. Four parts (examples, refusal rules, approval boundaries, escalation path) and five situations, one for
//! each right behaviour: ask, approve, reject, escalate, stop.

mod template;

pub use template::{Template, templates};

use super::incident::{TEXT_MAX, TITLE_MAX, check_length};
use super::problem::FieldError;
use super::review::is_filler;
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a procedure is about: the six of the seed.
    ProcedureTopic {
        Questions = "questions",
        SupportDrafts = "support_drafts",
        ProductCopy = "product_copy",
        ThemeReview = "theme_review",
        WorkflowApproval = "workflow_approval",
        IncidentEscalation = "incident_escalation",
    }
}

words! {
    /// What an operator does in a situation.
    Behaviour {
        Ask = "ask",
        Approve = "approve",
        Reject = "reject",
        Escalate = "escalate",
        Stop = "stop",
    }
}

/// What a procedure says. `T` is `String` as typed or read from a file, `Redacted` as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure<T> {
    /// Its name.
    #[schema(inline)]
    pub title: T,
    /// Who works by it, in the site's own words: "support agents and editors".
    #[schema(inline)]
    pub written_for: T,
    /// What good and bad work looks like.
    #[schema(inline)]
    pub examples: T,
    /// What is refused, whoever asks.
    #[schema(inline)]
    pub refusal_rules: T,
    /// What needs whose approval.
    #[schema(inline)]
    pub approval_boundaries: T,
    /// Whom to tell, and how soon.
    #[schema(inline)]
    pub escalation_path: T,
    /// One situation for each behaviour.
    pub scenarios: Vec<Scenario<T>>,
}

/// A short situation and the right behaviour in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProcedureScenario)]
pub struct Scenario<T> {
    /// What is right.
    pub behaviour: Behaviour,
    /// What happens.
    #[schema(inline)]
    pub situation: T,
    /// Why it is right.
    #[schema(inline)]
    pub why: T,
}

impl<T> Procedure<T> {
    /// Changes every text, in order; `f` gets the field's name on the wire (`scenarios[0].situation`).
    pub fn map<U>(self, mut f: impl FnMut(&str, T) -> U) -> Procedure<U> {
        Procedure {
            title: f("title", self.title),
            written_for: f("written_for", self.written_for),
            examples: f("examples", self.examples),
            refusal_rules: f("refusal_rules", self.refusal_rules),
            approval_boundaries: f("approval_boundaries", self.approval_boundaries),
            escalation_path: f("escalation_path", self.escalation_path),
            scenarios: (self.scenarios.into_iter().enumerate())
                .map(|(at, scenario)| Scenario {
                    behaviour: scenario.behaviour,
                    situation: f(&format!("scenarios[{at}].situation"), scenario.situation),
                    why: f(&format!("scenarios[{at}].why"), scenario.why),
                })
                .collect(),
        }
    }

    /// The four parts, each with its name on the wire.
    pub fn parts(&self) -> [(&'static str, &T); 4] {
        [
            ("examples", &self.examples),
            ("refusal_rules", &self.refusal_rules),
            ("approval_boundaries", &self.approval_boundaries),
            ("escalation_path", &self.escalation_path),
        ]
    }

    /// The scenarios in the order in which they are shown to one person: `seed` is theirs and this version's, so that
    /// nobody learns the order.
    pub fn shown_to(&self, seed: &str) -> Vec<&Scenario<T>> {
        let mut shown: Vec<&Scenario<T>> = self.scenarios.iter().collect();
        // FNV-1a, then Fisher and Yates: no secret hangs on it.
        let mut state = seed
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        for at in (1..shown.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = (state >> 33) as usize % (at + 1);
            shown.swap(at, other);
        }
        shown
    }

    /// The numbers (from 1) of the situations whose answer is not the right one.
    pub fn wrong(&self, seed: &str, answers: &[Behaviour]) -> Vec<usize> {
        let right = self.shown_to(seed).into_iter().map(|scenario| Some(scenario.behaviour));
        let given = answers.iter().copied().map(Some).chain(std::iter::repeat(None));
        right.zip(given).enumerate().filter(|(_, (right, given))| right != given).map(|(at, _)| at + 1).collect()
    }
}

/// What is wrong with a procedure as typed.
pub fn problems(procedure: &Procedure<String>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (field, text, say) in [
        ("title", &procedure.title, "Give it a name."),
        ("written_for", &procedure.written_for, "Say who works by it, for example: support agents."),
    ] {
        if text.trim().is_empty() {
            errors.push(FieldError::new(field, say));
        }
        check_length(field, text, TITLE_MAX, &mut errors);
    }
    for (field, text) in procedure.parts() {
        if is_filler(text) {
            let say = format!("Write the {} in a sentence or more.", field.replace('_', " "));
            errors.push(FieldError::new(field, say));
        }
        check_length(field, text, TEXT_MAX, &mut errors);
    }
    for (at, scenario) in procedure.scenarios.iter().enumerate() {
        if is_filler(&scenario.situation) {
            errors.push(FieldError::new(format!("scenarios[{at}].situation"), "Describe the situation in a sentence."));
        }
        check_length(&format!("scenarios[{at}].situation"), &scenario.situation, TEXT_MAX, &mut errors);
        check_length(&format!("scenarios[{at}].why"), &scenario.why, TEXT_MAX, &mut errors);
    }
    let once = |behaviour: &&Behaviour| {
        procedure.scenarios.iter().filter(|scenario| scenario.behaviour == **behaviour).count() != 1
    };
    let off: Vec<&str> = Behaviour::ALL.iter().filter(once).map(|behaviour| behaviour.as_str()).collect();
    if !off.is_empty() {
        let say = format!("Give one situation for each of {}. Look at: {}.", Behaviour::choices(), off.join(", "));
        errors.push(FieldError::new("scenarios", say));
    }
    errors
}

/// A part that a newer version says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProcedureChange)]
pub struct PartChange {
    /// Which part.
    pub part: &'static str,
    /// What it said.
    pub before: String,
    /// What it says now.
    pub after: String,
}

/// What a newer version says otherwise. The situations are left out: whoever reads this will be asked about them.
pub fn changes<T: ToString>(old: &Procedure<T>, new: &Procedure<T>) -> Vec<PartChange> {
    let named = |procedure: &Procedure<T>| {
        let titles = [("title", procedure.title.to_string()), ("written_for", procedure.written_for.to_string())];
        titles.into_iter().chain(procedure.parts().map(|(part, text)| (part, text.to_string()))).collect::<Vec<_>>()
    };
    named(old)
        .into_iter()
        .zip(named(new))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((part, before), (_, after))| PartChange { part, before, after })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_sees_all_five_situations_and_only_the_right_answers_fit() {
        let template = &templates().unwrap()[0].content;
        let mut orders = std::collections::BTreeSet::new();
        for seed in 0..40 {
            let seed = format!("person {seed}");
            let shown: Vec<Behaviour> = template.shown_to(&seed).iter().map(|scenario| scenario.behaviour).collect();
            assert_eq!(shown.len(), 5);
            assert_eq!(template.wrong(&seed, &shown), Vec::<usize>::new());
            let mut other = shown.clone();
            other.swap(0, 4);
            assert_eq!(template.wrong(&seed, &other), [1, 5]);
            assert_eq!(template.wrong(&seed, &shown[..3]), [4, 5], "what is left out is wrong");
            orders.insert(shown);
        }
        assert!(orders.len() > 20, "{}", orders.len());
    }

    #[test]
    fn a_procedure_needs_its_four_parts_and_one_situation_for_each_behaviour() {
        let good = templates().unwrap()[0].content.clone();
        assert_eq!(problems(&good), []);
        let fields = |procedure: &Procedure<String>| {
            problems(procedure).into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        let mut poor = good.clone();
        poor.refusal_rules = "n/a".into();
        poor.scenarios[1].behaviour = poor.scenarios[0].behaviour;
        assert_eq!(fields(&poor), ["refusal_rules", "scenarios"]);
        assert_eq!(changes(&good, &good), []);
        assert_eq!(changes(&good, &poor).iter().map(|change| change.part).collect::<Vec<_>>(), ["refusal_rules"]);
    }
}
