//! `GET /playbooks`.

use crate::actions::Failure;
use crate::actions::sight::promised;
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::PlaybookState;
use crate::store::{Connection, playbooks, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    playbooks: Vec<PlaybookLine>,
    may_write: bool,
    may_import: bool,
}

#[derive(Serialize)]
struct PlaybookLine {
    id: String,
    title: String,
    site_name: String,
    state: PlaybookState,
    version: i32,
    steps: usize,
    source: Option<String>,
    flagged: bool,
}

/// `GET /playbooks`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|connection| context(connection, &actor))).await?;
    Page::new(&request, &state, &signed, "Playbooks").render("playbooks/list.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor) -> Result<Context, Failure> {
    let mut lines = Vec::new();
    for row in playbooks::list(connection)?.into_iter().filter(|row| actor.may(Act::ReadRegistry, &row.site_id)) {
        let content = promised(playbooks::content(connection, &row))?.content.into_inner();
        lines.push(PlaybookLine {
            id: row.id.to_string(),
            steps: content.steps.len(),
            title: content.title.into_string(),
            site_name: promised(sites::find(connection, &row.site_id))?.name,
            state: row.state,
            version: row.version,
            flagged: playbooks::flags(connection, &row.id)?.iter().any(|flag| flag.settled_at.is_none()),
            source: row.source_site.map(|site| site.into_string()),
        });
    }
    Ok(Context {
        playbooks: lines,
        may_write: actor.may_somewhere(Act::WritePlaybook),
        may_import: actor.may_somewhere(Act::ImportPlaybook),
    })
}
