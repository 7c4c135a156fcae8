//! Drills of some switches: one that worked, one that did not; the others were never tried.

use super::people::{self, LEAD, OWNER};
use super::sites::{BIKE_WORKS, TEA_HOUSE};
use crate::actions::drill_switch::{self, Rehearsal};
use crate::actions::pause::Switch;
use crate::actions::{Desk, Failure};

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    let (lead, owner) = (people::actor(desk, LEAD)?, people::actor(desk, OWNER)?);
    let seen = |stopped, took, observed: &str| Rehearsal {
        stopped: Some(stopped),
        took_seconds: Some(took),
        observed: observed.to_owned(),
    };
    let site = |slug: &str| Switch::Named(format!("site:{slug}"));
    let half = "Pressed it on a quiet morning: the price lookup stopped at once, the review answers went on from their own queue.";
    drill_switch::record(desk, &lead, &site(BIKE_WORKS), &seen(2, 240, half))?;
    let whole =
        "Pressed it during the weekly call. All four showed as stopped in SophMate before we had reloaded the page.";
    drill_switch::record(desk, &owner, &site(TEA_HOUSE), &seen(4, 35, whole)).map(drop)
}
