//! Incidents that this program opens by itself, in the transaction of what makes them necessary.

use super::pause::{self, registry_redactor};
use super::{Desk, Failure, gate_facts, review_points, write_entry};
use crate::domain::automation::Touches;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{IncidentId, PersonId};
use crate::domain::incident::{Facts, Impact, Severity, Status};
use crate::domain::person::SYSTEM_PERSON;
use crate::domain::review::Point;
use crate::domain::site::Versions;
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::incidents::{self, IncidentRow};
use crate::store::people::{self, PersonRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, Error, Json, Tx, Verb, pauses};

/// What is slow about an incident, done before the transaction.
#[derive(Clone)]
pub(super) struct Draft {
    secret_key: String,
    site: SiteRow,
    versions: Versions<Redacted>,
}

impl Draft {
    /// A draft of an incident on this site.
    pub(super) fn prepare(desk: &Desk, site: &SiteRow) -> Result<Self, Failure> {
        let redactor = registry_redactor(desk)?;
        let clean = |text: &Option<String>| text.as_deref().map(|text| redactor.text(text).text);
        let versions = Versions {
            sophmate: clean(&site.versions.sophmate),
            wordpress: clean(&site.versions.wordpress),
            php: clean(&site.versions.php),
            woocommerce: clean(&site.versions.woocommerce),
            theme: clean(&site.versions.theme),
        };
        Ok(Self { secret_key: desk.fresh_incident_key()?, site: site.clone(), versions })
    }
}

/// How bad it is while nobody has looked: what writes, reaches customers or spends money counts as the higher.
pub(super) fn severity(touches: Touches) -> Severity {
    if touches == Touches::default() { Severity::Sev3 } else { Severity::Sev2 }
}

/// Opens an incident. `title` says what happened in a line, `actual` in sentences.
pub(super) fn open(
    tx: &mut Tx,
    draft: Draft,
    severity: Severity,
    title: Redacted,
    actual: Redacted,
) -> Result<IncidentRow, Failure> {
    let reporter = system_person(tx)?;
    let now = tx.now();
    let facts = Facts { actual: Some(actual), versions: draft.versions, ..Facts::default() };
    let incident = IncidentRow {
        id: IncidentId::fresh(),
        reference: incidents::next_reference(tx)?,
        title,
        status: Status::Triage,
        severity,
        impact: Json::of(Impact::default()),
        site_id: draft.site.id,
        lead_id: None,
        reported_by: reporter,
        occurred_at: now,
        occurred_zone: draft.site.time_zone,
        detected_at: Some(now),
        reported_at: now,
        mitigated_at: None,
        closed_at: None,
        facts: Json::of(facts),
        no_evidence_reason: None,
        secret_key: draft.secret_key,
        known_values: None,
        known_generation: 1,
        version: 1,
    };
    tx.insert(Verb::Filed, &incident)?;
    write_entry::system(tx, &incident.id, &who(), Redacted::literal("Opened the incident automatically."))?;
    review_points::ask(tx, &incident.id, Point::Reported)?;
    Ok(incident)
}

/// Pauses an automation for an incident, unless the incident holds it already.
pub(super) fn hold(
    tx: &mut Tx,
    automation: &AutomationRow,
    named: Redacted,
    incident: &IncidentRow,
) -> Result<(), Failure> {
    let held = pauses::of_incident(tx.connection(), &incident.id)?;
    let holds = |pause: &pauses::PauseRow| {
        pause.released_at.is_none()
            && pause.target_kind == PauseTarget::Automation
            && pause.target == automation.id.as_str()
    };
    if held.iter().any(holds) { Ok(()) } else { pause::by_incident(tx, automation, named, incident, &who()) }
}

/// The open incident that this program opened and that holds the automation: what happens meanwhile belongs to it.
pub(super) fn present(connection: &mut Connection, automation: &AutomationRow) -> Result<Option<IncidentRow>, Failure> {
    for (pause, _) in pauses::holding_rows(connection, &gate_facts::covers(automation))? {
        let (PauseTarget::Automation, Some(id)) = (pause.target_kind, &pause.incident_id) else { continue };
        let incident = incidents::find(connection, id)?;
        if incident.reported_by.as_str() == SYSTEM_PERSON && incident.status.is_open() {
            return Ok(Some(incident));
        }
    }
    Ok(None)
}

/// In whose name it stands.
pub(super) fn who() -> (String, String) {
    ("system:allclear".to_owned(), "Allclear".to_owned())
}

/// The row of this program among people, made when it is needed first.
fn system_person(tx: &mut Tx) -> Result<PersonId, Failure> {
    let id = PersonId::from_text(SYSTEM_PERSON);
    match people::find(tx.connection(), &id) {
        Ok(_) => return Ok(id),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let row = PersonRow {
        id: id.clone(),
        // Nobody can have an address there (RFC 2606).
        email: "allclear@system.invalid".to_owned(),
        name: "Allclear".to_owned(),
        password_hash: None,
        active: false,
        created_at: tx.now(),
    };
    tx.insert(Verb::Created, &row)?;
    Ok(id)
}
