//! What the page about a gate shows.

use crate::actions::explain_gate::{self, Explanation, Step, Without};
use crate::actions::sight::promised;
use crate::actions::{Desk, Failure, override_gate};
use crate::domain::gate::PauseTarget;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::overrides::{self, OverrideRow};
use crate::store::phases::{self, PhaseRow};
use crate::store::{Connection, sites};
use crate::web::shown::{ByAt, Choice, Names, SiteName, Time, capital, time};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Gate {
    automation: Named,
    open: bool,
    scope: Option<String>,
    override_until: Option<Time>,
    simulated: bool,
    to_run: Vec<StepShown>,
    next_scope: Option<String>,
    ceiling: String,
    to_widen: Vec<StepShown>,
    warnings: Vec<String>,
    pauses: Vec<PauseShown>,
    phases: Vec<PhaseShown>,
    overrides: Vec<OverrideShown>,
    may_widen: bool,
    may_break: bool,
    hours: Vec<Choice>,
    pub(super) refusals: Vec<Reason>,
    pub(super) open_form: String,
}

#[derive(Serialize)]
struct Named {
    slug: String,
    name: String,
    site: SiteName,
}

#[derive(Serialize)]
struct StepShown {
    message: String,
    people: Vec<String>,
    who: String,
    /// A calendar day.
    due_on: Option<String>,
    due_at: Option<Time>,
    incident: Option<String>,
    nobody: bool,
}

#[derive(Serialize)]
struct PauseShown {
    words: String,
    incident: Option<String>,
    /// The address that shows what would remain without it.
    href: String,
    left_out: bool,
}

#[derive(Serialize)]
struct PhaseShown {
    scope: String,
    ceiling: String,
    opened_by: String,
    opened_at: Time,
    soak_until: Time,
    evidence: Option<String>,
    ended_at: Option<Time>,
    ended_because: Option<String>,
}

#[derive(Serialize)]
struct OverrideShown {
    id: String,
    state: &'static str,
    reason: String,
    asked: ByAt,
    expires_at: Time,
    confirmed: Option<ByAt>,
    ended: Option<ByAt>,
    reviewed: Option<ByAt>,
    note: Option<String>,
    can_confirm: bool,
    can_end: bool,
    can_review: bool,
}

pub(super) fn compose(desk: &Desk, actor: &Actor, slug: &str, without: &Without) -> Result<Gate, Failure> {
    let (now, limits) = (desk.now(), desk.limits.clone());
    desk.read(|connection| {
        let automation = explain_gate::seen(connection, actor, slug)?;
        let said = explain_gate::explain(connection, actor, slug, without, &limits, now)?;
        let site = promised(sites::find(connection, &automation.site_id))?;
        let view = View { actor, automation: &automation, zone: &site.time_zone, now };
        let pauses = said.pauses.iter().map(|pause| pause_shown(slug, pause)).collect();
        Ok(Gate {
            phases: view.phases(connection)?,
            overrides: view.overrides(connection)?,
            may_widen: actor.may(Act::WidenScope, &site.id) && said.next_scope.is_some(),
            may_break: actor.may(Act::BreakGlass, &site.id),
            hours: (1..=limits.override_hours).map(hours).collect(),
            pauses,
            open: said.open,
            scope: said.scope.map(|scope| scope.label()),
            override_until: said.override_until.as_deref().and_then(|at| moment(at, &site.time_zone)),
            simulated: said.simulated,
            to_run: steps(&said, |said| &said.to_run, &site.time_zone),
            next_scope: said.next_scope.map(|scope| scope.label()),
            ceiling: said.ceiling.label(),
            to_widen: steps(&said, |said| &said.to_widen, &site.time_zone),
            warnings: said.warnings,
            automation: Named { slug: slug.to_owned(), name: automation.name.clone(), site: SiteName::from(&site) },
            refusals: Vec::new(),
            open_form: String::new(),
        })
    })
}

fn hours(hours: i64) -> Choice {
    Choice::new(hours.to_string(), if hours == 1 { "1 hour".to_owned() } else { format!("{hours} hours") })
}

