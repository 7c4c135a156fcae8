//! Escalating: a bundle, a message and four answers become a mail that is queued in the transaction that records it.

use super::intake::{Lesson, until_settled};
use super::letter_words::{self, Source, Words};
use super::write_review::refuse_ended;
use super::{Answer, Desk, Failure, deliver, rotate, sight, write_entry};
use crate::domain::bundle::{Audience, missing_refusals};
use crate::domain::escalation::{Delivery, Routing, check_recipient, routing_refusal};
use crate::domain::ids::{BundleId, EscalationId};
use crate::domain::incident::{self, TEXT_MAX, check_length, clean_line, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::is_filler;
use crate::redaction::{Redacted, placeholders};
use crate::store::bundles::{self, BundleRow};
use crate::store::escalations::EscalationRow;
use crate::store::{Connection, Json, Verb, jobs};
use serde::Serialize;
use std::collections::BTreeMap;

/// An escalation as typed.
#[derive(Clone, Debug)]
pub struct NewEscalation {
    /// Whom it goes to.
    pub destination: Audience,
    /// The address; not looked at when it goes by hand.
    pub to: String,
    /// A person delivers it: by telephone, in a portal.
    pub by_hand: bool,
    /// Id of the bundle.
    pub bundle: String,
    /// The person's words.
    pub message: String,
    /// The four answers.
    pub routing: Routing,
    /// Why it goes elsewhere than they lead.
    pub override_reason: Option<String>,
}

/// An escalation that is queued.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Escalated {
    /// Its id.
    pub id: String,
    /// Always `queued`.
    pub state: Delivery,
    /// What was removed from the message.
    pub findings: BTreeMap<String, u64>,
}

impl Answer for Escalated {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/escalations/{}", self.id))
    }
}

/// An escalation as it would leave: for the person to read before it does.
#[derive(Debug)]
pub struct Preview {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text, word for word.
    pub text: String,
    /// Name of the zip that goes along.
    pub attachment: String,
    /// What was removed from the message.
    pub findings: BTreeMap<String, u64>,
}

/// Shows the mail; every rule that refuses sending refuses here too.
pub fn preview(desk: &Desk, actor: &Actor, reference: &str, new: &NewEscalation) -> Result<Preview, Failure> {
    let Prepared { row, words, .. } = prepare(desk, actor, reference, new)?;
    Ok(Preview {
        to: row.recipient,
        subject: words.subject.into_string(),
        text: words.text.into_string(),
        attachment: words.bundle_name,
        findings: row.counts.into_inner(),
    })
}

/// Queues the mail.
pub fn run(desk: &Desk, actor: &Actor, reference: &str, new: NewEscalation) -> Result<Escalated, Failure> {
    until_settled(|| once(desk, actor, reference, new.clone()))
}

fn once(desk: &Desk, actor: &Actor, reference: &str, new: NewEscalation) -> Result<Escalated, Failure> {
    desk.answered_before()?;
    let Prepared { row, lesson, .. } = prepare(desk, actor, reference, &new)?;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (case, _) = look_up(tx.connection(), &actor_copy, &reference, &new)?;
        tx.insert(Verb::Escalated, &row)?;
        // Before the mail: it does not leave while what its message reveals is still being looked for.
        lesson.teach(tx, case.incident)?;
        if !row.is_by_hand() {
            jobs::enqueue(tx, deliver::JOB, row.id.as_str())?;
        }
        let words = Redacted::literal(match row.destination {
            Audience::Hosting => "Escalated to the hosting company.",
            Audience::Provider => "Escalated to the AI provider.",
            Audience::Vendor => "Escalated to the plugin vendor.",
            Audience::Internal => "Escalated to our own operations.",
        });
        let words = match row.is_by_hand() {
            true => Redacted::join(&[words, Redacted::literal("It is delivered by hand.")], " "),
            false => words,
        };
        write_entry::system(tx, &row.incident_id, &who, words)?;
        Ok(Escalated { id: row.id.to_string(), state: row.state, findings: row.counts.into_inner() })
    })
}

