//! What stands in red on the home page until somebody has dealt with it: openings by break-glass, rows that were altered
//! behind this program's back, and roles that were given without training.

use crate::actions::{Failure, override_gate, sight};
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::store::automations::{self, AutomationRow};
use crate::store::differences::{self, DifferenceRow};
use crate::store::{Connection, overrides, people, rollouts};
use serde::Serialize;

/// Altered rows that are named one by one.
const NAMED: usize = 10;

/// One thing in red.
#[derive(Serialize)]
pub(super) struct Red {
    title: String,
    text: String,
    href: String,
}

/// Everything in red that this person may know of.
pub(super) fn red(connection: &mut Connection, actor: &Actor, now: Moment) -> Result<Vec<Red>, Failure> {
    let mut all = altered(connection, actor)?;
    all.extend(waived(connection, actor)?);
    for row in overrides::unreviewed(connection)? {
        let state = override_gate::state_of(&row, now);
        let automation = automations::find(connection, &row.automation_id)?;
        let sees = [Act::ReadRegistry, Act::BreakGlass].iter().any(|act| actor.may(*act, &automation.site_id));
        let words = match state {
            "holds" => "It is open above its pauses",
            "over" => "It was open above its pauses, and waits for a review by somebody who took no part",
            "asked" => "Somebody asks to open it above its pauses; a second person must confirm",
            _ => continue,
        };
        if sees {
            all.push(Red {
                title: format!("Break-glass: {}", automation.name),
                text: format!("{words}. {}", row.reason),
                href: format!("/automations/{}/gate#break-glass", automation.slug),
            });
        }
    }
    Ok(all)
}

/// Roles that the installer gave without training, until an administrator takes note.
fn waived(connection: &mut Connection, actor: &Actor) -> Result<Vec<Red>, Failure> {
    if !actor.may_everywhere(Act::ManagePeople) {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for row in rollouts::open_waivers(connection)? {
        let name = sight::promised(people::find(connection, &row.person_id))?.name;
        lines.push(Red {
            title: format!("{name} got the role {} without training", row.role.label()),
            text: format!("The installer gave it past the roll-out. It lacked: {}.", row.lacked.replace('_', " ")),
            href: "/operators#waivers".to_owned(),
        });
    }
    Ok(lines)
}

/// Altered rows, one line for each.
fn altered(connection: &mut Connection, actor: &Actor) -> Result<Vec<Red>, Failure> {
    let mut lines: Vec<(String, Vec<AutomationRow>, bool)> = Vec::new();
    for DifferenceRow { subject_table, subject_id, automation_id, .. } in differences::open(connection)? {
        let row = format!("{subject_table} {subject_id}");
        let automation = named(connection, automation_id.as_ref());
        let everything = automation_id.is_none();
        if !sees(actor, automation.as_ref(), everything) {
            continue;
        }
        match lines.iter_mut().find(|(known, ..)| *known == row) {
            Some((_, automations, all)) => {
                automations.extend(automation);
                *all |= everything;
            }
            None => lines.push((row, automation.into_iter().collect(), everything)),
        }
    }
    let more = lines.len().saturating_sub(NAMED);
    let audits = actor.may_somewhere(Act::ReadAudit);
    let mut red: Vec<Red> = lines.into_iter().take(NAMED).map(|line| altered_line(line, audits)).collect();
    if more > 0 {
        let text = "Verify the audit chain to see them all.".to_owned();
        red.push(Red { title: format!("{more} more rows were changed outside Allclear"), text, href: "/audit".into() });
    }
    Ok(red)
}

fn altered_line((row, automations, everything): (String, Vec<AutomationRow>, bool), audits: bool) -> Red {
    let names: Vec<&str> = automations.iter().map(|row| row.name.as_str()).collect();
    let closed = match (everything, names.as_slice()) {
        (true, _) => "Every gate is closed".to_owned(),
        (false, [one]) => format!("The gate of {one} is closed"),
        (false, many) => format!("The gates of {} are closed", many.join(", ")),
    };
    let href = match automations.first() {
        _ if audits => "/audit".to_owned(),
        Some(automation) => format!("/automations/{}/gate", automation.slug),
        None => "/automations".to_owned(),
    };
    Red {
        title: "A row was changed outside Allclear".to_owned(),
        text: format!(
            "{row} is not what was last written. {closed} until it is again, or until an administrator has settled it."
        ),
        href,
    }
}

/// A row that cannot even be read is in red all the same.
fn named(connection: &mut Connection, id: Option<&AutomationId>) -> Option<AutomationRow> {
    automations::find(connection, id?).ok()
}

fn sees(actor: &Actor, automation: Option<&AutomationRow>, everything: bool) -> bool {
    match automation {
        Some(row) if !everything => actor.may(Act::ReadRegistry, &row.site_id),
        _ => actor.may_somewhere(Act::ReadRegistry),
    }
}
