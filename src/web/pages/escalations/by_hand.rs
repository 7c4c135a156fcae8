//! What a person records of an escalation: that they told them, and what they were answered.

use super::show::{Again, again};
use crate::actions::by_hand::{self, NewAnswer, NewDelivery};
use crate::actions::{Desk, Failure, sight};
use crate::domain::by_hand::Way;
use crate::domain::ids::EscalationId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::store::{escalations, incidents};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::incidents::fields::moment;
use actix_web::{HttpRequest, HttpResponse, web};

/// One of the two forms: the beginning of its fields' names, and what its act calls them.
struct Form {
    name: &'static str,
    fields: &'static [(&'static str, &'static str)],
    said: &'static str,
}

const TOLD: Form = Form {
    name: "told",
    fields: &[("at", "told_date"), ("ticket", "told_ticket"), ("note", "told_note")],
    said: "Recorded: they know. It stands in the timeline.",
};
const HEARD: Form = Form {
    name: "heard",
    fields: &[("at", "heard_date"), ("ticket", "heard_ticket"), ("text", "heard_text")],
    said: "The answer is filed, and stands in the timeline.",
};

/// `POST /escalations/{id}/deliveries`.
pub(in crate::web) async fn deliver(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    press(&state, &request, &signed, &id, fields, &TOLD, |desk, actor, id, typed| {
        let mut errors = typed.encoding_errors();
        let (way, at) = (way("told_way", typed, &mut errors), moment(typed, "told", &mut errors));
        let Some(way) = way.filter(|_| errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
        let text = |name: &str| typed.text(name).to_owned();
        let with_bundle = typed.has("told_bundle");
        let new = NewDelivery { way, at, ticket: text("told_ticket"), note: text("told_note"), with_bundle };
        by_hand::delivered(desk, actor, id, &new).map(drop)
    })
    .await
}

/// `POST /escalations/{id}/answers`.
pub(in crate::web) async fn answer(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    press(&state, &request, &signed, &id, fields, &HEARD, |desk, actor, id, typed| {
        let mut errors = typed.encoding_errors();
        let (way, at) = (way("heard_way", typed, &mut errors), moment(typed, "heard", &mut errors));
        if typed.text("heard_text").trim().is_empty() {
            errors.push(FieldError::new("heard_text", "Say what they answered."));
        }
        let Some(way) = way.filter(|_| errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
        let text = |name: &str| typed.text(name).to_owned();
        let new = NewAnswer { way, at, ticket: text("heard_ticket"), text: text("heard_text") };
        by_hand::answered(desk, actor, id, &new).map(drop)
    })
    .await
}

fn way(field: &str, fields: &Fields, errors: &mut Vec<FieldError>) -> Option<Way> {
    let way = Way::parse(fields.text(field));
    if way.is_none() {
        errors.push(FieldError::new(field, "Choose how you reached each other."));
    }
    way
}

async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: &str,
    fields: Fields,
    form: &'static Form,
    act: fn(&Desk, &Actor, &str, &Fields) -> Result<(), Failure>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, named, typed, path) = (signed.actor(), id.to_owned(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = escalations::find(connection, &EscalationId::from_text(named.as_str()))?;
                let incident = sight::promised(incidents::find(connection, &row.incident_id))?;
                sight::of_incident(connection, &actor, incident, Act::Escalate)
            })?;
            act(&once::for_form(desk, &path, &actor, &typed.once()), &actor, &named, &typed)
        })
        .await;
    match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            Ok(go(state, &format!("/escalations/{id}#{}", form.name), "success", form.said))
        }
        Err(Failure::Invalid(errors)) => {
            let errors = fields.in_order(renamed(errors, form.fields));
            again(state, request, signed, id, &fields, Again { form: form.name, errors }).await
        }
        Err(failure) => Err(failure.into()),
    }
}
