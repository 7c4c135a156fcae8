//! `GET /practices`: the practices, and what is held against them.

use crate::actions::sight::promised;
use crate::actions::{Failure, keep_practice};
use crate::domain::ids::{AssetId, AutomationId, IncidentId, PlaybookId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::SubjectKind;
use crate::store::practices::PracticeRunRow;
use crate::store::{Connection, assets, automations, incidents, playbooks, practices, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    practices: Vec<PracticeLine>,
    runs: Vec<RunLine>,
}

#[derive(Serialize)]
struct PracticeLine {
    name: String,
    title: String,
    about: String,
    version: i32,
    shipped: bool,
    items: usize,
}

/// A run in a list.
#[derive(Serialize)]
pub(super) struct RunLine {
    id: String,
    practice: String,
    subject: SubjectName,
    site_name: String,
    unmet: usize,
    complete: bool,
    escalations: usize,
    overdue: usize,
}

/// What is held against a practice, by its name and address.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct SubjectName {
    pub(in crate::web::pages) kind: String,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) href: String,
}

/// `GET /practices`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| {
                let newest = practices::newest(connection)?.into_iter().map(|row| PracticeLine {
                    title: row.definition.title.clone(),
                    about: row.definition.about.clone(),
                    items: row.definition.lines.iter().filter(|line| line.is_item()).count(),
                    name: row.name,
                    version: row.version,
                    shipped: row.shipped,
                });
                Ok(Context { practices: newest.collect(), runs: runs(connection, &actor, None, now)? })
            })
        })
        .await?;
    Page::new(&request, &state, &signed, "Practices").render("practices/list.html", &context)
}

/// What this person may see of what is held against a practice (none: any), newest first.
pub(super) fn runs(
    connection: &mut Connection,
    actor: &Actor,
    of: Option<&str>,
    now: Moment,
) -> Result<Vec<RunLine>, Failure> {
    let mut found = Vec::new();
    for run in practices::runs(connection)? {
        if of.is_some_and(|name| name != run.practice) || !actor.may(Act::ReadRegistry, &run.site_id) {
            continue;
        }
        let subject = subject(connection, &run)?;
        let site_name = promised(sites::find(connection, &run.site_id))?.name;
        let standing = keep_practice::standing(connection, run)?;
        found.push(RunLine {
            subject,
            site_name,
            unmet: standing.unmet().len(),
            complete: standing.complete(),
            escalations: standing.escalations().len(),
            overdue: standing.reviews.iter().filter(|row| row.done_at.is_none() && row.due_at < now).count(),
            id: standing.run.id.to_string(),
            practice: standing.practice.title,
        });
    }
    Ok(found)
}

/// The name and the page of a subject.
pub(in crate::web::pages) fn subject(
    connection: &mut Connection,
    run: &PracticeRunRow,
) -> Result<SubjectName, Failure> {
    let id = run.subject_id.as_str();
    let (name, href) = match run.subject_kind {
        SubjectKind::Automation => {
            let row = promised(automations::find(connection, &AutomationId::from_text(id)))?;
            (row.name, format!("/automations/{}", row.slug))
        }
        SubjectKind::Incident => {
            let row = promised(incidents::find(connection, &IncidentId::from_text(id)))?;
            (row.reference.clone(), format!("/incidents/{}", row.reference))
        }
        SubjectKind::Playbook => {
            let row = promised(playbooks::find(connection, &PlaybookId::from_text(id)))?;
            let content = promised(playbooks::content(connection, &row))?.content.into_inner();
            (content.title.into_string(), format!("/playbooks/{id}"))
        }
        SubjectKind::Asset => {
            let row = promised(assets::find(connection, &AssetId::from_text(id)))?;
            (row.name.into_string(), format!("/assets/{id}"))
        }
        SubjectKind::Site => {
            let row = promised(sites::find(connection, &SiteId::from_text(id)))?;
            (row.name, format!("/sites/{}", row.slug))
        }
    };
    Ok(SubjectName { kind: run.subject_kind.label(), name, href })
}
