//! `GET /automations/{slug}/runs`: what it did, newest first.

use crate::actions::{Failure, sight};
use crate::domain::automation::Environment;
use crate::domain::ids::RunId;
use crate::domain::person::{Act, Actor};
use crate::domain::run::{RunOutcome, cost_in_units};
use crate::store::runs::{self, RunReviewRow, RunRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Choice, SiteName, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

/// Runs on a page.
const PAGE: usize = 50;
/// Characters of what was done that a line shows.
const LINE: usize = 200;

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web) struct Query {
    outcome: String,
    environment: String,
    /// `unreviewed` or `gate_closed`.
    only: String,
    #[serde(skip_serializing)]
    cursor: String,
}

#[derive(Serialize)]
struct RunList {
    automation: AutomationName,
    runs: Vec<Line>,
    filter: Query,
    filtered: bool,
    outcome_options: Vec<Choice>,
    environment_options: Vec<Choice>,
    newer: Option<String>,
    older: Option<String>,
}

/// An automation as a heading names it.
#[derive(Serialize)]
pub(super) struct AutomationName {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) site: SiteName,
}

/// A run as a line.
#[derive(Serialize)]
pub(super) struct Line {
    id: String,
    what: String,
    outcome: String,
    environment: String,
    scope: String,
    at: Time,
    cost: Option<String>,
    incomplete: bool,
    gate_closed: bool,
    /// A failure that the owner has not explained.
    unexplained: bool,
    reviewed: bool,
    acceptable: bool,
}

impl Line {
    pub(super) fn of(row: &RunRow, review: Option<&RunReviewRow>, zone: &str) -> Self {
        let all = row.what.as_str();
        let what: String = all.chars().take(LINE).collect();
        Self {
            id: row.id.to_string(),
            what: if what.is_empty() { "It did not say what was done".to_owned() } else { what },
            outcome: row.outcome.as_str().to_owned(),
            environment: row.environment.label(),
            scope: row.scope.label(),
            at: time(row.reported_at, zone),
            cost: row.cost.map(|cost| format!("{:.2}", cost_in_units(cost))),
            incomplete: row.incomplete,
            gate_closed: row.gate_closed,
            unexplained: row.outcome == RunOutcome::Failure && row.explanation.is_none(),
            reviewed: review.is_some(),
            acceptable: review.is_some_and(|review| review.acceptable),
        }
    }
}

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, query) = (signed.actor(), query.into_inner());
    let context = state.run(move |desk| desk.read(|connection| compose(connection, &actor, &slug, query))).await?;
    let title = format!("Runs of {}", context.automation.name);
    Page::new(&request, &state, &signed, &title).render("automations/runs.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, slug: &str, query: Query) -> Result<RunList, Failure> {
    let automation = sight::automation(connection, actor, slug, Act::ReadRegistry)?;
    let site = sight::promised(sites::find(connection, &automation.site_id))?;
    let filter = runs::Filter {
        outcome: RunOutcome::parse(&query.outcome),
        environment: Environment::parse(&query.environment),
        unreviewed: query.only == "unreviewed",
        gate_closed: query.only == "gate_closed",
        before: query.cursor.strip_prefix("b-").map(RunId::from_text),
        after: query.cursor.strip_prefix("a-").map(RunId::from_text),
    };
    let mut rows = runs::list(connection, &automation.id, &filter, PAGE as i64 + 1)?;
    let (more, came_back) = (rows.len() > PAGE, filter.after.is_some());
    if more && came_back {
        rows.remove(0);
    }
    rows.truncate(PAGE);
    let link = |letter: char, id: &RunId| address(slug, &query, &format!("{letter}-{id}"));
    let has_newer = if came_back { more } else { filter.before.is_some() };
    let has_older = came_back || more;
    Ok(RunList {
        newer: rows.first().filter(|_| has_newer).map(|(row, _)| link('a', &row.id)),
        older: rows.last().filter(|_| has_older).map(|(row, _)| link('b', &row.id)),
        runs: rows.iter().map(|(row, review)| Line::of(row, review.as_ref(), &site.time_zone)).collect(),
        filtered: [&query.outcome, &query.environment, &query.only].iter().any(|word| !word.is_empty()),
        filter: query,
        outcome_options: RunOutcome::ALL.iter().map(|o| Choice::new(o.as_str(), capital(&o.label()))).collect(),
        environment_options: Environment::ALL.iter().map(|e| Choice::new(e.as_str(), capital(&e.label()))).collect(),
        automation: AutomationName { slug: automation.slug, name: automation.name, site: SiteName::from(&site) },
    })
}

fn address(slug: &str, query: &Query, cursor: &str) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("outcome", &query.outcome), ("environment", &query.environment), ("only", &query.only)] {
        if !value.is_empty() {
            pairs.append_pair(name, value);
        }
    }
    format!("/automations/{slug}/runs?{}", pairs.append_pair("cursor", cursor).finish())
}
