//! Who did it, by name.

use super::NO_SITE;
use crate::domain::ids::{AutomationId, PersonId, SiteId};
use crate::store::{Connection, Error, automations, people, sites};
use std::collections::HashMap;

/// Names behind actor references (`person:ID`, `automation:ID`, `system:NAME`), and zones of sites, each read once for a
/// page.
#[derive(Default)]
pub(in crate::web) struct Names(HashMap<String, String>);

impl Names {
    /// The name of whoever stands in a row as an actor.
    pub(in crate::web) fn actor(&mut self, connection: &mut Connection, reference: &str) -> Result<String, Error> {
        if let Some(name) = self.0.get(reference) {
            return Ok(name.clone());
        }
        let found = match reference.split_once(':') {
            Some(("person", id)) => people::find(connection, &PersonId::from_text(id)).map(|row| row.name),
            Some(("automation", id)) => automations::find(connection, &AutomationId::from_text(id)).map(|row| row.name),
            _ => Ok("Allclear".to_owned()),
        };
        let name = match found {
            Ok(name) => name,
            Err(Error::NotFound) => "somebody unknown".to_owned(),
            Err(error) => return Err(error),
        };
        self.0.insert(reference.to_owned(), name.clone());
        Ok(name)
    }

    /// The zone of a site; [`NO_SITE`] where none is concerned.
    pub(in crate::web) fn zone(&mut self, connection: &mut Connection, site: Option<&SiteId>) -> Result<String, Error> {
        let Some(site) = site else { return Ok(NO_SITE.to_owned()) };
        let key = format!("zone:{site}");
        if let Some(zone) = self.0.get(&key) {
            return Ok(zone.clone());
        }
        let zone = sites::find(connection, site)?.time_zone;
        self.0.insert(key, zone.clone());
        Ok(zone)
    }

    /// The name of a person.
    pub(in crate::web) fn person(&mut self, connection: &mut Connection, id: &PersonId) -> Result<String, Error> {
        self.actor(connection, &format!("person:{id}"))
    }
}
