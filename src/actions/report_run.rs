//! An automation reports a run. A report is always stored, also when the gate was closed or fields are odd; what the
//! run shows may pause the automation and open an incident, in the same transaction.
//!
//! Source: seed "Workflow safety": "Pause automation after … repeated failures until diagnostics and audit records
//! explain what happened".

use super::fail_soak::{Soak, fail_soak};
use super::gate_facts::Ground;
use super::intake::Texts;
use super::notify::{self, News};
use super::open_automatically::{self as opening, Draft};
use super::pause::registry_redactor;
use super::{
    Answer, Desk, Failure, Limits, automation_reviews, flags, keep_practice, run_standing, sight, write_entry,
};
use crate::domain::automation::{Category, Environment, RunScope};
use crate::domain::cadence::{FlagKind, NoticeKind, Occasion};
use crate::domain::gate::{self, GateFacts, Verdict};
use crate::domain::ids::{IncidentId, RunId};
use crate::domain::incident::TEXT_MAX;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{PracticeOccasion, SubjectKind};
use crate::domain::problem::FieldError;
use crate::domain::run::{Closed, RunOutcome, RunSpan, made_while_closed, missing_of};
use crate::domain::switch::{Fates, RunningFate};
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::incidents::{self, IncidentRow};
use crate::store::runs::{self, RunRow};
use crate::store::{Connection, Tx, Verb, sites};
use chrono::Duration;
use serde::Serialize;

/// A run as reported. Texts are as they came.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The automation's own name of the run: the same run reported twice is stored once.
    pub run_id: Option<String>,
    /// Where it took place; none: where the automation is registered.
    pub environment: Option<Environment>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What was done.
    pub what: String,
    /// Why.
    pub why: String,
    /// Cost, millionths of the currency unit.
    pub cost: Option<i64>,
    /// Which records it touched.
    pub affected_records: Option<String>,
    /// Where the site's own audit log tells of it.
    pub audit_reference: Option<String>,
    /// Of a failure: code, step, input, next contact.
    pub error: [Option<String>; 4],
    /// When it began, if that was said.
    pub began_at: Option<Moment>,
    /// When it ended; none: now.
    pub ended_at: Option<Moment>,
    /// What could not be taken as it came.
    pub oddities: Vec<FieldError>,
}

/// A run that is stored.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Reported {
    /// Its id.
    pub id: String,
    /// The automation's slug.
    pub automation: String,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Where.
    pub environment: Environment,
    /// The scope that the gate gave; read only when it was closed.
    pub scope: RunScope,
    /// Was it made while the gate was closed?
    pub gate_closed: bool,
    /// Does it lack what another operator needs?
    pub incomplete: bool,
    /// What it lacks.
    pub missing: Vec<String>,
    /// What could not be taken as it came, and what became of it.
    pub odd: Vec<FieldError>,
    /// Reference of the incident that it opened, or that it belongs to: then the automation is paused.
    pub incident: Option<String>,
}

impl Answer for Reported {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/runs/{}", self.id))
    }
}

/// Stores a run.
pub fn run(desk: &Desk, actor: &Actor, slug: &str, report: RunReport) -> Result<Reported, Failure> {
    desk.answered_before()?;
    let (automation, site) = desk.read(|connection| {
        let automation = sight::automation(connection, actor, slug, Act::ReportRun)?;
        let site = sight::promised(sites::find(connection, &automation.site_id))?;
        Ok((automation, site))
    })?;
    let limits = desk.limits.clone();
    let (odd, began_at) = (report.oddities.clone(), report.began_at);
    let row = row_of(desk, actor, &automation, report)?;
    let prepared = Prepared {
        words: Words::of(desk, &automation, &limits)?,
        draft: Draft::prepare(desk, &site)?,
        other_key: row.client_key.as_deref().map(|key| key_of_content(desk, key, &row)).transpose()?,
        began_at,
        odd,
        row,
    };
    let (slug, actor_copy) = (slug.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let automation = sight::automation(tx.connection(), &actor_copy, &slug, Act::ReportRun)?;
        store(tx, automation, prepared, &limits)
    })
}

/// What was done before the transaction.
struct Prepared {
    row: RunRow,
    began_at: Option<Moment>,
    odd: Vec<FieldError>,
    draft: Draft,
    words: Words,
    /// The name under which it is stored where its own is taken.
    other_key: Option<String>,
}

