//! Generated assets: the register, the picture, approval, and the answer about using one again.

pub(in crate::web) mod around;
pub(in crate::web) mod shown;

use super::read::given;
use super::{IfMatch, ListQuery, Listing, act_once, created, found, json, json_or_nothing, versioned, word};
use crate::actions::assets::{self as acts, AssetAnswer, AssetForm};
use crate::actions::list_assets;
use crate::actions::reuse_asset::{self, ReuseAnswer};
use crate::actions::{Desk, Failure, decide_asset, sight};
use crate::domain::asset::{Answers, AssetState, ReusePart};
use crate::domain::ids::AssetId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::store::assets::{AssetRow, Filter};
use crate::store::{Connection, people};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::download::attachment;
use crate::web::failure::{ApiFailure, problem};
use crate::web::once::IdempotencyKey;
use crate::web::upload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, ETAG};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join;
use serde::Deserialize;
use shown::{AssetLine, show};
use utoipa::ToSchema;

/// Body of `PATCH /api/v1/assets/{id}`. What is left away stays; `null` empties a field.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssetRecord {
    /// File name.
    name: Option<String>,
    /// The set of variations that it belongs to.
    #[serde(default, deserialize_with = "given")]
    asset_set: Option<Option<String>>,
    /// What people read who do not see it.
    #[serde(default, deserialize_with = "given")]
    alt_text: Option<Option<String>>,
    /// The prompt, or where it comes from.
    #[serde(default, deserialize_with = "given")]
    source_note: Option<Option<String>>,
    /// What the review of its rights found.
    #[serde(default, deserialize_with = "given")]
    rights_note: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    licence: Option<Option<String>>,
    /// Address of its owner.
    #[serde(default, deserialize_with = "given")]
    owner: Option<Option<String>>,
    /// Where it is meant to stand.
    #[serde(default, deserialize_with = "given")]
    placement: Option<Option<String>>,
    /// Its campaign, or `none`.
    #[serde(default, deserialize_with = "given")]
    campaign: Option<Option<String>>,
    /// The campaign's last day.
    #[serde(default, deserialize_with = "given")]
    campaign_ends_on: Option<Option<String>>,
    /// Its own last day.
    #[serde(default, deserialize_with = "given")]
    expires_on: Option<Option<String>>,
    /// The day on which somebody looks at it again.
    #[serde(default, deserialize_with = "given")]
    review_on: Option<Option<String>>,
}

/// Body of `POST /api/v1/assets/{id}/approval`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssetApprovalBody {
    /// The version that was looked at; another one is not approved (412).
    version: Option<i32>,
}

/// Body of `POST /api/v1/assets/{id}/rejection` and `…/removal`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssetReasonBody {
    /// Why, in a sentence.
    reason: Option<String>,
}

/// Body of `POST /api/v1/assets/{id}/reuse-decisions`. True says that it holds; all five are needed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReuseDecisionBody {
    /// It shows the product as it is sold now.
    product_accuracy: Option<bool>,
    /// Its campaign fits this use.
    campaign: Option<bool>,
    /// It fits the brand as it is now.
    brand_fit: Option<bool>,
    /// Its licence and rights cover this use.
    licence: Option<bool>,
    /// It implies no claim or offer that no longer holds.
    current_claims: Option<bool>,
    /// For which use, and what was looked at.
    note: Option<String>,
}

/// `GET /api/v1/assets`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site", "state", "campaign", "asset_set", "reusable"])?;
    query.check_id_cursor()?;
    let mut errors = Vec::new();
    let wanted = word::<AssetState>("state", query.filter("state"), &mut errors);
    let reusable = match query.filter("reusable") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            errors.push(FieldError::new("reusable", "Use true or false."));
            false
        }
    };
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors).into());
    }
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        let named = |name: &str| acts::as_stored(desk, query.filter(name));
        let (campaign, asset_set) = (named("campaign")?, named("asset_set")?);
        desk.read(|connection| {
            let site = match query.filter("site") {
                Some(slug) => Some(sight::site(connection, &bearer.0, slug, Act::ReadRegistry)?.id),
                None => None,
            };
            let filter = Filter {
                sites: bearer.0.sites_for(Act::ReadRegistry),
                site,
                state: wanted,
                campaign,
                asset_set,
                before: query.cursor().map(AssetId::from_text),
                after: None,
            };
            let rows = list_assets::page(desk, connection, filter, reusable, query.limit() + 1)?;
            let id = |(row, _): &(AssetRow, _)| row.id.to_string();
            Listing::tried(rows, query.limit(), id, |(row, standing)| AssetLine::of(connection, row, &standing))
        })
    })
    .await
}

