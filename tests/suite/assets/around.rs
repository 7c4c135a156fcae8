//! Offer, packaging, season and brand change: what is linked is blocked until somebody has looked.

use super::{Library, good, made, yes};
use serde_json::json;

// seed: asset.checklist.2
#[test]
fn a_change_blocks_what_is_linked_to_it_until_it_was_reviewed() {
    let library = Library::start();
    let (winter, other) = (library.reusable(), library.reusable());
    good(&library.lead().patch(&format!("/assets/{other}"), &json!({ "campaign": "Spring" })));
    let change = |body: serde_json::Value| library.lead().post("/asset-changes", &body);
    let note = "The winter price ends today";
    let made_it =
        change(json!({ "kind": "offer_change", "site": library.app.site, "campaign": "winter SALE", "note": note }));
    assert_eq!((made_it.status, &made_it.json["blocked"]), (201, &json!([winter])), "{}", made_it.body);
    let codes = library.reuse(&winter);
    assert_eq!((codes.status, codes.codes()), (423, vec!["offer_change", "decision_before_change"]));
    assert_eq!(library.lead().get("/asset-changes").json["items"][0]["waiting"], 1);
    let review = library.show(&winter)["reviews"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/asset-reviews/{review}/completion");
    assert_eq!(library.admin().post(&path, &json!({})).fields(), ["outcome", "note"]);
    let fits = json!({ "outcome": "still_fits", "note": "The picture names no price" });
    good(&library.admin().post(&path, &fits));
    assert_eq!(library.admin().post(&path, &fits).codes(), ["done_already"]);
    assert_eq!(library.reuse(&winter).codes(), ["decision_before_change"], "the questions are asked again");
    made(&library.admin().post(&format!("/assets/{winter}/reuse-decisions"), &yes()));
    assert_eq!(library.reuse(&winter).status, 200);
    library.app.assert_audit_holds();
}

#[test]
fn a_change_concerns_a_site_a_campaign_or_a_set_and_a_no_rejects() {
    let library = Library::start();
    let id = library.reusable();
    let report = |body: serde_json::Value| library.lead().post("/asset-changes", &body).json["blocked"].clone();
    let site = &library.app.site;
    let base = |kind: &str| json!({ "kind": kind, "site": site, "note": "It looks otherwise from now on" });
    let mut set = base("packaging_change");
    set["asset_set"] = json!("tea pots");
    assert_eq!(report(set.clone()), json!([]));
    set["asset_set"] = json!("Gift Boxes");
    assert_eq!(report(set), json!([id]));
    assert_eq!(report(base("brand_change")), json!([id]));
    assert_eq!(report(base("season_change")), json!([id]));
    let waiting = library.show(&id)["reviews"].as_array().unwrap().clone();
    assert_eq!(waiting.len(), 3);
    let path = format!("/asset-reviews/{}/completion", waiting[0]["id"].as_str().unwrap());
    let no = json!({ "outcome": "no_longer_fits", "note": "The old logo is on the box" });
    assert_eq!(library.admin().post(&path, &no).json["state"], "rejected");
    assert_eq!(library.reuse(&id).codes()[0], "rejected");
    let wrong = library
        .lead()
        .post("/asset-changes", &json!({ "kind": "review_date", "site": site, "note": "a sentence here" }));
    assert_eq!(wrong.fields(), ["kind"], "{}", wrong.body);
    let wrong = library.lead().post("/asset-changes", &json!({ "site": "shop-south" }));
    assert_eq!(wrong.fields(), ["kind", "note"]);
}
