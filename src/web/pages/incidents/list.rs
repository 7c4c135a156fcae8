//! The list of incidents. The filters stand in the address; pages go by the id of their edge, not by number.

use super::listed::{Listed, listed};
use crate::actions::{Failure, sight};
use crate::domain::ids::IncidentId;
use crate::domain::incident::{Severity, Status};
use crate::domain::person::{Act, Actor};
use crate::domain::search::Wanted;
use crate::store::Connection;
use crate::store::incidents::{self, Filter};
use crate::store::sites::{self, SiteRow};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Choice, capital};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

/// Incidents on one page.
const PAGE: usize = 25;
/// The filter for "still worked on", beside the words of the statuses.
const OPEN: &str = "open";

/// What the address asks for.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web) struct Query {
    q: String,
    status: String,
    severity: String,
    site: String,
    #[serde(skip_serializing)]
    cursor: String,
}

#[derive(Serialize)]
struct IncidentList {
    incidents: Vec<Listed>,
    filter: Query,
    filtered: bool,
    /// The words that were searched for, as they were understood.
    searched: Vec<String>,
    /// Names of the other filters that are set.
    narrowed_by: Vec<String>,
    /// The same words without the other filters, where there are some.
    widen: Option<String>,
    status_options: Vec<Choice>,
    severity_options: Vec<Choice>,
    site_options: Vec<Choice>,
    newer: Option<String>,
    older: Option<String>,
}

/// `GET /incidents`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, query) = (signed.actor(), query.into_inner());
    let context = state.run(move |desk| desk.read(|connection| compose(connection, &actor, query))).await?;
    Page::new(&request, &state, &signed, "Incidents").render("incidents/list.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, query: Query) -> Result<IncidentList, Failure> {
    let mut known = sites::list(connection)?;
    known.retain(|site| actor.may(Act::ReadIncidents, &site.id) || actor.may(Act::FileIncident, &site.id));
    let mut rows = match filter(actor, &query, &known) {
        Some(filter) => incidents::list(connection, &filter, PAGE as i64 + 1)?,
        None => Vec::new(),
    };
    let more = rows.len() > PAGE;
    let came_back = query.cursor.starts_with("a-");
    if more && came_back {
        rows.remove(0);
    }
    rows.truncate(PAGE);
    let narrowed_by = narrowed_by(&query, &known);
    let link = |letter: char, id: &IncidentId| address(&query, &format!("{letter}-{id}"));
    let (newest, oldest) = (rows.first().map(|row| &row.id), rows.last().map(|row| &row.id));
    let has_newer = if came_back { more } else { !query.cursor.is_empty() };
    let has_older = came_back || more;
    Ok(IncidentList {
        newer: newest.filter(|_| has_newer).map(|id| link('a', id)),
        older: oldest.filter(|_| has_older).map(|id| link('b', id)),
        incidents: listed(connection, &rows)?,
        filtered: [&query.q, &query.status, &query.severity, &query.site].iter().any(|text| !text.trim().is_empty()),
        searched: Wanted::typed(&query.q).map(|wanted| wanted.words().to_vec()).unwrap_or_default(),
        widen: (!query.q.trim().is_empty() && !narrowed_by.is_empty()).then(|| words_alone(&query.q)),
        narrowed_by,
        filter: query,
        status_options: std::iter::once(Choice::new(OPEN, "Open"))
            .chain(Status::ALL.iter().map(|status| Choice::new(status.as_str(), capital(&status.label()))))
            .collect(),
        severity_options: Severity::ALL
            .iter()
            .map(|severity| Choice::new(severity.as_str(), severity.as_str().to_uppercase()))
            .collect(),
        site_options: known.into_iter().map(|site| Choice::new(site.slug, site.name)).collect(),
    })
}

/// What the address asks for, within what this person may see. None: it names something that does not exist, so that
/// nothing fits.
fn filter(actor: &Actor, query: &Query, known: &[SiteRow]) -> Option<Filter> {
    let mut filter = sight::visible(actor);
    match query.status.as_str() {
        "" => {}
        OPEN => filter.open_only = true,
        word => filter.status = Some(Status::parse(word)?),
    }
    if !query.severity.is_empty() {
        filter.severity = Some(Severity::parse(&query.severity)?);
    }
    if !query.site.is_empty() {
        filter.site = Some(known.iter().find(|site| site.slug == query.site)?.id.clone());
    }
    if !query.q.trim().is_empty() {
        filter.wanted = Some(Wanted::typed(&query.q)?);
    }
    match query.cursor.split_once('-').filter(|(_, id)| id.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        Some(("b", id)) => filter.before = Some(IncidentId::from_text(id)),
        Some(("a", id)) => filter.after = Some(IncidentId::from_text(id)),
        _ => {}
    }
    Some(filter)
}

/// The filters beside the words, as people call them.
fn narrowed_by(query: &Query, known: &[SiteRow]) -> Vec<String> {
    let site = known.iter().find(|site| site.slug == query.site).map_or(query.site.as_str(), |site| &site.name);
    let status = query.status.replace('_', " ");
    [("status", status.as_str()), ("severity", &query.severity.to_uppercase()), ("site", site)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name} {value}"))
        .collect()
}

/// The address that searches for the same words among all incidents.
fn words_alone(words: &str) -> String {
    format!("/incidents?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish())
}

fn address(query: &Query, cursor: &str) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        [("q", &query.q), ("status", &query.status), ("severity", &query.severity), ("site", &query.site)]
    {
        if !value.is_empty() {
            pairs.append_pair(name, value);
        }
    }
    format!("/incidents?{}", pairs.append_pair("cursor", cursor).finish())
}
