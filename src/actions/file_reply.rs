//! An answer is filed with the escalation that it answers: redacted, as an entry of the timeline. Of a mail, the
//! attachments are sealed as evidence; what came another way is recorded by a person (`by_hand`).

use super::intake::{Texts, until_settled};
use super::notify::{self, News};
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, seal_evidence, sight, write_entry};
use crate::domain::cadence::NoticeKind;
use crate::domain::ids::{PersonId, ReplyId};
use crate::domain::incident::{TEXT_MAX, clean_line, clean_text};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::reply::{ReplySender, own_words};
use crate::domain::timeline::EntryKind;
use crate::mail::{self, Incoming};
use crate::redaction::Redacted;
use crate::store::escalations::{self, EscalationRow};
use crate::store::replies::{self, ReplyRow};
use crate::store::{Connection, Tx, Verb, incidents};
use serde::Serialize;
use sha2::{Digest, Sha256};

const ACTOR: Actor = Actor::System("mail-in");

/// An answer that was filed.
#[derive(Debug)]
pub struct Filed {
    /// Reference of the incident.
    pub incident: String,
    /// The escalation that it answers.
    pub escalation: String,
    /// Files that were sealed as evidence.
    pub files: usize,
    /// Was it filed before? Then nothing was done.
    pub before: bool,
}

/// Files a message. None: it answers nothing that was escalated here.
///
/// # Errors
/// What is no mail message. A file that cannot be sealed does not keep the words out: the entry says which.
pub fn run(desk: &Desk, message: &[u8]) -> Result<Option<Filed>, Failure> {
    let Some(incoming) = mail::read(message) else {
        return Err(Failure::field("message", "This is no mail message: it has neither a sender nor a date."));
    };
    let key = key(&incoming, message);
    let Some((escalation, known)) = desk.read(|connection| find(connection, &incoming, &key))? else {
        return Ok(None);
    };
    let reference = desk.read(|connection| Ok(incidents::find(connection, &escalation.incident_id)?.reference))?;
    let filed =
        |files, before| Filed { incident: reference.clone(), escalation: escalation.id.to_string(), files, before };
    if known {
        return Ok(Some(filed(0, true)));
    }
    // Files first: if this is cut off here, the mail server tries again, and a file sealed twice is better than one lost.
    let (files, refused) = seal(desk, &reference, &escalation, &incoming)?;
    let new = until_settled(|| write(desk, &escalation, &incoming, &key, files, &refused))?;
    Ok(Some(filed(files, !new)))
}

/// Two messages are the same when they say so, or else when all of them is the same.
fn key(incoming: &Incoming, message: &[u8]) -> String {
    hex::encode(Sha256::digest(incoming.message_id.as_deref().map_or(message, str::as_bytes)))
}

/// The escalation that is answered, and whether this very answer was filed already.
fn find(connection: &mut Connection, incoming: &Incoming, key: &str) -> Result<Option<(EscalationRow, bool)>, Failure> {
    for id in &incoming.answers {
        if let Some(escalation) = escalations::by_message_id(connection, &format!("<{id}>"))? {
            let known = replies::of_escalation(connection, &escalation.id)?.iter().any(|row| row.message_key == key);
            return Ok(Some((escalation, known)));
        }
    }
    Ok(None)
}

/// Seals what is attached, and words that are too long for an entry; says how many, and which could not be.
fn seal(
    desk: &Desk,
    reference: &str,
    escalation: &EscalationRow,
    incoming: &Incoming,
) -> Result<(usize, Vec<String>), Failure> {
    let source = format!("came with an answer from {}", escalation.destination.in_words());
    let long = (incoming.text.chars().count() > TEXT_MAX)
        .then(|| ("answer.txt".to_owned(), incoming.text.clone().into_bytes()));
    let (mut sealed, mut refused) = (0, Vec::new());
    for (name, bytes) in incoming.files.iter().chain(long.as_ref()) {
        let once = desk.in_passing();
        match seal_evidence::run_from(&once, &ACTOR, reference, name, &source, &mut bytes.as_slice()) {
            Ok(_) => sealed += 1,
            Err(Failure::TooLarge(_) | Failure::Invalid(_) | Failure::Refused(_)) => refused.push(name.clone()),
            Err(failure) => return Err(failure),
        }
    }
    Ok((sealed, refused))
}