/// What an incident and a mail may say.
struct Words {
    named: Redacted,
    limit: i32,
    minutes: i32,
    failures: Redacted,
    budget: Redacted,
}

impl Words {
    fn of(desk: &Desk, automation: &AutomationRow, limits: &Limits) -> Result<Self, Failure> {
        let redactor = registry_redactor(desk)?;
        let limit = automation.failure_limit.unwrap_or(limits.failure_limit);
        let minutes = automation.failure_minutes.unwrap_or(limits.failure_minutes);
        let words = |text: String| redactor.text(&text).text;
        Ok(Self {
            named: words(automation.name.clone()),
            limit,
            minutes,
            failures: words(format!("It failed {limit} times or more within {minutes} minutes.")),
            budget: Redacted::literal("It spent more within 24 hours than its daily budget allows."),
        })
    }

    fn title(&self, cause: Cause) -> Redacted {
        let what = match cause {
            Cause::Soak => "failed while its restart was soaking",
            Cause::GateClosed => "ran while its gate was closed",
            Cause::Failures => "fails repeatedly",
            Cause::Budget => "spends more than its budget",
        };
        Redacted::join(&[self.named.clone(), Redacted::literal(what)], " ")
    }

    fn said(&self, cause: Cause) -> Redacted {
        match cause {
            Cause::Soak => Redacted::literal("It failed while its restart was soaking."),
            Cause::GateClosed => Redacted::literal("It reported a run that was made while its gate was closed."),
            Cause::Failures => self.failures.clone(),
            Cause::Budget => self.budget.clone(),
        }
    }
}

/// Why a run pauses its automation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Soak,
    GateClosed,
    Failures,
    Budget,
}

fn store(tx: &mut Tx, automation: AutomationRow, prepared: Prepared, limits: &Limits) -> Result<Reported, Failure> {
    let Prepared { mut row, began_at, mut odd, draft, words, other_key } = prepared;
    if let Some(first) = reported_before(tx.connection(), &row)? {
        if same_report(&first, &row) {
            return answer(tx.connection(), &automation, &first, odd);
        }
        // Another run under a name that is taken is a run all the same: it is stored under one made of what it says.
        let message = "Another run was reported under this run_id; this one is stored without it. Give each run a name of its own.";
        odd.push(FieldError::new("run_id", message));
        (row.client_key, row.incomplete) = (other_key, true);
        if let Some(first) = reported_before(tx.connection(), &row)? {
            return answer(tx.connection(), &automation, &first, odd);
        }
    }
    let facts = Ground::of_one(tx.connection(), &automation)?.facts(&automation, row.environment);
    match gate::decide(&facts, tx.now()) {
        Verdict::Open(opening) => row.scope = opening.scope,
        Verdict::Closed(_) => {
            let lease = Duration::seconds(limits.lease_seconds);
            let span = RunSpan { outcome: row.outcome, began_at, ended_at: row.ended_at };
            row.gate_closed = made_while_closed(span, closed(&facts, &automation), lease);
        }
    }
    let first_run =
        row.environment == Environment::Production && !runs::any(tx.connection(), &automation.id, row.environment)?;
    let causes = causes(tx, &automation, &row, &words)?;
    row.incident_id = stop(tx, &automation, &row, draft, &words, &causes)?;
    tx.insert(Verb::Reported, &row)?;
    if first_run {
        automation_reviews::first_run_came(tx, &automation.id)?;
    }
    if causes.contains(&Cause::Failures) {
        flags::raise(tx, &automation, FlagKind::RepeatsFailures, Some(row.id.to_string()))?;
    }
    if row.outcome == RunOutcome::Failure {
        let subject = Some(row.id.to_string());
        automation_reviews::ask(tx, &automation.id, Occasion::AfterFailedRun, subject, limits.review_days)?;
        run_standing::take_back(tx, &automation)?;
        if automation.category == Category::Image {
            let occasion = PracticeOccasion::AfterFailedRun;
            keep_practice::call_on_site(tx, &automation.site_id, SubjectKind::Asset, occasion)?;
        }
    }
    if notify::visible_owner(tx.connection(), &automation)?.is_none() {
        flags::raise(tx, &automation, FlagKind::NoVisibleOwner, Some(row.id.to_string()))?;
    }
    answer(tx.connection(), &automation, &row, odd)
}

