//! Sites.

use super::record::record;
use super::schema::sites;
use super::{Connection, Error, Json};
use crate::domain::ids::SiteId;
use crate::domain::moment::Moment;
use crate::domain::site::Versions;
use diesel::prelude::*;

/// One WordPress installation.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = sites, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SiteRow {
    /// Primary key.
    pub id: SiteId,
    /// Name in addresses.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Address of the live site.
    pub production_url: String,
    /// Address of the copy for trying things.
    pub staging_url: Option<String>,
    /// IANA time zone.
    pub time_zone: String,
    /// Versions in use.
    pub versions: Json<Versions<String>>,
    /// Who set it up.
    pub setup_owner: Option<String>,
    /// How to reach the hosting company.
    pub hosting_contact: Option<String>,
    /// How to reach the AI provider.
    pub provider_contact: Option<String>,
    /// Counts changes, for ETags.
    pub version: i32,
    /// When it was registered.
    pub created_at: Moment,
}
record!(SiteRow, sites);

/// The site with this id.
pub fn find(connection: &mut Connection, id: &SiteId) -> Result<SiteRow, Error> {
    Ok(sites::table.find(id).select(SiteRow::as_select()).first(connection)?)
}

/// The site with this slug.
pub fn by_slug(connection: &mut Connection, slug: &str) -> Result<Option<SiteRow>, Error> {
    Ok(sites::table.filter(sites::slug.eq(slug)).select(SiteRow::as_select()).first(connection).optional()?)
}

/// All sites, by name.
pub fn list(connection: &mut Connection) -> Result<Vec<SiteRow>, Error> {
    Ok(sites::table.order((sites::name.asc(), sites::id.asc())).select(SiteRow::as_select()).load(connection)?)
}
