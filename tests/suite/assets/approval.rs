//! A second person approves, and is told everything that is missing at once.

use super::{Library, good, made, picture};
use serde_json::json;

// seed: asset.metadata.1 asset.checklist.1
#[test]
fn approval_names_everything_that_is_missing_at_once() {
    let library = Library::start();
    let id = made(&library.bring("IMG_0042.png", picture(10, 10)));
    let refused = library.admin().post(&format!("/assets/{id}/approval"), &json!({}));
    assert_eq!(refused.status, 409, "{}", refused.body);
    let everything = [
        "missing_name",
        "missing_alt_text",
        "missing_source_note",
        "missing_rights_note",
        "missing_licence",
        "missing_owner",
        "missing_placement",
        "missing_campaign",
        "missing_end",
    ];
    assert_eq!(refused.codes(), everything);
    let mut record = library.record();
    record["name"] = json!("winter-tea-gift-box.png");
    let written = library.lead().patch(&format!("/assets/{id}"), &record);
    assert_eq!(written.json["missing"], json!([]), "{}", written.body);
    let approved = library.admin().post(&format!("/assets/{id}/approval"), &json!({}));
    assert_eq!((approved.status, &approved.json["state"]), (200, &json!("approved")), "{}", approved.body);
    library.app.assert_audit_holds();
}

// seed: asset.lifecycle.1
#[test]
fn an_end_is_needed_and_lies_ahead() {
    let library = Library::start();
    let id = library.ready();
    let approve = || library.admin().post(&format!("/assets/{id}/approval"), &json!({}));
    let patch = |record| good(&library.lead().patch(&format!("/assets/{id}"), &record));
    patch(json!({ "review_on": null }));
    assert_eq!(approve().codes(), ["missing_end"]);
    patch(json!({ "expires_on": library.day(-1) }));
    assert_eq!(approve().codes(), ["missing_future_end"]);
    patch(json!({ "expires_on": library.day(5), "campaign_ends_on": null }));
    assert_eq!(approve().codes(), ["missing_campaign_end"]);
    patch(json!({ "campaign": "none" }));
    good(&approve());
    let wrong =
        library.lead().patch(&format!("/assets/{id}"), &json!({ "expires_on": "soon", "owner": "nobody@x.example" }));
    assert_eq!(wrong.fields(), ["expires_on"], "{}", wrong.body);
    let wrong = library.lead().patch(&format!("/assets/{id}"), &json!({ "owner": library.app.outsider }));
    assert_eq!(wrong.fields(), ["owner"]);
}

// seed: asset.lifecycle.2
#[test]
fn whoever_prepared_or_ever_owned_it_does_not_approve_it() {
    let library = Library::start();
    let id = library.ready();
    let path = format!("/assets/{id}/approval");
    assert_eq!(library.lead().post(&path, &json!({})).status, 403, "Lena brought it in");
    assert_eq!(library.api(&library.app.owner).post(&path, &json!({})).status, 403, "Omar owns it");
    good(&library.lead().patch(&format!("/assets/{id}"), &json!({ "owner": library.app.admin })));
    assert_eq!(library.api(&library.app.owner).post(&path, &json!({})).status, 403, "history counts");
    let refused = library.admin().post(&path, &json!({}));
    assert_eq!(refused.status, 403, "Ada owns it now");
    let shown = library.show(&id);
    let codes: Vec<_> = shown["unapproved"].as_array().unwrap().iter().map(|reason| reason["code"].clone()).collect();
    assert_eq!(codes, ["nobody_could_approve"], "that nobody is left is said at once");
}

#[test]
fn what_was_approved_is_what_was_looked_at() {
    let library = Library::start();
    let id = library.ready();
    let version = library.show(&id)["version"].as_i64().unwrap();
    good(&library.lead().patch(&format!("/assets/{id}"), &json!({ "licence": "Editorial use only" })));
    let stale = library.admin().post(&format!("/assets/{id}/approval"), &json!({ "version": version }));
    assert_eq!(stale.status, 412, "{}", stale.body);
    good(&library.admin().post(&format!("/assets/{id}/approval"), &json!({ "version": version + 1 })));
    let changed = library.lead().patch(&format!("/assets/{id}"), &json!({ "licence": "Commercial use" }));
    assert_eq!(changed.json["state"], "draft", "another record is approved anew");
    let same = library.lead().patch(&format!("/assets/{id}"), &json!({ "licence": "Commercial use" }));
    assert_eq!(same.json["version"], changed.json["version"], "nothing changed");
    let lead = library.lead();
    let request = lead.request("PATCH", &format!("/assets/{id}")).header("if-match", format!("\"{version}\""));
    assert_eq!(lead.send(request.json(&json!({ "licence": "x" }))).status, 412);
    library.app.assert_audit_holds();
}

#[test]
fn a_step_that_leads_nowhere_is_refused() {
    let library = Library::start();
    let id = library.approved();
    let reason = json!({ "reason": "The box has another colour now" });
    assert_eq!(library.admin().post(&format!("/assets/{id}/approval"), &json!({})).codes(), ["not_a_draft"]);
    assert_eq!(library.admin().post(&format!("/assets/{id}/rejection"), &json!({})).fields(), ["reason"]);
    good(&library.admin().post(&format!("/assets/{id}/rejection"), &reason));
    assert_eq!(library.admin().post(&format!("/assets/{id}/rejection"), &reason).codes(), ["wrong_state"]);
    good(&library.admin().post(&format!("/assets/{id}/removal"), &reason));
    assert_eq!(library.admin().post(&format!("/assets/{id}/removal"), &reason).codes(), ["wrong_state"]);
    assert_eq!(library.lead().patch(&format!("/assets/{id}"), &json!({ "licence": "x" })).codes(), ["removed"]);
    assert_eq!(library.lead().get(&format!("/assets/{id}/file")).status, 404);
    let shown = library.show(&id);
    assert_eq!((&shown["state"], shown["sha256"].as_str().map(str::len)), (&json!("removed"), Some(64)));
    assert_eq!(library.files(), 0, "its bytes are gone");
    library.app.assert_audit_holds();
}
