//! Delivering an escalation: a job that tries until the server takes the mail, and never gives it up.

use super::letter_words::{self, Source};
use super::{Answer, Desk, Failure, reread_evidence, rotate, sight, write_entry};
use crate::domain::escalation::Delivery;
use crate::domain::ids::EscalationId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::mail::{BundleFile, Letter, WRITTEN_TO_OUTBOX};
use crate::redaction::Redacted;
use crate::store::bundles::{self, BundleRow};
use crate::store::escalations::{self, EscalationRow};
use crate::store::people::{self, PersonRow};
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, Verb, incidents, jobs};
use crate::vault::Shelf;
use serde::Serialize;
use std::io::Read;

/// The kind of job.
pub const JOB: &str = "deliver_mail";
/// Seconds until a mail that waits for the reading of evidence is looked at again.
const REREAD_SECONDS: u32 = 2;

/// Tries once. A mail that did not leave is an error, so that the job is tried again; the row says what happened.
pub fn run(desk: &Desk, id: &str) -> Result<(), Failure> {
    let actor = Actor::System("mail");
    let id = EscalationId::from_text(id);
    let letter = desk.read(|connection| gather(connection, &id))?;
    if letter.escalation.state == Delivery::Sent {
        return Ok(());
    }
    if letter.evidence_is_reread {
        // Another worker is at it: no failed try, and nobody is told of one.
        let why = "The mail waits until what was learned last has been looked for everywhere.".to_owned();
        return Err(Failure::Busy { why, seconds: REREAD_SECONDS });
    }
    if letter.escalation.attempting_since.is_some() {
        tracing::warn!(escalation = %id, "a try was cut off before its outcome was recorded: this mail may arrive twice, with the same Message-ID");
    }
    let Some(held) = begin(desk, &actor, &letter)? else { return Ok(()) };
    // Such a bundle is never changed, so no further try could send it.
    let for_good = held.iter().any(|reason| reason.code == rotate::TO_ROTATE);
    let sent = if held.is_empty() { letter.write(desk, &actor) } else { Err(Failure::Refused(held)) };
    let sent = sent.and_then(|letter| desk.mailer.send(&letter).map_err(|e| Failure::Unavailable(e.to_string())));
    let words = match &sent {
        Ok(words) => words.clone(),
        // Faults of ours are for the log.
        Err(Failure::Broken(_)) => "The mail could not be made; the log of the server says why.".to_owned(),
        Err(failure) => failure.to_string(),
    };
    // What a server says may repeat anything that it was told.
    let words = desk.redactor(&letter.incident, &letter.site)?.text(&words).text;
    let state = if sent.is_ok() { Delivery::Sent } else { Delivery::Failed };
    record(desk, &actor, id, state, words, for_good)?;
    if for_good { Ok(()) } else { sent.map(drop) }
}

/// Notes the try, and says in the same transaction what keeps the bundle back: what is learned after it came too late.
/// None when somebody has delivered it by hand meanwhile.
fn begin(desk: &Desk, actor: &Actor, letter: &Draft) -> Result<Option<Vec<Reason>>, Failure> {
    let (id, incident) = (letter.escalation.id.clone(), letter.incident.clone());
    desk.write(actor, move |tx| {
        let mut row = escalations::find(tx.connection(), &id)?;
        if row.state == Delivery::Sent {
            return Ok(None);
        }
        row.attempts += 1;
        row.attempting_since = Some(tx.now());
        tx.update(Verb::Tried, &row)?;
        rotate::holding_back(tx.connection(), &incident, &row.bundle_id).map(Some)
    })
}

/// A mail that somebody asks to try again at once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Retried {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: Delivery,
}

impl Answer for Retried {}

/// Tries a failed mail again at once, instead of when its time comes.
pub fn retry_now(desk: &Desk, actor: &Actor, id: &str) -> Result<Retried, Failure> {
    let (id, actor_copy) = (EscalationId::from_text(id), actor.clone());
    desk.answer(actor, move |tx| {
        let row = escalations::find(tx.connection(), &id)?;
        let incident = incidents::find(tx.connection(), &row.incident_id)?;
        sight::of_incident(tx.connection(), &actor_copy, incident, Act::Escalate)?;
        if row.is_by_hand() {
            let how = "It has no address, so no mail of it leaves. Tell them, then record it.";
            return Err(Failure::refused(Reason::new("by_hand", how, "support_lead")));
        }
        if row.state != Delivery::Sent {
            jobs::run_now(tx, JOB, row.id.as_str())?;
        }
        Ok(Retried { id: row.id.to_string(), state: row.state })
    })
}

