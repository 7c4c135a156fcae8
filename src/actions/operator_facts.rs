//! The facts about a site that seed 002's practice names, each computed by one function.

use super::{Failure, set_up_site, training};
use crate::domain::ids::SiteId;
use crate::domain::person::{Act, Role, role_may};
use crate::domain::practice::PracticeFact;
use crate::domain::procedure::ProcedureTopic;
use crate::store::sites::SiteRow;
use crate::store::week_reviews::{TaskRow, WeekReviewRow};
use crate::store::{Connection, drills, people, procedures, rollouts, week_reviews};
use std::collections::BTreeSet;

/// Does the fact hold?
pub(super) fn of_site(connection: &mut Connection, row: &SiteRow, fact: PracticeFact) -> Result<bool, Failure> {
    Ok(match fact {
        PracticeFact::SiteSixProcedures => {
            let topics: BTreeSet<ProcedureTopic> =
                procedures::current(connection)?.into_iter().map(|row| row.topic).collect();
            topics.len() == ProcedureTopic::ALL.len()
        }
        PracticeFact::SiteRolesHaveProcedures => {
            let written: BTreeSet<Role> = procedures::current(connection)?.into_iter().map(|row| row.role).collect();
            let held = roles_on(connection, &row.id)?;
            !held.is_empty() && held.is_subset(&written)
        }
        PracticeFact::SitePeopleTrained => training::all_trained(connection, &row.id)?,
        PracticeFact::SiteFirstWeeksReviewed => {
            let weeks = weeks_on(connection, &row.id)?;
            !weeks.is_empty() && weeks.iter().all(|week| week.closed_at.is_some())
        }
        PracticeFact::SiteFindingsAnswered => open_tasks_on(connection, &row.id)?.is_empty(),
        PracticeFact::SiteFindingsRepeat => !open_tasks_on(connection, &row.id)?.is_empty(),
        PracticeFact::SiteReady => set_up_site::unproven(connection, row)?.is_empty(),
        PracticeFact::SiteSetupRepeated => set_up_site::is_repeated(connection, row)?,
        PracticeFact::SiteOperatorsDrilled => drilled(connection, &row.id)?,
        _ => false,
    })
}

fn is_on<'s>(site: &'s SiteId) -> impl Fn(Option<&SiteId>) -> bool + 's {
    move |own| own.is_none_or(|own| own == site)
}

/// The roles that active people hold on a site.
fn roles_on(connection: &mut Connection, site: &SiteId) -> Result<BTreeSet<Role>, Failure> {
    let here = is_on(site);
    let everybody = people::actors(connection)?;
    let grants = everybody.iter().flat_map(|person| &person.grants);
    Ok(grants.filter(|grant| here(grant.site.as_ref())).map(|grant| grant.role).collect())
}

fn weeks_on(connection: &mut Connection, site: &SiteId) -> Result<Vec<WeekReviewRow>, Failure> {
    let here = is_on(site);
    Ok(week_reviews::list(connection)?.into_iter().filter(|week| here(week.site_id.as_ref())).collect())
}

fn open_tasks_on(connection: &mut Connection, site: &SiteId) -> Result<Vec<TaskRow>, Failure> {
    let here = is_on(site);
    let open = |task: &TaskRow| task.done_at.is_none() && here(task.site_id.as_ref());
    Ok(week_reviews::tasks(connection)?.into_iter().filter(open).collect())
}

/// Did everybody who can pause something on the site hold a drill there, and fetch its diagnostics? An empty site did not.
fn drilled(connection: &mut Connection, site: &SiteId) -> Result<bool, Failure> {
    let here = is_on(site);
    let (held, fetched) = (drills::all(connection)?, rollouts::downloads(connection, site)?);
    let mut operators = people::actors(connection)?;
    operators.retain(|person| {
        person.grants.iter().any(|grant| here(grant.site.as_ref()) && role_may(grant.role, Act::Pause))
    });
    let ready = operators.iter().all(|person| {
        held.iter().any(|drill| drill.worked() && drill.held_by == person.id && here(drill.site_id.as_ref()))
            && fetched.iter().any(|download| download.person_id == person.id)
    });
    Ok(!operators.is_empty() && ready)
}
