//! Break-glass: two people open a gate above its pauses for some hours.
//!
//! It lifts no pause: when it ends, by time or by hand, everything is as it was. It leaves an action on the incident
//! that holds the pause, or on one that is opened for it, and stands in red on the home page until somebody who took no part has reviewed it.

use super::gate_facts::Ground;
use super::notify::{self, News};
use super::open_automatically::{self as opening, Draft};
use super::readiness::{took_part, void_if_changed};
use super::{Answer, Desk, Failure, pause, sight, write_entry};
use crate::domain::cadence::NoticeKind;
use crate::domain::ids::{ActionId, IncidentId, OverrideId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, Role};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::{ActionKind, Taking};
use crate::domain::statement::statement;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::incidents::IncidentRow;
use crate::store::overrides::{self, OverrideRow};
use crate::store::prevention::ActionRow;
use crate::store::{Connection, Json, Tx, Verb, incidents, people, sites};
use chrono::Duration;
use serde::Serialize;

/// Days until the follow-up is due.
const FOLLOW_UP_DAYS: i64 = 7;

/// An override after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OverrideAnswer {
    /// Its id.
    pub id: String,
    /// `asked`, `holds`, `over`, `lapsed` (nobody confirmed it in time) or `reviewed`.
    pub state: &'static str,
    /// When it ends by itself.
    pub expires_at: String,
    /// Reference of the incident that got the follow-up action.
    pub incident: Option<String>,
    /// That action.
    pub action: Option<String>,
}

impl Answer for OverrideAnswer {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/overrides/{}", self.id))
    }
}

/// Where an override stands.
pub fn state_of(row: &OverrideRow, now: Moment) -> &'static str {
    let ended = row.ended_at.is_some() || now >= row.expires_at;
    match (row.confirmed_at, ended, row.reviewed_at) {
        (_, _, Some(_)) => "reviewed",
        (None, true, None) => "lapsed",
        (None, false, None) => "asked",
        (Some(_), true, None) => "over",
        (Some(_), false, None) => "holds",
    }
}

fn answer(connection: &mut Connection, row: &OverrideRow, now: Moment) -> Result<OverrideAnswer, Failure> {
    let incident = match &row.incident_id {
        Some(id) => Some(sight::promised(incidents::find(connection, id))?.reference),
        None => None,
    };
    Ok(OverrideAnswer {
        id: row.id.to_string(),
        state: state_of(row, now),
        expires_at: row.expires_at.rfc3339(),
        incident,
        action: row.action_id.as_ref().map(ActionId::to_string),
    })
}

/// Asks for one. Nothing opens before a second person confirms it.
pub fn ask(
    desk: &Desk,
    actor: &Actor,
    slug: &str,
    reason: &str,
    expires_at: Option<Moment>,
) -> Result<OverrideAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| sight::automation(connection, actor, slug, Act::BreakGlass))?;
    let mut errors = Vec::new();
    let reason =
        statement("reason", reason, "Say in a sentence why it must run before its restart is decided.", &mut errors);
    let hours = desk.limits.override_hours;
    let latest = desk.now().plus(Duration::hours(hours));
    match expires_at {
        None => errors.push(FieldError::new("expires_at", "Say when it ends (RFC 3339 with offset).")),
        Some(at) if at <= desk.now() => {
            errors.push(FieldError::new("expires_at", "This moment is over. Name a later one."))
        }
        Some(at) if at > latest => {
            let message = format!("It may last {hours} hours at most: until {}.", latest.rfc3339());
            errors.push(FieldError::new("expires_at", message));
        }
        Some(_) => {}
    }
    let (Some(expires_at), true) = (expires_at, errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
    let reason = pause::registry_redactor(desk)?.text(&reason).text;
    let (slug, actor_copy) = (slug.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let automation = sight::automation(tx.connection(), &actor_copy, &slug, Act::BreakGlass)?;
        let row = OverrideRow {
            id: OverrideId::fresh(),
            automation_id: automation.id,
            reason,
            asked_by: person,
            asked_at: tx.now(),
            expires_at,
            confirmed_by: None,
            confirmed_at: None,
            incident_id: None,
            action_id: None,
            ended_by: None,
            ended_at: None,
            reviewed_by: None,
            reviewed_at: None,
            review_note: None,
        };
        tx.insert(Verb::Asked, &row)?;
        let now = tx.now();
        answer(tx.connection(), &row, now)
    })
}

