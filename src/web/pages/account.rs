//! One's own account: roles, look, password, tokens, sessions.

use super::people::{GrantRow, grants};
use super::tokens::rows::{self, TokenRow, USUAL_DAYS};
use crate::actions::sign_in::{self, hash_of};
use crate::actions::{Failure, people};
use crate::domain::problem::FieldError;
use crate::store::tokens;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::cookies::Jar;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::page::{Page, Preferences, go, preferences, preferences_cookie};
use crate::web::shown::{Choice, HintedChoice, zones};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    grants: Vec<GrantRow>,
    tokens: Vec<TokenRow>,
    holders: Vec<Choice>,
    scopes: Vec<HintedChoice>,
    lifetimes: Vec<Choice>,
    sessions: usize,
    zones: Vec<&'static str>,
}

/// `GET /account`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, Map::new(), Vec::new()).await
}

/// The page, also after one of its forms was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    mut values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let liked = preferences(request, state);
    values.entry("token_days").or_insert(USUAL_DAYS.into());
    values.entry("theme").or_insert(liked.theme.into());
    values.entry("zone").or_insert(liked.zone.into());
    if liked.shortcuts {
        values.entry("shortcuts").or_insert("yes".into());
    }
    for secret in ["current_password", "new_password"] {
        values.remove(secret);
    }
    let actor = signed.actor();
    let person = signed.person.id.clone();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| {
                let own = tokens::of_person(connection, &person)?;
                Ok(Context {
                    grants: grants(connection, &person)?,
                    tokens: rows::rows(connection, &actor, now, &own)?,
                    holders: vec![Choice::new("me", "Myself")],
                    scopes: rows::scopes(),
                    lifetimes: rows::lifetimes(),
                    sessions: sign_in::count_open(connection, desk, &person)?,
                    zones: zones(),
                })
            })
        })
        .await?;
    Page::new(request, state, signed, "Your account").values(values).errors(errors).render("account.html", &context)
}

/// `POST /account/preferences`: kept in this browser.
pub(in crate::web) async fn prefer(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let theme = fields.text("theme");
    if !["auto", "light", "dark"].contains(&theme) {
        let errors = vec![FieldError::new("theme", "Choose as the device, light or dark.")];
        return render(&state, &request, &signed, Map::new(), errors).await;
    }
    let zone = fields.text("zone").trim();
    if !zone.is_empty() && zone.parse::<chrono_tz::Tz>().is_err() {
        let errors =
            vec![FieldError::new("zone", "There is no such zone. Write it like Europe/Berlin, or leave it empty.")];
        return render(&state, &request, &signed, fields.values(&[]), errors).await;
    }
    let liked = Preferences { theme: theme.to_owned(), shortcuts: fields.has("shortcuts"), zone: zone.to_owned() };
    let mut response = go(&state, "/account", "success", "Saved for this browser.");
    let _ = response.add_cookie(&preferences_cookie(&state, &liked));
    Ok(response)
}

/// `POST /account/password`: the person's other sessions end.
pub(in crate::web) async fn password(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let address = state.address_of(&request);
    if let Err(seconds) = state.throttle.admit(&signed.person.email, &address) {
        // Whoever found an open browser must not find the password by trying.
        let message = format!("Too many tries. Wait {seconds} seconds, then try again.");
        let errors = vec![FieldError::new("current_password", message)];
        let mut response = render(&state, &request, &signed, Map::new(), errors).await?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(actix_web::http::header::RETRY_AFTER, seconds.into());
        return Ok(response);
    }
    let (actor, keep) = (signed.actor(), hash_of(&signed.session));
    let (old, new) = (fields.text("current_password").to_owned(), fields.text("new_password").to_owned());
    match state.run(move |desk| people::change_own_password(desk, &actor, &old, &new, Some(&keep))).await {
        Ok(()) => Ok(go(&state, "/account", "success", "The password is changed. Your other sessions are over.")),
        Err(Failure::Invalid(errors)) => {
            let errors = renamed(errors, &[("old_password", "current_password"), ("password", "new_password")]);
            render(&state, &request, &signed, Map::new(), errors).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /account/sessions/end`: signs out everywhere, here too.
pub(in crate::web) async fn end_sessions(
    state: web::Data<State>,
    signed: Signed,
    _: Fields,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    state.run(move |desk| sign_in::out_everywhere(desk, &actor)).await?;
    let mut response = go(&state, "/login", "success", "You are signed out everywhere.");
    let _ = response.add_cookie(&Jar::Session.clear(&state));
    Ok(response)
}
