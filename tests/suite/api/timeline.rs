//! `/api/v1/incidents/{reference}/timeline`.

use crate::support::App;
use serde_json::json;

#[test]
fn attempts_wait_for_the_seal() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let path = format!("/incidents/{reference}/timeline");
    let attempt = json!({ "kind": "attempted", "text": "Restarted PHP" });
    let early = api.post(&path, &attempt);
    assert_eq!((early.status, early.codes()), (409, vec!["evidence_not_sealed"]));
    assert_eq!(api.post(&path, &json!({ "kind": "observed", "text": "Two mails" })).status, 201);

    let sealed = api.post_bytes(&format!("/incidents/{reference}/evidence?name=debug.log"), "an ordinary line\n");
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    let mut citing = attempt.clone();
    citing["evidence"] = sealed.json["id"].clone();
    let written = api.post(&path, &citing);
    assert_eq!(written.status, 201, "{}", written.body);

    let corrected =
        api.post(&path, &json!({ "kind": "attempted", "text": "Restarted FPM", "corrects": written.json["id"] }));
    assert_eq!(corrected.status, 201, "{}", corrected.body);
    let again = api.post(&path, &json!({ "kind": "attempted", "text": "x", "corrects": written.json["id"] }));
    assert_eq!((again.status, again.fields()), (422, vec!["corrects"]));
    let shown = api.get(&format!("/incidents/{reference}"));
    let entries = shown.json["timeline"].as_array().unwrap();
    let old = entries.iter().find(|entry| entry["id"] == written.json["id"]).unwrap();
    assert_eq!(old["superseded_by"], corrected.json["id"]);
    app.assert_audit_holds();
}

#[test]
fn or_for_the_reason_why_there_is_nothing_to_seal() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let stating = format!("/incidents/{reference}/no-evidence");
    assert_eq!(api.post(&stating, &json!({ "reason": "none" })).fields(), ["reason"]);
    let stated = api.post(&stating, &json!({ "reason": "The host keeps no logs for this plan." }));
    assert_eq!(stated.status, 201, "{}", stated.body);
    let path = format!("/incidents/{reference}/timeline");
    assert_eq!(api.post(&path, &json!({ "kind": "attempted", "text": "Restarted PHP" })).status, 201);
    assert_eq!(app.api(&app.token(&app.owner)).post(&stating, &json!({ "reason": "ten letters" })).status, 403);
    assert_eq!(app.api(&app.token(&app.outsider)).post(&stating, &json!({ "reason": "ten letters" })).status, 404);
}

#[test]
fn ladder() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}/timeline");
    let entry = json!({ "kind": "observed", "text": "Two mails" });
    assert_eq!(app.api(&app.token(&app.outsider)).post(&path, &entry).status, 404);
    assert_eq!(app.api(&app.token(&app.auditor)).post(&path, &entry).status, 403);
    let api = app.api(&app.token(&app.lead));
    assert_eq!(api.post("/incidents/INC-1999-0001/timeline", &entry).status, 404);
    assert_eq!(api.get(&path).status, 405);
    for (body, field) in [
        (json!({ "kind": "system", "text": "x" }), "kind"),
        (json!({ "kind": "guessed", "text": "x" }), "kind"),
        (json!({ "text": "x" }), "kind"),
        (json!({ "kind": "observed" }), "text"),
        (json!({ "kind": "observed", "text": "x", "at": "2999-01-01T00:00:00Z" }), "at"),
        (json!({ "kind": "observed", "text": "x", "evidence": "none" }), "evidence"),
        (json!({ "kind": "observed", "text": "x", "corrects": "none" }), "corrects"),
    ] {
        let refused = api.post(&path, &body);
        assert_eq!((refused.status, refused.fields()), (422, vec![field]), "{}", refused.body);
    }
}