/// `GET /api/v1/assets/{id}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = acts::find(connection, &bearer.0, &id, Act::ReadRegistry)?;
                show(desk, connection, row)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `POST /api/v1/assets?site=SLUG&name=FILE`: the raw body.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
    key: IdempotencyKey,
    body: web::Payload,
) -> Result<HttpResponse, ApiFailure> {
    sight::somewhere(&bearer.0, Act::WriteAsset)?;
    let (site, name) = named(&request)?;
    refuse_announced_size(&request, state.desk.limits.asset_bytes)?;
    let (sender, mut reader) = upload::pipe();
    let bringing = state.run(move |desk| {
        let desk = key.streaming_desk(desk, &bearer.0, 201);
        acts::upload(&desk, &bearer.0, &site, &name, &mut reader)
    });
    let (made, ()) = join(bringing, sender.send_all(body)).await;
    Ok(created(&made?))
}

fn named(request: &HttpRequest) -> Result<(String, String), Failure> {
    let (mut site, mut name, mut errors) = (None, None, Vec::new());
    for (field, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match field.as_ref() {
            _ if value.contains('\0') => {
                errors.push(FieldError::new(field, "This holds a NUL character. Take it out."));
            }
            "site" => site = Some(value.into_owned()),
            "name" => name = Some(value.into_owned()),
            field => errors.push(FieldError::new(field, "An asset takes ?site=SLUG&name=FILE and nothing else.")),
        }
    }
    let mut filled = |field: &str, value: Option<String>, how: &str| {
        let value = value.filter(|value| !value.trim().is_empty());
        if value.is_none() {
            errors.push(FieldError::new(field, how));
        }
        value
    };
    let site = filled("site", site, "Name its site by the slug: ?site=shop-north");
    let name = filled("name", name, "Give the file's name: ?name=winter-tea-gift-box.png");
    match (site, name, errors.is_empty()) {
        (Some(site), Some(name), true) => Ok((site, name)),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// A body that says it is too large is refused before it is sent.
fn refuse_announced_size(request: &HttpRequest, most: u64) -> Result<(), Failure> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|size| size > most) { Err(acts::too_large(most)) } else { Ok(()) }
}

/// `PATCH /api/v1/assets/{id}`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    if_match: IfMatch,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let changed = state.run(move |desk| patch(desk, &bearer.0, &id, &if_match, &body)).await?;
    Ok(versioned(changed.version, &changed))
}

/// How often a change without `If-Match` is laid over again when somebody else was faster.
const ROUNDS: usize = 5;

fn patch(desk: &Desk, actor: &Actor, id: &str, if_match: &IfMatch, body: &[u8]) -> Result<AssetAnswer, Failure> {
    for _ in 0..ROUNDS {
        let (row, owner) = desk.read(|connection| {
            let row = acts::find(connection, actor, id, Act::WriteAsset)?;
            let owner = owner_of(connection, &row)?;
            Ok::<_, Failure>((row, owner))
        })?;
        if_match.admit(row.version)?;
        let version = row.version;
        match acts::change(desk, actor, id, Some(version), laid_over(row, owner, json(body)?)) {
            Err(Failure::Stale) => {}
            other => return other,
        }
    }
    Err(Failure::Stale)
}

fn owner_of(connection: &mut Connection, row: &AssetRow) -> Result<Option<String>, Failure> {
    match &row.owner_id {
        Some(id) => Ok(Some(sight::promised(people::find(connection, id))?.email)),
        None => Ok(None),
    }
}

fn laid_over(row: AssetRow, owner: Option<String>, record: AssetRecord) -> AssetForm {
    let text = |kept: Option<crate::redaction::Redacted>| kept.map(crate::redaction::Redacted::into_string);
    AssetForm {
        name: record.name.unwrap_or(row.name.into_string()),
        asset_set: record.asset_set.unwrap_or(text(row.asset_set)),
        alt_text: record.alt_text.unwrap_or(text(row.alt_text)),
        source_note: record.source_note.unwrap_or(text(row.source_note)),
        rights_note: record.rights_note.unwrap_or(text(row.rights_note)),
        licence: record.licence.unwrap_or(text(row.licence)),
        owner: record.owner.unwrap_or(owner),
        placement: record.placement.unwrap_or(text(row.placement)),
        campaign: record.campaign.unwrap_or(text(row.campaign)),
        campaign_ends_on: record.campaign_ends_on.unwrap_or(row.campaign_ends_on),
        expires_on: record.expires_on.unwrap_or(row.expires_on),
        review_on: record.review_on.unwrap_or(row.review_on),
    }
}

