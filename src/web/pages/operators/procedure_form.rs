//! `/procedures/new` and `/procedures/{slug}/edit`.

use crate::actions::procedures::{self as acts, NewProcedure};
use crate::actions::{Failure, sight};
use crate::domain::person::{Act, Role};
use crate::domain::problem::FieldError;
use crate::domain::procedure::{Behaviour, Procedure, ProcedureTopic, Scenario};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{Choice, capital};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    procedure: Option<Edited>,
    roles: Vec<Choice>,
    topics: Vec<Choice>,
    behaviours: Vec<Choice>,
    stale: bool,
}

#[derive(Clone, Serialize)]
struct Edited {
    slug: String,
    title: String,
    version: i32,
}

struct Shown {
    edited: Option<Edited>,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
    stale: bool,
}

/// `GET /procedures/new`.
pub(in crate::web) async fn new(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    sight::everywhere(&signed.actor(), Act::ManageProcedures)?;
    render(&state, &request, &signed, Shown { edited: None, values: Map::new(), errors: Vec::new(), stale: false })
}

/// `POST /procedures/new`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    sight::everywhere(&signed.actor(), Act::ManageProcedures)?;
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let mut errors = typed.encoding_errors();
            let (role, topic) = (Role::parse(typed.text("role")), ProcedureTopic::parse(typed.text("topic")));
            if role.is_none() {
                errors.push(FieldError::new("role", "Choose for which role it is."));
            }
            if topic.is_none() {
                errors.push(FieldError::new("topic", "Choose what it is about."));
            }
            let (Some(role), Some(topic), true) = (role, topic, errors.is_empty()) else {
                errors.extend(crate::domain::procedure::problems(&read(&typed)));
                return Err(Failure::Invalid(errors));
            };
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            let new = NewProcedure { slug: typed.text("slug").to_owned(), role, topic, content: read(&typed) };
            acts::create(&desk, &actor, new)
        })
        .await;
    let slug = match outcome {
        Ok(made) => made.slug,
        Err(Failure::Repeated { answer, .. }) => once::in_answer(&answer, "slug").unwrap_or_default(),
        Err(Failure::Invalid(errors)) => {
            let shown = Shown { edited: None, values: fields.values(&[]), errors: named(errors), stale: false };
            return render(&state, &request, &signed, shown);
        }
        Err(failure) => return Err(failure.into()),
    };
    Ok(go(&state, &format!("/procedures/{slug}"), "success", "The procedure is written."))
}

/// `GET /procedures/{slug}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let shown = stored(&state, &signed, slug.into_inner()).await?;
    render(&state, &request, &signed, shown)
}

/// `POST /procedures/{slug}/edit`: a new version.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let slug = slug.into_inner();
    let shown = stored(&state, &signed, slug.clone()).await?;
    let (actor, typed, named_slug, path) = (signed.actor(), fields.clone(), slug.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            acts::change(&desk, &actor, &named_slug, typed.version(), read(&typed), Some(typed.text("note")))
        })
        .await;
    let (errors, stale) = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            let said = "A new version is written. Everybody of its role is asked again.";
            return Ok(go(&state, &format!("/procedures/{slug}"), "success", said));
        }
        Err(Failure::Invalid(errors)) => (named(errors), false),
        Err(Failure::Stale) => (Vec::new(), true),
        Err(failure) => return Err(failure.into()),
    };
    render(&state, &request, &signed, Shown { values: fields.values(&[]), errors, stale, ..shown })
}

async fn stored(state: &State, signed: &Signed, slug: String) -> Result<Shown, PageFailure> {
    let actor = signed.actor();
    let row = state
        .run(move |desk| {
            let row = desk.read(|connection| acts::find(connection, &actor, &slug))?;
            sight::everywhere(&actor, Act::ManageProcedures)?;
            Ok(row)
        })
        .await?;
    let content = row.content.into_inner();
    let mut values = Map::new();
    let mut put = |name: &str, text: &dyn std::fmt::Display| values.insert(name.to_owned(), text.to_string().into());
    put("title", &content.title);
    put("written_for", &content.written_for);
    for (part, text) in content.parts() {
        put(part, text);
    }
    for scenario in &content.scenarios {
        put(&format!("situation_{}", scenario.behaviour), &scenario.situation);
        put(&format!("why_{}", scenario.behaviour), &scenario.why);
    }
    Ok(Shown {
        edited: Some(Edited { title: content.title.to_string(), version: row.version, slug: row.slug }),
        values,
        errors: Vec::new(),
        stale: false,
    })
}

fn read(fields: &Fields) -> Procedure<String> {
    let text = |name: &str| fields.text(name).to_owned();
    let scenario = |behaviour: &Behaviour| Scenario {
        behaviour: *behaviour,
        situation: text(&format!("situation_{behaviour}")),
        why: text(&format!("why_{behaviour}")),
    };
    Procedure {
        title: text("title"),
        written_for: text("written_for"),
        examples: text("examples"),
        refusal_rules: text("refusal_rules"),
        approval_boundaries: text("approval_boundaries"),
        escalation_path: text("escalation_path"),
        scenarios: Behaviour::ALL.iter().map(scenario).collect(),
    }
}

/// Errors at the names that the form has for its situations.
fn named(errors: Vec<FieldError>) -> Vec<FieldError> {
    let names: Vec<(String, String)> = (Behaviour::ALL.iter().enumerate())
        .flat_map(|(at, behaviour)| {
            [("situation", "situation"), ("why", "why")]
                .map(|(act, form)| (format!("scenarios[{at}].{act}"), format!("{form}_{behaviour}")))
        })
        .collect();
    let names: Vec<(&str, &str)> = names.iter().map(|(act, form)| (act.as_str(), form.as_str())).collect();
    renamed(errors, &names)
}

fn render(state: &State, request: &HttpRequest, signed: &Signed, shown: Shown) -> Result<HttpResponse, PageFailure> {
    let title = match &shown.edited {
        Some(edited) => format!("Change {}", edited.title),
        None => "Write a procedure".to_owned(),
    };
    let mut page = Page::new(request, state, signed, &title).values(shown.values).errors(shown.errors);
    if shown.stale {
        page = page.status(StatusCode::PRECONDITION_FAILED);
    }
    let choice = |word: &str, label: String| Choice::new(word, capital(&label));
    let context = Context {
        procedure: shown.edited,
        roles: Role::ALL.iter().map(|role| choice(role.as_str(), role.label())).collect(),
        topics: ProcedureTopic::ALL.iter().map(|topic| choice(topic.as_str(), topic.label())).collect(),
        behaviours: Behaviour::ALL.iter().map(|word| choice(word.as_str(), word.label())).collect(),
        stale: shown.stale,
    };
    page.render("procedures/form.html", &context)
}
