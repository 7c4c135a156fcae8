//! What would have to become true for an automation to run, and to reach its next scope: each condition with the people
//! who can settle it and the day by which they should.
//!
//! Nothing here decides. The conditions are the reasons of the same pure functions that open and close gates
//! (`gate::decide`, `review::restart_reasons`, `phase::widening_reasons`); this adds names to them. What would remain if
//! a pause were gone is found by leaving it out of the facts and asking the same functions again.

use super::gate_facts::Ground;
use super::{Desk, Failure, Limits, open_phase, readiness, sight};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::gate::{self, GateFacts, Verdict};
use crate::domain::ids::{IncidentId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::phase;
use crate::domain::problem::Reason;
use crate::domain::review::{self, RequestState};
use crate::store::automations::AutomationRow;
use crate::store::pauses::PauseRow;
use crate::store::{Connection, incidents, people, phases, prevention, restarts};
use serde::Serialize;

/// What is left out of the facts, to see what would remain.
#[derive(Clone, Debug, Default)]
pub struct Without {
    /// These pauses.
    pub pauses: Vec<String>,
    /// Everything that these incidents hold, by reference.
    pub incidents: Vec<String>,
}

/// One condition.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Step {
    /// Stable word for programs, as in the gate's reasons.
    pub code: String,
    /// What blocks and what to do about it.
    pub message: String,
    /// Who can settle it, by role.
    pub who: String,
    /// Who can settle it, by name.
    pub people: Vec<String>,
    /// By when: a day, or a moment (RFC 3339).
    pub due: Option<String>,
    /// The incident on which it is settled.
    pub incident: Option<String>,
    /// True when somebody would have to settle it and nobody can.
    pub nobody: bool,
}

/// A pause that holds the automation.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PauseNamed {
    /// Its id.
    pub id: String,
    /// What it covers: `automation`, `category`, `site` or `all`.
    pub target_kind: String,
    /// The incident that holds it.
    pub incident: Option<String>,
    /// True when it was left out of this answer.
    pub left_out: bool,
}

/// The whole answer.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Explanation {
    /// The automation's slug.
    pub automation: String,
    /// Where it is registered to run.
    #[schema(value_type = String)]
    pub environment: Environment,
    /// May it run now (or: if what was left out were gone)?
    pub open: bool,
    /// How far, if it may.
    pub scope: Option<RunScope>,
    /// Set while only two people's word holds it open.
    pub override_until: Option<String>,
    /// What must become true for it to run; empty when it may.
    pub to_run: Vec<Step>,
    /// The scope after the present one.
    pub next_scope: Option<RunScope>,
    /// How far the last decision lets it go.
    pub ceiling: RunScope,
    /// What must become true to reach that scope, the opening itself last; empty when there is none.
    pub to_widen: Vec<Step>,
    /// The pauses that hold it.
    pub pauses: Vec<PauseNamed>,
    /// Conditions that nobody can settle as things stand.
    pub warnings: Vec<String>,
    /// True when something was left out.
    pub simulated: bool,
}

/// Explains a gate to somebody who may see the automation.
pub fn run(desk: &Desk, actor: &Actor, slug: &str, without: &Without) -> Result<Explanation, Failure> {
    desk.read(|connection| explain(connection, actor, slug, without, &desk.limits, desk.now()))
}

/// The automation, for whoever may read the registry or may open it by break-glass.
pub fn seen(connection: &mut Connection, actor: &Actor, slug: &str) -> Result<AutomationRow, Failure> {
    match sight::automation(connection, actor, slug, Act::ReadRegistry) {
        Err(Failure::Forbidden(_)) => sight::automation(connection, actor, slug, Act::BreakGlass),
        other => other,
    }
}

/// The same inside a snapshot.
pub fn explain(
    connection: &mut Connection,
    actor: &Actor,
    slug: &str,
    without: &Without,
    limits: &Limits,
    now: Moment,
) -> Result<Explanation, Failure> {
    let automation = seen(connection, actor, slug)?;
    let mut ground = Ground::of_one(connection, &automation)?;
    let pauses = name_pauses(&ground, without)?;
    ground.pauses.retain(|(pause, _)| pauses.iter().any(|named| named.id == pause.id.as_str() && !named.left_out));
    let facts = ground.facts(&automation, automation.environment);
    let mut people = People::of(connection, &automation)?;
    let verdict = gate::decide(&facts, now);
    let present = phases::present(connection, &automation.id)?;
    let phase_facts = open_phase::facts(connection, &automation, present.as_ref(), limits, now)?;
    let phase_facts = phase::PhaseFacts { gate_open: is_open(&verdict), ..phase_facts };
    let (to_run, narrowed) = match &verdict {
        Verdict::Open(opening) => (Vec::new(), opening.narrowed_by.clone()),
        Verdict::Closed(reasons) => (to_run(connection, &mut people, actor, &ground, &facts, reasons)?, Vec::new()),
    };
    let drifted = open_phase::has_drifted(connection, &automation, present.as_ref())?;
    let next_scope = phase::next(automation.scope);
    let mut to_widen: Vec<Step> = narrowed.into_iter().map(|reason| people.step(reason, None)).collect();
    if next_scope.is_some() {
        let reasons = phase::widening_reasons(&phase_facts, now);
        to_widen.extend(reasons.into_iter().map(|reason| people.step(reason, None)));
        if drifted && !to_widen.iter().any(|step| step.code == "configuration_drift") {
            to_widen.push(people.step(drift_reason(), None));
        }
        to_widen.push(people.step(opening_reason(), None));
    }
    let warnings = to_run.iter().chain(&to_widen).filter(|step| step.nobody).map(warning).collect();
    let opening = match verdict {
        Verdict::Open(opening) => Some(opening),
        Verdict::Closed(_) => None,
    };
    Ok(Explanation {
        automation: automation.slug,
        environment: automation.environment,
        open: opening.is_some(),
        scope: opening.as_ref().map(|opening| opening.scope),
        override_until: opening.and_then(|opening| opening.override_until).map(|until| until.rfc3339()),
        to_run,
        next_scope,
        ceiling: phase_facts.ceiling,
        to_widen,
        simulated: pauses.iter().any(|pause| pause.left_out),
        pauses,
        warnings,
    })
}

