//! The organisation's own rules of redaction: `/api/v1/redaction-rules` and the bench, `/api/v1/redaction-trials`.

use super::{IfMatch, ListQuery, Listing, PersonNamed, act_once, found, json, versioned};
use crate::actions::try_text::{self, Trial};
use crate::actions::{Failure, keep_rules, sight};
use crate::domain::ids::PersonId;
use crate::domain::own_rule::OwnRule;
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::redaction::Redacted;
use crate::store::Connection;
use crate::store::own_rules::{self, OwnRuleRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/redaction-rules` and `PUT /api/v1/redaction-rules/{name}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleBody {
    /// All of what it says from now on.
    definition: OwnRule,
    /// Why, in a sentence.
    #[serde(default)]
    reason: String,
}

/// Body of `POST /api/v1/redaction-rules/{name}/switch`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchBody {
    /// On or off.
    active: bool,
    /// Why, in a sentence.
    #[serde(default)]
    reason: String,
}

/// Body of `POST /api/v1/redaction-trials`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrialBody {
    /// The text. It is not kept.
    text: String,
    /// A rule that is tried as if it were saved.
    definition: Option<OwnRule>,
}

/// A version of a rule.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnRuleShown {
    name: String,
    version: i32,
    /// The revision of the whole set that began with it.
    revision: i32,
    active: bool,
    /// Why it was written, changed or switched.
    reason: Redacted,
    /// Who wrote it; null: this program.
    written_by: Option<PersonNamed>,
    written_at: String,
    definition: OwnRule,
}

impl OwnRuleShown {
    fn of(connection: &mut Connection, row: OwnRuleRow) -> Result<Self, Failure> {
        let person = row.written_by.strip_prefix("person:").map(PersonId::from_text);
        Ok(Self {
            name: row.name,
            version: row.version,
            revision: row.revision,
            active: row.active,
            reason: row.reason,
            written_by: PersonNamed::maybe(connection, person.as_ref())?,
            written_at: row.written_at.rfc3339(),
            definition: row.definition.into_inner(),
        })
    }
}

/// What the rules say about a text.
#[derive(Serialize, ToSchema)]
pub(super) struct TrialShown {
    /// The rules that were tried, in words.
    rules: String,
    /// The text as it would be stored.
    redacted: Redacted,
    findings: Vec<TrialFinding>,
    /// What stays because of an exception.
    spared: Vec<TrialSpared>,
}

/// One removal.
#[derive(Serialize, ToSchema)]
struct TrialFinding {
    rule: String,
    title: String,
    why: String,
    /// `certain`, `likely` or `suspicious`.
    level: &'static str,
    /// Byte offset in the text.
    offset: u64,
    length: u64,
    line: u64,
    /// In characters, counted from 1.
    column: u64,
    placeholder: String,
}

/// One place that an exception keeps.
#[derive(Serialize, ToSchema)]
struct TrialSpared {
    exception: String,
    why: String,
    rule: String,
    offset: u64,
    length: u64,
    line: u64,
}

impl From<Trial> for TrialShown {
    fn from(trial: Trial) -> Self {
        let finding = |tried: try_text::TriedFinding| TrialFinding {
            level: tried.finding.level.as_str(),
            rule: tried.finding.rule,
            title: tried.title,
            why: tried.why,
            offset: tried.finding.offset,
            length: tried.finding.length,
            line: tried.finding.line,
            column: tried.column,
            placeholder: tried.finding.placeholder,
        };
        let spared = |spared: crate::redaction::Spared| TrialSpared {
            exception: spared.exception,
            why: spared.why,
            rule: spared.rule,
            offset: spared.offset,
            length: spared.length,
            line: spared.line,
        };
        Self {
            rules: trial.rules,
            redacted: trial.redacted,
            findings: trial.findings.into_iter().map(finding).collect(),
            spared: trial.spared.into_iter().map(spared).collect(),
        }
    }
}

