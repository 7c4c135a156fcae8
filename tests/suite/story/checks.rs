//! Regression checks and their results.

use super::{PROOF, Story, file, good, made, new_check, result};
use serde_json::json;

#[test]
fn only_the_newest_result_counts_and_only_a_pass() {
    let story = Story::begin();
    let id = made(&story.lead().post(&story.at("checks"), &new_check()));
    let results = format!("/checks/{id}/results");
    for (outcome, code) in [("fail", "check_failed"), ("inconclusive", "check_inconclusive")] {
        made(&story.owner().post(&results, &result(outcome)));
        assert!(story.blocked().contains(&code.to_owned()), "{outcome}: {:?}", story.blocked());
    }
    made(&story.owner().post(&results, &result("pass")));
    assert!(story.blocked().iter().all(|code| !code.starts_with("check")), "{:?}", story.blocked());
    made(&story.owner().post(&results, &result("fail")));
    assert!(story.blocked().contains(&"check_failed".to_owned()));
    let shown = story.auditor().get(&story.at("checks"));
    assert_eq!(shown.json["items"][0]["outcome"], "fail");
    assert_eq!(shown.json["items"][0]["results"].as_array().unwrap().len(), 4);
    story.app.assert_audit_holds();
}

#[test]
fn what_says_nothing_is_refused_at_the_field() {
    let story = Story::begin();
    for (field, text) in [("title", ""), ("title", "n/a"), ("expected", "works"), ("expected", "tbd")] {
        let mut body = new_check();
        body[field] = json!(text);
        assert_eq!(story.lead().post(&story.at("checks"), &body).fields(), [field], "{text}");
    }
    let id = made(&story.lead().post(&story.at("checks"), &new_check()));
    let results = format!("/checks/{id}/results");
    for (field, text) in [("outcome", "passed"), ("outcome", ""), ("evidence", "ok"), ("evidence", "-")] {
        let mut body = result("pass");
        body[field] = json!(text);
        assert_eq!(story.owner().post(&results, &body).fields(), [field], "{text}");
    }
    assert_eq!(story.owner().post(&results, &json!({ "evidence": PROOF })).fields(), ["outcome"]);
}

#[test]
fn a_result_goes_to_the_incident_of_its_check_only() {
    let story = Story::begin();
    let other = file(&story.app, "Something else", &story.app.automation("reports"));
    let id = made(&story.lead().post(&story.at("checks"), &new_check()));
    let elsewhere = story.owner().post(&format!("/incidents/{other}/checks/{id}/results"), &result("pass"));
    assert_eq!(elsewhere.status, 404);
    good(&story.owner().post(&format!("/checks/{id}/results"), &result("pass")));
    assert_eq!(story.lead().get(&format!("/incidents/{other}/checks")).json["items"], json!([]));
    assert_eq!(story.outsider().post(&format!("/checks/{id}/results"), &result("pass")).status, 404);
    assert_eq!(story.owner().post(&story.at("checks"), &new_check()).status, 403, "owners record, leads plan");
}
