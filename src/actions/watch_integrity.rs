//! Looks whether the rows are what was written: walks the audit chain, checks the signed heads, compares every row, and
//! keeps what differs, so that the gates which rest on it close. A row that agrees again settles by itself.

use super::notify::{self, News};
use super::{Desk, Failure, configuration};
use crate::domain::audit_chain::head_message;
use crate::domain::cadence::NoticeKind;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::*;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::redaction::Redacted;
use crate::store::audit::{self, Verification};
use crate::store::differences::{self, DifferenceRow};
use crate::store::pauses::PauseRow;
use crate::store::{
    Connection, Error, Record, Tx, Verb, automations, cadence, checks, criteria, evidence, incidents, keys, overrides,
    pauses, phases, prevention, restarts, runs, timeline,
};
use crate::vault::PublicKey;
use chrono::Duration;

/// Most rows that are named one by one; beyond that everything is in doubt, and one entry closes every gate.
const NAMED_MAX: usize = 300;

/// The regular watch: remembers when it last looked.
#[derive(Default)]
pub struct Watch {
    last: Option<Moment>,
}

impl Watch {
    /// Looks, unless it looked less than the set time ago.
    pub fn round(&mut self, desk: &Desk) -> Result<(), Failure> {
        let now = desk.now();
        let span = Duration::minutes(desk.limits.integrity_minutes);
        if self.last.is_some_and(|last| now < last.plus(span)) {
            return Ok(());
        }
        run(desk)?;
        self.last = Some(now);
        Ok(())
    }
}

/// Looks now, and keeps what differs.
pub fn run(desk: &Desk) -> Result<Verification, Failure> {
    let (found, known) = desk.read(|connection| Ok((verify(connection)?, differences::open(connection)?)))?;
    if !found.altered.is_empty() || !known.is_empty() {
        let altered = found.altered.clone();
        desk.write(&Actor::System("integrity"), move |tx| keep(tx, &altered))?;
    }
    for difference in found.differences.iter().take(NAMED_MAX) {
        tracing::error!(%difference, "altered outside this program");
    }
    Ok(found)
}

/// Walks the chain, compares every row, and checks the signatures of the signed heads.
pub fn verify(connection: &mut Connection) -> Result<Verification, Failure> {
    let mut found = audit::verify(connection)?;
    let mut public = Vec::new();
    for row in keys::list(connection)? {
        if let Some(key) = row.public_key.as_deref().and_then(|key| PublicKey::parse(key).ok()) {
            public.push((row.id, key));
        }
    }
    for seal in audit::seals(connection)? {
        let message = head_message(seal.seq, &seal.hash);
        let holds = public.iter().any(|(id, key)| *id == seal.key_id && key.holds(message.as_bytes(), &seal.signature));
        if !holds {
            let words = format!("the signature of the head at entry {} does not hold", seal.seq);
            found.differs("audit_seals", &seal.seq.to_string(), words);
        }
    }
    Ok(found)
}

/// Brings the kept differences up to what was found.
fn keep(tx: &mut Tx, altered: &[(String, String)]) -> Result<(), Failure> {
    let mut wanted: Vec<(String, String, Option<AutomationId>)> = Vec::new();
    if altered.len() > NAMED_MAX {
        wanted.push(("audit".to_owned(), format!("{} rows", altered.len()), None));
    } else {
        for (table, key) in altered {
            let concerned = concerned(tx.connection(), table, key);
            wanted.extend(concerned.into_iter().map(|id| (table.clone(), key.clone(), id)));
        }
    }
    let mut known = differences::open(tx.connection())?;
    for row in &mut known {
        let still = wanted.iter().any(|(table, key, automation)| is(row, table, key, automation.as_ref()));
        if !still {
            row.settled_at = Some(tx.now());
            tx.update(Verb::Settled, row)?;
        }
    }
    wanted.retain(|(table, key, automation)| !known.iter().any(|row| is(row, table, key, automation.as_ref())));
    if !wanted.is_empty() {
        notify::tell_administrators_everywhere(tx, &news())?;
    }
    for (subject_table, subject_id, automation_id) in wanted {
        let row = DifferenceRow {
            id: DifferenceId::fresh(),
            subject_table,
            subject_id,
            automation_id,
            found_at: tx.now(),
            settled_at: None,
        };
        tx.insert(Verb::Flagged, &row)?;
    }
    Ok(())
}

