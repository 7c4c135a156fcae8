//! What waits for one person about runs: failures to explain, reviews that are due, flags, notices that did not leave.

use super::{ASKED_FOR, All, Kind, Since, Waiting};
use crate::actions::{Failure, deliver_notice};
use crate::domain::escalation::Delivery;
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, PersonActor};
use crate::store::automations::{self, AutomationRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, cadence, notices, people, runs};
use crate::web::pages::runs::standing::meaning;
use crate::web::shown::{NO_SITE, capital};
use std::collections::{HashMap, HashSet};

/// Everything of this kind that waits for this person.
pub(super) fn runs(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    all: &mut All,
    now: Moment,
) -> Result<(), Failure> {
    let Some(me) = actor.person() else { return Ok(()) };
    let mut shelf = Shelf { sites, automations: HashMap::new() };
    explanations(connection, me, &mut shelf, all)?;
    reviews(connection, actor, me, &mut shelf, now, all)?;
    flags(connection, actor, &mut shelf, all)
}

/// The automations behind what waits, each read once.
struct Shelf<'a> {
    sites: &'a [SiteRow],
    automations: HashMap<AutomationId, AutomationRow>,
}

impl Shelf<'_> {
    /// Reads these automations, as far as they are not known.
    fn look_up<'i>(
        &mut self,
        connection: &mut Connection,
        ids: impl Iterator<Item = &'i AutomationId>,
    ) -> Result<(), Failure> {
        let mut unknown: Vec<AutomationId> = ids.filter(|id| !self.automations.contains_key(*id)).cloned().collect();
        unknown.sort();
        unknown.dedup();
        if !unknown.is_empty() {
            let rows = automations::by_ids(connection, unknown)?;
            self.automations.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
        }
        Ok(())
    }

    /// The moment at the site of an automation.
    fn zone(&self, automation: &AutomationRow) -> &str {
        let site = self.sites.iter().find(|site| site.id == automation.site_id);
        site.map_or("UTC", |site| site.time_zone.as_str())
    }
}

/// The last failed run of each automation that I own and have not explained.
fn explanations(
    connection: &mut Connection,
    me: &PersonActor,
    shelf: &mut Shelf,
    all: &mut All,
) -> Result<(), Failure> {
    let rows = all.cut(runs::unexplained_of(connection, &me.id, ASKED_FOR)?);
    shelf.look_up(connection, rows.iter().map(|row| &row.automation_id))?;
    let mut seen = HashSet::new();
    for run in rows {
        let Some(automation) = shelf.automations.get(&run.automation_id) else { continue };
        if !seen.insert(&automation.id) {
            continue;
        }
        let lacks = if run.incomplete { " The report lacks what another operator needs." } else { "" };
        all.items.push(Waiting {
            kind: Kind::Explanation,
            title: format!("Explain the failed run of {}", automation.name),
            text: format!("{}{lacks}", run.error_code.as_ref().unwrap_or(&run.what)),
            href: format!("/runs/{}", run.id),
            since: Some(Since::of(run.reported_at, shelf.zone(automation))),
            severity: None,
            urgent: true,
        });
    }
    Ok(())
}

/// Mail to our own people that did not leave, for whoever manages people.
pub(super) fn failed_notices(connection: &mut Connection, actor: &Actor, all: &mut All) -> Result<(), Failure> {
    if !actor.may_everywhere(Act::ManagePeople) {
        return Ok(());
    }
    let rows = all.cut(notices::in_state(connection, Delivery::Failed, ASKED_FOR)?);
    if rows.is_empty() {
        return Ok(());
    }
    let names: HashMap<_, _> = people::list(connection)?.into_iter().map(|person| (person.id, person.name)).collect();
    for row in rows {
        let words = row.server_words.as_ref().map(|words| words.as_str()).unwrap_or_default();
        let name = names.get(&row.person_id).map_or("somebody", String::as_str);
        all.items.push(Waiting {
            kind: Kind::Mail,
            title: format!("A notice to {name} did not leave"),
            text: match deliver_notice::is_given_up(&row) {
                true => format!("{}. {words}", row.subject),
                false => format!("{}. It is tried again. {words}", row.subject),
            },
            href: format!("/people/{}", row.person_id),
            since: Some(Since::of(row.queued_at, NO_SITE)),
            severity: None,
            urgent: true,
        });
    }
    Ok(())
}

fn flags(connection: &mut Connection, actor: &Actor, shelf: &mut Shelf, all: &mut All) -> Result<(), Failure> {
    if !actor.may_somewhere(Act::DismissFlag) {
        return Ok(());
    }
    let on = actor.sites_for(Act::DismissFlag);
    let rows = all.cut(cadence::open_flags_on(connection, on.as_deref(), ASKED_FOR)?);
    shelf.look_up(connection, rows.iter().map(|row| &row.automation_id))?;
    for row in rows {
        let Some(automation) = shelf.automations.get(&row.automation_id) else { continue };
        all.items.push(Waiting {
            kind: Kind::Flag,
            title: format!("{}: {}", capital(&row.kind.label()), automation.name),
            text: meaning(row.kind).to_owned(),
            href: format!("/automations/{}/reviews#flag-{}", automation.slug, row.id),
            since: Some(Since::of(row.raised_at, shelf.zone(automation))),
            severity: None,
            urgent: false,
        });
    }
    Ok(())
}

/// Reviews of what I own; and overdue ones of what I may review.
fn reviews(
    connection: &mut Connection,
    actor: &Actor,
    me: &PersonActor,
    shelf: &mut Shelf,
    now: Moment,
    all: &mut All,
) -> Result<(), Failure> {
    if !actor.may_somewhere(Act::ReviewRun) {
        return Ok(());
    }
    let mut rows = all.cut(cadence::open_reviews_of_owner(connection, &me.id, ASKED_FOR)?);
    let on = actor.sites_for(Act::ReviewRun);
    let own: HashSet<_> = rows.iter().map(|row| row.id.clone()).collect();
    let overdue = all.cut(cadence::overdue_reviews_on(connection, on.as_deref(), now, ASKED_FOR)?);
    rows.extend(overdue.into_iter().filter(|row| !own.contains(&row.id)));
    shelf.look_up(connection, rows.iter().map(|row| &row.automation_id))?;
    for row in rows {
        let Some(automation) = shelf.automations.get(&row.automation_id) else { continue };
        if !actor.may(Act::ReviewRun, &automation.site_id) {
            continue;
        }
        let overdue = row.due_at <= now;
        let text = if overdue { "It is overdue: its runs stay read only." } else { "Say what the review found." };
        all.items.push(Waiting {
            kind: Kind::Review,
            title: format!("Review {} ({})", automation.name, row.occasion.label()),
            text: text.to_owned(),
            href: format!("/automations/{}/reviews#review-{}", automation.slug, row.id),
            since: Some(Since::due(row.due_at, shelf.zone(automation))),
            severity: None,
            urgent: overdue,
        });
    }
    Ok(())
}
