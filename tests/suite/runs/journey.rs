//! From the registration to a failure that is explained and reviewed.

use super::{Runs, failure, review, success};
use allclear::actions::automation_reviews;
use serde_json::json;

#[test]
fn from_the_first_run_to_a_failure_that_is_understood() {
    let runs = Runs::begin();
    automation_reviews::round(&runs.app.desk).unwrap();
    let gate = runs.gate();
    assert_eq!((gate.status, &gate.json["scope"]), (200, &json!("read_only")), "wider scopes are earned");
    let relax = format!("/automations/{}/approval-relaxation", runs.slug);
    assert_eq!(runs.admin().post(&relax, &json!({})).codes(), ["runs_not_reviewed"]);
    for _ in 0..2 {
        let id = runs.report(&success())["id"].as_str().unwrap().to_owned();
        assert_eq!(runs.lead().post(&format!("/runs/{id}/review"), &review()).status, 201);
    }
    let failed: Vec<_> = (0..3).map(|_| runs.report(&failure())).collect();
    let incident = failed[2]["incident"].as_str().unwrap().to_owned();
    assert_eq!(runs.gate().codes(), ["paused_by_incident"]);
    let mails = runs.mails();
    assert!(mails.iter().any(|mail| mail.contains("To: omar@example.org") && mail.contains(&incident)), "{mails:?}");
    let omar = runs.app.signed_in(&runs.app.owner);
    let last = failed[2]["id"].as_str().unwrap();
    assert!(omar.get("/").body.contains(&format!("/runs/{last}")), "home asks the owner to explain");
    for run in &failed {
        let id = run["id"].as_str().unwrap();
        let told = json!({ "explanation": "The mail server refused every connection." });
        assert_eq!(runs.owner().post(&format!("/runs/{id}/explanation"), &told).status, 201);
        assert_eq!(runs.lead().post(&format!("/runs/{id}/review"), &review()).status, 201);
    }
    assert!(!omar.get("/").body.contains("Explain the failed run"));
    assert_eq!(runs.gate().status, 423, "understood is not restarted");
    let asked = runs.owner().post(
        &format!("/incidents/{incident}/restart-requests"),
        &json!({ "scope": "narrow", "note": "All is understood by now." }),
    );
    assert_eq!(asked.status, 409, "{}", asked.body);
    runs.app.assert_audit_holds();
}
