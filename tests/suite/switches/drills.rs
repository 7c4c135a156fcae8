//! Drills: a switch is tried, and what was not tried for too long stands in amber.

use super::{later, made};
use crate::support::App;
use allclear::actions::practice_facts;
use allclear::domain::practice::{PracticeFact, SubjectKind};
use serde_json::{Value, json};

fn standing(app: &App, name: &str) -> Value {
    let listed = app.api(&app.token(&app.admin)).get("/switches").json["items"].clone();
    listed.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap()["drill"].clone()
}

fn drilled(app: &App, slug: &str) -> bool {
    let facts = app.desk.read(|connection| {
        let row = allclear::store::automations::by_slug(connection, slug)?.unwrap();
        practice_facts::of_subject(connection, SubjectKind::Automation, row.id.as_str())
    });
    facts.unwrap().contains(&PracticeFact::AutomationSwitchDrilled)
}

// seed: workflow.related.4
#[test]
fn a_switch_is_pressed_seen_to_close_every_gate_and_released() {
    let app = App::start();
    for slug in ["order-mails", "stock-sync"] {
        app.automation(slug);
    }
    assert!(!drilled(&app, "order-mails"));
    let admin = app.api(&app.token(&app.admin));
    let held = admin.post("/switches/commerce/drills", &json!({}));
    assert_eq!(held.status, 201, "{}", held.body);
    assert_eq!(
        (&held.json["covered"], &held.json["closed"], &held.json["worked"]),
        (&json!(2), &json!(2), &json!(true))
    );
    assert_eq!(admin.get("/gate/order-mails").status, 200, "it is released again");
    assert_eq!(admin.get("/pauses").json["items"], json!([]));
    assert!(drilled(&app, "order-mails") && drilled(&app, "stock-sync"));
    assert_eq!((standing(&app, "commerce"), standing(&app, "all")), (json!("tried"), json!("new")));
    assert_eq!(standing(&app, "order-mails"), "tried", "a wider switch over it was tried");
    let listed = admin.get("/drills").json["items"][0].clone();
    assert_eq!((&listed["target"], &listed["held_by"]["name"]), (&json!("commerce"), &json!("Ada")));
    assert_eq!(listed["observed"], Value::Null);
    let page = app.signed_in(&app.owner).get("/automations/order-mails").body;
    assert!(page.contains("A drill of this switch") && page.contains("The drill is over."), "{page}");
    app.assert_audit_holds();
}

#[test]
fn what_stays_open_above_its_pauses_makes_the_drill_fail() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (omar, admin) = (app.api(&app.token(&app.owner)), app.api(&app.token(&app.admin)));
    let until = app.desk.now().plus(chrono::Duration::hours(2)).rfc3339();
    let wish = json!({ "reason": "Orders of the sale must be confirmed tonight.", "expires_at": until });
    let opening = made(&omar.post(&format!("/automations/{slug}/overrides"), &wish));
    assert_eq!(admin.post(&format!("/overrides/{opening}/confirmation"), &json!({})).status, 200);
    let held = omar.post(&format!("/automations/{slug}/drills"), &json!({}));
    assert_eq!((&held.json["closed"], &held.json["worked"]), (&json!(0), &json!(false)), "{}", held.body);
    assert_eq!(standing(&app, &slug), "failed");
    assert!(!drilled(&app, &slug));
    let switches = app.signed_in(&app.owner).get("/switches").body;
    assert!(switches.contains("The last drill stopped 0 of 1 only"), "{switches}");
}

