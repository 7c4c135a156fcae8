//! `/people/new`.

use crate::actions::people::{self, NewPerson};
use crate::actions::{Failure, sight};
use crate::domain::person::{Act, Role};
use crate::domain::practice::Place;
use crate::domain::problem::{FieldError, Reason};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::{Page, go};
use crate::web::pages::mistakes::mistakes;
use crate::web::shown::{Choice, HintedChoice, role_choices, site_choices};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Context {
    roles: Vec<HintedChoice>,
    sites: Vec<Choice>,
    mistakes: Vec<String>,
    refusals: Vec<Reason>,
}

/// `GET /people/new`.
pub(in crate::web) async fn form(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    sight::everywhere(&signed.actor(), Act::ManagePeople)?;
    show(&state, &request, &signed, Map::new(), Vec::new(), Vec::new()).await
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
    let (path, key) = (request.path().to_owned(), fields.once());
    let in_training = fields.has("in_training");
    let add = if in_training { people::add_in_training } else { people::add };
    let outcome = if errors.is_empty() {
        state.run(move |desk| add(&once::for_form(desk, &path, &actor, &key), &actor, &person)).await
    } else {
        errors.extend(people::problems(&person));
        Err(Failure::Invalid(errors))
    };
    match outcome {
        Ok(_) | Err(Failure::Repeated { .. }) => {
            let name = fields.text("name").trim();
            let said = match in_training {
                true => format!("{name} can sign in and learn. Give the role when everything is passed."),
                false => format!("{name} is added and can sign in."),
            };
            Ok(go(&state, "/people", "success", &said))
        }
        Err(Failure::Invalid(errors)) => {
            let mut values = fields.values(&[]);
            values.remove("password");
            let errors = fields.in_order(renamed(errors, &[("sites", "site")]));
            show(&state, &request, &signed, values, errors, Vec::new()).await
        }
        Err(Failure::Refused(reasons)) => {
            let mut values = fields.values(&[]);
            values.remove("password");
            show(&state, &request, &signed, values, Vec::new(), reasons).await
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
    refusals: Vec<Reason>,
) -> Result<HttpResponse, PageFailure> {
    let read = |connection: &mut Connection| Ok((sites::list(connection)?, mistakes(connection, Place::PersonForm)?));
    let (sites, mistakes) = state.run(move |desk| desk.read(read)).await?;
    let mut page = Page::new(request, state, signed, "Add a person").values(values).errors(errors);
    if !refusals.is_empty() {
        page = page.status(StatusCode::CONFLICT);
    }
    let context = Context { roles: role_choices(), sites: site_choices(&sites), mistakes, refusals };
    page.render("people/form.html", &context)
}
