//! Procedures, training, roll-outs, first weeks and set-ups, as the document lists them.

use super::{Content, Line, PAGE, body, get, listing, post, put};
use crate::actions::procedures::ProcedureWritten;
use crate::actions::review_week::WeekAnswer;
use crate::actions::roll_out::{RolledOut, WaiverNoted};
use crate::actions::set_up_site::{Diagnostics, SetUp};
use crate::actions::train::{Acknowledged, Checked, Enrolled};
use crate::domain::procedure::Template;
use crate::web::api::Listing;
use crate::web::api::operators::{
    CheckShown, ClosureBody, JudgementBody, OperatorShown, TaskCompletionBody, TrainingBody, WeekNoteBody,
    WeekReviewShown,
};
use crate::web::api::procedures::{
    AcknowledgementBody, ProcedureBody, ProcedureChangeBody, ProcedureShown, ScenarioAnswersBody,
};
use crate::web::api::site_setup::{
    ReadinessBody, RolloutShown, SetupBody, SetupShown, SignatureBody, WaiverBody, WaiverShown,
};

/// Procedures and who learned them.
pub(super) fn training() -> Vec<Line> {
    const ANSWER: &str = "Answer the five situations of the current version; 409 before it is acknowledged";
    const JUDGE: &str = "Judge right answers, as another person";
    const NOTE: &str = "Note what was read; a shortfall that comes again makes a task";
    const CLOSE: &str = "Close a first-week review; 409 with every reason";
    const TASK: &str = "A procedure was changed because of a task";
    let written = body::<ProcedureWritten>;
    vec![
        get("/procedure-templates", &[], listing::<Template>(), "The six procedures that the product brings"),
        get("/procedures", &["role"], listing::<ProcedureShown>(), "The current version of every procedure"),
        post("/procedures", body::<ProcedureBody>(), 201, written(), "Write a procedure, or take over a template"),
        get("/procedures/{slug}", &[], body::<ProcedureShown>(), "One procedure, with the asker's situations"),
        put("/procedures/{slug}", body::<ProcedureChangeBody>(), written(), "Write a new version; it asks again"),
        get("/procedures/{slug}/versions", &[], body::<Listing<ProcedureShown>>(), "Every version, newest first"),
        post(
            "/procedures/{slug}/acknowledgements",
            body::<AcknowledgementBody>(),
            201,
            body::<Acknowledged>(),
            "Acknowledge the current version",
        ),
        post("/procedures/{slug}/checks", body::<ScenarioAnswersBody>(), 201, body::<Checked>(), ANSWER),
        get("/scenario-checks", PAGE, listing::<CheckShown>(), "Answers that wait for a judgement"),
        post("/scenario-checks/{id}/judgement", body::<JudgementBody>(), 200, body::<Checked>(), JUDGE),
        get("/operators", PAGE, listing::<OperatorShown>(), "People whose training you may look at"),
        get("/operators/{id}", &[], body::<OperatorShown>(), "What one person has learned and still lacks"),
        post("/people/{id}/training", body::<TrainingBody>(), 201, body::<Enrolled>(), "Put somebody in training"),
        get("/week-reviews", &["open", "limit", "cursor"], listing::<WeekReviewShown>(), "First-week reviews"),
        get("/week-reviews/{id}", &[], body::<WeekReviewShown>(), "One first-week review"),
        post("/week-reviews/{id}/notes", body::<WeekNoteBody>(), 201, body::<WeekAnswer>(), NOTE),
        post("/week-reviews/{id}/closure", body::<ClosureBody>(), 200, body::<WeekAnswer>(), CLOSE),
        post("/procedure-tasks/{id}/completion", body::<TaskCompletionBody>(), 200, body::<WeekAnswer>(), TASK),
    ]
}

/// Roll-outs and set-ups.
pub(super) fn setups() -> Vec<Line> {
    const START: &str = "Begin the roll-out: from now on roles there ask for training";
    const PROVE: &str = "Show that a part of the set-up works; a page that loads is no evidence";
    const WRITE: &str = "Write down how the site was set up; 409 with what is missing";
    const SIGN: &str = "Sign a set-up, as a second administrator who repeated it";
    const WAIVERS: &str = "Roles that the installer gave without training";
    vec![
        get("/sites/{slug}/rollout", &[], body::<RolloutShown>(), "Has the roll-out begun?"),
        post("/sites/{slug}/rollout", Content::Nothing, 201, body::<RolledOut>(), START),
        get("/sites/{slug}/setup", &[], body::<SetupShown>(), "Record, evidence of readiness, set-ups"),
        post("/sites/{slug}/readiness", body::<ReadinessBody>(), 201, body::<SetUp>(), PROVE),
        post("/sites/{slug}/setups", body::<SetupBody>(), 201, body::<SetUp>(), WRITE),
        post("/setups/{id}/signature", body::<SignatureBody>(), 200, body::<SetUp>(), SIGN),
        post("/sites/{slug}/diagnostics", Content::Nothing, 201, body::<Diagnostics>(), "Fetch the diagnostics"),
        get("/waivers", &["open", "limit", "cursor"], listing::<WaiverShown>(), WAIVERS),
        post("/waivers/{id}/acknowledgement", body::<WaiverBody>(), 200, body::<WaiverNoted>(), "Take note of one"),
    ]
}