fn steps(said: &Explanation, which: fn(&Explanation) -> &Vec<Step>, zone: &str) -> Vec<StepShown> {
    let shown = |step: &Step| {
        let due_at = step.due.as_deref().and_then(|due| moment(due, zone));
        StepShown {
            message: step.message.clone(),
            people: step.people.clone(),
            who: step.who.replace('_', " "),
            due_on: if due_at.is_none() { step.due.clone() } else { None },
            due_at,
            incident: step.incident.clone(),
            nobody: step.nobody,
        }
    };
    which(said).iter().map(shown).collect()
}

fn moment(text: &str, zone: &str) -> Option<Time> {
    let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(time(Moment::from_utc(at.to_utc()), zone))
}

fn pause_shown(slug: &str, pause: &explain_gate::PauseNamed) -> PauseShown {
    let words = match PauseTarget::parse(&pause.target_kind) {
        Some(PauseTarget::Automation) | None => "A pause of this automation",
        Some(PauseTarget::Category) => "A pause of its category",
        Some(PauseTarget::Site) => "A pause of its site",
        Some(PauseTarget::Everything) => "A pause of everything",
    };
    let query = match &pause.incident {
        Some(reference) => format!("settled={reference}"),
        None => format!("without={}", pause.id),
    };
    PauseShown {
        words: words.to_owned(),
        incident: pause.incident.clone(),
        href: format!("/automations/{slug}/gate?{query}"),
        left_out: pause.left_out,
    }
}

/// Whose eyes the page is for.
struct View<'v> {
    actor: &'v Actor,
    automation: &'v AutomationRow,
    zone: &'v str,
    now: Moment,
}

impl View<'_> {
    fn phases(&self, connection: &mut Connection) -> Result<Vec<PhaseShown>, Failure> {
        let rows = phases::of_automation(connection, &self.automation.id)?;
        rows.into_iter().map(|row| self.phase(connection, row)).collect()
    }

    fn phase(&self, connection: &mut Connection, row: PhaseRow) -> Result<PhaseShown, Failure> {
        Ok(PhaseShown {
            scope: capital(&row.scope.label()),
            ceiling: row.ceiling.label(),
            opened_by: Names::default().actor(connection, &row.opened_by)?,
            opened_at: time(row.opened_at, self.zone),
            soak_until: time(row.soak_until, self.zone),
            evidence: row.evidence.map(Redacted::into_string),
            ended_at: row.ended_at.map(|at| time(at, self.zone)),
            ended_because: row.ended_because,
        })
    }

    fn overrides(&self, connection: &mut Connection) -> Result<Vec<OverrideShown>, Failure> {
        let rows = overrides::of_automation(connection, &self.automation.id)?;
        rows.into_iter().map(|row| self.one(connection, row)).collect()
    }

    fn one(&self, connection: &mut Connection, row: OverrideRow) -> Result<OverrideShown, Failure> {
        let state = override_gate::state_of(&row, self.now);
        let me = self.actor.person().map(|person| &person.id);
        let part = me.is_some_and(|me| override_gate::took_part_in(&row, me));
        let may = |act| self.actor.may(act, &self.automation.site_id);
        let mut by_at = |by: Option<&_>, at: Option<Moment>| -> Result<Option<ByAt>, Failure> {
            let (Some(by), Some(at)) = (by, at) else { return Ok(None) };
            Ok(Some(ByAt { by: Names::default().person(connection, by)?, at: time(at, self.zone) }))
        };
        let confirmed = by_at(row.confirmed_by.as_ref(), row.confirmed_at)?;
        let ended = by_at(row.ended_by.as_ref(), row.ended_at)?;
        let reviewed = by_at(row.reviewed_by.as_ref(), row.reviewed_at)?;
        Ok(OverrideShown {
            can_confirm: state == "asked" && me != Some(&row.asked_by) && may(Act::BreakGlass),
            can_end: matches!(state, "asked" | "holds") && may(Act::BreakGlass),
            can_review: state == "over" && !part && may(Act::ReviewRun),
            id: row.id.to_string(),
            state,
            reason: row.reason.into_string(),
            asked: ByAt { by: Names::default().person(connection, &row.asked_by)?, at: time(row.asked_at, self.zone) },
            expires_at: time(row.expires_at, self.zone),
            confirmed,
            ended,
            reviewed,
            note: row.review_note.map(Redacted::into_string),
        })
    }
}
