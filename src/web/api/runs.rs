//! Runs: `/api/v1/automations/{slug}/runs`, one run, its review and its explanation, and relaxing an approval
//! requirement.

use super::run_report;
use super::{ListQuery, Listing, PersonNamed, created, found, json, json_or_nothing, word};
use crate::actions::review_run::{self, RunReview};
use crate::actions::{Failure, report_run, run_standing, sight};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::ids::RunId;
use crate::domain::person::Act;
use crate::domain::run::{ReviewPart, RunOutcome, cost_in_units};
use crate::redaction::Redacted;
use crate::store::runs::{self, RunReviewRow, RunRow};
use crate::store::{Connection, incidents};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/runs/{id}/review`: all five parts are needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunReviewBody {
    /// Do you accept the run?
    acceptable: Option<bool>,
    history: Option<String>,
    failures: Option<String>,
    cost: Option<String>,
    affected_records: Option<String>,
    audit_events: Option<String>,
}

/// Body of `POST /api/v1/runs/{id}/explanation`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplanationBody {
    explanation: Option<String>,
}

/// Body of `POST /api/v1/automations/{slug}/approval-relaxation`; it may be left away.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RelaxationBody {
    /// false takes it back; true (default) relaxes.
    relaxed: Option<bool>,
}

/// A run.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub(super) struct RunShown {
    id: String,
    automation: String,
    run_id: Option<String>,
    environment: Environment,
    outcome: RunOutcome,
    scope: RunScope,
    what: Redacted,
    why: Redacted,
    /// Currency units.
    cost: Option<f64>,
    affected_records: Option<Redacted>,
    audit_reference: Option<Redacted>,
    error: Option<RunErrorShown>,
    /// Does it lack what another operator needs?
    incomplete: bool,
    missing: Vec<String>,
    /// Was it made while the gate was closed?
    gate_closed: bool,
    ended_at: String,
    reported_at: String,
    /// Reference of the incident that it opened or belongs to.
    incident: Option<String>,
    explanation: Option<Redacted>,
    explained_by: Option<PersonNamed>,
    review: Option<RunReviewShown>,
}

/// What a failure carries.
#[derive(Serialize, ToSchema)]
#[schema(as = RunError)]
pub(super) struct RunErrorShown {
    code: Option<Redacted>,
    step: Option<Redacted>,
    input: Option<Redacted>,
    next_contact: Option<Redacted>,
}

/// The review of a run.
#[derive(Serialize, ToSchema)]
#[schema(as = RunReview)]
pub(super) struct RunReviewShown {
    acceptable: bool,
    history: Redacted,
    failures: Redacted,
    cost: Redacted,
    affected_records: Redacted,
    audit_events: Redacted,
    reviewed_by: PersonNamed,
    reviewed_at: String,
}

impl RunReviewShown {
    fn of(connection: &mut Connection, row: RunReviewRow) -> Result<Self, Failure> {
        Ok(Self {
            acceptable: row.acceptable,
            reviewed_by: PersonNamed::of(connection, &row.reviewed_by)?,
            reviewed_at: row.reviewed_at.rfc3339(),
            history: row.history,
            failures: row.failures,
            cost: row.cost,
            affected_records: row.affected_records,
            audit_events: row.audit_events,
        })
    }
}

impl RunShown {
    fn of(connection: &mut Connection, slug: &str, row: RunRow, review: Option<RunReviewRow>) -> Result<Self, Failure> {
        let incident = match &row.incident_id {
            Some(id) => Some(sight::promised(incidents::find(connection, id))?.reference),
            None => None,
        };
        let failed = row.outcome == RunOutcome::Failure;
        Ok(Self {
            id: row.id.to_string(),
            automation: slug.to_owned(),
            missing: report_run::missing(&row),
            explained_by: PersonNamed::maybe(connection, row.explained_by.as_ref())?,
            review: review.map(|review| RunReviewShown::of(connection, review)).transpose()?,
            cost: row.cost.map(cost_in_units),
            error: failed.then_some(RunErrorShown {
                code: row.error_code,
                step: row.error_step,
                input: row.error_input,
                next_contact: row.next_contact,
            }),
            ended_at: row.ended_at.rfc3339(),
            reported_at: row.reported_at.rfc3339(),
            run_id: row.client_key,
            environment: row.environment,
            outcome: row.outcome,
            scope: row.scope,
            what: row.what,
            why: row.why,
            affected_records: row.affected_records,
            audit_reference: row.audit_reference,
            incomplete: row.incomplete,
            gate_closed: row.gate_closed,
            incident,
            explanation: row.explanation,
        })
    }
}

/// `POST /api/v1/automations/{slug}/runs`: always stored, whatever the fields say, as long as it is a JSON object.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let reported = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            report_run::run(&desk, &bearer.0, &slug, run_report::read(&body)?)
        })
        .await?;
    Ok(created(&reported))
}

/// `GET /api/v1/automations/{slug}/runs`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["outcome", "environment"])?;
    query.check_id_cursor()?;
    let mut errors = Vec::new();
    let filter = runs::Filter {
        outcome: word("outcome", query.filter("outcome"), &mut errors),
        environment: word("environment", query.filter("environment"), &mut errors),
        before: query.cursor().map(RunId::from_text),
        ..runs::Filter::default()
    };
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors).into());
    }
    found(&state, move |desk| {
        desk.read(|connection| {
            let automation = sight::automation(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let more = i64::try_from(query.limit() + 1).unwrap_or(i64::MAX);
            let rows = runs::list(connection, &automation.id, &filter, more)?;
            Listing::tried(
                rows,
                query.limit(),
                |(row, _)| row.id.to_string(),
                |(row, review)| RunShown::of(connection, &automation.slug, row, review),
            )
        })
    })
    .await
}

/// `GET /api/v1/runs/{id}`.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let id = RunId::from_text(id.as_str());
            let (row, automation) = review_run::find(connection, &bearer.0, &id, Act::ReadRegistry)?;
            let review = runs::review(connection, &id)?;
            RunShown::of(connection, &automation.slug, row, review)
        })
    })
    .await
}

/// `POST /api/v1/runs/{id}/review`.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let reviewed = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: RunReviewBody = json(&body)?;
            let parts = [
                (ReviewPart::History, body.history),
                (ReviewPart::Failures, body.failures),
                (ReviewPart::Cost, body.cost),
                (ReviewPart::AffectedRecords, body.affected_records),
                (ReviewPart::AuditEvents, body.audit_events),
            ];
            let parts = parts.into_iter().filter_map(|(part, text)| Some((part, text?))).collect();
            review_run::run(&desk, &bearer.0, &id, &RunReview { acceptable: body.acceptable, parts })
        })
        .await?;
    Ok(created(&reviewed))
}

/// `POST /api/v1/runs/{id}/explanation`.
pub(in crate::web) async fn explain(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let explained = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: ExplanationBody = json(&body)?;
            review_run::explain(&desk, &bearer.0, &id, &body.explanation.unwrap_or_default())
        })
        .await?;
    Ok(created(&explained))
}

/// `POST /api/v1/automations/{slug}/approval-relaxation`: 409 with every reason.
pub(in crate::web) async fn relax(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: RelaxationBody = json_or_nothing(&body)?;
        run_standing::set_relaxed(&desk, &bearer.0, &slug, body.relaxed.unwrap_or(true))
    })
    .await
}