/// `GET /api/v1/assets/{id}/file`.
pub(in crate::web) async fn file(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    picture(&state, bearer, &id, false).await
}

/// `GET /api/v1/assets/{id}/thumbnail`.
pub(in crate::web) async fn thumbnail(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    picture(&state, bearer, &id, true).await
}

/// Pixels, with their own type, as a download, and with nothing that could be run: whatever came in, no page comes out.
async fn picture(state: &State, bearer: Bearer, id: &str, small: bool) -> Result<HttpResponse, ApiFailure> {
    let id = id.to_owned();
    let (row, bytes) = state
        .run(move |desk| {
            let row = desk.read(|connection| acts::find(connection, &bearer.0, &id, Act::ReadRegistry))?;
            let bytes = acts::read_picture(desk, &row, small)?;
            Ok((row, bytes))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    if !small {
        response.insert_header((ETAG, format!("\"{}\"", row.sha256)));
    }
    Ok(response
        .content_type("image/png")
        .insert_header((CONTENT_DISPOSITION, attachment(&shown::png_name(row.name.as_str()))))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'"))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .body(bytes))
}

/// `POST /api/v1/assets/{id}/approval`: 409 with everything that is missing.
pub(in crate::web) async fn approve(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &id, Act::ApproveAsset))?;
        let body: AssetApprovalBody = json_or_nothing(body)?;
        decide_asset::approve(desk, actor, &id, body.version)
    })
    .await
}

/// `POST /api/v1/assets/{id}/rejection`.
pub(in crate::web) async fn reject(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &id, Act::ApproveAsset))?;
        let body: AssetReasonBody = json_or_nothing(body)?;
        decide_asset::reject(desk, actor, &id, &body.reason.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/assets/{id}/removal`.
pub(in crate::web) async fn remove(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &id, Act::ApproveAsset))?;
        let body: AssetReasonBody = json_or_nothing(body)?;
        decide_asset::remove(desk, actor, &id, &body.reason.unwrap_or_default())
    })
    .await
}

/// `GET /api/v1/assets/{id}/reuse`: 200 only while all holds, else 423 with every reason.
pub(in crate::web) async fn reuse(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let answer = state.run(move |desk| desk.read(|c| reuse_asset::ask(desk, c, &bearer.0, &id))).await?;
    Ok(match answer {
        ReuseAnswer::Open(open) => HttpResponse::Ok().json(open),
        ReuseAnswer::Closed(closed) => {
            let detail = "This asset must not be used again now. The reasons say who can settle each.";
            problem(StatusCode::LOCKED, "Reuse is refused", detail, serde_json::json!(closed))
        }
    })
}

/// `POST /api/v1/assets/{id}/reuse-decisions`.
pub(in crate::web) async fn decide(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &id, Act::ApproveAsset))?;
        let body: ReuseDecisionBody = json_or_nothing(body)?;
        let given = [body.product_accuracy, body.campaign, body.brand_fit, body.licence, body.current_claims];
        let answers = answers(given)?;
        reuse_asset::decide(desk, actor, &id, answers, &body.note.unwrap_or_default())
    })
    .await
}

/// The five answers, in the order of the questions; what is not answered is named.
pub(in crate::web) fn answers(given: [Option<bool>; ReusePart::ALL.len()]) -> Result<Answers, Failure> {
    let [Some(product_accuracy), Some(campaign), Some(brand_fit), Some(licence), Some(current_claims)] = given else {
        let unanswered = ReusePart::ALL.iter().zip(given).filter(|(_, answer)| answer.is_none());
        let errors = unanswered.map(|(part, _)| FieldError::new(part.as_str(), format!("Answer: {}", part.question())));
        return Err(Failure::Invalid(errors.collect()));
    };
    Ok(Answers { product_accuracy, campaign, brand_fit, licence, current_claims })
}
