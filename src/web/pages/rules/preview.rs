//! `GET /rules/previews/{id}`: what a rule would change in past evidence. `POST`: saves it.

use super::shown::{RuleShown, without_fields};
use crate::actions::{Desk, Failure, keep_rules, preview_rule, sight};
use crate::domain::person::{Act, Actor};
use crate::store::rule_work::TriedIncident;
use crate::store::{Connection, own_rules};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::press::{Again, Pressed, pressed};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    id: String,
    rule: RuleShown,
    /// The version that stands now; none: the rule is new.
    version: Option<i32>,
    done: i32,
    total: i32,
    finished: bool,
    kept_hours: i64,
    goes: u64,
    stays: u64,
    incidents: Vec<TriedIncident>,
}

/// `GET /rules/previews/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = preview_rule::find(desk, connection, &actor, &id)?;
                let name = row.definition.name.clone();
                let found = row.found.into_inner();
                Ok(Context {
                    id: row.id.to_string(),
                    version: own_rules::versions(connection, &name)?.first().map(|row| row.version),
                    rule: RuleShown::from(row.definition.into_inner()),
                    done: row.done,
                    total: row.total,
                    finished: row.finished_at.is_some(),
                    kept_hours: preview_rule::KEPT_HOURS,
                    goes: found.iter().map(|incident| incident.goes).sum(),
                    stays: found.iter().map(|incident| incident.stays).sum(),
                    incidents: found,
                })
            })
        })
        .await?;
    let title = format!("Preview of {}", context.rule.name);
    Page::new(request, state, signed, &title).again(again).render("rules/preview.html", &context)
}

/// `POST /rules/previews/{id}`: the rule is in force from now on.
pub(in crate::web) async fn save(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let named = id.clone();
    let seen = |_: &mut Connection, actor: &Actor| sight::everywhere(actor, Act::ManageRules);
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| {
        let rule = desk.read(|connection| preview_rule::find(desk, connection, actor, &named))?;
        let rule = rule.definition.into_inner();
        let errors = fields.character_errors();
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        let (name, why) = (rule.name.clone(), fields.text("reason").to_owned());
        let is_there = desk.read(|connection| Ok(!own_rules::versions(connection, &name)?.is_empty()))?;
        if is_there {
            keep_rules::change(desk, actor, &name, fields.version(), rule, &why).map(|written| written.name)
        } else {
            keep_rules::add(desk, actor, rule, &why).map(|written| written.name)
        }
    };
    let name = match pressed(&state, &request, &signed, &fields, "", seen, act).await? {
        Pressed::Done(name) => name,
        Pressed::Before(answer) => once::in_answer(&answer, "name").unwrap_or_default(),
        Pressed::Refused(again) => {
            let again = Again { errors: without_fields(again.errors), ..again };
            return render(&state, &request, &signed, id, again).await;
        }
    };
    let said = "It is in force, on every node within a second. Evidence of before is as it was: read it again below.";
    Ok(go(&state, &format!("/rules/{name}"), "success", said))
}