/// The second person agrees: from now on the gate is open above its pauses.
pub fn confirm(desk: &Desk, actor: &Actor, id: &str) -> Result<OverrideAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (OverrideId::from_text(id), actor.clone());
    let unheld = Unheld::prepare(desk, actor, &id)?;
    desk.answer(actor, move |tx| {
        let (mut row, automation) = find(tx.connection(), &actor_copy, &id, Act::BreakGlass)?;
        if row.asked_by == person {
            return Err(Failure::Forbidden("Whoever asked cannot confirm it. Ask a second person.".into()));
        }
        refuse_unfit_pair(tx.connection(), &row, &actor_copy, &automation)?;
        if row.confirmed_at.is_some() || row.ended_at.is_some() || tx.now() >= row.expires_at {
            let message = "This opening was confirmed already, ended, or its time is over. Ask for a new one.";
            return Err(Failure::refused(Reason::new(
                "override_not_open",
                message,
                "any role on the site but auditor",
            )));
        }
        row.confirmed_by = Some(person);
        row.confirmed_at = Some(tx.now());
        let who = (actor_copy.reference(), actor_copy.name());
        let incident = match holding_incident(tx.connection(), &automation)? {
            Some(incident) => incident,
            None => unheld.open(tx, &automation, &row)?,
        };
        row.action_id = Some(follow_up(tx, &incident, &automation, &row, &who)?);
        row.incident_id = Some(incident.id);
        tx.update(Verb::Confirmed, &row)?;
        notify::tell_owner_and_administrators(tx, &automation, &news(&automation))?;
        let now = tx.now();
        answer(tx.connection(), &row, now)
    })
}

/// Ends it before its time, or takes the question back.
pub fn end(desk: &Desk, actor: &Actor, id: &str) -> Result<OverrideAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (OverrideId::from_text(id), actor.clone());
    desk.answer(actor, move |tx| {
        let (mut row, _) = find(tx.connection(), &actor_copy, &id, Act::BreakGlass)?;
        if row.ended_at.is_some() || tx.now() >= row.expires_at {
            return Err(Failure::refused(Reason::new("override_over", "This opening is over already.", "nobody")));
        }
        row.ended_by = Some(person);
        row.ended_at = Some(tx.now());
        tx.update(Verb::Ended, &row)?;
        if let Some(incident) = &row.incident_id {
            let who = (actor_copy.reference(), actor_copy.name());
            write_entry::system(tx, incident, &who, Redacted::literal("Ended the break-glass opening."))?;
        }
        let now = tx.now();
        answer(tx.connection(), &row, now)
    })
}