fn is_open(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Open(opening) if opening.override_until.is_none())
}

fn warning(step: &Step) -> String {
    format!("Nobody can settle this as things stand: {}", step.message)
}

fn drift_reason() -> Reason {
    let message = "What it is made of changed since this scope was opened. Open read only anew: it soaks from then on.";
    Reason::new("configuration_drift", message, "administrator")
}

fn opening_reason() -> Reason {
    Reason::new(
        "open_phase",
        "An administrator opens the next scope, saying what shows that it went well.",
        "administrator",
    )
}

/// The pauses that hold, and which of them are left out. What is left out must be there.
fn name_pauses(ground: &Ground, without: &Without) -> Result<Vec<PauseNamed>, Failure> {
    let named: Vec<PauseNamed> = ground
        .pauses
        .iter()
        .map(|(pause, incident)| PauseNamed {
            id: pause.id.to_string(),
            target_kind: pause.target_kind.to_string(),
            left_out: without.pauses.contains(&pause.id.to_string())
                || incident.as_ref().is_some_and(|reference| without.incidents.contains(reference)),
            incident: incident.clone(),
        })
        .collect();
    for id in &without.pauses {
        if !named.iter().any(|pause| pause.id == *id) {
            return Err(Failure::field("without", "No such pause holds this automation."));
        }
    }
    for reference in &without.incidents {
        if !named.iter().any(|pause| pause.incident.as_ref() == Some(reference)) {
            return Err(Failure::field("settled", format!("{reference} does not hold this automation.")));
        }
    }
    Ok(named)
}

/// The gate's reasons, each with names; for a pause of an incident what its restart asks for.
fn to_run(
    connection: &mut Connection,
    people: &mut People,
    actor: &Actor,
    ground: &Ground,
    facts: &GateFacts,
    reasons: &[Reason],
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    let mut incidents: Vec<IncidentId> = Vec::new();
    // The function names one reason for each pause, in their order.
    let mut pauses = ground.pauses.iter().filter(|(row, _)| facts.pauses.iter().any(|pause| pause.id == row.id));
    for reason in reasons {
        if !reason.code.starts_with("paused") {
            steps.push(people.step(reason.clone(), None));
            continue;
        }
        let Some((pause, reference)) = pauses.next() else { continue };
        let mut step = people.step(reason.clone(), reference.clone());
        match &pause.incident_id {
            None => step.people = people.who_release(pause),
            Some(id) if !incidents.contains(id) => incidents.push(id.clone()),
            Some(_) => {}
        }
        step.nobody = step.people.is_empty();
        steps.push(step);
    }
    for id in incidents {
        let way = way_back(connection, people, actor, &id)?;
        for step in steps.iter_mut().filter(|step| step.incident.as_ref() == Some(&way.reference)) {
            step.people = way.deciders.clone();
            step.nobody = way.deciders.is_empty();
        }
        steps.extend(way.steps);
    }
    Ok(steps)
}

/// What an incident's restart still asks for, and who could decide it.
struct WayBack {
    reference: String,
    deciders: Vec<String>,
    steps: Vec<Step>,
}

