//! The one next thing on the way back of an incident.

use crate::actions::sight::Case;
use crate::actions::{Failure, readiness};
use crate::domain::person::{Actor, PersonActor};
use crate::store::Connection;
use crate::web::pages::restarts::blocks::blocks;

/// What it is, and where it is done. `everybody`: the people of the installation.
pub(in crate::web::pages) fn step(
    connection: &mut Connection,
    actor: &Actor,
    case: &Case,
    everybody: &[PersonActor],
) -> Result<(String, String), Failure> {
    let here = format!("/incidents/{}/restart", case.incident.reference);
    let standing = readiness::gather_among(connection, &case.incident, everybody)?;
    if standing.readiness.open_request {
        return Ok(("An administrator decides about the restart.".to_owned(), format!("{here}#request")));
    }
    let first = blocks(case, &standing, actor).into_iter().flat_map(|group| group.blocks).next();
    Ok(match first {
        Some(block) => (block.message, if block.href.is_empty() { here } else { block.href }),
        None => ("Nothing blocks: ask for the restart.".to_owned(), format!("{here}#request")),
    })
}
