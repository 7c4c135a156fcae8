//! The certificate of an approved restart, written and signed in the transaction that approves it.

use super::sight::{self, Case};
use super::{Failure, readiness};
use crate::bundle::certificate::{
    ActorStated, AutomationStated, Certificate, EvidenceStated, FORMAT, Head, IncidentNamed, Installation, PauseStated,
    RequestStated, Settled, Statement,
};
use crate::domain::ids::{KeyId, PersonId, RequestId};
use crate::domain::person::{Act, Actor};
use crate::store::phases::{self, CertificateRow, PhaseRow};
use crate::store::restarts::{self, RequestRow};
use crate::store::{
    Connection, Record, Tx, Verb, audit, automations, checks, criteria, evidence, people, prevention, reviews,
};
use crate::vault::Signer;
use sha2::{Digest, Sha256};

/// Writes the certificate. An Ed25519 signature takes microseconds, so that it may stand inside the transaction: what
/// is signed is what is committed.
pub(super) fn issue(
    tx: &mut Tx,
    signer: &Signer,
    case: &Case,
    request: &RequestRow,
    opened: &[PhaseRow],
) -> Result<(), Failure> {
    let issued_at = tx.now();
    let connection = tx.connection();
    let (seq, hash) = audit::head(connection)?;
    let statement = Statement {
        format: FORMAT.to_owned(),
        installation: Installation {
            program: concat!("allclear ", env!("CARGO_PKG_VERSION")).to_owned(),
            site: case.site.slug.clone(),
            site_name: case.site.name.clone(),
            key_id: signer.id().to_owned(),
            public_key: signer.public_key(),
        },
        incident: IncidentNamed {
            reference: case.incident.reference.clone(),
            title: case.incident.title.as_str().to_owned(),
        },
        request: stated(request),
        automations: begun(connection, opened)?,
        pauses: lifted(connection, request)?,
        settled: settled(connection, case)?,
        evidence: evidence_of(connection, case)?,
        actors: actors(connection, request)?,
        audit: Head { seq, hash },
        issued_at: issued_at.rfc3339(),
    };
    let statement = statement.to_text();
    let row = CertificateRow {
        id: request.id.clone(),
        signature: signer.sign(statement.as_bytes()),
        statement,
        key_id: KeyId::from_text(signer.id()),
        issued_at,
    };
    Ok(tx.insert(Verb::Certified, &row)?)
}

fn stated(request: &RequestRow) -> RequestStated {
    RequestStated {
        id: request.id.to_string(),
        ceiling: request.scope.to_string(),
        note: request.note.as_str().to_owned(),
        asked_at: request.requested_at.rfc3339(),
        reason: request.reason.as_ref().map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        approved_at: request.decided_at.map(|at| at.rfc3339()).unwrap_or_default(),
        fingerprint: request.fingerprint.clone(),
    }
}

fn begun(connection: &mut Connection, opened: &[PhaseRow]) -> Result<Vec<AutomationStated>, Failure> {
    let mut stated = Vec::new();
    for phase in opened {
        let row = sight::promised(automations::find(connection, &phase.automation_id))?;
        stated.push(AutomationStated {
            slug: row.slug,
            name: row.name,
            scope: phase.scope.to_string(),
            soak_until: phase.soak_until.rfc3339(),
            configuration: phase.configuration.iter().map(|(part, hash)| (part.to_string(), hash.clone())).collect(),
        });
    }
    Ok(stated)
}

fn lifted(connection: &mut Connection, request: &RequestRow) -> Result<Vec<PauseStated>, Failure> {
    let pauses = readiness::asked_for(connection, request)?;
    Ok(pauses
        .into_iter()
        .map(|pause| PauseStated {
            id: pause.id.to_string(),
            target_kind: pause.target_kind.to_string(),
            target: pause.target,
            since: pause.set_at.rfc3339(),
        })
        .collect())
}

fn settled(connection: &mut Connection, case: &Case) -> Result<Vec<Settled>, Failure> {
    let incident = &case.incident.id;
    let mut all = Vec::new();
    let mut add = |kind: &str, id: String, text: &str, digest: String, evidence: Option<&str>| {
        all.push(Settled {
            kind: kind.to_owned(),
            id,
            text: text.to_owned(),
            digest,
            evidence_sha256: evidence.map(sha256),
        });
    };
    if let Some(row) = reviews::find(connection, incident)? {
        let link = row.change_link.as_ref().map(|link| link.as_str());
        add("review", row.id.to_string(), "The review, with its documented change", row.digest(), link);
    }
    for row in prevention::of_incident(connection, incident)? {
        let proof = row.proof.as_ref().map(|proof| proof.as_str());
        add("action", row.id.to_string(), row.title.as_str(), row.digest(), proof);
    }
    for row in checks::of_incident(connection, incident)? {
        let results = checks::results(connection, &row.id)?;
        if let Some(result) = results.iter().find(|result| result.voided_at.is_none()) {
            add("check", row.id.to_string(), row.title.as_str(), result.digest(), Some(result.evidence.as_str()));
        }
    }
    for row in criteria::of_incident(connection, incident)? {
        let shown = row.evidence.as_ref().map(|evidence| evidence.as_str());
        add("criterion", row.id.to_string(), row.statement.as_str(), row.digest(), shown);
    }
    Ok(all)
}

fn evidence_of(connection: &mut Connection, case: &Case) -> Result<Vec<EvidenceStated>, Failure> {
    let mut stated = Vec::new();
    for row in evidence::of_incident(connection, &case.incident.id)? {
        if let Some(version) = evidence::current_version(connection, &row)? {
            stated.push(EvidenceStated { name: row.name.as_str().to_owned(), sha256: version.sha256 });
        }
    }
    Ok(stated)
}

/// Who had which part: asked, approved, and what is on record of the incident; and who verified what others did.
fn actors(connection: &mut Connection, request: &RequestRow) -> Result<Vec<ActorStated>, Failure> {
    let mut parts: Vec<(PersonId, String)> = vec![(request.requested_by.clone(), "asked".to_owned())];
    parts.extend(request.decided_by.iter().map(|by| (by.clone(), "approved".to_owned())));
    for row in restarts::participations(connection, &request.incident_id)? {
        parts.push((row.person_id, row.part.to_string()));
    }
    for row in prevention::of_incident(connection, &request.incident_id)? {
        parts.extend(row.verified_by.map(|by| (by, "verified_action".to_owned())));
    }
    let mut actors: Vec<(PersonId, ActorStated)> = Vec::new();
    for (id, part) in parts {
        if let Some((_, actor)) = actors.iter_mut().find(|(known, _)| *known == id) {
            if !actor.parts.contains(&part) {
                actor.parts.push(part);
            }
            continue;
        }
        let name = sight::promised(people::find(connection, &id))?.name;
        actors.push((id, ActorStated { name, parts: vec![part] }));
    }
    Ok(actors.into_iter().map(|(_, actor)| actor).collect())
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The certificate of a request, for somebody who may read its incident.
pub fn read(connection: &mut Connection, actor: &Actor, id: &RequestId) -> Result<Certificate, Failure> {
    let (request, _) = super::restart::find(connection, actor, id, Act::ReadIncidents)?;
    let row = phases::certificate(connection, &request.id)?.ok_or(Failure::NotFound)?;
    Certificate::of(&row.statement, &row.signature).map_err(Failure::Broken)
}