/// Everything on the way back of an incident: what its restart asks for, the question, the decision.
fn way_back(
    connection: &mut Connection,
    people: &mut People,
    actor: &Actor,
    id: &IncidentId,
) -> Result<WayBack, Failure> {
    let incident = sight::promised(incidents::find(connection, id))?;
    let reference = incident.reference.clone();
    let standing = readiness::gather(connection, &incident)?;
    let requests = restarts::of_incident(connection, id)?;
    let asked = requests.iter().find(|request| request.state == RequestState::Open);
    let mut deciders = standing.readiness.deciders.clone();
    if let Some(request) = asked {
        let asker = sight::promised(people::find(connection, &request.requested_by))?.name;
        deciders.retain(|name| *name != asker);
    }
    // Whoever may not read the incident learns who decides, not what stands in it.
    if !actor.may(Act::ReadIncidents, &incident.site_id) {
        return Ok(WayBack { reference, deciders, steps: Vec::new() });
    }
    people.actions = prevention::of_incident(connection, id)?;
    let mut steps = Vec::new();
    for reason in review::restart_reasons(&standing.readiness) {
        if reason.code != "request_open" {
            steps.push(people.step(reason, Some(reference.clone())));
        }
    }
    if asked.is_none() {
        let reason =
            Reason::new("ask_restart", format!("Somebody asks for the restart of {reference}."), "owner, support_lead");
        steps.push(people.step(reason, Some(reference.clone())));
    }
    let message = format!("An administrator who took no part approves the restart of {reference}.");
    let reason = Reason::new("decide_restart", message, "administrator");
    let step = people.step(reason, Some(reference.clone()));
    steps.push(Step { nobody: deciders.is_empty(), people: deciders.clone(), ..step });
    Ok(WayBack { reference, deciders, steps })
}

/// The active people, to name who can do what on the automation's site.
struct People {
    all: Vec<(String, String, Actor)>,
    site: SiteId,
    owner: Option<String>,
    actions: Vec<prevention::ActionRow>,
}

impl People {
    fn of(connection: &mut Connection, automation: &AutomationRow) -> Result<Self, Failure> {
        let mut all = Vec::new();
        let mut owner = None;
        for person in people::list(connection)?.into_iter().filter(|person| person.active) {
            let actor = Actor::Person(people::as_actor(connection, &person)?);
            if automation.owner_id.as_ref() == Some(&person.id) {
                owner = Some(person.name.clone());
            }
            all.push((actor.reference(), person.name, actor));
        }
        Ok(Self { all, site: automation.site_id.clone(), owner, actions: Vec::new() })
    }

    fn here(&self, act: Act) -> Vec<String> {
        self.named(|actor| actor.may(act, &self.site))
    }

    fn everywhere(&self, act: Act) -> Vec<String> {
        self.named(|actor| actor.may_everywhere(act))
    }

    fn named(&self, fits: impl Fn(&Actor) -> bool) -> Vec<String> {
        self.all.iter().filter(|(_, _, actor)| fits(actor)).map(|(_, name, _)| name.clone()).collect()
    }

    fn who_release(&self, pause: &PauseRow) -> Vec<String> {
        self.named(|actor| super::pause::can_release(actor, pause))
    }

    /// The reason with names; `nobody` when there is nobody and time alone does not settle it.
    fn step(&self, reason: Reason, incident: Option<String>) -> Step {
        let people = self.able(&reason);
        Step {
            nobody: people.is_empty() && reason.code != "soaking",
            code: reason.code,
            message: reason.message,
            who: reason.who,
            people,
            due: reason.due,
            incident,
        }
    }

    fn able(&self, reason: &Reason) -> Vec<String> {
        match reason.code.as_str() {
            "soaking" => Vec::new(),
            "altered_outside" | "nobody_can_decide" | "nobody_can_ask" => self.everywhere(Act::ManagePeople),
            "action_not_done" => vec![reason.who.clone()],
            "action_not_verified" => self.verifiers(reason.about.as_deref()),
            "action_without_owner"
            | "no_actions"
            | "no_checks"
            | "no_criteria"
            | "no_documented_change"
            | "detection_unanswered" => self.here(Act::WriteReview),
            "check_not_run"
            | "check_failed"
            | "check_inconclusive"
            | "check_stale"
            | "check_voided"
            | "criterion_not_shown" => self.here(Act::RecordChecks),
            "ask_restart" | "only_decider_asks" => self.here(Act::AskRestart),
            "decide_restart" | "paused_by_incident" | "ceiling" | "gate_closed" => self.here(Act::DecideRestart),
            "runs_not_reviewed" | "runs_waiting" | "review_overdue" => self.here(Act::ReviewRun),
            "failure_unexplained" => self.owner.iter().cloned().collect(),
            "flag_open" => self.here(Act::DismissFlag),
            "open_phase" | "configuration_drift" => self.here(Act::WidenScope),
            code if code.starts_with("review_") => self.here(Act::WriteReview),
            _ => self.here(Act::ManageRegistry),
        }
    }

    /// Who neither owned nor completed the action that a reason speaks of.
    fn verifiers(&self, action: Option<&str>) -> Vec<String> {
        let Some(action) = self.actions.iter().find(|row| Some(row.id.as_str()) == action) else {
            return self.here(Act::VerifyAction);
        };
        self.named(|actor| {
            let took_part = actor.person().is_some_and(|person| {
                action.owner_id == person.id
                    || action.former_owners.contains(&person.id)
                    || action.completed_by.as_ref() == Some(&person.id)
            });
            !took_part && actor.may(Act::VerifyAction, &self.site)
        })
    }
}