/// Writes the entry and what belongs to it; false when the same answer was filed meanwhile.
fn write(
    desk: &Desk,
    escalation: &EscalationRow,
    incoming: &Incoming,
    key: &str,
    files: usize,
    refused: &[String],
) -> Result<bool, Failure> {
    let case = desk.read(|connection| {
        let incident = incidents::find(connection, &escalation.incident_id)?;
        sight::of_incident(connection, &ACTOR, incident, Act::WorkIncident)
    })?;
    let words = words(incoming, refused);
    let texts = Texts::over(desk.redactor(&case.incident, &case.site)?, std::iter::once(words.as_str()));
    let (body, lesson) = (texts.redact(&words), desk.lesson(&case.incident, texts.known())?);
    let news = news_of(desk, &case.incident.reference, escalation)?;
    let (row, key) = (escalation.clone(), key.to_owned());
    let (sender, automatic) = (ReplySender::of(incoming.sender.as_deref(), &escalation.recipient), incoming.automatic);
    desk.write(&ACTOR, move |tx| {
        let filed = replies::of_escalation(tx.connection(), &row.id)?;
        if filed.iter().any(|reply| reply.message_key == key) {
            return Ok(false);
        }
        let reply = NewReply {
            key: Some(key),
            sender,
            automatic,
            files: i32::try_from(files).unwrap_or(i32::MAX),
            received_at: tx.now(),
            read_by: None,
            body,
            who: (ACTOR.reference(), format!("Mail from {}", row.destination.in_words())),
        };
        file(tx, &row, reply, news)?;
        lesson.teach(tx, case.incident)?;
        Ok(true)
    })
}

/// An answer as it is to be filed.
pub(super) struct NewReply {
    /// By this a mail is told from others; none: a person recorded it, and it is like no other.
    pub(super) key: Option<String>,
    /// Where it comes from.
    pub(super) sender: ReplySender,
    /// Did a program write it?
    pub(super) automatic: bool,
    /// Files that came with it.
    pub(super) files: i32,
    /// When it came.
    pub(super) received_at: Moment,
    /// Who has read it already.
    pub(super) read_by: Option<PersonId>,
    /// Its words.
    pub(super) body: Redacted,
    /// In whose name the entry stands.
    pub(super) who: (String, String),
}

/// Files an answer with the escalation that it answers: the entry, the row, the word to whoever sent the report.
pub(super) fn file(tx: &mut Tx, escalation: &EscalationRow, new: NewReply, news: News) -> Result<ReplyId, Failure> {
    let kind = EntryKind::Communicated;
    let entry_id = write_entry::told_at(tx, &escalation.incident_id, kind, &new.who, new.body, new.received_at)?;
    let id = ReplyId::fresh();
    let read_by = new.read_by;
    let knows = new.automatic || read_by.as_ref() == Some(&escalation.sent_by);
    let reply = ReplyRow {
        escalation_id: escalation.id.clone(),
        entry_id,
        message_key: new.key.unwrap_or_else(|| format!("by hand {id}")),
        sender: new.sender,
        automatic: new.automatic,
        files: new.files,
        received_at: new.received_at,
        read_at: read_by.as_ref().map(|_| tx.now()),
        read_by,
        id,
    };
    tx.insert(Verb::Recorded, &reply)?;
    if !knows {
        notify::tell(tx, &escalation.sent_by, &news)?;
    }
    Ok(reply.id)
}

fn words(incoming: &Incoming, refused: &[String]) -> String {
    let subject = clean_line(&incoming.subject);
    let own = clean_text(&own_words(&incoming.text));
    let mut words: String = if subject.is_empty() { own } else { format!("{subject}\n\n{own}") };
    if words.chars().count() > TEXT_MAX {
        words = words.chars().take(TEXT_MAX).collect();
        words.push_str("\n\n(It goes on in the evidence answer.txt.)");
    }
    for name in refused {
        words.push_str(&format!("\n\n(The file {} could not be sealed.)", clean_line(name)));
    }
    words
}

/// What whoever sent the report is told.
pub(super) fn news_of(desk: &Desk, reference: &str, escalation: &EscalationRow) -> Result<News, Failure> {
    let told = format!("{reference}: an answer came from {}", escalation.destination.in_words());
    Ok(News {
        kind: NoticeKind::ReplyCame,
        subject: registry_redactor(desk)?.text(&told).text,
        body: Redacted::literal("It stands, redacted, with the escalation and in the timeline of the incident."),
        link: format!("/escalations/{}#answers", escalation.id),
    })
}

/// An answer after somebody read it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReplyRead {
    /// Its id.
    pub id: String,
    /// When it was read.
    pub read_at: String,
}

impl Answer for ReplyRead {}

/// Says that an answer was read, as somebody who may escalate: it waits for nobody any more.
pub fn read(desk: &Desk, actor: &Actor, id: &str) -> Result<ReplyRead, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (ReplyId::from_text(id), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = replies::find(tx.connection(), &id)?;
        let escalation = sight::promised(escalations::find(tx.connection(), &row.escalation_id))?;
        let incident = sight::promised(incidents::find(tx.connection(), &escalation.incident_id))?;
        sight::of_incident(tx.connection(), &actor_copy, incident, Act::Escalate)?;
        if row.read_at.is_some() {
            return Err(Failure::refused(Reason::new("already_read", "Somebody read this answer already.", "nobody")));
        }
        row.read_by = Some(person);
        row.read_at = Some(tx.now());
        tx.update(Verb::Looked, &row)?;
        Ok(ReplyRead { id: row.id.to_string(), read_at: tx.now().rfc3339() })
    })
}