/// The run that was reported under this name already.
fn reported_before(connection: &mut Connection, row: &RunRow) -> Result<Option<RunRow>, Failure> {
    let Some(key) = &row.client_key else { return Ok(None) };
    Ok(runs::by_client_key(connection, &row.automation_id, key)?)
}

/// Since when the gate is closed, and how: since the oldest pause where only pauses close it, else since it was registered.
fn closed(facts: &GateFacts, automation: &AutomationRow) -> Closed {
    let without_pauses = GateFacts { pauses: Vec::new(), ..facts.clone() };
    let oldest = facts.pauses.iter().map(|pause| pause.since).min();
    match (gate::decide(&without_pauses, Moment::from_naive_utc(chrono::NaiveDateTime::MIN)), oldest) {
        (Verdict::Open(_), Some(since)) => {
            let fates = Fates::strictest(facts.pauses.iter().map(|pause| pause.fates));
            Closed { since, may_finish: fates.is_some_and(|fates| fates.running == RunningFate::Finish) }
        }
        _ => Closed { since: automation.created_at, may_finish: false },
    }
}

fn causes(tx: &mut Tx, automation: &AutomationRow, row: &RunRow, words: &Words) -> Result<Vec<Cause>, Failure> {
    let mut causes = Vec::new();
    if row.gate_closed {
        causes.push(Cause::GateClosed);
    }
    if row.outcome == RunOutcome::Failure {
        let window = Duration::minutes(i64::from(words.minutes));
        let now = tx.now();
        let since = run_standing::counted_since(tx.connection(), automation, now, window)?;
        let before = runs::failures_since(tx.connection(), &automation.id, row.environment, since)?;
        if before + 1 >= i64::from(words.limit) {
            causes.push(Cause::Failures);
        }
    }
    if let (Some(budget), Some(cost)) = (automation.daily_budget, row.cost) {
        let now = tx.now();
        let since = run_standing::counted_since(tx.connection(), automation, now, Duration::hours(24))?;
        let spent = runs::spent_since(tx.connection(), &automation.id, since)?;
        if spent.saturating_add(cost) > budget {
            causes.push(Cause::Budget);
        }
    }
    Ok(causes)
}

/// Pauses where the run asks for it, and says for which incident: that of a restart which soaked, the open one of this
/// program, or a new one. The owner is told.
fn stop(
    tx: &mut Tx,
    automation: &AutomationRow,
    row: &RunRow,
    draft: Draft,
    words: &Words,
    causes: &[Cause],
) -> Result<Option<IncidentId>, Failure> {
    let mut causes = causes.to_vec();
    match fail_soak(tx, automation, row)? {
        Soak::Untouched => {}
        Soak::NeedsIncident => causes.insert(0, Cause::Soak),
        Soak::HeldBy(id) => {
            let incident = incidents::find(tx.connection(), &id)?;
            notify::tell_owner(tx, automation, &news(&incident, words.said(Cause::Soak)))?;
            return Ok(Some(id));
        }
    }
    let Some(first) = causes.first().copied() else { return Ok(None) };
    if let Some(present) = opening::present(tx.connection(), automation)? {
        // A row of such runs is one story: the runs name the incident, its timeline is not filled with them.
        return Ok(Some(present.id));
    }
    let said: Vec<Redacted> = causes.iter().map(|cause| words.said(*cause)).collect();
    let said = Redacted::join(&said, " ");
    let severity = opening::severity(automation.touches());
    let incident = opening::open(tx, draft, severity, words.title(first), said.clone())?;
    write_entry::system(tx, &incident.id, &opening::who(), said.clone())?;
    opening::hold(tx, automation, words.named.clone(), &incident)?;
    notify::tell_owner(tx, automation, &news(&incident, said))?;
    Ok(Some(incident.id))
}

fn news(incident: &IncidentRow, said: Redacted) -> News {
    let rest = "It is paused, and an incident holds it: it comes back by a restart decision only. Explain the last failed run on its page.";
    News {
        kind: NoticeKind::Paused,
        subject: Redacted::join(&[Redacted::literal("Paused:"), incident.title.clone()], " "),
        body: Redacted::join(&[said, Redacted::literal(rest)], "\n\n"),
        link: format!("/incidents/{}", incident.reference),
    }
}

