//! Whatever goes wrong under `/api/v1` is a problem document, also what the framework itself refuses.

use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::failure::problem;
use crate::web::headers::holds_nul;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use serde_json::json;

/// What is said of an address that is none of ours. Tests tell by it a missing route from a missing thing.
const NO_SUCH_ADDRESS: &str = "There is no such address in this API. GET /api/v1/openapi.json lists all of them.";

/// Answers what no route takes.
pub(in crate::web) async fn no_such_address() -> HttpResponse {
    problem(StatusCode::NOT_FOUND, "Not found", NO_SUCH_ADDRESS, json!({}))
}

/// Turns the framework's own refusals into problem documents, and refuses addresses that no database could look up.
pub(in crate::web) async fn speak(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if holds_nul(&request) {
        let refusal = problem(StatusCode::NOT_FOUND, "Not found", NO_SUCH_ADDRESS, json!({}));
        return Ok(request.into_response(refusal));
    }
    let state = request.app_data::<web::Data<State>>().cloned();
    let response = next.call(request).await?.map_into_boxed_body();
    if let Some(state) = state {
        state.answers.count(response.status());
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_problem(response.headers()) {
        return Ok(response);
    }
    let (request, old) = response.into_parts();
    let (title, detail) = words(status);
    let mut new = problem(status, title, detail, json!({}));
    for name in [ALLOW] {
        if let Some(value) = old.headers().get(&name) {
            new.headers_mut().insert(name, value.clone());
        }
    }
    Ok(ServiceResponse::new(request, new))
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Method not allowed", "This address does not take this method. The header Allow says which it takes.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("Too large", "The body is larger than 2 MiB. Put long texts into a file and send it as evidence.")
        }
        StatusCode::NOT_FOUND => ("Not found", NO_SUCH_ADDRESS),
        StatusCode::REQUEST_TIMEOUT => ("Too slow", "The request did not arrive in time. Send it again."),
        status if status.is_client_error() => {
            ("Bad request", "The request cannot be read. Check path, query and body.")
        }
        _ => ("Our fault", "Something is wrong on our side. Nothing was changed."),
    }
}

/// What becomes of work, as OpenAPI describes it.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct FatesShown {
    /// `stop` or `finish`.
    running: String,
    /// `drop` or `hold`.
    queued: String,
    /// `drop` or `hold`.
    scheduled: String,
    /// `drop` or `hold`.
    retrying: String,
}

/// A problem document (RFC 9457), as OpenAPI describes it.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`.
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    /// With 422: what is wrong, at each field.
    errors: Option<Vec<FieldError>>,
    /// With 409 and 423: every rule that refuses.
    reasons: Option<Vec<Reason>>,
    /// With 423: how many reasons there are beyond those named.
    more_reasons: Option<usize>,
    /// With 423: `closed`.
    verdict: Option<String>,
    /// With 423, while a pause holds: what becomes of work that runs or waits.
    fates: Option<FatesShown>,
    /// With 500: number by which the log knows the fault.
    trace: Option<String>,
}
