//! `GET /incidents/{ref}/restart`, and the same page after a refused press.

use super::compose::compose;
use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::Page;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Why the page is shown again.
#[derive(Default)]
pub(super) struct Again {
    /// Which form was refused.
    pub(super) open_form: String,
    pub(super) errors: Vec<FieldError>,
    pub(super) refusals: Vec<Reason>,
}

/// `GET /incidents/{ref}/restart`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    again(&state, &request, &signed, &reference, &Fields::default(), Again::default()).await
}

/// The page with what was typed at the form that was refused.
pub(super) async fn again(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: &Fields,
    why: Again,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference) = (signed.actor(), reference.to_owned());
    let mut context = state.run(move |desk| compose(desk, &actor, &reference)).await?;
    let mut page = Page::new(request, state, signed, "The way back").values(fields.values(&[])).errors(why.errors);
    if !why.refusals.is_empty() {
        page = page.status(StatusCode::CONFLICT);
    }
    context.open_form = why.open_form;
    context.refusals = why.refusals;
    page.render("restart/show.html", &context)
}
