//! Regression checks: add one, record what came out.

use super::press::{Form, press};
use crate::actions::{Failure, checks as acts, sight};
use crate::domain::ids::CheckId;
use crate::domain::person::Act;
use crate::domain::review::Outcome;
use crate::store::checks;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /incidents/{ref}/checks`.
pub(in crate::web) async fn add(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form {
        id: "add-check".into(),
        names: &[("title", "check_title"), ("expected", "check_expected")],
        anchor: "checks",
        said: "The check is added.",
    };
    press(&state, &request, &signed, &reference, fields, form, |desk, actor, reference, fields| {
        acts::add(desk, actor, reference, fields.text("check_title"), fields.text("check_expected")).map(drop)
    })
    .await
}

/// `POST /incidents/{ref}/checks/{id}/results`.
pub(in crate::web) async fn record(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, id) = path.into_inner();
    let form = Form {
        id: format!("result-{id}"),
        names: &[("evidence", "result_evidence")],
        anchor: "checks",
        said: "The result is recorded.",
    };
    press(&state, &request, &signed, &reference, fields, form, move |desk, actor, reference, fields| {
        desk.read(|connection| {
            let case = sight::case(connection, actor, reference, Act::RecordChecks)?;
            let row = checks::find(connection, &CheckId::from_text(id.as_str()))?;
            if row.incident_id == case.incident.id { Ok(()) } else { Err(Failure::NotFound) }
        })?;
        let Some(outcome) = Outcome::parse(fields.text("outcome")) else {
            return Err(Failure::field("outcome", "Choose what came out."));
        };
        acts::record(desk, actor, &id, outcome, fields.text("result_evidence")).map(drop)
    })
    .await
}
