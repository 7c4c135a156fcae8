//! The roll-out of a site, what shows that it is ready, its set-up, its diagnostics, and roles given without training.

use super::{ListQuery, Listing, PersonNamed, act_once, found, json, json_or_nothing, needed, page_of, word};
use crate::actions::{Failure, roll_out, set_up_site, sight};
use crate::domain::operator::{ReadinessItem, SetupRecord};
use crate::domain::person::{Act, Role};
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::rollouts::{self, WaiverRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::api::practice_runs::Nothing;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/sites/{slug}/readiness`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadinessBody {
    /// outbound_https, backup_restored, mail_round_trip or support_route.
    item: Option<String>,
    /// What can be looked up: an address, a backup with its day, a mail's subject with its day, a ticket.
    reference: Option<String>,
    /// What was tried, when, and what came back.
    evidence: Option<String>,
}

/// Body of `POST /api/v1/sites/{slug}/setups`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetupBody {
    /// The steps, so that somebody else can repeat them.
    steps: Option<String>,
}

/// Body of `POST /api/v1/setups/{id}/signature`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignatureBody {
    /// What was repeated, and what the record lacked.
    repeated: Option<String>,
}

/// Body of `POST /api/v1/waivers/{id}/acknowledgement`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverBody {
    /// Why the role stands, or what was done about it.
    note: Option<String>,
}

/// Where the set-up of a site stands.
#[derive(Serialize, ToSchema)]
#[schema(as = SiteSetup)]
pub(super) struct SetupShown {
    site: String,
    /// What the site's record says; null while a field is missing.
    record: Option<SetupRecord>,
    /// The newest proof of each item.
    readiness: Vec<ProofShown>,
    /// Newest first.
    setups: Vec<WrittenSetup>,
    /// Did a second administrator repeat it as the record is now?
    repeated: bool,
    /// What keeps it from being written down.
    reasons: Vec<Reason>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReadinessProof)]
struct ProofShown {
    id: String,
    item: ReadinessItem,
    reference: Redacted,
    evidence: Redacted,
    shown_by: PersonNamed,
    shown_at: String,
}

#[derive(Serialize, ToSchema)]
struct WrittenSetup {
    id: String,
    record: SetupRecord,
    steps: Redacted,
    recorded_by: PersonNamed,
    recorded_at: String,
    repeated: Option<Redacted>,
    signed_by: Option<PersonNamed>,
    signed_at: Option<String>,
}

/// The roll-out of a site.
#[derive(Serialize, ToSchema)]
#[schema(as = Rollout)]
pub(super) struct RolloutShown {
    site: String,
    /// Null: it has not begun.
    started_at: Option<String>,
    /// Until when people who were there already have to learn.
    due_at: Option<String>,
}

/// A role that was given without training.
#[derive(Serialize, ToSchema)]
#[schema(as = Waiver)]
pub(super) struct WaiverShown {
    id: String,
    person: PersonNamed,
    role: Role,
    site: Option<String>,
    /// Codes of what was lacking.
    lacked: String,
    granted_by: String,
    granted_at: String,
    note: Option<Redacted>,
    acknowledged_by: Option<PersonNamed>,
    acknowledged_at: Option<String>,
}

/// `GET /api/v1/sites/{slug}/rollout`.
pub(in crate::web) async fn rollout(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let site = sight::site(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let started = rollouts::of_site(connection, &site.id)?.map(|row| row.started_at);
            let days = chrono::Duration::days(desk.limits.training_days);
            Ok(RolloutShown {
                site: site.slug,
                started_at: started.map(|at| at.rfc3339()),
                due_at: started.map(|at| at.plus(days).rfc3339()),
            })
        })
    })
    .await
}

/// `POST /api/v1/sites/{slug}/rollout`: from now on roles there ask for training.
pub(in crate::web) async fn start(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| sight::site(connection, actor, &slug, Act::ManageRegistry))?;
        json_or_nothing::<Nothing>(body)?;
        roll_out::start(desk, actor, &slug)
    })
    .await
}

/// `GET /api/v1/sites/{slug}/setup`.
pub(in crate::web) async fn setup(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            let site = sight::site(connection, &bearer.0, &slug, Act::ReadRegistry)?;
            let mut readiness: Vec<ProofShown> = Vec::new();
            for row in rollouts::proofs(connection, &site.id)? {
                if readiness.iter().any(|proof| proof.item == row.item) {
                    continue;
                }
                readiness.push(ProofShown {
                    id: row.id.to_string(),
                    item: row.item,
                    reference: row.reference,
                    evidence: row.evidence,
                    shown_by: PersonNamed::of(connection, &row.shown_by)?,
                    shown_at: row.shown_at.rfc3339(),
                });
            }
            Ok(SetupShown {
                record: set_up_site::record_of(&site).ok(),
                readiness,
                setups: setups(connection, &site)?,
                repeated: set_up_site::is_repeated(connection, &site)?,
                reasons: set_up_site::setup_reasons(connection, &site)?,
                site: site.slug,
            })
        })
    })
    .await
}

fn setups(connection: &mut Connection, site: &sites::SiteRow) -> Result<Vec<WrittenSetup>, Failure> {
    let mut shown = Vec::new();
    for row in rollouts::setups(connection, &site.id)? {
        shown.push(WrittenSetup {
            id: row.id.to_string(),
            record: row.record.into_inner(),
            steps: row.steps,
            recorded_by: PersonNamed::of(connection, &row.recorded_by)?,
            recorded_at: row.recorded_at.rfc3339(),
            repeated: row.repeated,
            signed_by: PersonNamed::maybe(connection, row.signed_by.as_ref())?,
            signed_at: row.signed_at.map(|at| at.rfc3339()),
        });
    }
    Ok(shown)
}

/// `POST /api/v1/sites/{slug}/readiness`.
pub(in crate::web) async fn prove(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| sight::site(connection, actor, &slug, Act::ManageRegistry))?;
        let body: ReadinessBody = json(body)?;
        let mut errors = Vec::new();
        let item = word::<ReadinessItem>("item", body.item.as_deref(), &mut errors);
        let Some(item) = needed("item", item, "Say what is shown.", &mut errors) else {
            return Err(Failure::Invalid(errors));
        };
        let (reference, evidence) = (body.reference.unwrap_or_default(), body.evidence.unwrap_or_default());
        set_up_site::prove(desk, actor, &slug, item, &reference, &evidence)
    })
    .await
}

/// `POST /api/v1/sites/{slug}/setups`.
pub(in crate::web) async fn write_down(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| sight::site(connection, actor, &slug, Act::ManageRegistry))?;
        let body: SetupBody = json(body)?;
        set_up_site::write_down(desk, actor, &slug, &body.steps.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/setups/{id}/signature`.
pub(in crate::web) async fn sign(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| set_up_site::signs(connection, actor, &id))?;
        let body: SignatureBody = json(body)?;
        set_up_site::sign(desk, actor, &id, &body.repeated.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/sites/{slug}/diagnostics`.
pub(in crate::web) async fn diagnostics(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| sight::site(connection, actor, &slug, Act::ReadRegistry))?;
        json_or_nothing::<Nothing>(body)?;
        set_up_site::fetch_diagnostics(desk, actor, &slug)
    })
    .await
}

fn waiver(connection: &mut Connection, row: WaiverRow) -> Result<WaiverShown, Failure> {
    let site = match &row.site_id {
        Some(site) => Some(sight::promised(sites::find(connection, site))?.slug),
        None => None,
    };
    Ok(WaiverShown {
        id: row.id.to_string(),
        person: PersonNamed::of(connection, &row.person_id)?,
        role: row.role,
        site,
        lacked: row.lacked,
        granted_by: row.granted_by,
        granted_at: row.granted_at.rfc3339(),
        note: row.note,
        acknowledged_by: PersonNamed::maybe(connection, row.acknowledged_by.as_ref())?,
        acknowledged_at: row.acknowledged_at.map(|at| at.rfc3339()),
    })
}

/// `GET /api/v1/waivers`.
pub(in crate::web) async fn waivers(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["open"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::everywhere(&bearer.0, Act::ManagePeople)?;
        desk.read(|connection| {
            let mut rows = rollouts::waivers(connection)?;
            let open = query.filter("open");
            rows.retain(|row| open.is_none_or(|open| (open == "true") == row.acknowledged_at.is_none()));
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| waiver(connection, row))
        })
    })
    .await
}

/// `POST /api/v1/waivers/{id}/acknowledgement`.
pub(in crate::web) async fn acknowledge_waiver(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| roll_out::noted(connection, actor, &id))?;
        let body: WaiverBody = json(body)?;
        roll_out::acknowledge_waiver(desk, actor, &id, &body.note.unwrap_or_default())
    })
    .await
}
