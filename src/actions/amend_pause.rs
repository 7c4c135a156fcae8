//! What is said of a pause after the press: the reason that followed later, and what becomes of work.

use super::pause::{may_amend, refuse_released, registry_redactor};
use super::{Answer, Desk, Failure};
use crate::domain::ids::PauseId;
use crate::domain::person::Actor;
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::domain::switch::Fates;
use crate::redaction::Redacted;
use crate::store::pauses::{self, PauseRow};
use crate::store::{Json, Tx, Verb};
use serde::Serialize;

/// A pause after it was amended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AmendedPause {
    /// Its id.
    pub id: String,
    /// Why it was set.
    pub reason: Option<Redacted>,
    /// What becomes of running and waiting work.
    pub fates: Fates,
}

impl Answer for AmendedPause {}

/// Gives the reason of a pause that was pressed without one. Given once: what was said then is the record.
pub fn give_reason(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<AmendedPause, Failure> {
    desk.answered_before()?;
    let id = PauseId::from_text(id);
    desk.read(|connection| may_amend(actor, &pauses::find(connection, &id)?))?;
    let said = only_statement("reason", reason, "Say in a sentence why it is paused.")?;
    let said = registry_redactor(desk)?.text(&said).text;
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let mut row = holding(tx, &actor_copy, &id)?;
        if row.reason.is_some() {
            let message = "A reason was given already, and the record keeps it.";
            return Err(Failure::refused(Reason::new("reason_given", message, "nobody")));
        }
        row.reason = Some(said);
        tx.update(Verb::Explained, &row)?;
        Ok(shown(row))
    })
}

/// Changes what becomes of running, queued, scheduled and retrying work while the pause holds. What was dropped already
/// stays dropped.
pub fn set_fates(desk: &Desk, actor: &Actor, id: &str, fates: Fates) -> Result<AmendedPause, Failure> {
    desk.answered_before()?;
    let (id, actor_copy) = (PauseId::from_text(id), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = holding(tx, &actor_copy, &id)?;
        row.fates = Some(Json::of(fates));
        tx.update(Verb::Changed, &row)?;
        Ok(shown(row))
    })
}

fn holding(tx: &mut Tx, actor: &Actor, id: &PauseId) -> Result<PauseRow, Failure> {
    let row = pauses::find(tx.connection(), id)?;
    may_amend(actor, &row)?;
    refuse_released(&row)?;
    Ok(row)
}

fn shown(row: PauseRow) -> AmendedPause {
    AmendedPause {
        id: row.id.to_string(),
        reason: row.reason,
        fates: row.fates.map(Json::into_inner).unwrap_or_default(),
    }
}
