//! Pausing and releasing.

use super::{Answer, Desk, Failure, sight, vacancy, write_entry};
use crate::domain::automation::Category;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{PauseId, SiteId};
use crate::domain::incident::{TEXT_MAX, check_length, clean_text};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::switch::Fates;
use crate::redaction::{PlaceholderKey, Redacted, Redactor, Rules};
use crate::store::automations::AutomationRow;
use crate::store::incidents::IncidentRow;
use crate::store::pauses::{self, PauseRow};
use crate::store::{Connection, Json, Tx, Verb};
use serde::Serialize;
use std::sync::Arc;

/// What is to be paused, as a request names it.
#[derive(Clone, Debug)]
pub enum Switch {
    /// One automation, by slug.
    Automation(String),
    /// `all`, a category, or `site:SLUG`.
    Named(String),
}

/// A pause that holds now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Paused {
    /// Its id.
    pub id: String,
    /// What it covers.
    pub target_kind: PauseTarget,
    /// Since when.
    pub since: String,
    /// What becomes of running and waiting work.
    pub fates: Fates,
}

impl Answer for Paused {}

/// A pause that was released.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Released {
    /// Its id.
    pub id: String,
    /// When it ended.
    pub released_at: String,
}

impl Answer for Released {}

/// Pauses. No form in the way: the reason may be empty and follow later.
pub fn run(
    desk: &Desk,
    actor: &Actor,
    switch: &Switch,
    reason: Option<&str>,
    incident: Option<&str>,
) -> Result<Paused, Failure> {
    run_with(desk, actor, switch, reason, incident, None)
}

/// The same, saying what becomes of work; none: the default of the rules.
pub fn run_with(
    desk: &Desk,
    actor: &Actor,
    switch: &Switch,
    reason: Option<&str>,
    incident: Option<&str>,
    fates: Option<Fates>,
) -> Result<Paused, Failure> {
    desk.answered_before()?;
    let reason = short_reason(desk, reason)?;
    let (switch, incident) = (switch.clone(), incident.map(str::to_owned));
    let actor_copy = actor.clone();
    let named = match &incident {
        Some(_) => {
            let target = desk.read(|connection| resolve(connection, actor, &switch))?;
            Some(registry_redactor(desk)?.text(&target.name).text)
        }
        None => None,
    };
    desk.answer(actor, move |tx| {
        let target = resolve(tx.connection(), &actor_copy, &switch)?;
        let incident = match incident {
            Some(reference) => {
                let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WorkIncident)?;
                // What an incident that has ended holds, no decision could lift any more.
                super::write_review::refuse_ended(&case)?;
                refuse_other_site(&target, &case.incident)?;
                Some(case.incident)
            }
            None => None,
        };
        let incident_id = incident.as_ref().map(|incident| incident.id.clone());
        let row = PauseRow {
            incident_id,
            reason,
            fates: fates.filter(|fates| *fates != Fates::default()).map(Json::of),
            ..blank(&target, &actor_copy, tx.now())
        };
        tx.insert(Verb::Paused, &row)?;
        if let (Some(incident), Some(named)) = (incident, named) {
            let who = (actor_copy.reference(), actor_copy.name());
            write_entry::system(tx, &incident.id, &who, Redacted::join(&[Redacted::literal("Paused"), named], " "))?;
        }
        Ok(Paused {
            id: row.id.to_string(),
            target_kind: row.target_kind,
            since: row.set_at.rfc3339(),
            fates: fates.unwrap_or_default(),
        })
    })
}

/// An incident speaks for its own site. What belongs to no single site may be paused for any incident.
fn refuse_other_site(target: &Target, incident: &IncidentRow) -> Result<(), Failure> {
    match &target.site {
        Some(site) if *site != incident.site_id => {
            Err(Failure::field("incident", "This incident is of another site. Declare one on the site that you pause."))
        }
        _ => Ok(()),
    }
}

/// A pause of this target that nothing else is known of.
pub(super) fn blank(target: &Target, by: &Actor, now: Moment) -> PauseRow {
    PauseRow {
        id: PauseId::fresh(),
        target_kind: target.kind,
        target: target.id.clone(),
        site_id: target.site.clone(),
        incident_id: None,
        reason: None,
        set_by: by.reference(),
        set_at: now,
        released_by: None,
        released_at: None,
        release_reason: None,
        fates: None,
        drill_id: None,
    }
}

/// Releases a pause that no incident holds.
pub fn release(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<Released, Failure> {
    desk.answered_before()?;
    let reason =
        short_reason(desk, Some(reason))?.ok_or_else(|| Failure::field("reason", "Say why this may run again."))?;
    let (id, actor_copy) = (PauseId::from_text(id), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = pauses::find(tx.connection(), &id)?;
        may_release(&actor_copy, &row)?;
        refuse_released(&row)?;
        if row.incident_id.is_some() {
            return Err(held_by_incident());
        }
        if let Some(reason) = vacancy::release_refusal(tx.connection(), &row)? {
            return Err(Failure::refused(reason));
        }
        row.released_by = Some(actor_copy.reference());
        row.released_at = Some(tx.now());
        row.release_reason = Some(reason);
        tx.update(Verb::Released, &row)?;
        Ok(Released { id: row.id.to_string(), released_at: tx.now().rfc3339() })
    })
}

/// Why this actor cannot release the pause now; none: they can. For pages, which offer only what can be done.
pub fn release_refusal(connection: &mut Connection, actor: &Actor, row: &PauseRow) -> Result<Option<Failure>, Failure> {
    if let Err(refusal) = may_release(actor, row) {
        return Ok(Some(refusal));
    }
    if row.incident_id.is_some() {
        return Ok(Some(held_by_incident()));
    }
    Ok(vacancy::release_refusal(connection, row)?.map(Failure::refused))
}

