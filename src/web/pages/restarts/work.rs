//! Actions, checks, criteria and requests as the page shows them.

use crate::actions::sight::{self, Case};
use crate::actions::{Failure, prevent};
use crate::domain::ids::PersonId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::review::RequestState;
use crate::redaction::Redacted;
use crate::store::checks::ResultRow;
use crate::store::prevention::ActionRow;
use crate::store::restarts::RequestRow;
use crate::store::{Connection, checks, criteria, people, phases, prevention, restarts};
use crate::web::shown::{ByAt, Names, Time, capital, time};
use serde::Serialize;

/// Whose eyes the page is for, and what it needs to write names and times.
pub(super) struct View<'v> {
    pub(super) actor: &'v Actor,
    pub(super) case: &'v Case,
    pub(super) names: Names,
    pub(super) today: String,
    /// A request waits for this person's decision: whoever adds something takes part and cannot decide any more, so the
    /// page offers nothing else to them.
    pub(super) decides: bool,
}

impl View<'_> {
    fn by_at(
        &mut self,
        connection: &mut Connection,
        by: Option<&PersonId>,
        at: Option<Moment>,
    ) -> Result<Option<ByAt>, Failure> {
        let (Some(by), Some(at)) = (by, at) else { return Ok(None) };
        Ok(Some(ByAt { by: self.names.person(connection, by)?, at: time(at, &self.case.site.time_zone) }))
    }

    pub(super) fn may(&self, act: Act) -> bool {
        let offered = !self.decides || act == Act::DecideRestart;
        offered && self.case.incident.status.is_open() && self.actor.may(act, &self.case.site.id)
    }
}

/// Text that shows something; `link` is set when it is an address.
#[derive(Serialize)]
struct Proof {
    text: String,
    link: bool,
}

impl Proof {
    fn of(text: Redacted) -> Self {
        let text = text.into_string();
        let link = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        Self { text, link }
    }
}

#[derive(Serialize)]
pub(super) struct ActionShown {
    id: String,
    kind: String,
    title: String,
    owner: String,
    owner_active: bool,
    due_on: String,
    overdue: bool,
    pub(super) state: &'static str,
    proof: Option<Proof>,
    completed: Option<ByAt>,
    verified: Option<ByAt>,
    can_complete: bool,
    can_verify: bool,
    can_reassign: bool,
    /// Who is waited for, when it is not this person.
    waits_for: Option<String>,
}

/// The actions, oldest first.
pub(super) fn actions(connection: &mut Connection, view: &mut View) -> Result<Vec<ActionShown>, Failure> {
    let rows = prevention::of_incident(connection, &view.case.incident.id)?;
    rows.into_iter().map(|row| action(connection, view, row)).collect()
}

fn action(connection: &mut Connection, view: &mut View, row: ActionRow) -> Result<ActionShown, Failure> {
    let me = view.actor.person().map(|person| &person.id);
    let owner = sight::promised(people::find(connection, &row.owner_id))?;
    let state = prevent::state_of(&row);
    let mine = me == Some(&row.owner_id);
    let took_part = mine || (me.is_some() && me == row.completed_by.as_ref());
    let can_complete = state == "open" && mine && view.may(Act::CompleteAction);
    let can_verify = state == "completed" && !took_part && view.may(Act::VerifyAction);
    let waits_for = match state {
        "open" if !can_complete => Some(format!("Waits for {}.", owner.name)),
        "completed" if !can_verify => Some("Waits for somebody who neither owned nor completed it.".to_owned()),
        _ => None,
    };
    Ok(ActionShown {
        id: row.id.to_string(),
        kind: capital(&row.kind.label()),
        title: row.title.into_string(),
        owner: owner.name,
        owner_active: owner.active,
        overdue: state == "open" && row.due_on < view.today,
        due_on: row.due_on,
        proof: row.proof.map(Proof::of),
        completed: view.by_at(connection, row.completed_by.as_ref(), row.completed_at)?,
        verified: view.by_at(connection, row.verified_by.as_ref(), row.verified_at)?,
        can_complete,
        can_verify,
        can_reassign: state != "verified" && view.may(Act::WriteReview),
        waits_for: waits_for.filter(|_| view.case.incident.status.is_open()),
        state,
    })
}

