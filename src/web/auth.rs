//! Who is asking: a person with a session on pages, a bearer token under `/api/v1` (cookies count for nothing there).

use super::State;
use super::cookies::Jar;
use super::failure::{ApiFailure, PageFailure, problem};
use super::unsent;
use crate::actions::sign_in::{self, SessionState, fresh_secret};
use crate::actions::{Failure, tokens};
use crate::domain::person::{Act, Actor, PersonActor};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::LOCATION;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use std::future::{Future, Ready, ready};
use std::pin::Pin;

/// The person signed in; a page that takes one is for signed-in people only.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) person: PersonActor,
    pub(super) session: String,
}

impl Signed {
    /// As an actor.
    pub(super) fn actor(&self) -> Actor {
        Actor::Person(self.person.clone())
    }

    /// Refuses a page to whoever may not do `act` anywhere.
    pub(super) fn somewhere(&self, act: Act) -> Result<(), Failure> {
        crate::actions::sight::somewhere(&self.actor(), act)
    }

    /// Refuses a page to whoever may not do `act` everywhere.
    pub(super) fn everywhere(&self, act: Act) -> Result<(), Failure> {
        crate::actions::sight::everywhere(&self.actor(), act)
    }
}

impl FromRequest for Signed {
    type Error = PageFailure;
    type Future = Ready<Result<Self, PageFailure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The middleware put it there, or sent the visitor to sign in.
        ready(request.extensions().get::<Signed>().cloned().ok_or(PageFailure(Failure::NotFound)))
    }
}

/// Lets signed-in people through. Others are sent to sign in; a form they sent is kept for them.
pub(super) async fn require_session(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else {
        return Err(PageFailure(Failure::Broken("no state".into())).into());
    };
    let cookie = Jar::Session.read(request.request(), &state);
    let found = match cookie.clone() {
        None => SessionState::None,
        Some(secret) => state
            .run(move |desk| desk.read(|connection| sign_in::session(connection, desk, &secret)))
            .await
            .map_err(PageFailure)?,
    };
    match (found, cookie) {
        (SessionState::Signed { person, stale }, Some(session)) => {
            if stale {
                let secret = session.clone();
                // Whoever only reads is not kept out by a database that cannot be written to.
                let _ = state.run(move |desk| sign_in::seen(desk, &secret)).await;
            }
            request.extensions_mut().insert(Signed { person, session });
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        (SessionState::Over(person), _) => {
            let response = unsent::to_sign_in(&mut request, &state, Some(person)).await?;
            Ok(request.into_response(response))
        }
        _ => {
            let response = unsent::to_sign_in(&mut request, &state, None).await?;
            Ok(request.into_response(response))
        }
    }
}

/// 303 to another page.
pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER).insert_header((LOCATION, to)).finish()
}

/// Whoever a bearer token stands for.
pub(super) struct Bearer(pub(super) Actor);

/// The token that a request carries.
pub(super) fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")).map(str::trim)
}

/// No token, or one that does not work.
#[derive(Debug)]
pub(super) enum BearerFailure {
    Missing,
    Api(ApiFailure),
}

impl std::fmt::Display for BearerFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no working token")
    }
}

impl actix_web::ResponseError for BearerFailure {
    fn status_code(&self) -> StatusCode {
        match self {
            BearerFailure::Missing => StatusCode::UNAUTHORIZED,
            BearerFailure::Api(failure) => failure.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            BearerFailure::Missing => {
                let detail = "Send Authorization: Bearer TOKEN with a token that is neither revoked nor over.";
                let mut response = problem(StatusCode::UNAUTHORIZED, "No working token", detail, serde_json::json!({}));
                let challenge = header::HeaderValue::from_static("Bearer realm=\"allclear\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                response
            }
            BearerFailure::Api(failure) => failure.error_response(),
        }
    }
}

impl FromRequest for Bearer {
    type Error = BearerFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, BearerFailure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer_token(request).map(str::to_owned);
        let state = request.app_data::<web::Data<State>>().cloned();
        Box::pin(async move {
            let (Some(token), Some(state)) = (token, state) else { return Err(BearerFailure::Missing) };
            let found = state
                .run(move |desk| desk.read(|connection| tokens::actor(connection, desk, &token)))
                .await
                .map_err(|failure| BearerFailure::Api(ApiFailure(failure)))?;
            found.map(Bearer).ok_or(BearerFailure::Missing)
        })
    }
}

/// The token that a form of this browser must carry: a keyed hash of the session's or the visitor's cookie.
pub(super) fn csrf_token(state: &State, cookie: &str) -> String {
    state.desk.vault.fingerprint("csrf", cookie.as_bytes())
}

/// Was this form made for this browser, and sent from our own page?
pub(super) fn csrf_fits(request: &HttpRequest, state: &State, token: &str) -> bool {
    use subtle::ConstantTimeEq;
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|value| !matches!(value.as_bytes(), b"same-origin" | b"none"));
    if foreign {
        return false;
    }
    [Jar::Session, Jar::Visitor]
        .into_iter()
        .filter_map(|jar| jar.read(request, state))
        .any(|cookie| bool::from(csrf_token(state, &cookie).as_bytes().ct_eq(token.as_bytes())))
}

/// The cookie that ties the login form to this browser: the present one, or a new one to be set.
pub(super) fn visitor(request: &HttpRequest, state: &State) -> Result<(String, bool), Failure> {
    match Jar::Visitor.read(request, state) {
        Some(value) if value.len() >= 32 => Ok((value, false)),
        _ => Ok((fresh_secret()?, true)),
    }
}
