//! `GET /playbooks/{id}`: what it says, where it comes from, and what keeps it from production.

use crate::actions::sight::promised;
use crate::actions::{Failure, localise_playbook, playbooks as acts};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{FirstRunPlace, Local, Playbook, PlaybookState, Topic};
use crate::domain::playbook_words::SITE_FIELDS;
use crate::domain::practice::{Place, SubjectKind};
use crate::domain::problem::Reason;
use crate::domain::run::RunOutcome;
use crate::redaction::Redacted;
use crate::store::playbooks::PlaybookRow;
use crate::store::{Connection, people, playbooks, practices, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::mistakes::mistakes;
use crate::web::press::Again;
use crate::web::shown::{ByAt, Choice, Names, SiteName, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    playbook: Shown,
    content: Playbook<Redacted>,
    provenance: Provenance,
    rows: Vec<Row>,
    first_runs: Vec<FirstRun>,
    flags: Vec<Flag>,
    exports: Vec<Export>,
    reasons: Vec<Reason>,
    mistakes: Vec<String>,
    practice_run: Option<String>,
    locals: Vec<Choice>,
    places: Vec<Choice>,
    outcomes: Vec<Choice>,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    write: bool,
    import: bool,
    export: bool,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    state: PlaybookState,
    version: i32,
    owner: Option<String>,
    site: SiteName,
}

#[derive(Serialize)]
struct Provenance {
    id: String,
    source_site: Option<String>,
    source_version: Option<i32>,
    source_owner: Option<String>,
    exported_at: Option<String>,
    signed_by: Option<String>,
    quarantined_because: Option<String>,
}

#[derive(Serialize)]
struct Row {
    topic: String,
    label: String,
    answer: Option<String>,
    changed_to: Option<String>,
    answered: Option<ByAt>,
}

#[derive(Serialize)]
struct FirstRun {
    id: String,
    place: String,
    outcome: String,
    what: String,
    version: i32,
    recorded: ByAt,
    acceptable: Option<bool>,
    reviewed: Option<ByAt>,
    note: Option<String>,
    can_review: bool,
}

#[derive(Serialize)]
struct Flag {
    id: String,
    finding: String,
    raised: ByAt,
    elsewhere: bool,
    settled: Option<ByAt>,
    because: Option<String>,
}

#[derive(Serialize)]
struct Export {
    id: String,
    version: i32,
    sha256: String,
    by: String,
    at: Time,
}

/// `GET /playbooks/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Again::default()).await
}

/// The page, also after one of its forms was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| context(connection, &actor, &id, now))
        })
        .await?;
    let title = context.content.title.to_string();
    Page::new(request, state, signed, &title).again(again).render("playbooks/show.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, id: &str, now: Moment) -> Result<Context, Failure> {
    let row = acts::find(connection, actor, id, Act::ReadRegistry)?;
    let site = promised(sites::find(connection, &row.site_id))?;
    let owner = match &row.owner_id {
        Some(owner) => Some(promised(people::find(connection, owner))?.name),
        None => None,
    };
    let mut view = View { names: Names::default(), zone: site.time_zone.clone(), actor };
    let usable = matches!(row.state, PlaybookState::Local | PlaybookState::Production);
    let name = crate::actions::import_playbook::PRACTICE;
    let practice_run = practices::run_of(connection, name, SubjectKind::Playbook, row.id.as_str())?;
    let content = promised(playbooks::content(connection, &row))?.content.into_inner();
    Ok(Context {
        reasons: localise_playbook::reasons(connection, &row, now)?,
        rows: rows(connection, &row, &content, &mut view)?,
        first_runs: first_runs(connection, &row, &mut view)?,
        flags: flags(connection, &row, &mut view)?,
        exports: exports(connection, &row, &mut view)?,
        mistakes: mistakes(connection, Place::PlaybookPage)?,
        practice_run: practice_run.map(|run| run.id.to_string()),
        content,
        // What is written here has no other site to be the same as.
        locals: (Local::ALL.iter().filter(|word| **word != Local::Same || row.state != PlaybookState::Local))
            .map(|word| Choice::new(word.as_str(), capital(&word.label())))
            .collect(),
        places: FirstRunPlace::ALL.iter().map(|word| Choice::new(word.as_str(), capital(&word.label()))).collect(),
        outcomes: RunOutcome::ALL.iter().map(|word| Choice::new(word.as_str(), capital(&word.label()))).collect(),
        can: Can {
            write: actor.may(Act::WritePlaybook, &site.id),
            import: actor.may(Act::ImportPlaybook, &site.id),
            export: usable && actor.may(Act::WritePlaybook, &site.id),
        },
        playbook: Shown {
            id: row.id.to_string(),
            state: row.state,
            version: row.version,
            owner,
            site: SiteName::from(&site),
        },
        provenance: Provenance {
            id: row.provenance_id,
            source_site: row.source_site.map(|text| text.into_string()),
            source_version: row.source_version,
            source_owner: row.source_owner.map(|text| text.into_string()),
            exported_at: row.exported_at,
            signed_by: row.signed_by,
            quarantined_because: row.quarantined_because.map(|why| why.replace('_', " ").replace(',', ", ")),
        },
    })
}

