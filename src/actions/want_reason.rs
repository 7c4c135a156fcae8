//! A pause needs no reason to be pressed, but one to be understood: until it is given, whoever pressed and the owner are
//! reminded by mail and on the page of what waits for them.

use super::notify::{self, News};
use super::pause::registry_redactor;
use super::{Desk, Failure};
use crate::domain::cadence::NoticeKind;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::redaction::Redacted;
use crate::store::pauses::{self, PauseRow};
use crate::store::{Connection, automations, notices, people, sites};
use chrono::Duration;
use std::collections::HashSet;

/// A pause without a reason.
pub struct Unexplained {
    /// The pause.
    pub pause: PauseRow,
    /// What it covers, in words.
    pub name: String,
    /// The page on which the reason is given.
    pub link: String,
    /// Who is asked for it: whoever pressed, and the owner.
    pub asked: Vec<PersonId>,
}

/// The pauses that hold and want a reason, oldest first; of each target only the oldest: whoever pressed a hundred times
/// is asked once.
pub fn unexplained(connection: &mut Connection) -> Result<Vec<Unexplained>, Failure> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for (pause, _) in pauses::all_holding(connection)?.into_iter().filter(|(pause, _)| pause.wants_reason()) {
        if !seen.insert((pause.target_kind, pause.target.clone())) {
            continue;
        }
        let (name, page, owner) = place(connection, &pause)?;
        let mut asked: Vec<PersonId> = presser(connection, &pause)?.into_iter().chain(owner).collect();
        asked.dedup();
        let link = format!("{page}#pause-{}", pause.id);
        found.push(Unexplained { pause, name, link, asked });
    }
    Ok(found)
}

/// The round: reminds of each as often as the setting says, counted from the press. Says how many pauses it told of.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    let (now, span) = (desk.now(), Duration::hours(desk.limits.reason_hours));
    let due = desk.read(|connection| {
        let mut due = Vec::new();
        for one in unexplained(connection)? {
            if is_due(connection, &one.pause, &one.link, span, now)? {
                due.push(one);
            }
        }
        Ok::<_, Failure>(due)
    })?;
    let redactor = registry_redactor(desk)?;
    let mut told_of = 0;
    for one in &due {
        let since = one.pause.set_at.utc().format("%Y-%m-%d %H:%M UTC");
        let body = format!(
            "{} is paused since {since}, and nobody has said why.\n\nSay it on its page, so that others know whether it may run again.",
            one.name
        );
        let news = News {
            kind: NoticeKind::ReasonWanted,
            subject: Redacted::literal("A pause has no reason yet"),
            body: redactor.text(&body).text,
            link: one.link.clone(),
        };
        let (pause, asked) = (one.pause.clone(), one.asked.clone());
        let told = desk.write(&Actor::System("reminder"), move |tx| {
            // It may have been said, or released, or another node may have told of it meanwhile.
            let wanted = pauses::find(tx.connection(), &pause.id)?.wants_reason();
            if !wanted || !is_due(tx.connection(), &pause, &news.link, span, now)? {
                return Ok(false);
            }
            match (asked.is_empty(), &pause.site_id) {
                (false, _) => asked.iter().try_for_each(|person| notify::tell(tx, person, &news))?,
                (true, Some(site)) => notify::tell_administrators(tx, site, &news)?,
                (true, None) => notify::tell_administrators_everywhere(tx, &news)?,
            }
            Ok(true)
        })?;
        told_of += usize::from(told);
    }
    Ok(told_of)
}

/// Has nobody been reminded of this pause for so long?
fn is_due(
    connection: &mut Connection,
    pause: &PauseRow,
    link: &str,
    span: Duration,
    now: Moment,
) -> Result<bool, Failure> {
    let told = notices::last_about(connection, NoticeKind::ReasonWanted, link)?;
    Ok(told.unwrap_or(pause.set_at).plus(span) <= now)
}

/// Whoever pressed, while they are here.
fn presser(connection: &mut Connection, pause: &PauseRow) -> Result<Option<PersonId>, Failure> {
    let Some(id) = pause.set_by.strip_prefix("person:") else { return Ok(None) };
    let person = people::find(connection, &PersonId::from_text(id))?;
    Ok(person.active.then_some(person.id))
}

/// Name, page and owner of what a pause covers.
fn place(connection: &mut Connection, pause: &PauseRow) -> Result<(String, String, Option<PersonId>), Failure> {
    Ok(match (pause.target_kind, &pause.site_id) {
        (PauseTarget::Automation, _) => {
            let id = AutomationId::from_text(pause.target.as_str());
            let row = super::sight::promised(automations::find(connection, &id))?;
            let owner = notify::visible_owner(connection, &row)?;
            (row.name, format!("/automations/{}", row.slug), owner)
        }
        (PauseTarget::Site, Some(site)) => {
            let site = super::sight::promised(sites::find(connection, site))?;
            (format!("The site {}", site.name), format!("/sites/{}", site.slug), None)
        }
        (PauseTarget::Category, _) => (format!("The category {}", pause.target), "/automations".to_owned(), None),
        _ => ("Everything".to_owned(), "/automations".to_owned(), None),
    })
}
