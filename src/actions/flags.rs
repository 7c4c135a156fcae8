//! What the seed says must be escalated: raised by this program, dismissed by a person with a reason, never otherwise.

use super::notify::{self, News};
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, sight};
use crate::domain::cadence::{FlagKind, NoticeKind, standing_flags};
use crate::domain::ids::FlagId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
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

/// Raises a flag, unless the same one stands already, and tells the owner and the administrators.
pub(super) fn raise(
    tx: &mut Tx,
    automation: &AutomationRow,
    kind: FlagKind,
    subject: Option<String>,
) -> Result<(), Failure> {
    if let Some(flag) = raise_silently(tx, automation, kind, subject)? {
        notify::tell_owner_and_administrators(tx, automation, &news(automation, &flag))?;
    }
    Ok(())
}

/// The same where they are told in other words already. Answers with the flag, unless the same one stood.
pub(super) fn raise_silently(
    tx: &mut Tx,
    automation: &AutomationRow,
    kind: FlagKind,
    subject: Option<String>,
) -> Result<Option<FlagRow>, Failure> {
    let known = cadence::flags_of(tx.connection(), &automation.id)?;
    if known.iter().any(|flag| flag.kind == kind && flag.dismissed_at.is_none()) {
        return Ok(None);
    }
    let row = FlagRow {
        id: FlagId::fresh(),
        automation_id: automation.id.clone(),
        kind,
        subject,
        raised_at: tx.now(),
        dismissed_by: None,
        dismissed_at: None,
        dismissed_because: None,
    };
    tx.insert(Verb::Flagged, &row)?;
    Ok(Some(row))
}

/// What the four triggers say.
fn news(automation: &AutomationRow, flag: &FlagRow) -> News {
    let (subject, body) = match flag.kind {
        FlagKind::WritesProductionData => (
            "To be escalated: an automation writes production data",
            "An automation is registered to write production data.",
        ),
        FlagKind::RepeatsFailures => (
            "To be escalated: an automation fails again and again",
            "An automation failed as often as its limit allows. It is paused.",
        ),
        FlagKind::CustomerFacingOutput => (
            "To be escalated: an automation reaches customers",
            "An automation is registered to send what customers see.",
        ),
        FlagKind::NoVisibleOwner => (
            "To be escalated: an automation runs without an owner",
            "An automation ran, and nobody can be seen to own it.",
        ),
    };
    let rest = "Look at it, and dismiss the flag on its page with a reason, or change what it may do.";
    News {
        kind: NoticeKind::Flagged,
        subject: Redacted::literal(subject),
        body: Redacted::join(&[Redacted::literal(body), Redacted::literal(rest)], "\n\n"),
        link: format!("/automations/{}/reviews#flag-{}", automation.slug, flag.id),
    }
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
            raise(tx, row, kind, None)?;
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
                    raise(tx, &row, kind, None)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(raised)
}
