//! Reading past evidence again with the rules in force: asking for it, and how far it is.

use super::list;
use crate::actions::{Failure, rerun_rules};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::rule_work::{ProgressRow, RerunRow};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{NO_SITE, Names, Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// One reading of past evidence.
#[derive(Serialize)]
pub(super) struct RerunShown {
    id: String,
    revision: i32,
    reason: Redacted,
    by: String,
    at: Time,
    done: i32,
    incidents: i32,
    changed: i32,
    flagged: i32,
    failed: Vec<String>,
    pub(super) finished: bool,
    finished_at: Option<Time>,
}

pub(super) fn shown(
    connection: &mut Connection,
    names: &mut Names,
    row: RerunRow,
    progress: ProgressRow,
) -> Result<RerunShown, Failure> {
    Ok(RerunShown {
        id: row.id.to_string(),
        revision: row.revision,
        by: names.actor(connection, &row.asked_by)?,
        at: time(row.asked_at, NO_SITE),
        reason: row.reason,
        done: progress.done,
        incidents: row.incidents,
        changed: progress.changed,
        flagged: progress.flagged,
        failed: progress.failed.into_inner(),
        finished: row.finished_at.is_some(),
        finished_at: row.finished_at.map(|at| time(at, NO_SITE)),
    })
}

#[derive(Serialize)]
struct Context {
    rerun: RerunShown,
}

/// `GET /rules/reruns/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let rerun = state
        .run(move |desk| {
            desk.read(|connection| {
                let (row, progress) = rerun_rules::find(connection, &actor, &id)?;
                shown(connection, &mut Names::default(), row, progress)
            })
        })
        .await?;
    Page::new(&request, &state, &signed, "Past evidence, read again").render("rules/rerun.html", &Context { rerun })
}

/// `POST /rules/reruns`.
pub(in crate::web) async fn ask(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.everywhere(Act::ManageRules)?;
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let errors = typed.character_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            rerun_rules::ask(&desk, &actor, typed.text("reason")).map(|asked| asked.id)
        })
        .await;
    let id = match outcome {
        Ok(id) => Some(id),
        Err(Failure::Repeated { answer, .. }) => once::in_answer(&answer, "id"),
        Err(Failure::Invalid(errors)) => {
            return list::render(&state, &request, &signed, fields.values(&[]), errors).await;
        }
        Err(Failure::Refused(reasons)) => {
            let errors = reasons.into_iter().map(|reason| FieldError::new("reason", reason.message)).collect();
            return list::render(&state, &request, &signed, fields.values(&[]), errors).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    let to = id.map_or_else(|| "/rules".to_owned(), |id| format!("/rules/reruns/{id}"));
    Ok(go(&state, &to, "success", "Past evidence is being read again. You may leave this page."))
}
