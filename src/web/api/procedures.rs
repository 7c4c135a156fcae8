//! Procedures: writing them, acknowledging a version, answering its situations.

use super::{
    IfMatch, ListQuery, Listing, PersonNamed, act_once, found, json, json_or_nothing, needed, versioned, word,
};
use crate::actions::procedures::{self as acts, NewProcedure};
use crate::actions::training::Book;
use crate::actions::{Failure, sight, train};
use crate::domain::ids::PersonId;
use crate::domain::person::{Act, Actor, Role};
use crate::domain::problem::FieldError;
use crate::domain::procedure::{Behaviour, PartChange, Procedure, ProcedureTopic, Scenario, Template, changes};
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::procedures::{self, ProcedureRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/procedures`: either a template, or everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProcedureBody {
    /// Name of a template that is taken over; the rest but `role` is left away then.
    template: Option<String>,
    /// Name in addresses.
    slug: Option<String>,
    /// The role that is asked.
    role: Option<String>,
    /// questions, support_drafts, product_copy, theme_review, workflow_approval or incident_escalation.
    topic: Option<String>,
    /// What it says.
    content: Option<Procedure<String>>,
}

/// Body of `PUT /api/v1/procedures/{slug}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProcedureChangeBody {
    content: Procedure<String>,
    /// Why it changes, in a sentence.
    note: Option<String>,
}

/// Body of `POST /api/v1/procedures/{slug}/acknowledgements`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcknowledgementBody {
    /// The version that was read; a newer one is refused with 412. Left away: the current one.
    version: Option<i32>,
}

/// Body of `POST /api/v1/procedures/{slug}/checks`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioAnswersBody {
    /// ask, approve, reject, escalate or stop for each of `situations`, in their order.
    #[serde(default)]
    answers: Vec<String>,
}

/// A version of a procedure, as one person sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureVersion)]
pub(super) struct ProcedureShown {
    slug: String,
    version: i32,
    role: Role,
    topic: ProcedureTopic,
    title: Redacted,
    written_for: Redacted,
    examples: Redacted,
    refusal_rules: Redacted,
    approval_boundaries: Redacted,
    escalation_path: Redacted,
    note: Option<Redacted>,
    /// Null: this program.
    written_by: Option<PersonNamed>,
    written_at: String,
    /// What it says otherwise than the version before.
    changes: Vec<PartChange>,
    /// Did the asker acknowledge this version?
    acknowledged: bool,
    /// Did the asker pass it?
    passed: bool,
    /// The five situations, in the order in which the asker answers them.
    situations: Vec<String>,
    /// The same with what is right: for whoever may write procedures; null for others.
    scenarios: Option<Vec<Scenario<Redacted>>>,
}

fn show(connection: &mut Connection, actor: &Actor, row: ProcedureRow) -> Result<ProcedureShown, Failure> {
    let before = procedures::versions(connection, &row.slug)?.into_iter().find(|old| old.version == row.version - 1);
    let learned = match actor.person() {
        Some(person) => Some((Book::of(connection, &person.id)?.learned_one(&row), train::order_of(&row, &person.id))),
        None => None,
    };
    let seed = learned.as_ref().map(|(_, seed)| seed.clone()).unwrap_or_default();
    let by = row.written_by.strip_prefix("person:").map(PersonId::from_text);
    Ok(ProcedureShown {
        situations: row.content.shown_to(&seed).into_iter().map(|scenario| scenario.situation.to_string()).collect(),
        changes: before.map(|old| changes(&old.content, &row.content)).unwrap_or_default(),
        written_by: PersonNamed::maybe(connection, by.as_ref())?,
        scenarios: actor.may_everywhere(Act::ManageProcedures).then(|| row.content.scenarios.clone()),
        acknowledged: learned.as_ref().is_some_and(|(learned, _)| learned.acknowledged),
        passed: learned.as_ref().is_some_and(|(learned, _)| learned.passed),
        title: row.content.title.clone(),
        written_for: row.content.written_for.clone(),
        examples: row.content.examples.clone(),
        refusal_rules: row.content.refusal_rules.clone(),
        approval_boundaries: row.content.approval_boundaries.clone(),
        escalation_path: row.content.escalation_path.clone(),
        slug: row.slug,
        version: row.version,
        role: row.role,
        topic: row.topic,
        note: row.note,
        written_at: row.written_at.rfc3339(),
    })
}

