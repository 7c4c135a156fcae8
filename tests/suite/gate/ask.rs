//! `GET /api/v1/gate/{automation}`.

use super::{Elsewhere, wait_until};
use crate::support::App;
use allclear::domain::gate::PauseTarget;
use allclear::domain::ids::PauseId;
use allclear::domain::person::Actor;
use allclear::domain::switch::{Fates, WaitingFate};
use allclear::store::pauses::PauseRow;
use allclear::store::{Json, Tx, Verb, automations, people, tokens};
use chrono::Duration;
use serde_json::json;

fn pause_row(tx: &Tx, target_kind: PauseTarget, target: &str, fates: Option<Fates>) -> PauseRow {
    PauseRow {
        id: PauseId::fresh(),
        target_kind,
        target: target.to_owned(),
        site_id: None,
        incident_id: None,
        reason: None,
        set_by: "system:test".into(),
        set_at: tx.now(),
        released_by: None,
        released_at: None,
        release_reason: None,
        fates: fates.map(Json::of),
        drill_id: None,
    }
}

#[test]
fn the_ladder() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let other = app.automation("restock");
    let path = format!("/gate/{slug}");
    let own = app.api(&app.automation_token(&slug));
    let open = own.get(&path);
    assert_eq!((open.status, &open.json["verdict"], &open.json["narrowed_by"]), (200, &json!("open"), &json!([])));
    assert_eq!(open.header("content-type"), "application/json");
    assert_eq!(open.header("cache-control"), "no-store");
    assert_eq!(app.api("").get(&path).status, 401);
    let wrong = app.api("allclear_wrong").get(&path);
    assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, "Bearer realm=\"allclear\""));
    assert_eq!(app.api(&app.token(&app.outsider)).get(&path).status, 404);
    assert_eq!(app.api(&app.token(&app.auditor)).get(&path).status, 403);
    assert_eq!(own.get(&format!("/gate/{other}")).status, 404);
    assert_eq!(own.get("/gate/none-such").status, 404);
    assert_eq!(own.get("/gate/%00").status, 404);
    assert_eq!(own.get(&format!("{path}/")).status, 404);
    assert_eq!(own.get(&format!("/gate//{slug}")).status, 404);
    let moon = own.get(&format!("{path}?environment=moon"));
    assert_eq!((moon.status, moon.fields()), (422, vec!["environment"]));
    assert_eq!(app.api("allclear_wrong").get(&format!("{path}?environment=moon")).status, 401);
    assert_eq!(own.get(&format!("{path}?environment=staging")).status, 200);
    assert_eq!(own.get(&format!("{path}?nonsense=1")).status, 200);
    let posted = own.post(&path, &json!({}));
    assert_eq!((posted.status, posted.header("content-type")), (405, "application/problem+json"));
}

#[test]
fn what_changes_holds_before_it_is_answered_here_and_soon_everywhere() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (api, admin) = (app.api(&app.automation_token(&slug)), app.api(&app.token(&app.admin)));
    let ask = || api.get(&format!("/gate/{slug}"));
    for _ in 0..5 {
        assert_eq!(ask().status, 200);
        let paused = admin.post(&format!("/automations/{slug}/pauses"), &json!({}));
        assert_eq!(ask().status, 423);
        let id = paused.json["id"].as_str().unwrap();
        assert_eq!(admin.post(&format!("/pauses/{id}/release"), &json!({ "reason": "fine" })).status, 200);
        assert_eq!(ask().status, 200);
    }
    let elsewhere = Elsewhere::of(&app);
    elsewhere.write(&app, |tx| {
        let row = pause_row(tx, PauseTarget::Everything, "all", None);
        tx.insert(Verb::Paused, &row)
    });
    assert_eq!(ask().status, 423);
}

#[test]
fn tokens_and_people_that_are_shut_out_ask_no_more() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let path = format!("/gate/{slug}");
    let admin = app.api(&app.token(&app.admin));
    let made = admin.post("/tokens", &json!({ "name": "robot", "automation": slug }));
    let robot = app.api(made.json["token"].as_str().unwrap());
    assert_eq!(robot.get(&path).status, 200);
    let revoked = admin.post(&format!("/tokens/{}/revocation", made.json["id"].as_str().unwrap()), &json!({}));
    assert_eq!((revoked.status, robot.get(&path).status), (201, 401));

    let lena = app.api(&app.token(&app.lead));
    assert_eq!(lena.get(&path).status, 200);
    let id = app.desk.read(|c| Ok(people::by_email(c, &app.lead)?.unwrap().id)).unwrap();
    assert_eq!(admin.post(&format!("/people/{id}/role"), &json!({ "role": "auditor" })).status, 200);
    assert_eq!(lena.get(&path).status, 403);
    assert_eq!(admin.post(&format!("/people/{id}/active"), &json!({ "active": false })).status, 200);
    assert_eq!(lena.get(&path).status, 401);

    let own = app.api(&app.automation_token(&slug));
    assert_eq!(own.get(&path).status, 200);
    app.desk.clock.advance(Duration::days(366));
    assert_eq!(own.get(&path).status, 401, "a token that is over");
}

