//! `/procedures` and `/procedures/{slug}`: reading them, acknowledging a version, answering its situations, taking a
//! template over.

use crate::actions::training::Book;
use crate::actions::{Failure, procedures as acts, sight, train};
use crate::domain::ids::PersonId;
use crate::domain::person::{Act, Actor, Role};
use crate::domain::problem::Reason;
use crate::domain::procedure::{Behaviour, PartChange, changes};
use crate::store::procedures::{self, CheckRow, ProcedureRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, Choice, NO_SITE, Names, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct List {
    procedures: Vec<Line>,
    templates: Vec<TemplateLine>,
    roles: Vec<Choice>,
    can_write: bool,
    sees_operators: bool,
}

#[derive(Serialize)]
struct Line {
    slug: String,
    title: String,
    topic: String,
    role: String,
    written_for: String,
    version: i32,
    written_at: Time,
    /// Is it for a role of theirs: what of it is left?
    mine: Option<String>,
}

#[derive(Serialize)]
struct TemplateLine {
    name: String,
    title: String,
    topic: String,
    role: String,
}

/// `GET /procedures`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    render_list(&state, &request, &signed, Again::default()).await
}

async fn render_list(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            acts::reader(&actor)?;
            desk.read(|connection| {
                let mine = train::roles_of(connection, &sight::person_id(&actor)?)?;
                let book = Book::of(connection, &sight::person_id(&actor)?)?;
                let lines = procedures::current(connection)?.into_iter().map(|row| line(row, &book, &mine));
                let templates = acts::templates()?.into_iter().map(|template| TemplateLine {
                    title: template.content.title,
                    topic: capital(&template.topic.label()),
                    role: template.role.to_string(),
                    name: template.name,
                });
                Ok(List {
                    procedures: lines.collect(),
                    templates: templates.collect(),
                    roles: Role::ALL.iter().map(|role| Choice::new(role.as_str(), capital(&role.label()))).collect(),
                    can_write: actor.may_everywhere(Act::ManageProcedures),
                    sees_operators: actor.may_somewhere(Act::TrainOperators) || actor.may_somewhere(Act::ReadAudit),
                })
            })
        })
        .await?;
    Page::new(request, state, signed, "Procedures").again(again).render("procedures/list.html", &context)
}

fn line(row: ProcedureRow, book: &Book, mine: &[Role]) -> Line {
    let learned = book.learned_one(&row);
    let left = match (learned.acknowledged, learned.passed) {
        (false, _) => "To be read and acknowledged",
        (true, false) => "Its situations are to be passed",
        (true, true) => "Learned",
    };
    Line {
        mine: mine.contains(&row.role).then(|| left.to_owned()),
        title: row.content.title.to_string(),
        topic: capital(&row.topic.label()),
        role: capital(&row.role.label()),
        written_for: row.content.written_for.to_string(),
        version: row.version,
        written_at: time(row.written_at, NO_SITE),
        slug: row.slug,
    }
}

/// `POST /procedures`: takes a template over.
pub(in crate::web) async fn adopt(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = fields.text("template").to_owned();
    let seen = |_: &mut Connection, actor: &Actor| sight::everywhere(actor, Act::ManageProcedures);
    let again = press(&state, &request, &signed, &fields, &form, seen, |desk, actor, fields| {
        let role = Role::parse(fields.text("role")).ok_or_else(|| Failure::field("role", "Choose a role."))?;
        acts::adopt(desk, actor, fields.text("template"), Some(role)).map(drop)
    });
    match again.await? {
        None => {
            Ok(go(&state, "/procedures", "success", "It is yours now. Fit it to your own house, then people learn it."))
        }
        Some(again) => render_list(&state, &request, &signed, again).await,
    }
}

#[derive(Serialize)]
struct Show {
    procedure: Shown,
    parts: Vec<Part>,
    changes: Vec<PartChange>,
    acknowledged: bool,
    answer_reasons: Vec<Reason>,
    situations: Vec<Situation>,
    behaviours: Vec<Choice>,
    checks: Vec<Check>,
    mine: bool,
    versions: Vec<Version>,
    can_write: bool,
}

#[derive(Serialize)]
struct Shown {
    slug: String,
    title: String,
    written_for: String,
    topic: String,
    role: String,
    version: i32,
}

#[derive(Serialize)]
struct Part {
    name: String,
    text: String,
}

#[derive(Serialize)]
struct Situation {
    number: usize,
    text: String,
}

