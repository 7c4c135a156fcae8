//! What becomes of an altered row that somebody settles by hand, table by table.
//!
//! A table without a rule here cannot be settled by hand at all. What a gate, a restart or a scope rests on is put into the
//! state in which it gives nothing: open again, not shown, not passed. What was true is done once more, by people.

use super::super::Failure;
use super::{forget_password, narrow, withdraw_role};
use crate::domain::ids::{AutomationId, GrantId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::playbook::PlaybookState;
use crate::domain::review::Outcome;
use crate::domain::run::RunOutcome;
use crate::store::cadence::{AutomationReviewRow, FlagRow};
use crate::store::checks::{self, CheckRow, ResultRow};
use crate::store::criteria::CriterionRow;
use crate::store::differences::DifferenceRow;
use crate::store::drills::DrillRow;
use crate::store::overrides::OverrideRow;
use crate::store::pauses::PauseRow;
use crate::store::phases::PhaseRow;
use crate::store::playbook_runs::StepRow;
use crate::store::playbooks::{self, LocalisationRow, PlaybookRow};
use crate::store::practices::PracticeReviewRow;
use crate::store::prevention::ActionRow;
use crate::store::reviews::PointRow;
use crate::store::runs::{RunReviewRow, RunRow};
use crate::store::tokens::TokenRow;
use crate::store::{self, Record, Tx, Verb};

/// Whoever settles: the person, and how they are named in what follows from it.
pub(super) struct Settler<'a> {
    pub(super) person: &'a PersonId,
    pub(super) who: &'a (String, String),
}

/// Puts the row with this key into its strict state.
type Put = fn(&mut Tx, &str, &Settler) -> Result<(), Failure>;

/// What becomes of a row that is settled.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    /// It stands as it was looked at: no gate, scope or restart opens by what it says.
    Stands,
    /// It is put into the state that gives nothing away.
    Strict(Put),
}

use Fate::{Stands, Strict};

/// Said of what is void by it.
const BECAUSE: &str = "It was altered outside Allclear, and settled by hand.";

/// The rule of a table; none: its rows cannot be settled by hand.
pub(super) fn fate_of(table: &str) -> Option<Fate> {
    FATES.iter().find(|(name, _)| *name == table).map(|(_, fate)| *fate)
}

/// Tables whose rows a person may settle after looking at them.
const FATES: &[(&str, Fate)] = &[
    ("actions", Strict(|tx, id, _| over(tx, id, undo_action))),
    ("automation_reviews", Strict(|tx, id, _| over(tx, id, reopen_review))),
    ("automations", Strict(|tx, id, by| narrow(tx, &AutomationId::from_text(id), by.who))),
    ("changes", Stands),
    // Not void: then the result before it would count again.
    ("check_results", Strict(|tx, id, _| over(tx, id, |row: &mut ResultRow, _| row.outcome = Outcome::Inconclusive))),
    ("checks", Strict(void_results_of)),
    ("criteria", Strict(|tx, id, _| over(tx, id, hide_criterion))),
    ("differences", Strict(|tx, id, _| over(tx, id, |row: &mut DifferenceRow, _| row.settled_at = None))),
    // A drill that is said to have stopped nothing has failed: its switch is tried again.
    ("drills", Strict(|tx, id, _| over(tx, id, |row: &mut DrillRow, _| row.closed = 0))),
    ("escalations", Stands),
    ("flags", Strict(|tx, id, _| over(tx, id, raise_again))),
    ("grants", Strict(|tx, id, by| withdraw_role(tx, &GrantId::from_text(id), by.person))),
    // Open ones only; what they ask for stands in rows of their own.
    ("incidents", Stands),
    ("notices", Stands),
    ("overrides", Strict(end_override)),
    ("pauses", Strict(|tx, id, _| over_as(tx, Verb::Paused, id, hold_again))),
    ("people", Strict(|tx, id, by| forget_password(tx, id, by.person))),
    ("phases", Strict(narrow_phase)),
    ("playbook_flags", Strict(|tx, id, _| over(tx, id, flag_playbook_again))),
    ("playbook_localisations", Strict(take_back_release)),
    ("playbook_runs", Stands),
    ("playbook_steps", Strict(|tx, id, _| over(tx, id, undo_step))),
    ("playbook_versions", Strict(quarantine_of_version)),
    ("playbooks", Strict(|tx, id, _| over(tx, id, quarantine))),
    ("practice_reviews", Strict(|tx, id, _| over(tx, id, reopen_practice_review))),
    ("practice_runs", Stands),
    // Gates do not read them; an administrator writes the next version.
    ("practices", Stands),
    ("review_points", Strict(|tx, id, _| over(tx, id, look_again))),
    // Words that people read: whoever lets them stand took part, and what rested on them is void.
    ("reviews", Stands),
    ("run_reviews", Strict(|tx, id, _| over(tx, id, |row: &mut RunReviewRow, _| row.acceptable = false))),
    ("runs", Strict(|tx, id, _| over(tx, id, fail_run))),
    // Versions that changed are drift, which narrows and voids by itself.
    ("sites", Stands),
    ("timeline", Stands),
    ("tokens", Strict(|tx, id, _| over_as(tx, Verb::Revoked, id, revoke))),
];

/// Changes a row, and lets the chain vouch for it.
fn over<R: Record>(tx: &mut Tx, id: &str, change: fn(&mut R, Moment)) -> Result<(), Failure> {
    over_as(tx, Verb::Accepted, id, change)
}

