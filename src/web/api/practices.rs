//! Practices: `GET /api/v1/practices`, `GET` and `PUT /api/v1/practices/{name}`, its versions.

use super::{IfMatch, ListQuery, Listing, PersonNamed, found, json, versioned};
use crate::actions::{Failure, practices as acts, sight};
use crate::domain::ids::PersonId;
use crate::domain::person::Act;
use crate::domain::practice::Practice;
use crate::store::Connection;
use crate::store::practices::{self, PracticeRow};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `PUT /api/v1/practices/{name}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PracticeBody {
    /// All of what it says from now on.
    definition: Practice,
    /// Why it changes, in a sentence.
    note: Option<String>,
}

/// A version of a practice.
#[derive(Serialize, ToSchema)]
pub(super) struct PracticeShown {
    name: String,
    version: i32,
    /// True while it is the text of the product.
    shipped: bool,
    note: Option<String>,
    /// Who wrote it; null: this program.
    written_by: Option<PersonNamed>,
    written_at: String,
    definition: Practice,
}

impl PracticeShown {
    fn of(connection: &mut Connection, row: PracticeRow) -> Result<Self, Failure> {
        let person = row.written_by.strip_prefix("person:").map(PersonId::from_text);
        Ok(Self {
            name: row.name,
            version: row.version,
            shipped: row.shipped,
            note: row.note,
            written_by: PersonNamed::maybe(connection, person.as_ref())?,
            written_at: row.written_at.rfc3339(),
            definition: row.definition.into_inner(),
        })
    }
}

/// `GET /api/v1/practices`: the newest version of each.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    ListQuery::read(&request, &[])?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let rows = practices::newest(connection)?;
            let items = rows.into_iter().map(|row| PracticeShown::of(connection, row)).collect::<Result<_, _>>()?;
            Ok(Listing::<PracticeShown> { items, next_cursor: None })
        })
    })
    .await
}

/// `GET /api/v1/practices/{name}`.
pub(in crate::web) async fn one(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    let shown = state
        .run(move |desk| {
            desk.read(|connection| {
                let row = acts::find(connection, &bearer.0, &name)?;
                PracticeShown::of(connection, row)
            })
        })
        .await?;
    Ok(versioned(shown.version, &shown))
}

/// `GET /api/v1/practices/{name}/versions`: every version, newest first.
pub(in crate::web) async fn versions(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiFailure> {
    found(&state, move |desk| {
        desk.read(|connection| {
            acts::find(connection, &bearer.0, &name)?;
            let rows = practices::versions(connection, &name)?;
            let items = rows.into_iter().map(|row| PracticeShown::of(connection, row)).collect::<Result<_, _>>()?;
            Ok(Listing::<PracticeShown> { items, next_cursor: None })
        })
    })
    .await
}

/// `PUT /api/v1/practices/{name}`: writes a new version.
pub(in crate::web) async fn put(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let written = state
        .run(move |desk| {
            let version = desk.read(|connection| acts::find(connection, &bearer.0, &name))?.version;
            sight::everywhere(&bearer.0, Act::ManagePractices)?;
            if_match.admit(version)?;
            let desk = key.desk(desk, &bearer.0, &body, 200);
            let body: PracticeBody = json(&body)?;
            let expected = if_match.names_versions().then_some(version);
            acts::write(&desk, &bearer.0, &name, expected, body.definition, body.note.as_deref())
        })
        .await?;
    Ok(versioned(written.version, &written))
}