fn answer(
    connection: &mut Connection,
    automation: &AutomationRow,
    row: &RunRow,
    odd: Vec<FieldError>,
) -> Result<Reported, Failure> {
    let incident = match &row.incident_id {
        Some(id) => Some(incidents::find(connection, id)?.reference),
        None => None,
    };
    Ok(Reported {
        id: row.id.to_string(),
        automation: automation.slug.clone(),
        outcome: row.outcome,
        environment: row.environment,
        scope: row.scope,
        gate_closed: row.gate_closed,
        incomplete: row.incomplete,
        missing: missing(row),
        odd,
        incident,
    })
}

/// What a stored run lacks of what another operator needs.
pub fn missing(row: &RunRow) -> Vec<String> {
    let text = |part: &Option<Redacted>| part.as_ref().map(|text| text.as_str().to_owned());
    let error = [&row.error_code, &row.error_step, &row.error_input, &row.next_contact].map(text);
    let error = [0, 1, 2, 3].map(|at: usize| error[at].as_deref());
    missing_of(row.outcome, row.what.as_str(), row.why.as_str(), error).into_iter().map(str::to_owned).collect()
}

/// Does a second report under the same name say the same?
fn same_report(first: &RunRow, second: &RunRow) -> bool {
    told(first) == told(second)
}

/// What a report says, whenever it came.
fn told(row: &RunRow) -> impl PartialEq + Serialize {
    let words = [&row.affected_records, &row.audit_reference, &row.error_code, &row.error_step].map(Clone::clone);
    let more = [&row.error_input, &row.next_contact].map(Clone::clone);
    (row.environment, row.outcome, row.what.clone(), row.why.clone(), row.cost, words, more)
}

/// A name made of a name that is taken and of what is said: the same report sent again is stored once.
fn key_of_content(desk: &Desk, key: &str, row: &RunRow) -> Result<String, Failure> {
    let said = serde_json::to_vec(&(key, told(row))).map_err(|e| Failure::Broken(e.to_string()))?;
    Ok(desk.vault.fingerprint("run id and report", &said))
}

fn row_of(desk: &Desk, actor: &Actor, automation: &AutomationRow, report: RunReport) -> Result<RunRow, Failure> {
    let run_id = report.run_id.as_deref().unwrap_or_default();
    let optional = [&report.affected_records, &report.audit_reference];
    let all = [report.what.as_str(), report.why.as_str(), run_id].into_iter();
    let rest = optional.into_iter().chain(&report.error).filter_map(|text| text.as_deref());
    let texts = Texts::over(registry_redactor(desk)?, all.chain(rest));
    let some = |text: &Option<String>| text.as_deref().map(|text| texts.redact(text)).filter(|text| !text.is_empty());
    let now = desk.now();
    let mut row = RunRow {
        id: RunId::fresh(),
        automation_id: automation.id.clone(),
        client_key: client_key(desk, run_id, &texts),
        environment: report.environment.unwrap_or(automation.environment),
        outcome: report.outcome,
        scope: RunScope::ReadOnly,
        what: texts.redact(&report.what),
        why: texts.redact(&report.why),
        cost: report.cost,
        affected_records: some(&report.affected_records),
        audit_reference: some(&report.audit_reference),
        error_code: some(&report.error[0]),
        error_step: some(&report.error[1]),
        error_input: some(&report.error[2]),
        next_contact: some(&report.error[3]),
        incomplete: false,
        gate_closed: false,
        // A clock that runs ahead does not reach into the future.
        ended_at: report.ended_at.map_or(now, |at| at.min(now)),
        reported_by: actor.reference(),
        reported_at: now,
        incident_id: None,
        explanation: None,
        explained_by: None,
        explained_at: None,
    };
    row.incomplete = !missing(&row).is_empty() || !report.oddities.is_empty();
    Ok(row)
}

/// The automation's name of the run, if it is harmless; else a keyed hash of it.
fn client_key(desk: &Desk, run_id: &str, texts: &Texts) -> Option<String> {
    if run_id.is_empty() {
        return None;
    }
    let harmless = run_id.chars().count() <= RUN_ID_MAX
        && run_id.chars().all(|c| c.is_ascii_graphic() || c == ' ')
        && texts.redact(run_id).as_str() == run_id;
    Some(if harmless { run_id.to_owned() } else { desk.vault.fingerprint("run id", run_id.as_bytes()) })
}

/// Longest name of a run that is kept as it is, characters.
const RUN_ID_MAX: usize = 120;
/// Longest text of a report, characters: what is longer is cut, because a report is always stored.
pub const REPORT_TEXT_MAX: usize = TEXT_MAX;