#[test]
fn a_closed_gate_says_what_becomes_of_the_work() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.automation_token(&slug));
    let elsewhere = Elsewhere::of(&app);
    let hold = Fates { queued: WaitingFate::Hold, scheduled: WaitingFate::Hold, ..Fates::default() };
    let drop_scheduled = Fates { queued: WaitingFate::Hold, ..Fates::default() };
    elsewhere.write(&app, move |tx| {
        let rows = [hold, drop_scheduled].map(|fates| pause_row(tx, PauseTarget::Everything, "all", Some(fates)));
        rows.iter().try_for_each(|row| tx.insert(Verb::Paused, row))
    });
    let closed = api.get(&format!("/gate/{slug}"));
    assert_eq!((closed.status, closed.header("content-type")), (423, "application/problem+json"));
    assert_eq!(
        closed.json["fates"],
        json!({ "running": "stop", "queued": "hold", "scheduled": "drop", "retrying": "drop" })
    );
    let incomplete = app.api(&app.token(&app.admin));
    let bare = json!({ "slug": "bare", "name": "Bare", "kind": "workflow", "category": "content", "site": app.site });
    assert_eq!(incomplete.post("/automations", &bare).status, 201);
    let pauses = app.desk.read(|c| Ok(allclear::store::pauses::all_holding(c)?)).unwrap();
    for (row, _) in pauses {
        allclear::actions::pause::release(&app.desk, &Actor::System("test"), row.id.as_str(), "fine").unwrap();
    }
    let closed = incomplete.get("/gate/bare");
    assert_eq!((closed.status, &closed.json["fates"]), (423, &serde_json::Value::Null), "no pause, no fates");
}

#[test]
fn ten_thousand_pauses_are_answered_in_bounds() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.automation_token(&slug));
    let elsewhere = Elsewhere::of(&app);
    elsewhere.write(&app, |tx| {
        let id = automations::by_slug(tx.connection(), "order-mails")?.unwrap().id;
        for _ in 0..10_000 {
            let row = pause_row(tx, PauseTarget::Automation, id.as_str(), None);
            tx.insert(Verb::Paused, &row)?;
        }
        Ok(())
    });
    wait_until("all of them are known", || api.get(&format!("/gate/{slug}")).json["more_reasons"] == 9_900);
    let closed = api.get(&format!("/gate/{slug}"));
    assert_eq!((closed.status, closed.codes().len()), (423, 100));
    assert!(closed.bytes.len() < 50_000, "{} bytes", closed.bytes.len());
    (0..20).for_each(|_| assert_eq!(api.get(&format!("/gate/{slug}")).status, 423));
}

#[test]
fn asks_are_counted_and_not_audited() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let api = app.api(&app.automation_token(&slug));
    // The regular rounds write entries of their own meanwhile.
    const BY_AUTOMATIONS: &str = "SELECT COUNT(*) AS number FROM audit WHERE actor LIKE 'automation:%'";
    let before = app.desk.gate.asks();
    for _ in 0..7 {
        assert_eq!(api.get(&format!("/gate/{slug}")).status, 200);
    }
    assert_eq!(app.api("allclear_wrong").get(&format!("/gate/{slug}")).status, 401);
    let after = app.desk.gate.asks();
    assert_eq!((after.open - before.open, after.refused - before.refused), (7, 1));
    assert_eq!(app.number(BY_AUTOMATIONS), 0);
    let id = app.desk.read(|c| Ok(automations::by_slug(c, &slug)?.unwrap().id)).unwrap();
    assert!(app.desk.gate.unwritten_asks(&id).0.is_some_and(|at| at > app.desk.now().minus(Duration::seconds(10))));
    let metrics = app.visitor().get("/metrics").body;
    assert!(metrics.contains("allclear_gate_asks_total{answer=\"open\"} 7\n"), "{metrics}");
}

#[test]
fn a_token_is_known_by_its_hash_only() {
    let app = App::start();
    let slug = app.automation("order-mails");
    app.automation_token(&slug);
    let hash = app.desk.read(|c| Ok(tokens::list(c)?.remove(0).hash)).unwrap();
    assert_eq!(app.api(&hash).get(&format!("/gate/{slug}")).status, 401);
}

#[test]
fn asks_with_tokens_that_nobody_gave_out_share_a_look_and_a_new_token_works_at_once() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let path = format!("/gate/{slug}");
    let gate = &app.desk.gate;
    wait_until("nobody has looked for a while", || gate.next_look_in().is_zero());
    let began = std::time::Instant::now();
    gate.look(began).unwrap();
    assert!(gate.has_looked(began));
    assert!(!gate.next_look_in().is_zero() || began.elapsed().as_millis() >= 100, "the next one waits for its turn");
    let asked = std::time::Instant::now();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (app, path) = (&app, &path);
            scope.spawn(move || assert_eq!(app.api(&format!("allclear_wrong{n}")).get(path).status, 401));
        }
    });
    assert!(gate.has_looked(asked), "nobody is refused for what was known before they asked");
    // Made by another process a moment ago.
    let elsewhere = allclear::store::Database::open(app.address_of_database()).unwrap();
    let token = app.automation_token(&slug);
    let ids = app.texts("SELECT id AS text FROM tokens ORDER BY id DESC");
    let row = app.desk.read(|c| Ok(tokens::find(c, &allclear::domain::ids::TokenId::from_text(&ids[0]))?)).unwrap();
    for n in 0..3 {
        let secret = format!("allclear_made_elsewhere_{n}");
        let hash = allclear::actions::sign_in::hash_of(&secret);
        let id = allclear::domain::ids::TokenId::fresh();
        let row = tokens::TokenRow { id, hash, ..row.clone() };
        elsewhere
            .write_told(&Actor::System("elsewhere"), app.desk.now(), move |tx| tx.insert(Verb::Created, &row))
            .unwrap();
        assert_eq!(app.api(&secret).get(&path).status, 200, "{n}");
    }
    assert_eq!(app.api(&token).get(&path).status, 200);
}
