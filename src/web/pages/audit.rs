//! The audit chain: what was done, whether it still holds, and the rows that were altered behind its back.
//!
//! The chain is one for all sites. Whoever may read the audit of some sites only sees the whole chain, but names and
//! links of their own sites alone.

use crate::actions::settle_row::{self, Altered};
use crate::actions::{Failure, watch_integrity};
use crate::domain::ids::{AutomationId, BundleId, EvidenceId, IncidentId, PersonId, SiteId};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::store::audit::{self, AuditEntry, Filter};
use crate::store::own_rules::OwnRuleRow;
use crate::store::people::PersonRow;
use crate::store::rotations::RotationRow;
use crate::store::{Connection, Record, automations, bundles, evidence, incidents, people, sites};
use crate::web::State;
use crate::web::audit_export;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{Labelled, NO_SITE, Names, Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Context {
    entries: Vec<Entry>,
    head: Head,
    verified: Option<Verified>,
    /// Altered rows, for whoever may settle them.
    altered: Vec<AlteredShown>,
    /// The row whose settlement was refused.
    settling: Option<String>,
    filter: Shown,
    filtered: bool,
    newer: Option<String>,
    older: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    seq: i64,
    at: Time,
    actor: String,
    act: String,
    table: String,
    subject: String,
    href: Option<String>,
    hash: String,
}

#[derive(Serialize)]
struct Head {
    seq: i64,
    hash: String,
    sealed_at: Option<Time>,
    sealed_seq: Option<i64>,
}

#[derive(Serialize)]
struct AlteredShown {
    table: String,
    id: String,
    found_at: Time,
    closes: String,
    last: Option<LastEntry>,
    columns: Vec<Labelled>,
    digest: Option<String>,
    refusal: Option<String>,
}

#[derive(Serialize)]
struct LastEntry {
    seq: i64,
    act: String,
    at: Time,
}

#[derive(Serialize)]
struct Verified {
    holds: bool,
    entries: i64,
    at: Time,
    differences: Vec<String>,
}

#[derive(Clone, Default, Serialize)]
struct Shown {
    subject: String,
    actor: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Query {
    subject: String,
    actor: String,
    before: Option<String>,
    after: Option<String>,
}

/// Entries on one page.
const PAGE: i64 = 100;
/// Differences that the page names; the command line names all.
const DIFFERENCES: usize = 100;

/// `GET /audit`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, query.into_inner(), None, Refused::default()).await
}

/// `GET /audit/export`.
pub(in crate::web) async fn export(state: web::Data<State>, signed: Signed) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    Ok(audit_export::send(state, actor).await?)
}

/// What was typed into a form that was refused, and why.
#[derive(Default)]
struct Refused {
    errors: Vec<FieldError>,
    values: serde_json::Map<String, serde_json::Value>,
    settling: Option<String>,
}

