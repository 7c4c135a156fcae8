//! The picture and its small form: pixels only, with their own type, so that they can never be read as a page.

use crate::actions::assets as acts;
use crate::domain::person::Act;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use actix_web::{HttpResponse, web};

/// `GET /assets/{id}/picture`.
pub(in crate::web) async fn serve(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    send(&state, &signed, id.into_inner(), false).await
}

/// `GET /assets/{id}/thumbnail`.
pub(in crate::web) async fn small(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    send(&state, &signed, id.into_inner(), true).await
}

async fn send(state: &State, signed: &Signed, id: String, small: bool) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let bytes = state
        .run(move |desk| {
            let row = desk.read(|connection| acts::find(connection, &actor, &id, Act::ReadRegistry))?;
            acts::read_picture(desk, &row, small)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header(("Content-Disposition", "inline"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'"))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(bytes))
}
