//! What restart and closing rest on, read in one snapshot, and its fingerprint.
//!
//! An approval is bound to what was approved: when the fingerprint changes, the open request and the approval that rest
//! on it are void ([`void_if_changed`], called by every act that changes one of these rows).

use super::{Failure, configuration, gate_facts, open_phase, sight, write_entry};
use crate::domain::configuration::{Configuration, ConfigurationPart, drift_of_all, drift_words};
use crate::domain::ids::{IncidentId, ParticipationId, PauseId, PersonId};
use crate::domain::person::{Act, Actor, PersonActor};
use crate::domain::review::{
    ActionFact, CheckFact, CriterionFact, DocumentedChange, Part, Readiness, RequestState, Taking,
};
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::incidents::IncidentRow;
use crate::store::pauses::PauseRow;
use crate::store::restarts::{self, ParticipationRow, RequestRow};
use crate::store::reviews::{self, ReviewRow};
use crate::store::{Connection, Record, Tx, Verb, checks, criteria, incidents, pauses, people, prevention};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Everything, and the fingerprint over what an approval rests on.
pub struct Standing {
    /// What the rules look at.
    pub readiness: Readiness,
    /// The pauses that the incident holds.
    pub held: Vec<PauseRow>,
    ground: Fingerprint,
    /// Who could decide: active administrators of everything it holds who took no part.
    pub deciders: Vec<PersonId>,
}

impl Standing {
    /// SHA-256 over review, actions, checks, results, criteria and the definitions of what `pauses` hold: what a
    /// request to lift them rests on.
    pub fn fingerprint(&self, connection: &mut Connection, pauses: &[PauseRow]) -> Result<String, Failure> {
        let mut print = self.ground.clone();
        for configuration in configurations(connection, pauses)?.values() {
            print.add(configuration)?;
        }
        Ok(print.finish())
    }

    /// The same for a request that was made.
    pub fn fingerprint_of(&self, connection: &mut Connection, request: &RequestRow) -> Result<String, Failure> {
        let pauses = asked_for(connection, request)?;
        self.fingerprint(connection, &pauses)
    }
}

/// Reads everything.
pub fn gather(connection: &mut Connection, incident: &IncidentRow) -> Result<Standing, Failure> {
    let everybody = people::actors(connection)?;
    gather_among(connection, incident, &everybody)
}

/// The same, for whoever looks at several incidents and has read the people ([`people::actors`]) before.
pub fn gather_among(
    connection: &mut Connection,
    incident: &IncidentRow,
    everybody: &[PersonActor],
) -> Result<Standing, Failure> {
    let mut readiness = Readiness::default();
    let mut print = Fingerprint::default();
    if let Some(review) = reviews::find(connection, &incident.id)? {
        (readiness.parts, readiness.change) = parts_of(&review);
        print.add(&(
            &readiness.parts,
            review.change_kind,
            &review.change_link,
            &review.change_before,
            &review.change_after,
        ))?;
    }
    for row in prevention::of_incident(connection, &incident.id)? {
        print.add(&row.digest())?;
        let owner = sight::promised(people::find(connection, &row.owner_id))?;
        readiness.actions.push(ActionFact {
            title: row.title.into_string(),
            kind: row.kind,
            owner: owner.name,
            owner_active: owner.active,
            completed: row.completed_at.is_some(),
            verified: row.verified_at.is_some(),
            due_on: row.due_on,
        });
    }
    let planned = checks::of_incident(connection, &incident.id)?;
    // Most incidents have no check yet: nothing to compare then.
    let present = if planned.is_empty() { BTreeMap::new() } else { of_incident(connection, &incident.id)? };
    for row in planned {
        let results = checks::results(connection, &row.id)?;
        print.add(&row.digest())?;
        for result in &results {
            print.add(&result.digest())?;
        }
        let last = results.iter().find(|result| result.voided_at.is_none());
        let drifted = last.and_then(|result| result.configuration.as_ref()).map(|then| drift_of_all(then, &present));
        readiness.checks.push(CheckFact {
            title: row.title.into_string(),
            last: last.map(|result| result.outcome),
            drifted: drifted.filter(|parts| !parts.is_empty()).map(|parts| drift_words(&parts)),
            voided: results.first().and_then(|newest| newest.voided_because.clone()),
        });
    }
    for row in criteria::of_incident(connection, &incident.id)? {
        print.add(&row.digest())?;
        readiness
            .criteria
            .push(CriterionFact { statement: row.statement.into_string(), shown: row.shown_at.is_some() });
    }
    let held = held(connection, &incident.id)?;
    readiness.held_pauses = held.len();
    readiness.open_request =
        restarts::of_incident(connection, &incident.id)?.iter().any(|request| request.state == RequestState::Open);
    let deciders = find_people(connection, incident, everybody, &held, &mut readiness)?;
    Ok(Standing { readiness, held, ground: print, deciders })
}