/// `GET /api/v1/procedures`: the current version of each.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["role"])?;
    found(&state, move |desk| {
        acts::reader(&bearer.0)?;
        desk.read(|connection| {
            let mut rows = procedures::current(connection)?;
            rows.retain(|row| query.filter("role").is_none_or(|role| role == row.role.as_str()));
            let items: Result<Vec<_>, Failure> = rows.into_iter().map(|row| show(connection, &bearer.0, row)).collect();
            Ok(Listing::<ProcedureShown> { items: items?, next_cursor: None })
        })
    })
    .await
}

/// `GET /api/v1/procedure-templates`: the six that the product brings.
pub(in crate::web) async fn templates(state: web::Data<State>, bearer: Bearer) -> Result<HttpResponse, ApiFailure> {
    let items = state
        .run(move |_| {
            sight::everywhere(&bearer.0, Act::ManageProcedures)?;
            acts::templates()
        })
        .await?;
    Ok(HttpResponse::Ok().json(Listing::<Template> { items, next_cursor: None }))
}

/// `GET /api/v1/procedures/{slug}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = acts::find(connection, &bearer.0, &slug)?;
                show(connection, &bearer.0, row)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `GET /api/v1/procedures/{slug}/versions`: every version, newest first.
pub(in crate::web) async fn versions(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            acts::find(connection, &bearer.0, &slug)?;
            let rows = procedures::versions(connection, &slug)?;
            let items: Result<Vec<_>, Failure> = rows.into_iter().map(|row| show(connection, &bearer.0, row)).collect();
            Ok(Listing::<ProcedureShown> { items: items?, next_cursor: None })
        })
    })
    .await
}

/// `POST /api/v1/procedures`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, |desk, actor, body| {
        sight::everywhere(actor, Act::ManageProcedures)?;
        let body: ProcedureBody = json(body)?;
        let mut errors = Vec::new();
        let role = word::<Role>("role", body.role.as_deref(), &mut errors);
        if let Some(template) = &body.template {
            return if errors.is_empty() {
                acts::adopt(desk, actor, template, role)
            } else {
                Err(Failure::Invalid(errors))
            };
        }
        let slug = needed("slug", body.slug, "Give it a short name, for example support-drafts.", &mut errors);
        let role = needed("role", role, "Say for which role it is.", &mut errors);
        let topic = word::<ProcedureTopic>("topic", body.topic.as_deref(), &mut errors);
        let topic = needed("topic", topic, "Say what it is about.", &mut errors);
        let content = needed("content", body.content, "Write what it says, or name a template.", &mut errors);
        let (Some(slug), Some(role), Some(topic), Some(content)) = (slug, role, topic, content) else {
            return Err(Failure::Invalid(errors));
        };
        acts::create(desk, actor, NewProcedure { slug, role, topic, content }).map_err(inside)
    })
    .await
}

/// Errors about its content stand below `content` in the body.
fn inside(failure: Failure) -> Failure {
    match failure {
        Failure::Invalid(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.field != "slug") {
                error.field = format!("content.{}", error.field);
            }
            Failure::Invalid(errors)
        }
        other => other,
    }
}

/// `PUT /api/v1/procedures/{slug}`: a new version; everybody of its role is asked again.
pub(in crate::web) async fn put(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let written = state
        .run(move |desk| {
            let version = desk.read(|connection| acts::find(connection, &bearer.0, &slug))?.version;
            sight::everywhere(&bearer.0, Act::ManageProcedures)?;
            if_match.admit(version)?;
            let desk = key.desk(desk, &bearer.0, &body, 200);
            let body: ProcedureChangeBody = json(&body)?;
            let expected = if_match.names_versions().then_some(version);
            acts::change(&desk, &bearer.0, &slug, expected, body.content, body.note.as_deref()).map_err(inside)
        })
        .await?;
    Ok(versioned(written.version, &written))
}

/// `POST /api/v1/procedures/{slug}/acknowledgements`.
pub(in crate::web) async fn acknowledge(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &slug))?;
        let body: AcknowledgementBody = json_or_nothing(body)?;
        train::acknowledge(desk, actor, &slug, body.version)
    })
    .await
}

/// `POST /api/v1/procedures/{slug}/checks`.
pub(in crate::web) async fn answer(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &slug))?;
        let body: ScenarioAnswersBody = json(body)?;
        let mut errors: Vec<FieldError> = Vec::new();
        let mut answers = Vec::new();
        for (at, text) in body.answers.iter().enumerate() {
            answers.extend(word::<Behaviour>(&format!("answers[{at}]"), Some(text), &mut errors));
        }
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        train::answer(desk, actor, &slug, answers)
    })
    .await
}
