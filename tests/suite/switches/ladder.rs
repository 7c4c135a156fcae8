//! The ladder of each endpoint about switches: outsider 404, wrong role 403, bad id 404, wrong method 405.

use super::made;
use crate::support::App;
use serde_json::json;

#[test]
fn each_is_done_by_those_who_may() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (omar, outsider, auditor) =
        (app.api(&app.token(&app.owner)), app.api(&app.token(&app.outsider)), app.api(&app.token(&app.auditor)));
    let id = made(&omar.post(&format!("/automations/{slug}/pauses"), &json!({})));
    let seen = json!({ "stopped": 1, "observed": "It stopped after its last mail." });
    for (path, body) in [
        (format!("/pauses/{id}/reason"), json!({ "reason": "Two customers wrote in." })),
        (format!("/pauses/{id}/fates"), json!({ "queued": "hold" })),
        (format!("/automations/{slug}/drills"), seen.clone()),
        (format!("/switches/site:{}/drills", app.site), seen.clone()),
    ] {
        assert_eq!(app.api("").post(&path, &body).status, 401, "{path}");
        assert_eq!(outsider.post(&path, &body).status, 404, "{path}");
        assert_eq!(auditor.post(&path, &body).status, 403, "{path}");
        assert_eq!(omar.send(omar.request("DELETE", &path)).status, 405, "{path}");
        assert!(matches!(omar.post(&path, &body).status, 200 | 201), "{path}");
    }
    for (path, body) in [
        ("/pauses/none/reason", json!({ "reason": "Two customers wrote in." })),
        ("/pauses/none/fates", json!({})),
        ("/automations/none/drills", seen.clone()),
        ("/switches/weather/drills", seen.clone()),
    ] {
        assert_eq!(omar.post(path, &body).status, 404, "{path}");
    }
    assert_eq!(omar.post("/switches/commerce/drills", &seen).status, 403, "his role is of one site");
    assert_eq!(app.api(&app.automation_token(&slug)).post(&format!("/automations/{slug}/drills"), &seen).status, 403);
    assert_eq!(app.api(&app.token(&app.reporter)).get("/switches").status, 403);
    assert_eq!(auditor.get("/switches").status, 403, "he may press none");
    assert_eq!(auditor.get("/drills").json["items"].as_array().unwrap().len(), 2);
    assert_eq!(outsider.get("/drills").json["items"], json!([]));
    assert_eq!(app.api(&app.token(&app.admin)).post("/switches/image/drills", &json!({})).codes(), ["nothing_to_stop"]);
}

#[test]
fn the_pages_are_for_those_who_may_pause() {
    let app = App::start();
    app.automation("order-mails");
    assert_eq!(app.signed_in(&app.lead).get("/switches").status, 200);
    for email in [&app.reporter, &app.auditor] {
        assert_eq!(app.signed_in(email).get("/switches").status, 403, "{email}");
    }
    let olga = app.signed_in(&app.outsider).get("/switches");
    assert!(olga.status == 200 && olga.body.contains("There is no switch yet"), "{}", olga.body);
    assert_eq!(app.visitor().get("/switches").location(), "/login?next=%2Fswitches");
    let press = [("drill_of", "site:shop-north"), ("drill_kind", "wide")];
    assert_eq!(app.signed_in(&app.outsider).submit("/switches", "/switches/drills", &press).status, 404);
    assert_eq!(app.signed_in(&app.auditor).submit("/", "/switches/drills", &press).status, 403);
}
