//! Vacancy: an automation whose owner has left, or may not pause it any more, is paused by itself; the administrators
//! are told, and nothing is released before somebody else owns it.
//!
//! Source: seed "Workflow safety": "Escalate when automation … runs without a visible owner".

use super::notify::{self, News};
use super::{Desk, Failure, flags, gate_facts};
use crate::domain::cadence::{FlagKind, NoticeKind};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, PauseId, PersonId};
use crate::domain::person::Actor;
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::pauses::{self, PauseRow};
use crate::store::{Connection, Tx, Verb};

/// In whose name such a pause stands.
const BY: &str = "system:vacancy";

/// Pauses what this person owned and can own no longer. Called in the transaction that takes it from them.
pub(super) fn look(tx: &mut Tx, person: &PersonId) -> Result<(), Failure> {
    for automation in automations::of_owner(tx.connection(), person)? {
        if notify::visible_owner(tx.connection(), &automation)?.is_none() {
            pause(tx, &automation)?;
        }
    }
    Ok(())
}

/// The round: automations whose owner left before this program paused for it. Says how many it looked at.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    let found = desk.read(|connection| {
        let mut found = Vec::new();
        for automation in automations::of_departed(connection)? {
            if !is_paused(connection, &automation)? {
                found.push(automation.id);
            }
        }
        Ok::<Vec<AutomationId>, Failure>(found)
    })?;
    let count = found.len();
    if count > 0 {
        desk.write(&Actor::System("vacancy"), move |tx| {
            for id in found {
                let automation = super::sight::promised(automations::find(tx.connection(), &id))?;
                if notify::visible_owner(tx.connection(), &automation)?.is_none() {
                    pause(tx, &automation)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(count)
}

/// Why a pause of this kind cannot be released yet.
pub(super) fn release_refusal(connection: &mut Connection, row: &PauseRow) -> Result<Option<Reason>, Failure> {
    if row.set_by != BY || row.target_kind != PauseTarget::Automation {
        return Ok(None);
    }
    let automation = automations::find(connection, &AutomationId::from_text(row.target.as_str()))?;
    let vacant = notify::visible_owner(connection, &automation)?.is_none();
    let message = "Nobody owns this automation. Name an owner on its page, then release the pause.";
    Ok(vacant.then(|| Reason::new("owner_vacant", message, "administrator")))
}

fn is_paused(connection: &mut Connection, automation: &AutomationRow) -> Result<bool, Failure> {
    let held = pauses::holding_rows(connection, &gate_facts::covers(automation))?;
    Ok(held.iter().any(|(pause, _)| pause.set_by == BY && pause.target_kind == PauseTarget::Automation))
}

fn pause(tx: &mut Tx, automation: &AutomationRow) -> Result<(), Failure> {
    if !is_paused(tx.connection(), automation)? {
        let row = PauseRow {
            id: PauseId::fresh(),
            target_kind: PauseTarget::Automation,
            target: automation.id.to_string(),
            site_id: Some(automation.site_id.clone()),
            incident_id: None,
            reason: Some(Redacted::literal("Nobody owns it any more. Name an owner, then release this pause.")),
            set_by: BY.to_owned(),
            set_at: tx.now(),
            released_by: None,
            released_at: None,
            release_reason: None,
            fates: None,
            drill_id: None,
        };
        tx.insert(Verb::Paused, &row)?;
        let news = News {
            kind: NoticeKind::Vacancy,
            subject: Redacted::literal("An automation has no owner and is paused"),
            body: Redacted::literal(
                "The owner of an automation has left, or may not pause it any more. It is paused.\n\nName another owner on its page; then the pause can be released.",
            ),
            link: format!("/automations/{}", automation.slug),
        };
        notify::tell_administrators(tx, &automation.site_id, &news)?;
    }
    flags::raise_silently(tx, automation, FlagKind::NoVisibleOwner, None).map(drop)
}
