//! `/api/v1/people`.

use crate::support::{App, PASSWORD};
use serde_json::json;

#[test]
fn an_administrator_adds_changes_and_shuts_out() {
    let app = App::start();
    let admin = app.api(&app.token(&app.admin));
    let added = admin.post(
        "/people",
        &json!({ "email": "Kim@Example.org", "name": "Kim", "role": "owner", "sites": [app.site], "password": PASSWORD }),
    );
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(added.json["email"], "kim@example.org");
    let id = added.json["id"].as_str().unwrap();
    let kim = app.api(&app.token("kim@example.org"));
    assert_eq!(kim.get("/incidents").status, 200);

    assert_eq!(admin.post(&format!("/people/{id}/role"), &json!({ "role": "auditor" })).status, 200);
    let everybody = admin.get("/people");
    let shown = everybody.json["items"].as_array().unwrap().iter().find(|p| p["id"] == id).unwrap();
    assert_eq!(shown["roles"], json!([{ "role": "auditor", "site": null }]));
    assert!(!everybody.body.contains("argon2"), "no hash leaves");

    assert_eq!(admin.post(&format!("/people/{id}/active"), &json!({ "active": false })).status, 200);
    assert_eq!(kim.get("/incidents").status, 401);
    app.assert_audit_holds();
}

#[test]
fn ladder() {
    let app = App::start();
    let admin = app.api(&app.token(&app.admin));
    let lead = app.api(&app.token(&app.lead));
    assert_eq!(lead.get("/people").status, 403);
    assert_eq!(lead.post("/people", &json!({ "role": "owner" })).status, 403);
    assert_eq!(admin.post("/people/none/role", &json!({ "role": "auditor" })).status, 404);
    assert_eq!(admin.post("/people/none/active", &json!({})).fields(), ["active"]);
    assert_eq!(admin.send(admin.request("DELETE", "/people")).status, 405);
    let bad = admin.post("/people", &json!({ "email": "no", "name": "", "role": "owner", "password": "short" }));
    assert_eq!((bad.status, bad.fields()), (422, vec!["email", "name", "password"]));
    assert_eq!(admin.post("/people", &json!({ "role": "king" })).fields(), ["role"]);
    let twice = json!({ "email": app.lead, "name": "x", "role": "owner", "password": PASSWORD });
    assert_eq!(admin.post("/people", &twice).fields(), ["email"]);
    let everybody = admin.get("/people");
    let ada = everybody.json["items"].as_array().unwrap().iter().find(|p| p["name"] == "Ada").unwrap();
    let out = admin.post(&format!("/people/{}/active", ada["id"].as_str().unwrap()), &json!({ "active": false }));
    assert_eq!((out.status, out.codes()), (409, vec!["last_administrator"]));
}
