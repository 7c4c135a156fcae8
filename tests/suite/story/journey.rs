//! The whole story through the API, with every reason that blocks the restart at each stage.

use super::{PROOF, STATEMENT, Story, approval, good, made, new_check, result, wish};
use serde_json::json;

#[test]
fn from_bundle_to_restart() {
    let story = Story::begin();
    let (lead, owner, admin) = (story.lead(), story.owner(), story.admin());
    assert!(!story.gate_is_open());
    let mut blocking: Vec<&str> = vec![
        "review_root_cause",
        "review_detection_gaps",
        "review_missing_evidence",
        "review_safeguards_worked",
        "review_safeguards_failed",
        "no_documented_change",
        "detection_unanswered",
        "no_actions",
        "no_checks",
        "no_criteria",
    ];
    let asks = |expected: &[&str]| {
        let refused = owner.post(&story.at("restart-requests"), &wish());
        assert_eq!((refused.status, refused.codes()), (409, expected.to_vec()), "{}", refused.body);
        assert_eq!(story.blocked(), expected);
        let reasons = refused.json["reasons"].as_array().unwrap();
        assert!(reasons.iter().all(|reason| reason["who"].as_str().is_some_and(|who| !who.is_empty())));
    };
    asks(&blocking);

    let queued = lead.post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    assert_eq!(queued.status, 202, "{}", queued.body);
    story.app.settle();
    story.write_review();
    blocking.retain(|code| code.starts_with("no_") && *code != "no_documented_change");
    asks(&blocking);

    let action = story.plan(&story.app.owner);
    asks(&["action_not_done", "no_checks", "no_criteria"]);
    good(&owner.post(&format!("/actions/{action}/completion"), &json!({ "proof": PROOF })));
    asks(&["action_not_verified", "no_checks", "no_criteria"]);
    good(&lead.post(&format!("/actions/{action}/verification"), &json!({})));
    asks(&["no_checks", "no_criteria"]);

    let check = made(&lead.post(&story.at("checks"), &new_check()));
    asks(&["check_not_run", "no_criteria"]);
    for (outcome, code) in [("fail", "check_failed"), ("inconclusive", "check_inconclusive")] {
        made(&owner.post(&format!("/checks/{check}/results"), &result(outcome)));
        asks(&[code, "no_criteria"]);
    }
    made(&owner.post(&format!("/checks/{check}/results"), &result("pass")));
    asks(&["no_criteria"]);
    let criterion = made(&lead.post(&story.at("criteria"), &json!({ "statement": STATEMENT })));
    asks(&["criterion_not_shown"]);
    good(&owner.post(&format!("/criteria/{criterion}/met"), &json!({ "evidence": PROOF })));

    let request = story.ask();
    assert!(!story.gate_is_open());
    let decision = format!("/restart-requests/{request}/decision");
    assert_eq!(owner.post(&decision, &approval()).status, 403);
    good(&admin.post(&decision, &approval()));
    assert!(story.gate_is_open());

    let closed = lead.patch(&format!("/incidents/{}", story.reference), &json!({ "status": "closed" }));
    assert_eq!((closed.status, &closed.json["status"]), (200, &json!("closed")), "{}", closed.body);
    assert!(story.gate_is_open());
    story.app.assert_audit_holds();
}
