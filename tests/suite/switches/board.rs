//! The switch board on the home page.

use super::made;
use crate::support::App;
use serde_json::json;

/// What a switch says it stops now.
fn stops<'a>(page: &'a str, label: &str) -> &'a str {
    let board = page.split("id=\"switches\"").nth(1).unwrap_or_else(|| panic!("no board: {page}"));
    let at = board.find(&format!("<strong>{label}</strong>")).unwrap_or_else(|| panic!("no {label}: {board}"));
    board[at..].split("<p class=\"small\">").nth(1).unwrap().split("</p>").next().unwrap()
}

// seed: workflow.switches.1 workflow.acceptance.1
#[test]
fn whoever_may_pause_has_the_switches_on_the_home_page_and_each_says_what_it_stops() {
    let app = App::start();
    for slug in ["order-mails", "stock-sync"] {
        app.automation(slug);
    }
    let lena = app.api(&app.token(&app.lead));
    made(&lena.post("/automations/stock-sync/pauses", &json!({ "reason": "Stock is counted." })));
    let home = app.signed_in(&app.admin).get("/").body;
    assert_eq!(stops(&home, "Everything"), "Stops 1 of 2 now");
    assert_eq!(stops(&home, "Site Shop North"), "Stops 1 of 2 now");
    assert_eq!(stops(&home, "Category commerce"), "Stops 1 of 2 now");
    assert!(!home.contains("Site Shop South") && !home.contains("Category image"), "nothing to stop there: {home}");
    let omar = app.signed_in(&app.owner).get("/").body;
    assert!(!omar.contains("<strong>Everything</strong>") && !omar.contains("Category commerce"), "{omar}");
    assert_eq!(stops(&omar, "Site Shop North"), "Stops 1 of 2 now");
    assert_eq!(stops(&omar, "order mails"), "Stops it now");
    for email in [&app.reporter, &app.auditor, &app.outsider] {
        let home = app.signed_in(email).get("/").body;
        assert!(!home.contains("/switches/pauses"), "{email}: {home}");
    }
    let listed = app.api(&app.token(&app.admin)).get("/switches").json["items"].clone();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["all", "site:shop-north", "commerce", "order-mails", "stock-sync"]);
    assert_eq!((&listed[0]["covered"], &listed[0]["running"]), (&json!(2), &json!(1)));
}

#[test]
fn one_press_pauses_and_one_press_releases_with_its_reason() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.signed_in(&app.owner);
    let gate = || app.api(&app.token(&app.owner)).get(&format!("/gate/{slug}")).status;
    let press = [("target", "site:shop-north"), ("next", "/")];
    assert_eq!(omar.submit("/", "/switches/pauses", &press).location(), "/");
    assert_eq!(gate(), 423);
    let home = omar.get("/").body;
    assert_eq!(stops(&home, "order mails"), "<span class=\"soft\">Its gate is closed already</span>");
    let id = home.split("action=\"/pauses/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let release = format!("/pauses/{id}/release");
    let again = omar.submit("/", &release, &[("next", "/"), ("release_reason", "")]);
    assert!(again.status == 422 && again.body.contains("id=\"switches\""), "home again: {}", again.body);
    assert!(again.body.contains("href=\"#release_reason\"") && again.body.contains("id=\"release_reason\""));
    let done = omar.submit("/", &release, &[("next", "/"), ("release_reason", "It was a test.")]);
    assert_eq!((done.status, done.location(), gate()), (303, "/", 200));
    let own = format!("/automations/{slug}/pauses");
    assert_eq!(omar.submit("/", &own, &[("next", "/")]).location(), "/");
    assert_eq!(gate(), 423);
}

#[test]
fn what_an_incident_holds_offers_no_release_on_the_board() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.incident("Mails go out twice");
    let lena = app.api(&app.token(&app.lead));
    made(&lena.post(&format!("/automations/{slug}/pauses"), &json!({ "incident": reference })));
    let home = app.signed_in(&app.owner).get("/").body;
    assert!(home.contains("by a restart decision only") && !home.contains("action=\"/pauses/"), "{home}");
}

