//! Rules of redaction, the bench, and past evidence, as the document lists them.

use super::{Content, Line, PAGE, body, get, listing, post, put};
use crate::actions::keep_rules::RuleWritten;
use crate::actions::preview_rule::PreviewAsked;
use crate::actions::rerun_rules::RerunAsked;
use crate::actions::rotate::Rotated;
use crate::web::api::Listing;
use crate::web::api::rule_work::{PreviewBody, PreviewShown, RerunBody, RerunShown, RotationBody, RotationShown};
use crate::web::api::rules::{OwnRuleShown, RuleBody, SwitchBody, TrialBody, TrialShown};

/// The organisation's rules and what is done with them.
pub(super) fn lines() -> Vec<Line> {
    const TRY: &str = "What the rules say about a text; nothing of it is kept, so Idempotency-Key changes nothing";
    const PREVIEW: &str = "Try a rule on past evidence before it is saved";
    const FILE: &str = "The rules in force as a file for allclear redact --rules";
    vec![
        get("/redaction-rules", &[], listing::<OwnRuleShown>(), "The newest version of each of your own rules"),
        post("/redaction-rules", body::<RuleBody>(), 201, body::<RuleWritten>(), "Add a rule or an exception"),
        get("/redaction-rules/{name}", &[], body::<OwnRuleShown>(), "One rule"),
        put("/redaction-rules/{name}", body::<RuleBody>(), body::<RuleWritten>(), "Write a new version"),
        get("/redaction-rules/{name}/versions", &[], body::<Listing<OwnRuleShown>>(), "Every version, newest first"),
        post("/redaction-rules/{name}/switch", body::<SwitchBody>(), 200, body::<RuleWritten>(), "Switch it off or on"),
        get("/redaction-rule-file", &[], Content::Bytes("application/toml"), FILE),
        post("/redaction-trials", body::<TrialBody>(), 200, body::<TrialShown>(), TRY),
        post("/redaction-previews", body::<PreviewBody>(), 201, body::<PreviewAsked>(), PREVIEW),
        get("/redaction-previews/{id}", &[], body::<PreviewShown>(), "What a rule would change, as far as it was read"),
        get("/redaction-reruns", &[], listing::<RerunShown>(), "Past evidence that was read again"),
        post("/redaction-reruns", body::<RerunBody>(), 201, body::<RerunAsked>(), "Read past evidence again"),
        get("/redaction-reruns/{id}", &[], body::<RerunShown>(), "How far that is"),
        get("/incidents/{reference}/rotations", PAGE, listing::<RotationShown>(), "What must be rotated"),
        post("/rotations/{id}/completion", body::<RotationBody>(), 200, body::<Rotated>(), "Say that it was rotated"),
    ]
}
