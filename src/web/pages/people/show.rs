//! `GET /people/{id}`: one person, with everything that can be changed about them.

use super::{GrantRow, grants};
use crate::actions::{Failure, register_automation, sight};
use crate::domain::ids::PersonId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::store::{Connection, people, sites, tokens};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::tokens::rows::{self, TokenRow};
use crate::web::shown::{Choice, HintedChoice, NO_SITE, Time, role_choices, site_choices, time};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    person: Person,
    roles: Vec<HintedChoice>,
    sites: Vec<Choice>,
    owns: Vec<Choice>,
    tokens: Vec<TokenRow>,
    refusals: Vec<Reason>,
}

#[derive(Serialize)]
struct Person {
    id: String,
    name: String,
    email: String,
    active: bool,
    has_password: bool,
    grants: Vec<GrantRow>,
    created_at: Time,
}

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Refused::default()).await
}

/// Why a form on the page was refused.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) errors: Vec<FieldError>,
    pub(super) values: serde_json::Map<String, serde_json::Value>,
    pub(super) reasons: Vec<Reason>,
}

/// The page, also after one of its forms was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    sight::everywhere(&actor, Act::ManagePeople)?;
    let (id, reasons) = (PersonId::from_text(id), refused.reasons);
    let is_refused = !reasons.is_empty();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| context(connection, &actor, &id, now, reasons))
        })
        .await?;
    let page = Page::new(request, state, signed, &context.person.name.clone());
    let page = page.values(refused.values).errors(refused.errors);
    let page = if is_refused { page.status(StatusCode::CONFLICT) } else { page };
    page.render("people/show.html", &context)
}

fn context(
    connection: &mut Connection,
    actor: &Actor,
    id: &PersonId,
    now: Moment,
    refusals: Vec<Reason>,
) -> Result<Context, Failure> {
    let person = people::find(connection, id)?;
    let owned = register_automation::owned_by(connection, id)?;
    let tokens = tokens::of_person(connection, id)?;
    Ok(Context {
        roles: role_choices(),
        sites: site_choices(&sites::list(connection)?),
        owns: owned.into_iter().map(|row| Choice::new(row.slug, row.name)).collect(),
        tokens: rows::rows(connection, actor, now, &tokens)?,
        refusals,
        person: Person {
            grants: grants(connection, id)?,
            id: person.id.to_string(),
            name: person.name,
            email: person.email,
            active: person.active,
            has_password: person.password_hash.is_some(),
            created_at: time(person.created_at, NO_SITE),
        },
    })
}
