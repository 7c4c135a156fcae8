//! How people stand towards the procedures of their roles: what they lack, until when, and where they are narrowed because
//! they are late. Everything is computed from rows and a moment; no round has to be made for it.

use super::{Desk, Failure, sight};
use crate::domain::ids::{PersonId, ProcedureId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::operator::{self, Learned};
use crate::domain::person::{Act, Actor, PersonActor, Role};
use crate::domain::problem::Reason;
use crate::store::people::{self, GrantRow, PersonRow};
use crate::store::procedures::{self, ProcedureRow, Trainees};
use crate::store::{Connection, rollouts, sites};
use std::collections::{BTreeMap, BTreeSet};

/// What one person has learned, read once.
pub struct Book {
    current: Vec<ProcedureRow>,
    acknowledged: BTreeSet<ProcedureId>,
    passed: BTreeSet<ProcedureId>,
}

impl Book {
    /// Opens the book of a person.
    pub fn of(connection: &mut Connection, person: &PersonId) -> Result<Self, Failure> {
        let current = procedures::current(connection)?;
        Self::with(connection, current, person)
    }

    fn with(connection: &mut Connection, current: Vec<ProcedureRow>, person: &PersonId) -> Result<Self, Failure> {
        let acknowledged = procedures::acknowledgements(connection, person)?;
        let checks = procedures::checks(connection, person)?;
        Ok(Self {
            current,
            acknowledged: acknowledged.into_iter().map(|row| row.procedure_id).collect(),
            passed: checks.into_iter().filter(|row| row.passed == Some(true)).map(|row| row.procedure_id).collect(),
        })
    }

    /// The current procedures of a role, by name.
    pub fn procedures(&self, role: Role) -> impl Iterator<Item = &ProcedureRow> {
        self.current.iter().filter(move |row| row.role == role)
    }

    /// How they stand towards one of them.
    pub fn learned_one(&self, row: &ProcedureRow) -> Learned {
        Learned {
            title: row.content.title.to_string(),
            version: row.version,
            written_at: row.written_at,
            acknowledged: self.acknowledged.contains(&row.id),
            passed: self.passed.contains(&row.id),
        }
    }

    /// How they stand towards all of a role.
    pub fn learned(&self, role: Role) -> Vec<Learned> {
        self.procedures(role).map(|row| self.learned_one(row)).collect()
    }
}

/// When the roll-out of each site began.
pub fn rolled_out(connection: &mut Connection) -> Result<BTreeMap<SiteId, Moment>, Failure> {
    Ok(rollouts::all(connection)?.into_iter().map(|row| (row.site_id, row.started_at)).collect())
}

/// The sites in roll-out that a role concerns: on one site that one, on every site all of them.
fn concerned<'r>(
    rolled: &'r BTreeMap<SiteId, Moment>,
    site: Option<&SiteId>,
) -> impl Iterator<Item = (&'r SiteId, Moment)> {
    let site = site.cloned();
    rolled.iter().filter(move |(id, _)| site.as_ref().is_none_or(|own| own == *id)).map(|(id, at)| (id, *at))
}

/// Everything that keeps a role from being given to a person; nothing where no roll-out has begun.
pub fn grant_reasons(
    connection: &mut Connection,
    person: &PersonId,
    role: Role,
    site: Option<&SiteId>,
) -> Result<Vec<Reason>, Failure> {
    let rolled = rolled_out(connection)?;
    let Some((first, _)) = concerned(&rolled, site).next() else { return Ok(Vec::new()) };
    let name = sight::promised(sites::find(connection, first))?.name;
    let lacking = operator::lacking(role, &Book::of(connection, person)?.learned(role));
    let told = lacking
        .into_iter()
        .map(|reason| Reason { message: format!("{name} is in roll-out. {}", reason.message), ..reason });
    Ok(told.collect())
}

/// What somebody has to learn for a role that they hold on a site in roll-out, or that they are in training for.
pub struct Owed {
    /// For which role.
    pub role: Role,
    /// On which site; none: on every site.
    pub site: Option<SiteId>,
    /// Do they hold it already?
    pub held: bool,
    /// What they lack.
    pub reasons: Vec<Reason>,
    /// From then on they are narrowed; none while they hold no such role, or lack nothing.
    pub due_at: Option<Moment>,
}

/// Everything that somebody has to learn, roles that they hold first.
pub fn owed(connection: &mut Connection, days: i64, person: &PersonId) -> Result<Vec<Owed>, Failure> {
    let (rolled, enrolments) = (rolled_out(connection)?, procedures::enrolments(connection, person)?);
    if rolled.is_empty() && enrolments.is_empty() {
        return Ok(Vec::new());
    }
    let book = Book::of(connection, person)?;
    let mut all = Vec::new();
    for grant in people::grants_of(connection, person)? {
        let learned = book.learned(grant.role);
        if concerned(&rolled, grant.site_id.as_ref()).next().is_none() {
            continue;
        }
        let due_at = concerned(&rolled, grant.site_id.as_ref())
            .filter_map(|(_, from)| operator::due_at(from, grant.granted_at, &learned, days))
            .min();
        let reasons = operator::lacking(grant.role, &learned);
        all.push(Owed { role: grant.role, site: grant.site_id, held: true, reasons, due_at });
    }
    for enrolment in enrolments {
        let reasons = operator::lacking(enrolment.role, &book.learned(enrolment.role));
        all.push(Owed { role: enrolment.role, site: enrolment.site_id, held: false, reasons, due_at: None });
    }
    Ok(all)
}