/// Somebody who took no part looks at it afterwards.
pub fn review(desk: &Desk, actor: &Actor, id: &str, note: &str) -> Result<OverrideAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = OverrideId::from_text(id);
    desk.read(|connection| find(connection, actor, &id, Act::ReviewRun))?;
    let mut errors = Vec::new();
    let note = statement("note", note, "Say in a sentence what ran meanwhile, and whether it was right.", &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let note = pause::registry_redactor(desk)?.text(&note).text;
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let (mut row, _) = find(tx.connection(), &actor_copy, &id, Act::ReviewRun)?;
        if took_part_in(&row, &person) {
            return Err(Failure::Forbidden(
                "Whoever asked for, confirmed or ended it cannot review it. Ask somebody else.".into(),
            ));
        }
        let refusal = match state_of(&row, tx.now()) {
            "over" => None,
            "reviewed" => Some(("already_reviewed", "This opening was reviewed already.")),
            "holds" => Some(("override_holds", "It still holds. End it first, or wait until its time is over.")),
            _ => Some(("never_opened", "Nobody confirmed this opening, so there is nothing to review.")),
        };
        if let Some((code, message)) = refusal {
            return Err(Failure::refused(Reason::new(code, message, "any role on the site but auditor")));
        }
        row.reviewed_by = Some(person);
        row.reviewed_at = Some(tx.now());
        row.review_note = Some(note);
        tx.update(Verb::Reviewed, &row)?;
        let now = tx.now();
        answer(tx.connection(), &row, now)
    })
}

/// One override, for somebody who may see its automation.
pub fn show(connection: &mut Connection, actor: &Actor, id: &str) -> Result<(OverrideRow, AutomationRow), Failure> {
    find(connection, actor, &OverrideId::from_text(id), Act::ReadRegistry)
}

/// Did this person ask for it, confirm it or end it?
pub fn took_part_in(row: &OverrideRow, person: &PersonId) -> bool {
    [Some(&row.asked_by), row.confirmed_by.as_ref(), row.ended_by.as_ref()].contains(&Some(person))
}

fn find(
    connection: &mut Connection,
    actor: &Actor,
    id: &OverrideId,
    act: Act,
) -> Result<(OverrideRow, AutomationRow), Failure> {
    let row = overrides::find(connection, id)?;
    let automation = sight::promised(automations::find(connection, &row.automation_id))?;
    let automation = sight::automation(connection, actor, &automation.slug, act)?;
    Ok((row, automation))
}

/// Both must still be of the site, and one of them its administrator.
fn refuse_unfit_pair(
    connection: &mut Connection,
    row: &OverrideRow,
    second: &Actor,
    automation: &AutomationRow,
) -> Result<(), Failure> {
    let asker = sight::promised(people::find(connection, &row.asked_by))?;
    let first = Actor::Person(people::as_actor(connection, &asker)?);
    if !asker.active || !first.may(Act::BreakGlass, &automation.site_id) {
        let message = "Whoever asked has no role here any more. Ask anew, and let somebody else confirm.";
        return Err(Failure::refused(Reason::new("asker_left", message, "any role on the site but auditor")));
    }
    if is_administrator(&first, automation) || is_administrator(second, automation) {
        Ok(())
    } else {
        Err(Failure::Forbidden("One of the two must be an administrator of the site. Ask one to confirm it.".into()))
    }
}

/// Does this person administer the automation's site?
pub fn is_administrator(actor: &Actor, automation: &AutomationRow) -> bool {
    actor.person().is_some_and(|person| {
        let here = |site: &Option<_>| site.as_ref().is_none_or(|site| *site == automation.site_id);
        person.grants.iter().any(|grant| grant.role == Role::Administrator && here(&grant.site))
    })
}

/// What is needed when no open incident holds the automation: the follow-up must stand somewhere, so one is opened.
struct Unheld {
    draft: Draft,
    named: Redacted,
}

impl Unheld {
    fn prepare(desk: &Desk, actor: &Actor, id: &OverrideId) -> Result<Self, Failure> {
        let (automation, site) = desk.read(|connection| {
            let (_, automation) = find(connection, actor, id, Act::BreakGlass)?;
            let site = sight::promised(sites::find(connection, &automation.site_id))?;
            Ok((automation, site))
        })?;
        let named = pause::registry_redactor(desk)?.text(&automation.name).text;
        Ok(Self { draft: Draft::prepare(desk, &site)?, named })
    }

