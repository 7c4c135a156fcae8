//! Going on with a form whose session had ended: what was typed is shown, and sent on with one press.

use crate::actions::{Failure, drafts};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::cookies::Jar;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::shown::{NO_SITE, Time, capital, time};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    path: String,
    typed: Vec<Typed>,
    hidden: Vec<Hidden>,
    expires_at: Time,
}

/// A field as a person reads it.
#[derive(Serialize)]
struct Typed {
    label: String,
    value: String,
}

/// A field as it is sent on.
#[derive(Serialize)]
struct Hidden {
    name: String,
    value: String,
}

/// Fields that say nothing to a person.
const SILENT: [&str; 4] = ["version", "next", "step_rows", "audience"];

/// `GET /resume`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    let Some(draft) = find(&state, &request, &signed).await? else { return Ok(nothing(&state)) };
    let fields = Fields::parse(&draft.form);
    let typed = fields
        .pairs()
        .filter(|(name, value)| !SILENT.contains(name) && !value.trim().is_empty())
        .map(|(name, value)| Typed { label: capital(&name.replace('_', " ")), value: value.to_owned() })
        .collect();
    let hidden =
        fields.pairs().map(|(name, value)| Hidden { name: name.to_owned(), value: value.to_owned() }).collect();
    let context = Context { path: draft.path, typed, hidden, expires_at: time(draft.expires_at, NO_SITE) };
    Page::new(&request, &state, &signed, "Go on where you were").render("resume.html", &context)
}

/// `POST /resume`: the browser sends the same fields on to where they were going; the form is forgotten.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let Some(draft) = find(&state, &request, &signed).await? else { return Ok(nothing(&state)) };
    if let Some(secret) = Jar::Draft.read(&request, &state) {
        state.run(move |desk| drafts::forget(desk, &secret)).await?;
    }
    let mut response = if fields.has("discard") {
        go(&state, "/", "success", "The form is thrown away. Nothing of it was sent.")
    } else {
        // 307: method and body stay as they are.
        HttpResponse::build(StatusCode::TEMPORARY_REDIRECT).insert_header((header::LOCATION, draft.path)).finish()
    };
    let _ = response.add_cookie(&Jar::Draft.clear(&state));
    Ok(response)
}

/// The form that waits for this person in this browser.
async fn find(state: &State, request: &HttpRequest, signed: &Signed) -> Result<Option<drafts::Draft>, PageFailure> {
    let Some(secret) = Jar::Draft.read(request, state) else { return Ok(None) };
    let actor = signed.actor();
    match state.run(move |desk| drafts::find(desk, &actor, &secret)).await {
        Ok(draft) => Ok(Some(draft)),
        Err(Failure::NotFound) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn nothing(state: &State) -> HttpResponse {
    go(state, "/", "warning", "No form waits for you here: it was sent, its hour is over, or it is somebody else's.")
}
