//! The incident's own texts, read again with what it knows by now: title and facts, timeline, review, actions, checks and
//! their results, criteria, requests and decisions, pauses, messages of escalations.
//!
//! What a value's removal changes is not what anybody decided on: a request or an approval whose ground held before
//! holds afterwards ([`readiness::grounded`]).

use super::{Desk, Failure, readiness};
use crate::domain::ids::IncidentId;
use crate::domain::person::Actor;
use crate::redaction::{Redacted, Redactor};
use crate::store::checks::{CheckRow, ResultRow};
use crate::store::criteria::CriterionRow;
use crate::store::escalations::EscalationRow;
use crate::store::incidents::{self, IncidentRow};
use crate::store::pauses::PauseRow;
use crate::store::prevention::ActionRow;
use crate::store::restarts::RequestRow;
use crate::store::reviews::ReviewRow;
use crate::store::timeline::EntryRow;
use crate::store::{
    Connection, Json, Record, Tx, Verb, checks, criteria, escalations, pauses, prevention, restarts, reviews, timeline,
};

/// A row whose texts people entered.
trait Texts {
    /// Takes each text through `again`.
    fn take(&mut self, again: &dyn Fn(&Redacted) -> Redacted);
    /// Notes that it changed, where forms that were opened before must notice.
    fn count(&mut self) {}
}

/// Names the texts of a row, those that may be missing behind a bar, and its counter of changes.
macro_rules! texts {
    ($row:ty: $($text:ident),* | $($optional:ident),* $(; $version:ident)?) => {
        impl Texts for $row {
            fn take(&mut self, again: &dyn Fn(&Redacted) -> Redacted) {
                $(self.$text = again(&self.$text);)*
                $(self.$optional = self.$optional.as_ref().map(again);)*
            }

            $(fn count(&mut self) {
                self.$version += 1;
            })?
        }
    };
}

texts!(EntryRow: body |);
texts!(ReviewRow: | root_cause, detection_gaps, missing_evidence, safeguards_worked, safeguards_failed, change_link,
    change_before, change_after; version);
texts!(ActionRow: title | proof; version);
texts!(CheckRow: title, expected |);
texts!(ResultRow: evidence |);
texts!(CriterionRow: statement | evidence);
texts!(RequestRow: note | reason);
texts!(PauseRow: | reason, release_reason);
texts!(EscalationRow: message | override_reason);

impl Texts for IncidentRow {
    fn take(&mut self, again: &dyn Fn(&Redacted) -> Redacted) {
        self.title = again(&self.title);
        self.facts = Json::of((*self.facts).clone().map(|text| again(&text)));
        self.no_evidence_reason = self.no_evidence_reason.as_ref().map(again);
    }

    fn count(&mut self) {
        self.version += 1;
    }
}

/// A row as it was read, and as it is to be.
struct Change<R> {
    before: String,
    after: R,
}

impl<R: Record + Texts + Clone> Change<R> {
    /// The rows in which something goes.
    fn all(rows: impl IntoIterator<Item = R>, redactor: &Redactor) -> Vec<Self> {
        let again = |text: &Redacted| redactor.text(text.as_str()).text;
        rows.into_iter()
            .filter_map(|row| {
                let before = row.digest();
                let mut after = row;
                after.take(&again);
                if after.digest() == before {
                    return None;
                }
                after.count();
                Some(Self { before, after })
            })
            .collect()
    }

    /// Writes them. [`Failure::Stale`] where one was edited meanwhile: the job is tried again with what stands there now.
    fn write(tx: &mut Tx, all: Vec<Self>) -> Result<(), Failure> {
        for change in all {
            let now = R::by_key(tx.connection(), &change.after.key())?;
            if now.is_none_or(|now| now.digest() != change.before) {
                return Err(Failure::Stale);
            }
            tx.update(Verb::Redacted, &change.after)?;
        }
        Ok(())
    }
}

/// All rows of an incident that hold texts.
struct Held {
    incident: IncidentRow,
    entries: Vec<EntryRow>,
    review: Option<ReviewRow>,
    actions: Vec<ActionRow>,
    checks: Vec<CheckRow>,
    results: Vec<ResultRow>,
    criteria: Vec<CriterionRow>,
    requests: Vec<RequestRow>,
    pauses: Vec<PauseRow>,
    escalations: Vec<EscalationRow>,
}

impl Held {
    fn read(connection: &mut Connection, id: &IncidentId) -> Result<Self, Failure> {
        let checks = checks::of_incident(connection, id)?;
        let mut results = Vec::new();
        for check in &checks {
            results.extend(checks::results(connection, &check.id)?);
        }
        Ok(Self {
            incident: incidents::find(connection, id)?,
            entries: timeline::of_incident(connection, id)?,
            review: reviews::find(connection, id)?,
            actions: prevention::of_incident(connection, id)?,
            criteria: criteria::of_incident(connection, id)?,
            requests: restarts::of_incident(connection, id)?,
            pauses: pauses::of_incident(connection, id)?,
            escalations: escalations::of_incident(connection, id)?,
            checks,
            results,
        })
    }
}

/// Reads them again; `redactor` knows what the incident knows.
pub(super) fn run(desk: &Desk, actor: &Actor, redactor: &Redactor, incident: &IncidentRow) -> Result<(), Failure> {
    let held = desk.read(|connection| Held::read(connection, &incident.id))?;
    if held.incident.known_generation != incident.known_generation {
        return Err(Failure::Stale);
    }
    let id = incident.id.clone();
    let incidents = Change::all([held.incident], redactor);
    let entries = Change::all(held.entries, redactor);
    let reviews = Change::all(held.review, redactor);
    let actions = Change::all(held.actions, redactor);
    let checks = Change::all(held.checks, redactor);
    let results = Change::all(held.results, redactor);
    let criteria = Change::all(held.criteria, redactor);
    let requests = Change::all(held.requests, redactor);
    let pauses = Change::all(held.pauses, redactor);
    let escalations = Change::all(held.escalations, redactor);
    desk.write(actor, move |tx| {
        let grounded = readiness::grounded(tx.connection(), &id)?;
        Change::write(tx, incidents)?;
        Change::write(tx, entries)?;
        Change::write(tx, reviews)?;
        Change::write(tx, actions)?;
        Change::write(tx, checks)?;
        Change::write(tx, results)?;
        Change::write(tx, criteria)?;
        Change::write(tx, requests)?;
        Change::write(tx, pauses)?;
        Change::write(tx, escalations)?;
        readiness::keep_ground(tx, &id, &grounded)
    })
}
