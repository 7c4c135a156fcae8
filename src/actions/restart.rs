//! Asking for a restart, and deciding. The only acts that lift what an incident paused.

use super::{Answer, Desk, Failure, Limits, certify, configuration, open_phase, readiness, sight, write_entry};
use crate::domain::automation::RunScope;
use crate::domain::ids::{PauseId, RequestId};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::review::{self, Decision, RequestState};
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::phases::PhaseRow;
use crate::store::restarts::{self, RequestRow};
use crate::store::{Connection, Json, Tx, Verb, incidents};
use serde::Serialize;

/// A request after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RequestAnswer {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: RequestState,
    /// How far it asks to go.
    pub scope: RunScope,
}

impl Answer for RequestAnswer {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/restart-requests/{}", self.id))
    }
}

/// Asks. Refused with every reason, and who can settle each.
pub fn ask(desk: &Desk, actor: &Actor, reference: &str, scope: RunScope, note: &str) -> Result<RequestAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let note = only_statement("note", note, "Say in a sentence why it is all clear.")?;
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::AskRestart))?;
    let note = desk.redactor(&case.incident, &case.site)?.text(&note).text;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::AskRestart)?;
        super::write_review::refuse_ended(&case)?;
        let standing = readiness::gather(tx.connection(), &case.incident)?;
        let mut reasons = review::restart_reasons(&standing.readiness);
        if standing.deciders.iter().all(|decider| *decider == person) && !standing.deciders.is_empty() {
            reasons.push(Reason::new(
                "only_decider_asks",
                "You are the only administrator who could decide this, so somebody else must ask.",
                "owner, support_lead",
            ));
        }
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        let fingerprint = standing.fingerprint(tx.connection(), &standing.held)?;
        let made_of = readiness::configurations(tx.connection(), &standing.held)?;
        let row = RequestRow {
            id: RequestId::fresh(),
            incident_id: case.incident.id.clone(),
            scope,
            note,
            pauses: Json::of(standing.held.into_iter().map(|pause| pause.id).collect::<Vec<PauseId>>()),
            fingerprint,
            requested_by: person,
            requested_at: tx.now(),
            state: RequestState::Open,
            decided_by: None,
            decided_at: None,
            reason: None,
            voided_at: None,
            voided_because: None,
            configuration: Some(Json::of(made_of)),
        };
        tx.insert(Verb::Asked, &row)?;
        write_entry::system(tx, &row.incident_id, &who, Redacted::literal("Asked for a restart."))?;
        Ok(answer(&row))
    })
}

/// Decides. Whoever asked or took part cannot; a request whose ground changed cannot be approved.
pub fn decide(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    decision: Decision,
    reason: &str,
) -> Result<RequestAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let reason = only_statement("reason", reason, "Say in a sentence why you decide so.")?;
    let id = RequestId::from_text(id);
    let (_, case) = desk.read(|connection| find(connection, actor, &id, Act::DecideRestart))?;
    let reason = desk.redactor(&case.incident, &case.site)?.text(&reason).text;
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    let (signer, limits) = (desk.signer.current(), desk.limits.clone());
    desk.answer(actor, move |tx| {
        let (mut request, case) = find(tx.connection(), &actor_copy, &id, Act::DecideRestart)?;
        refuse_decider(tx.connection(), &request, &actor_copy)?;
        if request.state != RequestState::Open {
            let message = format!("This request is {} already.", request.state);
            return Err(Failure::refused(Reason::new("request_not_open", message, "nobody")));
        }
        if decision == Decision::Approved {
            refuse_changed_ground(tx.connection(), &request, &case)?;
        }
        request.decided_by = Some(person);
        request.decided_at = Some(tx.now());
        request.reason = Some(reason);
        let (state, verb, words) = match decision {
            Decision::Approved => (RequestState::Approved, Verb::Approved, "Approved the restart."),
            Decision::Declined => (RequestState::Declined, Verb::Declined, "Declined the restart."),
        };
        request.state = state;
        tx.update(verb, &request)?;
        if decision == Decision::Approved {
            let opened = lift(tx, &request, &who.0, &limits)?;
            certify::issue(tx, &signer, &case, &request, &opened)?;
        }
        write_entry::system(tx, &request.incident_id, &who, Redacted::literal(words))?;
        Ok(answer(&request))
    })
}

/// A request with its case, for someone who may do `act`.
pub fn find(
    connection: &mut Connection,
    actor: &Actor,
    id: &RequestId,
    act: Act,
) -> Result<(RequestRow, sight::Case), Failure> {
    let row = restarts::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    Ok((row, sight::of_incident(connection, actor, incident, act)?))
}

fn answer(row: &RequestRow) -> RequestAnswer {
    RequestAnswer { id: row.id.to_string(), state: row.state, scope: row.scope }
}

/// Refuses whoever asked or took part: history counts, not who owns what now. Refuses whoever could not decide on every
/// site that the restart reaches, too: an incident may hold a category, or everything.
pub fn refuse_decider(connection: &mut Connection, request: &RequestRow, actor: &Actor) -> Result<(), Failure> {
    let person = sight::person_id(actor)?;
    let pauses = readiness::asked_for(connection, request)?;
    if !readiness::decides_all(actor, &pauses) {
        return Err(Failure::Forbidden(
            "This restart reaches beyond the sites you administrate. Ask an administrator of every site.".into(),
        ));
    }
    if request.requested_by == person {
        return Err(Failure::Forbidden(
            "Whoever asked for a restart cannot decide it. Ask another administrator.".into(),
        ));
    }
    let parts = restarts::participations(connection, &request.incident_id)?;
    match parts.iter().find(|part| part.person_id == person) {
        None => Ok(()),
        Some(part) => Err(Failure::Forbidden(format!(
            "You took part in this incident ({}), so you cannot decide its restart. Ask another administrator.",
            part.part.label()
        ))),
    }
}

fn refuse_changed_ground(connection: &mut Connection, request: &RequestRow, case: &sight::Case) -> Result<(), Failure> {
    let standing = readiness::gather(connection, &case.incident)?;
    let mut reasons = review::review_reasons(&standing.readiness);
    reasons.extend(review::work_reasons(&standing.readiness));
    if standing.fingerprint_of(connection, request)? != request.fingerprint {
        let message =
            "What this request rests on has changed since it was asked. Decline it, and let somebody ask again.";
        reasons.push(Reason::new("ground_changed", message, "owner, support_lead"));
    }
    if !case.incident.status.is_open() {
        reasons.push(crate::domain::incident::ended(case.incident.status));
    }
    if reasons.is_empty() { Ok(()) } else { Err(Failure::Refused(reasons)) }
}

/// Lifts exactly the pauses that were asked for; other layers stay. What they covered begins at read only: the scope
/// that was asked for is how far later phases may go.
fn lift(tx: &mut Tx, request: &RequestRow, by: &str, limits: &Limits) -> Result<Vec<PhaseRow>, Failure> {
    let asked_for = readiness::asked_for(tx.connection(), request)?;
    for mut pause in asked_for.iter().filter(|pause| pause.released_at.is_none()).cloned() {
        pause.released_by = Some(by.to_owned());
        pause.released_at = Some(tx.now());
        pause.release_reason = request.reason.clone();
        tx.update(Verb::Released, &pause)?;
    }
    let covered = configuration::covered(tx.connection(), &asked_for)?;
    open_phase::begin(tx, covered, request, by, limits)
}
