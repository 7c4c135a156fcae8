//! Reporting: always stored, redacted, the same run once, and what pauses.

use super::{Runs, SECRET, failure, success};
use crate::support::App;
use allclear::actions::Limits;
use serde_json::json;

// seed: workflow.acceptance.2
#[test]
fn a_run_is_stored_and_shown() {
    let runs = Runs::begin();
    let reply = runs.robot().post(&runs.at(), &success());
    assert_eq!(reply.status, 201, "{}", reply.body);
    let id = reply.json["id"].as_str().unwrap();
    assert_eq!(reply.location(), format!("/api/v1/runs/{id}"));
    assert_eq!((&reply.json["gate_closed"], &reply.json["incomplete"]), (&json!(false), &json!(false)));
    assert_eq!((&reply.json["scope"], &reply.json["incident"]), (&json!("read_only"), &json!(null)));
    let shown = runs.lead().get(&format!("/runs/{id}")).json;
    assert_eq!((&shown["cost"], &shown["affected_records"]), (&json!(0.02), &json!("order 7, order 8")));
    assert_eq!((&shown["automation"], &shown["review"]), (&json!(runs.slug), &json!(null)));
    runs.app.assert_audit_holds();
}

#[test]
fn outcomes_are_understood_as_schedulers_say_them() {
    let runs = Runs::begin();
    for (said, stored) in [("ok", "success"), ("succeeded", "success"), ("failed", "failure"), ("error", "failure")] {
        let mut body = success();
        body["outcome"] = json!(said);
        body["environment"] = json!("staging");
        assert_eq!(runs.report(&body)["outcome"], stored, "{said}");
    }
}

#[test]
fn secrets_are_gone_before_anything_is_stored() {
    let runs = Runs::begin();
    let mut body = failure();
    for field in ["what", "why", "affected_records", "audit_reference", "run_id"] {
        body[field] = json!(format!("it said {SECRET}"));
    }
    body["error"]["input"] = json!(format!("key={SECRET}"));
    runs.report(&body);
    for (path, bytes) in runs.app.files() {
        assert!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{}", path.display());
    }
    assert!(!runs.lead().get(&runs.at()).body.contains(SECRET));
}

