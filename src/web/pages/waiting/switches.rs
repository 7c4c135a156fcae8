//! What waits for one person about switches: pauses that want a reason, and the switch that is to be tried next.

use super::{All, Kind, LOOKED_THROUGH, Since, Waiting};
use crate::actions::switch_board::{self, Ground};
use crate::actions::{Failure, want_reason};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::store::sites::SiteRow;
use crate::store::{Connection, automations};
use crate::web::shown::NO_SITE;
use std::collections::HashSet;

/// Pauses whose reason this person is asked for.
pub(super) fn reasons(connection: &mut Connection, actor: &Actor, all: &mut All) -> Result<(), Failure> {
    let Some(me) = actor.person() else { return Ok(()) };
    let mut mine = want_reason::unexplained(connection)?;
    mine.retain(|one| one.asked.contains(&me.id));
    all.cut |= mine.len() > LOOKED_THROUGH;
    all.items.extend(mine.into_iter().take(LOOKED_THROUGH).map(|one| Waiting {
        kind: Kind::Reason,
        title: format!("Say why it is paused: {}", one.name),
        text: "Nobody has given a reason yet.".to_owned(),
        href: one.link,
        since: Some(Since::of(one.pause.set_at, NO_SITE)),
        severity: None,
        urgent: false,
    }));
    Ok(())
}

/// The switch whose turn it is, for whoever may press it.
pub(super) fn drill(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    all: &mut All,
    (now, days): (Moment, i64),
) -> Result<(), Failure> {
    if !actor.may_somewhere(Act::Pause) {
        return Ok(());
    }
    let automations = automations::list(connection)?;
    let ground = Ground { automations: &automations, sites, days, now };
    let switches = switch_board::board(connection, actor, &ground, &HashSet::new(), &HashSet::new())?;
    if let Some(switch) = switch_board::next_due(&switches) {
        let since = switch.last.as_ref().map(|drill| Since::of(drill.held_at, NO_SITE));
        all.items.push(Waiting {
            kind: Kind::Drill,
            title: format!("Try the switch: {}", switch.label),
            text: "It was not tried for too long, or failed. Only a switch that was tried stops things.".to_owned(),
            href: format!("/switches#{}", super::super::switches::mark(switch)),
            since,
            severity: None,
            urgent: false,
        });
    }
    Ok(())
}
