//! `GET /assets/{id}`: the picture, its record, what it lacks, whether it may be used again, and where it stands.

use super::compose::compose;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::press::Again;
use actix_web::{HttpRequest, HttpResponse, web};

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
    let context = state.run(move |desk| desk.read(|c| compose(desk, c, &actor, &id))).await?;
    Page::new(request, state, signed, &context.asset.name.clone()).again(again).render("assets/show.html", &context)
}
