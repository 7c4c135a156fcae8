//! Incidents.

use crate::actions::Failure;
use crate::actions::open_incident::{self, Declaration};
use crate::domain::incident::{Facts, Impact, Severity};
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// Body of `POST /api/v1/incidents`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewIncident {
    title: Option<String>,
    severity: Option<String>,
    site: Option<String>,
    occurred_at: Option<String>,
    detected_at: Option<String>,
    lead: Option<String>,
    #[serde(default)]
    impact: Impact,
    affected_user: Option<String>,
    affected_role: Option<String>,
    affected_screen: Option<String>,
    browser: Option<String>,
    #[serde(default)]
    versions: crate::domain::site::Versions<String>,
    #[serde(default)]
    steps: Vec<String>,
    expected: Option<String>,
    actual: Option<String>,
    error_report: Option<String>,
    #[serde(default)]
    error_report_none: bool,
    #[serde(default)]
    automations: Vec<String>,
}

/// `POST /api/v1/incidents`: files an incident and pauses what it names.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let opened = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            open_incident::run(&desk, &bearer.0, declaration(super::json(&body)?)?)
        })
        .await?;
    Ok(super::created(&opened))
}

fn declaration(new: NewIncident) -> Result<Declaration, Failure> {
    let mut errors = Vec::new();
    let severity = match new.severity.as_deref().map(str::parse::<Severity>) {
        Some(Ok(severity)) => severity,
        other => {
            let why = other.and_then(Result::err).unwrap_or_else(|| "Say how bad it is: sev1 to sev4.".into());
            errors.push(FieldError::new("severity", why));
            Severity::Sev1
        }
    };
    let occurred_at = super::moment("occurred_at", new.occurred_at.as_deref(), &mut errors);
    if new.occurred_at.is_none() {
        errors.push(FieldError::new("occurred_at", "Say when it happened, in RFC 3339 with offset."));
    }
    let detected_at = super::moment("detected_at", new.detected_at.as_deref(), &mut errors);
    if new.site.is_none() {
        errors.push(FieldError::new("site", "Name the site by its slug."));
    }
    let (Some(occurred_at), true) = (occurred_at, errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
    Ok(Declaration {
        title: new.title.unwrap_or_default(),
        severity,
        impact: new.impact,
        site: new.site.unwrap_or_default(),
        occurred_at,
        occurred_zone: "UTC".into(),
        detected_at,
        lead: new.lead,
        facts: Facts {
            affected_user: new.affected_user,
            affected_role: new.affected_role,
            affected_screen: new.affected_screen,
            browser: new.browser,
            versions: new.versions,
            steps: new.steps,
            expected: new.expected,
            actual: new.actual,
            error_report: new.error_report,
            error_report_none: new.error_report_none,
        },
        automations: new.automations,
    })
}