fn news() -> News {
    News {
        kind: NoticeKind::Altered,
        subject: Redacted::literal("Rows were changed outside Allclear"),
        body: Redacted::literal(
            "Rows of the database are not what was last written. The gates that rest on them are closed.\n\nFind out who wrote them, and how. Then restore what was written from a backup, or look at each row on the audit page and settle it.",
        ),
        link: "/audit".to_owned(),
    }
}

fn is(row: &DifferenceRow, table: &str, key: &str, automation: Option<&AutomationId>) -> bool {
    row.subject_table == table && row.subject_id == key && row.automation_id.as_ref() == automation
}

/// The automations whose gates rest on a row; `[None]`: every gate. What cannot be told closes everything.
fn concerned(connection: &mut Connection, table: &str, key: &str) -> Vec<Option<AutomationId>> {
    match touched(connection, table, key) {
        Ok(Some(ids)) if !ids.is_empty() => ids.into_iter().map(Some).collect(),
        _ => vec![None],
    }
}

fn touched(connection: &mut Connection, table: &str, key: &str) -> Result<Option<Vec<AutomationId>>, Failure> {
    let id = key.to_owned();
    let one = |id: AutomationId| Ok(Some(vec![id]));
    match table {
        // Even a row that is gone keeps its gate's name.
        "automations" => match automations::find(connection, &AutomationId::from_text(key)) {
            Err(Error::NotFound) => Ok(None),
            _ => one(AutomationId::from_text(key)),
        },
        "phases" => one(phases::find(connection, &PhaseId::from_text(id))?.automation_id),
        "overrides" => one(overrides::find(connection, &OverrideId::from_text(id))?.automation_id),
        "runs" | "run_reviews" => one(runs::find(connection, &RunId::from_text(id))?.automation_id),
        "automation_reviews" => {
            one(cadence::find_review(connection, &AutomationReviewId::from_text(id))?.automation_id)
        }
        "flags" => one(cadence::find_flag(connection, &FlagId::from_text(id))?.automation_id),
        "differences" => {
            Ok(differences::find(connection, &DifferenceId::from_text(id))?.automation_id.map(|id| vec![id]))
        }
        "pauses" => {
            let pause = pauses::find(connection, &PauseId::from_text(id))?;
            if pause.target_kind == PauseTarget::Everything || !released_only(connection, &pause)? {
                return Ok(None);
            }
            let rows = configuration::covered(connection, &[pause])?;
            Ok(Some(rows.into_iter().map(|row| row.id).collect()))
        }
        _ => match incident_of(connection, table, id)? {
            Some(incident) => of_incident(connection, &incident).map(Some),
            None => Ok(None),
        },
    }
}

/// Is the pause what was written but for its release? Otherwise even what it covered is in doubt.
pub(super) fn released_only(connection: &mut Connection, pause: &PauseRow) -> Result<bool, Failure> {
    let held = PauseRow { released_by: None, released_at: None, release_reason: None, ..pause.clone() };
    let written = audit::last_of(connection, PauseRow::TABLE, pause.id.as_str())?;
    Ok(written.is_some_and(|entry| entry.digest == held.digest()))
}

/// The incident that a row belongs to.
pub(super) fn incident_of(connection: &mut Connection, table: &str, id: String) -> Result<Option<IncidentId>, Failure> {
    Ok(Some(match table {
        "incidents" | "reviews" => IncidentId::from_text(id),
        "actions" => prevention::find(connection, &ActionId::from_text(id))?.incident_id,
        "checks" => checks::find(connection, &CheckId::from_text(id))?.incident_id,
        "check_results" => {
            let result = checks::find_result(connection, &ResultId::from_text(id))?;
            checks::find(connection, &result.check_id)?.incident_id
        }
        "criteria" => criteria::find(connection, &CriterionId::from_text(id))?.incident_id,
        "restart_requests" | "certificates" => restarts::find(connection, &RequestId::from_text(id))?.incident_id,
        "participations" => restarts::participation(connection, &ParticipationId::from_text(id))?.incident_id,
        "timeline" => timeline::find(connection, &EntryId::from_text(id))?.incident_id,
        "evidence" => evidence::find(connection, &EvidenceId::from_text(id))?.incident_id,
        _ => return Ok(None),
    }))
}

/// What an incident ever paused; where it paused nothing, everything on its site.
fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<AutomationId>, Failure> {
    let held = pauses::of_incident(connection, incident)?;
    let mut rows = configuration::covered(connection, &held)?;
    if rows.is_empty() {
        let site = incidents::find(connection, incident)?.site_id;
        rows = automations::of_site(connection, &site)?;
    }
    Ok(rows.into_iter().map(|row| row.id).collect())
}