/// The pauses that an incident holds now.
pub(super) fn held(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<PauseRow>, Failure> {
    let mut all = pauses::of_incident(connection, incident)?;
    all.retain(|pause| pause.released_at.is_none());
    Ok(all)
}

#[derive(Clone, Default)]
struct Fingerprint(Sha256);

impl Fingerprint {
    fn add(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(value).map_err(|e| Failure::Broken(e.to_string()))?;
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(&bytes);
        Ok(())
    }

    fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// The pauses that a request asks to lift.
pub(super) fn asked_for(connection: &mut Connection, request: &RequestRow) -> Result<Vec<PauseRow>, Failure> {
    let pauses: Result<Vec<PauseRow>, _> = request.pauses.iter().map(|id| pauses::find(connection, id)).collect();
    sight::promised(pauses)
}

/// What everything that these pauses cover is made of, by the automation's id.
pub(super) fn configurations(
    connection: &mut Connection,
    pauses: &[PauseRow],
) -> Result<BTreeMap<String, Configuration>, Failure> {
    let covered = configuration::covered(connection, pauses)?;
    configuration::of_each(connection, &covered)
}

/// What everything that an incident ever paused is made of now.
pub(super) fn of_incident(
    connection: &mut Connection,
    incident: &IncidentId,
) -> Result<BTreeMap<String, Configuration>, Failure> {
    let pauses = pauses::of_incident(connection, incident)?;
    configurations(connection, &pauses)
}

fn parts_of(review: &ReviewRow) -> (Vec<(Part, String)>, Option<DocumentedChange>) {
    let texts = [
        (Part::RootCause, &review.root_cause),
        (Part::DetectionGaps, &review.detection_gaps),
        (Part::MissingEvidence, &review.missing_evidence),
        (Part::SafeguardsWorked, &review.safeguards_worked),
        (Part::SafeguardsFailed, &review.safeguards_failed),
    ];
    let parts = texts.into_iter().filter_map(|(part, text)| Some((part, text.as_ref()?.as_str().to_owned()))).collect();
    let text = |text: &Option<Redacted>| text.as_ref().map(|t| t.as_str().to_owned()).unwrap_or_default();
    let change = review.change_kind.map(|kind| DocumentedChange {
        kind,
        link: text(&review.change_link),
        before: text(&review.change_before),
        after: text(&review.change_after),
    });
    (parts, change)
}

/// Who may ask, and who could decide.
fn find_people(
    connection: &mut Connection,
    incident: &IncidentRow,
    everybody: &[PersonActor],
    held: &[PauseRow],
    readiness: &mut Readiness,
) -> Result<Vec<PersonId>, Failure> {
    let took_part = restarts::participations(connection, &incident.id)?;
    let mut ids = Vec::new();
    for person in everybody {
        let actor = Actor::Person(person.clone());
        if actor.may(Act::AskRestart, &incident.site_id) {
            readiness.askers.push(person.name.clone());
        }
        let free = !took_part.iter().any(|part| part.person_id == person.id);
        if free && actor.may(Act::DecideRestart, &incident.site_id) && decides_all(&actor, held) {
            readiness.deciders.push(person.name.clone());
            ids.push(person.id.clone());
        }
    }
    Ok(ids)
}

/// May this actor decide wherever these pauses reach? A decision on one site opens nothing on another.
pub(super) fn decides_all(actor: &Actor, pauses: &[PauseRow]) -> bool {
    pauses.iter().all(|pause| actor.may_where(Act::DecideRestart, pause.site_id.as_ref()))
}

/// Notes that somebody took part: from then on they cannot decide this restart, whoever owns what later.
pub(super) fn took_part(tx: &mut Tx, incident: &IncidentId, person: &PersonId, part: Taking) -> Result<(), Failure> {
    let known = restarts::participations(tx.connection(), incident)?;
    if known.iter().any(|row| row.person_id == *person && row.part == part) {
        return Ok(());
    }
    let row = ParticipationRow {
        id: ParticipationId::fresh(),
        incident_id: incident.clone(),
        person_id: person.clone(),
        part,
        since: tx.now(),
    };
    Ok(tx.insert(Verb::TookPart, &row)?)
}

/// Ends the open request, and every approval, whose ground has changed. What an approval had lifted is paused again.
pub(super) fn void_if_changed(
    tx: &mut Tx,
    incident: &IncidentId,
    who: &(String, String),
    because: &'static str,
) -> Result<(), Failure> {
    let incident = incidents::find(tx.connection(), incident)?;
    let mut live = restarts::of_incident(tx.connection(), &incident.id)?;
    live.retain(|request| matches!(request.state, RequestState::Open | RequestState::Approved));
    if live.is_empty() || !incident.status.is_open() {
        return Ok(());
    }
    let standing = gather(tx.connection(), &incident)?;
    for request in live {
        if standing.fingerprint_of(tx.connection(), &request)? != request.fingerprint {
            let drifted = drifted(tx.connection(), &request)?;
            void(tx, request, who, because_of(&drifted, because))?;
        }
    }
    Ok(())
}

/// The parts of what it asks for that changed since a request was made.
fn drifted(connection: &mut Connection, request: &RequestRow) -> Result<Vec<ConfigurationPart>, Failure> {
    let Some(then) = &request.configuration else { return Ok(Vec::new()) };
    let pauses = asked_for(connection, request)?;
    Ok(drift_of_all(then, &configurations(connection, &pauses)?))
}

/// Names the parts that drifted; where none did, what was done.
fn because_of(drifted: &[ConfigurationPart], because: &'static str) -> Redacted {
    if drifted.is_empty() {
        return Redacted::literal(because);
    }
    let parts: Vec<Redacted> = drifted.iter().map(|part| Redacted::literal(part.words())).collect();
    let parts = Redacted::join(&parts, " and ");
    Redacted::join(&[Redacted::literal("this changed:"), parts], " ")
}

/// Ends what rests on an incident's ground for the site's or the registry's sake: each incident whose pauses cover one
/// of these automations looks at its requests again.
pub(super) fn void_where_covered(
    tx: &mut Tx,
    automations: &[AutomationRow],
    who: &(String, String),
    because: &'static str,
) -> Result<(), Failure> {
    let mut incidents: Vec<IncidentId> = Vec::new();
    for row in automations {
        incidents.extend(pauses::incidents_over(tx.connection(), &gate_facts::covers(row))?);
    }
    incidents.sort();
    incidents.dedup();
    for incident in incidents {
        void_if_changed(tx, &incident, who, because)?;
    }
    Ok(())
}

fn void(tx: &mut Tx, mut request: RequestRow, who: &(String, String), because: Redacted) -> Result<(), Failure> {
    let approved = request.state == RequestState::Approved;
    request.state = RequestState::Void;
    request.voided_at = Some(tx.now());
    request.voided_because = Some(because.as_str().to_owned());
    tx.update(Verb::Voided, &request)?;
    if approved {
        pause_again(tx, &request, who)?;
        open_phase::end_of_request(tx, &request)?;
    }
    let said = if approved {
        "The approved restart is void, because what it rested on changed; everything is paused again:"
    } else {
        "The restart request is void, because what it rested on changed:"
    };
    let words = Redacted::join(&[Redacted::literal(said), because], " ");
    write_entry::system(tx, &request.incident_id, who, words)
}

fn pause_again(tx: &mut Tx, request: &RequestRow, who: &(String, String)) -> Result<(), Failure> {
    for id in request.pauses.iter() {
        let lifted = pauses::find(tx.connection(), id)?;
        let again = PauseRow {
            id: PauseId::fresh(),
            set_by: who.0.clone(),
            set_at: tx.now(),
            released_by: None,
            released_at: None,
            release_reason: None,
            ..lifted
        };
        tx.insert(Verb::Paused, &again)?;
    }
    Ok(())
}
