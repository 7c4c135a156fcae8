//! `POST /tokens/{id}/revoke`.

use crate::actions::tokens;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{go, local};
use actix_web::{HttpResponse, web};

pub(in crate::web) async fn submit(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    state.run(move |desk| tokens::revoke(desk, &actor, &id)).await?;
    let next = fields.optional("next").unwrap_or_else(|| "/account".to_owned());
    Ok(go(&state, local(&next), "success", "The token is revoked. It works no more."))
}
