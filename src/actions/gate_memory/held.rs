//! The rows that gates rest on, as they stood at one position of the audit chain.

use super::super::gate_facts::{self, Ground};
use super::super::{Failure, tokens};
use super::shelf::Shelf;
use crate::domain::automation::Environment;
use crate::domain::gate::{GateFacts, PauseTarget};
use crate::domain::ids::{AutomationId, PersonId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::store::Connection;
use crate::store::automations::{self, AutomationRow};
use crate::store::cadence::{self, AutomationReviewRow};
use crate::store::differences::{self, DifferenceRow};
use crate::store::keys::KeyRow;
use crate::store::overrides::{self, OverrideRow};
use crate::store::pauses::{self, PauseRow};
use crate::store::people::{self, GrantRow, PersonRow};
use crate::store::phases::{self, PhaseRow};
use crate::store::sites::{self, SiteRow};
use crate::store::tokens::TokenRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// SHA-256 of a token.
pub(super) type TokenHash = [u8; 32];

/// A row that was read again.
pub(super) enum Row {
    Automation(AutomationRow),
    Person(PersonRow),
    Grant(GrantRow),
    Token(TokenRow),
    Site(SiteRow),
    Pause(PauseRow, Option<String>),
    /// A pause that holds no more.
    Released(String),
    Phase(PhaseRow),
    Override(OverrideRow),
    Review(AutomationReviewRow),
    Key(KeyRow),
}

/// Whose gates a change concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Concerned {
    /// Nobody's.
    #[default]
    None,
    /// Of these automations.
    Some(BTreeSet<AutomationId>),
    /// Everybody's.
    All,
}

impl Concerned {
    pub(super) fn one(automation: &AutomationId) -> Self {
        Self::Some(BTreeSet::from([automation.clone()]))
    }

    /// Adds those of another change.
    pub(super) fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::All, _) | (_, Self::None) => {}
            (Self::Some(own), Self::Some(more)) => own.extend(more),
            (own, other) => *own = other,
        }
    }
}

/// What gates rest on, indexed.
#[derive(Default)]
pub(super) struct Held {
    /// Position in the audit chain.
    pub(super) seq: i64,
    /// Hash of the entry there: another one means another chain.
    pub(super) hash: String,
    /// Counts changes.
    pub(super) revision: u64,
    automations: HashMap<AutomationId, AutomationRow>,
    slugs: HashMap<String, AutomationId>,
    people: HashMap<PersonId, PersonRow>,
    grants: Shelf<PersonId, GrantRow>,
    tokens: HashMap<TokenHash, TokenRow>,
    sites: HashMap<SiteId, SiteRow>,
    /// Those that hold.
    pauses: Shelf<(PauseTarget, String), (PauseRow, Option<String>)>,
    /// Those that have not ended.
    phases: Shelf<AutomationId, PhaseRow>,
    overrides: Shelf<AutomationId, OverrideRow>,
    /// Those that wait to be done.
    reviews: Shelf<AutomationId, AutomationReviewRow>,
    /// Those that are not settled.
    differences: BTreeMap<String, DifferenceRow>,
}

impl Held {
    /// Reads everything.
    pub(super) fn load(connection: &mut Connection) -> Result<Self, Failure> {
        let mut held = Self::default();
        (held.seq, held.hash) = crate::store::audit::head(connection)?;
        automations::list(connection)?.into_iter().for_each(|row| held.put_automation(row));
        people::list(connection)?.into_iter().for_each(|row| drop(held.people.insert(row.id.clone(), row)));
        for row in people::all_grants(connection)? {
            held.take_up(Row::Grant(row));
        }
        for row in crate::store::tokens::list(connection)? {
            held.take_up(Row::Token(row));
        }
        sites::list(connection)?.into_iter().for_each(|row| drop(held.sites.insert(row.id.clone(), row)));
        for (row, reference) in pauses::all_holding(connection)? {
            held.take_up(Row::Pause(row, reference));
        }
        phases::all_present(connection)?.into_iter().for_each(|row| drop(held.take_up(Row::Phase(row))));
        overrides::unreviewed(connection)?.into_iter().for_each(|row| drop(held.take_up(Row::Override(row))));
        cadence::open_reviews(connection)?.into_iter().for_each(|row| drop(held.take_up(Row::Review(row))));
        for row in differences::open(connection)? {
            held.differences.insert(row.id.to_string(), row);
        }
        Ok(held)
    }

    fn put_automation(&mut self, row: AutomationRow) {
        if let Some(before) = self.automations.get(&row.id)
            && before.slug != row.slug
        {
            self.slugs.remove(&before.slug);
        }
        self.slugs.insert(row.slug.clone(), row.id.clone());
        self.automations.insert(row.id.clone(), row);
    }

