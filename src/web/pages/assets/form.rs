//! `/assets/{id}/edit`: the record of an asset.

use super::alt;
use crate::actions::Failure;
use crate::actions::assets::{self as acts, AssetForm};
use crate::actions::sight::promised;
use crate::domain::asset::AssetState;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::Place;
use crate::redaction::Redacted;
use crate::store::assets::AssetRow;
use crate::store::{Connection, assets, people};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use crate::web::press::{Again, press};
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

/// `GET /assets/{id}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), None).await
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
    let (asked, named) = (id.clone(), id.clone());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::find(connection, actor, &asked, Act::WriteAsset);
    let again = press(&state, &request, &signed, &fields, "", seen, move |desk, actor, fields| {
        acts::change(desk, actor, &named, fields.version(), read(fields)).map(drop)
    });
    match again.await? {
        None => Ok(go(&state, &format!("/assets/{id}"), "success", "The record is written.")),
        again => render(&state, &request, &signed, id, again).await,
    }
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
    again: Option<Again>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let (context, stored) = state.run(move |desk| desk.read(|c| compose(c, &actor, &id))).await?;
    let title = format!("The record of {}", context.asset.name);
    let page = Page::new(request, state, signed, &title);
    let page = match again {
        Some(again) => page.again(again),
        None => page.values(stored),
    };
    page.render("assets/form.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, id: &str) -> Result<(Context, Map<String, Value>), Failure> {
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
