//! `/assets/{id}/edit`: the record of an asset.

use super::alt;
use crate::actions::Failure;
use crate::actions::assets::{self as acts, AssetForm};
use crate::actions::sight::promised;
use crate::domain::asset::AssetState;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Place;
use crate::domain::problem::{FieldError, Reason};
use crate::redaction::Redacted;
use crate::store::assets::AssetRow;
use crate::store::{Connection, assets, people};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    asset: Edited,
    people: Vec<String>,
    campaigns: Vec<String>,
    sets: Vec<String>,
    mistakes: Vec<String>,
    stale: bool,
    refusals: Vec<Reason>,
}

#[derive(Serialize)]
struct Edited {
    id: String,
    name: String,
    alt: String,
    state: AssetState,
    version: i32,
    there: bool,
}

/// Why the form is shown again.
#[derive(Default)]
struct Again {
    values: Option<Map<String, Value>>,
    errors: Vec<FieldError>,
    refusals: Vec<Reason>,
    stale: bool,
}

/// `GET /assets/{id}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Again::default()).await
}

/// `POST /assets/{id}/edit`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let (actor, named, typed, path) = (signed.actor(), id.clone(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| acts::find(connection, &actor, &named, Act::WriteAsset))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            acts::change(&desk, &actor, &named, typed.version(), read(&typed))
        })
        .await;
    let again = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            return Ok(go(&state, &format!("/assets/{id}"), "success", "The record is written."));
        }
        Err(Failure::Invalid(errors)) => Again { errors: fields.in_order(errors), ..Again::default() },
        Err(Failure::Refused(refusals)) => Again { refusals, ..Again::default() },
        Err(Failure::Stale) => Again { stale: true, ..Again::default() },
        Err(failure) => return Err(failure.into()),
    };
    let again = Again { values: Some(fields.values(&[])), ..again };
    render(&state, &request, &signed, id, again).await
}

fn read(fields: &Fields) -> AssetForm {
    AssetForm {
        name: fields.text("name").to_owned(),
        asset_set: fields.optional("asset_set"),
        alt_text: fields.optional("alt_text"),
        source_note: fields.optional("source_note"),
        rights_note: fields.optional("rights_note"),
        licence: fields.optional("licence"),
        owner: fields.optional("owner"),
        placement: fields.optional("placement"),
        campaign: fields.optional("campaign"),
        campaign_ends_on: fields.optional("campaign_ends_on"),
        expires_on: fields.optional("expires_on"),
        review_on: fields.optional("review_on"),
    }
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let Again { values, errors, refusals, stale } = again;
    let refused = !refusals.is_empty();
    let (context, stored) = state.run(move |desk| desk.read(|c| compose(c, &actor, &id, refusals, stale))).await?;
    let title = format!("The record of {}", context.asset.name);
    let mut page = Page::new(request, state, signed, &title).values(values.unwrap_or(stored)).errors(errors);
    if refused {
        page = page.status(StatusCode::CONFLICT);
    } else if stale {
        page = page.status(StatusCode::PRECONDITION_FAILED);
    }
    page.render("assets/form.html", &context)
}

fn compose(
    connection: &mut Connection,
    actor: &Actor,
    id: &str,
    refusals: Vec<Reason>,
    stale: bool,
) -> Result<(Context, Map<String, Value>), Failure> {
    let row = acts::find(connection, actor, id, Act::WriteAsset)?;
    let (campaigns, sets) = assets::names(connection, Some(std::slice::from_ref(&row.site_id)))?;
    let words = |texts: Vec<Redacted>| texts.into_iter().map(Redacted::into_string).collect();
    let mut owners = Vec::new();
    for person in people::list(connection)?.into_iter().filter(|person| person.active) {
        let may = Actor::Person(people::as_actor(connection, &person)?).may(Act::WriteAsset, &row.site_id);
        if may {
            owners.push(person.email);
        }
    }
    let values = values_of(connection, &row)?;
    let context = Context {
        asset: Edited {
            id: row.id.to_string(),
            name: row.name.to_string(),
            alt: alt(&row),
            state: row.state,
            version: row.version,
            there: row.thumbnail.is_some(),
        },
        people: owners,
        campaigns: words(campaigns),
        sets: words(sets),
        mistakes: mistakes(connection, Place::AssetPage)?,
        stale,
        refusals,
    };
    Ok((context, values))
}

fn values_of(connection: &mut Connection, row: &AssetRow) -> Result<Map<String, Value>, Failure> {
    let owner = match &row.owner_id {
        Some(owner) => Some(promised(people::find(connection, owner))?.email),
        None => None,
    };
    let text = |text: &Option<Redacted>| text.as_ref().map(ToString::to_string);
    let fields = [
        ("name", Some(row.name.to_string())),
        ("asset_set", text(&row.asset_set)),
        ("alt_text", text(&row.alt_text)),
        ("source_note", text(&row.source_note)),
        ("rights_note", text(&row.rights_note)),
        ("licence", text(&row.licence)),
        ("owner", owner),
        ("placement", text(&row.placement)),
        ("campaign", text(&row.campaign)),
        ("campaign_ends_on", row.campaign_ends_on.clone()),
        ("expires_on", row.expires_on.clone()),
        ("review_on", row.review_on.clone()),
    ];
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))).collect())
}
