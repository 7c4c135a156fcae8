//! Operators: procedures, training, first weeks, and the set-up of a site.

pub(in crate::web) mod list;
pub(in crate::web) mod procedure_form;
pub(in crate::web) mod procedures;
pub(in crate::web) mod setup;
pub(in crate::web) mod show;
pub(in crate::web) mod week;

use crate::actions::{Desk, Failure};
use crate::domain::person::Actor;
use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::Page;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use serde_json::{Map, Value};

/// What a page shows after one of its forms was refused.
#[derive(Default)]
struct Again {
    /// Which form.
    open_form: String,
    errors: Vec<FieldError>,
    values: Map<String, Value>,
    refusals: Vec<Reason>,
}

impl Again {
    /// The page with what was typed, and the status that fits.
    fn on<'r>(self, page: Page<'r>) -> Page<'r> {
        let refused = !self.refusals.is_empty();
        let page = page.values(self.values).errors(self.errors);
        if refused { page.status(StatusCode::CONFLICT) } else { page }
    }
}

/// Does one act of a form. None: it is done. Otherwise the page is shown again with this. `seen` is asked before the
/// fields are looked at, so that nobody learns by errors what is not theirs.
async fn press<T: Send + 'static>(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: &Fields,
    open_form: &str,
    seen: impl FnOnce(&mut crate::store::Connection, &Actor) -> Result<T, Failure> + Send + 'static,
    act: impl FnOnce(&Desk, &Actor, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<Option<Again>, PageFailure> {
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
    let again =
        |errors, refusals| Again { open_form: open_form.to_owned(), errors, values: fields.values(&[]), refusals };
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => Ok(None),
        Err(Failure::Invalid(errors)) => Ok(Some(again(errors, Vec::new()))),
        Err(Failure::Refused(reasons)) => Ok(Some(again(Vec::new(), reasons))),
        Err(failure) => Err(failure.into()),
    }
}