fn over_as<R: Record>(tx: &mut Tx, verb: Verb, id: &str, change: fn(&mut R, Moment)) -> Result<(), Failure> {
    let mut row = looked_at::<R>(tx, id)?;
    change(&mut row, tx.now());
    Ok(tx.update(verb, &row)?)
}

/// Neither done nor verified.
fn undo_action(row: &mut ActionRow, _: Moment) {
    (row.completed_by, row.completed_at, row.verified_by, row.verified_at) = (None, None, None, None);
    row.version += 1;
}

/// Not done, and due at once where its day was put off.
fn reopen_review(row: &mut AutomationReviewRow, now: Moment) {
    (row.note, row.done_by, row.done_at) = (None, None, None);
    row.due_at = row.due_at.min(now);
}

fn void_result(row: &mut ResultRow, now: Moment) {
    row.voided_at = Some(now);
    row.voided_because = Some(BECAUSE.to_owned());
}

/// What was expected may be another thing now: no result speaks for it.
fn void_results_of(tx: &mut Tx, id: &str, _: &Settler) -> Result<(), Failure> {
    let check = accepted::<CheckRow>(tx, id)?;
    for mut result in checks::results(tx.connection(), &check.id)? {
        if result.voided_at.is_none() {
            void_result(&mut result, tx.now());
            tx.update(Verb::Voided, &result)?;
        }
    }
    Ok(())
}

fn hide_criterion(row: &mut CriterionRow, _: Moment) {
    (row.evidence, row.shown_by, row.shown_at) = (None, None, None);
}

fn raise_again(row: &mut FlagRow, _: Moment) {
    (row.dismissed_by, row.dismissed_at, row.dismissed_because) = (None, None, None);
}

fn end_override(tx: &mut Tx, id: &str, by: &Settler) -> Result<(), Failure> {
    let mut row = OverrideRow::by_key(tx.connection(), id)?.ok_or(Failure::NotFound)?;
    if row.ended_at.is_none() {
        (row.ended_by, row.ended_at) = (Some(by.person.clone()), Some(tx.now()));
    }
    Ok(tx.update(Verb::Ended, &row)?)
}

fn hold_again(row: &mut PauseRow, _: Moment) {
    (row.released_by, row.released_at, row.release_reason) = (None, None, None);
}

fn narrow_phase(tx: &mut Tx, id: &str, by: &Settler) -> Result<(), Failure> {
    let phase = accepted::<PhaseRow>(tx, id)?;
    narrow(tx, &phase.automation_id, by.who)
}

fn flag_playbook_again(row: &mut playbooks::FlagRow, _: Moment) {
    (row.settled_by, row.settled_at, row.settled_because) = (None, None, None);
}

/// The answer stands; the playbook is released anew.
fn take_back_release(tx: &mut Tx, id: &str, _: &Settler) -> Result<(), Failure> {
    let answer = accepted::<LocalisationRow>(tx, id)?;
    let mut playbook = playbooks::find(tx.connection(), &answer.playbook_id)?;
    if playbook.state == PlaybookState::Production {
        playbook.state = PlaybookState::Disabled;
        (playbook.released_by, playbook.released_at) = (None, None);
        playbook.version += 1;
        tx.update(Verb::Changed, &playbook)?;
    }
    Ok(())
}

fn undo_step(row: &mut StepRow, _: Moment) {
    (row.approved_by, row.approved_at) = (None, None);
    (row.done_by, row.done_at) = (None, None);
}

fn quarantine(row: &mut PlaybookRow, _: Moment) {
    row.state = PlaybookState::Quarantined;
    row.quarantined_because = Some(BECAUSE.to_owned());
    (row.released_by, row.released_at) = (None, None);
    row.version += 1;
}

fn quarantine_of_version(tx: &mut Tx, id: &str, _: &Settler) -> Result<(), Failure> {
    let version = accepted::<playbooks::VersionRow>(tx, id)?;
    let mut playbook = playbooks::find(tx.connection(), &version.playbook_id)?;
    quarantine(&mut playbook, tx.now());
    Ok(tx.update(Verb::Changed, &playbook)?)
}

fn reopen_practice_review(row: &mut PracticeReviewRow, now: Moment) {
    (row.note, row.done_by, row.done_at) = (None, None, None);
    row.due_at = row.due_at.min(now);
}

fn look_again(row: &mut PointRow, _: Moment) {
    (row.done_by, row.done_at) = (None, None);
}

/// A run of which nobody knows how it ended counts as a failure, as everywhere: its owner explains it.
fn fail_run(row: &mut RunRow, _: Moment) {
    row.outcome = RunOutcome::Failure;
    (row.explanation, row.explained_by, row.explained_at) = (None, None, None);
}

fn revoke(row: &mut TokenRow, now: Moment) {
    row.revoked_at = row.revoked_at.or(Some(now));
}

/// The row that whoever settles it looked at.
fn looked_at<R: Record>(tx: &mut Tx, id: &str) -> Result<R, Failure> {
    let row = R::by_key(tx.connection(), id)?;
    row.ok_or_else(|| Failure::Broken(format!("a row of {} that was looked at is gone", R::TABLE)))
}

/// Lets the chain vouch for the row as it stands; returns it.
fn accepted<R: Record>(tx: &mut Tx, id: &str) -> Result<R, Failure> {
    let row = looked_at(tx, id)?;
    store::accept(tx, Verb::Accepted, R::TABLE, id)?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_one_rule() {
        let mut names: Vec<&str> = FATES.iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted(), "in the order of their names: {names:?}");
        names.dedup();
        assert_eq!(names.len(), FATES.len());
    }
}