struct View<'v> {
    names: Names,
    zone: String,
    actor: &'v Actor,
}

impl View<'_> {
    fn by_at(
        &mut self,
        connection: &mut Connection,
        by: &crate::domain::ids::PersonId,
        at: Moment,
    ) -> Result<ByAt, Failure> {
        Ok(ByAt { by: self.names.person(connection, by)?, at: time(at, &self.zone) })
    }
}

/// The eight rows; of a playbook that was written here those that its placeholders need.
fn rows(
    connection: &mut Connection,
    row: &PlaybookRow,
    content: &Playbook<Redacted>,
    view: &mut View,
) -> Result<Vec<Row>, Failure> {
    let answers = playbooks::localisations(connection, &row.id)?;
    let of_the_site = |name: &str| SITE_FIELDS.iter().any(|(field, _)| *field == name);
    let needed = |topic: &Topic| {
        let mut placeholders = content.placeholders.iter();
        row.state != PlaybookState::Local
            || placeholders.any(|one| one.topic == *topic && !of_the_site(one.name.as_str()))
    };
    let mut shown = Vec::new();
    for topic in Topic::ALL.iter().filter(|topic| needed(topic)) {
        let newest = answers.iter().rev().find(|answer| answer.topic == *topic);
        shown.push(Row {
            topic: topic.to_string(),
            label: capital(&topic.label()),
            answer: newest.map(|answer| capital(&answer.answer.label())),
            changed_to: newest.and_then(|answer| answer.changed_to.clone()).map(|text| text.into_string()),
            answered: match newest {
                Some(answer) => Some(view.by_at(connection, &answer.answered_by, answer.answered_at)?),
                None => None,
            },
        });
    }
    Ok(shown)
}

fn first_runs(connection: &mut Connection, row: &PlaybookRow, view: &mut View) -> Result<Vec<FirstRun>, Failure> {
    let me = view.actor.person().map(|person| person.id.clone());
    let mut shown = Vec::new();
    for run in playbooks::first_runs(connection, &row.id)? {
        shown.push(FirstRun {
            id: run.id.to_string(),
            place: run.place.label(),
            outcome: capital(&run.outcome.label()),
            version: run.version,
            recorded: view.by_at(connection, &run.recorded_by, run.recorded_at)?,
            acceptable: run.acceptable,
            reviewed: match (&run.reviewed_by, run.reviewed_at) {
                (Some(by), Some(at)) => Some(view.by_at(connection, by, at)?),
                _ => None,
            },
            can_review: run.reviewed_at.is_none()
                && me.as_ref() != Some(&run.recorded_by)
                && view.actor.may(Act::WritePlaybook, &row.site_id),
            note: run.review_note.map(|note| note.into_string()),
            what: run.what.into_string(),
        });
    }
    Ok(shown)
}

fn flags(connection: &mut Connection, row: &PlaybookRow, view: &mut View) -> Result<Vec<Flag>, Failure> {
    let mut shown = Vec::new();
    for flag in playbooks::flags(connection, &row.id)? {
        shown.push(Flag {
            id: flag.id.to_string(),
            raised: view.by_at(connection, &flag.raised_by, flag.raised_at)?,
            elsewhere: flag.found_on != row.id,
            settled: match (&flag.settled_by, flag.settled_at) {
                (Some(by), Some(at)) => Some(view.by_at(connection, by, at)?),
                _ => None,
            },
            because: flag.settled_because.map(|text| text.into_string()),
            finding: flag.finding.into_string(),
        });
    }
    Ok(shown)
}

fn exports(connection: &mut Connection, row: &PlaybookRow, view: &mut View) -> Result<Vec<Export>, Failure> {
    let mut shown = Vec::new();
    for export in playbooks::exports(connection, &row.id)? {
        let ByAt { by, at } = view.by_at(connection, &export.exported_by, export.exported_at)?;
        shown.push(Export { id: export.id.to_string(), version: export.version, sha256: export.sha256, by, at });
    }
    Ok(shown)
}
