//! `GET /sites`.

use crate::actions::{ask_gate, sight};
use crate::domain::gate::Verdict;
use crate::domain::person::Act;
use crate::store::{automations, incidents};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::sites_for;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    sites: Vec<SiteRow>,
    may_manage: bool,
}

#[derive(Serialize)]
struct SiteRow {
    slug: String,
    name: String,
    production_url: String,
    automations: usize,
    paused: usize,
    open_incidents: usize,
}

/// Most incidents that are counted for one site.
const COUNTED: i64 = 1_000;

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    let actor = signed.actor();
    let may_manage = actor.may_everywhere(Act::ManageRegistry);
    let sites = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| {
                let mut rows = Vec::new();
                for site in sites_for(connection, &actor, Act::ReadRegistry)? {
                    let automations = automations::of_site(connection, &site.id)?;
                    let verdicts = ask_gate::verdicts(connection, &automations, now)?;
                    let open =
                        incidents::Filter { site: Some(site.id.clone()), open_only: true, ..sight::visible(&actor) };
                    rows.push(SiteRow {
                        automations: automations.len(),
                        paused: verdicts.iter().filter(|verdict| is_paused(verdict)).count(),
                        open_incidents: incidents::list(connection, &open, COUNTED)?.len(),
                        slug: site.slug,
                        name: site.name,
                        production_url: site.production_url,
                    });
                }
                Ok(rows)
            })
        })
        .await?;
    Page::new(&request, &state, &signed, "Sites").render("sites/list.html", &Context { sites, may_manage })
}

/// Does a pause close this gate?
pub(in crate::web::pages) fn is_paused(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Open(_) => false,
        Verdict::Closed(reasons) => reasons.iter().any(|reason| reason.code.starts_with("paused")),
    }
}
