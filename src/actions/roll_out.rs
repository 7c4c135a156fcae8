//! The roll-out of a site: from its first moment roles there are given only to people who have learned them, and whoever is
//! there already has some days. Starting is never refused: it only makes things stricter.

use super::keep_practice::open_in;
use super::review_week::said;
use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::{RolloutId, WaiverId};
use crate::domain::person::{Act, Actor};
use crate::domain::practice::SubjectKind;
use crate::domain::problem::Reason;
use crate::store::people::GrantRow;
use crate::store::rollouts::{self, RolloutRow, WaiverRow};
use crate::store::{Connection, Tx, Verb};
use serde::Serialize;

/// The practice that a site in roll-out is held against.
pub const PRACTICE: &str = "operator-training";

/// A roll-out that has begun.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RolledOut {
    /// Its id.
    pub id: String,
    /// Slug of the site.
    pub site: String,
    /// Since when.
    pub started_at: String,
    /// Until when people who were there already have to learn.
    pub due_at: String,
}

impl Answer for RolledOut {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/sites/{}/rollout", self.site))
    }
}

/// A waiver of which somebody has taken note.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WaiverNoted {
    /// Its id.
    pub id: String,
    /// When.
    pub acknowledged_at: String,
}

impl Answer for WaiverNoted {}

/// Begins the roll-out of a site; the second time gives the first.
pub fn start(desk: &Desk, actor: &Actor, slug: &str) -> Result<RolledOut, Failure> {
    desk.read(|connection| sight::site(connection, actor, slug, Act::ManageRegistry))?;
    let (slug, actor_copy, days) = (slug.to_owned(), actor.clone(), desk.limits.training_days);
    desk.answer(actor, move |tx| {
        let site = sight::site(tx.connection(), &actor_copy, &slug, Act::ManageRegistry)?;
        let row = match rollouts::of_site(tx.connection(), &site.id)? {
            Some(row) => row,
            None => {
                let row = RolloutRow {
                    id: RolloutId::fresh(),
                    site_id: site.id.clone(),
                    started_by: actor_copy.reference(),
                    started_at: tx.now(),
                };
                tx.insert(Verb::RolledOut, &row)?;
                let by = actor_copy.reference();
                open_in(tx, &by, PRACTICE, SubjectKind::Site, site.id.as_str(), &site.id)?;
                row
            }
        };
        let due_at = row.started_at.plus(chrono::Duration::days(days)).rfc3339();
        Ok(RolledOut { id: row.id.to_string(), site: site.slug, started_at: row.started_at.rfc3339(), due_at })
    })
}

/// Writes down that a role was given without training.
pub(super) fn waive(tx: &mut Tx, giver: &Actor, grant: &GrantRow, lacked: &[Reason]) -> Result<(), Failure> {
    let mut codes: Vec<&str> = lacked.iter().map(|reason| reason.code.as_str()).collect();
    codes.dedup();
    let row = WaiverRow {
        id: WaiverId::fresh(),
        grant_id: grant.id.clone(),
        person_id: grant.person_id.clone(),
        role: grant.role,
        site_id: grant.site_id.clone(),
        lacked: codes.join(", "),
        granted_by: giver.reference(),
        granted_at: tx.now(),
        note: None,
        acknowledged_by: None,
        acknowledged_at: None,
    };
    Ok(tx.insert(Verb::Waived, &row)?)
}

/// The waiver with this id, for an administrator whom it does not concern.
pub fn noted(connection: &mut Connection, actor: &Actor, id: &str) -> Result<WaiverRow, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let row = rollouts::find_waiver(connection, &WaiverId::from_text(id))?;
    if actor.person().is_some_and(|person| person.id == row.person_id) {
        return Err(Failure::Forbidden("This is about you. Another administrator takes note of it.".into()));
    }
    Ok(row)
}

/// An administrator takes note of a waiver, and says what becomes of it. The person whom it concerns does not.
pub fn acknowledge_waiver(desk: &Desk, actor: &Actor, id: &str, note: &str) -> Result<WaiverNoted, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = desk.read(|connection| noted(connection, actor, id))?.id;
    let note = said(desk, "note", note, "Say in a sentence why the role stands, or what you did about it.")?;
    desk.answer(actor, move |tx| {
        let mut row = rollouts::find_waiver(tx.connection(), &id)?;
        if row.acknowledged_at.is_some() {
            let message = "An administrator has taken note of this already.";
            return Err(Failure::refused(Reason::new("acknowledged_already", message, "nobody")));
        }
        let now = tx.now();
        row.note = Some(note);
        row.acknowledged_by = Some(person);
        row.acknowledged_at = Some(now);
        tx.update(Verb::Acknowledged, &row)?;
        Ok(WaiverNoted { id: row.id.to_string(), acknowledged_at: now.rfc3339() })
    })
}
