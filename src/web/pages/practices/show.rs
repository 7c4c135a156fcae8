//! `GET /practices/{name}`: what it says, line by line; an administrator changes it here.

use super::list::{RunLine, runs};
use crate::actions::{Failure, practices as acts};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, Role};
use crate::domain::practice::{Line, PracticeFact, Rule, SubjectKind};
use crate::store::{Connection, practices};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::press::Again;
use crate::web::shown::{Choice, NO_SITE, Names, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    practice: Shown,
    sections: Vec<Section>,
    versions: Vec<VersionLine>,
    runs: Vec<RunLine>,
    subject_kinds: Vec<Choice>,
    facts: Vec<Choice>,
    fields: Vec<Choice>,
    roles: Vec<Choice>,
    others: Vec<Choice>,
    section_names: Vec<Choice>,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    change: bool,
    keep: bool,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    title: String,
    about: String,
    owner: String,
    owner_words: String,
    version: i32,
    shipped: bool,
}

#[derive(Serialize)]
struct Section {
    title: String,
    lines: Vec<LineShown>,
}

#[derive(Serialize)]
struct LineShown {
    id: String,
    text: String,
    kind: &'static str,
    rule: String,
}

#[derive(Serialize)]
struct VersionLine {
    version: i32,
    by: String,
    at: Time,
    note: Option<String>,
}

/// `GET /practices/{name}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, name.into_inner(), Again::default()).await
}

/// The page, also after one of its forms was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    name: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| context(connection, &actor, &name, now))
        })
        .await?;
    let title = context.practice.title.clone();
    Page::new(request, state, signed, &title).again(again).render("practices/show.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, name: &str, now: Moment) -> Result<Context, Failure> {
    let row = acts::find(connection, actor, name)?;
    let practice = row.definition.into_inner();
    let mut sections: Vec<Section> = Vec::new();
    for line in &practice.lines {
        let title = capital(&line.section().replace('_', " "));
        if sections.last().is_none_or(|last| last.title != title) {
            sections.push(Section { title, lines: Vec::new() });
        }
        if let Some(last) = sections.last_mut() {
            last.lines.push(shown(line));
        }
    }
    let section_names = sections.iter().map(|section| Choice::new(section.title.to_lowercase(), &section.title));
    let of_kind = |fact: &&PracticeFact| practice.subjects.contains(&fact.subject());
    let choice = |fact: &PracticeFact| Choice::new(fact.as_str(), capital(&fact.label()));
    let mut names = Names::default();
    let mut versions = Vec::new();
    let mut others = Vec::new();
    for row in practices::versions(connection, name)? {
        versions.push(VersionLine {
            version: row.version,
            by: names.actor(connection, &row.written_by)?,
            at: time(row.written_at, NO_SITE),
            note: row.note,
        });
    }
    for other in practices::newest(connection)?.into_iter().filter(|other| other.name != name) {
        others.push(Choice::new(&other.name, &other.definition.title));
    }
    Ok(Context {
        section_names: section_names.collect(),
        sections,
        versions,
        others,
        runs: runs(connection, actor, Some(name), now)?,
        subject_kinds: practice
            .subjects
            .iter()
            .map(|kind| Choice::new(kind.as_str(), capital(&kind.label())))
            .collect(),
        facts: PracticeFact::ALL.iter().filter(of_kind).map(choice).collect(),
        fields: PracticeFact::ALL.iter().filter(of_kind).filter(|fact| fact.is_field()).map(choice).collect(),
        roles: Role::ALL.iter().map(|role| Choice::new(role.as_str(), capital(&role.label()))).collect(),
        can: Can { change: actor.may_everywhere(Act::ManagePractices), keep: actor.may_somewhere(Act::KeepPractice) },
        practice: Shown {
            name: practice.name,
            title: practice.title,
            about: practice.about,
            owner: practice.owner.label(),
            owner_words: practice.owner_words,
            version: row.version,
            shipped: row.shipped,
        },
    })
}

fn shown(line: &Line) -> LineShown {
    LineShown { id: line.id.clone(), text: line.text.clone(), kind: line.rule.kind(), rule: words(&line.rule) }
}

/// What makes a line true, in words.
pub(super) fn words(rule: &Rule) -> String {
    match rule {
        Rule::Field(fact) => format!("Filled in: {}", fact.label()),
        Rule::Fact(fact) => format!("Computed: {}", fact.label()),
        Rule::Attestation(attestation) if attestation.evidence => {
            format!("Attested by: {}, with evidence", attestation.role.label())
        }
        Rule::Attestation(attestation) => format!("Attested by: {}", attestation.role.label()),
        Rule::Precondition(practice) => format!("First: {practice}"),
        Rule::Escalation(escalation) => {
            let when: Vec<String> =
                escalation.when.clauses().iter().map(|clause| clause.to_string().replace('_', " ")).collect();
            let tell: Vec<String> = escalation.tell.iter().map(|role| role.label()).collect();
            format!("Tells {} when: {}", tell.join(", "), when.join(", "))
        }
        Rule::Warning(place) => format!("Warned of at: {}", place.label()),
        Rule::Occasion(occasion) => format!("Review {}, within {} days", occasion.when.label(), occasion.days),
    }
}

/// The kinds of things that can be held against a practice, as a form names them.
pub(super) fn kind(text: &str) -> Option<SubjectKind> {
    SubjectKind::parse(text)
}
