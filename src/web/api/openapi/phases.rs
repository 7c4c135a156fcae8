//! The lines of scopes, explanations, break-glass and certificates.

use super::super::overrides::{OverrideBody, OverrideReviewBody, OverrideShown};
use super::super::phases::{PhaseBody, PhaseShown};
use super::{Content, Line, PAGE, body, get, listing, post};
use crate::actions::explain_gate::Explanation;
use crate::actions::open_phase::PhaseAnswer;
use crate::actions::override_gate::OverrideAnswer;

pub(super) fn lines() -> Vec<Line> {
    const WIDEN: &str = "Open the next scope; 409 with every reason";
    const EXPLAIN: &str = "What must become true for it to run, who can do each part, by when";
    const BREAK: &str = "Ask for a break-glass opening; a second person confirms it";
    const CERTIFICATE: &str = "The signed document of an approved restart";
    vec![
        get("/automations/{slug}/phases", PAGE, listing::<PhaseShown>(), "Scopes that were opened"),
        post("/automations/{slug}/phases", body::<PhaseBody>(), 201, body::<PhaseAnswer>(), WIDEN),
        get("/automations/{slug}/explanation", &["without", "settled"], body::<Explanation>(), EXPLAIN),
        get("/automations/{slug}/overrides", PAGE, listing::<OverrideShown>(), "Its break-glass openings"),
        post("/automations/{slug}/overrides", body::<OverrideBody>(), 201, body::<OverrideAnswer>(), BREAK),
        get("/overrides/{id}", &[], body::<OverrideShown>(), "One break-glass opening"),
        post(
            "/overrides/{id}/confirmation",
            Content::Nothing,
            200,
            body::<OverrideAnswer>(),
            "Agree, as the second person",
        ),
        post("/overrides/{id}/end", Content::Nothing, 200, body::<OverrideAnswer>(), "End it before its time"),
        post(
            "/overrides/{id}/review",
            body::<OverrideReviewBody>(),
            200,
            body::<OverrideAnswer>(),
            "Review it afterwards",
        ),
        get("/restart-requests/{id}/certificate", &[], Content::Bytes("application/json"), CERTIFICATE),
    ]
}
