//! `GET /assets`: the register, newest first, with what it lacks and whether it may be used again.

use super::alt;
use crate::actions::asset_standing::Standing;
use crate::actions::sight::promised;
use crate::actions::{Desk, Failure, assets as acts, list_assets};
use crate::domain::asset::{AssetState, end_of};
use crate::domain::ids::AssetId;
use crate::domain::person::{Act, Actor};
use crate::store::assets::{self, AssetRow, Filter};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Choice, capital, site_choices, sites_for};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

/// Assets on a page.
const PAGE: usize = 24;

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web) struct Query {
    site: String,
    state: String,
    campaign: String,
    asset_set: String,
    /// `yes`: only what may be used again now.
    reusable: String,
    #[serde(skip_serializing)]
    cursor: String,
}

#[derive(Serialize)]
struct Context {
    found: Vec<Line>,
    filter: Query,
    filtered: bool,
    site_options: Vec<Choice>,
    state_options: Vec<Choice>,
    campaign_options: Vec<String>,
    set_options: Vec<String>,
    may_write: bool,
    newer: Option<String>,
    older: Option<String>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    /// Is the picture still there?
    there: bool,
    alt: String,
    state: AssetState,
    site_name: String,
    campaign: Option<String>,
    ends_on: Option<String>,
    review_on: Option<String>,
    missing: usize,
    reusable: bool,
    /// The first reason why it must not be used again.
    refusal: Option<String>,
}

/// `GET /assets`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    let (actor, query) = (signed.actor(), query.into_inner());
    let context = state.run(move |desk| desk.read(|connection| compose(desk, connection, &actor, query))).await?;
    Page::new(&request, &state, &signed, "Assets").render("assets/list.html", &context)
}

fn compose(desk: &Desk, connection: &mut Connection, actor: &Actor, query: Query) -> Result<Context, Failure> {
    let sites = sites_for(connection, actor, Act::ReadRegistry)?;
    let theirs = actor.sites_for(Act::ReadRegistry);
    let filter = Filter {
        site: sites.iter().find(|site| site.slug == query.site).map(|site| site.id.clone()),
        sites: theirs.clone(),
        state: AssetState::parse(&query.state),
        campaign: acts::as_stored(desk, Some(&query.campaign))?,
        asset_set: acts::as_stored(desk, Some(&query.asset_set))?,
        before: query.cursor.strip_prefix("b-").map(AssetId::from_text),
        after: query.cursor.strip_prefix("a-").map(AssetId::from_text),
    };
    let (came_back, went_on) = (filter.after.is_some(), filter.before.is_some());
    let mut rows = list_assets::page(desk, connection, filter, query.reusable == "yes", PAGE + 1)?;
    let more = rows.len() > PAGE;
    if more && came_back {
        rows.remove(0);
    }
    rows.truncate(PAGE);
    let has_newer = if came_back { more } else { went_on };
    let has_older = came_back || more;
    let link = |letter: char, id: &AssetId| address(&query, &format!("{letter}-{id}"));
    let newer = rows.first().filter(|_| has_newer).map(|(row, _)| link('a', &row.id));
    let older = rows.last().filter(|_| has_older).map(|(row, _)| link('b', &row.id));
    let mut lines = Vec::new();
    for (row, standing) in rows {
        lines.push(line(connection, row, standing)?);
    }
    let (campaigns, sets) = assets::names(connection, theirs.as_deref())?;
    let words = |texts: Vec<crate::redaction::Redacted>| texts.into_iter().map(|text| text.into_string()).collect();
    let filled = [&query.site, &query.state, &query.campaign, &query.asset_set, &query.reusable];
    Ok(Context {
        found: lines,
        newer,
        older,
        filtered: filled.iter().any(|word| !word.is_empty()),
        filter: query,
        site_options: site_choices(&sites),
        state_options: AssetState::ALL.iter().map(|word| Choice::new(word.as_str(), capital(&word.label()))).collect(),
        campaign_options: words(campaigns),
        set_options: words(sets),
        may_write: actor.may_somewhere(Act::WriteAsset),
    })
}

fn line(connection: &mut Connection, row: AssetRow, standing: Standing) -> Result<Line, Failure> {
    Ok(Line {
        id: row.id.to_string(),
        there: row.thumbnail.is_some(),
        alt: alt(&row),
        state: row.state,
        site_name: promised(sites::find(connection, &row.site_id))?.name,
        ends_on: end_of(row.expires_on.as_deref(), row.campaign_ends_on.as_deref()).map(str::to_owned),
        review_on: row.review_on,
        campaign: row.campaign.map(|name| name.into_string()),
        missing: standing.missing.len(),
        reusable: standing.reusable(),
        refusal: standing.refusals.into_iter().next().map(|reason| reason.message),
        name: row.name.into_string(),
    })
}

fn address(query: &Query, cursor: &str) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    let filters = [
        ("site", &query.site),
        ("state", &query.state),
        ("campaign", &query.campaign),
        ("asset_set", &query.asset_set),
        ("reusable", &query.reusable),
    ];
    for (name, value) in filters {
        if !value.is_empty() {
            pairs.append_pair(name, value);
        }
    }
    format!("/assets?{}", pairs.append_pair("cursor", cursor).finish())
}
