//! `/people/new`.

use crate::actions::people::{self, NewPerson};
use crate::actions::{Failure, sight};
use crate::domain::person::{Act, Role};
use crate::domain::problem::FieldError;
use crate::store::sites;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::shown::{Choice, HintedChoice, role_choices, site_choices};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    roles: Vec<HintedChoice>,
    sites: Vec<Choice>,
}

/// `GET /people/new`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    sight::everywhere(&signed.actor(), Act::ManagePeople)?;
    show(&state, &request, &signed, Map::new(), Vec::new()).await
}

/// `POST /people/new`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    sight::everywhere(&actor, Act::ManagePeople)?;
    let mut errors = fields.character_errors();
    let role = Role::parse(fields.text("role"));
    if role.is_none() {
        errors.push(FieldError::new("role", "Choose a role."));
    }
    let person = NewPerson {
        email: fields.text("email").to_owned(),
        name: fields.text("name").to_owned(),
        role: role.unwrap_or(Role::Reporter),
        sites: fields.optional("site").into_iter().collect(),
        password: fields.text("password").to_owned(),
    };
    let (path, key) = (request.path().to_owned(), fields.text("once").to_owned());
    let outcome = if errors.is_empty() {
        state.run(move |desk| people::add(&once::for_form(desk, &path, &actor, &key), &actor, &person)).await
    } else {
        errors.extend(people::problems(&person));
        Err(Failure::Invalid(errors))
    };
    match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            let said = format!("{} is added and can sign in.", fields.text("name").trim());
            Ok(go(&state, "/people", "success", &said))
        }
        Err(Failure::Invalid(errors)) => {
            let mut values = fields.values(&[]);
            values.remove("password");
            let errors = fields.in_order(renamed(errors, &[("sites", "site")]));
            show(&state, &request, &signed, values, errors).await
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
    let sites = state.run(|desk| desk.read(|connection| Ok(sites::list(connection)?))).await?;
    Page::new(request, state, signed, "Add a person")
        .values(values)
        .errors(errors)
        .render("people/form.html", &Context { roles: role_choices(), sites: site_choices(&sites) })
}
