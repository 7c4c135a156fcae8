//! A failure as HTTP: an HTML page for people, `application/problem+json` (RFC 9457) for programs.

use crate::actions::Failure;
use crate::domain::problem::FieldError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// A failure on its way to a program.
#[derive(Debug)]
pub struct ApiFailure(pub Failure);

/// A failure on its way to a person. A middleware turns it into the error page.
#[derive(Debug)]
pub struct PageFailure(pub Failure);

/// What the error page says.
#[derive(Clone, Debug)]
pub(super) struct ErrorWords {
    pub(super) title: String,
    pub(super) message: String,
    pub(super) reasons: Vec<crate::domain::problem::Reason>,
    /// Number by which the log knows a fault of ours.
    pub(super) trace: Option<String>,
}

impl From<Failure> for ApiFailure {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<Failure> for PageFailure {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl std::fmt::Display for ApiFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Display for PageFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn status_of(failure: &Failure) -> StatusCode {
    match failure {
        Failure::NotFound => StatusCode::NOT_FOUND,
        Failure::Forbidden(_) => StatusCode::FORBIDDEN,
        Failure::Invalid(_) | Failure::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::Refused(_) => StatusCode::CONFLICT,
        Failure::Stale => StatusCode::PRECONDITION_FAILED,
        Failure::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::Repeated { status, .. } => StatusCode::from_u16(*status).unwrap_or(StatusCode::OK),
        Failure::Interrupted(_) => StatusCode::BAD_REQUEST,
        Failure::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        Failure::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What is said of a failure; of a fault of ours only a number, by which the log knows it.
fn words(failure: &Failure, trace: &str) -> (&'static str, String) {
    match failure {
        Failure::NotFound => ("Not found", "There is no such thing here, or it is not yours to see.".into()),
        Failure::Forbidden(why) => ("Not allowed", why.clone()),
        Failure::Invalid(_) => ("Something is not right yet", failure.to_string()),
        Failure::KeyReused => ("Key used before", failure.to_string()),
        Failure::Refused(_) => ("Refused", failure.to_string()),
        Failure::Stale => (
            "Changed meanwhile",
            "Somebody else changed this while you looked at it. Nothing was written; look at it again.".into(),
        ),
        Failure::TooLarge(why) => ("Too large", why.clone()),
        Failure::Repeated { .. } => ("Done already", failure.to_string()),
        Failure::Interrupted(why) => ("Broken off", why.clone()),
        Failure::Busy { why, .. } => ("Too much at once", why.clone()),
        Failure::Unavailable(why) => {
            tracing::warn!(%why, "unavailable");
            (
                "Not available",
                "The database does not answer just now. Nothing was changed; try again in a moment.".into(),
            )
        }
        Failure::Broken(why) => {
            tracing::error!(%trace, %why, "a fault of ours");
            ("Our fault", "Something is wrong on our side. Nothing was changed.".into())
        }
    }
}

fn fresh_trace() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// A problem document.
pub(super) fn problem(status: StatusCode, title: &str, detail: &str, more: serde_json::Value) -> HttpResponse {
    let mut body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    if let (Some(body), serde_json::Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    HttpResponse::build(status).content_type("application/problem+json").body(body.to_string())
}

/// Seconds after which another try is worth it.
fn retry_after(failure: &Failure) -> Option<u32> {
    match failure {
        Failure::Busy { seconds, .. } => Some(*seconds),
        Failure::Unavailable(_) => Some(5),
        _ => None,
    }
}

/// The error at the field's name in JSON, where the forms of pages call it otherwise.
fn on_the_wire(error: &FieldError) -> FieldError {
    let field = match error.field.strip_prefix("version_") {
        Some(what) => format!("versions.{what}"),
        None if error.field == "step" => "steps".to_owned(),
        None => error.field.clone(),
    };
    FieldError { field, message: error.message.clone() }
}

impl ResponseError for ApiFailure {
    fn status_code(&self) -> StatusCode {
        status_of(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        if let Failure::Repeated { location, answer, .. } = &self.0 {
            let mut response = HttpResponse::build(self.status_code());
            response.insert_header(("Idempotency-Replayed", "true"));
            if let Some(location) = location {
                response.insert_header(("Location", location.as_str()));
            }
            return response.insert_header(ContentType::json()).body(answer.clone());
        }
        let trace = fresh_trace();
        let (title, detail) = words(&self.0, &trace);
        let more = match &self.0 {
            Failure::Broken(_) => json!({ "trace": trace }),
            Failure::Invalid(errors) => json!({ "errors": errors.iter().map(on_the_wire).collect::<Vec<_>>() }),
            Failure::Refused(reasons) => json!({ "reasons": reasons }),
            _ => json!({}),
        };
        let mut response = problem(self.status_code(), title, &detail, more);
        if let Some(seconds) = retry_after(&self.0) {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl ResponseError for PageFailure {
    fn status_code(&self) -> StatusCode {
        status_of(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        let trace = fresh_trace();
        let (title, message) = words(&self.0, &trace);
        let trace = matches!(self.0, Failure::Broken(_)).then_some(trace);
        let reasons = match &self.0 {
            Failure::Refused(reasons) => reasons.clone(),
            _ => Vec::new(),
        };
        let mut response = HttpResponse::build(self.status_code()).finish();
        response.extensions_mut().insert(ErrorWords { title: title.to_owned(), message, reasons, trace });
        response
    }
}
