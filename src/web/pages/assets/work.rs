//! The forms on an asset's page.

use super::show::{Again, render};
use crate::actions::asset_changes::{self, AssetReview};
use crate::actions::{Desk, Failure, asset_placements, assets as acts, decide_asset, reuse_asset};
use crate::domain::asset::{ReusePart, ReviewOutcome};
use crate::domain::person::{Act, Actor};
use crate::web::State;
use crate::web::api::assets::answers;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
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
    press(&state, &request, &signed, id, fields, what, said, act).await
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
    let act = move |desk: &Desk, actor: &Actor, _: &str, fields: &Fields| {
        let said = AssetReview {
            outcome: ReviewOutcome::parse(fields.text("outcome")),
            note: fields.text("note").to_owned(),
            next_review_on: fields.optional("next_review_on"),
        };
        asset_changes::complete(desk, actor, &review, said).map(drop)
    };
    press(&state, &request, &signed, id, fields, open, "The review is made.", act).await
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
    let act = move |desk: &Desk, actor: &Actor, _: &str, fields: &Fields| {
        asset_placements::clean(desk, actor, &placement, fields.text("link")).map(drop)
    };
    press(&state, &request, &signed, id, fields, open, "It is cleaned from there.", act).await
}

#[expect(clippy::too_many_arguments, reason = "what one press of one form needs")]
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    fields: Fields,
    open_form: String,
    said: &'static str,
    act: impl FnOnce(&Desk, &Actor, &str, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (actor, named, typed, path) = (signed.actor(), id.clone(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| acts::find(connection, &actor, &named, Act::ReadRegistry))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            act(&once::for_form(desk, &path, &actor, &typed.once()), &actor, &named, &typed)
        })
        .await;
    let again = match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => return Ok(go(state, &format!("/assets/{id}"), "success", said)),
        Err(Failure::Invalid(errors)) => Again { errors: fields.in_order(errors), ..Again::default() },
        Err(Failure::Refused(refusals)) => Again { refusals, ..Again::default() },
        Err(Failure::Stale) => Again { stale: true, ..Again::default() },
        Err(failure) => return Err(failure.into()),
    };
    render(state, request, signed, id, Again { open_form, values: fields.values(&[]), ..again }).await
}