/// The act names the fields of a rule; here they stand in `definition`.
pub(super) fn in_definition<T>(outcome: Result<T, Failure>) -> Result<T, Failure> {
    const FIELDS: &[&str] = &["name", "title", "about", "kind", "find", "level", "only", "goes", "stays"];
    let place = |error: FieldError| match FIELDS.contains(&error.field.as_str()) {
        true => FieldError { field: format!("definition.{}", error.field), ..error },
        false => error,
    };
    outcome.map_err(|failure| match failure {
        Failure::Invalid(errors) => Failure::Invalid(errors.into_iter().map(place).collect()),
        other => other,
    })
}

/// `GET /api/v1/redaction-rules`: the newest version of each.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    ListQuery::read(&request, &[])?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRules)?;
        desk.read(|connection| {
            let rows = own_rules::newest(connection)?;
            let items = rows.into_iter().map(|row| OwnRuleShown::of(connection, row)).collect::<Result<_, _>>()?;
            Ok(Listing::<OwnRuleShown> { items, next_cursor: None })
        })
    })
    .await
}

/// `GET /api/v1/redaction-rules/{name}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = keep_rules::find(connection, &bearer.0, &name)?;
                OwnRuleShown::of(connection, row)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `GET /api/v1/redaction-rules/{name}/versions`: every version, newest first.
pub(in crate::web) async fn versions(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            keep_rules::find(connection, &bearer.0, &name)?;
            let rows = own_rules::versions(connection, &name)?;
            let items = rows.into_iter().map(|row| OwnRuleShown::of(connection, row)).collect::<Result<_, _>>()?;
            Ok(Listing::<OwnRuleShown> { items, next_cursor: None })
        })
    })
    .await
}

/// `POST /api/v1/redaction-rules`: adds a rule or an exception.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, |desk, actor, body| {
        sight::everywhere(actor, Act::ManageRules)?;
        let body: RuleBody = json(body)?;
        in_definition(keep_rules::add(desk, actor, body.definition, &body.reason))
    })
    .await
}

/// `PUT /api/v1/redaction-rules/{name}`: writes a new version.
pub(in crate::web) async fn put(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let written = state
        .run(move |desk| {
            let version = desk.read(|connection| keep_rules::find(connection, &bearer.0, &name))?.version;
            sight::everywhere(&bearer.0, Act::ManageRules)?;
            if_match.admit(version)?;
            let desk = key.desk(desk, &bearer.0, &body, 200);
            let body: RuleBody = json(&body)?;
            let expected = if_match.names_versions().then_some(version);
            in_definition(keep_rules::change(&desk, &bearer.0, &name, expected, body.definition, &body.reason))
        })
        .await?;
    Ok(versioned(written.version, &written))
}

/// `POST /api/v1/redaction-rules/{name}/switch`: off, or back on.
pub(in crate::web) async fn switch(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let name = name.into_inner();
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| keep_rules::find(connection, actor, &name))?;
        sight::everywhere(actor, Act::ManageRules)?;
        let body: SwitchBody = json(body)?;
        keep_rules::switch(desk, actor, &name, None, body.active, &body.reason)
    })
    .await
}

/// `GET /api/v1/redaction-rule-file`: the rules in force, for `allclear redact --rules`.
pub(in crate::web) async fn file(state: web::Data<State>, bearer: Bearer) -> Result<HttpResponse, ApiFailure> {
    let text = state.run(move |desk| desk.read(|connection| keep_rules::file(connection, &bearer.0))).await?;
    Ok(HttpResponse::Ok().content_type("application/toml").body(text))
}

/// `POST /api/v1/redaction-trials`: what the rules say about a text. Nothing of it is kept, so a repeat is computed again.
pub(in crate::web) async fn try_text(
    state: web::Data<State>,
    bearer: Bearer,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let trial = state
        .run(move |desk| {
            sight::somewhere(&bearer.0, Act::TryRules)?;
            let body: TrialBody = json(&body)?;
            in_definition(try_text::run(desk, &bearer.0, &body.text, body.definition))
        })
        .await?;
    Ok(HttpResponse::Ok().json(TrialShown::from(trial)))
}
