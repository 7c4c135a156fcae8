//! `GET /rules/{name}`: what a rule says and what was done to it. `POST …/switch`: off, or back on.

use super::shown::{RuleShown, without_fields};
use crate::actions::{Failure, keep_rules};
use crate::domain::person::Act;
use crate::domain::problem::{FieldError, Reason};
use crate::redaction::Redacted;
use crate::store::own_rules;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{NO_SITE, Names, Time, time};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    rule: RuleShown,
    active: bool,
    version: i32,
    versions: Vec<VersionLine>,
    may_manage: bool,
    refused: Vec<Reason>,
}

#[derive(Serialize)]
struct VersionLine {
    version: i32,
    revision: i32,
    active: bool,
    /// Does it say something else than the version before, or was it only switched?
    changed: bool,
    find: Vec<String>,
    reason: Redacted,
    by: String,
    at: Time,
}

/// Why the page is shown again.
#[derive(Default)]
struct Again {
    values: Map<String, Value>,
    errors: Vec<FieldError>,
    refused: Vec<Reason>,
}

/// `GET /rules/{name}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, name.into_inner(), Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    name: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let may_manage = actor.may_everywhere(Act::ManageRules);
    let mut context = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = keep_rules::find(connection, &actor, &name)?;
                let rows = own_rules::versions(connection, &name)?;
                let mut names = Names::default();
                let mut versions = Vec::new();
                for (at, version) in rows.iter().enumerate() {
                    let before = rows.get(at + 1);
                    versions.push(VersionLine {
                        version: version.version,
                        revision: version.revision,
                        active: version.active,
                        changed: before.is_none_or(|before| before.definition != version.definition),
                        find: version.definition.find.clone(),
                        reason: version.reason.clone(),
                        by: names.actor(connection, &version.written_by)?,
                        at: time(version.written_at, NO_SITE),
                    });
                }
                Ok(Context {
                    active: row.active,
                    version: row.version,
                    rule: RuleShown::from(row.definition.into_inner()),
                    versions,
                    may_manage,
                    refused: Vec::new(),
                })
            })
        })
        .await?;
    let title = format!("Rule {}", context.rule.name);
    let mut page = Page::new(request, state, signed, &title).values(again.values).errors(again.errors);
    if !again.refused.is_empty() {
        page = page.status(StatusCode::CONFLICT);
    }
    context.refused = again.refused;
    page.render("rules/show.html", &context)
}

/// `POST /rules/{name}/switch`.
pub(in crate::web) async fn switch(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let name = name.into_inner();
    let (actor, typed, named, path) = (signed.actor(), fields.clone(), name.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| keep_rules::find(connection, &actor, &named))?;
            let errors = typed.character_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            let active = typed.text("active") == "yes";
            keep_rules::switch(&desk, &actor, &named, typed.version(), active, typed.text("reason"))
        })
        .await;
    let again = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            let said = if fields.text("active") == "yes" { "It is switched on." } else { "It is switched off." };
            return Ok(go(&state, &format!("/rules/{name}"), "success", said));
        }
        Err(Failure::Invalid(errors)) => {
            Again { values: fields.values(&[]), errors: without_fields(errors), ..Again::default() }
        }
        Err(Failure::Refused(refused)) => Again { values: fields.values(&[]), refused, ..Again::default() },
        Err(failure) => return Err(failure.into()),
    };
    render(&state, &request, &signed, name, again).await
}
