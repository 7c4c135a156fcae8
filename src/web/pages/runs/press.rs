//! One press of a form on these pages: the act, then the page; a refusal shows the page again with what was typed.

use crate::actions::{Desk, Failure};
use crate::domain::person::Actor;
use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::fields::Fields;
use crate::web::once;
use actix_web::HttpRequest;

/// Why a page is shown again.
#[derive(Default)]
pub(super) struct Again {
    pub(super) errors: Vec<FieldError>,
    pub(super) refusals: Vec<Reason>,
    pub(super) fields: Fields,
    /// Which form was refused, where a page has several.
    pub(super) form: String,
}

/// Does the act once. None: it is done.
pub(super) async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: Fields,
    form: String,
    act: impl FnOnce(&Desk, &Actor, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<Option<Again>, Failure> {
    let (actor, path, typed) = (signed.actor(), request.path().to_owned(), fields.clone());
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            act(&desk, &actor, &typed)
        })
        .await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => Ok(None),
        Err(Failure::Invalid(errors)) => {
            let errors = fields.in_order(errors);
            Ok(Some(Again { errors, fields, form, refusals: Vec::new() }))
        }
        Err(Failure::Refused(refusals)) => Ok(Some(Again { refusals, fields, form, errors: Vec::new() })),
        Err(failure) => Err(failure),
    }
}