/// May this actor release such a pause, once nothing else is in the way?
pub(super) fn can_release(actor: &Actor, row: &PauseRow) -> bool {
    row.incident_id.is_none() && may_release(actor, row).is_ok()
}

/// What was released is history.
pub(super) fn refuse_released(row: &PauseRow) -> Result<(), Failure> {
    let message = "This pause was released already.";
    match row.released_at {
        Some(_) => Err(Failure::refused(Reason::new("already_released", message, "nobody"))),
        None => Ok(()),
    }
}

fn held_by_incident() -> Failure {
    Failure::refused(Reason::new(
        "held_by_incident",
        "An incident holds this pause. It comes back by a restart decision only.",
        "administrator",
    ))
}

/// Pauses an automation for an incident, in the transaction that files it.
pub(super) fn by_incident(
    tx: &mut Tx,
    automation: &AutomationRow,
    named: Redacted,
    incident: &IncidentRow,
    who: &(String, String),
) -> Result<(), Failure> {
    let row = PauseRow {
        id: PauseId::fresh(),
        target_kind: PauseTarget::Automation,
        target: automation.id.to_string(),
        site_id: Some(automation.site_id.clone()),
        incident_id: Some(incident.id.clone()),
        reason: None,
        set_by: who.0.clone(),
        set_at: tx.now(),
        released_by: None,
        released_at: None,
        release_reason: None,
        fates: None,
        drill_id: None,
    };
    tx.insert(Verb::Paused, &row)?;
    write_entry::system(tx, &incident.id, who, Redacted::join(&[Redacted::literal("Paused"), named], " "))
}

/// What a switch covers.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) kind: PauseTarget,
    /// An automation's id, a category's word, a site's id, or `all`.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) site: Option<SiteId>,
}

/// What a request names, for somebody who may pause it.
pub(super) fn resolve(connection: &mut Connection, actor: &Actor, switch: &Switch) -> Result<Target, Failure> {
    match switch {
        Switch::Automation(slug) => {
            let row = sight::automation(connection, actor, slug, Act::Pause)?;
            Ok(Target {
                kind: PauseTarget::Automation,
                id: row.id.to_string(),
                name: row.name,
                site: Some(row.site_id),
            })
        }
        Switch::Named(name) => {
            if let Some(slug) = name.strip_prefix("site:") {
                let site = sight::site(connection, actor, slug, Act::Pause)?;
                return Ok(Target {
                    kind: PauseTarget::Site,
                    id: site.id.to_string(),
                    name: format!("the site {}", site.name),
                    site: Some(site.id),
                });
            }
            let kind = match Category::parse(name) {
                Some(_) => PauseTarget::Category,
                None if name == PauseTarget::Everything.as_str() => PauseTarget::Everything,
                None => return Err(Failure::NotFound),
            };
            sight::everywhere(actor, Act::Pause)?;
            let words =
                if kind == PauseTarget::Category { format!("the category {name}") } else { "everything".into() };
            Ok(Target { kind, id: name.clone(), name: words, site: None })
        }
    }
}

fn may_release(actor: &Actor, row: &PauseRow) -> Result<(), Failure> {
    let sees = match &row.site_id {
        Some(site) => actor.belongs_to(site),
        None => actor.may_somewhere(Act::Pause),
    };
    if !sees {
        return Err(Failure::NotFound);
    }
    let allowed = actor.may_where(Act::ReleasePause, row.site_id.as_ref());
    // Whoever is late with their training opens nothing, their own pause neither.
    let set_it = row.set_by == actor.reference() && actor.person().is_some_and(|person| person.narrowed.is_empty());
    match &row.site_id {
        _ if allowed || set_it => Ok(()),
        Some(site) => Err(sight::not_yours(actor, Act::ReleasePause, site)),
        None => Err(sight::forbidden(Act::ReleasePause)),
    }
}

/// Refuses whoever may not see the pause, and whoever sees it but may neither press such a switch nor set this one.
pub fn may_amend(actor: &Actor, row: &PauseRow) -> Result<(), Failure> {
    if let Err(Failure::NotFound) = may_release(actor, row) {
        return Err(Failure::NotFound);
    }
    let may = match &row.site_id {
        Some(site) => actor.may(Act::Pause, site),
        None => actor.may_everywhere(Act::Pause),
    };
    let set_it = actor.person().is_some() && row.set_by == actor.reference();
    if may || set_it { Ok(()) } else { Err(sight::forbidden(Act::Pause)) }
}

/// A reason without secrets; pauses belong to no incident's key, so placeholders here are under a key of their own.
fn short_reason(desk: &Desk, reason: Option<&str>) -> Result<Option<Redacted>, Failure> {
    let text = clean_text(reason.unwrap_or_default());
    if text.is_empty() {
        return Ok(None);
    }
    let mut errors = Vec::new();
    check_length("reason", &text, TEXT_MAX, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    Ok(Some(registry_redactor(desk)?.text(&text).text))
}

/// The redactor of texts that belong to no incident: its key is derived from the key file.
pub(super) fn registry_redactor(desk: &Desk) -> Result<Redactor, Failure> {
    registry_redactor_with(desk, desk.rules())
}

/// The same with other rules than those in force.
pub(super) fn registry_redactor_with(desk: &Desk, rules: Arc<Rules>) -> Result<Redactor, Failure> {
    let derived = desk.vault.fingerprint("registry placeholders", b"");
    let bytes = hex::decode(derived).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = bytes.ok_or_else(|| Failure::Broken("a derived key has the wrong length".into()))?;
    Ok(Redactor::new(rules, PlaceholderKey::from_bytes(key)))
}
