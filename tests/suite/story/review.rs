//! `PUT` and `GET /api/v1/incidents/{reference}/review`, and the looks of the cadence.

use super::{SECRET, Story, good, whole_review};
use serde_json::json;

#[test]
fn a_review_is_saved_in_pieces_and_says_what_it_lacks() {
    let story = Story::begin();
    let empty = story.lead().get(&story.at("review"));
    assert_eq!((empty.status, empty.header("etag"), &empty.json["version"]), (200, "\"0\"", &json!(0)));
    let saved = story.lead().put(&story.at("review"), &json!({ "root_cause": "The retry queue ignored the flag." }));
    assert_eq!((saved.status, saved.header("etag")), (200, "\"1\""), "{}", saved.body);
    let codes: Vec<&str> =
        saved.json["missing"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "review_detection_gaps",
            "review_missing_evidence",
            "review_safeguards_worked",
            "review_safeguards_failed",
            "no_documented_change",
            "detection_unanswered"
        ]
    );
    story.write_review();
    let whole = story.auditor().get(&story.at("review"));
    assert_eq!(whole.json["documented_change"]["kind"], "runbook");
    assert_eq!(whole.json["written_by"]["name"], "Lena");
    assert_eq!((&whole.json["missing"], &whole.json["version"]), (&json!([]), &json!(2)));
    story.app.assert_audit_holds();
}

#[test]
fn filler_is_an_error_at_its_field_and_nothing_is_saved() {
    let story = Story::begin();
    for filler in ["n/a", "tbd", "-", "none", "to be done", "none, because x", "tbd tbd tbd"] {
        let mut body = whole_review();
        body["safeguards_failed"] = json!(filler);
        assert_eq!(story.lead().put(&story.at("review"), &body).fields(), ["safeguards_failed"], "{filler}");
    }
    for (part, text) in [
        ("link", "see the wiki"),
        ("link", "javascript:alert(1)"),
        ("before", "n/a"),
        ("after", "-"),
        ("after", "4"),
        ("kind", "magic"),
    ] {
        let mut body = whole_review();
        body["documented_change"][part] = json!(text);
        let refused = story.lead().put(&story.at("review"), &body);
        assert_eq!(refused.fields(), [format!("documented_change.{part}")], "{text}: {}", refused.body);
    }
    assert_eq!(story.lead().get(&story.at("review")).json["version"], 0);
}

#[test]
fn two_people_editing_do_not_overwrite_each_other() {
    let story = Story::begin();
    story.write_review();
    let lead = story.lead();
    let put =
        |tag: &str| lead.send(lead.request("PUT", &story.at("review")).header("If-Match", tag).json(&whole_review()));
    assert_eq!(put("\"1\"").status, 200);
    assert_eq!(put("\"1\"").status, 412);
    assert_eq!(put("*").status, 200);
    assert_eq!(lead.get(&story.at("review")).json["version"], 3);
}

#[test]
fn a_secret_in_a_review_is_removed_before_it_is_stored() {
    let story = Story::begin();
    let mut body = whole_review();
    body["root_cause"] = json!(format!("The key {SECRET} had no limit."));
    body["documented_change"]["after"] = json!(format!("uses {SECRET} no more"));
    good(&story.lead().put(&story.at("review"), &body));
    for (path, bytes) in story.app.files() {
        assert!(memchr::memmem::find(&bytes, SECRET.as_bytes()).is_none(), "{}", path.display());
    }
}

// seed: review.cadence.1 review.cadence.2 review.cadence.3
#[test]
fn the_three_looks_are_asked_for_and_taken() {
    let story = Story::begin();
    let points = || {
        let reply = story.lead().get(&story.at("review-points"));
        let items = reply.json["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| (item["point"].as_str().unwrap().to_owned(), !item["done_at"].is_null()))
            .collect::<Vec<_>>()
    };
    assert_eq!(points(), [("reported".to_owned(), false)]);
    let looked = story.lead().post(&story.at("review-points"), &json!({ "point": "reported" }));
    good(&looked);
    let again = story.lead().post(&story.at("review-points"), &json!({ "point": "reported" }));
    assert_eq!(again.json, looked.json);
    story.bundle("hosting");
    assert_eq!(points(), [("reported".to_owned(), true), ("before_contact".to_owned(), true)]);
    story.write_review();
    assert_eq!(points().last().unwrap(), &("after_recovery".to_owned(), true));
    let nonsense = story.lead().post(&story.at("review-points"), &json!({ "point": "someday" }));
    assert_eq!(nonsense.fields(), ["point"]);
}
