//! Delivering an escalation: a job that tries until the server takes the mail, and never gives it up.

use super::report::BothZones;
use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::escalation::Delivery;
use crate::domain::ids::EscalationId;
use crate::domain::person::{Act, Actor};
use crate::mail::{BundleFile, Letter};
use crate::redaction::Redacted;
use crate::store::bundles::{self, BundleRow};
use crate::store::escalations::{self, EscalationRow};
use crate::store::people::{self, PersonRow};
use crate::store::{Connection, Verb, incidents, jobs};
use crate::vault::Shelf;
use serde::Serialize;
use std::io::Read;

/// The kind of job.
pub const JOB: &str = "deliver_mail";

/// Tries once. A mail that did not leave is an error, so that the job is tried again; the row says what happened.
pub fn run(desk: &Desk, id: &str) -> Result<(), Failure> {
    let actor = Actor::System("mail");
    let id = EscalationId::from_text(id);
    let letter = desk.read(|connection| gather(connection, &id))?;
    if letter.escalation.state == Delivery::Sent {
        return Ok(());
    }
    if letter.escalation.attempting_since.is_some() {
        tracing::warn!(escalation = %id, "a try was cut off before its outcome was recorded: this mail may arrive twice, with the same Message-ID");
    }
    let trying = id.clone();
    desk.write(&actor, move |tx| {
        let mut row = escalations::find(tx.connection(), &trying)?;
        row.attempts += 1;
        row.attempting_since = Some(tx.now());
        Ok(tx.update(Verb::Tried, &row)?)
    })?;
    let sent = letter
        .write(desk)
        .and_then(|letter| desk.mailer.send(&letter).map_err(|e| Failure::Unavailable(e.to_string())));
    record(desk, &actor, id, &sent)?;
    sent.map(drop)
}

/// A mail that somebody asks to try again at once.
#[derive(Debug, Serialize)]
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
        if row.state != Delivery::Sent {
            jobs::run_now(tx, JOB, row.id.as_str())?;
        }
        Ok(Retried { id: row.id.to_string(), state: row.state })
    })
}

fn record(desk: &Desk, actor: &Actor, id: EscalationId, sent: &Result<String, Failure>) -> Result<(), Failure> {
    let (state, words) = match sent {
        Ok(words) => (Delivery::Sent, words.clone()),
        Err(failure) => (Delivery::Failed, failure.to_string()),
    };
    desk.write(actor, move |tx| {
        let mut row = escalations::find(tx.connection(), &id)?;
        let first_of_its_kind = row.state != state;
        row.state = state;
        row.server_words = Some(words);
        row.attempting_since = None;
        row.settled_at = (state == Delivery::Sent).then(|| tx.now());
        let (verb, said) = match state {
            Delivery::Sent => (Verb::Sent, "The mail server took the escalation."),
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

/// What a letter is made of.
pub(super) struct Draft {
    pub(super) escalation: EscalationRow,
    pub(super) incident: incidents::IncidentRow,
    pub(super) site: crate::store::sites::SiteRow,
    pub(super) bundle: BundleRow,
    pub(super) sender: PersonRow,
}

/// What a letter says: rendered, and redacted as a whole on its way out.
pub(super) struct Words {
    pub(super) subject: Redacted,
    pub(super) text: Redacted,
    pub(super) html: Redacted,
}

fn gather(connection: &mut Connection, id: &EscalationId) -> Result<Draft, Failure> {
    let escalation = escalations::find(connection, id)?;
    let incident = incidents::find(connection, &escalation.incident_id)?;
    let site = crate::store::sites::find(connection, &incident.site_id)?;
    let bundle = bundles::find(connection, &escalation.bundle_id)?;
    let sender = people::find(connection, &escalation.sent_by)?;
    Ok(Draft { escalation, incident, site, bundle, sender })
}

impl Draft {
    /// The name under which the bundle goes along.
    pub(super) fn bundle_name(&self) -> String {
        format!("{}-{}.zip", self.incident.reference, self.bundle.audience)
    }

    /// Subject and both forms of the text.
    pub(super) fn words(&self, desk: &Desk) -> Result<Words, Failure> {
        let redactor = desk.redactor(&self.incident, &self.site)?;
        let context = serde_json::json!({
            "message": self.escalation.message,
            "paragraphs": self.escalation.message.as_str().split("\n\n").collect::<Vec<_>>(),
            "request": self.escalation.destination.request(),
            "bundle_name": self.bundle_name(),
            "sha256": self.bundle.sha256,
            "reference": self.incident.reference,
            "title": self.incident.title,
            "occurred": BothZones::of(self.incident.occurred_at, &self.site.time_zone),
            "sender_name": self.sender.name,
        });
        let text = desk.renderer.render("mail/escalation.txt", &context)?;
        let html = desk.renderer.render("mail/escalation.html", &context)?;
        let subject = format!("[{}] {}", self.incident.reference, self.incident.title);
        Ok(Words {
            subject: redactor.text(&subject).text,
            text: redactor.text(&text).text,
            html: redactor.text(&html).text,
        })
    }

    /// The letter with its bundle.
    fn write(&self, desk: &Desk) -> Result<Letter, Failure> {
        let words = self.words(desk)?;
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
            bundle: BundleFile::off_the_shelf(self.bundle_name(), bytes),
            message_id: self.escalation.message_id.clone(),
            reply_to: None,
        })
    }
}
