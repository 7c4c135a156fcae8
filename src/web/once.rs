//! Requests that must be done once: `Idempotency-Key` of the API, the hidden `once` of forms.

use super::failure::ApiFailure;
use crate::actions::{Desk, Failure};
use crate::domain::person::Actor;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// Longest key, characters.
const KEY_MAX: usize = 200;

/// The `Idempotency-Key` of an API request, if it has one.
pub(super) struct IdempotencyKey {
    path: String,
    key: Option<String>,
}

impl IdempotencyKey {
    /// The desk for this request. `status` is that of the first answer.
    pub(super) fn desk(&self, desk: &Desk, actor: &Actor, body: &[u8], status: u16) -> Desk {
        match &self.key {
            Some(key) => desk.once(actor, &self.path, key, body, status),
            None => desk.clone(),
        }
    }
}

impl IdempotencyKey {
    /// The desk for a request whose body streams in and is hashed on its way.
    pub(super) fn streaming_desk(&self, desk: &Desk, actor: &Actor, status: u16) -> Desk {
        match &self.key {
            Some(key) => desk.once_streamed(actor, &self.path, key, status),
            None => desk.clone(),
        }
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiFailure;
    type Future = Ready<Result<Self, ApiFailure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = request.path().to_owned();
        let Some(key) = request.headers().get("idempotency-key") else {
            return ready(Ok(Self { path, key: None }));
        };
        let key = key.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= KEY_MAX);
        ready(match key {
            Some(key) => Ok(Self { path, key: Some(key.to_owned()) }),
            None => Err(ApiFailure(Failure::field(
                "Idempotency-Key",
                format!("Use 1 to {KEY_MAX} visible ASCII characters."),
            ))),
        })
    }
}

/// The hidden `once` of a form, and what the form says.
#[derive(Clone)]
pub(super) struct FormKey {
    key: String,
    said: String,
}

impl FormKey {
    /// Of the form's texts; what differs on each page (`csrf`, `once`) is not among them.
    pub(super) fn new<'t>(once: &str, said: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let said = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
        Self { key: once.to_owned(), said }
    }
}

/// The desk for a form: a double press does the act once. The same form with other words is no double press: nothing is
/// done, and it is shown again.
pub(super) fn for_form(desk: &Desk, path: &str, actor: &Actor, once: &FormKey) -> Desk {
    if once.key.is_empty() { desk.clone() } else { desk.once_of_form(actor, path, &once.key, once.said.as_bytes()) }
}

/// One field of a first answer, for showing the page to which the first press led.
pub(super) fn in_answer(answer: &str, field: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(answer).ok()?;
    Some(answer.get(field)?.as_str()?.to_owned())
}
