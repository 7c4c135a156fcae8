//! Signing in and out.

use crate::actions::Failure;
use crate::actions::sign_in::{self, SESSION_MEMORY_DAYS};
use crate::domain::problem::FieldError;
use crate::web::auth::{Signed, see_other};
use crate::web::cookies::Jar;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go, local};
use crate::web::{DemoLogin, State};
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    next: Option<String>,
    /// A form waits for the person to sign in.
    kept: bool,
    demo_logins: Vec<DemoLogin>,
}

/// `GET /login`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    query: web::Query<Next>,
) -> Result<HttpResponse, PageFailure> {
    show(&state, &request, query.into_inner().next.unwrap_or_default(), "", Vec::new())
}

#[derive(serde::Deserialize)]
pub(in crate::web) struct Next {
    next: Option<String>,
}

/// `POST /login`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (email, password) = (fields.text("email").to_owned(), fields.text("password").to_owned());
    let next = fields.text("next").to_owned();
    let unreadable = fields.encoding_errors();
    if !unreadable.is_empty() {
        return show(&state, &request, next, &email, unreadable);
    }
    let address = state.address_of(&request);
    if let Err(seconds) = state.throttle.admit(&email, &address) {
        let message = format!("Too many tries. Wait {seconds} seconds, then try again.");
        let mut response = show(&state, &request, next, &email, vec![FieldError::new("email", message)])?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert("retry-after".parse().map_err(header)?, seconds.into());
        return Ok(response);
    }
    let typed = email.clone();
    match state.run(move |desk| sign_in::run(desk, &email, &password)).await {
        Ok(session) => {
            let mut response = see_other(local(&next));
            let _ = response.add_cookie(&session_cookie(&state, session));
            let _ = response.add_cookie(&Jar::Visitor.clear(&state));
            Ok(response)
        }
        Err(Failure::Invalid(errors)) => show(&state, &request, next, &typed, errors),
        Err(failure) => Err(failure.into()),
    }
}

/// The cookie of a session. It outlives the session: a form that was left open too long still finds its owner.
pub(super) fn session_cookie(state: &State, session: String) -> Cookie<'static> {
    let hours = state.desk.limits.session_hours + SESSION_MEMORY_DAYS * 24;
    Jar::Session.set(state, session, Some(hours))
}

/// `POST /logout`.
pub(in crate::web) async fn out(
    state: web::Data<State>,
    signed: Signed,
    _: Fields,
) -> Result<HttpResponse, PageFailure> {
    state.run(move |desk| sign_in::out(desk, &signed.session)).await?;
    let mut response = go(&state, "/login", "success", "You are signed out.");
    let _ = response.add_cookie(&Jar::Session.clear(&state));
    Ok(response)
}

fn show(
    state: &State,
    request: &HttpRequest,
    next: String,
    email: &str,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let mut values = serde_json::Map::new();
    values.insert("email".into(), email.into());
    Page::open(request, state, None, "Sign in").values(values).errors(errors).render(
        "login.html",
        &Context {
            next: Some(local(&next).to_owned()),
            kept: next == "/resume" && Jar::Draft.read(request, state).is_some(),
            demo_logins: state.settings.demo_logins.clone(),
        },
    )
}

fn header<E: std::fmt::Display>(error: E) -> Failure {
    Failure::Broken(format!("a header could not be set: {error}"))
}
