//! `GET /api/v1/incidents`: those that the asker may see, newest first.

use crate::actions::{Failure, sight};
use crate::domain::ids::IncidentId;
use crate::domain::incident::{Severity, Status};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::search::Wanted;
use crate::redaction::Redacted;
use crate::store::incidents::{self, Filter, IncidentRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::api::found;
use crate::web::api::{ListQuery, Listing, word};
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// An incident in a list.
#[derive(Serialize, ToSchema)]
pub(in crate::web::api) struct IncidentLine {
    reference: String,
    title: Redacted,
    status: Status,
    severity: Severity,
    /// Slug of the site.
    site: String,
    occurred_at: String,
    reported_at: String,
    closed_at: Option<String>,
    version: i32,
}

/// Lists.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["status", "severity", "site", "q"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| desk.read(|connection| page(connection, &bearer.0, &query))).await
}

fn page(connection: &mut Connection, actor: &Actor, query: &ListQuery) -> Result<Listing<IncidentLine>, Failure> {
    if !actor.may_somewhere(Act::ReadIncidents) && !actor.may_somewhere(Act::FileIncident) {
        return Err(sight::forbidden(Act::ReadIncidents));
    }
    let filter = filter(connection, actor, query)?;
    let limit = query.limit();
    let rows = incidents::list(connection, &filter, i64::try_from(limit + 1).unwrap_or(i64::MAX))?;
    let slugs = sites::list(connection)?;
    let slug = |row: &IncidentRow| slugs.iter().find(|site| site.id == row.site_id).map(|site| site.slug.clone());
    Ok(Listing::of(
        rows,
        limit,
        |row| row.id.to_string(),
        |row| IncidentLine {
            site: slug(&row).unwrap_or_default(),
            reference: row.reference,
            title: row.title,
            status: row.status,
            severity: row.severity,
            occurred_at: row.occurred_at.rfc3339(),
            reported_at: row.reported_at.rfc3339(),
            closed_at: row.closed_at.map(|at| at.rfc3339()),
            version: row.version,
        },
    ))
}

fn filter(connection: &mut Connection, actor: &Actor, query: &ListQuery) -> Result<Filter, Failure> {
    let mut errors = Vec::new();
    let status = word::<Status>("status", query.filter("status"), &mut errors);
    let severity = word::<Severity>("severity", query.filter("severity"), &mut errors);
    let wanted = query.filter("q").and_then(Wanted::typed);
    if query.filter("q").is_some() && wanted.is_none() {
        errors.push(FieldError::new("q", "Type a word: a search looks for letters and digits. Or leave q away."));
    }
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let site = match query.filter("site") {
        None => None,
        Some(slug) => match sites::by_slug(connection, slug)? {
            Some(site) if actor.belongs_to(&site.id) => Some(site.id),
            _ => return Err(Failure::field("site", "There is no such site, or it is not yours to see.")),
        },
    };
    let before = query.cursor().map(IncidentId::from_text);
    Ok(Filter { status, severity, site, wanted, before, ..sight::visible(actor) })
}
