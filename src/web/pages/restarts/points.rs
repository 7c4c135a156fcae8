//! The three looks that the cadence asks for, marked on the incident's page.

use crate::actions::{Failure, review_points};
use crate::domain::review::Point;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::go;
use actix_web::{HttpResponse, web};

/// `POST /incidents/{ref}/points/{point}`.
pub(in crate::web) async fn look(
    state: web::Data<State>,
    signed: Signed,
    path: web::Path<(String, String)>,
    _: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, point) = path.into_inner();
    let Some(point) = Point::parse(&point) else { return Err(Failure::NotFound.into()) };
    let (actor, named) = (signed.actor(), reference.clone());
    state.run(move |desk| review_points::look(desk, &actor, &named, point)).await?;
    Ok(go(&state, &format!("/incidents/{reference}#looks"), "success", "It is written down that you read it through."))
}
