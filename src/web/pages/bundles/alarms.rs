//! Answering the second scan: a false alarm needs a reason and, where the scan is sure, a second person.

use super::preview::{Again, show};
use crate::actions::{Failure, lift_alarm, sight};
use crate::domain::bundle::Audience;
use crate::domain::ids::AlarmId;
use crate::domain::person::Act;
use crate::store::{alarms, incidents};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::go;
use crate::web::pages::incidents::fields::renamed;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /alarms/{id}`: why it is no secret.
pub(in crate::web) async fn question(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let audience = audience(&fields);
    let (actor, alarm, typed) = (signed.actor(), id.clone(), fields.clone());
    let reference = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = alarms::find(connection, &AlarmId::from_text(alarm))?;
                let incident = incidents::find(connection, &row.incident_id)?;
                Ok(sight::of_incident(connection, &actor, incident, Act::BuildBundle)?.incident.reference)
            })
        })
        .await?;
    let (actor, alarm) = (signed.actor(), id.clone());
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if errors.is_empty() {
                lift_alarm::ask(desk, &actor, &alarm, typed.text("alarm_reason"))
            } else {
                Err(Failure::Invalid(errors))
            }
        })
        .await;
    match outcome {
        Ok(reference) => Ok(back(&state, &reference, audience, "Your reason is written down.")),
        Err(Failure::Invalid(errors)) => {
            let again = Again {
                errors: renamed(errors, &[("reason", "alarm_reason")]),
                values: fields.values(&["picture"]),
                alarm_open: Some(id),
                ..Again::default()
            };
            show(&state, &request, &signed, &reference, audience, again).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /alarms/{id}/confirmation`: the second person agrees.
pub(in crate::web) async fn confirm(
    state: web::Data<State>,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, audience) = (signed.actor(), audience(&fields));
    let reference = state.run(move |desk| lift_alarm::confirm(desk, &actor, &id)).await?;
    Ok(back(&state, &reference, audience, "The false alarm is lifted."))
}

fn audience(fields: &Fields) -> Audience {
    Audience::parse(fields.text("audience")).unwrap_or(Audience::Hosting)
}

fn back(state: &State, reference: &str, audience: Audience, text: &str) -> HttpResponse {
    go(state, &format!("/incidents/{reference}/bundles/new?audience={audience}"), "success", text)
}