#[test]
fn odd_fields_are_stored_and_named() {
    let runs = Runs::begin();
    let answer = runs.report(&json!({ "outcome": "exploded", "cost": "much", "environment": 7 }));
    assert_eq!((&answer["incomplete"], &answer["outcome"]), (&json!(true), &json!("failure")));
    let odd: Vec<&str> = answer["odd"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(odd, ["environment", "outcome", "cost"]);
    let missing = &answer["missing"];
    assert_eq!(*missing, json!(["what", "why", "error.code", "error.step", "error.input", "error.next_contact"]));
    assert_eq!(runs.report(&json!({}))["incomplete"], true);
    let huge =
        json!({ "outcome": "success", "environment": "staging", "what": "x".repeat(1_000_000), "why": "nul \u{0}" });
    assert_eq!(runs.report(&huge)["odd"][0]["field"], "what");
    runs.app.assert_audit_holds();
}

// seed: workflow.acceptance.4
#[test]
fn a_failure_that_lacks_a_part_is_incomplete() {
    let runs = Runs::begin();
    assert_eq!(runs.report(&failure())["incomplete"], false);
    let mut body = failure();
    body["error"].as_object_mut().unwrap().remove("next_contact");
    let answer = runs.report(&body);
    assert_eq!((&answer["incomplete"], &answer["missing"]), (&json!(true), &json!(["error.next_contact"])));
}

#[test]
fn what_is_no_json_object_is_refused() {
    let runs = Runs::begin();
    for body in ["{broken", "", "[1]", "7", "\u{feff}{}"] {
        let reply = runs.robot().post_bytes(&runs.at(), body);
        assert_eq!((reply.status, reply.fields()), (422, vec!["body"]), "{body}: {}", reply.body);
    }
    assert_eq!(runs.robot().post_bytes(&runs.at(), vec![b' '; 3 * 1024 * 1024]).status, 413);
    assert_eq!(runs.app.number("SELECT COUNT(*) AS number FROM runs"), 0);
}

#[test]
fn the_same_run_is_stored_once() {
    let runs = Runs::begin();
    let mut body = success();
    body["run_id"] = json!("nightly-7");
    let (first, second) = (runs.report(&body), runs.report(&body));
    assert_eq!(first, second);
    body["what"] = json!("Something else");
    // Another run under the same name is a run all the same.
    let other = runs.report(&body);
    assert_ne!(other["id"], first["id"]);
    assert_eq!((&other["odd"][0]["field"], &other["incomplete"]), (&json!("run_id"), &json!(true)), "{other}");
    assert_eq!(runs.report(&body), other);
    assert_eq!(runs.lead().get(&format!("/runs/{}", other["id"].as_str().unwrap())).json["what"], "Something else");
    assert_eq!(runs.app.number("SELECT COUNT(*) AS number FROM runs"), 2);
    // An odd name is no reason to store it twice.
    body["run_id"] = json!(format!("{SECRET} {}", "x".repeat(400)));
    assert_eq!(runs.report(&body)["id"], runs.report(&body)["id"]);
    // Another automation may use the same name.
    let other = runs.app.automation("stock-watcher");
    body["run_id"] = json!("nightly-7");
    let reply = runs.app.api(&runs.app.automation_token(&other)).post(&format!("/automations/{other}/runs"), &body);
    assert_eq!(reply.status, 201, "{}", reply.body);
}

#[test]
fn a_run_while_the_gate_was_closed_is_flagged_pauses_and_opens_one_incident() {
    let runs = Runs::begin();
    let paused =
        runs.owner().post(&format!("/automations/{}/pauses", runs.slug), &json!({ "reason": "Stock is counted" }));
    assert_eq!(paused.status, 201);
    let first = runs.report(&success());
    assert_eq!(first["gate_closed"], true);
    let incident = first["incident"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        assert_eq!(runs.report(&success())["incident"], json!(incident));
    }
    assert_eq!(runs.incidents(), 1);
    assert_eq!(runs.gate().codes(), ["paused", "paused_by_incident"]);
    // The manual pause goes, that of the incident stays.
    let id = paused.json["id"].as_str().unwrap();
    let released = runs.owner().post(&format!("/pauses/{id}/release"), &json!({ "reason": "Counting is over" }));
    assert_eq!(released.status, 200, "{}", released.body);
    assert_eq!(runs.gate().codes(), ["paused_by_incident"]);
    let mails = runs.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("To: omar@example.org") && mails[0].contains(&incident), "{}", mails[0]);
    runs.app.assert_audit_holds();
}

