//! Reviews that the cadence asks for, flags that must be escalated, and outside events.

use super::{ListQuery, Listing, PersonNamed, created, found, json, needed, page_of, word};
use crate::actions::report_change::{self, NewChange};
use crate::actions::{Failure, automation_reviews, flags, sight};
use crate::domain::cadence::{FlagKind, Occasion, OutsideChange};
use crate::domain::ids::{ChangeId, SiteId};
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::cadence::{self, AutomationReviewRow, ChangeRow, FlagRow};
use crate::store::{Connection, incidents, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/changes`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    /// provider_change, hosting_incident and plugin_update pause; model_change, prompt_change, knowledge_base_change
    /// and other are recorded.
    kind: Option<String>,
    /// Slug of the site.
    site: Option<String>,
    /// What is known of it.
    note: Option<String>,
    /// Of a provider's change: only what uses this provider, or names none, is concerned.
    provider: Option<String>,
}

/// Body of `POST /api/v1/automation-reviews/{id}/completion`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewNoteBody {
    /// What the review found.
    note: Option<String>,
}

/// Body of `POST /api/v1/flags/{id}/dismissal`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DismissalBody {
    /// Who looked at it and why it may stay so.
    reason: Option<String>,
}

/// A review of an automation.
#[derive(Serialize, ToSchema)]
#[schema(as = AutomationReview)]
pub(super) struct AutomationReviewShown {
    id: String,
    automation: String,
    occasion: Occasion,
    /// The run or the change behind it, by id; of a monthly one, its month.
    subject: Option<String>,
    opened_at: String,
    due_at: String,
    overdue: bool,
    note: Option<Redacted>,
    done_by: Option<PersonNamed>,
    done_at: Option<String>,
}

/// Something that must be escalated.
#[derive(Serialize, ToSchema)]
#[schema(as = Flag)]
pub(super) struct FlagShown {
    id: String,
    automation: String,
    kind: FlagKind,
    /// The run behind it, by id.
    subject: Option<String>,
    raised_at: String,
    dismissed_by: Option<PersonNamed>,
    dismissed_at: Option<String>,
    dismissed_because: Option<Redacted>,
}

/// An outside event.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(super) struct ChangeShown {
    id: String,
    kind: OutsideChange,
    site: String,
    note: Redacted,
    reported_at: String,
    incident: Option<String>,
    /// Slugs of what it paused.
    paused: Vec<String>,
}

/// `GET /api/v1/automations/{slug}/reviews`.
pub(in crate::web) async fn reviews(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        let now = desk.now();
        desk.read(|connection| {
            let automation = sight::automation(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let rows = cadence::reviews_of(connection, &automation.id)?;
            let id = |row: &AutomationReviewRow| row.id.to_string();
            Listing::tried(page_of(rows, &query, id), query.limit(), id, |row| {
                Ok(AutomationReviewShown {
                    id: row.id.to_string(),
                    automation: automation.slug.clone(),
                    occasion: row.occasion,
                    overdue: row.done_at.is_none() && row.due_at <= now,
                    opened_at: row.opened_at.rfc3339(),
                    due_at: row.due_at.rfc3339(),
                    done_by: PersonNamed::maybe(connection, row.done_by.as_ref())?,
                    done_at: row.done_at.map(|at| at.rfc3339()),
                    subject: row.subject,
                    note: row.note,
                })
            })
        })
    })
    .await
}

/// `POST /api/v1/automation-reviews/{id}/completion`.
pub(in crate::web) async fn complete(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: ReviewNoteBody = json(&body)?;
        automation_reviews::complete(&desk, &bearer.0, &id, &body.note.unwrap_or_default())
    })
    .await
}

/// `GET /api/v1/automations/{slug}/flags`.
pub(in crate::web) async fn list_flags(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        desk.read(|connection| {
            let automation = sight::automation(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let rows = cadence::flags_of(connection, &automation.id)?;
            let id = |row: &FlagRow| row.id.to_string();
            Listing::tried(page_of(rows, &query, id), query.limit(), id, |row| {
                Ok(FlagShown {
                    id: row.id.to_string(),
                    automation: automation.slug.clone(),
                    kind: row.kind,
                    raised_at: row.raised_at.rfc3339(),
                    dismissed_by: PersonNamed::maybe(connection, row.dismissed_by.as_ref())?,
                    dismissed_at: row.dismissed_at.map(|at| at.rfc3339()),
                    subject: row.subject,
                    dismissed_because: row.dismissed_because,
                })
            })
        })
    })
    .await
}

/// `POST /api/v1/flags/{id}/dismissal`.
pub(in crate::web) async fn dismiss(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: DismissalBody = json(&body)?;
        flags::dismiss(&desk, &bearer.0, &id, &body.reason.unwrap_or_default())
    })
    .await
}

/// `GET /api/v1/changes`: those of the asker's sites.
pub(in crate::web) async fn changes(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let on: Option<Vec<SiteId>> = match query.filter("site") {
                Some(slug) => Some(vec![sight::site(connection, &bearer.0, slug, Act::ReadRegistry)?.id]),
                None => bearer.0.sites_for(Act::ReadRegistry),
            };
            let before = query.cursor().map(ChangeId::from_text);
            let more = i64::try_from(query.limit() + 1).unwrap_or(i64::MAX);
            let rows = cadence::changes_of(connection, on.as_deref(), before.as_ref(), more)?;
            let id = |row: &ChangeRow| row.id.to_string();
            Listing::tried(rows, query.limit(), id, |row| show_change(connection, row))
        })
    })
    .await
}

fn show_change(connection: &mut Connection, row: ChangeRow) -> Result<ChangeShown, Failure> {
    let incident = match &row.incident_id {
        Some(id) => Some(sight::promised(incidents::find(connection, id))?.reference),
        None => None,
    };
    Ok(ChangeShown {
        id: row.id.to_string(),
        kind: row.kind,
        site: sight::promised(sites::find(connection, &row.site_id))?.slug,
        reported_at: row.reported_at.rfc3339(),
        paused: row.paused.to_vec(),
        note: row.note,
        incident,
    })
}

/// `POST /api/v1/changes`: answers with what it paused.
pub(in crate::web) async fn report_change(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let reported = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            sight::somewhere(&bearer.0, Act::ReportChange)?;
            let body: ChangeBody = json(&body)?;
            let mut errors = Vec::new();
            let kind = word::<OutsideChange>("kind", body.kind.as_deref(), &mut errors);
            let how = format!("Say what changed: {}.", OutsideChange::choices());
            let kind = needed("kind", kind, &how, &mut errors);
            let site = needed("site", body.site, "Name its site by the slug.", &mut errors);
            let note = needed("note", body.note, "Say in a sentence what changed.", &mut errors);
            let (Some(kind), Some(site), Some(note)) = (kind, site, note) else {
                return Err(Failure::Invalid(errors));
            };
            report_change::run(&desk, &bearer.0, NewChange { kind, site, note, provider: body.provider })
        })
        .await?;
    Ok(created(&reported))
}