#[derive(Serialize)]
struct Check {
    state: &'static str,
    answered_at: Time,
    judged: Option<ByAt>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Version {
    version: i32,
    by: String,
    at: Time,
    note: Option<String>,
}

/// `GET /procedures/{slug}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, slug.into_inner(), Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|connection| context(connection, &actor, &slug))).await?;
    let title = context.procedure.title.clone();
    Page::new(request, state, signed, &title).again(again).render("procedures/show.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, slug: &str) -> Result<Show, Failure> {
    let row = acts::find(connection, actor, slug)?;
    let me = sight::person_id(actor)?;
    let book = Book::of(connection, &me)?;
    let versions = procedures::versions(connection, slug)?;
    let before = versions.iter().find(|old| old.version == row.version - 1);
    let changes = before.map(|old| changes(&old.content, &row.content)).unwrap_or_default();
    let mut names = Names::default();
    let mut told = Vec::new();
    for version in &versions {
        told.push(Version {
            version: version.version,
            by: names.actor(connection, &version.written_by)?,
            at: time(version.written_at, NO_SITE),
            note: version.note.as_ref().map(|note| note.to_string()),
        });
    }
    let shown = row.content.shown_to(&train::order_of(&row, &me));
    let situations = shown.into_iter().enumerate();
    Ok(Show {
        situations: situations
            .map(|(at, scenario)| Situation { number: at + 1, text: scenario.situation.to_string() })
            .collect(),
        parts: row
            .content
            .parts()
            .map(|(name, text)| Part { name: capital(&name.replace('_', " ")), text: text.to_string() })
            .into(),
        changes,
        acknowledged: book.learned_one(&row).acknowledged,
        answer_reasons: train::answer_reasons(connection, &row, &me)?,
        behaviours: Behaviour::ALL.iter().map(|word| Choice::new(word.as_str(), capital(&word.label()))).collect(),
        checks: own_checks(connection, &row, &me, &mut names)?,
        mine: train::roles_of(connection, &me)?.contains(&row.role),
        versions: told,
        can_write: actor.may_everywhere(Act::ManageProcedures),
        procedure: Shown {
            title: row.content.title.to_string(),
            written_for: row.content.written_for.to_string(),
            topic: capital(&row.topic.label()),
            role: capital(&row.role.label()),
            version: row.version,
            slug: row.slug,
        },
    })
}

fn own_checks(
    connection: &mut Connection,
    row: &ProcedureRow,
    me: &PersonId,
    names: &mut Names,
) -> Result<Vec<Check>, Failure> {
    let own = |check: &CheckRow| check.procedure_id == row.id;
    let mut shown = Vec::new();
    for check in procedures::checks(connection, me)?.into_iter().filter(own) {
        shown.push(Check {
            state: train::state_of(&check),
            answered_at: time(check.answered_at, NO_SITE),
            judged: match (&check.judged_by, check.judged_at) {
                (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, NO_SITE) }),
                _ => None,
            },
            note: check.note.map(|note| note.into_string()),
        });
    }
    Ok(shown)
}

/// `POST /procedures/{slug}/acknowledgement`.
pub(in crate::web) async fn acknowledge(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (slug, named, asked) = (slug.clone(), slug.clone(), slug.into_inner());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::find(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, "acknowledge", seen, move |desk, actor, fields| {
        train::acknowledge(desk, actor, &named, fields.version()).map(drop)
    });
    match again.await? {
        None => {
            let to = format!("/procedures/{slug}#check");
            Ok(go(&state, &to, "success", "It stands there with your name. Now answer the five situations."))
        }
        Some(again) => render(&state, &request, &signed, slug, again).await,
    }
}

/// `POST /procedures/{slug}/checks`.
pub(in crate::web) async fn answer(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (slug, named, asked) = (slug.clone(), slug.clone(), slug.into_inner());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::find(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, "check", seen, move |desk, actor, fields| {
        let mut answers = Vec::new();
        let mut errors = Vec::new();
        for number in 1..=Behaviour::ALL.len() {
            let field = format!("answer_{number}");
            match Behaviour::parse(fields.text(&field)) {
                Some(answer) => answers.push(answer),
                None => {
                    let say = format!("Choose what you do in situation {number}.");
                    errors.push(crate::domain::problem::FieldError::new(field, say));
                }
            }
        }
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        let checked = train::answer(desk, actor, &named, answers)?;
        if checked.wrong.is_empty() {
            return Ok(());
        }
        let again = "This is not what the procedure says. Read it again; your answers are on record.";
        let wrong = checked.wrong.iter();
        Err(Failure::Invalid(
            wrong.map(|number| crate::domain::problem::FieldError::new(format!("answer_{number}"), again)).collect(),
        ))
    });
    match again.await? {
        None => {
            let to = format!("/procedures/{slug}#check");
            Ok(go(&state, &to, "success", "All five fit. Another person talks them through with you and judges."))
        }
        Some(again) => render(&state, &request, &signed, slug, again).await,
    }
}

/// The name of a site; every site has none.
pub(super) fn site_name(
    connection: &mut Connection,
    site: Option<&crate::domain::ids::SiteId>,
) -> Result<String, Failure> {
    match site {
        Some(site) => Ok(sight::promised(sites::find(connection, site))?.name),
        None => Ok("every site".to_owned()),
    }
}
