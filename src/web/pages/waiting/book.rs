//! The incidents and sites behind what waits, each read once: a page about two hundred rows asks a few questions, not
//! two hundred.

use crate::actions::{Failure, sight};
use crate::domain::ids::{IncidentId, SiteId};
use crate::domain::person::{Act, Actor};
use crate::store::Connection;
use crate::store::incidents::{self, Behind, IncidentRow};
use crate::store::sites::SiteRow;
use std::collections::HashMap;
use std::rc::Rc;

/// What is known so far, and for whom it is looked up.
pub(super) struct Book<'a> {
    pub(super) actor: &'a Actor,
    sites: HashMap<&'a SiteId, &'a SiteRow>,
    incidents: HashMap<IncidentId, Rc<IncidentRow>>,
}

impl<'a> Book<'a> {
    pub(super) fn open(actor: &'a Actor, sites: &'a [SiteRow]) -> Self {
        Self { actor, sites: sites.iter().map(|site| (&site.id, site)).collect(), incidents: HashMap::new() }
    }

    /// Where the open incidents lie on which this person may do `act`: only their rows are asked for.
    pub(super) fn open_on(&self, act: Act) -> Behind {
        Behind { sites: self.actor.sites_for(act), open_only: true }
    }

    /// Reads these incidents, as far as they are not known.
    pub(super) fn look_up<'i>(
        &mut self,
        connection: &mut Connection,
        ids: impl Iterator<Item = &'i IncidentId>,
    ) -> Result<(), Failure> {
        let mut unknown: Vec<IncidentId> = ids.filter(|id| !self.incidents.contains_key(*id)).cloned().collect();
        unknown.sort();
        unknown.dedup();
        if !unknown.is_empty() {
            self.keep(incidents::by_ids(connection, unknown)?.into_iter().map(Rc::new));
        }
        Ok(())
    }

    /// Keeps incidents that were read already.
    pub(super) fn keep(&mut self, rows: impl IntoIterator<Item = Rc<IncidentRow>>) {
        self.incidents.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
    }

    /// The open incident behind a row, when this person may do `act` on it.
    pub(super) fn mine(&self, id: &IncidentId, act: Act) -> Option<&IncidentRow> {
        let incident = self.incidents.get(id)?.as_ref();
        (incident.status.is_open() && sight::admit(self.actor, incident, act).is_ok()).then_some(incident)
    }

    /// The incident behind a row, open or not, when this person may do `act` on it.
    pub(super) fn mine_anyway(&self, id: &IncidentId, act: Act) -> Option<&IncidentRow> {
        let incident = self.incidents.get(id)?.as_ref();
        sight::admit(self.actor, incident, act).is_ok().then_some(incident)
    }

    /// The zone of the incident's site.
    pub(super) fn zone(&self, incident: &IncidentRow) -> &str {
        self.sites.get(&incident.site_id).map_or("UTC", |site| site.time_zone.as_str())
    }
}