    /// Takes up a row as it stands now; says whose gates it concerns.
    pub(super) fn take_up(&mut self, row: Row) -> Concerned {
        match row {
            Row::Automation(row) => {
                let concerned = Concerned::one(&row.id);
                self.put_automation(row);
                concerned
            }
            Row::Person(row) => {
                // Only whether an owner is there matters to gates.
                let same = self.people.get(&row.id).is_some_and(|before| before.active == row.active);
                self.people.insert(row.id.clone(), row);
                if same { Concerned::None } else { Concerned::All }
            }
            Row::Grant(row) => {
                match row.revoked_at {
                    Some(_) => drop(self.grants.take(row.id.as_str())),
                    None => self.grants.put(row.id.clone().as_str(), row.person_id.clone(), row),
                }
                Concerned::None
            }
            Row::Token(row) => {
                if let Some(hash) = hash_bytes(&row.hash) {
                    self.tokens.insert(hash, row);
                }
                Concerned::None
            }
            Row::Site(row) => {
                self.sites.insert(row.id.clone(), row);
                Concerned::All
            }
            Row::Pause(row, reference) => {
                let (id, target) = (row.id.clone(), (row.target_kind, row.target.clone()));
                let concerned = covered(&target);
                self.pauses.put(id.as_str(), target, (row, reference));
                concerned
            }
            Row::Released(id) => self.pauses.take(&id).map_or(Concerned::None, |target| covered(&target)),
            Row::Phase(row) => {
                let concerned = Concerned::one(&row.automation_id);
                match row.ended_at {
                    Some(_) => drop(self.phases.take(row.id.as_str())),
                    None => self.phases.put(row.id.clone().as_str(), row.automation_id.clone(), row),
                }
                concerned
            }
            Row::Override(row) => {
                let concerned = Concerned::one(&row.automation_id);
                self.overrides.put(row.id.clone().as_str(), row.automation_id.clone(), row);
                concerned
            }
            Row::Review(row) => {
                let concerned = Concerned::one(&row.automation_id);
                match row.done_at {
                    Some(_) => drop(self.reviews.take(row.id.as_str())),
                    None => self.reviews.put(row.id.clone().as_str(), row.automation_id.clone(), row),
                }
                concerned
            }
            Row::Key(_) => Concerned::None,
        }
    }

    /// The automation with this slug.
    pub(super) fn by_slug(&self, slug: &str) -> Option<&AutomationRow> {
        self.automations.get(self.slugs.get(slug)?)
    }

    /// The automation with this id.
    pub(super) fn automation(&self, id: &AutomationId) -> Option<&AutomationRow> {
        self.automations.get(id)
    }

    /// All automations.
    pub(super) fn automations(&self) -> impl Iterator<Item = &AutomationRow> {
        self.automations.values()
    }

    /// Who is behind a token that works, and until when it does.
    pub(super) fn bearer(&self, token: &TokenHash, now: Moment) -> Option<(Actor, Moment)> {
        let row = self.tokens.get(token).filter(|row| tokens::works(row, now))?;
        let actor = match (&row.person_id, &row.automation_id) {
            (Some(person), _) => tokens::of_person(row, self.people.get(person)?, self.grants.of(person))?,
            (None, Some(automation)) => tokens::of_automation(row, self.automations.get(automation)?),
            (None, None) => return None,
        };
        Some((actor, row.expires_at))
    }

    /// The facts of one gate: what [`Ground::of_one`] reads from the database, found here by index.
    pub(super) fn facts(&self, automation: &AutomationRow, environment: Environment) -> GateFacts {
        let mut layers: Vec<(PauseRow, Option<String>)> = gate_facts::covers(automation)
            .targets()
            .into_iter()
            .flat_map(|(kind, target)| self.pauses.of(&(kind, target.to_owned())))
            .cloned()
            .collect();
        layers.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let owner = automation.owner_id.as_ref().and_then(|owner| self.people.get(owner));
        let site = self.sites.get(&automation.site_id);
        let ground = Ground {
            active: owner.into_iter().filter(|owner| owner.active).map(|owner| owner.id.clone()).collect(),
            sites: site.into_iter().map(|site| (site.id.clone(), site.clone())).collect(),
            pauses: layers,
            overrides: self.overrides.of(&automation.id).cloned().collect(),
            differences: self.differences.values().cloned().collect(),
            reviews: self.reviews.of(&automation.id).cloned().collect(),
            phases: self.phases.of(&automation.id).next_back().cloned().into_iter().collect(),
        };
        ground.facts(automation, environment)
    }
}

fn covered((kind, target): &(PauseTarget, String)) -> Concerned {
    match kind {
        PauseTarget::Automation => Concerned::one(&AutomationId::from_text(target.clone())),
        _ => Concerned::All,
    }
}

/// The bytes of a hash that a row holds in hexadecimal.
fn hash_bytes(hex: &str) -> Option<TokenHash> {
    let mut hash = TokenHash::default();
    hex::decode_to_slice(hex, &mut hash).ok().map(|()| hash)
}
