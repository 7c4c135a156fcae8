//! From disabled to production: the eight rows, a first run and its review, the release; and flags over a whole line.

use super::playbooks::{PlaybookAnswer, answer, find, import, refuse_quarantined};
use super::{Answer, Desk, Failure, keep_practice, sight};
use crate::domain::ids::{FirstRunId, LocalisationId, PlaybookFlagId};
use crate::domain::incident::{TEXT_MAX, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{FirstRunPlace, Local, PlaybookState, Topic, production_reasons};
use crate::domain::practice::{PracticeOccasion, SubjectKind};
use crate::domain::problem::Reason;
use crate::domain::run::RunOutcome;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::playbooks::{self, FirstRunRow, FlagRow, LocalisationRow, PlaybookRow};
use crate::store::{Connection, Tx, Verb, practices};
use serde::Serialize;

/// Something under a playbook after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UnderPlaybook {
    /// Its id.
    pub id: String,
    /// The playbook.
    pub playbook: String,
}

impl Answer for UnderPlaybook {}

/// A sentence that says something, redacted.
fn said(desk: &Desk, field: &str, text: &str, say: &str) -> Result<Redacted, Failure> {
    let text = only_statement(field, text, say)?;
    Ok(super::pause::registry_redactor(desk)?.text(&text).text)
}

/// Answers one of the eight rows.
pub fn localise(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    topic: Topic,
    local: Local,
    changed_to: Option<&str>,
) -> Result<PlaybookAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::WritePlaybook))?;
    let changed_to = match (local, changed_to.map(clean_text).filter(|text| !text.is_empty())) {
        (Local::ChangedTo, None) => return Err(Failure::field("changed_to", "Say what it is on this site.")),
        (Local::ChangedTo, Some(text)) if text.chars().count() > TEXT_MAX => {
            return Err(Failure::field("changed_to", format!("{TEXT_MAX} characters fit here.")));
        }
        (Local::ChangedTo, Some(text)) => Some(super::pause::registry_redactor(desk)?.text(&text).text),
        _ => None,
    };
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let row = find(tx.connection(), &actor_copy, &id, Act::WritePlaybook)?;
        refuse_quarantined(&row)?;
        let localisation = LocalisationRow {
            id: LocalisationId::fresh(),
            playbook_id: row.id.clone(),
            topic,
            answer: local,
            changed_to,
            answered_by: person,
            answered_at: tx.now(),
        };
        tx.insert(Verb::Localised, &localisation)?;
        answer(tx.connection(), &row)
    })
}

/// Records a first run, on staging or read only. Runs that automations report take its place where there is one: the
/// rules ask `practice_facts::first_run_reviewed` only.
pub fn record_first_run(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    place: FirstRunPlace,
    outcome: RunOutcome,
    what: &str,
) -> Result<UnderPlaybook, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::WritePlaybook))?;
    let what = said(desk, "what", what, "Say in a sentence what was run and what came of it.")?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let row = find(tx.connection(), &actor_copy, &id, Act::WritePlaybook)?;
        refuse_quarantined(&row)?;
        let run = FirstRunRow {
            id: FirstRunId::fresh(),
            playbook_id: row.id.clone(),
            version: row.version,
            place,
            outcome,
            what,
            recorded_by: person,
            recorded_at: tx.now(),
            acceptable: None,
            review_note: None,
            reviewed_by: None,
            reviewed_at: None,
        };
        tx.insert(Verb::Recorded, &run)?;
        if outcome == RunOutcome::Failure {
            call_after_failure(tx, &row)?;
        }
        Ok(UnderPlaybook { id: run.id.to_string(), playbook: row.id.to_string() })
    })
}

fn call_after_failure(tx: &mut Tx, row: &PlaybookRow) -> Result<(), Failure> {
    let name = super::import_playbook::PRACTICE;
    let run = practices::run_of(tx.connection(), name, SubjectKind::Playbook, row.id.as_str())?;
    let Some(run) = run else { return Ok(()) };
    let practice = sight::promised(practices::version(tx.connection(), name, run.version))?.definition;
    keep_practice::call_for_review(tx, &run, &practice, PracticeOccasion::AfterFailedRun)
}

