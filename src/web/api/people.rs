//! People and their roles.

use super::{ListQuery, Listing, created, found, json, needed, page_of, word};
use crate::actions::people::{self as acts, NewPerson};
use crate::actions::{Failure, sight};
use crate::domain::person::{Act, Role};
use crate::store::people::{self, GrantRow, PersonRow};
use crate::store::sites::{self, SiteRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/people`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonBody {
    email: Option<String>,
    name: Option<String>,
    /// reporter, support_lead, owner, administrator or auditor.
    role: Option<String>,
    /// Slugs of the sites; left away or empty: every site.
    #[serde(default)]
    sites: Vec<String>,
    /// At least 15 characters.
    password: Option<String>,
    /// True: they learn for the role first, and it is given to them afterwards.
    #[serde(default)]
    in_training: bool,
}

/// Body of `POST /api/v1/people/{id}/role`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleBody {
    role: Option<String>,
    /// Slugs of the sites; left away or empty: every site.
    #[serde(default)]
    sites: Vec<String>,
}

/// Body of `POST /api/v1/people/{id}/active`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActiveBody {
    active: Option<bool>,
}

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(super) struct PersonShown {
    id: String,
    email: String,
    name: String,
    active: bool,
    roles: Vec<RoleShown>,
    created_at: String,
}

/// A role held.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleHeld)]
pub(super) struct RoleShown {
    role: Role,
    /// Slug of the site; null: every site.
    site: Option<String>,
}

fn show(row: PersonRow, grants: &[GrantRow], sites: &[SiteRow]) -> PersonShown {
    let slug = |grant: &GrantRow| {
        let id = grant.site_id.as_ref()?;
        sites.iter().find(|site| site.id == *id).map(|site| site.slug.clone())
    };
    let held = grants.iter().filter(|grant| grant.person_id == row.id);
    PersonShown {
        roles: held.map(|grant| RoleShown { role: grant.role, site: slug(grant) }).collect(),
        id: row.id.to_string(),
        email: row.email,
        name: row.name,
        active: row.active,
        created_at: row.created_at.rfc3339(),
    }
}

/// `GET /api/v1/people`.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::everywhere(&bearer.0, Act::ManagePeople)?;
        desk.read(|connection| {
            let rows = page_of(people::list(connection)?, &query, |row| row.id.to_string());
            let (grants, sites) = (people::all_grants(connection)?, sites::list(connection)?);
            let show = |row| show(row, &grants, &sites);
            Ok::<_, Failure>(Listing::of(rows, query.limit(), |row| row.id.to_string(), show))
        })
    })
    .await
}

/// `POST /api/v1/people`.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let added = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: PersonBody = json(&body)?;
            let add = if body.in_training { acts::add_in_training } else { acts::add };
            add(&desk, &bearer.0, &person(body)?)
        })
        .await?;
    Ok(created(&added))
}

fn person(body: PersonBody) -> Result<NewPerson, Failure> {
    Ok(NewPerson {
        role: role(body.role.as_deref())?,
        email: body.email.unwrap_or_default(),
        name: body.name.unwrap_or_default(),
        sites: body.sites,
        password: body.password.unwrap_or_default(),
    })
}

fn role(text: Option<&str>) -> Result<Role, Failure> {
    let mut errors = Vec::new();
    let role = word::<Role>("role", text, &mut errors);
    let how = format!("Say which role: {}.", Role::choices());
    needed("role", role, &how, &mut errors).ok_or(Failure::Invalid(errors))
}

/// `POST /api/v1/people/{id}/role`: in place of the roles held so far.
pub(in crate::web) async fn set_role(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: RoleBody = json(&body)?;
        acts::set_role(&desk, &bearer.0, &id, role(body.role.as_deref())?, &body.sites)
    })
    .await
}

/// `POST /api/v1/people/{id}/active`: lets a person in or keeps them out.
pub(in crate::web) async fn set_active(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        let desk = key.desk(desk, &bearer.0, &body, 200);
        let body: ActiveBody = json(&body)?;
        let active = body.active.ok_or_else(|| Failure::field("active", "Say true or false."))?;
        acts::set_active(&desk, &bearer.0, &id, active)
    })
    .await
}