#[derive(Serialize)]
pub(super) struct CheckShown {
    id: String,
    title: String,
    expected: String,
    last: Option<ResultShown>,
    earlier: Vec<ResultShown>,
    can_record: bool,
}

#[derive(Serialize)]
struct ResultShown {
    /// `void` when it no longer counts.
    outcome: String,
    voided_because: Option<String>,
    evidence: Proof,
    by: String,
    at: Time,
}

/// The checks, oldest first, each with its results, newest first.
pub(super) fn checks(connection: &mut Connection, view: &mut View) -> Result<Vec<CheckShown>, Failure> {
    let mut shown = Vec::new();
    for row in checks::of_incident(connection, &view.case.incident.id)? {
        let mut results = Vec::new();
        for result in checks::results(connection, &row.id)? {
            results.push(outcome(connection, view, result)?);
        }
        let mut results = results.into_iter();
        shown.push(CheckShown {
            id: row.id.to_string(),
            title: row.title.into_string(),
            expected: row.expected.into_string(),
            last: results.next(),
            earlier: results.collect(),
            can_record: view.may(Act::RecordChecks),
        });
    }
    Ok(shown)
}

fn outcome(connection: &mut Connection, view: &mut View, row: ResultRow) -> Result<ResultShown, Failure> {
    Ok(ResultShown {
        outcome: if row.voided_at.is_some() { "void".to_owned() } else { row.outcome.to_string() },
        voided_because: row.voided_because,
        evidence: Proof::of(row.evidence),
        by: view.names.person(connection, &row.recorded_by)?,
        at: time(row.recorded_at, &view.case.site.time_zone),
    })
}

#[derive(Serialize)]
pub(super) struct CriterionShown {
    id: String,
    statement: String,
    evidence: Option<Proof>,
    shown: Option<ByAt>,
    can_show: bool,
}

/// The criteria, oldest first.
pub(super) fn criteria(connection: &mut Connection, view: &mut View) -> Result<Vec<CriterionShown>, Failure> {
    let mut shown = Vec::new();
    for row in criteria::of_incident(connection, &view.case.incident.id)? {
        shown.push(CriterionShown {
            id: row.id.to_string(),
            statement: row.statement.into_string(),
            evidence: row.evidence.map(Proof::of),
            shown: view.by_at(connection, row.shown_by.as_ref(), row.shown_at)?,
            can_show: view.may(Act::RecordChecks),
        });
    }
    Ok(shown)
}

#[derive(Serialize)]
pub(super) struct RequestShown {
    pub(super) id: String,
    scope: String,
    note: String,
    by: String,
    at: Time,
    pub(super) state: String,
    decided: Option<ByAt>,
    reason: Option<String>,
    voided_at: Option<Time>,
    voided_because: Option<String>,
    /// Was it approved once? Then there is a certificate.
    certified: bool,
}

/// The requests of an incident.
pub(super) struct Requests {
    /// The one that waits for a decision, if there is one.
    pub(super) open: Option<(RequestRow, RequestShown)>,
    /// The others, newest first.
    pub(super) past: Vec<RequestShown>,
}

/// The requests of the incident that is shown.
pub(super) fn requests(connection: &mut Connection, view: &mut View) -> Result<Requests, Failure> {
    let (mut open, mut past) = (None, Vec::new());
    for row in restarts::of_incident(connection, &view.case.incident.id)? {
        let shown = request(connection, view, row.clone())?;
        if row.state == RequestState::Open {
            open = Some((row, shown));
        } else {
            past.push(shown);
        }
    }
    Ok(Requests { open, past })
}

fn request(connection: &mut Connection, view: &mut View, row: RequestRow) -> Result<RequestShown, Failure> {
    let zone = view.case.site.time_zone.as_str();
    Ok(RequestShown {
        certified: phases::certificate(connection, &row.id)?.is_some(),
        id: row.id.to_string(),
        scope: row.scope.label(),
        note: row.note.into_string(),
        by: view.names.person(connection, &row.requested_by)?,
        at: time(row.requested_at, zone),
        state: row.state.to_string(),
        voided_at: row.voided_at.map(|at| time(at, zone)),
        voided_because: row.voided_because,
        reason: row.reason.map(Redacted::into_string),
        decided: view.by_at(connection, row.decided_by.as_ref(), row.decided_at)?,
    })
}
