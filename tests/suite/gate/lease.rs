//! Leases: shared for a second, checked offline, good through a change of keys.

use super::Elsewhere;
use crate::support::App;
use allclear::actions::Limits;
use allclear::actions::check_lease::{self, PublishedKeys, Wanted};
use allclear::actions::signing;
use allclear::domain::automation::{Environment, RunScope};
use allclear::domain::ids::OverrideId;
use allclear::domain::lease::{Lease, LeaseProblem};
use allclear::domain::moment::Moment;
use allclear::domain::person::Actor;
use allclear::store::overrides::OverrideRow;
use allclear::store::{Verb, automations, people};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;

fn keys(app: &App) -> PublishedKeys {
    PublishedKeys::parse(&app.visitor().get("/.well-known/allclear-keys.json").json)
}

fn check(app: &App, lease: &str, now: Moment) -> Result<Lease, LeaseProblem> {
    let wanted = Wanted { automation: "order-mails", environment: Environment::Production, skew: 30 };
    check_lease::run(&keys(app), lease, wanted, now)
}

fn lease_of(app: &App, token: &str, query: &str) -> String {
    let open = app.api(token).get(&format!("/gate/order-mails{query}"));
    assert_eq!(open.status, 200, "{}", open.body);
    open.json["lease"].as_str().unwrap().to_owned()
}

#[test]
fn a_lease_is_checked_offline() {
    let app = App::start_with(Limits { lease_seconds: 90, ..Limits::default() });
    let token = app.automation_token(&app.automation("order-mails"));
    let lease = lease_of(&app, &token, "");
    let now = app.desk.now();
    let claims = check(&app, &lease, now).unwrap();
    assert_eq!((claims.scope, claims.exp - claims.iat), (RunScope::ReadOnly, 90));
    assert_eq!(check(&app, &lease, now.plus(Duration::seconds(130))), Err(LeaseProblem::Expired));
    assert_eq!(check(&app, &lease, now.minus(Duration::seconds(60))), Err(LeaseProblem::NotYetValid));

    let staging = lease_of(&app, &token, "?environment=staging");
    let problem = check(&app, &staging, now);
    assert_eq!(problem, Err(LeaseProblem::OtherEnvironment(Environment::Staging)));
    let wanted = Wanted { automation: "restock", environment: Environment::Production, skew: 30 };
    let problem = check_lease::run(&keys(&app), &lease, wanted, now);
    assert_eq!(problem, Err(LeaseProblem::OtherAutomation("order-mails".into())));
}

#[test]
fn a_forged_lease_is_told_from_one_of_another_kind_or_key() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let lease = lease_of(&app, &token, "");
    let now = app.desk.now();
    let parts: Vec<&str> = lease.split('.').collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let wider = URL_SAFE_NO_PAD.encode(claims.replace("read_only", "normal"));
    assert_eq!(check(&app, &format!("{}.{wider}.{}", parts[0], parts[2]), now), Err(LeaseProblem::Forged));
    let claims: serde_json::Value = serde_json::from_str(&claims).unwrap();
    let other_kind = app.desk.signer.sign_token("something+jwt", &claims);
    assert_eq!(check(&app, &other_kind, now), Err(LeaseProblem::Malformed));
    let other = App::start();
    let foreign = other.desk.signer.sign_token("allclear-lease+jwt", &claims);
    assert_eq!(check(&app, &foreign, now), Err(LeaseProblem::UnknownKey(other.desk.signer.id())));
    for nonsense in ["", "x", "a.b.c", &lease[..lease.len() - 4]] {
        assert!(check(&app, nonsense, now).is_err(), "{nonsense}");
    }
}

#[test]
fn asks_of_one_second_share_a_lease_and_tokens_do_not() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (own, lead) = (app.automation_token(&slug), app.token(&app.lead));
    let before = app.desk.gate.asks().signed;
    let began = std::time::Instant::now();
    let leases: Vec<String> = (0..20).map(|_| lease_of(&app, &own, "")).collect();
    let signed = app.desk.gate.asks().signed - before;
    // As many as seconds have begun, however slow the machine is.
    let seconds = began.elapsed().as_secs() + 2;
    assert!(signed <= seconds, "{signed} signatures in {seconds} seconds");
    assert_eq!(leases.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64 + 1, signed);
    assert_ne!(lease_of(&app, &lead, ""), lease_of(&app, &own, ""));
    let last = lease_of(&app, &own, "");
    app.desk.clock.advance(Duration::seconds(2));
    assert_ne!(lease_of(&app, &own, ""), last);
    // What changes elsewhere does not make another signature.
    let last = lease_of(&app, &own, "");
    app.automation("restock");
    let again = lease_of(&app, &own, "");
    assert!(last == again || app.desk.gate.asks().signed - before <= 6);
}

#[test]
fn a_lease_ends_with_the_override_that_it_rests_on() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let admin = app.api(&app.token(&app.admin));
    assert_eq!(admin.post("/automations/order-mails/pauses", &serde_json::json!({})).status, 201);
    let ends = app.desk.now().plus(Duration::seconds(20));
    Elsewhere::of(&app).write(&app, move |tx| {
        let person = people::list(tx.connection())?.remove(0).id;
        let row = OverrideRow {
            id: OverrideId::fresh(),
            automation_id: automations::by_slug(tx.connection(), "order-mails")?.unwrap().id,
            reason: allclear::redaction::Redacted::literal("orders pile up"),
            asked_by: person.clone(),
            asked_at: tx.now(),
            expires_at: ends,
            confirmed_by: Some(person),
            confirmed_at: Some(tx.now()),
            incident_id: None,
            action_id: None,
            ended_by: None,
            ended_at: None,
            reviewed_by: None,
            reviewed_at: None,
            review_note: None,
        };
        tx.insert(Verb::Confirmed, &row)
    });
    let lease = check(&app, &lease_of(&app, &token, ""), app.desk.now()).unwrap();
    assert_eq!(lease.exp, ends.utc().timestamp());
    // Nobody does anything: time alone closes it.
    app.desk.clock.advance(Duration::seconds(21));
    let closed = app.api(&token).get("/gate/order-mails");
    assert_eq!((closed.status, closed.codes()), (423, vec!["paused"]));
}

#[test]
fn leases_and_keys_outlive_a_rotation() {
    let app = App::start();
    let token = app.automation_token(&app.automation("order-mails"));
    let before = lease_of(&app, &token, "");
    let old = app.desk.signer.id();
    signing::rotate(&app.desk, &Actor::System("test")).unwrap();
    assert_ne!(app.desk.signer.id(), old);
    assert!(check(&app, &before, app.desk.now()).is_ok(), "what is out stays good until its end");
    app.desk.clock.advance(Duration::seconds(2));
    let after = lease_of(&app, &token, "");
    assert!(check(&app, &after, app.desk.now()).is_ok());
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(after.split('.').next().unwrap()).unwrap()).unwrap();
    assert!(header.contains(&app.desk.signer.id()), "{header}");

    let published = app.visitor().get("/.well-known/allclear-keys.json").json;
    let listed = published["keys"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let retired = listed.iter().find(|key| key["kid"] == old.as_str()).unwrap();
    assert!(retired["retired_at"].is_string());
    let current = listed.iter().find(|key| key["kid"] == app.desk.signer.id().as_str()).unwrap();
    assert!(current["retired_at"].is_null());
    let refused = signing::rotate(&app.desk, &app.actor(&app.lead));
    assert!(matches!(refused, Err(allclear::actions::Failure::Forbidden(_))));
    app.assert_audit_holds();
}
