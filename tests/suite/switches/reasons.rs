//! A pause without a reason: whoever pressed and the owner are asked for it until it is given.

use super::{later, made, mails};
use crate::support::App;
use allclear::actions::want_reason;
use serde_json::json;

#[test]
fn they_are_reminded_until_somebody_says_why() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.api(&app.token(&app.lead));
    let id = made(&lena.post(&format!("/automations/{slug}/pauses"), &json!({})));
    assert_eq!(want_reason::round(&app.desk).unwrap(), 0, "she has only just pressed");
    later(&app, 4);
    assert_eq!(want_reason::round(&app.desk).unwrap(), 1);
    assert_eq!(want_reason::round(&app.desk).unwrap(), 0, "once in four hours");
    let told = mails(&app);
    let mut to: Vec<&str> = told.iter().flat_map(|mail| mail.lines().find(|line| line.starts_with("To: "))).collect();
    to.sort_unstable();
    assert_eq!(to, ["To: lena@example.org", "To: omar@example.org"], "{told:?}");
    assert!(told.iter().all(|mail| mail.contains("no reason yet") && mail.contains("order mails")), "{told:?}");
    later(&app, 4);
    assert_eq!(want_reason::round(&app.desk).unwrap(), 1);
    assert_eq!(mails(&app).len(), 4);
    let given = lena.post(&format!("/pauses/{id}/reason"), &json!({ "reason": "Two customers wrote in." }));
    assert_eq!((given.status, &given.json["reason"]), (200, &json!("Two customers wrote in.")), "{}", given.body);
    assert!(lena.get(&format!("/gate/{slug}")).body.contains("Two customers wrote in."));
    later(&app, 40);
    assert_eq!(want_reason::round(&app.desk).unwrap(), 0);
    app.assert_audit_holds();
}

#[test]
fn nodes_that_make_the_round_at_once_remind_once() {
    let app = App::start();
    let slug = app.automation("order-mails");
    made(&app.api(&app.token(&app.lead)).post(&format!("/automations/{slug}/pauses"), &json!({})));
    later(&app, 5);
    let together = std::sync::Barrier::new(4);
    let told: usize = std::thread::scope(|scope| {
        let round = || {
            together.wait();
            want_reason::round(&app.desk).unwrap()
        };
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(round)).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });
    // The app makes its own rounds, so the one may be its.
    assert!(told <= 1, "told {told} times");
    assert_eq!(mails(&app).len(), 2);
}

#[test]
fn what_has_its_reason_elsewhere_or_is_over_wants_none() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.incident("Mails go out twice");
    let (lena, omar) = (app.api(&app.token(&app.lead)), app.api(&app.token(&app.owner)));
    let at = format!("/automations/{slug}/pauses");
    made(&lena.post(&at, &json!({ "incident": reference })));
    made(&lena.post(&at, &json!({ "reason": "Stock is counted." })));
    let over = made(&omar.post(&at, &json!({})));
    assert_eq!(omar.post(&format!("/pauses/{over}/release"), &json!({ "reason": "A mistake." })).status, 200);
    later(&app, 100);
    assert_eq!(want_reason::round(&app.desk).unwrap(), 0);
}

#[test]
fn nobody_pressed_and_nobody_owns_it_so_the_administrators_are_told() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let robot = app.api(&app.automation_token(&slug));
    made(&robot.post(&format!("/automations/{slug}/pauses"), &json!({})));
    app.tamper("UPDATE automations SET owner_id = NULL");
    later(&app, 5);
    assert_eq!(want_reason::round(&app.desk).unwrap(), 1);
    let told = mails(&app);
    assert!(told.len() == 1 && told[0].contains("To: ada@example.org"), "{told:?}");
}

#[test]
fn it_waits_on_the_page_of_those_who_are_asked_and_is_given_there() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let page = format!("/automations/{slug}");
    let (lena, omar) = (app.signed_in(&app.lead), app.signed_in(&app.owner));
    assert_eq!(lena.submit(&page, &format!("{page}/pauses"), &[]).status, 303);
    for asked in [&lena, &omar] {
        let waiting = asked.get("/waiting?kind=reason").body;
        assert!(waiting.contains("Say why it is paused: order mails"), "{waiting}");
    }
    assert!(!app.signed_in(&app.admin).get("/waiting?kind=reason").body.contains("Say why it is paused"));
    let shown = omar.get(&page).body;
    assert!(shown.contains("No reason was given yet"), "{shown}");
    let id = shown.split("action=\"/pauses/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let give = format!("/pauses/{id}/reason");
    let again = omar.submit(&page, &give, &[("given_reason", "tbd <b>")]);
    assert!(again.status == 422 && again.body.contains("value=\"tbd &lt;b&gt;\""), "{}", again.body);
    assert!(again.body.contains("href=\"#given_reason\"") && again.body.contains("id=\"given_reason\""));
    let told = "Two customers wrote in.";
    assert_eq!(omar.submit(&page, &give, &[("given_reason", told)]).location(), page);
    assert!(omar.get(&page).body.contains(told));
    assert_eq!(omar.submit(&page, &give, &[("given_reason", told)]).status, 409, "it is given once");
    assert!(!lena.get("/waiting").body.contains("Say why it is paused"));
    assert_eq!(app.signed_in(&app.outsider).submit("/", &give, &[("given_reason", told)]).status, 404);
}
