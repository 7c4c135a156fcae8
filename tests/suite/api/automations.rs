//! `/api/v1/automations`.

use crate::support::App;
use serde_json::json;

#[test]
fn what_is_not_defined_keeps_the_gate_closed_with_a_reason_each() {
    let app = App::start();
    let api = app.api(&app.token(&app.admin));
    let made = api.post(
        "/automations",
        &json!({ "slug": "order-mails", "name": "Order mails", "kind": "workflow", "category": "commerce",
                 "site": app.site, "owner": app.owner, "trigger": "a new order" }),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json["missing"].as_array().unwrap().len(), 7);
    let closed = api.get("/gate/order-mails");
    assert_eq!((closed.status, closed.codes().len()), (423, 7));
    assert_eq!(closed.json["verdict"], "closed");

    let mended = api.patch(
        "/automations/order-mails",
        &json!({ "input_scope": "the order", "expected_output": "one mail", "approval_gate": "none", "retry_limit": 3,
                 "notification_path": "support", "pause_rule": "two failures", "rollback_path": "a correction" }),
    );
    assert_eq!(mended.status, 200, "{}", mended.body);
    assert_eq!(mended.header("etag"), "\"2\"");
    let one = api.get("/automations/order-mails");
    assert_eq!(one.json["trigger"], "a new order", "what was left away stays");
    assert_eq!(one.json["gate"]["verdict"], "open");
    assert_eq!(api.get("/gate/order-mails").json["scope"], "read_only");

    let emptied = api.patch("/automations/order-mails", &json!({ "pause_rule": null }));
    assert_eq!(emptied.json["missing"], json!(["pause_rule"]));
    app.assert_audit_holds();
}

#[test]
fn a_stale_change_writes_nothing() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.token(&app.admin));
    let path = format!("/automations/{slug}");
    let change = |tag: &str, name: &str| {
        api.send(api.request("PATCH", &path).header("If-Match", tag).json(&json!({ "name": name })))
    };
    assert_eq!(change("\"1\"", "First").status, 200);
    assert_eq!(change("\"1\"", "Second").status, 412);
    assert_eq!(api.get(&path).json["name"], "First");
    assert_eq!(change("*", "Third").status, 200);
    assert_eq!(change("\"7\", \"3\"", "Fourth").status, 200);
}

#[test]
fn ladder() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (lead, outsider) = (app.api(&app.token(&app.lead)), app.api(&app.token(&app.outsider)));
    let path = format!("/automations/{slug}");
    assert_eq!(lead.get(&path).status, 200);
    assert_eq!(lead.patch(&path, &json!({ "name": "x" })).status, 403);
    assert_eq!(outsider.get(&path).status, 404);
    assert_eq!(outsider.get("/automations").json["items"], json!([]));
    assert_eq!(outsider.get(&format!("/gate/{slug}")).status, 404);
    assert_eq!(lead.get("/automations/none-such").status, 404);
    assert_eq!(lead.send(lead.request("DELETE", &path)).status, 405);
    let admin = app.api(&app.token(&app.admin));
    let bad = admin.post("/automations", &json!({ "slug": "x y", "kind": "robot", "retry_limit": 3 }));
    assert_eq!((bad.status, bad.fields()), (422, vec!["kind", "category", "site"]));
    let bad = admin.patch(&path, &json!({ "retry_limit": 99, "owner": "nobody@example.org" }));
    assert_eq!((bad.status, bad.fields()), (422, vec!["retry_limit"]));
    let own = app.api(&app.automation_token(&slug));
    assert_eq!(own.get(&format!("/gate/{slug}")).status, 200);
    assert_eq!(own.get("/incidents").status, 403);
    assert_eq!(own.get("/automations").status, 403);
    let other = app.automation("other-mails");
    assert_eq!(own.get(&format!("/gate/{other}")).status, 404);
    assert_eq!(admin.get("/gate/none-such").status, 404);
    assert_eq!(admin.get(&format!("/gate/{slug}?environment=moon")).status, 422);
}

#[test]
fn what_an_owner_who_has_left_does_not_concern_can_still_be_changed() {
    let app = App::start();
    let slug = app.automation("order-mails");
    app.tamper("UPDATE people SET active = FALSE WHERE email = 'omar@example.org'");
    let ada = app.api(&app.token(&app.admin));
    let path = format!("/automations/{slug}");
    let renamed = ada.patch(&path, &json!({ "name": "Order mails" }));
    assert_eq!(renamed.status, 200, "{}", renamed.body);
    assert_eq!(ada.get(&path).json["owner"], json!("omar@example.org"), "he stays the owner, and its gate says so");
    app.tamper("UPDATE people SET active = FALSE WHERE email = 'rita@example.org'");
    assert_eq!(ada.patch(&path, &json!({ "owner": "rita@example.org" })).fields(), ["owner"]);
}
