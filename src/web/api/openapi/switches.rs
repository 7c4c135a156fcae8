//! The lines of pauses, switches, drills and altered rows.

use super::super::audit::{AlteredShown, SettlementBody};
use super::super::pauses::{PauseBody, PauseShown, ReasonBody, ReleaseBody};
use super::super::switches::{DrillBody, DrillShown, SwitchShown};
use super::{Line, PAGE, body, get, listing, post};
use crate::actions::amend_pause::AmendedPause;
use crate::actions::drill_switch::Drilled;
use crate::actions::pause::{Paused, Released};
use crate::actions::settle_row::Settled;
use crate::domain::switch::Fates;

pub(super) fn lines() -> Vec<Line> {
    const DRILL: &str = "Try a switch: pressed, watched and released; or say what you saw when you pressed it by hand";
    const FATES: &str = "Say what becomes of running and waiting work";
    vec![
        post("/automations/{slug}/pauses", body::<PauseBody>(), 201, body::<Paused>(), "Pause an automation"),
        post(
            "/switches/{name}/pauses",
            body::<PauseBody>(),
            201,
            body::<Paused>(),
            "Pause all, a category or site:SLUG",
        ),
        get("/pauses", PAGE, listing::<PauseShown>(), "Pauses that hold now"),
        post("/pauses/{id}/release", body::<ReleaseBody>(), 200, body::<Released>(), "Release a manual pause"),
        post("/pauses/{id}/reason", body::<ReasonBody>(), 200, body::<AmendedPause>(), "Say why it is paused"),
        post("/pauses/{id}/fates", body::<Fates>(), 200, body::<AmendedPause>(), FATES),
        get(
            "/switches",
            PAGE,
            listing::<SwitchShown>(),
            "Switches that you may press, and how they stand by their drills",
        ),
        post("/switches/{name}/drills", body::<DrillBody>(), 201, body::<Drilled>(), DRILL),
        post("/automations/{slug}/drills", body::<DrillBody>(), 201, body::<Drilled>(), DRILL),
        get("/drills", PAGE, listing::<DrillShown>(), "Drills that were held"),
        get("/audit/differences", PAGE, listing::<AlteredShown>(), "Altered rows that nobody has settled"),
        post(
            "/audit/differences/{table}/{id}/settlement",
            body::<SettlementBody>(),
            200,
            body::<Settled>(),
            "Settle an altered row after looking at it",
        ),
    ]
}
