//! The forms on a playbook's page, and its file.

use super::show::render;
use crate::actions::localise_playbook as local;
use crate::actions::{Desk, Failure, export_playbook, playbooks as acts};
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{FirstRunPlace, Local, Topic};
use crate::domain::run::RunOutcome;
use crate::store::Connection;
use crate::store::playbooks::PlaybookRow;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::download::attachment;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::go;
use crate::web::press::{Again, press};
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};

/// Does the act that the last part of the address names.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, what) = path.into_inner();
    let Some((said, act)) = form(&what) else { return Err(Failure::NotFound.into()) };
    let named = id.clone();
    // Each row of the localisation is a form of its own.
    let form = if what == "localisation" { format!("row-{}", fields.text("topic")) } else { what };
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| act(desk, actor, &named, fields);
    let again = press(&state, &request, &signed, &fields, &form, seen(&id), act).await?;
    answer(&state, &request, &signed, id, said, again).await
}

type Press = fn(&Desk, &Actor, &str, &Fields) -> Result<(), Failure>;

/// What each form says afterwards, and what it does.
fn form(what: &str) -> Option<(&'static str, Press)> {
    Some(match what {
        "owner" => ("The owner is named.", |desk, actor, id, fields| {
            acts::set_owner(desk, actor, id, fields.text("owner")).map(drop)
        }),
        "exports" => ("The file is written. Fetch it below.", |desk, actor, id, _| {
            export_playbook::run(desk, actor, id).map(drop)
        }),
        "localisation" => ("The row is answered.", |desk, actor, id, fields| {
            let topic = Topic::parse(fields.text("topic")).ok_or_else(|| Failure::field("topic", "Choose a row."))?;
            let answer = Local::parse(fields.text("answer"))
                .ok_or_else(|| Failure::field("answer", "Choose how this site compares."))?;
            local::localise(desk, actor, id, topic, answer, Some(fields.text("changed_to"))).map(drop)
        }),
        "first-runs" => ("The first run is recorded. Somebody else reviews it.", |desk, actor, id, fields| {
            let place = FirstRunPlace::parse(fields.text("place"))
                .ok_or_else(|| Failure::field("place", "Choose where it ran."))?;
            let outcome = RunOutcome::parse(fields.text("outcome"))
                .ok_or_else(|| Failure::field("outcome", "Choose how it went."))?;
            local::record_first_run(desk, actor, id, place, outcome, fields.text("what")).map(drop)
        }),
        "production" => {
            ("It is released for production.", |desk, actor, id, _| local::release(desk, actor, id).map(drop))
        }
        "flags" => ("Every playbook of its line is flagged, on all sites.", |desk, actor, id, fields| {
            local::report(desk, actor, id, fields.text("finding")).map(drop)
        }),
        _ => return None,
    })
}

/// `POST /playbooks/{id}/first-runs/{run}/review`.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, run) = path.into_inner();
    let open = format!("review-{run}");
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| {
        let acceptable = match fields.text("acceptable") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        local::review_first_run(desk, actor, &run, acceptable, fields.text("note")).map(drop)
    };
    let again = press(&state, &request, &signed, &fields, &open, seen(&id), act).await?;
    answer(&state, &request, &signed, id, "The first run is reviewed.", again).await
}

/// `POST /playbooks/{id}/flags/{flag}/settlement`.
pub(in crate::web) async fn settle(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, flag) = path.into_inner();
    let open = format!("settle-{flag}");
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| {
        local::settle(desk, actor, &flag, fields.text("reason")).map(drop)
    };
    let again = press(&state, &request, &signed, &fields, &open, seen(&id), act).await?;
    answer(&state, &request, &signed, id, "The flag is settled on this site.", again).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    said: &str,
    again: Option<Again>,
) -> Result<HttpResponse, PageFailure> {
    match again {
        None => Ok(go(state, &format!("/playbooks/{id}"), "success", said)),
        Some(again) => render(state, request, signed, id, again).await,
    }
}

/// Whoever sees the playbook learns what is wrong with a form on its page.
fn seen(id: &str) -> impl FnOnce(&mut Connection, &Actor) -> Result<PlaybookRow, Failure> + Send + 'static {
    let id = id.to_owned();
    move |connection, actor| acts::find(connection, actor, &id, Act::ReadRegistry)
}

/// `GET /playbooks/{id}/exports/{export}`: the file.
pub(in crate::web) async fn file(
    state: web::Data<State>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFailure> {
    let (id, export) = path.into_inner();
    let actor = signed.actor();
    let row = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = export_playbook::file(connection, &actor, &export)?;
                if row.playbook_id.as_str() == id { Ok(row) } else { Err(Failure::NotFound) }
            })
        })
        .await?;
    let name = attachment(&format!("playbook-v{}.json", row.version));
    Ok(HttpResponse::Ok().content_type("application/json").insert_header((CONTENT_DISPOSITION, name)).body(row.body))
}
