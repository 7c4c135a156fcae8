//! `GET /rules/{name}`: what a rule says and what was done to it. `POST …/switch`: off, or back on.

use super::shown::{RuleShown, without_fields};
use crate::actions::{Failure, keep_rules};
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::{Connection, own_rules};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{NO_SITE, Names, Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    rule: RuleShown,
    active: bool,
    version: i32,
    versions: Vec<VersionLine>,
    may_manage: bool,
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
    let context = state
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
                })
            })
        })
        .await?;
    let title = format!("Rule {}", context.rule.name);
    Page::new(request, state, signed, &title).again(again).render("rules/show.html", &context)
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
    let (asked, named) = (name.clone(), name.clone());
    let seen = move |connection: &mut Connection, actor: &Actor| keep_rules::find(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, "", seen, move |desk, actor, fields| {
        let errors = fields.character_errors();
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        let active = fields.text("active") == "yes";
        keep_rules::switch(desk, actor, &named, fields.version(), active, fields.text("reason")).map(drop)
    });
    match again.await? {
        None => {
            let said = if fields.text("active") == "yes" { "It is switched on." } else { "It is switched off." };
            Ok(go(&state, &format!("/rules/{name}"), "success", said))
        }
        Some(again) => {
            let again = Again { errors: without_fields(again.errors), ..again };
            render(&state, &request, &signed, name, again).await
        }
    }
}
