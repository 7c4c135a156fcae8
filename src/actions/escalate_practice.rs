//! Escalations of practices: raised by this program when a condition comes to hold, told to the roles that the line names,
//! dismissed by a person with a reason. Automations have flags of their own for this ([`super::flags`]).

use super::notify::{self, News};
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, keep_practice, practice_facts, sight};
use crate::domain::cadence::NoticeKind;
use crate::domain::ids::PracticeEscalationId;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{self, Line, Practice, Rule, SubjectKind};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redactor;
use crate::store::practice_escalations::{self, PracticeEscalationRow};
use crate::store::practices::{self, PracticeRunRow};
use crate::store::{Connection, Tx, Verb, people, sites};
use serde::Serialize;

/// An escalation after it was dismissed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EscalationDismissed {
    /// Its id.
    pub id: String,
    /// The run that it belongs to.
    pub run: String,
    /// When.
    pub dismissed_at: String,
}

impl Answer for EscalationDismissed {}

/// May this person deal with an escalation of the line: do they hold a role that it tells?
pub fn is_told(actor: &Actor, line: &Line, run: &PracticeRunRow) -> bool {
    let Rule::Escalation(escalation) = &line.rule else { return false };
    escalation.tell.iter().any(|role| keep_practice::holds_role(actor, *role, &run.site_id))
}

/// Dismisses one, as somebody whom it tells. While its condition holds it is not raised again.
pub fn dismiss(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<EscalationDismissed, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = PracticeEscalationId::from_text(id);
    desk.read(|connection| find(connection, actor, &id))?;
    let reason = only_statement("reason", reason, "Say in a sentence who looked at it and why it may stay so.")?;
    let (reason, actor_copy) = (registry_redactor(desk)?.text(&reason).text, actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id)?;
        if !row.stands() {
            let message = "This escalation is over, or was dismissed already.";
            return Err(Failure::refused(Reason::new("not_standing", message, "nobody")));
        }
        row.dismissed_by = Some(person);
        row.dismissed_at = Some(tx.now());
        row.dismissed_because = Some(reason);
        tx.update(Verb::Dismissed, &row)?;
        Ok(EscalationDismissed {
            id: row.id.to_string(),
            run: row.run_id.to_string(),
            dismissed_at: tx.now().rfc3339(),
        })
    })
}

fn find(
    connection: &mut Connection,
    actor: &Actor,
    id: &PracticeEscalationId,
) -> Result<PracticeEscalationRow, Failure> {
    let row = practice_escalations::find(connection, id)?;
    let run = keep_practice::find(connection, actor, row.run_id.as_str(), Act::ReadRegistry)?;
    let practice = sight::promised(practices::version(connection, &run.practice, run.version))?.definition;
    match practice.line(&row.line_id) {
        Some(line) if is_told(actor, line, &run) => Ok(row),
        _ => Err(Failure::Forbidden("Whoever this escalation tells can dismiss it.".into())),
    }
}

/// The round: raises what came to hold, ends what holds no more. Says how many changed.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    let runs = desk.read(|connection| Ok(practices::runs(connection)?))?;
    let mut changed = 0;
    for run in runs.into_iter().filter(|run| run.subject_kind != SubjectKind::Automation) {
        let seen = desk.read(|connection| look(connection, &run))?;
        if seen.count() > 0 {
            changed += seen.count();
            let redactor = registry_redactor(desk)?;
            // Looked at again inside: another node may have been faster.
            desk.write(&Actor::System("practices"), move |tx| {
                let seen = look(tx.connection(), &run)?;
                seen.lines.iter().try_for_each(|line| raise(tx, &run, &seen.practice, line, &redactor))?;
                seen.ended.into_iter().try_for_each(|row| end(tx, row))
            })?;
        }
    }
    Ok(changed)
}

/// What changed about one run since the last look.
struct Seen {
    practice: Practice,
    /// Lines whose condition came to hold.
    lines: Vec<Line>,
    /// What holds no more.
    ended: Vec<PracticeEscalationRow>,
}

impl Seen {
    fn count(&self) -> usize {
        self.lines.len() + self.ended.len()
    }
}

fn look(connection: &mut Connection, run: &PracticeRunRow) -> Result<Seen, Failure> {
    let practice = sight::promised(practices::version(connection, &run.practice, run.version))?.definition.into_inner();
    let facts = practice_facts::of_subject(connection, run.subject_kind, &run.subject_id)?;
    let due = practice::escalations(&practice, &facts);
    let known = practice_escalations::holding(connection, &run.id)?;
    let is_new = |line: &&&Line| known.iter().all(|row| row.line_id != line.id);
    let lines = due.iter().filter(is_new).map(|line| (*line).clone()).collect();
    let is_due = |row: &PracticeEscalationRow| due.iter().any(|line| line.id == row.line_id);
    let ended = known.iter().filter(|row| !is_due(row)).cloned().collect();
    Ok(Seen { lines, ended, practice })
}

fn raise(
    tx: &mut Tx,
    run: &PracticeRunRow,
    practice: &Practice,
    line: &Line,
    redactor: &Redactor,
) -> Result<(), Failure> {
    let row = PracticeEscalationRow {
        id: PracticeEscalationId::fresh(),
        run_id: run.id.clone(),
        line_id: line.id.clone(),
        raised_at: tx.now(),
        ended_at: None,
        dismissed_by: None,
        dismissed_at: None,
        dismissed_because: None,
    };
    tx.insert(Verb::Flagged, &row)?;
    let site = sight::promised(sites::find(tx.connection(), &run.site_id))?;
    let body = format!(
        "{}\n\nIt concerns: {} on the site {}. Settle it, or dismiss it with a reason; it stands on the home page until then.",
        line.text,
        run.subject_kind.label(),
        site.name
    );
    let news = News {
        kind: NoticeKind::PracticeEscalated,
        subject: redactor.text(&format!("To be escalated ({}): {}", practice.title, line.text)).text,
        body: redactor.text(&body).text,
        link: format!("/practice-runs/{}#escalations", run.id),
    };
    for person in people::list(tx.connection())?.into_iter().filter(|person| person.active) {
        let actor = Actor::Person(people::as_actor(tx.connection(), &person)?);
        if is_told(&actor, line, run) {
            notify::tell(tx, &person.id, &news)?;
        }
    }
    Ok(())
}

fn end(tx: &mut Tx, mut row: PracticeEscalationRow) -> Result<(), Failure> {
    row.ended_at = Some(tx.now());
    Ok(tx.update(Verb::Ended, &row)?)
}
