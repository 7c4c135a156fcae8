//! What can be changed about a person: roles, password, and whether they are let in.

use super::show::{self, Refused};
use crate::actions::{Desk, Failure, people, sight, train};
use crate::domain::person::{Act, Actor, Role};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::once;
use crate::web::page::go;
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /people/{id}/grants`.
pub(in crate::web) async fn give_role(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let role = Role::parse(fields.text("role")).ok_or_else(|| Failure::field("role", "Choose a role."));
    let (person, site) = (id.clone(), fields.optional("site"));
    let act =
        move |desk: &Desk, actor: &Actor| people::give_role(desk, actor, &person, role?, site.as_deref()).map(drop);
    press(&state, &request, &signed, &id, &fields, "The role is given.", act).await
}

/// `POST /people/{id}/training`: they learn for a role before it is given to them.
pub(in crate::web) async fn train(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let role = Role::parse(fields.text("role")).ok_or_else(|| Failure::field("role", "Choose a role."));
    let (person, sites): (_, Vec<String>) = (id.clone(), fields.optional("site").into_iter().collect());
    let act = move |desk: &Desk, actor: &Actor| train::enrol(desk, actor, &person, role?, &sites).map(drop);
    press(&state, &request, &signed, &id, &fields, "They are in training for it. Their home says what to read.", act)
        .await
}

/// `POST /people/{id}/grants/{grant}/revoke`.
pub(in crate::web) async fn take_role(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    ids: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, grant) = ids.into_inner();
    let person = id.clone();
    let act = move |desk: &Desk, actor: &Actor| people::take_role(desk, actor, &person, &grant).map(drop);
    press(&state, &request, &signed, &id, &fields, "The role is taken away.", act).await
}

/// `POST /people/{id}/password`.
pub(in crate::web) async fn password(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (person, password) = (id.clone(), fields.text("password").to_owned());
    let act = move |desk: &Desk, actor: &Actor| people::set_password(desk, actor, &person, &password);
    press(&state, &request, &signed, &id, &fields, "The password is set. Their sessions are over.", act).await
}

/// `POST /people/{id}/deactivate`.
pub(in crate::web) async fn deactivate(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let person = id.clone();
    let act = move |desk: &Desk, actor: &Actor| people::set_active(desk, actor, &person, false).map(drop);
    press(&state, &request, &signed, &id, &fields, "Deactivated. Sessions and tokens have ended.", act).await
}

/// `POST /people/{id}/activate`.
pub(in crate::web) async fn activate(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let person = id.clone();
    let act = move |desk: &Desk, actor: &Actor| people::set_active(desk, actor, &person, true).map(drop);
    press(&state, &request, &signed, &id, &fields, "Active again. They can sign in.", act).await
}

/// Does one act and goes back to the person's page, which says what came of it.
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: &str,
    fields: &Fields,
    done: &str,
    act: impl FnOnce(&Desk, &Actor) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (actor, unreadable) = (signed.actor(), fields.encoding_errors());
    sight::everywhere(&actor, Act::ManagePeople)?;
    let (path, key) = (request.path().to_owned(), fields.once());
    let outcome = state
        .run(move |desk| {
            if !unreadable.is_empty() {
                return Err(Failure::Invalid(unreadable));
            }
            act(&once::for_form(desk, &path, &actor, &key), &actor)
        })
        .await;
    let refused = match outcome {
        Ok(()) | Err(Failure::Repeated { .. }) => {
            return Ok(go(state, &format!("/people/{id}"), "success", done));
        }
        Err(Failure::Invalid(errors)) => {
            let mut values = fields.values(&[]);
            values.remove("password");
            Refused { errors: renamed(errors, &[("sites", "site")]), values, reasons: Vec::new() }
        }
        Err(Failure::Refused(reasons)) => Refused { reasons, ..Refused::default() },
        Err(failure) => return Err(failure.into()),
    };
    show::render(state, request, signed, id.to_owned(), refused).await
}