fn record(
    desk: &Desk,
    actor: &Actor,
    id: EscalationId,
    state: Delivery,
    words: Redacted,
    for_good: bool,
) -> Result<(), Failure> {
    desk.write(actor, move |tx| {
        let mut row = escalations::find(tx.connection(), &id)?;
        if row.state == Delivery::Sent && state == Delivery::Failed {
            // Somebody delivered it by hand while this try was under way.
            row.attempting_since = None;
            return Ok(tx.update(Verb::Failed, &row)?);
        }
        let first_of_its_kind = row.state != state || for_good;
        row.state = state;
        row.server_words = Some(words);
        row.attempting_since = None;
        row.settled_at = (state == Delivery::Sent).then(|| row.settled_at.unwrap_or(tx.now()));
        let (verb, said) = match state {
            Delivery::Sent if went_to_outbox(&row) => {
                (Verb::Sent, "The escalation was written to the outbox; no mail server is set.")
            }
            Delivery::Sent => (Verb::Sent, "The mail server took the escalation."),
            _ if for_good => (
                Verb::Failed,
                "The escalation was stopped: its bundle carries a value that is known to be a secret by now.",
            ),
            _ => (Verb::Failed, "The escalation did not leave; it is tried again."),
        };
        tx.update(verb, &row)?;
        if first_of_its_kind {
            let who = (Actor::System("mail").reference(), "Allclear".to_owned());
            write_entry::system(tx, &row.incident_id, &who, Redacted::literal(said))?;
        }
        Ok(())
    })
}

/// Was it written to the outbox instead of being given to a mail server?
pub fn went_to_outbox(row: &EscalationRow) -> bool {
    row.state == Delivery::Sent && row.server_words.as_ref().is_some_and(|words| words.as_str() == WRITTEN_TO_OUTBOX)
}

/// The words that a person hands over where no mail leaves: those of the mail.
#[derive(Debug, Serialize)]
pub struct HandOver {
    /// The subject.
    pub subject: Redacted,
    /// The text.
    pub text: Redacted,
}

/// What to hand over by telephone or in a portal. Whoever asks may see the escalation.
pub fn hand_over(desk: &Desk, id: &EscalationId) -> Result<HandOver, Failure> {
    let letter = desk.read(|connection| gather(connection, id))?;
    let words = letter_words::compose(desk, &letter.source())?;
    Ok(HandOver { subject: words.subject, text: words.text })
}

/// What a letter is made of.
struct Draft {
    escalation: EscalationRow,
    incident: incidents::IncidentRow,
    site: SiteRow,
    bundle: BundleRow,
    sender: PersonRow,
    evidence_is_reread: bool,
}

fn gather(connection: &mut Connection, id: &EscalationId) -> Result<Draft, Failure> {
    let escalation = escalations::find(connection, id)?;
    let incident = incidents::find(connection, &escalation.incident_id)?;
    let site = sites::find(connection, &incident.site_id)?;
    let bundle = bundles::find(connection, &escalation.bundle_id)?;
    let sender = people::find(connection, &escalation.sent_by)?;
    let evidence_is_reread = reread_evidence::is_under_way(connection, &incident)?;
    Ok(Draft { escalation, incident, site, bundle, sender, evidence_is_reread })
}

impl Draft {
    fn source(&self) -> Source<'_> {
        Source {
            incident: &self.incident,
            site: &self.site,
            bundle: &self.bundle,
            message: &self.escalation.message,
            sender_name: &self.sender.name,
        }
    }

    /// The letter, gone over by the second scan once more: what is known now may be more than when it was queued.
    fn write(&self, desk: &Desk, actor: &Actor) -> Result<Letter, Failure> {
        let words = letter_words::compose(desk, &self.source())?;
        letter_words::refuse_leaks(desk, actor, &self.source(), &words)?;
        let mut bytes = Vec::new();
        desk.vault
            .read(Shelf::Bundles, &self.bundle.file)?
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::Broken(format!("the bundle cannot be read: {e}")))?;
        Ok(Letter {
            to: self.escalation.recipient.clone(),
            subject: words.subject,
            text: words.text,
            html: words.html,
            bundle: Some(BundleFile::off_the_shelf(words.bundle_name, bytes)),
            message_id: self.escalation.message_id.clone(),
            reply_to: None,
        })
    }
}
