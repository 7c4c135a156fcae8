//! `GET /automations`: what may run, what may not and why; and the wide switches.

use super::pauses::{self, PauseShown};
use super::rows::{self, AutomationRow};
use crate::actions::Failure;
use crate::domain::automation::Category;
use crate::domain::gate::PauseTarget;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::store::{Connection, automations};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::sites::show::Refused;
use crate::web::shown::{Choice, HintedChoice, capital, cut, site_choices, sites_for};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web) struct Filter {
    gate: String,
    site: String,
    category: String,
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

#[derive(Serialize)]
struct Context {
    automations: Vec<AutomationRow>,
    filter: Filter,
    filtered: bool,
    site_options: Vec<Choice>,
    category_options: Vec<Choice>,
    pauses: Vec<PauseShown>,
    releasing: Option<String>,
    explaining: Option<String>,
    switches: Vec<HintedChoice>,
    switch_open: bool,
    may_manage: bool,
    newer: Option<String>,
    older: Option<String>,
}

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, filter.into_inner(), Refused::default()).await
}

/// The page, also after one of its forms was refused.
pub(in crate::web::pages) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    filter: Filter,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadRegistry)?;
    let actor = signed.actor();
    let of_a_pause = refused.releasing.is_some() || refused.explaining.is_some();
    let switch_open = !of_a_pause && !refused.errors.is_empty();
    let mut context =
        state.run(move |desk| desk.read(|connection| context(connection, &actor, filter, desk.now()))).await?;
    (context.releasing, context.explaining) = (refused.releasing, refused.explaining);
    context.switch_open = switch_open;
    Page::new(request, state, signed, "Automations")
        .values(refused.values)
        .errors(refused.errors)
        .render("automations/list.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, filter: Filter, now: Moment) -> Result<Context, Failure> {
    let sites = sites_for(connection, actor, Act::ReadRegistry)?;
    let visible: Vec<_> = automations::list(connection)?
        .into_iter()
        .filter(|row| sites.iter().any(|site| site.id == row.site_id && fits(&filter.site, &site.slug)))
        .filter(|row| fits(&filter.category, row.category.as_str()))
        .collect();
    let rows = rows::rows(connection, actor, &visible, now)?
        .into_iter()
        .filter(|row| match filter.gate.as_str() {
            "paused" => row.paused,
            "closed" => !row.gate.open,
            "open" => row.gate.open,
            _ => true,
        })
        .collect();
    let page = cut(rows, filter.cursor.as_deref(), &address(&filter), |row: &AutomationRow| row.slug.as_str());
    Ok(Context {
        automations: page.items,
        newer: page.newer,
        older: page.older,
        filtered: [&filter.gate, &filter.site, &filter.category].iter().any(|word| !word.is_empty()),
        filter,
        site_options: site_choices(&sites),
        category_options: Category::ALL.iter().map(|c| Choice::new(c.as_str(), capital(&c.label()))).collect(),
        pauses: pauses::holding(connection, actor, |pause| pause.site_id.is_none())?,
        releasing: None,
        explaining: None,
        switches: switches(connection, actor)?,
        switch_open: false,
        may_manage: actor.may_somewhere(Act::ManageRegistry),
    })
}

fn fits(wanted: &str, has: &str) -> bool {
    wanted.is_empty() || wanted == has
}

fn address(filter: &Filter) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, word) in [("gate", &filter.gate), ("site", &filter.site), ("category", &filter.category)] {
        if !word.is_empty() {
            query.append_pair(name, word);
        }
    }
    let query = query.finish();
    if query.is_empty() { "/automations".to_owned() } else { format!("/automations?{query}") }
}

/// What this person may stop at once: sites of theirs; categories and everything, when their role is for all sites.
fn switches(connection: &mut Connection, actor: &Actor) -> Result<Vec<HintedChoice>, Failure> {
    let mut switches: Vec<HintedChoice> = sites_for(connection, actor, Act::Pause)?
        .into_iter()
        .map(|site| HintedChoice::new(format!("site:{}", site.slug), format!("Site {}", site.name), ""))
        .collect();
    if actor.may_everywhere(Act::Pause) {
        switches.extend(Category::ALL.iter().map(|category| {
            HintedChoice::new(category.as_str(), format!("Category {}", category.label()), "On every site.")
        }));
        let hint = "Every automation of every site, on production and staging.";
        switches.push(HintedChoice::new(PauseTarget::Everything.as_str(), "Everything", hint));
    }
    Ok(switches)
}
