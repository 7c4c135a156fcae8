//! `GET /assets/{id}`: the picture, its record, what it lacks, whether it may be used again, and where it stands.

use super::compose::compose;
use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

/// What the page shows after one of its forms was refused.
#[derive(Default)]
pub(super) struct Again {
    pub(super) open_form: String,
    pub(super) errors: Vec<FieldError>,
    pub(super) values: Map<String, Value>,
    pub(super) refusals: Vec<Reason>,
    pub(super) stale: bool,
}

/// `GET /assets/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Again::default()).await
}

/// The page, also after one of its forms was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let mut context = state.run(move |desk| desk.read(|c| compose(desk, c, &actor, &id))).await?;
    let refused = !again.refusals.is_empty();
    context.open_form = again.open_form;
    context.refusals = again.refusals;
    context.stale = again.stale;
    let title = context.asset.name.clone();
    let mut page = Page::new(request, state, signed, &title).values(again.values).errors(again.errors);
    if refused {
        page = page.status(StatusCode::CONFLICT);
    } else if again.stale {
        page = page.status(StatusCode::PRECONDITION_FAILED);
    }
    page.render("assets/show.html", &context)
}
