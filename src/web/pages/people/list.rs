//! `GET /people`.

use super::{GrantRow, grants};
use crate::actions::sight;
use crate::domain::person::{Act, Role};
use crate::store::people;
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::cut;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Context {
    people: Vec<PersonRow>,
    second_administrator: bool,
    newer: Option<String>,
    older: Option<String>,
}

#[derive(Serialize)]
struct PersonRow {
    id: String,
    name: String,
    email: String,
    active: bool,
    has_password: bool,
    grants: Vec<GrantRow>,
}

#[derive(Deserialize)]
pub(in crate::web) struct Query {
    cursor: Option<String>,
}

pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    sight::everywhere(&signed.actor(), Act::ManagePeople)?;
    let cursor = query.into_inner().cursor;
    let context = state
        .run(move |desk| {
            desk.read(|connection| {
                let everybody = people::list(connection)?;
                let rules_everywhere: Vec<_> = people::all_grants(connection)?
                    .into_iter()
                    .filter(|grant| grant.role == Role::Administrator && grant.site_id.is_none())
                    .collect();
                let administrators = everybody
                    .iter()
                    .filter(|person| person.active && rules_everywhere.iter().any(|g| g.person_id == person.id));
                let second_administrator = administrators.count() > 1;
                let page = cut(everybody, cursor.as_deref(), "/people", |person| person.id.as_str());
                let mut people = Vec::new();
                for person in page.items {
                    people.push(PersonRow {
                        grants: grants(connection, &person.id)?,
                        id: person.id.to_string(),
                        name: person.name,
                        email: person.email,
                        active: person.active,
                        has_password: person.password_hash.is_some(),
                    });
                }
                Ok(Context { people, second_administrator, newer: page.newer, older: page.older })
            })
        })
        .await?;
    Page::new(&request, &state, &signed, "People").render("people/list.html", &context)
}
