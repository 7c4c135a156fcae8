//! `POST /evidence/{id}/removals`: somebody sees a value in the redacted form that must go.

use super::show::render;
use crate::actions::{remove_value, sight};
use crate::domain::person::{Act, Actor};
use crate::store::Connection;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::go;
use crate::web::press::{Again, press};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Map;

pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let (asked, named) = (id.clone(), id.clone());
    let seen =
        move |connection: &mut Connection, actor: &Actor| sight::evidence(connection, actor, &asked, Act::WorkIncident);
    let again = press(&state, &request, &signed, &fields, "remove", seen, move |desk, actor, fields| {
        let (_, case) = desk.read(|connection| sight::evidence(connection, actor, &named, Act::WorkIncident))?;
        remove_value::run(desk, actor, &case.incident.reference, fields.text("value")).map(drop)
    });
    match again.await? {
        None => {
            let said = "It goes from all evidence and texts of this incident. Load the page again in a moment.";
            Ok(go(&state, &format!("/evidence/{id}"), "success", said))
        }
        // What was typed is a secret: it is not sent back.
        Some(again) => render(&state, &request, &signed, id, Again { values: Map::new(), ..again }).await,
    }
}
