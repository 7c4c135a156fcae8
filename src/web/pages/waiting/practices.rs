//! What waits for somebody about practices: escalations that tell them, reviews that are due.

use super::{ASKED_FOR, All, Kind, Since, Waiting};
use crate::actions::sight::promised;
use crate::actions::{Failure, escalate_practice, keep_practice};
use crate::domain::ids::PracticeRunId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Practice;
use crate::store::practices::{self, PracticeRunRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, practice_escalations};
use crate::web::pages::practices::list::subject;
use std::collections::HashMap;
use std::rc::Rc;

/// Everything of this kind that waits for this person.
pub(super) fn practices(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    all: &mut All,
    now: Moment,
) -> Result<(), Failure> {
    if actor.person().is_none() {
        return Ok(());
    }
    let mut shelf = Shelf { sites, runs: HashMap::new() };
    let on = actor.sites_for(Act::ReadRegistry);
    for row in all.cut(practice_escalations::standing(connection, on.as_deref(), ASKED_FOR)?) {
        let held = shelf.look_up(connection, &row.run_id)?;
        let (run, practice) = held.as_ref();
        let Some(line) = practice.line(&row.line_id) else { continue };
        if !actor.may(Act::ReadRegistry, &run.site_id) || !escalate_practice::is_told(actor, line, run) {
            continue;
        }
        all.items.push(Waiting {
            kind: Kind::Practice,
            title: format!("To be escalated: {}", subject(connection, run)?.name),
            text: line.text.clone(),
            href: format!("/practice-runs/{}#escalations", run.id),
            since: Some(Since::of(row.raised_at, shelf.zone(run))),
            severity: None,
            urgent: true,
        });
    }
    let on = actor.sites_for(Act::KeepPractice);
    for row in all.cut(practices::open_reviews(connection, on.as_deref(), ASKED_FOR)?) {
        let held = shelf.look_up(connection, &row.run_id)?;
        let (run, practice) = held.as_ref();
        let answers = keep_practice::holds_role(actor, practice.owner, &run.site_id);
        if !answers || !actor.may(Act::KeepPractice, &run.site_id) {
            continue;
        }
        let overdue = row.due_at <= now;
        let when = if overdue { "It is overdue." } else { "Say what the review found." };
        all.items.push(Waiting {
            kind: Kind::Practice,
            title: format!("Review {} ({})", subject(connection, run)?.name, row.occasion.label()),
            text: format!("{}. {when}", practice.title),
            href: format!("/practice-runs/{}#reviews", run.id),
            since: Some(Since::due(row.due_at, shelf.zone(run))),
            severity: None,
            urgent: overdue,
        });
    }
    Ok(())
}

/// The runs behind what waits and what their practices say, each read once.
struct Shelf<'a> {
    sites: &'a [SiteRow],
    runs: HashMap<PracticeRunId, Rc<(PracticeRunRow, Practice)>>,
}

impl Shelf<'_> {
    fn look_up(
        &mut self,
        connection: &mut Connection,
        id: &PracticeRunId,
    ) -> Result<Rc<(PracticeRunRow, Practice)>, Failure> {
        if let Some(known) = self.runs.get(id) {
            return Ok(known.clone());
        }
        let run = promised(practices::find_run(connection, id))?;
        let practice = promised(practices::version(connection, &run.practice, run.version))?.definition.into_inner();
        let held = Rc::new((run, practice));
        self.runs.insert(id.clone(), held.clone());
        Ok(held)
    }

    fn zone(&self, run: &PracticeRunRow) -> &str {
        let site = self.sites.iter().find(|site| site.id == run.site_id);
        site.map_or("UTC", |site| site.time_zone.as_str())
    }
}
