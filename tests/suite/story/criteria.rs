//! Restart criteria.

use super::{PROOF, STATEMENT, Story, good, made};
use serde_json::json;

#[test]
fn a_criterion_is_shown_to_hold_with_evidence() {
    let story = Story::begin();
    let id = made(&story.lead().post(&story.at("criteria"), &json!({ "statement": STATEMENT })));
    assert!(story.blocked().contains(&"criterion_not_shown".to_owned()));
    let met = format!("/criteria/{id}/met");
    assert_eq!(story.owner().post(&met, &json!({ "evidence": "yes" })).fields(), ["evidence"]);
    assert_eq!(story.owner().post(&met, &json!({})).fields(), ["evidence"]);
    let shown = story.owner().post(&met, &json!({ "evidence": PROOF }));
    good(&shown);
    assert_eq!(shown.json["met"], true);
    assert!(!story.blocked().contains(&"criterion_not_shown".to_owned()));
    let listed = story.auditor().get(&story.at("criteria"));
    assert_eq!(
        (&listed.json["items"][0]["met"], &listed.json["items"][0]["shown_by"]["name"]),
        (&json!(true), &json!("Omar"))
    );
    for statement in ["", "ok", "n/a"] {
        let refused = story.lead().post(&story.at("criteria"), &json!({ "statement": statement }));
        assert_eq!(refused.fields(), ["statement"], "{statement}");
    }
    story.app.assert_audit_holds();
}