/// An escalation that may be written.
struct Prepared {
    row: EscalationRow,
    words: Words,
    lesson: Lesson,
}

/// Everything that comes before the transaction: the rules, the redaction, the second scan of the mail.
fn prepare(desk: &Desk, actor: &Actor, reference: &str, new: &NewEscalation) -> Result<Prepared, Failure> {
    let sender = sight::person_id(actor)?;
    let message = clean_text(&new.message);
    check(new, &message)?;
    let (case, bundle) = desk.read(|connection| look_up(connection, actor, reference, new))?;
    let override_reason = new.override_reason.as_deref().map(clean_text).filter(|text| !text.is_empty());
    let texts = [Some(message.as_str()), override_reason.as_deref()];
    let (texts, lesson) = desk.read_texts(&case, texts.into_iter().flatten())?;
    let redacted = texts.redact(&message);
    let source = Source {
        incident: &case.incident,
        site: &case.site,
        bundle: &bundle,
        message: &redacted,
        sender_name: &actor.name(),
    };
    let words = letter_words::compose(desk, &source)?;
    letter_words::refuse_leaks(desk, actor, &source, &words)?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for span in placeholders(redacted.as_str()) {
        *counts.entry(span.rule.to_string()).or_insert(0) += 1;
    }
    let row = EscalationRow {
        id: EscalationId::fresh(),
        incident_id: case.incident.id.clone(),
        bundle_id: bundle.id,
        destination: new.destination,
        recipient: if new.by_hand { String::new() } else { clean_line(&new.to) },
        message: redacted,
        routing: Json::of(new.routing.clone()),
        override_reason: override_reason.map(|reason| texts.redact(&reason)),
        counts: Json::of(counts),
        message_id: desk.fresh_message_id(),
        sent_by: sender,
        queued_at: desk.now(),
        state: Delivery::Queued,
        attempts: 0,
        attempting_since: None,
        server_words: None,
        settled_at: None,
    };
    Ok(Prepared { row, words, lesson })
}

fn check(new: &NewEscalation, message: &str) -> Result<(), Failure> {
    let (mut errors, override_reason) = (Vec::new(), new.override_reason.as_deref());
    if !new.by_hand {
        check_recipient("to", new.to.trim(), &mut errors);
    }
    if is_filler(message) {
        errors.push(FieldError::new("message", "Say in a sentence what you need from them."));
    }
    check_length("message", message, TEXT_MAX, &mut errors);
    if override_reason.is_some_and(|reason| !reason.trim().is_empty() && is_filler(reason)) {
        errors.push(FieldError::new("override_reason", "Say in a sentence why it goes there all the same."));
    }
    check_length("override_reason", override_reason.unwrap_or_default(), TEXT_MAX, &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(Failure::Invalid(errors)) }
}

/// The bundle, and every rule that refuses.
fn look_up(
    connection: &mut Connection,
    actor: &Actor,
    reference: &str,
    new: &NewEscalation,
) -> Result<(sight::Case, BundleRow), Failure> {
    let case = sight::case(connection, actor, reference, Act::Escalate)?;
    refuse_ended(&case)?;
    let bundle = bundles::find(connection, &BundleId::from_text(new.bundle.as_str()));
    let bundle = bundle.ok().filter(|bundle| bundle.incident_id == case.incident.id);
    let Some(bundle) = bundle else {
        return Err(Failure::field("bundle", "This incident has no such bundle. Build one first."));
    };
    let missing = incident::missing(&case.incident.facts, case.incident.lead_id.is_some());
    let mut reasons = missing_refusals(new.destination, &missing);
    if bundle.audience != new.destination {
        reasons.push(Reason::new(
            "other_audience",
            format!(
                "This bundle was made for {}, not for {}. Build one for them.",
                bundle.audience.in_words(),
                new.destination.in_words()
            ),
            "support_lead",
        ));
    }
    reasons.extend(rotate::holding_back(connection, &case.incident, &bundle.id)?);
    reasons.extend(routing_refusal(&new.routing, new.destination, new.override_reason.as_deref()));
    if reasons.is_empty() { Ok((case, bundle)) } else { Err(Failure::Refused(reasons)) }
}
