//! What the seed says must be escalated: raised by this program, dismissed by a person with a reason, never otherwise.

use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, notify, sight};
use crate::domain::cadence::{FlagKind, standing_flags};
use crate::domain::ids::{AutomationId, FlagId};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::store::automations::{self, AutomationRow};
use crate::store::cadence::{self, FlagRow};
use crate::store::{Tx, Verb};
use serde::Serialize;

/// A flag that was dismissed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Dismissed {
    /// Its id.
    pub id: String,
    /// What it said.
    pub kind: FlagKind,
    /// When it was dismissed.
    pub dismissed_at: String,
}

impl Answer for Dismissed {}

/// Raises a flag, unless the same one stands already.
pub(super) fn raise(
    tx: &mut Tx,
    automation: &AutomationId,
    kind: FlagKind,
    subject: Option<String>,
) -> Result<(), Failure> {
    let known = cadence::flags_of(tx.connection(), automation)?;
    if known.iter().any(|flag| flag.kind == kind && flag.dismissed_at.is_none()) {
        return Ok(());
    }
    let row = FlagRow {
        id: FlagId::fresh(),
        automation_id: automation.clone(),
        kind,
        subject,
        raised_at: tx.now(),
        dismissed_by: None,
        dismissed_at: None,
        dismissed_because: None,
    };
    Ok(tx.insert(Verb::Flagged, &row)?)
}

/// Raises what an automation asks for since it was registered or changed. `before`: what it was, if it was anything.
pub(super) fn after_registration(
    tx: &mut Tx,
    row: &AutomationRow,
    before: Option<&AutomationRow>,
) -> Result<(), Failure> {
    let earlier = before.map(|row| standing_flags(row.touches(), row.environment)).unwrap_or_default();
    for kind in standing_flags(row.touches(), row.environment) {
        if !earlier.contains(&kind) {
            raise(tx, &row.id, kind, None)?;
        }
    }
    Ok(())
}

/// Dismisses a flag. What nobody owns stays flagged until somebody does.
pub fn dismiss(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<Dismissed, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = FlagId::from_text(id);
    desk.read(|connection| {
        let flag = cadence::find_flag(connection, &id)?;
        sight::automation_row(connection, actor, &flag.automation_id, Act::DismissFlag)
    })?;
    let reason = only_statement("reason", reason, "Say in a sentence who looked at it and why it may stay so.")?;
    let (reason, actor_copy) = (registry_redactor(desk)?.text(&reason).text, actor.clone());
    desk.answer(actor, move |tx| {
        let mut flag = cadence::find_flag(tx.connection(), &id)?;
        let row = sight::automation_row(tx.connection(), &actor_copy, &flag.automation_id, Act::DismissFlag)?;
        if flag.dismissed_at.is_some() {
            let message = "This flag was dismissed already.";
            return Err(Failure::refused(Reason::new("already_dismissed", message, "nobody")));
        }
        if flag.kind == FlagKind::NoVisibleOwner && notify::visible_owner(tx.connection(), &row)?.is_none() {
            let message = "Nobody owns this automation. Name an owner on its page, then dismiss the flag.";
            return Err(Failure::refused(Reason::new("owner_vacant", message, "administrator")));
        }
        flag.dismissed_by = Some(person);
        flag.dismissed_at = Some(tx.now());
        flag.dismissed_because = Some(reason);
        tx.update(Verb::Dismissed, &flag)?;
        Ok(Dismissed { id: flag.id.to_string(), kind: flag.kind, dismissed_at: tx.now().rfc3339() })
    })
}

/// Automations that a round looks at together: one transaction stays short.
const AT_ONCE: i64 = 200;

/// The round: what touches more than was flagged when it was registered. Says how many flags it raised.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    let mut raised = 0;
    for kind in [FlagKind::WritesProductionData, FlagKind::CustomerFacingOutput] {
        let found = desk.read(|connection| Ok(cadence::without_flag(connection, kind, AT_ONCE)?))?;
        if found.is_empty() {
            continue;
        }
        raised += found.len();
        desk.write(&Actor::System("cadence"), move |tx| {
            for row in found {
                let row = sight::promised(automations::find(tx.connection(), &row.id))?;
                if standing_flags(row.touches(), row.environment).contains(&kind) {
                    raise(tx, &row.id, kind, None)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(raised)
}
