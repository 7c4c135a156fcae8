//! The form of a rule. Sending it saves nothing: the rule is checked and tried on past evidence first.

use super::shown::{kinds, levels, read, values};
use crate::actions::{Failure, keep_rules, preview_rule, sight};
use crate::domain::own_rule::{NAME_MAX, OwnRuleKind};
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::HintedChoice;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    /// The rule that is changed; none: a new one.
    name: Option<String>,
    name_max: usize,
    kinds: Vec<HintedChoice>,
    levels: Vec<HintedChoice>,
    files: i64,
}

/// What the address asks for.
#[derive(Deserialize)]
pub(in crate::web) struct Query {
    kind: Option<String>,
}

/// `GET /rules/new`.
pub(in crate::web) async fn new(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    signed.everywhere(Act::ManageRules)?;
    let kind = query.kind.as_deref().and_then(OwnRuleKind::parse).unwrap_or(OwnRuleKind::Pattern);
    let mut values = Map::new();
    values.insert("kind".to_owned(), kind.as_str().into());
    values.insert("level".to_owned(), "likely".into());
    page(&state, &request, &signed, None, values, Vec::new())
}

/// `GET /rules/{name}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let (actor, name) = (signed.actor(), name.into_inner());
    let named = name.clone();
    let row = state
        .run(move |desk| {
            let row = desk.read(|connection| keep_rules::find(connection, &actor, &named))?;
            sight::everywhere(&actor, Act::ManageRules)?;
            Ok(row)
        })
        .await?;
    page(&state, &request, &signed, Some(name), values(&row.definition), Vec::new())
}

/// `POST /rules/new`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.everywhere(Act::ManageRules)?;
    send(state, request, signed, None, fields).await
}

/// `POST /rules/{name}/edit`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, name) = (signed.actor(), name.into_inner());
    let named = name.clone();
    state
        .run(move |desk| {
            desk.read(|connection| keep_rules::find(connection, &actor, &named))?;
            sight::everywhere(&actor, Act::ManageRules)
        })
        .await?;
    send(state, request, signed, Some(name), fields).await
}

async fn send(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    name: Option<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (actor, typed, named, path) = (signed.actor(), fields.clone(), name.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let rule = read(&typed, named.as_deref()).map_err(Failure::Invalid)?;
            if named.is_none() {
                refuse_taken(desk, &rule.name)?;
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            preview_rule::ask(&desk, &actor, rule).map(|asked| asked.id)
        })
        .await;
    let id = match outcome {
        Ok(id) => Some(id),
        Err(Failure::Repeated { answer, .. }) => once::in_answer(&answer, "id"),
        Err(Failure::Invalid(errors)) => {
            // The search box in the frame is called `find`.
            let errors = fields.in_order(renamed(errors, &[("find", "looks_for")]));
            return page(&state, &request, &signed, name, fields.values(&[]), errors);
        }
        Err(failure) => return Err(failure.into()),
    };
    let to = id.map_or_else(|| "/rules".to_owned(), |id| format!("/rules/previews/{id}"));
    Ok(go(&state, &to, "success", "The rule holds what its examples say. Nothing is saved yet."))
}

/// A name that is taken is said at once, not after the preview.
fn refuse_taken(desk: &crate::actions::Desk, name: &str) -> Result<(), Failure> {
    let taken = desk.read(|connection| Ok(!crate::store::own_rules::versions(connection, name.trim())?.is_empty()))?;
    if taken {
        return Err(Failure::field("name", "There is a rule of this name already. Change that one."));
    }
    Ok(())
}

fn page(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    name: Option<String>,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let title = match &name {
        Some(name) => format!("Change the rule {name}"),
        None => "Add a rule".to_owned(),
    };
    let context =
        Context { name, name_max: NAME_MAX, kinds: kinds(), levels: levels(), files: state.desk.limits.preview_files };
    Page::new(request, state, signed, &title).values(values).errors(errors).render("rules/form.html", &context)
}
