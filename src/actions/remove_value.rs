//! A person sees a value that no rule found: it is removed from all evidence and texts of the incident, as if a rule had.

use super::intake::until_settled;
use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::person::{Act, Actor};
use crate::redaction::{KNOWN_VALUE, KnownValues, Redacted};
use serde::Serialize;

/// A value that is being removed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ValueRemoved {
    /// The incident from whose evidence and texts it goes.
    pub incident: String,
}

impl Answer for ValueRemoved {}

/// Makes the value known to the incident, which reads everything again; the value itself is kept encrypted, as long as
/// any original is. Also of an incident that ended: what is left of it can still be read.
pub fn run(desk: &Desk, actor: &Actor, reference: &str, value: &str) -> Result<ValueRemoved, Failure> {
    until_settled(|| once(desk, actor, reference, value))
}

fn once(desk: &Desk, actor: &Actor, reference: &str, value: &str) -> Result<ValueRemoved, Failure> {
    desk.answered_before()?;
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::WorkIncident))?;
    let told = told(value)?;
    let mut known = desk.known_values(&case.incident)?;
    if known.merge(&told) == 0 {
        return Err(Failure::field("value", why_not(&known)));
    }
    let lesson = desk.lesson(&case.incident, &told)?;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WorkIncident)?;
        let words = "Marked a value that no rule had found. It is removed from all evidence and texts.";
        write_entry::system(tx, &case.incident.id, &who, Redacted::literal(words))?;
        lesson.teach(tx, case.incident)?;
        Ok(ValueRemoved { incident: reference })
    })
}

/// The value, if it can be removed wherever it stands without taking ordinary words along.
fn told(value: &str) -> Result<KnownValues, Failure> {
    let mut told = KnownValues::new();
    if value.trim().is_empty() {
        return Err(Failure::field("value", "Paste the value that must go, as it stands in the text."));
    }
    if !told.insert(KNOWN_VALUE, value) {
        let why = "This is too short, too long or too ordinary to be removed wherever it stands: it would take other \
                   words along. Paste the whole value, of 6 characters or more; a number of 10 or more; a word of \
                   small letters of 12 or more. For anything else, an administrator writes a rule.";
        return Err(Failure::field("value", why));
    }
    Ok(told)
}

fn why_not(known: &KnownValues) -> &'static str {
    if known.cap_exceeded() {
        "This incident knows as many values as it can hold. Seal evidence anew without it, or ask an administrator for a rule."
    } else {
        "This value is known already, and goes from whatever still holds it. Load the page again in a moment."
    }
}
