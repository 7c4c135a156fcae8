//! Playbooks: writing, exporting, importing, localising, releasing, flags.

use super::practice_runs::Nothing;
use super::{
    IfMatch, ListQuery, Listing, PersonNamed, created, found, json, json_or_nothing, needed, page_of, versioned, word,
};
use crate::actions::localise_playbook::{self, UnderPlaybook};
use crate::actions::playbooks as acts;
use crate::actions::{Desk, Failure, export_playbook, import_playbook, sight};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{FirstRunPlace, Local, Playbook, PlaybookState, Topic};
use crate::domain::problem::Reason;
use crate::domain::run::RunOutcome;
use crate::redaction::Redacted;
use crate::store::playbooks::{self, PlaybookRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/playbooks`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaybookBody {
    /// Slug of its site; on a change it is left away.
    site: Option<String>,
    /// Address of its owner there.
    owner: Option<String>,
    /// What it says.
    playbook: Playbook<String>,
}

/// Body of `POST /api/v1/playbooks/{id}/owner`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaybookOwnerBody {
    /// Address of who answers for it on this site.
    owner: Option<String>,
}

/// Body of `POST /api/v1/playbooks/{id}/localisation`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocalisationBody {
    /// provider, knowledge_base, roles, approval_policy, language, coupon_rules, order_statuses or support_ownership.
    topic: Option<String>,
    /// same, changed_to or not_used.
    answer: Option<String>,
    /// What it is on this site, with changed_to.
    changed_to: Option<String>,
}

/// Body of `POST /api/v1/playbooks/{id}/first-runs`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstRunBody {
    /// staging or read_only.
    place: Option<String>,
    /// success, failure or stopped.
    outcome: Option<String>,
    /// What was run and what came of it.
    what: Option<String>,
}

/// Body of `POST /api/v1/playbook-first-runs/{id}/review`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstRunReviewBody {
    acceptable: Option<bool>,
    note: Option<String>,
}

/// Body of `POST /api/v1/playbooks/{id}/flags`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaybookFlagBody {
    /// What was found.
    finding: Option<String>,
}

/// Body of `POST /api/v1/playbook-flags/{id}/settlement`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettlementBody {
    /// Why it no longer stands here.
    reason: Option<String>,
}

/// A playbook on one site.
#[derive(Serialize, ToSchema)]
pub(super) struct PlaybookShown {
    id: String,
    /// Slug of its site.
    site: String,
    owner: Option<PersonNamed>,
    state: PlaybookState,
    version: i32,
    created_at: String,
    playbook: Playbook<Redacted>,
    provenance: ProvenanceShown,
    /// The eight rows; `answer` is null until somebody answered.
    localisation: Vec<LocalisationShown>,
    first_runs: Vec<FirstRunShown>,
    flags: Vec<PlaybookFlagShown>,
    /// What keeps it from production, its practice included.
    reasons: Vec<Reason>,
}

/// Where a playbook comes from.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaybookProvenanceCard)]
struct ProvenanceShown {
    /// The same for all that came from one playbook.
    id: String,
    /// Slug of the site that exported it; null: written here.
    source_site: Option<Redacted>,
    source_version: Option<i32>,
    source_owner: Option<Redacted>,
    exported_at: Option<String>,
    /// Name of the key that signed its file.
    signed_by: Option<String>,
    /// unsigned, tampered, unknown_signer, unprovenanced.
    quarantined_because: Option<String>,
    /// What the newest reviewed first run said; null: none was reviewed.
    first_run: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlaybookLocalisation)]
struct LocalisationShown {
    topic: Topic,
    answer: Option<Local>,
    changed_to: Option<Redacted>,
    by: Option<PersonNamed>,
    at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlaybookFirstRun)]
struct FirstRunShown {
    id: String,
    version: i32,
    place: FirstRunPlace,
    outcome: String,
    what: Redacted,
    recorded_by: PersonNamed,
    recorded_at: String,
    acceptable: Option<bool>,
    review_note: Option<Redacted>,
    reviewed_by: Option<PersonNamed>,
    reviewed_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlaybookFlag)]
struct PlaybookFlagShown {
    id: String,
    /// The playbook on which it was found.
    found_on: String,
    finding: Redacted,
    raised_by: PersonNamed,
    raised_at: String,
    settled_because: Option<Redacted>,
    settled_by: Option<PersonNamed>,
    settled_at: Option<String>,
}

fn show(connection: &mut Connection, row: PlaybookRow, now: Moment) -> Result<PlaybookShown, Failure> {
    let reasons = localise_playbook::reasons(connection, &row, now)?;
    let first_runs = first_runs(connection, &row)?;
    let reviewed = first_runs.iter().rev().find(|run| run.acceptable.is_some());
    Ok(PlaybookShown {
        id: row.id.to_string(),
        site: sight::promised(sites::find(connection, &row.site_id))?.slug,
        owner: PersonNamed::maybe(connection, row.owner_id.as_ref())?,
        state: row.state,
        version: row.version,
        created_at: row.created_at.rfc3339(),
        playbook: sight::promised(playbooks::content(connection, &row))?.content.into_inner(),
        localisation: localisation(connection, &row)?,
        flags: flags(connection, &row)?,
        provenance: ProvenanceShown {
            first_run: reviewed.map(|run| match run.acceptable {
                Some(true) => "acceptable".to_owned(),
                _ => "not acceptable".to_owned(),
            }),
            id: row.provenance_id,
            source_site: row.source_site,
            source_version: row.source_version,
            source_owner: row.source_owner,
            exported_at: row.exported_at,
            signed_by: row.signed_by,
            quarantined_because: row.quarantined_because,
        },
        first_runs,
        reasons,
    })
}

fn localisation(connection: &mut Connection, row: &PlaybookRow) -> Result<Vec<LocalisationShown>, Failure> {
    let answers = playbooks::localisations(connection, &row.id)?;
    let mut shown = Vec::new();
    for topic in Topic::ALL {
        let newest = answers.iter().rev().find(|answer| answer.topic == *topic);
        shown.push(LocalisationShown {
            topic: *topic,
            answer: newest.map(|answer| answer.answer),
            changed_to: newest.and_then(|answer| answer.changed_to.clone()),
            by: PersonNamed::maybe(connection, newest.map(|answer| &answer.answered_by))?,
            at: newest.map(|answer| answer.answered_at.rfc3339()),
        });
    }
    Ok(shown)
}

fn first_runs(connection: &mut Connection, row: &PlaybookRow) -> Result<Vec<FirstRunShown>, Failure> {
    let mut shown = Vec::new();
    for run in playbooks::first_runs(connection, &row.id)? {
        shown.push(FirstRunShown {
            id: run.id.to_string(),
            version: run.version,
            place: run.place,
            outcome: run.outcome.to_string(),
            what: run.what,
            recorded_by: PersonNamed::of(connection, &run.recorded_by)?,
            recorded_at: run.recorded_at.rfc3339(),
            acceptable: run.acceptable,
            review_note: run.review_note,
            reviewed_by: PersonNamed::maybe(connection, run.reviewed_by.as_ref())?,
            reviewed_at: run.reviewed_at.map(|at| at.rfc3339()),
        });
    }
    Ok(shown)
}

fn flags(connection: &mut Connection, row: &PlaybookRow) -> Result<Vec<PlaybookFlagShown>, Failure> {
    let mut shown = Vec::new();
    for flag in playbooks::flags(connection, &row.id)? {
        shown.push(PlaybookFlagShown {
            id: flag.id.to_string(),
            found_on: flag.found_on.to_string(),
            finding: flag.finding,
            raised_by: PersonNamed::of(connection, &flag.raised_by)?,
            raised_at: flag.raised_at.rfc3339(),
            settled_because: flag.settled_because,
            settled_by: PersonNamed::maybe(connection, flag.settled_by.as_ref())?,
            settled_at: flag.settled_at.map(|at| at.rfc3339()),
        });
    }
    Ok(shown)
}

/// `GET /api/v1/playbooks`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site", "state"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        let now = desk.now();
        desk.read(|connection| {
            let mut rows = playbooks::list(connection)?;
            rows.retain(|row| bearer.0.may(Act::ReadRegistry, &row.site_id));
            if let Some(slug) = query.filter("site") {
                let site = sight::site(connection, &bearer.0, slug, Act::ReadRegistry)?;
                rows.retain(|row| row.site_id == site.id);
            }
            rows.retain(|row| query.filter("state").is_none_or(|state| state == row.state.as_str()));
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| show(connection, row, now))
        })
    })
    .await
}

/// `GET /api/v1/playbooks/{id}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| {
                let row = acts::find(connection, &bearer.0, &id, Act::ReadRegistry)?;
                show(connection, row, now)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `POST /api/v1/playbooks`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let made = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            sight::somewhere(&bearer.0, Act::WritePlaybook)?;
            let body: PlaybookBody = json(&body)?;
            let site = body.site.unwrap_or_default();
            acts::create(&desk, &bearer.0, &site, body.owner.as_deref(), body.playbook).map_err(inside)
        })
        .await?;
    Ok(created(&made))
}

