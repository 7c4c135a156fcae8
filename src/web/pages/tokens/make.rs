//! `POST /tokens`: makes a token. The answer is the only page that ever shows it.

use super::list;
use super::rows::{self, TokenRow};
use crate::actions::sign_in::hash_of;
use crate::actions::tokens::{self, Holder};
use crate::actions::{Desk, Failure};
use crate::domain::person::{Act, Actor, Scope};
use crate::domain::problem::FieldError;
use crate::store;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::page::Page;
use crate::web::pages::account;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    token: TokenRow,
    secret: String,
    back: String,
}

pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, typed) = (signed.actor(), fields.clone());
    let manages = actor.may_somewhere(Act::ManageRegistry);
    match state.run(move |desk| make(desk, &actor, &typed)).await {
        Ok((token, secret)) => {
            let back = if manages { "/tokens" } else { "/account" }.to_owned();
            Page::new(&request, &state, &signed, "Copy the token now")
                .status(StatusCode::CREATED)
                .render("tokens/created.html", &Context { token, secret, back })
        }
        Err(Failure::Invalid(errors)) => {
            let errors = renamed(errors, &[("name", "token_name"), ("days", "token_days")]);
            let values = fields.values(&["scope"]);
            if manages {
                list::render(&state, &request, &signed, None, values, errors).await
            } else {
                account::render(&state, &request, &signed, values, errors).await
            }
        }
        Err(failure) => Err(failure.into()),
    }
}

fn make(desk: &Desk, actor: &Actor, fields: &Fields) -> Result<(TokenRow, String), Failure> {
    let mut errors = fields.character_errors();
    let holder = match fields.text("token_for") {
        "me" | "" => Holder::Myself,
        other => match other.strip_prefix("automation:") {
            Some(slug) => Holder::Automation(slug.to_owned()),
            None => {
                errors.push(FieldError::new("token_for", "Choose from the list for whom it is."));
                Holder::Myself
            }
        },
    };
    let words = fields.all("scope");
    let scopes: Vec<Scope> = words.iter().filter_map(|word| Scope::parse(word)).collect();
    if scopes.len() != words.len() {
        errors.push(FieldError::new("scope", "Choose from the list what it may do."));
    }
    let days = fields.text("token_days").trim().parse::<i64>().ok();
    if days.is_none() {
        errors.push(FieldError::new("token_days", "Choose after how many days it ends."));
    }
    if fields.text("token_name").trim().is_empty() {
        errors.push(FieldError::new("token_name", "Say what the token is for, in at most 100 characters."));
    }
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let secret = tokens::add(desk, actor, &holder, fields.text("token_name"), scopes, days)?;
    let now = desk.now();
    let hash = hash_of(&secret);
    let row = desk.read(|connection| {
        let made = store::tokens::by_hash(connection, &hash)?.ok_or(Failure::NotFound)?;
        rows::row(connection, actor, now, &made)
    })?;
    Ok((row, secret))
}
