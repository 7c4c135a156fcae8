//! Runs, what they lead to, and outside events.

use super::super::cadence::{AutomationReviewShown, ChangeBody, ChangeShown, DismissalBody, FlagShown, ReviewNoteBody};
use super::super::run_report::RunBody;
use super::super::runs::{ExplanationBody, RelaxationBody, RunReviewBody, RunShown};
use super::{Line, PAGE, body, get, listing, post};
use crate::actions::automation_reviews::ReviewDone;
use crate::actions::flags::Dismissed;
use crate::actions::report_change::ChangeAnswer;
use crate::actions::report_run::Reported;
use crate::actions::review_run::{RunExplained, RunReviewed};
use crate::actions::run_standing::ApprovalAnswer;

/// The operations.
pub(super) fn lines() -> Vec<Line> {
    const RUNS: &[&str] = &["outcome", "environment", "limit", "cursor"];
    const REPORT: &str = "Report a run: always stored; what is odd is named in the answer";
    const REVIEW: &str = "Review a run in five parts";
    const RELAX: &str = "Relax the approval requirement; 409 with every reason";
    const CHANGE: &str = "Report an outside event: it pauses what it concerns";
    vec![
        get("/automations/{slug}/runs", RUNS, listing::<RunShown>(), "Its runs"),
        post("/automations/{slug}/runs", body::<RunBody>(), 201, body::<Reported>(), REPORT),
        get("/runs/{id}", &[], body::<RunShown>(), "One run with its review"),
        post("/runs/{id}/review", body::<RunReviewBody>(), 201, body::<RunReviewed>(), REVIEW),
        post("/runs/{id}/explanation", body::<ExplanationBody>(), 201, body::<RunExplained>(), "Explain a failed run"),
        post("/automations/{slug}/approval-relaxation", body::<RelaxationBody>(), 200, body::<ApprovalAnswer>(), RELAX),
        get("/automations/{slug}/reviews", PAGE, listing::<AutomationReviewShown>(), "Reviews that were asked for"),
        post(
            "/automation-reviews/{id}/completion",
            body::<ReviewNoteBody>(),
            200,
            body::<ReviewDone>(),
            "Say what the review found",
        ),
        get("/automations/{slug}/flags", PAGE, listing::<FlagShown>(), "What must be escalated"),
        post(
            "/flags/{id}/dismissal",
            body::<DismissalBody>(),
            200,
            body::<Dismissed>(),
            "Dismiss a flag, with a reason",
        ),
        get("/changes", &["site", "limit", "cursor"], listing::<ChangeShown>(), "Outside events of your sites"),
        post("/changes", body::<ChangeBody>(), 201, body::<ChangeAnswer>(), CHANGE),
    ]
}
