//! Mail to our own people: nothing is switched off in silence. Queued in the transaction of what it tells;
//! `deliver_notice` tries until the server takes it.

use super::{Failure, deliver_notice};
use crate::domain::cadence::NoticeKind;
use crate::domain::escalation::Delivery;
use crate::domain::ids::{NoticeId, PersonId, SiteId};
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::notices::NoticeRow;
use crate::store::{Connection, Tx, Verb, jobs, people};

/// What is told.
#[derive(Clone, Debug)]
pub(super) struct News {
    /// Why.
    pub(super) kind: NoticeKind,
    /// The subject line.
    pub(super) subject: Redacted,
    /// The text.
    pub(super) body: Redacted,
    /// The page it speaks of.
    pub(super) link: String,
}

/// Tells one person.
pub(super) fn tell(tx: &mut Tx, person: &PersonId, news: &News) -> Result<(), Failure> {
    let row = NoticeRow {
        id: NoticeId::fresh(),
        person_id: person.clone(),
        kind: news.kind,
        subject: news.subject.clone(),
        body: news.body.clone(),
        link: news.link.clone(),
        queued_at: tx.now(),
        state: Delivery::Queued,
        attempts: 0,
        server_words: None,
        settled_at: None,
    };
    tx.insert(Verb::Notified, &row)?;
    Ok(jobs::enqueue(tx, deliver_notice::JOB, row.id.as_str())?)
}

/// Tells the owner of an automation; where nobody owns it any more, the administrators of its site.
pub(super) fn tell_owner(tx: &mut Tx, automation: &AutomationRow, news: &News) -> Result<(), Failure> {
    match visible_owner(tx.connection(), automation)? {
        Some(owner) => tell(tx, &owner, news),
        None => tell_administrators(tx, &automation.site_id, news),
    }
}

/// Tells the owner, and everybody who may administer the site; each once.
pub(super) fn tell_owner_and_administrators(
    tx: &mut Tx,
    automation: &AutomationRow,
    news: &News,
) -> Result<(), Failure> {
    let owner = visible_owner(tx.connection(), automation)?;
    let mut people = administrators(tx, |actor| actor.may(Act::ManageRegistry, &automation.site_id))?;
    people.extend(owner.filter(|owner| !people.contains(owner)));
    people.iter().try_for_each(|person| tell(tx, person, news))
}

/// Tells everybody who may administer the site.
pub(super) fn tell_administrators(tx: &mut Tx, site: &SiteId, news: &News) -> Result<(), Failure> {
    let people = administrators(tx, |actor| actor.may(Act::ManageRegistry, site))?;
    people.iter().try_for_each(|person| tell(tx, person, news))
}

/// Tells everybody who administers all sites.
pub(super) fn tell_administrators_everywhere(tx: &mut Tx, news: &News) -> Result<(), Failure> {
    let people = administrators(tx, |actor| actor.may_everywhere(Act::ManageRegistry))?;
    people.iter().try_for_each(|person| tell(tx, person, news))
}

fn administrators(tx: &mut Tx, fits: impl Fn(&Actor) -> bool) -> Result<Vec<PersonId>, Failure> {
    let actors = people::actors(tx.connection())?.into_iter();
    Ok(actors
        .map(|person| (person.id.clone(), Actor::Person(person)))
        .filter(|(_, actor)| fits(actor))
        .map(|(id, _)| id)
        .collect())
}

/// The owner, while they are active and may pause what they own.
pub(super) fn visible_owner(
    connection: &mut Connection,
    automation: &AutomationRow,
) -> Result<Option<PersonId>, Failure> {
    let Some(owner) = &automation.owner_id else { return Ok(None) };
    let person = super::sight::promised(people::find(connection, owner))?;
    let actor = Actor::Person(people::as_actor(connection, &person)?);
    Ok((person.active && actor.may(Act::Pause, &automation.site_id)).then_some(person.id))
}
