//! `POST /pauses/{id}/release`: a pause that no incident holds ends, with a reason.

use super::{list, show};
use crate::actions::sight::promised;
use crate::actions::{Failure, pause};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, PauseId};
use crate::store::pauses::PauseRow;
use crate::store::{Connection, automations, pauses, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::go;
use crate::web::pages::sites as site_pages;
use crate::web::pages::sites::show::Refused;
use actix_web::{HttpRequest, HttpResponse, web};

pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, id) = (signed.actor(), id.into_inner());
    let (path, key) = (request.path().to_owned(), fields.text("once").to_owned());
    let (reason, unreadable, pause_id) =
        (fields.text("release_reason").to_owned(), fields.encoding_errors(), id.clone());
    let outcome = state
        .run(move |desk| {
            if !unreadable.is_empty() {
                return Err(Failure::Invalid(unreadable));
            }
            pause::release(&once::for_form(desk, &path, &actor, &key), &actor, &pause_id, &reason)
        })
        .await;
    let failure = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => None,
        Err(failure) => Some(failure),
    };
    if let Some(failure @ (Failure::NotFound | Failure::Forbidden(_))) = failure {
        return Err(failure.into());
    }
    let actor = signed.actor();
    let pause_id = PauseId::from_text(id.as_str());
    let place = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = pauses::find(connection, &pause_id)?;
                // A release that was refused as typed says nothing about who may know of the pause.
                if let Some(hidden @ (Failure::NotFound | Failure::Forbidden(_))) =
                    pause::release_refusal(connection, &actor, &row)?
                {
                    return Err(hidden);
                }
                place(connection, &row)
            })
        })
        .await?;
    match failure {
        None => Ok(go(&state, &place.address(), "success", "The pause is released. What else holds, still holds.")),
        Some(Failure::Invalid(errors)) => {
            let errors = renamed(errors, &[("reason", "release_reason")]);
            let refused = Refused { errors, values: fields.values(&[]), releasing: Some(id) };
            match place {
                Place::Automation(slug) => show::render(&state, &request, &signed, slug, refused).await,
                Place::Site(slug) => site_pages::show::render(&state, &request, &signed, slug, refused).await,
                Place::List => list::render(&state, &request, &signed, list::Filter::default(), refused).await,
            }
        }
        Some(failure) => Err(failure.into()),
    }
}

/// The page on which a pause stands.
enum Place {
    Automation(String),
    Site(String),
    List,
}

impl Place {
    fn address(&self) -> String {
        match self {
            Place::Automation(slug) => format!("/automations/{slug}"),
            Place::Site(slug) => format!("/sites/{slug}"),
            Place::List => "/automations".to_owned(),
        }
    }
}

fn place(connection: &mut Connection, row: &PauseRow) -> Result<Place, Failure> {
    Ok(match (row.target_kind, &row.site_id) {
        (PauseTarget::Automation, _) => {
            let id = AutomationId::from_text(row.target.as_str());
            Place::Automation(promised(automations::find(connection, &id))?.slug)
        }
        (PauseTarget::Site, Some(site)) => Place::Site(promised(sites::find(connection, site))?.slug),
        _ => Place::List,
    })
}
