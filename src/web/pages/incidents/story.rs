//! What the incident's page says about the way from the bundle to the restart.

use crate::actions::sight::Case;
use crate::actions::{Failure, readiness};
use crate::domain::person::{Act, Actor};
use crate::domain::review::Point;
use crate::store::{Connection, escalations, reviews};
use crate::web::pages::escalations::show::{EscalationShown, shown};
use crate::web::pages::incidents::next::{self, Next};
use crate::web::pages::restarts::blocks::{Group, blocks};
use crate::web::shown::{ByAt, Names, time};
use serde::Serialize;

/// Escalations, looks, and what still blocks.
#[derive(Serialize)]
pub(in crate::web) struct Story {
    escalations: Vec<EscalationShown>,
    failed: usize,
    looks: Vec<Look>,
    review_blocks: usize,
    work_blocks: usize,
    next: Option<Next>,
    asked: bool,
    may_escalate: bool,
}

/// One of the three looks of the cadence.
#[derive(Serialize)]
struct Look {
    point: String,
    words: &'static str,
    since: Option<crate::web::shown::Time>,
    done: Option<ByAt>,
    may_mark: bool,
}

/// The story of one incident.
pub(in crate::web) fn story(
    connection: &mut Connection,
    actor: &Actor,
    case: &Case,
    names: &mut Names,
) -> Result<Story, Failure> {
    let (incident, zone) = (&case.incident, case.site.time_zone.as_str());
    let mut rows = Vec::new();
    for row in escalations::of_incident(connection, &incident.id)? {
        rows.push(shown(connection, names, &row, zone)?);
    }
    let standing = readiness::gather(connection, incident)?;
    let groups = blocks(case, &standing, actor);
    Ok(Story {
        failed: rows.iter().filter(|row| row.state == "failed").count(),
        escalations: rows,
        looks: looks(connection, actor, case, names)?,
        review_blocks: of(&groups, "Review"),
        work_blocks: groups.iter().map(|group| group.blocks.len()).sum::<usize>() - of(&groups, "Review"),
        next: next::step(connection, actor, case, &standing)?,
        asked: standing.readiness.open_request,
        may_escalate: incident.status.is_open() && actor.may(Act::Escalate, &case.site.id),
    })
}

fn of(groups: &[Group], title: &str) -> usize {
    groups.iter().filter(|group| group.title == title).map(|group| group.blocks.len()).sum()
}

/// The three looks in their order; one that nobody has asked for yet may be taken all the same.
fn looks(connection: &mut Connection, actor: &Actor, case: &Case, names: &mut Names) -> Result<Vec<Look>, Failure> {
    let zone = case.site.time_zone.as_str();
    let rows = reviews::points(connection, &case.incident.id)?;
    let works = case.incident.status.is_open() && actor.may(Act::WorkIncident, &case.site.id);
    let mut looks = Vec::new();
    for point in Point::ALL {
        let row = rows.iter().find(|row| row.point == *point);
        let done = match row.and_then(|row| Some((row.done_by.as_ref()?, row.done_at?))) {
            Some((by, at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
            None => None,
        };
        looks.push(Look {
            point: point.as_str().to_owned(),
            words: match point {
                Point::Reported => "When it was reported",
                Point::BeforeContact => "Before support is contacted",
                Point::AfterRecovery => "After recovery",
            },
            since: row.map(|row| time(row.since, zone)),
            may_mark: works && row.is_some() && done.is_none(),
            done,
        });
    }
    Ok(looks)
}
