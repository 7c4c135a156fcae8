//! The forms on a playbook's page, and its file.

use super::show::{Again, render};
use crate::actions::localise_playbook as local;
use crate::actions::{Desk, Failure, export_playbook, playbooks as acts};
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{FirstRunPlace, Local, Topic};
use crate::domain::run::RunOutcome;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::download::attachment;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::go;
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
    press(&state, &request, &signed, id, fields, what, said, act).await
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
    let act = move |desk: &Desk, actor: &Actor, _: &str, fields: &Fields| {
        let acceptable = match fields.text("acceptable") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        local::review_first_run(desk, actor, &run, acceptable, fields.text("note")).map(drop)
    };
    press(&state, &request, &signed, id, fields, open, "The first run is reviewed.", act).await
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
    let act = move |desk: &Desk, actor: &Actor, _: &str, fields: &Fields| {
        local::settle(desk, actor, &flag, fields.text("reason")).map(drop)
    };
    press(&state, &request, &signed, id, fields, open, "The flag is settled on this site.", act).await
}

#[allow(clippy::too_many_arguments)]
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    fields: Fields,
    open_form: String,
    said: &'static str,
    act: impl FnOnce(&Desk, &Actor, &str, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (actor, named, typed, path) = (signed.actor(), id.clone(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| acts::find(connection, &actor, &named, Act::ReadRegistry))?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            act(&once::for_form(desk, &path, &actor, &typed.once()), &actor, &named, &typed)
        })
        .await;
    let again = match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            return Ok(go(state, &format!("/playbooks/{id}"), "success", said));
        }
        Err(Failure::Invalid(errors)) => Again { errors, ..Again::default() },
        Err(Failure::Refused(refusals)) => Again { refusals, ..Again::default() },
        Err(failure) => return Err(failure.into()),
    };
    let topic = fields.text("topic").to_owned();
    let open_form = if open_form == "localisation" { format!("row-{topic}") } else { open_form };
    render(state, request, signed, id, Again { open_form, values: fields.values(&[]), ..again }).await
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
