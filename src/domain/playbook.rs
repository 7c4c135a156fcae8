//! A playbook: ordered steps that can travel from site to site, and what keeps them from production.
//!
//! Source: seed "Playbook import, export and agency reuse". What belongs to one site (provider, policies, roles, customers,
//! shop rules) has no field here, so it cannot travel: it is a placeholder that each site fills in.

use super::incident::{TEXT_MAX, check_length};
use super::problem::{FieldError, Reason};
use super::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// The eight rows that are answered on each site before a playbook is used there.
    Topic {
        Provider = "provider",
        KnowledgeBase = "knowledge_base",
        Roles = "roles",
        ApprovalPolicy = "approval_policy",
        Language = "language",
        CouponRules = "coupon_rules",
        OrderStatuses = "order_statuses",
        SupportOwnership = "support_ownership",
    }
}

words! {
    /// How this site compares with the one that a playbook comes from.
    Local {
        Same = "same",
        ChangedTo = "changed_to",
        NotUsed = "not_used",
    }
}

words! {
    /// What a step does.
    Effect {
        Reads = "reads",
        Writes = "writes",
        ContactsCustomers = "contacts_customers",
    }
}

words! {
    /// Who must agree before a step is done.
    Boundary {
        None = "none",
        SecondPerson = "second_person",
        Administrator = "administrator",
    }
}

words! {
    /// Where a playbook stands.
    PlaybookState {
        /// Written here.
        Local = "local",
        /// Imported; not for production yet.
        Disabled = "disabled",
        /// Imported, localised, tried and released for production.
        Production = "production",
        /// Imported without a signature or provenance that holds: visible, never usable.
        Quarantined = "quarantined",
    }
}

words! {
    /// Where a first run took place.
    FirstRunPlace {
        Staging = "staging",
        ReadOnly = "read_only",
    }
}

/// What a playbook says. `T` is `String` as typed or read from a file, `Redacted` as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Playbook<T> {
    /// Its name.
    #[schema(inline)]
    pub title: T,
    /// What it is for.
    #[schema(inline)]
    pub purpose: T,
    /// What a person must have at hand.
    #[serde(default)]
    pub inputs: Vec<Input<T>>,
    /// What is local: `{name}` in a text stands for it.
    #[serde(default)]
    pub placeholders: Vec<Placeholder<T>>,
    /// What is done, in order.
    pub steps: Vec<Step<T>>,
}

/// Something that a person must have at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookInput)]
pub struct Input<T> {
    /// A short name.
    #[schema(inline)]
    pub name: T,
    /// What it is.
    #[schema(inline)]
    pub meaning: T,
}

/// Something that each site fills in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookPlaceholder)]
pub struct Placeholder<T> {
    /// Stands as `{name}` in a text: small letters, digits, `_`.
    #[schema(inline)]
    pub name: T,
    /// Which of the eight rows answers it.
    pub topic: Topic,
    /// What has to be put there.
    #[schema(inline)]
    pub hint: T,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookStep)]
pub struct Step<T> {
    /// What is done.
    #[schema(inline)]
    pub title: T,
    /// How.
    #[schema(inline)]
    pub instructions: T,
    /// What it does.
    pub effect: Effect,
    /// Who must agree first.
    pub approval: Boundary,
}

/// Most steps of a playbook.
pub const STEPS_MAX: usize = 100;
/// Most inputs, and most placeholders.
const LIST_MAX: usize = 50;
/// Longest name or title, characters.
const TITLE_MAX: usize = 200;

impl<T> Playbook<T> {
    /// Changes every text, in order; `f` gets the field's name on the wire (`steps[0].title`).
    pub fn map<U>(self, mut f: impl FnMut(&str, T) -> U) -> Playbook<U> {
        Playbook {
            title: f("title", self.title),
            purpose: f("purpose", self.purpose),
            inputs: (self.inputs.into_iter().enumerate())
                .map(|(at, input)| Input {
                    name: f(&format!("inputs[{at}].name"), input.name),
                    meaning: f(&format!("inputs[{at}].meaning"), input.meaning),
                })
                .collect(),
            placeholders: (self.placeholders.into_iter().enumerate())
                .map(|(at, placeholder)| Placeholder {
                    name: f(&format!("placeholders[{at}].name"), placeholder.name),
                    topic: placeholder.topic,
                    hint: f(&format!("placeholders[{at}].hint"), placeholder.hint),
                })
                .collect(),
            steps: (self.steps.into_iter().enumerate())
                .map(|(at, step)| Step {
                    title: f(&format!("steps[{at}].title"), step.title),
                    instructions: f(&format!("steps[{at}].instructions"), step.instructions),
                    effect: step.effect,
                    approval: step.approval,
                })
                .collect(),
        }
    }

    /// Does every step that writes or reaches customers ask for an approval?
    pub fn writes_are_approved(&self) -> bool {
        !self.steps.is_empty()
            && self.steps.iter().all(|step| step.effect == Effect::Reads || step.approval != Boundary::None)
    }
}

