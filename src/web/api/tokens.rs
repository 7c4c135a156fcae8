//! API tokens.

use super::{ListQuery, Listing, created, found, json, page_of};
use crate::actions::tokens::{self as acts, Holder};
use crate::actions::{Failure, sight};
use crate::domain::person::{Act, Scope};
use crate::domain::problem::FieldError;
use crate::store::tokens::{self, TokenRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/tokens`. Without `email` and `automation` the token is the asker's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    /// What it is for.
    name: Option<String>,
    /// Address of the person it acts for; administrators only.
    email: Option<String>,
    /// Slug of the automation it acts for; administrators only.
    automation: Option<String>,
    /// What it is limited to; empty: all of the role.
    #[serde(default)]
    scopes: Vec<String>,
    /// Days until it ends by itself.
    days: Option<i64>,
}

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenShown {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
}

fn show(row: TokenRow) -> TokenShown {
    TokenShown {
        id: row.id.to_string(),
        name: row.name,
        scopes: row.scopes.into_inner(),
        created_at: row.created_at.rfc3339(),
        expires_at: row.expires_at.rfc3339(),
        revoked_at: row.revoked_at.map(|at| at.rfc3339()),
    }
}

/// `GET /api/v1/tokens`: one's own; with `automation`, those of that automation.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["automation"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        desk.read(|connection| {
            let rows = match query.filter("automation") {
                Some(slug) => {
                    let row = sight::automation(connection, &bearer.0, slug, Act::ManageRegistry)?;
                    tokens::of_automation(connection, &row.id)?
                }
                None => tokens::of_person(connection, &sight::person_id(&bearer.0)?)?,
            };
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Ok::<_, Failure>(Listing::of(rows, query.limit(), |row| row.id.to_string(), show))
        })
    })
    .await
}

/// `POST /api/v1/tokens`: the only time the token itself is shown.
pub(in crate::web) async fn create(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let issued = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            let body: TokenBody = json(&body)?;
            let (holder, scopes) = (holder(&body)?, scopes(&body.scopes)?);
            acts::issue(&desk, &bearer.0, &holder, &body.name.unwrap_or_default(), scopes, body.days)
        })
        .await?;
    Ok(created(&issued))
}

fn holder(body: &TokenBody) -> Result<Holder, Failure> {
    match (&body.email, &body.automation) {
        (None, None) => Ok(Holder::Myself),
        (Some(email), None) => Ok(Holder::Person(email.clone())),
        (None, Some(slug)) => Ok(Holder::Automation(slug.clone())),
        (Some(_), Some(_)) => Err(Failure::field("automation", "Name a person or an automation, not both.")),
    }
}

fn scopes(words: &[String]) -> Result<Vec<Scope>, Failure> {
    let mut errors = Vec::new();
    let mut scopes = Vec::new();
    for (at, text) in words.iter().enumerate() {
        match text.parse() {
            Ok(scope) => scopes.push(scope),
            Err(why) => errors.push(FieldError::new(format!("scopes[{at}]"), format!("No such scope; {why}."))),
        }
    }
    if errors.is_empty() { Ok(scopes) } else { Err(Failure::Invalid(errors)) }
}

/// `POST /api/v1/tokens/{id}/revocation`.
pub(in crate::web) async fn revoke(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let revoked = state
        .run(move |desk| {
            let desk = key.desk(desk, &bearer.0, &body, 201);
            acts::withdraw(&desk, &bearer.0, &id)
        })
        .await?;
    Ok(created(&revoked))
}
