//! What a pause says of running, queued, scheduled and retrying work.

use super::made;
use crate::support::App;
use serde_json::json;

#[test]
fn the_backlog_is_dropped_unless_somebody_chose_otherwise() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.api(&app.token(&app.owner));
    let at = format!("/automations/{slug}/pauses");
    let fates = || omar.get(&format!("/gate/{slug}")).json["fates"].clone();
    let strict = json!({ "running": "stop", "queued": "drop", "scheduled": "drop", "retrying": "drop" });
    let bare = omar.post(&at, &json!({}));
    assert_eq!((&bare.json["fates"], fates()), (&strict, strict.clone()));
    let release = format!("/pauses/{}/release", made(&bare));
    assert_eq!(omar.post(&release, &json!({ "reason": "It was a test." })).status, 200);
    let gentle = json!({ "running": "finish", "queued": "hold", "scheduled": "drop", "retrying": "drop" });
    let chosen = omar.post(&at, &json!({ "fates": { "running": "finish", "queued": "hold" } }));
    assert_eq!((&chosen.json["fates"], fates()), (&gentle, gentle.clone()), "what is left away keeps the default");
    let listed = omar.get("/pauses").json["items"][0].clone();
    assert_eq!((&listed["fates"], &listed["reason_wanted"]), (&gentle, &json!(true)));
    // Another pause on top: what one of them drops, no other keeps.
    let site = app.api(&app.token(&app.lead)).post(&format!("/switches/site:{}/pauses", app.site), &json!({}));
    assert_eq!((site.status, fates()), (201, strict.clone()));
    app.assert_audit_holds();
}

#[test]
fn they_are_changed_while_the_pause_holds_and_the_gate_tells_it_at_once() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.api(&app.token(&app.owner));
    let id = made(&omar.post(&format!("/automations/{slug}/pauses"), &json!({})));
    let at = format!("/pauses/{id}/fates");
    let changed = omar.post(&at, &json!({ "scheduled": "hold", "retrying": "hold" }));
    assert_eq!((changed.status, &changed.json["fates"]["scheduled"]), (200, &json!("hold")), "{}", changed.body);
    assert_eq!(omar.get(&format!("/gate/{slug}")).json["fates"]["retrying"], "hold");
    assert_eq!(omar.post(&at, &json!({ "queued": "keep" })).fields(), ["queued"]);
    assert_eq!(omar.post(&at, &json!({ "waiting": "hold" })).status, 422);
    let release = format!("/pauses/{id}/release");
    assert_eq!(omar.post(&release, &json!({ "reason": "It was a test." })).status, 200);
    assert_eq!(omar.post(&at, &json!({})).codes(), ["already_released"]);
    app.assert_audit_holds();
}

#[test]
fn a_page_offers_them_beside_the_press_and_never_before_it() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let page = format!("/automations/{slug}");
    let (pauses, omar) = (format!("{page}/pauses"), app.signed_in(&app.owner));
    let shown = omar.get(&page).body;
    let (press, choice) = (shown.find("Pause it now").unwrap(), shown.find("What happens to its work").unwrap());
    assert!(press < choice, "the press comes first");
    let typed = [("fate_running", "finish"), ("fate_queued", "hold"), ("fate_scheduled", "drop")];
    assert_eq!(omar.submit(&page, &pauses, &typed).status, 303);
    let shown = omar.get(&page).body;
    let told = "Running work may finish; scheduled and retrying work is dropped; queued work is kept";
    assert!(shown.contains(told), "{shown}");
    let id = shown.split("action=\"/pauses/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let fates = format!("/pauses/{id}/fates");
    let refused = omar.submit(&page, &fates, &[("fate_queued", "keep")]);
    assert!(refused.status == 422 && refused.body.contains("No such choice"), "{}", refused.body);
    assert_eq!(omar.submit(&page, &fates, &[("fate_running", "stop")]).location(), page);
    assert!(omar.get(&page).body.contains("Running work stops; queued, scheduled and retrying work is dropped."));
}

#[test]
fn a_pause_of_an_incident_takes_them_as_well() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.incident("Mails go out twice");
    let lena = app.api(&app.token(&app.lead));
    let body = json!({ "incident": reference, "fates": { "queued": "hold" } });
    let id = made(&lena.post(&format!("/automations/{slug}/pauses"), &body));
    assert_eq!(lena.post(&format!("/pauses/{id}/fates"), &json!({ "running": "finish" })).status, 200);
    let fates = &lena.get(&format!("/gate/{slug}")).json["fates"];
    assert_eq!((&fates["running"], &fates["queued"]), (&json!("finish"), &json!("drop")));
}
