//! The switches that somebody may use: what each would stop now, and how it stands by its drills.

use super::gate_memory::GateMemory;
use super::{Failure, ask_gate, count_asks, gate_facts};
use crate::domain::automation::Category;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::switch::{DrillStanding, drill_standing};
use crate::store::automations::AutomationRow;
use crate::store::drills::{self, DrillRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, sites};
use std::collections::HashSet;

/// One switch.
#[derive(Clone, Debug)]
pub struct BoardSwitch {
    /// What kind of thing it covers.
    pub kind: PauseTarget,
    /// As pauses name it: an automation's id, a category's word, a site's id, or `all`.
    pub target: String,
    /// As requests name it: `all`, a category's word, `site:SLUG`, or the automation's slug.
    pub name: String,
    /// As people call it.
    pub label: String,
    /// Automations that it covers.
    pub covered: usize,
    /// Of those, how many may run now.
    pub running: usize,
    /// Automations under it that have never asked their gate: a press is not known to stop them.
    pub never_asked: usize,
    /// The last drill of it.
    pub last: Option<DrillRow>,
    /// How it stands by its drills.
    pub standing: DrillStanding,
    /// Is it of an automation that concerns this person: one of theirs, or one that writes, reaches customers or spends?
    pub matters: bool,
}

/// What a board is made of.
pub struct Ground<'a> {
    /// Every automation.
    pub automations: &'a [AutomationRow],
    /// Every site.
    pub sites: &'a [SiteRow],
    /// Days that a switch may go untried.
    pub days: i64,
    /// The moment.
    pub now: Moment,
}

/// The automations that may run now: from memory where it is fresh, else from the database.
pub fn running(
    connection: &mut Connection,
    gate: &GateMemory,
    automations: &[AutomationRow],
    now: Moment,
) -> Result<HashSet<AutomationId>, Failure> {
    if let Some(open) = gate.open_among(automations) {
        return Ok(open);
    }
    let verdicts = ask_gate::verdicts(connection, automations, now)?;
    let open = automations.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_open());
    Ok(open.map(|(row, _)| row.id.clone()).collect())
}

/// The switches of a person: everything, categories and sites that cover something, then single automations, those of
/// their own first. `open`: the automations that may run now; `silent`: those that have never asked.
pub fn board(
    connection: &mut Connection,
    actor: &Actor,
    ground: &Ground,
    open: &HashSet<AutomationId>,
    silent: &HashSet<AutomationId>,
) -> Result<Vec<BoardSwitch>, Failure> {
    if !actor.may_somewhere(Act::Pause) {
        return Ok(Vec::new());
    }
    let drills = drills::all(connection)?;
    let make = |kind: PauseTarget, target: &str, name: String, label: String| {
        let covered = ground.automations.iter().filter(|row| gate_facts::covers(row).includes(kind, target));
        Board { ground, drills: &drills, open, silent }.switch(kind, target, name, label, covered.collect())
    };
    let mut switches = Vec::new();
    if actor.may_everywhere(Act::Pause) {
        let all = PauseTarget::Everything.as_str();
        switches.push(make(PauseTarget::Everything, all, all.to_owned(), "Everything".into()));
    }
    for site in ground.sites.iter().filter(|site| actor.may(Act::Pause, &site.id)) {
        let (name, label) = (format!("site:{}", site.slug), format!("Site {}", site.name));
        switches.push(make(PauseTarget::Site, site.id.as_str(), name, label));
    }
    if actor.may_everywhere(Act::Pause) {
        for category in Category::ALL {
            let label = format!("Category {}", category.label());
            switches.push(make(PauseTarget::Category, category.as_str(), category.to_string(), label));
        }
    }
    switches.retain(|switch| switch.covered > 0);
    switches.extend(single(actor, &Board { ground, drills: &drills, open, silent }));
    Ok(switches)
}

/// The same for what is read anew.
pub fn board_of(
    connection: &mut Connection,
    actor: &Actor,
    gate: &GateMemory,
    days: i64,
    now: Moment,
) -> Result<Vec<BoardSwitch>, Failure> {
    let automations = crate::store::automations::list(connection)?;
    let sites = sites::list(connection)?;
    let open = running(connection, gate, &automations, now)?;
    let silent = count_asks::never_asked(connection, gate, &automations)?;
    board(connection, actor, &Ground { automations: &automations, sites: &sites, days, now }, &open, &silent)
}

/// The switch to be tried next, if one is due.
pub fn next_due(switches: &[BoardSwitch]) -> Option<&BoardSwitch> {
    switches.iter().filter(|switch| switch.standing.is_amber()).min_by_key(|switch| switch.standing.turn())
}

/// The switches of single automations, those that matter first.
fn single(actor: &Actor, board: &Board) -> Vec<BoardSwitch> {
    let me = actor.person().map(|person| &person.id);
    let mut found = Vec::new();
    for row in board.ground.automations.iter().filter(|row| actor.may(Act::Pause, &row.site_id)) {
        let own = me.is_some() && row.owner_id.as_ref() == me;
        let kind = PauseTarget::Automation;
        let mut switch = board.switch(kind, row.id.as_str(), row.slug.clone(), row.name.clone(), vec![row]);
        switch.matters = own || row.touches() != Default::default();
        found.push((!own, !switch.matters, switch));
    }
    found.sort_by_key(|(other, plain, _)| (*other, *plain));
    found.into_iter().map(|(.., switch)| switch).collect()
}

struct Board<'a> {
    ground: &'a Ground<'a>,
    drills: &'a [DrillRow],
    open: &'a HashSet<AutomationId>,
    silent: &'a HashSet<AutomationId>,
}

impl Board<'_> {
    fn switch(
        &self,
        kind: PauseTarget,
        target: &str,
        name: String,
        label: String,
        covered: Vec<&AutomationRow>,
    ) -> BoardSwitch {
        let last = self.last_drill(kind, target, covered.first().copied());
        let since = covered.iter().map(|row| row.created_at).min().unwrap_or(self.ground.now);
        let tried = last.map(|drill| (drill.held_at, drill.worked()));
        BoardSwitch {
            kind,
            target: target.to_owned(),
            name,
            label,
            covered: covered.len(),
            running: covered.iter().filter(|row| self.open.contains(&row.id)).count(),
            never_asked: covered.iter().filter(|row| self.silent.contains(&row.id)).count(),
            standing: drill_standing(tried, since, self.ground.days, self.ground.now),
            last: last.cloned(),
            matters: true,
        }
    }

    /// The newest drill of the switch itself; of a single automation also that of a wider switch over it.
    fn last_drill(&self, kind: PauseTarget, target: &str, row: Option<&AutomationRow>) -> Option<&DrillRow> {
        self.drills.iter().find(|drill| match row {
            Some(row) if kind == PauseTarget::Automation => {
                gate_facts::covers(row).includes(drill.target_kind, &drill.target)
            }
            _ => drill.target_kind == kind && drill.target == target,
        })
    }
}