/// `POST /audit/differences/{table}/{id}/settlement`: an administrator looked at an altered row.
pub(in crate::web) async fn settle(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    row: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (table, id) = row.into_inner();
    let settling = Some(format!("{table} {id}"));
    let (actor, typed) = (signed.actor(), fields.clone());
    let (path, key) = (request.path().to_owned(), fields.once());
    let outcome = state
        .run(move |desk| {
            let unreadable = typed.encoding_errors();
            if !unreadable.is_empty() {
                return Err(Failure::Invalid(unreadable));
            }
            let desk = once::for_form(desk, &path, &actor, &key);
            settle_row::run(&desk, &actor, &table, &id, typed.text("digest"), typed.text("settle_reason"))
        })
        .await;
    match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            Ok(go(&state, "/audit", "success", "Settled, and on record. The gates are answered by the rules again."))
        }
        Err(Failure::Invalid(errors)) => {
            let errors = renamed(errors, &[("reason", "settle_reason")]);
            let refused = Refused { errors, values: fields.values(&[]), settling };
            render(&state, &request, &signed, Query::default(), None, refused).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /audit/verify`: walks the chain and compares every present row with its last entry; what differs closes the
/// gates that rest on it.
pub(in crate::web) async fn verify(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    _: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadAudit)?;
    let verified = state
        .run(|desk| {
            let at = time(desk.now(), NO_SITE);
            let mut found = watch_integrity::run(desk)?;
            let more = found.differences.len().saturating_sub(DIFFERENCES);
            found.differences.truncate(DIFFERENCES);
            if more > 0 {
                found.differences.push(format!("and {more} more: allclear audit verify names them all"));
            }
            let holds = found.differences.is_empty();
            Ok(Verified { holds, entries: found.entries, at, differences: found.differences })
        })
        .await?;
    render(&state, &request, &signed, Query::default(), Some(verified), Refused::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    query: Query,
    verified: Option<Verified>,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ReadAudit)?;
    let actor = signed.actor();
    let mut context = state
        .run(move |desk| {
            let altered = match actor.may_everywhere(Act::SettleRow) {
                true => settle_row::list(desk, &actor)?.into_iter().map(altered_shown).collect(),
                false => Vec::new(),
            };
            let found = desk.read(|connection| context(connection, &actor, &query, verified))?;
            Ok(Context { altered, ..found })
        })
        .await?;
    context.settling = refused.settling;
    Page::new(request, state, signed, "Audit")
        .values(refused.values)
        .errors(refused.errors)
        .render("audit.html", &context)
}

fn altered_shown(row: Altered) -> AlteredShown {
    let closes = match &row.closes {
        None => "every gate".to_owned(),
        Some(slugs) => slugs.join(", "),
    };
    AlteredShown {
        found_at: time(row.found_at, NO_SITE),
        closes,
        last: row.last.map(|entry| LastEntry { seq: entry.seq, act: entry.act, at: time(entry.at, NO_SITE) }),
        columns: row.columns.into_iter().map(|(label, value)| Labelled { label, value }).collect(),
        digest: row.digest,
        refusal: row.refusal,
        table: row.table,
        id: row.id,
    }
}

fn context(
    connection: &mut Connection,
    actor: &Actor,
    query: &Query,
    verified: Option<Verified>,
) -> Result<Context, Failure> {
    let filter = Filter {
        before: query.before.as_deref().and_then(|seq| seq.parse().ok()),
        after: query.after.as_deref().and_then(|seq| seq.parse().ok()),
        actor: actor_wanted(connection, actor, &query.actor)?,
        ..subject_wanted(connection, actor, &query.subject)?
    };
    let found = audit::search(connection, &filter, PAGE)?;
    let (newer, older) = neighbours(connection, &filter, query, &found)?;
    let (seq, hash) = audit::head(connection)?;
    let seal = audit::last_seal(connection)?;
    let mut entries = Vec::new();
    for entry in found {
        entries.push(shown(connection, actor, entry)?);
    }
    Ok(Context {
        entries,
        head: Head {
            seq,
            hash,
            sealed_at: seal.as_ref().map(|seal| time(seal.sealed_at, NO_SITE)),
            sealed_seq: seal.map(|seal| seal.seq),
        },
        verified,
        altered: Vec::new(),
        settling: None,
        filtered: !query.subject.trim().is_empty() || !query.actor.trim().is_empty(),
        filter: Shown { subject: query.subject.clone(), actor: query.actor.clone() },
        newer,
        older,
    })
}

/// The addresses of newer and older entries, where there are any.
fn neighbours(
    connection: &mut Connection,
    filter: &Filter,
    query: &Query,
    found: &[AuditEntry],
) -> Result<(Option<String>, Option<String>), Failure> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok((None, None)) };
    let beyond = |before, after| Filter { before, after, ..filter.clone() };
    let newer = !audit::search(connection, &beyond(None, Some(first.seq)), 1)?.is_empty();
    let older = !audit::search(connection, &beyond(Some(last.seq), None), 1)?.is_empty();
    let address = |name: &str, seq: i64| {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, text) in [("subject", &query.subject), ("actor", &query.actor)] {
            if !text.is_empty() {
                pairs.append_pair(name, text);
            }
        }
        format!("/audit?{}", pairs.append_pair(name, &seq.to_string()).finish())
    };
    Ok((newer.then(|| address("after", first.seq)), older.then(|| address("before", last.seq))))
}

/// `incidents INC-2026-0004`: a table, and a row by its id, reference or short name. A name that this actor could not look
/// up elsewhere stays a word, or the filter would tell what exists and who is behind an id.
fn subject_wanted(connection: &mut Connection, actor: &Actor, typed: &str) -> Result<Filter, Failure> {
    let mut words = typed.split_whitespace();
    let (Some(table), row) = (words.next(), words.next()) else { return Ok(Filter::default()) };
    let found = match (table, row) {
        ("incidents", Some(name)) => incidents::by_reference(connection, name)?
            .filter(|row| actor.may(Act::ReadIncidents, &row.site_id))
            .map(|row| row.id.to_string()),
        ("sites", Some(name)) => sites::by_slug(connection, name)?
            .filter(|row| actor.may(Act::ReadRegistry, &row.id))
            .map(|row| row.id.to_string()),
        ("automations", Some(name)) => automations::by_slug(connection, name)?
            .filter(|row| actor.may(Act::ReadRegistry, &row.site_id))
            .map(|row| row.id.to_string()),
        ("people", Some(name)) if knows_names(actor) => {
            people::by_email(connection, name)?.map(|row| row.id.to_string())
        }
        _ => None,
    };
    let row = found.or(row.map(str::to_owned));
    Ok(Filter { table: Some(table.to_owned()), row, ..Filter::default() })
}

/// A person's address or name, or an actor's reference as the chain has it.
fn actor_wanted(connection: &mut Connection, actor: &Actor, typed: &str) -> Result<Option<String>, Failure> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let is_named =
        |row: &PersonRow| row.email.eq_ignore_ascii_case(typed) || row.name.to_lowercase() == typed.to_lowercase();
    let named = if knows_names(actor) { people::list(connection)?.into_iter().find(is_named) } else { None };
    Ok(Some(named.map_or(typed.to_owned(), |person| format!("person:{}", person.id))))
}

/// The chain belongs to no single site: whoever reads it for one site reads ids, and names only of what is theirs.
fn knows_names(actor: &Actor) -> bool {
    actor.may_everywhere(Act::ReadAudit)
}

fn shown(connection: &mut Connection, actor: &Actor, entry: AuditEntry) -> Result<Entry, Failure> {
    let who = if knows_names(actor) {
        match entry.actor.strip_prefix("system:") {
            Some(part) => format!("Allclear ({part})"),
            // A row that was taken away behind the chain's back must not take this page away as well.
            None => Names::default().actor(connection, &entry.actor).unwrap_or_else(|_| entry.actor.clone()),
        }
    } else {
        entry.actor
    };
    let named = subject(connection, actor, &entry.subject_table, &entry.subject_id);
    let (subject, href) = match named {
        Some((name, href)) => (name, Some(href)),
        None => (entry.subject_id, None),
    };
    Ok(Entry {
        seq: entry.seq,
        at: time(entry.at, NO_SITE),
        actor: who,
        act: entry.act,
        table: entry.subject_table,
        subject,
        href,
        hash: entry.hash,
    })
}

/// Name and page of a row, for somebody who may open that page.
fn subject(connection: &mut Connection, actor: &Actor, table: &str, id: &str) -> Option<(String, String)> {
    match table {
        "incidents" => {
            let row = incidents::find(connection, &IncidentId::from_text(id)).ok()?;
            let href = format!("/incidents/{}", row.reference);
            actor.may(Act::ReadIncidents, &row.site_id).then_some((row.reference, href))
        }
        "sites" => {
            let row = sites::find(connection, &SiteId::from_text(id)).ok()?;
            let href = format!("/sites/{}", row.slug);
            actor.may(Act::ReadRegistry, &row.id).then_some((row.slug, href))
        }
        "automations" => {
            let row = automations::find(connection, &AutomationId::from_text(id)).ok()?;
            let href = format!("/automations/{}", row.slug);
            actor.may(Act::ReadRegistry, &row.site_id).then_some((row.slug, href))
        }
        "evidence" => {
            let row = evidence::find(connection, &EvidenceId::from_text(id)).ok()?;
            let incident = incidents::find(connection, &row.incident_id).ok()?;
            let may = actor.may(Act::ReadIncidents, &incident.site_id);
            may.then(|| (row.name.into_string(), format!("/evidence/{id}")))
        }
        "bundles" => {
            let row = bundles::find(connection, &BundleId::from_text(id)).ok()?;
            let incident = incidents::find(connection, &row.incident_id).ok()?;
            let may = actor.may(Act::ReadBundles, &incident.site_id);
            may.then(|| (format!("of {}", incident.reference), format!("/bundles/{id}")))
        }
        "rotations" => {
            let row = RotationRow::by_key(connection, id).ok()??;
            let incident = incidents::find(connection, &row.incident_id).ok()?;
            let href = format!("/incidents/{}#rotations", incident.reference);
            actor.may(Act::ReadIncidents, &incident.site_id).then(|| (format!("of {}", incident.reference), href))
        }
        "own_rules" if actor.may_somewhere(Act::ReadRules) => {
            let row = OwnRuleRow::by_key(connection, id).ok()??;
            let href = format!("/rules/{}", row.name);
            Some((format!("{}, version {}", row.name, row.version), href))
        }
        "people" if actor.may_everywhere(Act::ManagePeople) => {
            let row = people::find(connection, &PersonId::from_text(id)).ok()?;
            Some((row.email, format!("/people/{id}")))
        }
        _ => None,
    }
}
