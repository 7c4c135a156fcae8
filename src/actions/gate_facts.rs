//! What the gate's decision rests on, read from the database: for one automation, or for all of them at once.
//!
//! Both ways fill the same [`Ground`], and one function makes the facts of it, so that a list, a page and an ask never
//! see different rules.

use super::{Failure, configuration};
use crate::domain::automation::Environment;
use crate::domain::configuration::{drift, drift_words};
use crate::domain::gate::{GateFacts, Narrowing, Override};
use crate::domain::ids::{PersonId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::problem::Reason;
use crate::store::automations::AutomationRow;
use crate::store::cadence::{self, AutomationReviewRow};
use crate::store::differences::{self, DifferenceRow};
use crate::store::overrides::{self, OverrideRow};
use crate::store::pauses::{self, Covers, PauseRow};
use crate::store::phases::{self, PhaseRow};
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, people};
use std::collections::{HashMap, HashSet};

/// Rows that gates rest on.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// People who are active.
    pub active: HashSet<PersonId>,
    /// Sites, by id.
    pub sites: HashMap<SiteId, SiteRow>,
    /// Pauses that hold, each with its incident's reference.
    pub pauses: Vec<(PauseRow, Option<String>)>,
    /// Overrides that nobody has reviewed; some of them may be over.
    pub overrides: Vec<OverrideRow>,
    /// Altered rows that are not settled.
    pub differences: Vec<DifferenceRow>,
    /// Reviews that wait to be done.
    pub reviews: Vec<AutomationReviewRow>,
    /// Present phases.
    pub phases: Vec<PhaseRow>,
}

impl Ground {
    /// What all gates rest on.
    pub fn of_all(connection: &mut Connection) -> Result<Self, Failure> {
        let active = people::list(connection)?.into_iter().filter(|person| person.active).map(|person| person.id);
        Ok(Self {
            active: active.collect(),
            sites: sites::list(connection)?.into_iter().map(|site| (site.id.clone(), site)).collect(),
            pauses: pauses::all_holding(connection)?,
            overrides: overrides::unreviewed(connection)?,
            differences: differences::open(connection)?,
            reviews: cadence::open_reviews(connection)?,
            phases: phases::all_present(connection)?,
        })
    }

    /// What the gate of one automation rests on.
    pub fn of_one(connection: &mut Connection, automation: &AutomationRow) -> Result<Self, Failure> {
        let owner = match &automation.owner_id {
            Some(owner) => Some(super::sight::promised(people::find(connection, owner))?),
            None => None,
        };
        let site = super::sight::promised(sites::find(connection, &automation.site_id))?;
        Ok(Self {
            active: owner.into_iter().filter(|owner| owner.active).map(|owner| owner.id).collect(),
            sites: HashMap::from([(site.id.clone(), site)]),
            pauses: pauses::holding_rows(connection, &covers(automation))?,
            overrides: overrides::of_automation(connection, &automation.id)?,
            differences: differences::open(connection)?,
            reviews: cadence::reviews_of(connection, &automation.id)?,
            phases: phases::present(connection, &automation.id)?.into_iter().collect(),
        })
    }

    /// The facts of one gate.
    pub fn facts(&self, automation: &AutomationRow, environment: Environment) -> GateFacts {
        let covers = covers(automation);
        let held = self.pauses.iter().filter(|(pause, _)| covers.includes(pause.target_kind, &pause.target));
        let altered = self
            .differences
            .iter()
            .filter(|row| row.automation_id.as_ref().is_none_or(|concerned| *concerned == automation.id));
        let mut narrowing: Vec<Narrowing> = self.overdue(automation).collect();
        narrowing.extend(self.drifted(automation));
        GateFacts {
            environment,
            registered: automation.environment,
            missing: automation.missing(),
            owner_active: automation.owner_id.as_ref().is_some_and(|owner| self.active.contains(owner)),
            scope: automation.scope,
            pauses: held.cloned().map(pauses::as_holding).collect(),
            overrides: self
                .overrides
                .iter()
                .filter(|row| row.automation_id == automation.id)
                .filter_map(agreed)
                .collect(),
            differences: altered.map(|row| format!("{} {}", row.subject_table, row.subject_id)).collect(),
            narrowing,
        }
    }

    /// A review that is not done by its due date keeps wider scopes closed from then on.
    fn overdue<'a>(&'a self, automation: &'a AutomationRow) -> impl Iterator<Item = Narrowing> + 'a {
        let open = self.reviews.iter().filter(|row| row.automation_id == automation.id && row.done_at.is_none());
        open.map(|row| Narrowing {
            from: row.due_at,
            reason: Reason::new(
                "review_overdue",
                format!("The review {} is overdue. Until it is done, runs stay read only.", row.occasion.label()),
                "owner, support_lead",
            )
            .by(row.due_at.rfc3339()),
        })
    }

    /// What the present phase was opened for must still be what runs.
    fn drifted(&self, automation: &AutomationRow) -> Option<Narrowing> {
        let phase = self.phases.iter().find(|phase| phase.automation_id == automation.id)?;
        let site = self.sites.get(&automation.site_id)?;
        let parts = drift(&phase.configuration, &configuration::of(automation, site));
        (!parts.is_empty()).then(|| Narrowing {
            from: phase.opened_at,
            reason: Reason::new(
                "configuration_drift",
                format!(
                    "The {} changed since this scope was opened. Until the scope is opened anew, runs stay read only.",
                    drift_words(&parts)
                ),
                "administrator",
            ),
        })
    }
}

/// What covers an automation.
pub fn covers(automation: &AutomationRow) -> Covers<'_> {
    Covers {
        automation: automation.id.as_str(),
        category: automation.category.as_str(),
        site: automation.site_id.as_str(),
    }
}

/// The span in which an override holds: from its confirmation until it ends by hand or by time.
fn agreed(row: &OverrideRow) -> Option<Override> {
    let from: Moment = row.confirmed_at?;
    let until = row.ended_at.map_or(row.expires_at, |ended| ended.min(row.expires_at));
    Some(Override { from, until })
}
