//! Delivering a notice to one of our own people: a job that tries until the server takes the mail.

use super::pause::registry_redactor;
use super::{Desk, Failure};
use crate::domain::escalation::Delivery;
use crate::domain::ids::NoticeId;
use crate::domain::person::Actor;
use crate::mail::{Letter, MailError};
use crate::redaction::Redacted;
use crate::store::notices::{self, NoticeRow};
use crate::store::people::{self, PersonRow};
use crate::store::{Tx, Verb};

/// The kind of job.
pub const JOB: &str = "deliver_notice";

/// What is said of a mail that no other try can help.
const GIVEN_UP: &str = "The mail cannot be made, so it is not tried again: the address of this person is no address.";

/// Was it given up, because no other try could help?
pub fn is_given_up(row: &NoticeRow) -> bool {
    row.state == Delivery::Failed && row.server_words.as_ref().is_some_and(|words| words.as_str() == GIVEN_UP)
}

/// Tries once. A mail that did not leave is an error, so that the job is tried again; the row says what happened. One
/// that cannot be made ends the job.
pub fn run(desk: &Desk, id: &str) -> Result<(), Failure> {
    let actor = Actor::System("mail");
    let id = NoticeId::from_text(id);
    let (notice, person) = desk.read(|connection| {
        let notice = notices::find(connection, &id)?;
        let person = people::find(connection, &notice.person_id)?;
        Ok((notice, person))
    })?;
    if notice.state == Delivery::Sent {
        return Ok(());
    }
    let mut unfit = false;
    let sent = letter(desk, &notice, &person).and_then(|letter| {
        desk.mailer.send(&letter).map_err(|error| {
            unfit = matches!(error, MailError::Unfit(_));
            Failure::Unavailable(error.to_string())
        })
    });
    let words = match &sent {
        Err(_) if unfit => GIVEN_UP.to_owned(),
        Ok(words) => words.clone(),
        // Faults of ours are for the log.
        Err(Failure::Broken(_)) => "The mail could not be made; the log of the server says why.".to_owned(),
        Err(failure) => failure.to_string(),
    };
    let words = registry_redactor(desk)?.text(&words).text;
    let state = if sent.is_ok() { Delivery::Sent } else { Delivery::Failed };
    desk.write(&actor, move |tx| record(tx, &id, state, words))?;
    match sent {
        Err(failure) if unfit => {
            tracing::warn!(%failure, notice = %notice.id, "a notice is given up");
            Ok(())
        }
        other => other.map(drop),
    }
}

fn record(tx: &mut Tx, id: &NoticeId, state: Delivery, words: Redacted) -> Result<(), Failure> {
    let mut row = notices::find(tx.connection(), id)?;
    row.attempts += 1;
    row.state = state;
    row.server_words = Some(words);
    row.settled_at = (state == Delivery::Sent).then(|| tx.now());
    let verb = if state == Delivery::Sent { Verb::Sent } else { Verb::Failed };
    Ok(tx.update(verb, &row)?)
}

fn letter(desk: &Desk, notice: &NoticeRow, person: &PersonRow) -> Result<Letter, Failure> {
    let context = serde_json::json!({
        "subject": notice.subject,
        "paragraphs": notice.body.as_str().split("\n\n").collect::<Vec<_>>(),
        "body": notice.body,
        "address": desk.address_of(&notice.link),
        "name": person.name,
    });
    let redactor = registry_redactor(desk)?;
    let text = desk.renderer.render("mail/notice.txt", &context)?;
    let html = desk.renderer.render("mail/notice.html", &context)?;
    let host = desk.mailer.from();
    let host = host.rsplit('@').next().unwrap_or("localhost");
    Ok(Letter {
        to: person.email.clone(),
        subject: notice.subject.clone(),
        text: redactor.text(&text).text,
        html: redactor.text(&html).text,
        bundle: None,
        // The same in every try: a server that took it twice can tell.
        message_id: format!("<notice-{}@{host}>", notice.id),
        reply_to: None,
    })
}