    fn open(self, tx: &mut Tx, automation: &AutomationRow, row: &OverrideRow) -> Result<IncidentRow, Failure> {
        let title = Redacted::join(&[Redacted::literal("Break-glass opening of"), self.named], " ");
        let said = "Two people opened its gate above what closed it, and no open incident held it. They said:";
        let actual = Redacted::join(&[Redacted::literal(said), row.reason.clone()], " ");
        opening::open(tx, self.draft, opening::severity(automation.touches()), title, actual)
    }
}

fn news(automation: &AutomationRow) -> News {
    News {
        kind: NoticeKind::OverrideUsed,
        subject: Redacted::literal("A gate was opened by break-glass"),
        body: Redacted::literal(
            "Two people opened the gate of an automation above its pauses, for some hours. A follow-up action was planned.\n\nIt stands in red on the home page until somebody who took no part has reviewed it.",
        ),
        link: format!("/automations/{}/gate#break-glass", automation.slug),
    }
}

/// The open incident that holds the automation; the oldest, where several do.
fn holding_incident(connection: &mut Connection, automation: &AutomationRow) -> Result<Option<IncidentRow>, Failure> {
    let ids: Vec<IncidentId> =
        Ground::of_one(connection, automation)?.pauses.into_iter().filter_map(|(pause, _)| pause.incident_id).collect();
    for id in ids {
        let incident = sight::promised(incidents::find(connection, &id))?;
        if incident.status.is_open() {
            return Ok(Some(incident));
        }
    }
    Ok(None)
}

/// Writes the follow-up on the incident: somebody has to look at what ran meanwhile.
fn follow_up(
    tx: &mut Tx,
    incident: &IncidentRow,
    automation: &AutomationRow,
    opening: &OverrideRow,
    who: &(String, String),
) -> Result<ActionId, Failure> {
    let owner = follow_up_owner(tx.connection(), automation, opening)?;
    let due_on = tx.now().plus(Duration::days(FOLLOW_UP_DAYS)).utc().date_naive().to_string();
    let created_by = opening.confirmed_by.clone().unwrap_or_else(|| opening.asked_by.clone());
    let title = Redacted::literal("Follow up the break-glass opening: look at what ran, and undo what must not stay");
    let row = ActionRow {
        id: ActionId::fresh(),
        incident_id: incident.id.clone(),
        kind: ActionKind::Documentation,
        title,
        owner_id: owner.clone(),
        former_owners: Json::of(Vec::new()),
        due_on,
        created_by,
        created_at: tx.now(),
        proof: None,
        completed_by: None,
        completed_at: None,
        verified_by: None,
        verified_at: None,
        version: 1,
    };
    tx.insert(Verb::Planned, &row)?;
    took_part(tx, &incident.id, &owner, Taking::OwnedAction)?;
    let said = "Two people opened the gate above its pauses (break-glass):";
    let words = Redacted::join(&[Redacted::literal(said), opening.reason.clone()], " ");
    write_entry::system(tx, &incident.id, who, words)?;
    void_if_changed(tx, &incident.id, who, "a break-glass opening added an action")?;
    Ok(row.id)
}

/// The automation's owner; when they have left, one of the two who opened it, an administrator last: whoever owns an
/// action cannot decide the restart.
fn follow_up_owner(
    connection: &mut Connection,
    automation: &AutomationRow,
    opening: &OverrideRow,
) -> Result<PersonId, Failure> {
    let mut fallback = None;
    for id in
        [automation.owner_id.as_ref(), Some(&opening.asked_by), opening.confirmed_by.as_ref()].into_iter().flatten()
    {
        let person = sight::promised(people::find(connection, id))?;
        let actor = Actor::Person(people::as_actor(connection, &person)?);
        if !person.active || !actor.may(Act::CompleteAction, &automation.site_id) {
            continue;
        }
        if !is_administrator(&actor, automation) {
            return Ok(person.id);
        }
        fallback.get_or_insert(person.id);
    }
    fallback.ok_or_else(|| Failure::Broken("nobody could own the follow-up of an override".into()))
}
