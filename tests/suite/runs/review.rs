//! Reviewing and explaining runs, and relaxing the approval requirement.

use super::{Runs, SECRET, failure, review, success};
use crate::support::App;
use allclear::actions::Limits;
use serde_json::json;

// seed: workflow.trial.2
#[test]
fn a_run_is_reviewed_once_in_five_parts() {
    let runs = Runs::begin();
    let id = runs.report(&success())["id"].as_str().unwrap().to_owned();
    let at = format!("/runs/{id}/review");
    let empty = runs.lead().post(&at, &json!({ "cost": "n/a" }));
    let all = vec!["acceptable", "history", "failures", "cost", "affected_records", "audit_events"];
    assert_eq!((empty.status, empty.fields()), (422, all));
    let mut body = review();
    body["history"] = json!(format!("The log said {SECRET}"));
    let reviewed = runs.lead().post(&at, &body);
    assert_eq!(reviewed.status, 201, "{}", reviewed.body);
    assert_eq!(runs.owner().post(&at, &review()).codes(), ["already_reviewed"]);
    let shown = runs.lead().get(&format!("/runs/{id}"));
    assert_eq!(shown.json["review"]["reviewed_by"]["name"], "Lena");
    assert!(!shown.body.contains(SECRET), "{}", shown.body);
    runs.app.assert_audit_holds();
}

// seed: workflow.acceptance.3
#[test]
fn the_owner_explains_a_failure_before_anybody_reviews_it() {
    let runs = Runs::begin();
    let id = runs.report(&failure())["id"].as_str().unwrap().to_owned();
    assert_eq!(runs.lead().post(&format!("/runs/{id}/review"), &review()).codes(), ["failure_unexplained"]);
    let at = format!("/runs/{id}/explanation");
    let told = json!({ "explanation": "The mail server was restarted; the queue was empty." });
    assert_eq!(runs.lead().post(&at, &told).status, 403, "only the owner explains");
    assert_eq!(runs.owner().post(&at, &json!({ "explanation": "ok" })).fields(), ["explanation"]);
    assert_eq!(runs.owner().post(&at, &told).status, 201);
    assert_eq!(runs.owner().post(&at, &told).codes(), ["already_explained"]);
    assert_eq!(runs.lead().post(&format!("/runs/{id}/review"), &review()).status, 201);
    // The review that the failure had asked for is done with it.
    let reviews = runs.lead().get(&format!("/automations/{}/reviews", runs.slug)).json;
    let after = reviews["items"].as_array().unwrap().iter().find(|r| r["occasion"] == "after_failed_run").unwrap();
    assert!(after["done_at"].is_string(), "{after}");
    let good = runs.report(&success())["id"].as_str().unwrap().to_owned();
    assert_eq!(runs.owner().post(&format!("/runs/{good}/explanation"), &told).codes(), ["nothing_to_explain"]);
    runs.app.assert_audit_holds();
}

// seed: workflow.scope.3
#[test]
fn an_approval_requirement_is_relaxed_after_enough_accepted_runs_and_a_failure_takes_it_back() {
    let runs = Runs::in_app(App::start_with(Limits { relax_runs: 2, ..Limits::default() }));
    let at = format!("/automations/{}/approval-relaxation", runs.slug);
    let relaxed = || runs.admin().get(&format!("/automations/{}", runs.slug)).json["approval_relaxed"].clone();
    assert_eq!(runs.admin().post(&at, &json!({})).codes(), ["runs_not_reviewed"]);
    for acceptable in [true, false, true] {
        let id = runs.report(&success())["id"].as_str().unwrap().to_owned();
        if acceptable {
            assert_eq!(runs.admin().post(&at, &json!({})).codes(), ["runs_not_reviewed"], "not reviewed yet");
        }
        let mut body = review();
        body["acceptable"] = json!(acceptable);
        assert_eq!(runs.lead().post(&format!("/runs/{id}/review"), &body).status, 201);
    }
    assert_eq!(runs.owner().post(&at, &json!({})).status, 403);
    assert_eq!(runs.admin().post(&at, &json!({})).status, 200);
    assert_eq!(relaxed(), true);
    assert_eq!(runs.admin().post(&at, &json!({})).codes(), ["relaxed_already"]);
    runs.report(&failure());
    assert_eq!(relaxed(), false);
    let codes = runs.admin().post(&at, &json!({}));
    assert_eq!(codes.codes(), ["runs_not_reviewed", "failure_unexplained"]);
    runs.app.assert_audit_holds();
}
