//! `GET /rules`: the organisation's own rules and exceptions, and past evidence that was read again.

use super::rerun::{RerunShown, shown};
use super::shown::RuleShown;
use crate::actions::{Failure, sight};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::store::own_rules::{self, OwnRuleRow};
use crate::store::{Connection, evidence, rule_work};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{NO_SITE, Names, Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

/// Readings of past evidence that are shown.
const RERUNS: i64 = 5;
/// Previews that are shown.
const PREVIEWS: i64 = 10;

#[derive(Serialize)]
struct Context {
    rules: Vec<RuleLine>,
    in_force: String,
    product: usize,
    /// Rules that are being tried, for whoever may save them.
    previews: Vec<PreviewLine>,
    reruns: Vec<RerunShown>,
    /// Texts that other rules redacted than those in force.
    outdated_files: i64,
    running: bool,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    manage: bool,
    try_text: bool,
}

#[derive(Serialize)]
struct RuleLine {
    rule: RuleShown,
    active: bool,
    version: i32,
    by: String,
    at: Time,
}

#[derive(Serialize)]
struct PreviewLine {
    id: String,
    name: String,
    finished: bool,
    by: String,
    at: Time,
}

/// `GET /rules`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, Map::new(), Vec::new()).await
}

/// The page, also after its form was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRules)?;
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            desk.read(|connection| {
                let mut names = Names::default();
                let mut rules = Vec::new();
                for row in own_rules::newest(connection)? {
                    rules.push(line(connection, &mut names, row)?);
                }
                let mut reruns = Vec::new();
                for row in rule_work::newest_reruns(connection, RERUNS)? {
                    let progress = sight::promised(rule_work::progress(connection, &row.id))?;
                    reruns.push(shown(connection, &mut names, row, progress)?);
                }
                let manage = actor.may_everywhere(Act::ManageRules);
                let mut previews = Vec::new();
                if manage {
                    for row in rule_work::previews(connection, desk.now(), PREVIEWS)? {
                        previews.push(PreviewLine {
                            id: row.id.to_string(),
                            name: row.definition.name.clone(),
                            finished: row.finished_at.is_some(),
                            by: names.actor(connection, &row.asked_by)?,
                            at: time(row.asked_at, NO_SITE),
                        });
                    }
                }
                let in_force = desk.active_rules.current();
                Ok(Context {
                    rules,
                    previews,
                    outdated_files: evidence::count_made_by_others(connection, in_force.digest())?,
                    in_force: in_force.in_words(),
                    product: desk.active_rules.product().all().len(),
                    running: reruns.iter().any(|rerun| !rerun.finished),
                    reruns,
                    can: Can { manage, try_text: actor.may_somewhere(Act::TryRules) },
                })
            })
        })
        .await?;
    Page::new(request, state, signed, "Rules of redaction")
        .values(values)
        .errors(errors)
        .render("rules/list.html", &context)
}

fn line(connection: &mut Connection, names: &mut Names, row: OwnRuleRow) -> Result<RuleLine, Failure> {
    Ok(RuleLine {
        by: names.actor(connection, &row.written_by)?,
        at: time(row.written_at, NO_SITE),
        active: row.active,
        version: row.version,
        rule: RuleShown::from(row.definition.into_inner()),
    })
}
