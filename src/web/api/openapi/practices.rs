//! Practices, what is held against them, and playbooks, as the document lists them.

use super::{Content, Line, PAGE, body, get, listing, post, put};
use crate::actions::escalate_practice::EscalationDismissed;
use crate::actions::export_playbook::Exported;
use crate::actions::import_playbook::Imported;
use crate::actions::keep_practice::Kept;
use crate::actions::localise_playbook::UnderPlaybook;
use crate::actions::playbooks::PlaybookAnswer;
use crate::actions::practices::PracticeWritten;
use crate::actions::run_playbook::StepAnswer;
use crate::domain::playbook::Playbook;
use crate::domain::playbook_file::PlaybookFile;
use crate::web::api::Listing;
use crate::web::api::playbook_runs::{PlaybookRunBody, PlaybookRunShown, TickBody};
use crate::web::api::playbooks::{
    FirstRunBody, FirstRunReviewBody, LocalisationBody, PlaybookBody, PlaybookFlagBody, PlaybookOwnerBody,
    PlaybookShown, SettlementBody,
};
use crate::web::api::practice_runs::{
    AttestationBody, EscalationDismissalBody, PracticeReviewBody, PracticeRunBody, PracticeRunShown,
};
use crate::web::api::practices::{PracticeBody, PracticeShown};

/// Practices and what is held against them.
pub(super) fn practices() -> Vec<Line> {
    const ATTEST: &str = "Attest a line; the role that it names, with evidence where it asks";
    vec![
        get("/practices", &[], listing::<PracticeShown>(), "The newest version of every practice"),
        get("/practices/{name}", &[], body::<PracticeShown>(), "One practice"),
        put("/practices/{name}", body::<PracticeBody>(), body::<PracticeWritten>(), "Write a new version"),
        get("/practices/{name}/versions", &[], body::<Listing<PracticeShown>>(), "Every version, newest first"),
        get("/practice-runs", &["practice", "limit", "cursor"], listing::<PracticeRunShown>(), "What is held to one"),
        post("/practice-runs", body::<PracticeRunBody>(), 201, body::<Kept>(), "Hold something against a practice"),
        get("/practice-runs/{id}", &[], body::<PracticeRunShown>(), "Items, escalations, reviews, what changed"),
        post("/practice-runs/{id}/attestations", body::<AttestationBody>(), 201, body::<Kept>(), ATTEST),
        post("/practice-runs/{id}/version", Content::Nothing, 200, body::<Kept>(), "Move on to the newest version"),
        post("/practice-reviews/{id}/completion", body::<PracticeReviewBody>(), 200, body::<Kept>(), "Do a review"),
        post(
            "/practice-escalations/{id}/dismissal",
            body::<EscalationDismissalBody>(),
            200,
            body::<EscalationDismissed>(),
            "Dismiss an escalation that tells you, with the reason",
        ),
    ]
}

/// Playbooks.
pub(super) fn playbooks() -> Vec<Line> {
    const IMPORT: &str = "Import a signed file; disabled at first, quarantined when its signature does not hold";
    const RELEASE: &str = "Release an imported playbook for production; 409 with every reason";
    const EXPORT: &str = "Write the signed file; 409 with every finding, never with its value";
    const FLAG: &str = "Report something: every playbook of its line is flagged, on all sites";
    let import = Line {
        query: &["site", "owner"],
        ..post("/playbook-imports", body::<PlaybookFile>(), 201, body::<Imported>(), IMPORT)
    };
    let answer = body::<PlaybookAnswer>;
    vec![
        get("/playbooks", &["site", "state", "limit", "cursor"], listing::<PlaybookShown>(), "Playbooks you may see"),
        post("/playbooks", body::<PlaybookBody>(), 201, answer(), "Write a playbook"),
        get("/playbooks/{id}", &[], body::<PlaybookShown>(), "One playbook with provenance and what it lacks"),
        put("/playbooks/{id}", body::<Playbook<String>>(), answer(), "Write a new version"),
        post("/playbooks/{id}/owner", body::<PlaybookOwnerBody>(), 200, answer(), "Name its owner on this site"),
        post("/playbooks/{id}/exports", Content::Nothing, 201, body::<Exported>(), EXPORT),
        get("/playbook-exports/{id}", &[], body::<PlaybookFile>(), "The file"),
        import,
        post("/playbooks/{id}/localisation", body::<LocalisationBody>(), 200, answer(), "Answer one of the eight rows"),
        post("/playbooks/{id}/first-runs", body::<FirstRunBody>(), 201, body::<UnderPlaybook>(), "Record a first run"),
        post(
            "/playbook-first-runs/{id}/review",
            body::<FirstRunReviewBody>(),
            200,
            body::<UnderPlaybook>(),
            "Review a first run, as a second person",
        ),
        post("/playbooks/{id}/production", Content::Nothing, 200, answer(), RELEASE),
        post("/playbooks/{id}/flags", body::<PlaybookFlagBody>(), 201, body::<UnderPlaybook>(), FLAG),
        post(
            "/playbook-flags/{id}/settlement",
            body::<SettlementBody>(),
            200,
            body::<UnderPlaybook>(),
            "Settle a flag on this site, with the reason",
        ),
        get(
            "/incidents/{reference}/playbook-runs",
            PAGE,
            listing::<PlaybookRunShown>(),
            "Playbooks gone through in it",
        ),
        post(
            "/incidents/{reference}/playbook-runs",
            body::<PlaybookRunBody>(),
            201,
            body::<StepAnswer>(),
            "Begin a playbook; its steps are kept as they are now",
        ),
        post("/playbook-steps/{id}/approval-request", Content::Nothing, 200, body::<StepAnswer>(), "Ask for approval"),
        post("/playbook-steps/{id}/approval", Content::Nothing, 200, body::<StepAnswer>(), "Agree, as a second person"),
        post("/playbook-steps/{id}/completion", body::<TickBody>(), 200, body::<StepAnswer>(), "Tick a step"),
    ]
}
