//! One press of a form on the way back: the act, then the page; a refusal shows the page again at the same form.

use super::show::{Again, again};
use crate::actions::{Desk, Failure, sight};
use crate::domain::person::{Act, Actor};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::incidents::fields::renamed;
use actix_web::{HttpRequest, HttpResponse};

/// What belongs to a form.
pub(super) struct Form {
    /// Which one it is: `plan`, or `proof-ID` of an action.
    pub(super) id: String,
    /// The action's field names and those of the page, where they differ.
    pub(super) names: &'static [(&'static str, &'static str)],
    /// Where the page opens afterwards.
    pub(super) anchor: &'static str,
    /// What it says then.
    pub(super) said: &'static str,
}

/// Does the act for somebody who sees the incident.
pub(super) async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: Fields,
    form: Form,
    act: impl FnOnce(&Desk, &Actor, &str, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (actor, named, typed) = (signed.actor(), reference.to_owned(), fields.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::ReadIncidents))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            act(&desk, &actor, &named, &typed)
        })
        .await;
    let why = match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            return Ok(go(state, &format!("/incidents/{reference}/restart#{}", form.anchor), "success", form.said));
        }
        Err(Failure::Invalid(errors)) => Again { errors: renamed(errors, form.names), ..Again::default() },
        Err(Failure::Refused(refusals)) => Again { refusals, ..Again::default() },
        Err(failure) => return Err(failure.into()),
    };
    again(state, request, signed, reference, &fields, Again { open_form: form.id, ..why }).await
}
