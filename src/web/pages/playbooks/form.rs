//! `/playbooks/new` and `/playbooks/{id}/edit`.

use super::content::{StepTyped, named_as_typed, read, stored_steps, typed_steps, with_spare};
use crate::actions::Failure;
use crate::actions::playbooks as acts;
use crate::actions::sight::promised;
use crate::domain::person::Act;
use crate::domain::playbook::{Boundary, Effect, Topic};
use crate::domain::practice::Place;
use crate::domain::problem::FieldError;
use crate::store::playbooks;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{Choice, capital, site_choices, sites_for};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    playbook: Option<Edited>,
    sites: Vec<Choice>,
    steps: Vec<StepTyped>,
    effects: Vec<Choice>,
    boundaries: Vec<Choice>,
    topics: String,
    mistakes: Vec<String>,
    stale: bool,
}

#[derive(Clone, Serialize)]
struct Edited {
    id: String,
    title: String,
    version: i32,
}

/// What the form shows.
struct Shown {
    edited: Option<Edited>,
    steps: Vec<StepTyped>,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
    stale: bool,
}

/// `GET /playbooks/new`.
pub(in crate::web) async fn new(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::WritePlaybook)?;
    let steps = with_spare(with_spare(Vec::new()));
    let shown = Shown { edited: None, steps, values: Map::new(), errors: Vec::new(), stale: false };
    render(&state, &request, &signed, shown).await
}

/// `POST /playbooks/new`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::WritePlaybook)?;
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let content = read(&typed)?;
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            acts::create(&desk, &actor, typed.text("site"), typed.optional("owner").as_deref(), content)
        })
        .await;
    let id = match outcome {
        Ok(made) => Some(made.id),
        Err(Failure::Repeated { answer, .. }) => once::in_answer(&answer, "id"),
        Err(Failure::Invalid(errors)) => {
            let shown = Shown {
                edited: None,
                steps: typed_steps(&fields),
                values: fields.values(&[]),
                errors: named_as_typed(errors),
                stale: false,
            };
            return render(&state, &request, &signed, shown).await;
        }
        Err(failure) => return Err(failure.into()),
    };
    Ok(go(&state, &format!("/playbooks/{}", id.unwrap_or_default()), "success", "The playbook is written."))
}

/// `GET /playbooks/{id}/edit`.
pub(in crate::web) async fn edit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    let shown = stored(&state, &signed, id.into_inner()).await?;
    render(&state, &request, &signed, shown).await
}

async fn stored(state: &State, signed: &Signed, id: String) -> Result<Shown, PageFailure> {
    let actor = signed.actor();
    let (row, content) = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = acts::find(connection, &actor, &id, Act::WritePlaybook)?;
                let content = promised(playbooks::content(connection, &row))?.content.into_inner();
                Ok((row, content))
            })
        })
        .await?;
    let inputs: Vec<String> = content.inputs.iter().map(|input| format!("{}: {}", input.name, input.meaning)).collect();
    let placeholders = content.placeholders.iter();
    let placeholders: Vec<String> =
        placeholders.map(|held| format!("{} | {} | {}", held.name, held.topic.label(), held.hint)).collect();
    let values = [
        ("title", content.title.to_string()),
        ("purpose", content.purpose.to_string()),
        ("inputs", inputs.join("\n")),
        ("placeholders", placeholders.join("\n")),
    ];
    Ok(Shown {
        edited: Some(Edited { id: row.id.to_string(), title: content.title.to_string(), version: row.version }),
        steps: stored_steps(&content),
        values: values.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect(),
        errors: Vec::new(),
        stale: false,
    })
}

/// `POST /playbooks/{id}/edit`.
pub(in crate::web) async fn change(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let id = id.into_inner();
    let (actor, typed, named, path) = (signed.actor(), fields.clone(), id.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| acts::find(connection, &actor, &named, Act::WritePlaybook))?;
            let content = read(&typed)?;
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            acts::change(&desk, &actor, &named, typed.version(), content)
        })
        .await;
    let (errors, stale) = match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            return Ok(go(&state, &format!("/playbooks/{id}"), "success", "A new version is written."));
        }
        Err(Failure::Invalid(errors)) => (named_as_typed(errors), false),
        Err(Failure::Stale) => (Vec::new(), true),
        Err(failure) => return Err(failure.into()),
    };
    let shown = stored(&state, &signed, id).await?;
    let shown = Shown { steps: typed_steps(&fields), values: fields.values(&[]), errors, stale, ..shown };
    render(&state, &request, &signed, shown).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    shown: Shown,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let (sites, mistakes) = state
        .run(move |desk| {
            desk.read(|connection| {
                let sites = sites_for(connection, &actor, Act::WritePlaybook)?;
                Ok((site_choices(&sites), mistakes(connection, Place::PlaybookForm)?))
            })
        })
        .await?;
    let title = match &shown.edited {
        Some(edited) => format!("Change {}", edited.title),
        None => "Write a playbook".to_owned(),
    };
    let mut page = Page::new(request, state, signed, &title).values(shown.values).errors(shown.errors);
    if shown.stale {
        page = page.status(StatusCode::PRECONDITION_FAILED);
    }
    let context = Context {
        playbook: shown.edited,
        sites,
        steps: shown.steps,
        effects: Effect::ALL.iter().map(|effect| Choice::new(effect.as_str(), capital(&effect.label()))).collect(),
        boundaries: Boundary::ALL.iter().map(|word| Choice::new(word.as_str(), capital(&word.label()))).collect(),
        topics: Topic::choices(),
        mistakes,
        stale: shown.stale,
    };
    page.render("playbooks/form.html", &context)
}