/// Errors about its content stand below `playbook` in the body.
fn inside(failure: Failure) -> Failure {
    match failure {
        Failure::Invalid(mut errors) => {
            for error in errors.iter_mut().filter(|error| !matches!(error.field.as_str(), "site" | "owner")) {
                error.field = format!("playbook.{}", error.field);
            }
            Failure::Invalid(errors)
        }
        other => other,
    }
}

/// `PUT /api/v1/playbooks/{id}`: a new version.
pub(in crate::web) async fn put(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let changed = state
        .run(move |desk| {
            let version = desk.read(|c| acts::find(c, &bearer.0, &id, Act::WritePlaybook))?.version;
            if_match.admit(version)?;
            let desk = key.desk(desk, &bearer.0, &body, 200);
            let content: Playbook<String> = json(&body)?;
            acts::change(&desk, &bearer.0, &id, if_match.names_versions().then_some(version), content)
        })
        .await?;
    Ok(versioned(changed.version, &changed))
}

/// One act on a playbook that the actor may read, with a JSON body.
async fn act<B: serde::de::DeserializeOwned + Default + 'static, T: Serialize + Send + 'static>(
    state: &State,
    bearer: Bearer,
    (key, body): (IdempotencyKey, web::Bytes),
    status: u16,
    seen: Seen,
    act: impl FnOnce(&Desk, &Actor, B) -> Result<T, Failure> + Send + 'static,
) -> Result<T, ApiFailure> {
    let done = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, status);
            desk.read(|connection| seen(connection, &bearer.0))?;
            let body = json_or_nothing::<B>(&body)?;
            act(&desk, &bearer.0, body)
        })
        .await?;
    Ok(done)
}

