//! Pauses and the gate.

use crate::support::App;
use serde_json::json;

#[test]
fn layers_hold_together_and_lift_one_by_one() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let admin = app.api(&app.token(&app.admin));
    let gate = || admin.get(&format!("/gate/{slug}"));
    let site_switch = format!("/switches/site:{}/pauses", app.site);
    let own = format!("/automations/{slug}/pauses");
    let mut layers = Vec::new();
    for (held, path) in
        [own.as_str(), "/switches/commerce/pauses", &site_switch, "/switches/all/pauses"].iter().enumerate()
    {
        let paused = admin.post(path, &json!({ "reason": "drill" }));
        assert_eq!(paused.status, 201, "{path}: {}", paused.body);
        layers.push(paused.json["id"].as_str().unwrap().to_owned());
        assert_eq!((gate().status, gate().codes().len()), (423, held + 1));
    }
    assert_eq!(admin.get("/pauses").json["items"].as_array().unwrap().len(), 4);
    for (left, id) in layers.iter().enumerate().map(|(at, id)| (layers.len() - at - 1, id)) {
        let released = admin.post(&format!("/pauses/{id}/release"), &json!({ "reason": "the drill is over" }));
        assert_eq!(released.status, 200, "{}", released.body);
        assert_eq!(gate().codes().len(), left);
    }
    assert_eq!(gate().status, 200);
    let again = admin.post(&format!("/pauses/{}/release", layers[0]), &json!({ "reason": "again" }));
    assert_eq!((again.status, again.codes()), (409, vec!["already_released"]));
    app.assert_audit_holds();
}

#[test]
fn a_switch_covers_its_own_and_nothing_else() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let admin = app.api(&app.token(&app.admin));
    assert_eq!(admin.post("/switches/image/pauses", &json!({})).status, 201);
    assert_eq!(admin.post(&format!("/switches/site:{}/pauses", app.other_site), &json!({})).status, 201);
    assert_eq!(admin.get(&format!("/gate/{slug}")).status, 200);
}

#[test]
fn what_an_incident_holds_is_not_released_by_hand() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.incident("Mails go out twice");
    let lead = app.api(&app.token(&app.lead));
    let paused = lead.post(&format!("/automations/{slug}/pauses"), &json!({ "incident": reference }));
    assert_eq!(paused.status, 201, "{}", paused.body);
    let id = paused.json["id"].as_str().unwrap();
    let admin = app.api(&app.token(&app.admin));
    let refused = admin.post(&format!("/pauses/{id}/release"), &json!({ "reason": "I want to" }));
    assert_eq!((refused.status, refused.codes()), (409, vec!["held_by_incident"]));
    assert_eq!(admin.get(&format!("/gate/{slug}")).codes(), ["paused_by_incident"]);
}

#[test]
fn an_automation_pauses_itself_and_its_owner_releases_it() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let other = app.automation("other-mails");
    let robot = app.api(&app.automation_token(&slug));
    let bare = robot.send(robot.request("POST", &format!("/automations/{slug}/pauses")));
    assert_eq!(bare.status, 201, "{}", bare.body);
    assert_eq!(robot.post(&format!("/automations/{other}/pauses"), &json!({})).status, 404);
    let release = format!("/pauses/{}/release", bare.json["id"].as_str().unwrap());
    assert_eq!(robot.post(&release, &json!({ "reason": "fine again" })).status, 403);
    assert_eq!(app.api(&app.token(&app.lead)).post(&release, &json!({ "reason": "fine again" })).status, 403);
    assert_eq!(app.api(&app.token(&app.outsider)).post(&release, &json!({ "reason": "fine again" })).status, 404);
    assert_eq!(app.api(&app.token(&app.owner)).post(&release, &json!({})).fields(), ["reason"]);
    assert_eq!(app.api(&app.token(&app.owner)).post(&release, &json!({ "reason": "fine again" })).status, 200);
}

#[test]
fn who_paused_may_release() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lead = app.api(&app.token(&app.lead));
    let paused = lead.post(&format!("/automations/{slug}/pauses"), &json!({ "reason": "looks wrong" }));
    let release = format!("/pauses/{}/release", paused.json["id"].as_str().unwrap());
    assert_eq!(lead.post(&release, &json!({ "reason": "was fine" })).status, 200);
}

#[test]
fn ladder() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let pauses = format!("/automations/{slug}/pauses");
    let lead = app.api(&app.token(&app.lead));
    assert_eq!(app.api(&app.token(&app.outsider)).post(&pauses, &json!({})).status, 404);
    assert_eq!(app.api(&app.token(&app.auditor)).post(&pauses, &json!({})).status, 403);
    assert_eq!(lead.post("/switches/all/pauses", &json!({})).status, 403, "her role is of one site");
    assert_eq!(lead.post("/switches/weather/pauses", &json!({})).status, 404);
    assert_eq!(lead.post("/switches/site:shop-south/pauses", &json!({})).status, 404);
    assert_eq!(lead.post("/pauses/none/release", &json!({ "reason": "x" })).status, 404);
    assert_eq!(lead.get(&pauses).status, 405);
    assert_eq!(lead.post(&pauses, &json!({ "reason": 7 })).fields(), ["reason"]);
    assert_eq!(lead.post(&pauses, &json!({ "reasons": "x" })).status, 422);
    assert_eq!(lead.post(&pauses, &json!({ "incident": "INC-1999-0001" })).status, 404);
    assert_eq!(app.api(&app.token(&app.outsider)).get("/pauses").json["items"], json!([]));
}
