//! `POST /api/v1/incidents`: files an incident and pauses what it names.

use super::ImpactBody;
use crate::actions::Failure;
use crate::actions::open_incident::{self, Declaration};
use crate::domain::incident::{Facts, Impact, Severity};
use crate::web::State;
use crate::web::api::sites::VersionsBody;
use crate::web::api::{created, json, moment, needed, word};
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// Body of `POST /api/v1/incidents`. Title, severity, site and occurred_at are needed; the rest may follow later.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewIncident {
    title: Option<String>,
    /// sev1 to sev4; unsure means the higher.
    severity: Option<String>,
    /// Slug of the site.
    site: Option<String>,
    /// RFC 3339 with offset.
    occurred_at: Option<String>,
    /// RFC 3339 with offset.
    detected_at: Option<String>,
    /// Address of the lead.
    lead: Option<String>,
    #[serde(default)]
    impact: ImpactBody,
    affected_user: Option<String>,
    affected_role: Option<String>,
    affected_screen: Option<String>,
    browser: Option<String>,
    #[serde(default)]
    versions: VersionsBody,
    #[serde(default)]
    steps: Vec<String>,
    expected: Option<String>,
    actual: Option<String>,
    /// The exact error report; it is sealed as evidence too.
    error_report: Option<String>,
    /// True when no error was shown.
    #[serde(default)]
    error_report_none: bool,
    /// Slugs of the automations to pause in the same press.
    #[serde(default)]
    automations: Vec<String>,
}

/// Files the incident.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let opened = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            open_incident::run(&desk, &bearer.0, declaration(json(&body)?)?)
        })
        .await?;
    Ok(created(&opened))
}

fn declaration(new: NewIncident) -> Result<Declaration, Failure> {
    let mut errors = Vec::new();
    let title = needed("title", new.title, "Say in a line what went wrong.", &mut errors);
    let severity = word::<Severity>("severity", new.severity.as_deref(), &mut errors);
    let severity = needed("severity", severity, "Say how bad it is: sev1 to sev4.", &mut errors);
    let site = needed("site", new.site, "Name the site by its slug.", &mut errors);
    let occurred_at = moment("occurred_at", new.occurred_at.as_deref(), &mut errors);
    let how = "Say when it happened, in RFC 3339 with offset.";
    let occurred_at = needed("occurred_at", occurred_at, how, &mut errors);
    let detected_at = moment("detected_at", new.detected_at.as_deref(), &mut errors);
    let (Some(title), Some(severity), Some(site), Some(occurred_at), true) =
        (title, severity, site, occurred_at, errors.is_empty())
    else {
        return Err(Failure::Invalid(errors));
    };
    Ok(Declaration {
        title,
        severity,
        impact: new.impact.over(&Impact::default()),
        site,
        occurred_at,
        occurred_zone: "UTC".into(),
        detected_at,
        lead: new.lead,
        facts: Facts {
            affected_user: new.affected_user,
            affected_role: new.affected_role,
            affected_screen: new.affected_screen,
            browser: new.browser,
            versions: new.versions.into(),
            steps: new.steps,
            expected: new.expected,
            actual: new.actual,
            error_report: new.error_report,
            error_report_none: new.error_report_none,
        },
        automations: new.automations,
    })
}