#[test]
fn people_say_what_they_saw_when_they_tried_it_by_hand() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.api(&app.token(&app.owner));
    let at = format!("/automations/{slug}/drills");
    let seen = "Paused it on staging at nine; the worker stopped after its last mail.";
    let bad = omar.post(&at, &json!({ "stopped": 2, "took_seconds": -1, "observed": "ok" }));
    assert_eq!(bad.fields(), ["stopped", "took_seconds", "observed"], "{}", bad.body);
    assert_eq!(omar.post(&at, &json!({ "observed": seen })).fields(), ["stopped"]);
    let secret = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";
    let body = json!({ "stopped": 1, "took_seconds": 40, "observed": format!("{seen} The key was {secret}") });
    let held = omar.post(&at, &body);
    assert_eq!((held.status, &held.json["worked"], &held.json["took_ms"]), (201, &json!(true), &json!(40_000)));
    assert!(!omar.get("/drills").body.contains(secret));
    assert!(drilled(&app, &slug));
    let half = omar.post(&at, &json!({ "stopped": 0, "observed": "It went on for an hour after the press." }));
    assert_eq!((half.status, &half.json["worked"]), (201, &json!(false)));
    assert_eq!(standing(&app, &slug), "failed");
    app.assert_audit_holds();
}

#[test]
fn a_switch_that_nobody_tried_for_long_stands_in_amber_and_never_in_the_gate() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.signed_in(&app.owner);
    assert!(!omar.get("/").body.contains("To be tried next"), "it is new");
    later(&app, 31 * 24);
    let omar = app.signed_in(&app.owner);
    let home = omar.get("/").body;
    assert!(home.contains("To be tried next") && home.contains("Never tried"), "{home}");
    assert!(omar.get("/waiting?kind=drill").body.contains("Try the switch: Site Shop North"));
    let api = app.api(&app.token(&app.owner));
    assert_eq!(api.get(&format!("/gate/{slug}")).status, 200);
    let press = [("drill_of", "site:shop-north"), ("drill_kind", "wide")];
    assert_eq!(omar.submit("/switches", "/switches/drills", &press).location(), "/switches");
    let page = omar.get("/switches").body;
    assert!(page.contains("Pressed and watched by Allclear") && page.contains("Stopped all 1"), "{page}");
    assert!(!omar.get("/").body.contains("To be tried next"), "it covers the one automation as well");
    later(&app, 31 * 24);
    assert_eq!(standing(&app, "site:shop-north"), "overdue");
}

#[test]
fn a_rehearsal_is_recorded_on_the_page() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.signed_in(&app.owner);
    let with = |stopped: &'static str, observed: &'static str| {
        let fields = [
            ("drill_of", slug.as_str()),
            ("drill_kind", "automation"),
            ("stopped", stopped),
            ("took_seconds", ""),
            ("observed", observed),
        ];
        omar.submit("/switches", "/switches/drills", &fields)
    };
    let again = with("some", "Paused it, and looked at the log of the site.");
    assert!(again.status == 422 && again.body.contains("value=\"some\""), "{}", again.body);
    let again = with("1", "-");
    assert!(again.status == 422 && again.body.contains("href=\"#observed\""), "{}", again.body);
    let done = with("1", "Paused it, and looked at the log of the site.");
    assert_eq!((done.status, done.location()), (303, "/switches"));
    assert!(omar.get("/switches").body.contains("By hand: Paused it, and looked at the log of the site."));
}

#[test]
fn the_same_drill_asked_for_twice_at_once_is_one_drill_and_leaves_no_pause() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.token(&app.owner));
    let path = format!("/automations/{slug}/drills");
    let press = || api.send(api.request("POST", &path).header("Idempotency-Key", "monday").json(&json!({})));
    let replies = std::thread::scope(|scope| [scope.spawn(press), scope.spawn(press)].map(|one| one.join().unwrap()));
    for reply in &replies {
        assert_eq!((reply.status, &reply.json["id"]), (201, &replies[0].json["id"]), "{}", reply.body);
    }
    assert_eq!(api.get("/pauses").json["items"], json!([]));
    assert_eq!(api.get("/drills").json["items"].as_array().unwrap().len(), 1);
    assert_eq!(api.get(&format!("/gate/{slug}")).status, 200);
    app.assert_audit_holds();
}