/// The person as they may act now: on sites where they are late with their training they approve nothing.
pub fn narrowed(
    connection: &mut Connection,
    desk: &Desk,
    mut person: PersonActor,
    grants: &[GrantRow],
) -> Result<PersonActor, Failure> {
    let rolled = rolled_out(connection)?;
    if rolled.is_empty() || grants.is_empty() {
        return Ok(person);
    }
    let (book, now, days) = (Book::of(connection, &person.id)?, desk.now(), desk.limits.training_days);
    let mut late = BTreeSet::new();
    for grant in grants {
        let learned = book.learned(grant.role);
        late.extend(
            concerned(&rolled, grant.site_id.as_ref())
                .filter(|(_, from)| {
                    operator::due_at(*from, grant.granted_at, &learned, days).is_some_and(|due| due <= now)
                })
                .map(|(site, _)| site.clone()),
        );
    }
    person.narrowed = late.into_iter().collect();
    Ok(person)
}

/// The sites on which somebody works or is in training; none stands for every site.
pub fn places(connection: &mut Connection, person: &PersonId) -> Result<BTreeSet<Option<SiteId>>, Failure> {
    let held = people::grants_of(connection, person)?.into_iter().map(|grant| grant.site_id);
    let aimed = procedures::enrolments(connection, person)?.into_iter().map(|enrolment| enrolment.site_id);
    Ok(held.chain(aimed).collect())
}

/// May the actor do `act` in one of these places?
fn may_in(actor: &Actor, places: &BTreeSet<Option<SiteId>>, act: Act) -> bool {
    actor.may_everywhere(act)
        || places.iter().any(|place| match place {
            Some(site) => actor.may(act, site),
            None => actor.may_somewhere(act),
        })
}

/// A person whose training the actor may look at: their own, or of whoever works or learns on one of their sites.
pub fn operator(connection: &mut Connection, actor: &Actor, id: &str) -> Result<PersonRow, Failure> {
    let id = PersonId::from_text(id);
    if id.as_str() == crate::domain::person::SYSTEM_PERSON {
        return Err(Failure::NotFound);
    }
    let row = people::find(connection, &id)?;
    if actor.person().is_some_and(|person| person.id == id) {
        return Ok(row);
    }
    let places = places(connection, &id)?;
    let shares = places.iter().any(|place| match (place, actor.person()) {
        (Some(site), _) => actor.belongs_to(site),
        (None, Some(person)) => !person.grants.is_empty(),
        (None, None) => matches!(actor, Actor::System(_)),
    });
    if !shares && !actor.may_everywhere(Act::TrainOperators) {
        return Err(Failure::NotFound);
    }
    if may_in(actor, &places, Act::TrainOperators) || may_in(actor, &places, Act::ReadAudit) {
        Ok(row)
    } else {
        Err(sight::forbidden(Act::TrainOperators))
    }
}

/// The same for somebody who may judge and review them: never the operator themselves.
pub fn trainee(connection: &mut Connection, actor: &Actor, id: &PersonId) -> Result<PersonRow, Failure> {
    let row = operator(connection, actor, id.as_str())?;
    if actor.person().is_some_and(|person| person.id == *id) {
        return Err(Failure::Forbidden(
            "Nobody judges their own training. Ask a support lead or an administrator.".into(),
        ));
    }
    let places = places(connection, id)?;
    if may_in(actor, &places, Act::TrainOperators) { Ok(row) } else { Err(sight::forbidden(Act::TrainOperators)) }
}

/// Among whom [`trainee`] finds the people of this actor.
pub fn trainees(actor: &Actor) -> Trainees {
    let everywhere = actor.may_everywhere(Act::TrainOperators);
    Trainees {
        sites: if everywhere { None } else { actor.sites_for(Act::TrainOperators) },
        except: actor.person().map(|person| person.id.clone()),
    }
}

/// The people whose training the actor may look at, by name.
pub fn operators(connection: &mut Connection, actor: &Actor) -> Result<Vec<PersonRow>, Failure> {
    let mut seen = Vec::new();
    for person in people::list(connection)? {
        let places = places(connection, &person.id)?;
        if may_in(actor, &places, Act::TrainOperators) || may_in(actor, &places, Act::ReadAudit) {
            seen.push(person);
        }
    }
    Ok(seen)
}

/// Does everybody who is active and holds a role on the site know its procedures?
pub fn all_trained(connection: &mut Connection, site: &SiteId) -> Result<bool, Failure> {
    let current = procedures::current(connection)?;
    for person in people::actors(connection)? {
        let roles: BTreeSet<Role> = person
            .grants
            .iter()
            .filter(|grant| grant.site.as_ref().is_none_or(|own| own == site))
            .map(|grant| grant.role)
            .collect();
        if roles.is_empty() {
            continue;
        }
        let book = Book::with(connection, current.clone(), &person.id)?;
        if roles.iter().any(|role| !operator::lacking(*role, &book.learned(*role)).is_empty()) {
            return Ok(false);
        }
    }
    Ok(true)
}
