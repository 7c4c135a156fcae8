//! What the page about the way back shows.

use super::blocks::{Group, blocks};
use super::work::{self, ActionShown, CheckShown, CriterionShown, RequestShown, View};
use crate::actions::sight::{self, Case};
use crate::actions::{Desk, Failure, readiness, restart};
use crate::domain::automation::RunScope;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::AutomationId;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::review::{ActionKind, Outcome};
use crate::store::pauses::PauseRow;
use crate::store::restarts::RequestRow;
use crate::store::{Connection, automations, people, reviews};
use crate::web::pages::incidents::shown::name;
use crate::web::pages::review::said;
use crate::web::shown::{ByAt, Choice, HintedChoice, IncidentName, Labelled, Names, capital, time};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Restart {
    incident: IncidentName,
    status: String,
    is_open: bool,
    held: Vec<Choice>,
    blocks: Vec<Group>,
    block_count: usize,
    pub(super) refusals: Vec<Reason>,
    /// The form that was refused, whose fields show what was typed.
    pub(super) open_form: String,
    review: Option<ByAt>,
    /// What the review says, question by question.
    written: Vec<Labelled>,
    actions: Vec<ActionShown>,
    checks: Vec<CheckShown>,
    criteria: Vec<CriterionShown>,
    request: Option<RequestShown>,
    past: Vec<RequestShown>,
    deciders: Vec<String>,
    may_plan: bool,
    may_ask: bool,
    may_decide: bool,
    why_not_decide: Option<String>,
    kinds: Vec<Choice>,
    people: Vec<Choice>,
    outcomes: Vec<Choice>,
    scopes: Vec<HintedChoice>,
    today: String,
}

pub(super) fn compose(desk: &Desk, actor: &Actor, reference: &str) -> Result<Restart, Failure> {
    let today = desk.now().utc().date_naive().to_string();
    desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::ReadIncidents)?;
        let mut view = View { actor, case: &case, names: Names::default(), today, decides: false };
        page(connection, &mut view)
    })
}

fn page(connection: &mut Connection, view: &mut View) -> Result<Restart, Failure> {
    let (actor, case) = (view.actor, view.case);
    let standing = readiness::gather(connection, &case.incident)?;
    let blocks = blocks(case, &standing, actor);
    let work::Requests { open, past } = work::requests(connection, view)?;
    let why_not = match &open {
        Some((row, _)) => why_not_decide(connection, row, view)?,
        None => None,
    };
    view.decides = open.is_some() && why_not.is_none();
    let row = reviews::find(connection, &case.incident.id)?;
    let written = row.as_ref().map(said).unwrap_or_default();
    let review = match row {
        None => None,
        Some(row) => Some(ByAt {
            by: view.names.person(connection, &row.written_by)?,
            at: time(row.written_at, &case.site.time_zone),
        }),
    };
    Ok(Restart {
        incident: name(&case.incident),
        status: case.incident.status.to_string(),
        is_open: case.incident.status.is_open(),
        held: held(connection, &standing.held)?,
        block_count: blocks.iter().map(|group| group.blocks.len()).sum(),
        blocks,
        refusals: Vec::new(),
        open_form: String::new(),
        review,
        written,
        actions: work::actions(connection, view)?,
        checks: work::checks(connection, view)?,
        criteria: work::criteria(connection, view)?,
        may_decide: view.decides,
        why_not_decide: why_not,
        request: open.map(|(_, shown)| shown),
        past,
        deciders: standing.readiness.deciders,
        may_plan: view.may(Act::WriteReview),
        may_ask: view.may(Act::AskRestart),
        kinds: ActionKind::ALL.iter().map(|kind| Choice::new(kind.as_str(), capital(&kind.label()))).collect(),
        people: owners(connection, case)?,
        outcomes: Outcome::ALL.iter().map(|word| Choice::new(word.as_str(), outcome_words(*word))).collect(),
        scopes: RunScope::ALL.iter().map(|scope| scope_choice(*scope)).collect(),
        today: view.today.clone(),
    })
}

fn why_not_decide(connection: &mut Connection, request: &RequestRow, view: &View) -> Result<Option<String>, Failure> {
    if !view.may(Act::DecideRestart) {
        return Ok(Some("Only an administrator of this site decides.".to_owned()));
    }
    match restart::refuse_decider(connection, request, view.actor) {
        Ok(()) => Ok(None),
        Err(Failure::Forbidden(why)) => Ok(Some(why)),
        Err(failure) => Err(failure),
    }
}

/// What the incident still holds: address and name.
fn held(connection: &mut Connection, pauses: &[PauseRow]) -> Result<Vec<Choice>, Failure> {
    let mut held = Vec::new();
    for pause in pauses {
        held.push(if pause.target_kind == PauseTarget::Automation {
            let row = sight::promised(automations::find(connection, &AutomationId::from_text(pause.target.as_str())))?;
            Choice::new(format!("/automations/{}", row.slug), row.name)
        } else {
            Choice::new("/automations?gate=paused", capital(&pause.target_kind.label()))
        });
    }
    Ok(held)
}

/// Who may own an action here.
fn owners(connection: &mut Connection, case: &Case) -> Result<Vec<Choice>, Failure> {
    let mut owners = Vec::new();
    for person in people::list(connection)?.into_iter().filter(|person| person.active) {
        let candidate = Actor::Person(people::as_actor(connection, &person)?);
        if candidate.may(Act::CompleteAction, &case.site.id) {
            owners.push(Choice::new(person.email, person.name));
        }
    }
    Ok(owners)
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "Pass: exactly what was expected",
        Outcome::Fail => "Fail: something else came out",
        Outcome::Inconclusive => "Inconclusive: it cannot be told (does not count)",
    }
}

fn scope_choice(scope: RunScope) -> HintedChoice {
    let hint = match scope {
        RunScope::ReadOnly => "It may look and propose; it changes nothing.",
        RunScope::Narrow => "It may act within the limits that its definition names.",
        RunScope::Normal => "As before the incident.",
    };
    HintedChoice { value: scope.as_str().to_owned(), label: capital(&scope.label()), hint: hint.to_owned() }
}
