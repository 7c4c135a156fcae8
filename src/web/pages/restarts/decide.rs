//! Asking for the restart, and deciding.

use super::press::{Form, press};
use crate::actions::{Failure, restart, sight};
use crate::domain::automation::RunScope;
use crate::domain::ids::RequestId;
use crate::domain::person::Act;
use crate::domain::review::Decision;
use crate::store::restarts;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /incidents/{ref}/restart-requests`.
pub(in crate::web) async fn ask(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { id: "ask".into(), names: &[], anchor: "request", said: "Asked. An administrator decides now." };
    press(&state, &request, &signed, &reference, fields, form, |desk, actor, reference, fields| {
        desk.read(|connection| sight::case(connection, actor, reference, Act::AskRestart))?;
        let Some(scope) = RunScope::parse(fields.text("scope")) else {
            return Err(Failure::field("scope", "Choose how far it may go."));
        };
        restart::ask(desk, actor, reference, scope, fields.text("note")).map(drop)
    })
    .await
}

/// `POST /incidents/{ref}/restart-requests/{id}/decision`.
pub(in crate::web) async fn decide(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, id) = path.into_inner();
    let decision = Decision::parse(fields.text("decision"));
    let form = Form {
        id: "decide".into(),
        names: &[],
        anchor: "request",
        said: match decision {
            Some(Decision::Approved) => {
                "Approved. What was asked for is no longer paused by this incident; it begins at read only."
            }
            _ => "Declined. Everything stays paused.",
        },
    };
    press(&state, &request, &signed, &reference, fields, form, move |desk, actor, reference, fields| {
        desk.read(|connection| {
            let case = sight::case(connection, actor, reference, Act::DecideRestart)?;
            let row = restarts::find(connection, &RequestId::from_text(id.as_str()))?;
            if row.incident_id == case.incident.id { Ok(()) } else { Err(Failure::NotFound) }
        })?;
        let Some(decision) = decision else {
            return Err(Failure::field("decision", "Press Approve or Decline."));
        };
        restart::decide(desk, actor, &id, decision, fields.text("reason")).map(drop)
    })
    .await
}