/// What is asked before the body is read.
type Seen = Box<dyn FnOnce(&mut Connection, &Actor) -> Result<(), Failure> + Send>;

/// Is the playbook theirs to write?
fn writes(id: &str) -> Seen {
    may(id, Act::WritePlaybook)
}

fn may(id: &str, what: Act) -> Seen {
    let id = id.to_owned();
    Box::new(move |connection, actor| acts::find(connection, actor, &id, what).map(drop))
}

macro_rules! acts_on_playbook {
    ($($(#[$meta:meta])* $name:ident, $body:ty, $status:literal, $seen:expr, $act:expr;)+) => { $(
        $(#[$meta])*
        pub(in crate::web) async fn $name(
            state: web::Data<State>,
            bearer: Bearer,
            id: web::Path<String>,
            key: IdempotencyKey,
            body: web::Bytes,
        ) -> Result<HttpResponse, ApiFailure> {
            let id = id.into_inner();
            let seen: fn(&str) -> Seen = $seen;
            let done = act::<$body, _>(&state, bearer, (key, body), $status, seen(&id), move |desk, actor, body| {
                $act(desk, actor, id.as_str(), body)
            });
            let done = done.await?;
            Ok(if $status == 201 { created(&done) } else { HttpResponse::Ok().json(done) })
        }
    )+ };
}

acts_on_playbook! {
    /// `POST /api/v1/playbooks/{id}/owner`.
    set_owner, PlaybookOwnerBody, 200, writes,
        |desk: &Desk, actor: &Actor, id: &str, body: PlaybookOwnerBody| {
            acts::set_owner(desk, actor, id, &body.owner.unwrap_or_default())
        };
    /// `POST /api/v1/playbooks/{id}/exports`.
    export, Nothing, 201, writes,
        |desk: &Desk, actor: &Actor, id: &str, _: Nothing| export_playbook::run(desk, actor, id);
    /// `POST /api/v1/playbooks/{id}/localisation`.
    localise, LocalisationBody, 200, writes, localise_one;
    /// `POST /api/v1/playbooks/{id}/first-runs`.
    first_run, FirstRunBody, 201, writes, record_one;
    /// `POST /api/v1/playbook-first-runs/{id}/review`.
    review, FirstRunReviewBody, 200, |_| Box::new(|_, _| Ok(())), review_one;
    /// `POST /api/v1/playbooks/{id}/production`.
    release, Nothing, 200, |id| may(id, Act::ImportPlaybook),
        |desk: &Desk, actor: &Actor, id: &str, _: Nothing| localise_playbook::release(desk, actor, id);
    /// `POST /api/v1/playbooks/{id}/flags`.
    flag, PlaybookFlagBody, 201, writes,
        |desk: &Desk, actor: &Actor, id: &str, body: PlaybookFlagBody| {
            localise_playbook::report(desk, actor, id, &body.finding.unwrap_or_default())
        };
    /// `POST /api/v1/playbook-flags/{id}/settlement`.
    settle, SettlementBody, 200, |_| Box::new(|_, _| Ok(())),
        |desk: &Desk, actor: &Actor, id: &str, body: SettlementBody| {
            localise_playbook::settle(desk, actor, id, &body.reason.unwrap_or_default())
        };
}

fn localise_one(desk: &Desk, actor: &Actor, id: &str, body: LocalisationBody) -> Result<acts::PlaybookAnswer, Failure> {
    let mut errors = Vec::new();
    let topic = word::<Topic>("topic", body.topic.as_deref(), &mut errors);
    let topic = needed("topic", topic, &format!("Name one of the rows: {}.", Topic::choices()), &mut errors);
    let local = word::<Local>("answer", body.answer.as_deref(), &mut errors);
    let local = needed("answer", local, &format!("Answer with one of: {}.", Local::choices()), &mut errors);
    let (Some(topic), Some(local)) = (topic, local) else { return Err(Failure::Invalid(errors)) };
    localise_playbook::localise(desk, actor, id, topic, local, body.changed_to.as_deref())
}

fn record_one(desk: &Desk, actor: &Actor, id: &str, body: FirstRunBody) -> Result<UnderPlaybook, Failure> {
    let mut errors = Vec::new();
    let place = word::<FirstRunPlace>("place", body.place.as_deref(), &mut errors);
    let place = needed("place", place, "Say where: staging or read_only.", &mut errors);
    let outcome = word::<RunOutcome>("outcome", body.outcome.as_deref(), &mut errors);
    let how = format!("Say how it went: {}.", RunOutcome::choices());
    let outcome = needed("outcome", outcome, &how, &mut errors);
    let (Some(place), Some(outcome)) = (place, outcome) else { return Err(Failure::Invalid(errors)) };
    localise_playbook::record_first_run(desk, actor, id, place, outcome, &body.what.unwrap_or_default())
}

fn review_one(desk: &Desk, actor: &Actor, id: &str, body: FirstRunReviewBody) -> Result<UnderPlaybook, Failure> {
    localise_playbook::review_first_run(desk, actor, id, body.acceptable, &body.note.unwrap_or_default())
}

/// `POST /api/v1/playbook-imports?site=SLUG&owner=EMAIL`: the body is the file.
pub(in crate::web) async fn import(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site", "owner"])?;
    let imported = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            sight::somewhere(&bearer.0, Act::ImportPlaybook)?;
            let text = std::str::from_utf8(&body).map_err(|error| {
                Failure::field("file", format!("This is not UTF-8 from byte {}.", error.valid_up_to()))
            })?;
            let site = query.filter("site").unwrap_or_default();
            import_playbook::run(&desk, &bearer.0, site, query.filter("owner"), text)
        })
        .await?;
    Ok(if imported.already { HttpResponse::Ok().json(imported) } else { created(&imported) })
}

/// `GET /api/v1/playbook-exports/{id}`: the file.
pub(in crate::web) async fn file(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let row = state.run(move |desk| desk.read(|c| export_playbook::file(c, &bearer.0, &id))).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(row.body))
}
