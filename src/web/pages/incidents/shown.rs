//! An incident, its evidence and its bundles as pages show them.

use crate::actions::Failure;
use crate::domain::evidence::Media;
use crate::domain::incident::{self, Facts, Impact};
use crate::redaction::{Redacted, Rules};
use crate::store::bundles::BundleRow;
use crate::store::evidence::{self, EvidenceRow};
use crate::store::incidents::IncidentRow;
use crate::store::sites::SiteRow;
use crate::store::{Connection, bundles};
use crate::web::shown::{self, Finding, IncidentName, Labelled, Missing, Names, Time, time};
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::web) struct Incident {
    pub(in crate::web) reference: String,
    pub(in crate::web) title: String,
    severity: String,
    status: String,
    pub(in crate::web) is_open: bool,
    pub(in crate::web) version: i32,
    pub(in crate::web) site: SiteName,
    lead: Option<String>,
    reported_by: String,
    clocks: Clocks,
    pub(in crate::web) facts: FactsShown,
    impact: Vec<Labelled>,
}

#[derive(Serialize)]
pub(in crate::web) struct SiteName {
    pub(in crate::web) slug: String,
    pub(in crate::web) name: String,
    pub(in crate::web) zone: String,
}

#[derive(Serialize)]
struct Clocks {
    occurred: Time,
    detected: Option<Time>,
    reported: Time,
    mitigated: Option<Time>,
    closed: Option<Time>,
}

#[derive(Serialize)]
pub(in crate::web) struct FactsShown {
    affected_user: Option<String>,
    affected_role: Option<String>,
    affected_screen: Option<String>,
    browser: Option<String>,
    versions: Vec<Labelled>,
    steps: Vec<String>,
    expected: Option<String>,
    actual: Option<String>,
    error_report: Option<String>,
    error_report_none: bool,
}

impl From<&Facts<Redacted>> for FactsShown {
    fn from(facts: &Facts<Redacted>) -> Self {
        let facts = facts.clone().map(Redacted::into_string);
        Self {
            versions: shown::versions(&facts.versions),
            affected_user: facts.affected_user,
            affected_role: facts.affected_role,
            affected_screen: facts.affected_screen,
            browser: facts.browser,
            steps: facts.steps,
            expected: facts.expected,
            actual: facts.actual,
            error_report: facts.error_report,
            error_report_none: facts.error_report_none,
        }
    }
}

/// The incident as a page shows it.
pub(in crate::web) fn incident(
    connection: &mut Connection,
    names: &mut Names,
    row: &IncidentRow,
    site: &SiteRow,
) -> Result<Incident, Failure> {
    let zone = site.time_zone.as_str();
    let lead = match &row.lead_id {
        Some(id) => Some(names.person(connection, id)?),
        None => None,
    };
    Ok(Incident {
        reference: row.reference.clone(),
        title: row.title.as_str().to_owned(),
        severity: row.severity.to_string(),
        status: row.status.to_string(),
        is_open: row.status.is_open(),
        version: row.version,
        site: SiteName { slug: site.slug.clone(), name: site.name.clone(), zone: zone.to_owned() },
        lead,
        reported_by: names.person(connection, &row.reported_by)?,
        clocks: Clocks {
            occurred: time(row.occurred_at, zone),
            detected: row.detected_at.map(|at| time(at, zone)),
            reported: time(row.reported_at, zone),
            mitigated: row.mitigated_at.map(|at| time(at, zone)),
            closed: row.closed_at.map(|at| time(at, zone)),
        },
        facts: FactsShown::from(&*row.facts),
        impact: impact(&row.impact),
    })
}

/// The incident as a heading names it.
pub(in crate::web) fn name(row: &IncidentRow) -> IncidentName {
    IncidentName { reference: row.reference.clone(), title: row.title.as_str().to_owned() }
}

/// What is missing of an incident.
pub(in crate::web) fn missing(row: &IncidentRow) -> Vec<Missing> {
    shown::missing(&incident::missing(&row.facts, row.lead_id.is_some()))
}

