//! A form that was sent after its session had ended: kept encrypted, and the person is sent to sign in.
//!
//! What is kept comes from our own page: its CSRF token fits the session that is over, or the browser says that the
//! form was on our site. Otherwise a foreign page could put words into a form that the person then sends on.

use super::State;
use super::auth::{csrf_fits, see_other};
use super::cookies::Jar;
use super::failure::PageFailure;
use super::fields::{Fields, read_body};
use super::page::{go, local};
use crate::actions::{Failure, drafts};
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

/// The page whose form is never kept.
const BENCH: &str = "/rules/bench";

/// Sends the visitor to sign in. `whose`: the person whose session is over, if that is known.
pub(super) async fn to_sign_in(
    request: &mut ServiceRequest,
    state: &State,
    whose: Option<String>,
) -> Result<HttpResponse, PageFailure> {
    let here = request.uri().path_and_query().map(|p| p.as_str().to_owned()).unwrap_or_else(|| "/".into());
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return Ok(see_other(&login(&here)));
    }
    // What is pasted on the bench is kept nowhere.
    if request.path() == BENCH {
        let said = "Your session had ended. Nothing that you pasted was kept: paste it again after you have signed in.";
        return Ok(go(state, &login(BENCH), "warning", said));
    }
    if request.method() != Method::POST || matches!(request.path(), "/logout" | "/resume") {
        return Ok(see_other("/login"));
    }
    let is_form = request.content_type() == "application/x-www-form-urlencoded";
    let mut payload = request.take_payload();
    let body = if is_form { read_body(request.request(), &mut payload).await.ok() } else { None };
    let Some(fields) = body.map(|body| Fields::parse(&body)) else {
        let said = "Your session had ended. Files cannot be kept: choose them again after you have signed in.";
        return Ok(go(state, &login(&referring_page(request.request())), "warning", said));
    };
    let ours = csrf_fits(request.request(), state, fields.text("csrf")) || is_same_origin(request.request());
    let may_keep = ours && (whose.is_some() || state.throttle.admit_draft(&state.address_of(request.request())));
    if !may_keep {
        return Ok(see_other(&login(&referring_page(request.request()))));
    }
    let form = fields.to_keep();
    let secret = state.run(move |desk| drafts::keep(desk, whose, &here, form.as_bytes())).await;
    let secret = secret.map_err(|failure| match failure {
        Failure::Broken(why) => Failure::Broken(format!("a form could not be kept: {why}")),
        other => other,
    })?;
    let mut response = see_other(&login("/resume"));
    let _ = response.add_cookie(&Jar::Draft.set(state, secret, Some(drafts::KEPT_HOURS)));
    Ok(response)
}

fn login(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?next={next}")
}

fn is_same_origin(request: &HttpRequest) -> bool {
    request.headers().get("sec-fetch-site").is_some_and(|value| value.as_bytes() == b"same-origin")
}

/// The page of ours that the form was on.
fn referring_page(request: &HttpRequest) -> String {
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let address = referer.and_then(|referer| url::Url::parse(referer).ok());
    address.map_or_else(|| "/".to_owned(), |address| local(address.path()).to_owned())
}