/// What is wrong with a playbook as typed or read.
pub fn problems(playbook: &Playbook<String>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let needed = |field: &str, text: &str, max: usize, say: &str, errors: &mut Vec<FieldError>| {
        if text.trim().is_empty() {
            errors.push(FieldError::new(field, say));
        }
        check_length(field, text, max, errors);
    };
    needed("title", &playbook.title, TITLE_MAX, "Give it a name.", &mut errors);
    needed("purpose", &playbook.purpose, TEXT_MAX, "Say in a sentence what it is for.", &mut errors);
    for (at, input) in playbook.inputs.iter().enumerate() {
        needed(&format!("inputs[{at}].name"), &input.name, TITLE_MAX, "Name the input.", &mut errors);
        needed(&format!("inputs[{at}].meaning"), &input.meaning, TEXT_MAX, "Say what the input is.", &mut errors);
    }
    for (at, placeholder) in playbook.placeholders.iter().enumerate() {
        needed(
            &format!("placeholders[{at}].hint"),
            &placeholder.hint,
            TEXT_MAX,
            "Say what has to be put there.",
            &mut errors,
        );
    }
    for (at, step) in playbook.steps.iter().enumerate() {
        needed(&format!("steps[{at}].title"), &step.title, TITLE_MAX, "Say what is done in this step.", &mut errors);
        check_length(&format!("steps[{at}].instructions"), &step.instructions, TEXT_MAX, &mut errors);
        if step.effect != Effect::Reads && step.approval == Boundary::None {
            let say = "A step that writes or reaches customers needs somebody who agrees first.";
            errors.push(FieldError::new(format!("steps[{at}].approval"), say));
        }
    }
    if playbook.steps.is_empty() || playbook.steps.len() > STEPS_MAX {
        errors.push(FieldError::new("steps", format!("A playbook has 1 to {STEPS_MAX} steps.")));
    }
    if playbook.inputs.len() > LIST_MAX || playbook.placeholders.len() > LIST_MAX {
        errors.push(FieldError::new("placeholders", format!("{LIST_MAX} inputs and {LIST_MAX} placeholders fit.")));
    }
    errors.extend(placeholder_problems(playbook));
    errors
}

/// Placeholders that are used and not explained, or that have no good name.
fn placeholder_problems(playbook: &Playbook<String>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut known = BTreeSet::new();
    for (at, placeholder) in playbook.placeholders.iter().enumerate() {
        let field = format!("placeholders[{at}].name");
        if !is_name(&placeholder.name) {
            errors.push(FieldError::new(field, "Use small letters, digits and _: order_status."));
        } else if !known.insert(placeholder.name.as_str()) {
            errors.push(FieldError::new(field, "This name stands twice."));
        }
    }
    for (at, step) in playbook.steps.iter().enumerate() {
        for (field, text) in [("title", &step.title), ("instructions", &step.instructions)] {
            if let Some(name) = used(text).find(|name| !known.contains(name)) {
                let say = format!("{{{name}}} is not explained. Add it to the placeholders.");
                errors.push(FieldError::new(format!("steps[{at}].{field}"), say));
            }
        }
    }
    errors
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 40
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The names in braces of a text.
fn used(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).filter(|name| is_name(name))
}

/// What is known of an imported playbook, as the rules see it.
#[derive(Clone, Debug)]
pub struct Import {
    /// Where it stands.
    pub state: PlaybookState,
    /// Does it have an active owner on this site?
    pub owned: bool,
    /// The rows that are answered.
    pub answered: BTreeSet<Topic>,
    /// Was a first run reviewed by a second person and found acceptable?
    pub first_run_reviewed: bool,
    /// Flags that nobody has settled.
    pub open_flags: usize,
}

/// Everything that keeps a playbook from being used in production, whatever its practice says beside.
pub fn production_reasons(import: &Import) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if import.state == PlaybookState::Quarantined {
        let message =
            "It is quarantined: its signature or its provenance does not hold. Ask the source for a new export.";
        reasons.push(Reason::new("quarantined", message, "nobody"));
    }
    if import.open_flags > 0 {
        let message = "Something was reported about this playbook or one of its line. Settle each flag with a reason.";
        reasons.push(Reason::new("flagged", message, "owner, administrator"));
    }
    if matches!(import.state, PlaybookState::Local | PlaybookState::Production) {
        return reasons;
    }
    if !import.owned {
        reasons.push(Reason::new("no_owner", "Nobody on this site owns it. Name an active owner.", "administrator"));
    }
    for topic in Topic::ALL.iter().filter(|topic| !import.answered.contains(topic)) {
        let message = format!("Nobody has said how the {} of this site compares.", topic.label());
        reasons.push(Reason::new(format!("not_localised_{topic}"), message, "owner, administrator"));
    }
    if !import.first_run_reviewed {
        let message = "No first run on staging or read only was reviewed by a second person and found acceptable.";
        reasons.push(Reason::new("no_reviewed_first_run", message, "owner, administrator"));
    }
    reasons
}
