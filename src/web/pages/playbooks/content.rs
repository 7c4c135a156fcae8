//! A playbook's content as a form holds it: inputs and placeholders a line each, steps as repeated fields.

use crate::actions::Failure;
use crate::domain::playbook::{Boundary, Effect, Input, Placeholder, Playbook, Step, Topic};
use crate::domain::problem::FieldError;
use crate::redaction::Redacted;
use crate::web::fields::Fields;
use serde::Serialize;

/// Empty steps that a form offers below those that are there.
const SPARE: usize = 2;

/// A step in the form.
#[derive(Clone, Default, Serialize)]
pub(super) struct StepTyped {
    title: String,
    instructions: String,
    effect: String,
    approval: String,
}

/// The steps as typed, with some spare ones.
pub(super) fn typed_steps(fields: &Fields) -> Vec<StepTyped> {
    let (titles, texts) = (fields.all("step_title"), fields.all("step_instructions"));
    let (effects, approvals) = (fields.all("step_effect"), fields.all("step_approval"));
    let at = |all: &[String], index: usize| all.get(index).cloned().unwrap_or_default();
    let mut steps: Vec<StepTyped> = (0..titles.len())
        .map(|index| StepTyped {
            title: at(&titles, index),
            instructions: at(&texts, index),
            effect: at(&effects, index),
            approval: at(&approvals, index),
        })
        .collect();
    while steps.last().is_some_and(StepTyped::is_empty) {
        steps.pop();
    }
    with_spare(steps)
}

/// The steps of a playbook, with some spare ones.
pub(super) fn stored_steps(content: &Playbook<Redacted>) -> Vec<StepTyped> {
    let typed = content.steps.iter().map(|step| StepTyped {
        title: step.title.to_string(),
        instructions: step.instructions.to_string(),
        effect: step.effect.to_string(),
        approval: step.approval.to_string(),
    });
    with_spare(typed.collect())
}

/// Empty steps for a new playbook.
pub(super) fn with_spare(mut steps: Vec<StepTyped>) -> Vec<StepTyped> {
    steps.extend(std::iter::repeat_n(StepTyped::default(), SPARE));
    steps
}

impl StepTyped {
    fn is_empty(&self) -> bool {
        self.title.trim().is_empty() && self.instructions.trim().is_empty()
    }
}

/// Lines of a text area, without empty ones.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Reads the form.
pub(super) fn read(fields: &Fields) -> Result<Playbook<String>, Failure> {
    let mut errors = fields.encoding_errors();
    let mut inputs = Vec::new();
    for line in lines(fields.text("inputs")) {
        match line.split_once(':') {
            Some((name, meaning)) => inputs.push(Input { name: name.trim().into(), meaning: meaning.trim().into() }),
            None => errors.push(FieldError::new("inputs", format!("Write “name: what it is”; “{line}” has no colon."))),
        }
    }
    let mut placeholders = Vec::new();
    for line in lines(fields.text("placeholders")) {
        let parts: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
        match parts.as_slice() {
            [name, topic, hint] if Topic::parse(&topic.replace(' ', "_")).is_some() => {
                if let Some(topic) = Topic::parse(&topic.replace(' ', "_")) {
                    placeholders.push(Placeholder { name: (*name).into(), topic, hint: (*hint).into() });
                }
            }
            _ => {
                let say = format!("Write “name | row | what to put there”; the row is one of: {}.", Topic::choices());
                errors.push(FieldError::new("placeholders", say));
            }
        }
    }
    let steps = typed_steps(fields).into_iter().filter(|step| !step.is_empty()).map(|step| Step {
        title: step.title,
        instructions: step.instructions,
        effect: Effect::parse(&step.effect).unwrap_or(Effect::Reads),
        approval: Boundary::parse(&step.approval).unwrap_or(Boundary::None),
    });
    let content = Playbook {
        title: fields.text("title").to_owned(),
        purpose: fields.text("purpose").to_owned(),
        inputs,
        placeholders,
        steps: steps.collect(),
    };
    if errors.is_empty() { Ok(content) } else { Err(Failure::Invalid(errors)) }
}

/// The act names `steps[1].title` and `placeholders[0].name`; the form has `step-2` and one area.
pub(super) fn named_as_typed(errors: Vec<FieldError>) -> Vec<FieldError> {
    let rename = |error: FieldError| {
        let (head, rest) = error.field.split_once('[').unwrap_or((&error.field, ""));
        let number = rest.split(']').next().and_then(|number| number.parse::<usize>().ok());
        match (head, number) {
            ("steps", Some(at)) => {
                FieldError::new(format!("step-{}", at + 1), format!("Step {}: {}", at + 1, error.message))
            }
            ("steps", None) => FieldError::new("step-1", error.message),
            ("inputs" | "placeholders", _) => FieldError::new(head, error.message),
            _ => error,
        }
    };
    errors.into_iter().map(rename).collect()
}
