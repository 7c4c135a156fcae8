//! Playbooks: writing, exporting, importing, localising, and going through one in an incident.

mod content;
pub(in crate::web) mod form;
pub(in crate::web) mod import;
pub(in crate::web) mod incident;
pub(in crate::web) mod list;
pub(in crate::web) mod show;
pub(in crate::web) mod work;

use crate::actions::Failure;
use crate::domain::practice::{Place, warnings};
use crate::store::{Connection, practices};

/// The common mistakes that would be made at this place, as the practices say them now.
pub(in crate::web::pages) fn mistakes(connection: &mut Connection, place: Place) -> Result<Vec<String>, Failure> {
    let newest = practices::newest(connection)?;
    Ok(newest.iter().flat_map(|row| warnings(&row.definition, place)).map(|line| line.text.clone()).collect())
}
