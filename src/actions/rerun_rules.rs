//! Past evidence is read again with the rules that are in force: what they find makes a new version of the redacted form.
//!
//! A job goes over all incidents, each as if new evidence had come ([`super::reread_evidence`]). It is cut into pieces, so
//! that a node that dies loses one incident's work at most.

use super::intake::until_settled;
use super::keep_rules::reason;
use super::{Answer, Desk, Failure, reread_evidence, sight};
use crate::domain::ids::{IncidentId, RuleRerunId};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::store::incidents::IncidentRow;
use crate::store::rule_work::{self, ProgressRow, RerunRow};
use crate::store::{Connection, Json, Record, Tx, Verb, evidence, incidents, jobs, own_rules};
use serde::Serialize;
use std::time::Instant;

/// The kind of job.
pub const JOB: &str = "rerun_rules";
/// How long one piece of the work may take; the rest is another piece.
const PIECE: std::time::Duration = std::time::Duration::from_secs(10);

/// Reading again that was asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RerunAsked {
    /// Its id.
    pub id: String,
    /// Incidents that will be read.
    pub incidents: i32,
    /// The revision of the rules at this moment.
    pub revision: i32,
    /// Texts whose newest redacted form was made by other rules than those in force, of the organisation or the product.
    pub outdated_files: i64,
}

impl Answer for RerunAsked {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/redaction-reruns/{}", self.id))
    }
}

/// Asks for it; one at a time.
pub fn ask(desk: &Desk, actor: &Actor, why: &str) -> Result<RerunAsked, Failure> {
    sight::everywhere(actor, Act::ManageRules)?;
    desk.answered_before()?;
    let why = reason(desk, why)?;
    let (who, rules) = (actor.reference(), desk.refresh_rules()?);
    desk.answer(actor, move |tx| {
        let running = rule_work::newest_reruns(tx.connection(), 1)?.into_iter().any(|row| row.finished_at.is_none());
        if running {
            let message = "Past evidence is being read again already; what is in force now is used for the rest of it.";
            return Err(Failure::refused(Reason::new("already_running", message, "nobody")));
        }
        let all = incidents::count(tx.connection(), &incidents::Filter::default())?;
        let row = RerunRow {
            id: RuleRerunId::fresh(),
            revision: own_rules::revision(tx.connection())?,
            reason: why,
            asked_by: who,
            asked_at: tx.now(),
            incidents: i32::try_from(all).unwrap_or(i32::MAX),
            changed: 0,
            flagged: 0,
            finished_at: None,
        };
        tx.insert(Verb::Asked, &row)?;
        let begun = ProgressRow {
            rerun_id: row.id.clone(),
            last_seen: String::new(),
            done: 0,
            changed: 0,
            flagged: 0,
            failed: Json::of(Vec::new()),
        };
        rule_work::begin_progress(tx, &begun)?;
        jobs::enqueue(tx, JOB, row.id.as_str())?;
        Ok(RerunAsked {
            id: row.id.to_string(),
            incidents: row.incidents,
            revision: row.revision,
            outdated_files: evidence::count_made_by_others(tx.connection(), rules.digest())?,
        })
    })
}

/// One that was asked for, and how far it is.
pub fn find(connection: &mut Connection, actor: &Actor, id: &str) -> Result<(RerunRow, ProgressRow), Failure> {
    sight::somewhere(actor, Act::ReadRules)?;
    let row = rule_work::find_rerun(connection, &RuleRerunId::from_text(id))?;
    let progress = sight::promised(rule_work::progress(connection, &row.id))?;
    Ok((row, progress))
}

/// Does a piece of the work, and asks for the next one.
pub fn run(desk: &Desk, id: &str) -> Result<(), Failure> {
    let id = RuleRerunId::from_text(id);
    let (row, mut progress) = desk.read(|connection| {
        Ok((rule_work::find_rerun(connection, &id)?, sight::promised(rule_work::progress(connection, &id))?))
    })?;
    if row.finished_at.is_some() {
        return Ok(());
    }
    let begun = Instant::now();
    loop {
        let next = desk.read(|connection| Ok(IncidentRow::keys(connection, &progress.last_seen, 1)?))?;
        let Some(incident) = next.into_iter().next() else {
            desk.forget_overwritten()?;
            return finish(desk, row, progress);
        };
        match until_settled(|| reread_evidence::reread(desk, &incident)) {
            Ok(reread) => {
                progress.changed += reread.changed;
                progress.flagged += reread.flagged;
            }
            // What is damaged stays so however often it is read; what passes is tried again from here.
            Err(Failure::Broken(why)) => {
                let id = IncidentId::from_text(incident.as_str());
                let reference = desk.read(|connection| sight::promised(incidents::find(connection, &id)))?.reference;
                tracing::error!(%reference, %why, "an incident could not be read again; the others are");
                let mut failed = progress.failed.into_inner();
                failed.push(reference);
                progress.failed = Json::of(failed);
            }
            Err(failure) => return Err(failure),
        }
        progress.last_seen = incident;
        progress.done += 1;
        let over = begun.elapsed() >= PIECE;
        let now = progress.clone();
        desk.write(&Actor::System("rules"), move |tx| save(tx, &now, over))?;
        if over {
            return desk.forget_overwritten();
        }
    }
}

fn save(tx: &mut Tx, progress: &ProgressRow, again: bool) -> Result<(), Failure> {
    rule_work::advance(tx, progress)?;
    if again {
        jobs::enqueue(tx, JOB, progress.rerun_id.as_str())?;
    }
    Ok(())
}

fn finish(desk: &Desk, mut row: RerunRow, progress: ProgressRow) -> Result<(), Failure> {
    desk.write(&Actor::System("rules"), move |tx| {
        row.changed = progress.changed;
        row.flagged = progress.flagged;
        row.finished_at = Some(tx.now());
        tx.update(Verb::Completed, &row)?;
        Ok(())
    })
}
