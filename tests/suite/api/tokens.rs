//! `/api/v1/tokens`.

use crate::support::App;
use serde_json::json;

#[test]
fn a_token_is_shown_once_works_within_its_scopes_and_is_revoked() {
    let app = App::start();
    let lead = app.api(&app.token(&app.lead));
    let made = lead.post("/tokens", &json!({ "name": "watcher", "scopes": ["incidents"], "days": 7 }));
    assert_eq!(made.status, 201, "{}", made.body);
    let token = made.json["token"].as_str().unwrap().to_owned();
    let limited = app.api(&token);
    assert_eq!(limited.get("/incidents").status, 200);
    assert_eq!(limited.get("/audit").status, 403);
    let listed = lead.get("/tokens");
    assert!(!listed.body.contains(&token) && listed.body.contains("watcher"));

    let revocation = format!("/tokens/{}/revocation", made.json["id"].as_str().unwrap());
    assert_eq!(app.api(&app.token(&app.outsider)).post(&revocation, &json!({})).status, 404);
    assert_eq!(lead.post(&revocation, &json!({})).status, 201);
    assert_eq!(limited.get("/incidents").status, 401);
    for (path, bytes) in app.files() {
        let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "the token stands in {}", path.display());
    }
}

#[test]
fn a_token_ends_by_itself() {
    let app = App::start();
    let made = app.api(&app.token(&app.lead)).post("/tokens", &json!({ "name": "short", "days": 1 }));
    let short = app.api(made.json["token"].as_str().unwrap());
    assert_eq!(short.get("/incidents").status, 200);
    app.desk.clock.advance(chrono::Duration::days(2));
    assert_eq!(short.get("/incidents").status, 401);
}

#[test]
fn a_limited_token_makes_no_wider_one() {
    let app = App::start();
    let made =
        app.api(&app.token(&app.admin)).post("/tokens", &json!({ "name": "narrow", "scopes": ["gate", "admin"] }));
    let narrow = app.api(made.json["token"].as_str().unwrap());
    for wider in [json!([]), json!(["incidents"]), json!(["gate", "bundles"])] {
        let refused = narrow.post("/tokens", &json!({ "name": "wide", "scopes": wider }));
        assert_eq!((refused.status, refused.fields()), (422, vec!["scopes"]), "{}", refused.body);
        let refused = narrow.post("/tokens", &json!({ "name": "wide", "scopes": wider, "email": app.lead }));
        assert_eq!((refused.status, refused.fields()), (422, vec!["scopes"]), "{}", refused.body);
    }
    assert_eq!(narrow.post("/tokens", &json!({ "name": "same", "scopes": ["gate"] })).status, 201);
}

#[test]
fn ladder() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (lead, admin) = (app.api(&app.token(&app.lead)), app.api(&app.token(&app.admin)));
    assert_eq!(lead.post("/tokens", &json!({ "name": "x", "email": app.admin })).status, 403);
    assert_eq!(lead.post("/tokens", &json!({ "name": "x", "automation": slug })).status, 403);
    let robot = admin.post("/tokens", &json!({ "name": "robot", "automation": slug }));
    assert_eq!(robot.status, 201, "{}", robot.body);
    let robot = app.api(robot.json["token"].as_str().unwrap());
    assert_eq!(robot.get(&format!("/gate/{slug}")).status, 200);
    assert_eq!(robot.post("/tokens", &json!({ "name": "mine" })).status, 403);
    assert_eq!(robot.get("/tokens").status, 403);
    assert_eq!(admin.get(&format!("/tokens?automation={slug}")).json["items"].as_array().unwrap().len(), 1);
    assert_eq!(admin.post("/tokens/none/revocation", &json!({})).status, 404);
    assert_eq!(admin.send(admin.request("DELETE", "/tokens")).status, 405);
    assert_eq!(lead.post("/tokens", &json!({})).fields(), ["name"]);
    assert_eq!(lead.post("/tokens", &json!({ "name": "x", "days": 0 })).fields(), ["days"]);
    assert_eq!(lead.post("/tokens", &json!({ "name": "x", "scopes": ["gate", "moon"] })).fields(), ["scopes[1]"]);
}
