//! Restart criteria: add one, show that it holds.

use super::press::{Form, press};
use crate::actions::{Failure, criteria as acts, sight};
use crate::domain::ids::CriterionId;
use crate::domain::person::Act;
use crate::store::criteria;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /incidents/{ref}/criteria`.
pub(in crate::web) async fn add(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { id: "add-criterion".into(), names: &[], anchor: "criteria", said: "The criterion is added." };
    press(&state, &request, &signed, &reference, fields, form, |desk, actor, reference, fields| {
        acts::add(desk, actor, reference, fields.text("statement")).map(drop)
    })
    .await
}

/// `POST /incidents/{ref}/criteria/{id}/met`.
pub(in crate::web) async fn show(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, id) = path.into_inner();
    let form = Form {
        id: format!("met-{id}"),
        names: &[("evidence", "met_evidence")],
        anchor: "criteria",
        said: "It is shown to hold.",
    };
    press(&state, &request, &signed, &reference, fields, form, move |desk, actor, reference, fields| {
        desk.read(|connection| {
            let case = sight::case(connection, actor, reference, Act::RecordChecks)?;
            let row = criteria::find(connection, &CriterionId::from_text(id.as_str()))?;
            if row.incident_id == case.incident.id { Ok(()) } else { Err(Failure::NotFound) }
        })?;
        acts::show(desk, actor, &id, fields.text("met_evidence")).map(drop)
    })
    .await
}
