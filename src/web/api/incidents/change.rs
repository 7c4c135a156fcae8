//! `PATCH /api/v1/incidents/{reference}`: status, severity, clocks and facts; and the withdrawal of one that was declared
//! by mistake.

use super::ImpactBody;
use crate::actions::change_incident::{self, Change, Changed};
use crate::actions::{Desk, Failure, sight, withdraw_incident};
use crate::domain::incident::{Facts, Severity, Status};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::site::Versions;
use crate::store::incidents::IncidentRow;
use crate::web::State;
use crate::web::api::read::given;
use crate::web::api::{IfMatch, act_once, json, moment, versioned, word};
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// Versions to change; `null` empties one.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct VersionsChange {
    #[serde(default, deserialize_with = "given")]
    sophmate: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    wordpress: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    php: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    woocommerce: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    theme: Option<Option<String>>,
}

/// Body of `PATCH /api/v1/incidents/{reference}`. What is left away stays; `null` empties a fact.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct IncidentChange {
    title: Option<String>,
    severity: Option<String>,
    status: Option<String>,
    /// Why the status changes, for the timeline.
    note: Option<String>,
    impact: Option<ImpactBody>,
    /// RFC 3339 with offset.
    occurred_at: Option<String>,
    /// RFC 3339 with offset; `null`: nobody knows.
    #[serde(default, deserialize_with = "given")]
    detected_at: Option<Option<String>>,
    /// Address of the lead; `null`: nobody.
    #[serde(default, deserialize_with = "given")]
    lead: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    affected_user: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    affected_role: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    affected_screen: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    browser: Option<Option<String>>,
    versions: Option<VersionsChange>,
    /// All steps, as they are to be.
    #[serde(default, deserialize_with = "given")]
    steps: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    expected: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    actual: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    error_report: Option<Option<String>>,
    error_report_none: Option<bool>,
}

/// Changes.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    if_match: IfMatch,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let changed = state.run(move |desk| patch(desk, &bearer.0, &reference, &if_match, &json(&body)?)).await?;
    Ok(versioned(changed.version, &changed))
}

/// How often a change is laid over again when somebody else was faster and no version was asked for.
const ROUNDS: usize = 5;

fn patch(
    desk: &Desk,
    actor: &Actor,
    reference: &str,
    if_match: &IfMatch,
    change: &IncidentChange,
) -> Result<Changed, Failure> {
    for _ in 0..ROUNDS {
        let case = desk.read(|connection| sight::case(connection, actor, reference, Act::WorkIncident))?;
        if_match.admit(case.incident.version)?;
        let version = case.incident.version;
        match change_incident::run(desk, actor, reference, Some(version), laid_over(&case.incident, change.clone())?) {
            Err(Failure::Stale) => {}
            other => return other,
        }
    }
    Err(Failure::Stale)
}

fn laid_over(incident: &IncidentRow, change: IncidentChange) -> Result<Change, Failure> {
    let mut errors: Vec<FieldError> = Vec::new();
    let severity = word::<Severity>("severity", change.severity.as_deref(), &mut errors);
    let status = word::<Status>("status", change.status.as_deref(), &mut errors);
    let occurred_at = moment("occurred_at", change.occurred_at.as_deref(), &mut errors);
    let detected_at = change.detected_at.as_ref().map(|at| moment("detected_at", at.as_deref(), &mut errors));
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    Ok(Change {
        title: change.title.clone(),
        severity,
        status,
        note: change.note.clone(),
        impact: change.impact.clone().map(|impact| impact.over(&incident.impact)),
        occurred: occurred_at.map(|at| (at, "UTC".to_owned())),
        detected_at,
        lead: change.lead.clone().map(Option::unwrap_or_default),
        facts: facts_over(incident, change),
    })
}

/// The facts as they are to be; none when the change names none.
fn facts_over(incident: &IncidentRow, change: IncidentChange) -> Option<Facts<String>> {
    let named = change.affected_user.is_some()
        || change.affected_role.is_some()
        || change.affected_screen.is_some()
        || change.browser.is_some()
        || change.versions.is_some()
        || change.steps.is_some()
        || change.expected.is_some()
        || change.actual.is_some()
        || change.error_report.is_some()
        || change.error_report_none.is_some();
    if !named {
        return None;
    }
    let old = (*incident.facts).clone().map(|text| text.into_string());
    let versions = change.versions.unwrap_or_default();
    Some(Facts {
        affected_user: change.affected_user.unwrap_or(old.affected_user),
        affected_role: change.affected_role.unwrap_or(old.affected_role),
        affected_screen: change.affected_screen.unwrap_or(old.affected_screen),
        browser: change.browser.unwrap_or(old.browser),
        versions: Versions {
            sophmate: versions.sophmate.unwrap_or(old.versions.sophmate),
            wordpress: versions.wordpress.unwrap_or(old.versions.wordpress),
            php: versions.php.unwrap_or(old.versions.php),
            woocommerce: versions.woocommerce.unwrap_or(old.versions.woocommerce),
            theme: versions.theme.unwrap_or(old.versions.theme),
        },
        steps: change.steps.map_or(old.steps, Option::unwrap_or_default),
        expected: change.expected.unwrap_or(old.expected),
        actual: change.actual.unwrap_or(old.actual),
        // A report that comes in ends "none was shown", unless the change itself says both.
        error_report_none: change
            .error_report_none
            .unwrap_or(old.error_report_none && !matches!(change.error_report, Some(Some(_)))),
        error_report: change.error_report.unwrap_or(old.error_report),
    })
}

/// Body of `POST /api/v1/incidents/{reference}/withdrawal`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct WithdrawalBody {
    /// Why it was a mistake to declare it.
    reason: Option<String>,
}

/// `POST /api/v1/incidents/{reference}/withdrawal`: it was declared by mistake; 409 while it pauses something.
pub(in crate::web) async fn withdraw(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        let body: WithdrawalBody = json(body)?;
        withdraw_incident::run(desk, actor, &reference, &body.reason.unwrap_or_default())
    })
    .await
}
