//! Where an automation stands by its runs: what its page says in a few lines, with the way to the rest.

use crate::actions::{Desk, Failure, count_asks};
use crate::domain::automation::Touches;
use crate::domain::run::cost_in_units;
use crate::store::automations::AutomationRow;
use crate::store::{Connection, cadence, runs};
use crate::web::shown::{MaybeLabelled, Time, capital, time};
use serde::Serialize;

/// A few lines.
#[derive(Serialize)]
pub(super) struct Standing {
    last_run: Option<LastRun>,
    /// The last failed run, while its owner has not explained it.
    unexplained: Option<String>,
    due: usize,
    overdue: usize,
    /// What is flagged, in words.
    flags: Vec<String>,
    relaxed: bool,
    /// How often its gate was asked, and when last; none: never.
    asks: i64,
    asked_at: Option<Time>,
    operation: Vec<MaybeLabelled>,
}

#[derive(Serialize)]
struct LastRun {
    id: String,
    outcome: String,
    at: Time,
}

/// Gathers the lines.
pub(super) fn standing(
    connection: &mut Connection,
    row: &AutomationRow,
    zone: &str,
    desk: &Desk,
) -> Result<Standing, Failure> {
    let now = desk.now();
    let asked = count_asks::of(connection, &desk.gate, &row.id)?;
    let last = runs::list(connection, &row.id, &runs::Filter::default(), 1)?.into_iter().next();
    let failed = runs::last_failure(connection, &row.id)?.filter(|run| run.explanation.is_none());
    let mut reviews = cadence::reviews_of(connection, &row.id)?;
    reviews.retain(|review| review.done_at.is_none());
    let mut flags = cadence::flags_of(connection, &row.id)?;
    flags.retain(|flag| flag.dismissed_at.is_none());
    Ok(Standing {
        last_run: last.map(|(run, _)| LastRun {
            id: run.id.to_string(),
            outcome: run.outcome.as_str().to_owned(),
            at: time(run.reported_at, zone),
        }),
        unexplained: failed.map(|run| run.id.to_string()),
        overdue: reviews.iter().filter(|review| review.due_at <= now).count(),
        due: reviews.len(),
        flags: flags.iter().map(|flag| capital(&flag.kind.label())).collect(),
        relaxed: row.approval_relaxed,
        asks: asked.times,
        asked_at: asked.last_at.map(|at| time(at, zone)),
        operation: operation(row),
    })
}

fn operation(row: &AutomationRow) -> Vec<MaybeLabelled> {
    let line = |label: &str, value: Option<String>| MaybeLabelled { label: label.into(), value };
    let limit = row.failure_limit.map(|limit| limit.to_string());
    vec![
        line("Environment", Some(capital(&row.environment.label()))),
        line("Touches", touched(row.touches())),
        line("AI provider", row.provider.clone()),
        line("Model", row.model.clone()),
        line("Prompt version", row.prompt_version.clone()),
        line("Failures that pause it", limit),
        line("Within minutes", row.failure_minutes.map(|minutes| minutes.to_string())),
        line("Daily budget", row.daily_budget.map(|budget| format!("{:.2}", cost_in_units(budget)))),
    ]
}

fn touched(touches: Touches) -> Option<String> {
    let all = [
        (touches.writes_data, "production data"),
        (touches.contacts_customers, "customers"),
        (touches.spends_money, "money"),
    ];
    let named: Vec<&str> = all.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
    (!named.is_empty()).then(|| named.join(", "))
}
