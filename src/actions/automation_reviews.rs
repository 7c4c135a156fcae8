//! Reviews of an automation: asked for by the four occasions of the seed, done by a person who says what they found.
//! What is overdue keeps wider scopes closed (`gate_facts`).

use super::notify::{self, News};
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, sight};
use crate::domain::cadence::{NoticeKind, Occasion, month};
use crate::domain::ids::{AutomationId, AutomationReviewId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::cadence::{self, AutomationReviewRow};
use crate::store::{Tx, Verb};
use chrono::{Datelike, Duration};
use serde::Serialize;

/// A review that was done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReviewDone {
    /// Its id.
    pub id: String,
    /// What had asked for it.
    pub occasion: Occasion,
    /// When it was done.
    pub done_at: String,
}

impl Answer for ReviewDone {}

/// Asks for a review, unless one of this occasion waits already (of the monthly ones: of this month). Says whether it did.
pub(super) fn ask(
    tx: &mut Tx,
    automation: &AutomationId,
    occasion: Occasion,
    subject: Option<String>,
    days: i64,
) -> Result<bool, Failure> {
    let known = cadence::reviews_of(tx.connection(), automation)?;
    let same = |row: &&AutomationReviewRow| row.occasion == occasion;
    let asked = match occasion {
        Occasion::Monthly => known.iter().filter(same).any(|row| row.subject == subject),
        Occasion::BeforeFirstRun => known.iter().any(|row| row.occasion == occasion),
        _ => known.iter().filter(same).any(|row| row.done_at.is_none()),
    };
    if asked {
        return Ok(false);
    }
    let row = AutomationReviewRow {
        id: AutomationReviewId::fresh(),
        automation_id: automation.clone(),
        occasion,
        subject,
        opened_at: tx.now(),
        due_at: tx.now().plus(Duration::days(days)),
        note: None,
        done_by: None,
        done_at: None,
    };
    tx.insert(Verb::Asked, &row)?;
    Ok(true)
}

/// The first run came before its review: the review is overdue from now on.
pub(super) fn first_run_came(tx: &mut Tx, automation: &AutomationId) -> Result<(), Failure> {
    ask(tx, automation, Occasion::BeforeFirstRun, None, 0)?;
    let now = tx.now();
    let known = cadence::reviews_of(tx.connection(), automation)?;
    let open = |row: &AutomationReviewRow| {
        row.occasion == Occasion::BeforeFirstRun && row.done_at.is_none() && row.due_at > now
    };
    for mut row in known.into_iter().filter(open) {
        row.due_at = now;
        tx.update(Verb::Changed, &row)?;
    }
    Ok(())
}

/// The review of this run is done with that of the run itself.
pub(super) fn done_with_run(tx: &mut Tx, automation: &AutomationId, run: &str, by: &PersonId) -> Result<(), Failure> {
    let known = cadence::reviews_of(tx.connection(), automation)?;
    let open = |row: &AutomationReviewRow| row.done_at.is_none() && row.subject.as_deref() == Some(run);
    for row in known.into_iter().filter(open) {
        finish(tx, row, Redacted::literal("Done with the review of the run."), by)?;
    }
    Ok(())
}

fn finish(tx: &mut Tx, mut row: AutomationReviewRow, note: Redacted, by: &PersonId) -> Result<ReviewDone, Failure> {
    row.note = Some(note);
    row.done_by = Some(by.clone());
    row.done_at = Some(tx.now());
    tx.update(Verb::Reviewed, &row)?;
    Ok(ReviewDone { id: row.id.to_string(), occasion: row.occasion, done_at: tx.now().rfc3339() })
}

/// Says what the review found: it is done.
pub fn complete(desk: &Desk, actor: &Actor, id: &str, note: &str) -> Result<ReviewDone, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = AutomationReviewId::from_text(id);
    desk.read(|connection| {
        let row = cadence::find_review(connection, &id)?;
        sight::automation_row(connection, actor, &row.automation_id, Act::ReviewRun)
    })?;
    let note = only_statement("note", note, "Say in a sentence what the review found.")?;
    let (note, actor_copy) = (registry_redactor(desk)?.text(&note).text, actor.clone());
    desk.answer(actor, move |tx| {
        let row = cadence::find_review(tx.connection(), &id)?;
        sight::automation_row(tx.connection(), &actor_copy, &row.automation_id, Act::ReviewRun)?;
        if row.done_at.is_some() {
            let message = "This review was done already.";
            return Err(Failure::refused(Reason::new("already_done", message, "nobody")));
        }
        finish(tx, row, note, &person)
    })
}

/// Automations that a round looks at together: one transaction stays short.
const AT_ONCE: i64 = 200;

/// The round: asks for the reviews before the first run and for those of this month. Says how many it asked for.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    let (now, days) = (desk.now(), desk.limits.review_days);
    let this_month = month(now);
    let (first, monthly) = desk.read(|connection| {
        let first = cadence::without_first_review(connection, AT_ONCE)?;
        let monthly = cadence::without_monthly_review(connection, &this_month, begin_of_month(now), AT_ONCE)?;
        Ok::<_, Failure>((first, monthly))
    })?;
    if first.is_empty() && monthly.is_empty() {
        return Ok(0);
    }
    desk.write(&Actor::System("cadence"), move |tx| {
        let mut asked = 0;
        for automation in first {
            asked += usize::from(ask(tx, &automation.id, Occasion::BeforeFirstRun, None, days)?);
        }
        // Another node may have asked, and told, since they were looked up.
        let mut news = Vec::new();
        for automation in monthly {
            if ask(tx, &automation.id, Occasion::Monthly, Some(this_month.clone()), days)? {
                news.push(automation);
            }
        }
        tell_owners(tx, &news)?;
        Ok(asked + news.len())
    })
}

/// One mail for each owner, however many automations they have.
fn tell_owners(tx: &mut Tx, automations: &[AutomationRow]) -> Result<(), Failure> {
    let mut owners: Vec<PersonId> = Vec::new();
    for automation in automations {
        owners.extend(notify::visible_owner(tx.connection(), automation)?);
    }
    owners.sort();
    owners.dedup();
    let news = News {
        kind: NoticeKind::ReviewDue,
        subject: Redacted::literal("The monthly review of your automations is due"),
        body: Redacted::literal(
            "The monthly review of your automations is asked for. What waits for you is on the home page.\n\nAn overdue review keeps the wider scopes of its automation closed.",
        ),
        link: "/".to_owned(),
    };
    for owner in owners {
        notify::tell(tx, &owner, &news)?;
    }
    Ok(())
}

fn begin_of_month(now: Moment) -> Moment {
    let first = now.utc().date_naive().with_day(1).unwrap_or_default();
    Moment::from_naive_utc(first.and_time(chrono::NaiveTime::MIN))
}
