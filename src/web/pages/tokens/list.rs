//! `GET /tokens`: the tokens that this person looks after.

use super::rows::{self, TokenRow, USUAL_DAYS};
use crate::actions::{Failure, tokens};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::store::{self, Connection, automations};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Choice, HintedChoice, cut};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    tokens: Vec<TokenRow>,
    newer: Option<String>,
    older: Option<String>,
    holders: Vec<Choice>,
    scopes: Vec<HintedChoice>,
    lifetimes: Vec<Choice>,
}

#[derive(Default, Deserialize)]
pub(in crate::web) struct Query {
    automation: Option<String>,
    cursor: Option<String>,
}

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let query = query.into_inner();
    let mut values = Map::new();
    let holder = query.automation.map_or("me".to_owned(), |slug| format!("automation:{slug}"));
    values.insert("token_for".into(), holder.into());
    values.insert("token_days".into(), USUAL_DAYS.into());
    render(&state, &request, &signed, query.cursor, values, Vec::new()).await
}

/// The page, also after its form was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    cursor: Option<String>,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ManageRegistry)?;
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| context(connection, &actor, now, cursor.as_deref()))
        })
        .await?;
    Page::new(request, state, signed, "API tokens").values(values).errors(errors).render("tokens/list.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, now: Moment, cursor: Option<&str>) -> Result<Context, Failure> {
    let mut theirs = Vec::new();
    for token in store::tokens::list(connection)? {
        if tokens::may_revoke(connection, actor, &token)? {
            theirs.push(token);
        }
    }
    let page = cut(theirs, cursor, "/tokens", |token| token.id.as_str());
    let mut holders = vec![Choice::new("me", "Myself")];
    for automation in automations::list(connection)? {
        if actor.may(Act::ManageRegistry, &automation.site_id) {
            holders.push(Choice::new(format!("automation:{}", automation.slug), automation.name));
        }
    }
    Ok(Context {
        tokens: rows::rows(connection, actor, now, &page.items)?,
        newer: page.newer,
        older: page.older,
        holders,
        scopes: rows::scopes(),
        lifetimes: rows::lifetimes(),
    })
}
