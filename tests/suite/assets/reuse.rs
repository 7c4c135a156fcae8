//! May it be used again? 200 only while all holds.

use super::{Library, good, made, yes};
use chrono::Duration;
use serde_json::json;

// seed: asset.reuse.1 asset.acceptance.1
#[test]
fn it_may_be_used_again_only_while_all_five_questions_hold() {
    let library = Library::start();
    let id = library.approved();
    let closed = library.reuse(&id);
    assert_eq!((closed.status, closed.header("content-type")), (423, "application/problem+json"));
    assert_eq!((closed.codes(), &closed.json["verdict"]), (vec!["no_reuse_decision"], &json!("closed")));
    let half = library.admin().post(&format!("/assets/{id}/reuse-decisions"), &json!({ "licence": true, "note": "x" }));
    assert_eq!(half.fields(), ["product_accuracy", "campaign", "brand_fit", "current_claims"]);
    let mut answers = yes();
    (answers["licence"], answers["current_claims"]) = (json!(false), json!(false));
    let decided = library.admin().post(&format!("/assets/{id}/reuse-decisions"), &answers);
    assert_eq!((decided.status, &decided.json["reusable"]), (201, &json!(false)));
    assert_eq!(library.reuse(&id).codes(), ["reuse_licence", "reuse_current_claims"]);
    made(&library.admin().post(&format!("/assets/{id}/reuse-decisions"), &yes()));
    let open = library.reuse(&id);
    assert_eq!((open.status, &open.json["verdict"], &open.json["asset"]), (200, &json!("open"), &json!(id)));
    assert_eq!(open.json["sha256"], library.show(&id)["sha256"]);
    assert_eq!(library.show(&id)["decisions"].as_array().unwrap().len(), 2, "both are on record");
    library.app.assert_audit_holds();
}

// seed: asset.reuse.2 asset.acceptance.2
#[test]
fn what_is_unsafe_is_in_no_list_for_reuse_and_its_places_are_named() {
    let library = Library::start();
    let (good_one, bad_one) = (library.reusable(), library.reusable());
    let place = json!({ "place": "https://shop-north.example.com/#banner" });
    let placement = made(&library.lead().post(&format!("/assets/{bad_one}/placements"), &place));
    made(&library.lead().post(&format!("/assets/{good_one}/placements"), &place));
    let ids = |path: &str| -> Vec<String> {
        let items = library.lead().get(path).json["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("/assets?reusable=true").len(), 2);
    assert_eq!(ids("/asset-placements"), Vec::<String>::new());
    let reason = json!({ "reason": "It shows a tin that is sold no more" });
    good(&library.admin().post(&format!("/assets/{bad_one}/rejection"), &reason));
    assert_eq!(ids("/assets?reusable=true"), [good_one]);
    assert_eq!(ids("/asset-placements"), [placement.as_str()]);
    assert_eq!(library.reuse(&bad_one).codes()[0], "rejected");
    let clean =
        |link: &str| library.lead().post(&format!("/asset-placements/{placement}/cleaning"), &json!({ "link": link }));
    assert_eq!(clean("it is gone").fields(), ["link"]);
    good(&clean("https://git.example/shop/commit/4be19c2"));
    assert_eq!(clean("https://git.example/shop/commit/4be19c2").codes(), ["done_already"]);
    assert_eq!(ids("/asset-placements"), Vec::<String>::new());
    let shown = library.show(&bad_one)["placements"][0].clone();
    assert_eq!(shown["cleaned_by"]["email"], json!(library.app.lead));
    assert_eq!(shown["cleaned_link"], "https://git.example/shop/commit/4be19c2");
    library.app.assert_audit_holds();
}

// seed: asset.mistake.1
#[test]
fn an_answer_is_about_the_asset_as_it_was_and_grows_old() {
    let library = Library::start();
    let id = library.reusable();
    good(&library.lead().patch(&format!("/assets/{id}"), &json!({ "alt_text": "A green gift box with two tins" })));
    assert_eq!(library.reuse(&id).codes(), ["not_approved", "decision_of_another_record"]);
    good(&library.admin().post(&format!("/assets/{id}/approval"), &json!({})));
    assert_eq!(library.reuse(&id).codes(), ["decision_of_another_record"]);
    made(&library.admin().post(&format!("/assets/{id}/reuse-decisions"), &yes()));
    assert_eq!(library.reuse(&id).status, 200);
    good(&library.lead().patch(
        &format!("/assets/{id}"),
        &json!({ "review_on": library.day(300), "campaign_ends_on": library.day(300) }),
    ));
    good(&library.admin().post(&format!("/assets/{id}/approval"), &json!({})));
    made(&library.admin().post(&format!("/assets/{id}/reuse-decisions"), &yes()));
    library.app.desk.clock.advance(Duration::days(31));
    assert!(library.reuse(&id).codes().contains(&"decision_too_old"), "{:?}", library.reuse(&id).codes());
    let page = library.app.signed_in(&library.app.lead).get(&format!("/assets/{id}")).body;
    assert!(page.contains("An old asset is used again after offer, packaging, campaign or rights have changed."));
}

// seed: asset.acceptance.3 asset.owner.1
#[test]
fn an_asset_whose_owner_left_is_not_used_and_its_last_use_is_explained() {
    let library = Library::start();
    let id = library.reusable();
    let people = library.admin().get("/people").json["items"].as_array().unwrap().clone();
    let omar = people.iter().find(|person| person["email"] == json!(library.app.owner)).unwrap()["id"].clone();
    let path = format!("/people/{}/active", omar.as_str().unwrap());
    good(&library.admin().post(&path, &json!({ "active": false })));
    assert_eq!(library.reuse(&id).codes(), ["no_owner"]);
    let decision = library.show(&id)["decisions"][0].clone();
    assert!(decision["note"].as_str().unwrap().contains("December mail"));
    assert_eq!(decision["decided_by"]["email"], json!(library.app.admin));
}

// seed: asset.acceptance.4
#[test]
fn a_refusal_says_why_and_who_can_settle_each() {
    let library = Library::start();
    let id = library.draft();
    let refused = library.reuse(&id);
    let reasons = refused.json["reasons"].as_array().unwrap();
    assert!(reasons.len() >= 3, "{}", refused.body);
    for reason in reasons {
        assert!(!reason["message"].as_str().unwrap().is_empty() && !reason["who"].as_str().unwrap().is_empty());
    }
    assert!(refused.json["detail"].as_str().unwrap().contains("who can settle each"));
}
