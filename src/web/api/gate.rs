//! `GET /api/v1/gate/{automation}`: may it run now? Answered from memory, on the thread that took the request.

use crate::actions::Failure;
use crate::actions::gate_memory::{GateAnswer, Prepared};
use crate::domain::automation::Environment;
use crate::web::State;
use crate::web::auth::{BearerFailure, bearer_token};
use crate::web::failure::{ApiFailure, problem};
use crate::web::headers::harden_data;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::json;
use std::time::Instant;

/// What the address of each gate begins with; the automation's slug follows.
pub(in crate::web) const ADDRESS: &str = "/api/v1/gate";

/// As [`ask`], outside all that wraps other requests: what that would have done for this one is done here.
pub(in crate::web) async fn ask_shortly(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = ask(state.clone(), request).await;
    let mut response = asked.unwrap_or_else(|refused| refused.error_response());
    harden_data(response.headers_mut(), state.is_https());
    state.answers.count(response.status());
    response
}

/// 200 with a lease only when it may run; 423 with every reason when not. Whatever is not 200 means: do not run.
pub(in crate::web) async fn ask(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, BearerFailure> {
    let token = bearer_token(&request).ok_or(BearerFailure::Missing)?;
    let environment = environment(&state, token, request.query_string())?;
    let slug =
        request.match_info().as_str().strip_prefix(ADDRESS).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    let gate = &state.desk.gate;
    let came = Instant::now();
    let mut asked = gate.ask(token, slug, environment);
    if matches!(asked, Ok(None) | Err(Failure::NotFound)) {
        // The token or the automation may be new, made by another process a moment ago. However many ask so, one look
        // in a tenth of a second serves them all.
        actix_web::rt::time::sleep(gate.next_look_in()).await;
        let looked = gate.has_looked(came) || state.run(move |desk| desk.gate.look(came)).await.is_ok();
        if looked {
            asked = gate.ask(token, slug, environment);
        }
    }
    match asked {
        Ok(Some(prepared)) => Ok(answer(&prepared)),
        refused => {
            gate.count_refusal();
            Err(refused.map_or_else(|failure| BearerFailure::Api(ApiFailure(failure)), |_| BearerFailure::Missing))
        }
    }
}

fn environment(state: &State, token: &str, query: &str) -> Result<Environment, BearerFailure> {
    if query.is_empty() {
        return Ok(Environment::Production);
    }
    let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "environment");
    let Some((_, word)) = named else { return Ok(Environment::Production) };
    word.parse().map_err(|why: String| match state.desk.gate.knows(token) {
        Some(_) => BearerFailure::Api(ApiFailure(Failure::field("environment", why))),
        None => BearerFailure::Missing,
    })
}

/// The answer's bytes are made once and sent until it changes.
fn answer(prepared: &Prepared) -> HttpResponse {
    let (status, kind) = match &prepared.answer {
        GateAnswer::Open(_) => (StatusCode::OK, "application/json"),
        GateAnswer::Closed(_) => (StatusCode::LOCKED, "application/problem+json"),
    };
    let body = prepared.body.get_or_init(|| match &prepared.answer {
        GateAnswer::Open(open) => serde_json::to_vec(open).unwrap_or_default().into(),
        GateAnswer::Closed(closed) => {
            let title = "The gate is closed";
            let detail = "This automation must not run now. The reasons say who can settle each.";
            problem(StatusCode::LOCKED, title, detail, json!(closed)).into_body().try_into_bytes().unwrap_or_default()
        }
    });
    let mut response = HttpResponse::with_body(status, BoxBody::new(body.clone()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
