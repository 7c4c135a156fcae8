//! The review of an incident: `PUT` and `GET /api/v1/incidents/{reference}/review`, and the looks of the cadence.

use super::{IfMatch, ListQuery, Listing, PersonNamed, found, json, needed, versioned, word};
use crate::actions::write_review::{self, ReviewForm};
use crate::actions::{Failure, readiness, review_points, sight};
use crate::domain::person::Act;
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::{self, ChangeKind, Point};
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::incidents::IncidentRow;
use crate::store::reviews::{self, PointRow, ReviewRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `PUT /api/v1/incidents/{reference}/review`. What is left away is empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[derive(Default)]
pub(super) struct ReviewBody {
    root_cause: Option<String>,
    detection_gaps: Option<String>,
    missing_evidence: Option<String>,
    safeguards_worked: Option<String>,
    safeguards_failed: Option<String>,
    documented_change: Option<ChangeBody>,
}

/// What was changed and documented.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    kind: Option<String>,
    link: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Body of `POST /api/v1/incidents/{reference}/review-points`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PointBody {
    point: Option<String>,
}

/// A review.
#[derive(Serialize, ToSchema)]
pub(super) struct ReviewShown {
    reference: String,
    root_cause: Option<Redacted>,
    detection_gaps: Option<Redacted>,
    missing_evidence: Option<Redacted>,
    safeguards_worked: Option<Redacted>,
    safeguards_failed: Option<Redacted>,
    documented_change: ChangeShown,
    written_by: Option<PersonNamed>,
    written_at: Option<String>,
    /// What it still lacks.
    missing: Vec<Reason>,
    /// 0 while nobody has written it.
    version: i32,
}

/// The documented change.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct ChangeShown {
    kind: Option<ChangeKind>,
    link: Option<Redacted>,
    before: Option<Redacted>,
    after: Option<Redacted>,
}

/// A look.
#[derive(Serialize, ToSchema)]
pub(super) struct PointShown {
    point: Point,
    /// Since when it is asked for.
    since: String,
    done_by: Option<PersonNamed>,
    done_at: Option<String>,
}

impl PointShown {
    fn of(connection: &mut Connection, row: PointRow) -> Result<Self, Failure> {
        Ok(Self {
            point: row.point,
            since: row.since.rfc3339(),
            done_by: PersonNamed::maybe(connection, row.done_by.as_ref())?,
            done_at: row.done_at.map(|at| at.rfc3339()),
        })
    }
}

impl ReviewShown {
    fn of(connection: &mut Connection, incident: &IncidentRow) -> Result<Self, Failure> {
        let standing = readiness::gather(connection, incident)?;
        let shown = Self {
            reference: incident.reference.clone(),
            root_cause: None,
            detection_gaps: None,
            missing_evidence: None,
            safeguards_worked: None,
            safeguards_failed: None,
            documented_change: ChangeShown::default(),
            written_by: None,
            written_at: None,
            missing: review::review_reasons(&standing.readiness),
            version: 0,
        };
        let Some(row) = reviews::find(connection, &incident.id)? else { return Ok(shown) };
        let written_by = PersonNamed::of(connection, &row.written_by)?;
        Ok(shown.filled(row, written_by))
    }

    fn filled(self, row: ReviewRow, written_by: PersonNamed) -> Self {
        Self {
            root_cause: row.root_cause,
            detection_gaps: row.detection_gaps,
            missing_evidence: row.missing_evidence,
            safeguards_worked: row.safeguards_worked,
            safeguards_failed: row.safeguards_failed,
            documented_change: ChangeShown {
                kind: row.change_kind,
                link: row.change_link,
                before: row.change_before,
                after: row.change_after,
            },
            written_by: Some(written_by),
            written_at: Some(row.written_at.rfc3339()),
            version: row.version,
            ..self
        }
    }
}

/// `PUT /api/v1/incidents/{reference}/review`. It may be saved unfinished; `missing` says what it still lacks.
pub(in crate::web) async fn put(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    if_match: IfMatch,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let reviewed = state
        .run(move |desk| {
            let form = form(json(&body)?)?;
            let version = desk.read(|connection| {
                let case = sight::case(connection, &bearer.0, &reference, Act::WriteReview)?;
                Ok(reviews::find(connection, &case.incident.id)?.map_or(0, |row| row.version))
            })?;
            if_match.admit(version)?;
            let expected = if_match.names_versions().then_some(version);
            write_review::run(desk, &bearer.0, &reference, expected, form).map_err(on_the_wire)
        })
        .await?;
    Ok(versioned(reviewed.version, &reviewed))
}

fn form(body: ReviewBody) -> Result<ReviewForm, Failure> {
    let mut errors = Vec::new();
    let change = body.documented_change.unwrap_or_default();
    let change_kind = word::<ChangeKind>("documented_change.kind", change.kind.as_deref(), &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    Ok(ReviewForm {
        root_cause: body.root_cause.unwrap_or_default(),
        detection_gaps: body.detection_gaps.unwrap_or_default(),
        missing_evidence: body.missing_evidence.unwrap_or_default(),
        safeguards_worked: body.safeguards_worked.unwrap_or_default(),
        safeguards_failed: body.safeguards_failed.unwrap_or_default(),
        change_kind,
        change_link: change.link.unwrap_or_default(),
        change_before: change.before.unwrap_or_default(),
        change_after: change.after.unwrap_or_default(),
    })
}

/// Errors name the fields as this body has them; forms have them flat.
fn on_the_wire(failure: Failure) -> Failure {
    let Failure::Invalid(errors) = failure else { return failure };
    let renamed = |error: FieldError| match error.field.strip_prefix("change_") {
        Some(part) => FieldError::new(format!("documented_change.{part}"), error.message),
        None => error,
    };
    Failure::Invalid(errors.into_iter().map(renamed).collect())
}

/// `GET /api/v1/incidents/{reference}/review`; with version 0 while nobody has written it.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let case = sight::case(connection, &bearer.0, &reference, Act::ReadIncidents)?;
                ReviewShown::of(connection, &case.incident)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `POST /api/v1/incidents/{reference}/review-points`: somebody looked.
pub(in crate::web) async fn look(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        review_points::look(&desk, &bearer.0, &reference, point(&json(&body)?)?)
    })
    .await
}

fn point(body: &PointBody) -> Result<Point, Failure> {
    let mut errors = Vec::new();
    let point = word::<Point>("point", body.point.as_deref(), &mut errors);
    let point = needed("point", point, "Name one of: reported, before_contact, after_recovery.", &mut errors);
    point.ok_or(Failure::Invalid(errors))
}

/// `GET /api/v1/incidents/{reference}/review-points`: the looks that are asked for, in their order.
pub(in crate::web) async fn points(
    state: web::Data<State>,
    bearer: Bearer,
    reference: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        desk.read(|connection| {
            let case = sight::case(connection, &bearer.0, &reference, Act::ReadIncidents)?;
            let mut rows = reviews::points(connection, &case.incident.id)?;
            if let Some(cursor) = query.cursor() {
                rows.retain(|row| row.id.as_str() > cursor);
            }
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| PointShown::of(connection, row))
        })
    })
    .await
}
