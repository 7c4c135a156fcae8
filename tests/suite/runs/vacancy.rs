//! Nobody owns it any more.

use super::Runs;
use allclear::actions::vacancy;
use allclear::domain::person::Role;
use serde_json::{Value, json};

fn person(runs: &Runs, email: &str) -> String {
    let people = runs.admin().get("/people").json;
    let found = people["items"].as_array().unwrap().iter().find(|p| p["email"] == email).unwrap().clone();
    found["id"].as_str().unwrap().to_owned()
}

fn pause(runs: &Runs) -> Option<Value> {
    let pauses = runs.admin().get("/pauses").json;
    pauses["items"].as_array().unwrap().first().cloned()
}

fn vacant(runs: &Runs) {
    assert_eq!(runs.admin().get(&format!("/gate/{}", runs.slug)).status, 423);
    let held = pause(runs).unwrap();
    let at = format!("/pauses/{}/release", held["id"].as_str().unwrap());
    let reason = json!({ "reason": "It may go on" });
    assert_eq!(runs.admin().post(&at, &reason).codes(), ["owner_vacant"], "not before somebody owns it");
    let flags = runs.admin().get(&format!("/automations/{}/flags", runs.slug)).json;
    assert_eq!(flags["items"][0]["kind"], "no_visible_owner");
    let dismissal = format!("/flags/{}/dismissal", flags["items"][0]["id"].as_str().unwrap());
    let why = json!({ "reason": "We look for somebody to own it." });
    assert_eq!(runs.admin().post(&dismissal, &why).codes(), ["owner_vacant"]);
    let mails = runs.mails();
    assert!(mails.len() == 1 && mails[0].contains("To: ada@example.org"), "{mails:?}");
    let named = json!({ "owner": runs.app.lead });
    assert_eq!(runs.admin().patch(&format!("/automations/{}", runs.slug), &named).status, 200);
    assert_eq!(runs.admin().post(&at, &reason).status, 200);
    assert_eq!(runs.admin().post(&dismissal, &why).status, 200);
    assert_eq!(runs.admin().get(&format!("/gate/{}", runs.slug)).status, 200);
    runs.app.assert_audit_holds();
}

// seed: workflow.escalation.4
#[test]
fn an_owner_who_leaves_leaves_a_pause() {
    let runs = Runs::begin();
    let id = person(&runs, &runs.app.owner);
    assert_eq!(runs.admin().post(&format!("/people/{id}/active"), &json!({ "active": false })).status, 200);
    vacant(&runs);
}

#[test]
fn an_owner_who_loses_the_role_leaves_a_pause() {
    let runs = Runs::begin();
    let id = person(&runs, &runs.app.owner);
    let role = json!({ "role": Role::Auditor.as_str(), "sites": [runs.app.site] });
    let reply = runs.admin().post(&format!("/people/{id}/role"), &role);
    assert_eq!(reply.status, 200, "{}", reply.body);
    vacant(&runs);
}

#[test]
fn a_change_of_role_that_keeps_the_owner_pauses_nothing() {
    let runs = Runs::begin();
    let id = person(&runs, &runs.app.owner);
    let role = json!({ "role": Role::SupportLead.as_str(), "sites": [runs.app.site] });
    assert_eq!(runs.admin().post(&format!("/people/{id}/role"), &role).status, 200);
    assert_eq!(pause(&runs), None);
}

#[test]
fn the_round_finds_who_left_unnoticed() {
    let runs = Runs::begin();
    assert_eq!(vacancy::round(&runs.app.desk).unwrap(), 0);
    runs.app.tamper("UPDATE people SET active = FALSE WHERE email = 'omar@example.org'");
    assert_eq!(vacancy::round(&runs.app.desk).unwrap(), 1);
    assert_eq!(vacancy::round(&runs.app.desk).unwrap(), 0);
    assert!(pause(&runs).is_some());
}
