//! One press of a form: somebody who may see the page does one act, once. What is refused shows the page again.

use super::State;
use super::auth::Signed;
use super::fields::Fields;
use super::once;
use crate::actions::{Desk, Failure};
use crate::domain::person::Actor;
use crate::domain::problem::{FieldError, Reason};
use crate::store::Connection;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use serde_json::{Map, Value};

/// What a page shows after one of its forms was refused.
#[derive(Default)]
pub(super) struct Again {
    /// Which form, where a page has several.
    pub(super) open_form: String,
    /// What is wrong with fields, in their order.
    pub(super) errors: Vec<FieldError>,
    /// What was typed.
    pub(super) values: Map<String, Value>,
    /// The rules that refuse.
    pub(super) refusals: Vec<Reason>,
    /// Somebody else changed it since the form was opened.
    pub(super) stale: bool,
}

impl Again {
    /// The status of the page; none: nothing was refused.
    pub(super) fn status(&self) -> Option<StatusCode> {
        if !self.refusals.is_empty() {
            Some(StatusCode::CONFLICT)
        } else if self.stale {
            Some(StatusCode::PRECONDITION_FAILED)
        } else if !self.errors.is_empty() {
            Some(StatusCode::UNPROCESSABLE_ENTITY)
        } else {
            None
        }
    }
}

/// What came of a press.
pub(super) enum Pressed<T> {
    /// It is done.
    Done(T),
    /// It was done at an earlier press, with this answer.
    Before(String),
    /// It is refused, and nothing is done.
    Refused(Again),
}

/// Does one act of a form. None: it is done. `seen` is asked before the fields are looked at, so that nobody learns by
/// errors what is not theirs.
pub(super) async fn press<S: Send + 'static>(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: &Fields,
    open_form: &str,
    seen: impl FnOnce(&mut Connection, &Actor) -> Result<S, Failure> + Send + 'static,
    act: impl FnOnce(&Desk, &Actor, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<Option<Again>, Failure> {
    Ok(match pressed(state, request, signed, fields, open_form, seen, act).await? {
        Pressed::Done(()) | Pressed::Before(_) => None,
        Pressed::Refused(again) => Some(again),
    })
}

/// Like [`press`], for an act whose answer says where to go.
pub(super) async fn pressed<S: Send + 'static, T: Send + 'static>(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: &Fields,
    open_form: &str,
    seen: impl FnOnce(&mut Connection, &Actor) -> Result<S, Failure> + Send + 'static,
    act: impl FnOnce(&Desk, &Actor, &Fields) -> Result<T, Failure> + Send + 'static,
) -> Result<Pressed<T>, Failure> {
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| seen(connection, &actor))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            act(&once::for_form(desk, &path, &actor, &typed.once()), &actor, &typed)
        })
        .await;
    let again = match outcome {
        Ok(done) => return Ok(Pressed::Done(done)),
        Err(Failure::Repeated { answer, .. }) => return Ok(Pressed::Before(answer)),
        Err(Failure::Invalid(errors)) => Again { errors: fields.in_order(errors), ..Again::default() },
        Err(Failure::Refused(refusals)) => Again { refusals, ..Again::default() },
        Err(Failure::Stale) => Again { stale: true, ..Again::default() },
        Err(failure) => return Err(failure),
    };
    Ok(Pressed::Refused(Again { open_form: open_form.to_owned(), values: fields.values(&[]), ..again }))
}
