//! The three looks that the seed's cadence asks for: "when an issue is reported, before support contact, and after
//! recovery". The first is asked for by filing, the second by preparing a bundle (and done by building it), the third
//! by "mitigated" (and done by a complete review).

use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::ids::{IncidentId, PersonId, PointId};
use crate::domain::person::{Act, Actor};
use crate::domain::review::Point;
use crate::redaction::Redacted;
use crate::store::reviews::{self, PointRow};
use crate::store::{Tx, Verb};
use serde::Serialize;

/// Asks for a look, unless it is asked for already.
pub(super) fn ask(tx: &mut Tx, incident: &IncidentId, point: Point) -> Result<(), Failure> {
    if reviews::points(tx.connection(), incident)?.iter().any(|row| row.point == point) {
        return Ok(());
    }
    let row = PointRow {
        id: PointId::fresh(),
        incident_id: incident.clone(),
        point,
        since: tx.now(),
        done_by: None,
        done_at: None,
    };
    Ok(tx.insert(Verb::Asked, &row)?)
}

/// The look was taken; asking for it and taking it may be one.
pub(super) fn done(tx: &mut Tx, incident: &IncidentId, point: Point, by: &PersonId) -> Result<(), Failure> {
    ask(tx, incident, point)?;
    let rows = reviews::points(tx.connection(), incident)?;
    let Some(mut row) = rows.into_iter().find(|row| row.point == point && row.done_at.is_none()) else {
        return Ok(());
    };
    row.done_by = Some(by.clone());
    row.done_at = Some(tx.now());
    Ok(tx.update(Verb::Looked, &row)?)
}

/// A look that was taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Looked {
    /// Which.
    pub point: Point,
    /// When it was taken first.
    pub done_at: String,
}

impl Answer for Looked {}

/// Somebody says that they looked. Saying it again changes nothing.
pub fn look(desk: &Desk, actor: &Actor, reference: &str, point: Point) -> Result<Looked, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WorkIncident)?;
        let known = reviews::points(tx.connection(), &case.incident.id)?;
        if let Some(done_at) = known.iter().find(|row| row.point == point).and_then(|row| row.done_at) {
            return Ok(Looked { point, done_at: done_at.rfc3339() });
        }
        done(tx, &case.incident.id, point, &person)?;
        let words = Redacted::literal(match point {
            Point::Reported => "Looked at the report as it came in.",
            Point::BeforeContact => "Looked at the report before contacting support.",
            Point::AfterRecovery => "Looked at the incident after recovery.",
        });
        write_entry::system(tx, &case.incident.id, &who, words)?;
        Ok(Looked { point, done_at: tx.now().rfc3339() })
    })
}