/// Reviews a first run: somebody else than who recorded it.
pub fn review_first_run(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    acceptable: Option<bool>,
    note: &str,
) -> Result<UnderPlaybook, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = FirstRunId::from_text(id);
    desk.read(|connection| {
        let run = playbooks::find_first_run(connection, &id)?;
        find(connection, actor, run.playbook_id.as_str(), Act::WritePlaybook)
    })?;
    let Some(acceptable) = acceptable else {
        return Err(Failure::field("acceptable", "Say whether the run was acceptable."));
    };
    let note = said(desk, "note", note, "Say in a sentence what you looked at.")?;
    desk.answer(actor, move |tx| {
        let mut run = playbooks::find_first_run(tx.connection(), &id)?;
        if run.recorded_by == person {
            let message = "The review must be by somebody else than who recorded the run.";
            return Err(Failure::refused(Reason::new("same_person", message, "another owner or support_lead")));
        }
        if run.reviewed_at.is_some() {
            return Err(Failure::refused(Reason::new("done_already", "This run was reviewed already.", "nobody")));
        }
        run.acceptable = Some(acceptable);
        run.review_note = Some(note);
        run.reviewed_by = Some(person);
        run.reviewed_at = Some(tx.now());
        tx.update(Verb::Reviewed, &run)?;
        Ok(UnderPlaybook { id: run.id.to_string(), playbook: run.playbook_id.to_string() })
    })
}

/// Everything that keeps an imported playbook from production: the rules, and what its practice says beside.
pub fn reasons(
    connection: &mut Connection,
    row: &PlaybookRow,
    now: crate::domain::moment::Moment,
) -> Result<Vec<Reason>, Failure> {
    let mut reasons = production_reasons(&import(connection, row)?);
    if row.state != PlaybookState::Disabled {
        return Ok(reasons);
    }
    let name = super::import_playbook::PRACTICE;
    if let Some(run) = practices::run_of(connection, name, SubjectKind::Playbook, row.id.as_str())? {
        reasons.extend(keep_practice::standing(connection, run)?.reasons(now));
    }
    Ok(reasons)
}

/// Releases an imported playbook for production.
pub fn release(desk: &Desk, actor: &Actor, id: &str) -> Result<PlaybookAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id, Act::ImportPlaybook)?;
        let now = tx.now();
        let reasons = reasons(tx.connection(), &row, now)?;
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        if row.state == PlaybookState::Disabled {
            row.state = PlaybookState::Production;
            (row.released_by, row.released_at) = (Some(person), Some(now));
            tx.update(Verb::Released, &row)?;
        }
        answer(tx.connection(), &row)
    })
}

/// Reports something about a playbook: every playbook of its line is flagged, on all sites.
pub fn report(desk: &Desk, actor: &Actor, id: &str, finding: &str) -> Result<UnderPlaybook, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::WritePlaybook))?;
    let finding = said(desk, "finding", finding, "Say in a sentence what was found.")?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let row = find(tx.connection(), &actor_copy, &id, Act::WritePlaybook)?;
        let mut own = String::new();
        for relative in playbooks::of_provenance(tx.connection(), &row.provenance_id)? {
            let flag = FlagRow {
                id: PlaybookFlagId::fresh(),
                playbook_id: relative.id.clone(),
                found_on: row.id.clone(),
                finding: finding.clone(),
                raised_by: person.clone(),
                raised_at: tx.now(),
                settled_because: None,
                settled_by: None,
                settled_at: None,
            };
            tx.insert(Verb::Flagged, &flag)?;
            if relative.id == row.id {
                own = flag.id.to_string();
            }
        }
        Ok(UnderPlaybook { id: own, playbook: row.id.to_string() })
    })
}

/// Settles a flag on one site, with the reason.
pub fn settle(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<UnderPlaybook, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = PlaybookFlagId::from_text(id);
    desk.read(|connection| {
        let flag = playbooks::find_flag(connection, &id)?;
        find(connection, actor, flag.playbook_id.as_str(), Act::WritePlaybook)
    })?;
    let reason = said(desk, "reason", reason, "Say in a sentence why this no longer stands here.")?;
    desk.answer(actor, move |tx| {
        let mut flag = playbooks::find_flag(tx.connection(), &id)?;
        if flag.settled_at.is_none() {
            flag.settled_because = Some(reason);
            flag.settled_by = Some(person);
            flag.settled_at = Some(tx.now());
            tx.update(Verb::Settled, &flag)?;
        }
        Ok(UnderPlaybook { id: flag.id.to_string(), playbook: flag.playbook_id.to_string() })
    })
}