fn impact(impact: &Impact) -> Vec<Labelled> {
    [
        ("Production does the wrong thing", impact.production_impact.label()),
        ("Customers can see it", impact.customer_visibility.label()),
        ("Revenue is at risk", impact.revenue_risk.label()),
        ("Private data is exposed", impact.privacy_exposure.label()),
        ("Stored data is wrong", impact.data_correctness.label()),
        ("It can be paused", impact.can_be_paused.label()),
    ]
    .into_iter()
    .map(|(label, answer)| Labelled {
        label: label.to_owned(),
        value: if answer == "unknown" { "not known".to_owned() } else { answer },
    })
    .collect()
}

#[derive(Serialize)]
pub(in crate::web) struct EvidenceShown {
    pub(in crate::web) id: String,
    pub(in crate::web) name: String,
    media: String,
    size: String,
    findings: Vec<Finding>,
    version: i32,
    note: Option<String>,
    added_by: String,
    added_at: Time,
    sealed_until: Option<Time>,
    shredded: bool,
}

/// The evidence of an incident, oldest first, with what each piece is.
pub(in crate::web) fn evidence(
    connection: &mut Connection,
    names: &mut Names,
    rules: &Rules,
    incident: &IncidentRow,
    zone: &str,
) -> Result<Vec<(Media, EvidenceShown)>, Failure> {
    let mut all = Vec::new();
    for row in evidence::of_incident(connection, &incident.id)? {
        let media = row.media;
        all.push((media, evidence_row(connection, names, rules, row, zone)?));
    }
    Ok(all)
}

fn evidence_row(
    connection: &mut Connection,
    names: &mut Names,
    rules: &Rules,
    row: EvidenceRow,
    zone: &str,
) -> Result<EvidenceShown, Failure> {
    let version = evidence::current_version(connection, &row)?;
    let kept = row.media != Media::Dropped;
    Ok(EvidenceShown {
        id: row.id.to_string(),
        name: row.name.as_str().to_owned(),
        media: row.media.to_string(),
        size: shown::stored_size(version.as_ref().map_or(row.sealed_size, |version| version.size)),
        findings: version.map(|version| shown::findings(rules, &version.counts)).unwrap_or_default(),
        version: row.current_version,
        note: row.note.clone().map(Redacted::into_string),
        added_by: names.actor(connection, &row.added_by)?,
        added_at: time(row.added_at, zone),
        sealed_until: kept.then(|| time(row.sealed_until, zone)),
        shredded: row.shredded_at.is_some(),
    })
}

#[derive(Serialize)]
pub(in crate::web) struct BundleShown {
    id: String,
    audience: String,
    audience_words: &'static str,
    size: String,
    built_by: String,
    built_at: Time,
    withheld: u64,
    findings: Vec<Finding>,
}

/// The bundles of an incident, newest first.
pub(in crate::web) fn bundles(
    connection: &mut Connection,
    names: &mut Names,
    rules: &Rules,
    incident: &IncidentRow,
    zone: &str,
) -> Result<Vec<BundleShown>, Failure> {
    let mut all = Vec::new();
    for row in bundles::of_incident(connection, &incident.id)? {
        all.push(bundle(connection, names, rules, &row, zone)?);
    }
    Ok(all)
}

/// One bundle as a row shows it.
pub(in crate::web) fn bundle(
    connection: &mut Connection,
    names: &mut Names,
    rules: &Rules,
    row: &BundleRow,
    zone: &str,
) -> Result<BundleShown, Failure> {
    Ok(BundleShown {
        id: row.id.to_string(),
        audience: row.audience.to_string(),
        audience_words: row.audience.in_words(),
        size: shown::stored_size(row.size),
        built_by: names.person(connection, &row.built_by)?,
        built_at: time(row.built_at, zone),
        withheld: u64::try_from(row.withheld).unwrap_or_default(),
        findings: shown::findings(rules, &row.counts),
    })
}
