//! The JSON API, one file per noun.

pub(super) mod gate;
pub(super) mod incidents;

use crate::actions::{Answer, Failure};
use crate::domain::moment::Moment;
use crate::domain::problem::FieldError;
use actix_web::HttpResponse;
use serde::de::DeserializeOwned;

/// Reads a JSON body; says which field is wrong.
fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "body".to_owned() } else { path };
        Failure::Invalid(vec![FieldError::new(field, format!("This cannot be read: {}", error.inner()))])
    })?;
    reader.end().map_err(|_| Failure::field("body", "There is something after the JSON document."))?;
    Ok(value)
}

/// Reads an RFC 3339 time with offset.
fn moment(field: &str, text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Moment> {
    match chrono::DateTime::parse_from_rfc3339(text?) {
        Ok(at) => Some(Moment::from_utc(at.to_utc())),
        Err(_) => {
            errors.push(FieldError::new(field, "Use RFC 3339 with offset, for example 2026-11-21T09:30:00+01:00."));
            None
        }
    }
}

/// 201 with the answer and where the new thing is.
fn created(answer: &impl Answer) -> HttpResponse {
    let mut response = HttpResponse::Created();
    if let Some(location) = answer.location() {
        response.insert_header(("Location", location));
    }
    response.json(answer)
}
