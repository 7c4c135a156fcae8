//! What waits for one person about runs: failures to explain, reviews that are due, flags, mail that did not leave.

use super::standing::meaning;
use crate::actions::Failure;
use crate::actions::sight::promised;
use crate::domain::escalation::Delivery;
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, PersonActor};
use crate::store::automations::{self, AutomationRow};
use crate::store::{Connection, cadence, notices, people, runs, sites};
use crate::web::pages::home::Waiting;
use crate::web::shown::{Time, capital, time};
use std::collections::{HashMap, HashSet};

/// Rows of one kind that are looked at.
const LOOKED_AT: i64 = 50;

/// Everything of this kind that waits for this person, the most urgent first.
pub(in crate::web::pages) fn waiting(
    connection: &mut Connection,
    actor: &Actor,
    now: Moment,
) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    let Some(me) = actor.person() else { return Ok(found) };
    let mut known = Known::default();
    explanations(connection, me, &mut known, &mut found)?;
    failed_notices(connection, actor, &mut found)?;
    flags(connection, actor, &mut known, &mut found)?;
    reviews(connection, actor, me, &mut known, now, &mut found)?;
    // The sort is stable: within the urgent ones and within the others, the order stays.
    found.sort_by_key(|waiting| !waiting.urgent);
    Ok(found)
}

/// Automations that were looked up, with the zone of their site.
#[derive(Default)]
struct Known(HashMap<AutomationId, (AutomationRow, String)>);

impl Known {
    fn get(&mut self, connection: &mut Connection, id: &AutomationId) -> Result<&(AutomationRow, String), Failure> {
        if !self.0.contains_key(id) {
            let row = promised(automations::find(connection, id))?;
            let zone = promised(sites::find(connection, &row.site_id))?.time_zone;
            self.0.insert(id.clone(), (row, zone));
        }
        self.0.get(id).ok_or(Failure::NotFound)
    }

    fn at(&mut self, connection: &mut Connection, id: &AutomationId, at: Moment) -> Result<Option<Time>, Failure> {
        Ok(Some(time(at, &self.get(connection, id)?.1)))
    }
}

/// The last failed run of each automation that I own and have not explained.
fn explanations(
    connection: &mut Connection,
    me: &PersonActor,
    known: &mut Known,
    found: &mut Vec<Waiting>,
) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for run in runs::unexplained_of(connection, &me.id, LOOKED_AT)? {
        if !seen.insert(run.automation_id.clone()) {
            continue;
        }
        let name = known.get(connection, &run.automation_id)?.0.name.clone();
        let lacks = if run.incomplete { " The report lacks what another operator needs." } else { "" };
        found.push(Waiting {
            title: format!("Explain the failed run of {name}"),
            text: format!("{}{lacks}", run.error_code.as_ref().unwrap_or(&run.what)),
            href: format!("/runs/{}", run.id),
            since: known.at(connection, &run.automation_id, run.reported_at)?,
            urgent: true,
        });
    }
    Ok(())
}

/// Mail to our own people that did not leave, for whoever manages people.
fn failed_notices(connection: &mut Connection, actor: &Actor, found: &mut Vec<Waiting>) -> Result<(), Failure> {
    if !actor.may_everywhere(Act::ManagePeople) {
        return Ok(());
    }
    for row in notices::in_state(connection, Delivery::Failed, LOOKED_AT)? {
        let person = promised(people::find(connection, &row.person_id))?;
        let words = row.server_words.as_ref().map(|words| words.as_str()).unwrap_or_default();
        found.push(Waiting {
            title: format!("A notice to {} did not leave", person.name),
            text: format!("{}. It is tried again. {words}", row.subject),
            href: format!("/people/{}", person.id),
            since: Some(time(row.queued_at, "UTC")),
            urgent: true,
        });
    }
    Ok(())
}

fn flags(
    connection: &mut Connection,
    actor: &Actor,
    known: &mut Known,
    found: &mut Vec<Waiting>,
) -> Result<(), Failure> {
    if !actor.may_somewhere(Act::DismissFlag) {
        return Ok(());
    }
    let on = actor.sites_for(Act::DismissFlag);
    for row in cadence::open_flags_on(connection, on.as_deref(), LOOKED_AT)? {
        let automation = known.get(connection, &row.automation_id)?.0.clone();
        found.push(Waiting {
            title: format!("{}: {}", capital(&row.kind.label()), automation.name),
            text: meaning(row.kind).to_owned(),
            href: format!("/automations/{}/reviews#flag-{}", automation.slug, row.id),
            since: known.at(connection, &row.automation_id, row.raised_at)?,
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
    known: &mut Known,
    now: Moment,
    found: &mut Vec<Waiting>,
) -> Result<(), Failure> {
    let mut rows = cadence::open_reviews_of_owner(connection, &me.id, LOOKED_AT)?;
    if actor.may_somewhere(Act::ReviewRun) {
        let on = actor.sites_for(Act::ReviewRun);
        let own: HashSet<_> = rows.iter().map(|row| row.id.clone()).collect();
        let overdue = cadence::overdue_reviews_on(connection, on.as_deref(), now, LOOKED_AT)?;
        rows.extend(overdue.into_iter().filter(|row| !own.contains(&row.id)));
    }
    for row in rows {
        let automation = known.get(connection, &row.automation_id)?.0.clone();
        if !actor.may(Act::ReviewRun, &automation.site_id) {
            continue;
        }
        let overdue = row.due_at <= now;
        let text = if overdue { "It is overdue: its runs stay read only." } else { "Say what the review found." };
        found.push(Waiting {
            title: format!("Review {} ({})", automation.name, row.occasion.label()),
            text: text.to_owned(),
            href: format!("/automations/{}/reviews#review-{}", automation.slug, row.id),
            since: known.at(connection, &row.automation_id, row.due_at)?,
            urgent: overdue,
        });
    }
    Ok(())
}
