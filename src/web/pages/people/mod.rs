//! People, their roles, passwords and comings and goings. For administrators of every site.

pub(in crate::web) mod change;
pub(in crate::web) mod list;
pub(in crate::web) mod new;
pub(in crate::web) mod show;

use crate::actions::Failure;
use crate::actions::sight::promised;
use crate::domain::ids::PersonId;
use crate::store::{Connection, people, sites};
use crate::web::shown::capital;
use serde::Serialize;

/// A role held.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct GrantRow {
    id: String,
    role: String,
    role_words: String,
    site_name: Option<String>,
}

/// The roles that a person holds now.
pub(in crate::web::pages) fn grants(connection: &mut Connection, person: &PersonId) -> Result<Vec<GrantRow>, Failure> {
    let mut shown = Vec::new();
    for grant in people::grants_of(connection, person)? {
        let site_name = match &grant.site_id {
            Some(site) => Some(promised(sites::find(connection, site))?.name),
            None => None,
        };
        shown.push(GrantRow {
            id: grant.id.to_string(),
            role: grant.role.as_str().to_owned(),
            role_words: capital(&grant.role.label()),
            site_name,
        });
    }
    Ok(shown)
}
