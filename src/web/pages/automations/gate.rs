//! `GET /automations/{slug}/gate`: what must happen before it runs, and before it runs wider; break-glass.

mod compose;

use crate::actions::explain_gate::Without;
use crate::actions::{Desk, Failure, open_phase, override_gate};
use crate::domain::person::Actor;
use crate::domain::problem::{FieldError, Reason};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;

/// Why the page is shown again.
#[derive(Default)]
struct Again {
    open_form: String,
    errors: Vec<FieldError>,
    refusals: Vec<Reason>,
}

/// `GET /automations/{slug}/gate?without=PAUSE&settled=INCIDENT`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let mut without = Without::default();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "without" => without.pauses.push(value.into_owned()),
            "settled" => without.incidents.push(value.into_owned()),
            _ => {}
        }
    }
    render(&state, &request, &signed, &slug, without, &Fields::default(), Again::default()).await
}

/// `POST /automations/{slug}/phases`.
pub(in crate::web) async fn widen(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { name: "widen".into(), anchor: "scope", said: "The scope is opened." };
    press(&state, &request, &signed, fields, form, move |desk, actor, fields| {
        open_phase::run(desk, actor, &slug, fields.text("evidence"))?;
        Ok(slug.into_inner())
    })
    .await
}

/// `POST /automations/{slug}/overrides`.
pub(in crate::web) async fn break_glass(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { name: "ask".into(), anchor: "break-glass", said: "Asked. A second person must confirm it now." };
    press(&state, &request, &signed, fields, form, move |desk, actor, fields| {
        let hours = fields.text("hours").trim().parse::<u8>().ok().filter(|hours| *hours > 0);
        let until = hours.map(|hours| desk.now().plus(Duration::hours(hours.into())));
        override_gate::ask(desk, actor, &slug, fields.text("reason"), until)?;
        Ok(slug.into_inner())
    })
    .await
}

/// `POST /overrides/{id}/confirmation`.
pub(in crate::web) async fn confirm(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { name: id.clone(), anchor: "break-glass", said: "Confirmed. The gate is open above its pauses." };
    press(&state, &request, &signed, fields, form, move |desk, actor, _| {
        override_gate::confirm(desk, actor, &id)?;
        slug_of(desk, &id)
    })
    .await
}

/// `POST /overrides/{id}/end`.
pub(in crate::web) async fn end(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { name: id.clone(), anchor: "break-glass", said: "Ended. What was paused is closed again." };
    press(&state, &request, &signed, fields, form, move |desk, actor, _| {
        override_gate::end(desk, actor, &id)?;
        slug_of(desk, &id)
    })
    .await
}

/// `POST /overrides/{id}/review`.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = Form { name: id.clone(), anchor: "break-glass", said: "Reviewed." };
    press(&state, &request, &signed, fields, form, move |desk, actor, fields| {
        override_gate::review(desk, actor, &id, fields.text("note"))?;
        slug_of(desk, &id)
    })
    .await
}

/// What belongs to a form.
struct Form {
    /// `widen`, `ask`, or the id of an override.
    name: String,
    anchor: &'static str,
    said: &'static str,
}

/// One press: the act, then the page; what is refused shows the page again at the same form.
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    fields: Fields,
    form: Form,
    act: impl FnOnce(&Desk, &Actor, &Fields) -> Result<String, Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let place = path.clone();
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            act(&desk, &actor, &typed)
        })
        .await;
    let actor = signed.actor();
    let slug = state.run(move |desk| Ok(place_of(desk, &actor, &place))).await?;
    let why = match (outcome, slug) {
        (Ok(slug), _) | (Err(Failure::Repeated { .. }), Some(slug)) => {
            return Ok(go(state, &format!("/automations/{slug}/gate#{}", form.anchor), "success", form.said));
        }
        (Err(Failure::Invalid(errors)), Some(slug)) => {
            (slug, Again { errors: renamed(errors, &[("expires_at", "hours")]), ..Again::default() })
        }
        (Err(Failure::Refused(refusals)), Some(slug)) => (slug, Again { refusals, ..Again::default() }),
        (Err(failure), _) => return Err(failure.into()),
    };
    let (slug, again) = why;
    let again = Again { open_form: form.name, ..again };
    render(state, request, signed, &slug, Without::default(), &fields, again).await
}

/// The automation that a form's address speaks of.
fn place_of(desk: &Desk, actor: &Actor, path: &str) -> Option<String> {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("automations"), Some(slug)) => Some(slug.to_owned()),
        (Some("overrides"), Some(id)) => {
            desk.read(|connection| override_gate::show(connection, actor, id)).ok().map(|(_, row)| row.slug)
        }
        _ => None,
    }
}

fn slug_of(desk: &Desk, id: &str) -> Result<String, Failure> {
    desk.read(|connection| override_gate::show(connection, &Actor::System("page"), id)).map(|(_, row)| row.slug)
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: &str,
    without: Without,
    fields: &Fields,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let (actor, slug) = (signed.actor(), slug.to_owned());
    let mut context = state.run(move |desk| compose::compose(desk, &actor, &slug, &without)).await?;
    let mut page = Page::new(request, state, signed, "The gate").values(fields.values(&[])).errors(again.errors);
    if !again.refusals.is_empty() {
        page = page.status(StatusCode::CONFLICT);
    }
    context.open_form = again.open_form;
    context.refusals = again.refusals;
    page.render("automations/gate.html", &context)
}
