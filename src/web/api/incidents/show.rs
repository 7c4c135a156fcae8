//! `GET /api/v1/incidents/{reference}`: one incident with everything that belongs to it.

use super::ImpactBody;
use crate::actions::{Failure, sight};
use crate::domain::incident::{self, MissingFact, Severity, Status};
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::{Connection, bundles, evidence, pauses, people, timeline};
use crate::web::State;
use crate::web::api::bundles::BundleShown;
use crate::web::api::evidence::EvidenceShown;
use crate::web::api::pauses::{PauseShown, show_pause};
use crate::web::api::timeline::EntryShown;
use crate::web::api::versioned_whole;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Versions at the time of the incident, redacted.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct VersionsShown {
    sophmate: Option<Redacted>,
    wordpress: Option<Redacted>,
    php: Option<Redacted>,
    woocommerce: Option<Redacted>,
    theme: Option<Redacted>,
}

/// An incident. Every free text is redacted.
#[derive(Serialize, ToSchema)]
#[schema(as = Incident)]
pub(in crate::web::api) struct IncidentShown {
    /// `INC-2026-0001`.
    reference: String,
    title: Redacted,
    status: Status,
    severity: Severity,
    impact: ImpactBody,
    /// Slug of the site.
    site: String,
    /// Address of the lead.
    lead: Option<String>,
    /// Name of who filed it.
    reported_by: String,
    occurred_at: String,
    detected_at: Option<String>,
    reported_at: String,
    mitigated_at: Option<String>,
    closed_at: Option<String>,
    affected_user: Option<Redacted>,
    affected_role: Option<Redacted>,
    affected_screen: Option<Redacted>,
    browser: Option<Redacted>,
    versions: VersionsShown,
    steps: Vec<Redacted>,
    expected: Option<Redacted>,
    actual: Option<Redacted>,
    error_report: Option<Redacted>,
    error_report_none: bool,
    /// Why there is nothing to seal, if somebody said so.
    no_evidence_reason: Option<Redacted>,
    /// What is not known yet.
    missing: Vec<MissingFact>,
    /// In the order in which it happened, oldest first.
    timeline: Vec<EntryShown>,
    evidence: Vec<EvidenceShown>,
    /// Newest first.
    bundles: Vec<BundleShown>,
    /// What this incident paused.
    pauses: Vec<PauseShown>,
    /// Counts changes of the incident's own fields; the ETag begins with it and tells the rest of this answer too.
    version: i32,
}

/// Shows.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state.run(move |desk| desk.read(|connection| gather(connection, &bearer.0, &reference))).await?;
    Ok(versioned_whole(shown.version, &shown)?)
}

fn gather(connection: &mut Connection, actor: &Actor, reference: &str) -> Result<IncidentShown, Failure> {
    let sight::Case { incident, site } = sight::case(connection, actor, reference, Act::ReadIncidents)?;
    let lead = match &incident.lead_id {
        Some(id) => Some(sight::promised(people::find(connection, id))?.email),
        None => None,
    };
    let mut pieces = Vec::new();
    for row in evidence::of_incident(connection, &incident.id)? {
        let version = evidence::current_version(connection, &row)?;
        pieces.push(EvidenceShown::of(row, version));
    }
    let mut layers = Vec::new();
    for row in pauses::of_incident(connection, &incident.id)? {
        layers.push(show_pause(connection, row, Some(incident.reference.clone()))?);
    }
    let entries = timeline::of_incident(connection, &incident.id)?;
    let built = bundles::of_incident(connection, &incident.id)?;
    let facts = incident.facts.into_inner();
    Ok(IncidentShown {
        missing: incident::missing(&facts, lead.is_some()),
        reported_by: sight::promised(people::find(connection, &incident.reported_by))?.name,
        reference: incident.reference,
        title: incident.title,
        status: incident.status,
        severity: incident.severity,
        impact: ImpactBody::from(&*incident.impact),
        site: site.slug,
        lead,
        occurred_at: incident.occurred_at.rfc3339(),
        detected_at: incident.detected_at.map(|at| at.rfc3339()),
        reported_at: incident.reported_at.rfc3339(),
        mitigated_at: incident.mitigated_at.map(|at| at.rfc3339()),
        closed_at: incident.closed_at.map(|at| at.rfc3339()),
        affected_user: facts.affected_user,
        affected_role: facts.affected_role,
        affected_screen: facts.affected_screen,
        browser: facts.browser,
        versions: VersionsShown {
            sophmate: facts.versions.sophmate,
            wordpress: facts.versions.wordpress,
            php: facts.versions.php,
            woocommerce: facts.versions.woocommerce,
            theme: facts.versions.theme,
        },
        steps: facts.steps,
        expected: facts.expected,
        actual: facts.actual,
        error_report: facts.error_report,
        error_report_none: facts.error_report_none,
        no_evidence_reason: incident.no_evidence_reason,
        timeline: entries.into_iter().map(EntryShown::from).collect(),
        evidence: pieces,
        bundles: built.into_iter().map(BundleShown::from).collect(),
        pauses: layers,
        version: incident.version,
    })
}
