//! `/assets/changes`: what changed around assets, and what waits for a review because of it. `/assets/placements`: from
//! where assets must go.

use super::compose::is_link;
use crate::actions::asset_changes::{self, NewAssetChange};
use crate::actions::sight::promised;
use crate::actions::{Desk, Failure, asset_placements};
use crate::domain::asset::{AssetState, ReviewCause};
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::{Connection, asset_reviews, assets, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{ByAt, Choice, HintedChoice, Names, capital, site_choices, sites_for, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Changes {
    kinds: Vec<HintedChoice>,
    sites: Vec<Choice>,
    campaigns: Vec<String>,
    sets: Vec<String>,
    changes: Vec<ChangeShown>,
    older: Option<String>,
    may_report: bool,
}

#[derive(Serialize)]
struct ChangeShown {
    kind: String,
    site_name: String,
    campaign: Option<String>,
    asset_set: Option<String>,
    note: String,
    reported: ByAt,
    assets: Vec<Linked>,
    waiting: usize,
}

#[derive(Serialize)]
struct Linked {
    id: String,
    name: String,
    waits: bool,
}

/// Changes on a page.
const PAGE: usize = 30;

/// Where a list goes on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Query {
    cursor: Option<String>,
}

/// `GET /assets/changes`.
pub(in crate::web) async fn changes(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    show_changes(&state, &request, &signed, query.into_inner().cursor, Map::new(), Vec::new()).await
}

/// `POST /assets/changes`.
pub(in crate::web) async fn report(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReportChange)?;
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let kind = ReviewCause::parse(typed.text("kind")).filter(|kind| kind.is_change());
            let kind = kind.ok_or_else(|| Failure::field("kind", "Choose what changed."))?;
            let new = NewAssetChange {
                kind,
                site: typed.text("site").to_owned(),
                campaign: typed.optional("campaign"),
                asset_set: typed.optional("asset_set"),
                note: typed.text("note").to_owned(),
            };
            asset_changes::report(&once::for_form(desk, &path, &actor, &typed.once()), &actor, new)
        })
        .await;
    match outcome {
        Ok(done) => {
            let count = done.blocked.len();
            let said = match count {
                0 => "It is on record. No asset is linked to it.".to_owned(),
                1 => "It is on record. One asset is blocked until somebody has reviewed it.".to_owned(),
                count => format!("It is on record. {count} assets are blocked until somebody has reviewed them."),
            };
            Ok(go(&state, "/assets/changes", "success", &said))
        }
        Err(Failure::Repeated { .. }) => Ok(go(&state, "/assets/changes", "success", "It is on record.")),
        Err(Failure::Invalid(errors)) => {
            let errors = fields.in_order(errors);
            show_changes(&state, &request, &signed, None, fields.values(&[]), errors).await
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn show_changes(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    cursor: Option<String>,
    values: Map<String, Value>,
    errors: Vec<crate::domain::problem::FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|c| compose_changes(c, &actor, cursor.as_deref()))).await?;
    Page::new(request, state, signed, "Changes around assets")
        .values(values)
        .errors(errors)
        .render("assets/changes.html", &context)
}

fn compose_changes(c: &mut Connection, actor: &Actor, cursor: Option<&str>) -> Result<Changes, Failure> {
    let theirs = actor.sites_for(Act::ReadRegistry);
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = asset_reviews::changes(c, theirs.as_deref(), cursor, limit)?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let older = rows.last().filter(|_| more).map(|row| format!("/assets/changes?cursor={}", row.id));
    let mut names = Names::default();
    let mut changes = Vec::new();
    for row in rows {
        let site = promised(sites::find(c, &row.site_id))?;
        let mut linked = Vec::new();
        for review in asset_reviews::of_change(c, &row.id)? {
            let asset = promised(assets::find(c, &review.asset_id))?;
            linked.push(Linked {
                id: asset.id.to_string(),
                name: asset.name.into_string(),
                waits: review.reviewed_at.is_none(),
            });
        }
        changes.push(ChangeShown {
            kind: capital(&row.kind.label()),
            campaign: row.campaign.map(Redacted::into_string),
            asset_set: row.asset_set.map(Redacted::into_string),
            note: row.note.into_string(),
            reported: ByAt { by: names.actor(c, &row.reported_by)?, at: time(row.reported_at, &site.time_zone) },
            waiting: linked.iter().filter(|one| one.waits).count(),
            assets: linked,
            site_name: site.name,
        });
    }
    let (campaigns, sets) = assets::names(c, theirs.as_deref())?;
    let words = |texts: Vec<Redacted>| texts.into_iter().map(Redacted::into_string).collect();
    Ok(Changes {
        kinds: ReviewCause::changes().into_iter().map(choice).collect(),
        sites: site_choices(&sites_for(c, actor, Act::ReportChange)?),
        campaigns: words(campaigns),
        sets: words(sets),
        changes,
        older,
        may_report: actor.may_somewhere(Act::ReportChange),
    })
}

fn choice(kind: ReviewCause) -> HintedChoice {
    let hint = match kind {
        ReviewCause::OfferChange => "A price, a discount, a bundle, or what is said about it.",
        ReviewCause::PackagingChange => "The product looks otherwise, or comes in something else.",
        ReviewCause::SeasonChange => "A season is over, or another one begins.",
        ReviewCause::BrandChange => "Logo, colours, tone, or the direction of the brand.",
        ReviewCause::ReviewDate => "",
    };
    HintedChoice::new(kind.as_str(), capital(&kind.label()), hint)
}

#[derive(Serialize)]
struct ToClean {
    placements: Vec<Standing>,
    may_clean: bool,
}

#[derive(Serialize)]
struct Standing {
    id: String,
    asset: String,
    name: String,
    state: AssetState,
    site_name: String,
    place: String,
    is_link: bool,
    noted: ByAt,
}

/// `GET /assets/placements`.
pub(in crate::web) async fn placements(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|c| compose_placements(desk, c, &actor))).await?;
    Page::new(&request, &state, &signed, "Places to clean").render("assets/placements.html", &context)
}

fn compose_placements(desk: &Desk, c: &mut Connection, actor: &Actor) -> Result<ToClean, Failure> {
    let mut names = Names::default();
    let mut placements = Vec::new();
    for (placement, asset) in asset_placements::to_clean(desk, c, actor)? {
        let site = promised(sites::find(c, &asset.site_id))?;
        placements.push(Standing {
            id: placement.id.to_string(),
            asset: asset.id.to_string(),
            name: asset.name.into_string(),
            state: asset.state,
            is_link: is_link(placement.place.as_str()),
            place: placement.place.into_string(),
            noted: ByAt { by: names.person(c, &placement.noted_by)?, at: time(placement.noted_at, &site.time_zone) },
            site_name: site.name,
        });
    }
    Ok(ToClean { placements, may_clean: actor.may_somewhere(Act::WriteAsset) })
}
