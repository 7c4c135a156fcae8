//! `/playbooks/import`: the file is pasted, whole.

use crate::actions::{Failure, import_playbook};
use crate::domain::person::Act;
use crate::domain::playbook::PlaybookState;
use crate::domain::practice::Place;
use crate::domain::problem::FieldError;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{Choice, site_choices, sites_for};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    sites: Vec<Choice>,
    mistakes: Vec<String>,
}

/// `GET /playbooks/import`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ImportPlaybook)?;
    show(&state, &request, &signed, Map::new(), Vec::new()).await
}

/// `POST /playbooks/import`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::ImportPlaybook)?;
    let (actor, typed, path) = (signed.actor(), fields.clone(), request.path().to_owned());
    let outcome = state
        .run(move |desk| {
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            let owner = typed.optional("owner");
            import_playbook::run(&desk, &actor, typed.text("site"), owner.as_deref(), typed.text("file"))
        })
        .await;
    match outcome {
        Ok(imported) => {
            let (kind, said) = match (imported.already, imported.state) {
                (true, _) => ("warning", "This file was imported here before; this is that playbook."),
                (_, PlaybookState::Quarantined) => ("warning", "It is in quarantine. Nothing can be done with it."),
                _ => ("success", "It is imported and disabled. Answer the eight rows and try it first."),
            };
            Ok(go(&state, &format!("/playbooks/{}", imported.id), kind, said))
        }
        Err(Failure::Repeated { answer, .. }) => {
            let id = once::in_answer(&answer, "id").unwrap_or_default();
            Ok(go(&state, &format!("/playbooks/{id}"), "success", "It is imported and disabled."))
        }
        Err(Failure::Invalid(errors)) => {
            // Whatever is wrong inside the file stands in the one field that holds it, with its place in the words.
            let at_file = |error: FieldError| match error.field.as_str() {
                "site" | "owner" | "file" => error,
                place => FieldError::new("file", format!("{place}: {}", error.message)),
            };
            let mut values = fields.values(&[]);
            // What held a finding is not sent back.
            values.remove("file");
            show(&state, &request, &signed, values, errors.into_iter().map(at_file).collect()).await
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            desk.read(|connection| {
                let sites = sites_for(connection, &actor, Act::ImportPlaybook)?;
                Ok(Context { sites: site_choices(&sites), mistakes: mistakes(connection, Place::PlaybookImport)? })
            })
        })
        .await?;
    Page::new(request, state, signed, "Import a playbook")
        .values(values)
        .errors(errors)
        .render("playbooks/import.html", &context)
}
