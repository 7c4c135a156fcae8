//! Who sees what: the same answer for page, API and command line.
//!
//! What is not yours to see does not exist (404); what you may see but not do is refused by name (403).

use super::Failure;
use crate::domain::ids::{AutomationId, PersonId, SiteId};
use crate::domain::person::{Act, Actor};
use crate::store::automations::{self, AutomationRow};
use crate::store::evidence::{self, EvidenceRow};
use crate::store::incidents::{self, IncidentRow};
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, Error};

/// An incident with its site.
pub struct Case {
    /// The incident.
    pub incident: IncidentRow,
    /// Where it happened.
    pub site: SiteRow,
}

/// The incident with this reference, for someone who may do `act` on it.
pub fn case(connection: &mut Connection, actor: &Actor, reference: &str, act: Act) -> Result<Case, Failure> {
    let incident = incidents::by_reference(connection, reference)?.ok_or(Failure::NotFound)?;
    of_incident(connection, actor, incident, act)
}

/// The same for an incident at hand.
pub fn of_incident(
    connection: &mut Connection,
    actor: &Actor,
    incident: IncidentRow,
    act: Act,
) -> Result<Case, Failure> {
    admit(actor, &incident, act)?;
    let site = sites::find(connection, &incident.site_id)?;
    Ok(Case { incident, site })
}

/// The same for an incident whose site is not asked for.
pub fn admit(actor: &Actor, incident: &IncidentRow, act: Act) -> Result<(), Failure> {
    // Whoever may file may see what they filed; through a token, if its scopes let it file.
    let own = actor.person().is_some_and(|person| person.id == incident.reported_by)
        && actor.may(Act::FileIncident, &incident.site_id);
    if !actor.may(Act::ReadIncidents, &incident.site_id) && !own {
        return Err(Failure::NotFound);
    }
    let own_reading = own && act == Act::ReadIncidents;
    if !own_reading && !actor.may(act, &incident.site_id) {
        return Err(not_yours(actor, act, &incident.site_id));
    }
    Ok(())
}

/// Evidence with its case, for someone who may do `act`.
pub fn evidence(
    connection: &mut Connection,
    actor: &Actor,
    id: &str,
    act: Act,
) -> Result<(EvidenceRow, Case), Failure> {
    let row = evidence::find(connection, &crate::domain::ids::EvidenceId::from_text(id))?;
    let incident = incidents::find(connection, &row.incident_id)?;
    let case = of_incident(connection, actor, incident, act)?;
    Ok((row, case))
}

/// The automation with this slug, for someone who may do `act` on its site.
pub fn automation(connection: &mut Connection, actor: &Actor, slug: &str, act: Act) -> Result<AutomationRow, Failure> {
    let row = automations::by_slug(connection, slug)?.ok_or(Failure::NotFound)?;
    over_automation(actor, &row, act)?;
    Ok(row)
}

/// May this actor do `act` on an automation at hand?
pub fn over_automation(actor: &Actor, row: &AutomationRow, act: Act) -> Result<(), Failure> {
    if !actor.belongs_to(&row.site_id) {
        return Err(Failure::NotFound);
    }
    if let Actor::Automation { id, .. } = actor
        && *id != row.id
    {
        return Err(Failure::NotFound);
    }
    if actor.may(act, &row.site_id) { Ok(()) } else { Err(not_yours(actor, act, &row.site_id)) }
}

/// The automation with this id, for someone who may do `act` on its site: of a run, a review or a flag.
pub fn automation_row(
    connection: &mut Connection,
    actor: &Actor,
    id: &AutomationId,
    act: Act,
) -> Result<AutomationRow, Failure> {
    let row = promised(automations::find(connection, id))?;
    automation(connection, actor, &row.slug, act)
}

/// The site with this slug, for someone who may do `act` on it.
pub fn site(connection: &mut Connection, actor: &Actor, slug: &str, act: Act) -> Result<SiteRow, Failure> {
    let row = sites::by_slug(connection, slug)?.ok_or(Failure::NotFound)?;
    if !actor.belongs_to(&row.id) {
        return Err(Failure::NotFound);
    }
    if !actor.may(act, &row.id) {
        return Err(not_yours(actor, act, &row.id));
    }
    Ok(row)
}

/// Refuses whoever may not do `act` everywhere.
pub fn everywhere(actor: &Actor, act: Act) -> Result<(), Failure> {
    if actor.may_everywhere(act) { Ok(()) } else { Err(forbidden(act)) }
}

/// Refuses whoever may not do `act` anywhere.
pub fn somewhere(actor: &Actor, act: Act) -> Result<(), Failure> {
    if actor.may_somewhere(act) { Ok(()) } else { Err(forbidden(act)) }
}

/// The person behind an act that only a person can do.
pub fn person_id(actor: &Actor) -> Result<PersonId, Failure> {
    actor
        .person()
        .map(|person| person.id.clone())
        .ok_or_else(|| Failure::Forbidden("Only a person can do this.".into()))
}

/// The incidents that an actor may list.
pub fn visible(actor: &Actor) -> incidents::Filter {
    incidents::Filter {
        sites: actor.sites_for(Act::ReadIncidents),
        or_reported_by: actor.person().map(|person| person.id.clone()),
        own_on: actor.sites_for(Act::FileIncident),
        ..incidents::Filter::default()
    }
}

/// Reads a row that a foreign key promises.
pub fn promised<T>(found: Result<T, Error>) -> Result<T, Failure> {
    found.map_err(|error| Failure::Broken(error.to_string()))
}

/// Why somebody may not do this on a site: their role does not allow it, or they are late with their training.
pub fn not_yours(actor: &Actor, act: Act, site: &SiteId) -> Failure {
    match actor.person() {
        Some(person) if person.is_late_for(act, site) => Failure::Forbidden(format!(
            "Your training for this site is overdue. Until you have acknowledged and passed the procedures of your role, you \
             do not approve or open anything here ({}). Home says what is left.",
            act.label()
        )),
        _ => forbidden(act),
    }
}

/// "Not yours to do", with the way out.
pub fn forbidden(act: Act) -> Failure {
    Failure::Forbidden(format!("Your role does not allow this ({}). Ask an administrator of the site.", act.label()))
}