#[test]
fn a_page_that_a_browser_kept_stops_whatever_is_pressed_on_it() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let ada = app.signed_in(&app.admin);
    let admin = app.api(&app.token(&app.admin));
    let holding = || admin.get("/pauses").json["items"].as_array().unwrap().len();
    let home = ada.get("/").body;
    let kept = [("csrf", crate::support::hidden(&home, "csrf")), ("once", crate::support::hidden(&home, "once"))];
    let press = |target: &str| {
        let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.extend([("target", target), ("next", "/")]);
        assert_eq!(ada.post("/switches/pauses", &fields).status, 303, "{target}");
    };
    press("commerce");
    press("commerce");
    assert_eq!(holding(), 1, "a second press of the same button counts once");
    press("all");
    assert_eq!(holding(), 2, "another button of the same page is another press");
    let id = admin.get("/pauses").json["items"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.post(&format!("/pauses/{id}/release"), &json!({ "reason": "It was a test." })).status, 200);
    press("commerce");
    assert_eq!(holding(), 2, "after the release the same press pauses anew");
    assert_eq!(admin.get(&format!("/gate/{slug}")).status, 423);
}

#[test]
fn a_switch_that_was_pressed_a_hundred_times_keeps_the_page_short() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let omar = app.api(&app.token(&app.owner));
    for _ in 0..100 {
        made(&omar.post(&format!("/automations/{slug}/pauses"), &json!({})));
    }
    let page = app.signed_in(&app.owner).get("/").body;
    assert_eq!(page.matches("class=\"sw-held\"").count(), 3);
    assert!(page.contains("97 more pauses"), "{page}");
    let waiting = app.signed_in(&app.owner).get("/waiting?kind=reason").body;
    assert_eq!(waiting.matches("Say why it is paused: order mails").count(), 1);
}

#[test]
fn a_pause_of_what_never_asked_is_not_known_to_be_obeyed() {
    let app = App::start();
    let (silent, asking) = (app.automation("order-mails"), app.automation("stock-sync"));
    let reference = crate::story::file(&app, "Mails go out twice", &silent);
    let robot = app.api(&app.automation_token(&asking));
    assert_eq!(robot.get(&format!("/gate/{asking}")).status, 200);
    let lena = app.api(&app.token(&app.lead));
    made(&lena.post(&format!("/automations/{asking}/pauses"), &json!({ "reason": "Stock is counted." })));
    let browser = app.signed_in(&app.lead);
    let page = browser.get("/switches").body;
    assert!(page.contains("1 paused automation not known to obey"), "{page}");
    assert!(page.contains(&format!("/automations/{silent}#ask-gate")), "{page}");
    assert!(!page.contains(&format!("/automations/{asking}#ask-gate")), "{page}");
    let incident = browser.get(&format!("/incidents/{reference}")).body;
    assert!(incident.contains("Not known to obey: this automation has never asked its gate."), "{incident}");
    for (slug, never) in [(&silent, true), (&asking, false)] {
        let own = browser.get(&format!("/automations/{slug}")).body;
        assert!(own.contains("id=\"ask-gate\""));
        assert_eq!(own.contains("Not known to obey"), never, "{slug}");
    }
    let listed = app.api(&app.token(&app.admin)).get("/switches").json["items"].clone();
    assert_eq!((&listed[0]["covered"], &listed[0]["never_asked"]), (&json!(2), &json!(1)), "{listed}");
    let asked = app.api(&app.automation_token(&silent)).get(&format!("/gate/{silent}"));
    assert_eq!(asked.status, 423, "it asks, and is told to stop");
    assert!(!browser.get("/switches").body.contains("not known to obey"));
}
