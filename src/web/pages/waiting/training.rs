//! What waits for one person about training: procedures of their own to learn, answers to judge, first weeks to review,
//! procedures to change.

use super::{ASKED_FOR, All, Kind, Since, Waiting};
use crate::actions::{Failure, review_week, training};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::store::{Connection, people, procedures, week_reviews};
use crate::web::shown::NO_SITE;

/// Everything of this kind that waits for this person.
pub(super) fn training(
    connection: &mut Connection,
    actor: &Actor,
    all: &mut All,
    now: Moment,
    days: i64,
) -> Result<(), Failure> {
    own(connection, actor, all, now, days)?;
    if !actor.may_somewhere(Act::TrainOperators) {
        return Ok(());
    }
    let trainees = training::trainees(actor);
    let waiting = procedures::checks_to_judge(connection, &trainees, ASKED_FOR)?;
    for row in all.cut(waiting) {
        if training::trainee(connection, actor, &row.person_id).is_err() {
            continue;
        }
        let name = people::find(connection, &row.person_id)?.name;
        all.items.push(Waiting {
            kind: Kind::Training,
            title: format!("Judge the answers of {name}"),
            text: "All five fit. Talk them through, then say whether they passed.".to_owned(),
            href: format!("/operators/{}#checks", row.person_id),
            since: Some(Since::of(row.answered_at, NO_SITE)),
            severity: None,
            urgent: false,
        });
    }
    let waiting = week_reviews::waiting(connection, &trainees, now, ASKED_FOR)?;
    for row in all.cut(waiting) {
        if training::trainee(connection, actor, &row.person_id).is_err() {
            continue;
        }
        let name = people::find(connection, &row.person_id)?.name;
        let left = review_week::reasons(connection, &row, now)?.len();
        all.items.push(Waiting {
            kind: Kind::Training,
            title: format!("Review the first week of {name}"),
            text: match left {
                0 => "Nothing keeps it open any more: close it.".to_owned(),
                1 => "One thing keeps it open.".to_owned(),
                left => format!("{left} things keep it open."),
            },
            href: format!("/week-reviews/{}", row.id),
            since: Some(Since::of(row.week_ends_at, NO_SITE)),
            severity: None,
            urgent: false,
        });
    }
    Ok(())
}

/// What somebody has to learn themselves.
fn own(connection: &mut Connection, actor: &Actor, all: &mut All, now: Moment, days: i64) -> Result<(), Failure> {
    let Some(me) = actor.person() else { return Ok(()) };
    for owed in training::owed(connection, days, &me.id)? {
        if owed.reasons.is_empty() {
            continue;
        }
        let late = owed.due_at.is_some_and(|due| due <= now);
        all.items.push(Waiting {
            kind: Kind::Training,
            title: format!("Your training: {}", owed.role.label()),
            text: match (late, owed.held) {
                (true, _) => "It is overdue: until it is done you approve and open nothing there.".to_owned(),
                (false, true) => "Read, acknowledge and answer the procedures of your role.".to_owned(),
                (false, false) => "Read, acknowledge and answer; then the role is given to you.".to_owned(),
            },
            href: format!("/operators/{}", me.id),
            since: owed.due_at.filter(|_| late).map(|at| Since::of(at, NO_SITE)),
            severity: None,
            urgent: late,
        });
    }
    Ok(())
}
