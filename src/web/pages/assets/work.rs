//! The forms on an asset's page.

use super::show::render;
use crate::actions::asset_changes::{self, AssetReview};
use crate::actions::{Desk, Failure, asset_placements, assets as acts, decide_asset, reuse_asset};
use crate::domain::asset::{ReusePart, ReviewOutcome};
use crate::domain::person::{Act, Actor};
use crate::store::Connection;
use crate::store::assets::AssetRow;
use crate::web::State;
use crate::web::api::assets::answers;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::go;
use crate::web::press::{Again, press};
use actix_web::{HttpRequest, HttpResponse, web};

type Press = fn(&Desk, &Actor, &str, &Fields) -> Result<(), Failure>;

/// Does the act that the last part of the address names.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, what) = path.into_inner();
    let Some((said, act)) = form(&what) else { return Err(Failure::NotFound.into()) };
    let named = id.clone();
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| act(desk, actor, &named, fields);
    let again = press(&state, &request, &signed, &fields, &what, seen(&id), act).await?;
    answer(&state, &request, &signed, id, said, again).await
}

/// What each form says afterwards, and what it does.
fn form(what: &str) -> Option<(&'static str, Press)> {
    Some(match what {
        "approval" => ("It is approved.", |desk, actor, id, fields| {
            decide_asset::approve(desk, actor, id, fields.version()).map(drop)
        }),
        "rejection" => ("It is rejected, and removed on schedule.", |desk, actor, id, fields| {
            decide_asset::reject(desk, actor, id, fields.text("reason")).map(drop)
        }),
        "removal" => ("It is removed. Its row and hash stay.", |desk, actor, id, fields| {
            decide_asset::remove(desk, actor, id, fields.text("reason")).map(drop)
        }),
        "reuse-decisions" => ("The five questions are answered. What follows from it stands below.", decide),
        "placements" => ("It is noted where it stands.", |desk, actor, id, fields| {
            asset_placements::note(desk, actor, id, fields.text("place")).map(drop)
        }),
        _ => return None,
    })
}

fn decide(desk: &Desk, actor: &Actor, id: &str, fields: &Fields) -> Result<(), Failure> {
    let given: Vec<Option<bool>> = ReusePart::ALL
        .iter()
        .map(|part| match fields.text(part.as_str()) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })
        .collect();
    let given = given.try_into().map_err(|_| Failure::Broken("the five questions are not five".into()))?;
    let answers = answers(given)?;
    reuse_asset::decide(desk, actor, id, answers, fields.text("note")).map(drop)
}

/// `POST /assets/{id}/reviews/{review}`.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, review) = path.into_inner();
    let open = format!("review-{review}");
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| {
        let said = AssetReview {
            outcome: ReviewOutcome::parse(fields.text("outcome")),
            note: fields.text("note").to_owned(),
            next_review_on: fields.optional("next_review_on"),
        };
        asset_changes::complete(desk, actor, &review, said).map(drop)
    };
    let again = press(&state, &request, &signed, &fields, &open, seen(&id), act).await?;
    answer(&state, &request, &signed, id, "The review is made.", again).await
}

/// `POST /assets/{id}/placements/{placement}/cleaning`.
pub(in crate::web) async fn clean(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, placement) = path.into_inner();
    let open = format!("clean-{placement}");
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| {
        asset_placements::clean(desk, actor, &placement, fields.text("link")).map(drop)
    };
    let again = press(&state, &request, &signed, &fields, &open, seen(&id), act).await?;
    answer(&state, &request, &signed, id, "It is cleaned from there.", again).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    said: &str,
    again: Option<Again>,
) -> Result<HttpResponse, PageFailure> {
    match again {
        None => Ok(go(state, &format!("/assets/{id}"), "success", said)),
        Some(again) => render(state, request, signed, id, again).await,
    }
}

/// Whoever sees the asset learns what is wrong with a form on its page.
fn seen(id: &str) -> impl FnOnce(&mut Connection, &Actor) -> Result<AssetRow, Failure> + Send + 'static {
    let id = id.to_owned();
    move |connection, actor| acts::find(connection, actor, &id, Act::ReadRegistry)
}