#[test]
fn an_incomplete_automation_that_runs_is_stopped_too() {
    let app = App::start();
    let made = app.api(&app.token(&app.admin)).post(
        "/automations",
        &json!({ "slug": "half-done", "name": "Half done", "kind": "agent", "category": "agent", "site": app.site }),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let robot = app.api(&app.automation_token("half-done"));
    let reply = robot.post("/automations/half-done/runs", &success());
    assert_eq!((reply.status, &reply.json["gate_closed"]), (201, &json!(true)), "{}", reply.body);
    assert!(reply.json["incident"].is_string());
    let flags = app.api(&app.token(&app.lead)).get("/automations/half-done/flags");
    assert_eq!(flags.json["items"][0]["kind"], "no_visible_owner", "{}", flags.body);
}

#[test]
fn a_run_that_stopped_because_its_lease_was_lost_did_what_it_should() {
    let runs = Runs::begin();
    runs.owner().post(&format!("/automations/{}/pauses", runs.slug), &json!({}));
    let mut body = success();
    body["outcome"] = json!("stopped");
    assert_eq!(runs.report(&body)["gate_closed"], false);
    // What ended before the pause was made while the gate was open, however late it is reported.
    let mut late = success();
    late["ended_at"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(runs.report(&late)["gate_closed"], false);
    assert_eq!(runs.incidents(), 0);
}

#[test]
fn a_run_that_was_let_finish_was_not_made_while_the_gate_was_closed() {
    let runs = Runs::begin();
    let began = runs.app.desk.now();
    let pause = json!({ "reason": "The stock is counted.", "fates": { "running": "finish" } });
    let paused = runs.owner().post(&format!("/automations/{}/pauses", runs.slug), &pause);
    runs.app.desk.clock.advance(chrono::Duration::minutes(20));
    let mut body = success();
    body["began_at"] = json!(began.minus(chrono::Duration::seconds(1)).rfc3339());
    assert_eq!(runs.report(&body)["gate_closed"], false);
    assert_eq!(runs.incidents(), 0);
    // What began while it was closed, and what does not say when, had no lease.
    body["began_at"] = json!(began.plus(chrono::Duration::minutes(10)).rfc3339());
    assert_eq!(runs.report(&body)["gate_closed"], true);
    body["began_at"] = json!("yesterday");
    let odd = runs.report(&body);
    assert_eq!((&odd["gate_closed"], &odd["odd"][0]["field"]), (&json!(true), &json!("began_at")), "{odd}");
    assert_eq!(paused.status, 201);
}

#[test]
fn failures_within_the_window_pause() {
    let runs = Runs::begin();
    assert_eq!(runs.report(&failure())["incident"], json!(null));
    assert_eq!(runs.report(&success())["incident"], json!(null));
    assert_eq!(runs.report(&failure())["incident"], json!(null));
    assert_eq!(runs.gate().status, 200);
    let third = runs.report(&failure());
    let incident = third["incident"].as_str().unwrap().to_owned();
    assert_eq!((runs.gate().codes(), &third["gate_closed"]), (vec!["paused_by_incident"], &json!(false)));
    let shown = runs.lead().get(&format!("/incidents/{incident}"));
    assert_eq!((shown.status, &shown.json["status"]), (200, &json!("triage")), "{}", shown.body);
    assert!(shown.json["title"].as_str().unwrap().contains("fails repeatedly"), "{}", shown.body);
    let flags = runs.lead().get(&format!("/automations/{}/flags", runs.slug)).json;
    assert_eq!(flags["items"][0]["kind"], "repeats_failures");
    // Who reported it is nobody of ours, and in no list.
    assert!(!runs.admin().get("/people").body.contains("system.invalid"));
    assert_eq!(runs.admin().post("/people/allclear/active", &json!({ "active": true })).status, 404);
    runs.app.assert_audit_holds();
}

#[test]
fn the_limit_is_the_automations_own_where_it_names_one() {
    let runs = Runs::in_app(App::start_with(Limits { failure_limit: 5, ..Limits::default() }));
    let change = json!({ "failure_limit": 2, "failure_minutes": 10 });
    assert_eq!(runs.admin().patch(&format!("/automations/{}", runs.slug), &change).status, 200);
    assert_eq!(runs.report(&failure())["incident"], json!(null));
    runs.app.tamper("UPDATE runs SET reported_at = '2026-01-01 00:00:00'");
    assert_eq!(runs.report(&failure())["incident"], json!(null), "the first is out of the window");
    assert!(runs.report(&failure())["incident"].is_string());
}

#[test]
fn failures_on_staging_do_not_count_with_those_on_production() {
    let runs = Runs::begin();
    let mut staging = failure();
    staging["environment"] = json!("staging");
    runs.report(&staging);
    runs.report(&staging);
    assert_eq!(runs.report(&failure())["incident"], json!(null));
}

#[test]
fn spending_over_the_budget_pauses() {
    let runs = Runs::begin();
    let change = json!({ "daily_budget": 0.05 });
    assert_eq!(runs.admin().patch(&format!("/automations/{}", runs.slug), &change).status, 200);
    assert_eq!(runs.report(&success())["incident"], json!(null));
    assert_eq!(runs.report(&success())["incident"], json!(null));
    let third = runs.report(&success());
    let incident = third["incident"].as_str().unwrap().to_owned();
    assert!(runs.lead().get(&format!("/incidents/{incident}")).body.contains("budget"));
    assert_eq!(runs.gate().status, 423);
    assert!(runs.mails()[0].contains("budget"));
}
