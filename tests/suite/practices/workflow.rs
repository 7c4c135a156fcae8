//! Lines of the first seed that a practice run keeps: a person's word, and explanations.

use super::{Agency, good, made};
use serde_json::{Value, json};

fn run(agency: &Agency, id: &str) -> Value {
    let shown = agency.lead().get(&format!("/practice-runs/{id}"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    shown.json
}

fn met(shown: &Value, line: &str) -> bool {
    let items = shown["items"].as_array().unwrap();
    items.iter().find(|item| item["line"] == line).unwrap_or_else(|| panic!("{line}"))["met"] == true
}

fn held(agency: &Agency, slug: &str) -> String {
    let body = json!({ "practice": "workflow-safety", "subject_kind": "automation", "subject": slug });
    made(&agency.lead().post("/practice-runs", &body))
}

// seed: workflow.trial.3 workflow.related.1 workflow.related.2 workflow.related.5 workflow.related.6 workflow.related.7
// seed: workflow.related.8 workflow.related.10 workflow.related.11 workflow.related.12 workflow.related.13
// seed: workflow.related.14 workflow.related.16 workflow.related.17
#[test]
fn what_only_a_person_can_know_waits_for_the_word_of_the_named_role() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let id = held(&agency, &slug);
    let to = format!("/practice-runs/{id}/attestations");
    let by_owner = ["trial.3", "related.1", "related.5", "related.6", "related.7", "related.8", "related.10"];
    let more_by_owner = ["related.12", "related.13", "related.14", "related.16", "related.17"];
    let by_admin = ["related.2", "related.11"];
    let evidence = "Gone through on Monday; the notes are in the team's folder.";
    for (at, line) in by_owner.iter().chain(&more_by_owner).chain(&by_admin).enumerate() {
        let line = format!("workflow.{line}");
        let is_owners = at < by_owner.len() + more_by_owner.len();
        let (named, other) =
            if is_owners { (agency.owner(), agency.admin()) } else { (agency.admin(), agency.owner()) };
        let word = json!({ "line": line, "evidence": evidence });
        assert!(!met(&run(&agency, &id), &line), "{line} is nobody's word yet");
        assert_eq!(other.post(&to, &word).status, 403, "{line}");
        good(&named.post(&to, &word));
        assert!(met(&run(&agency, &id), &line), "{line}");
    }
    agency.app.assert_audit_holds();
}

// seed: workflow.switches.3
#[test]
fn what_happened_is_explained_before_it_goes_on() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let id = held(&agency, &slug);
    let failed = json!({ "environment": "production", "outcome": "failure", "what": "Tried to send a mail", "why": "A new order",
        "error": { "code": "E12", "step": "send", "input": "order 9", "next_contact": "the hosting company" } });
    let robot = agency.app.api(&agency.app.automation_token(&slug));
    let failure = made(&robot.post(&format!("/automations/{slug}/runs"), &failed));
    let line = "workflow.switches.3";
    assert!(!met(&run(&agency, &id), line));
    let widen = || {
        let body = json!({ "evidence": "The runs of the last days read orders; all were right." });
        agency.admin().post(&format!("/automations/{slug}/phases"), &body)
    };
    assert!(widen().codes().contains(&"failure_unexplained"), "{}", widen().body);
    let told = json!({ "explanation": "The mail server was restarted; the queue was empty." });
    good(&agency.owner().post(&format!("/runs/{failure}/explanation"), &told));
    assert!(met(&run(&agency, &id), line));
    assert!(!widen().codes().contains(&"failure_unexplained"));
    let entries = agency.admin().get("/audit").body;
    assert!(entries.contains("\"reported\"") && entries.contains("\"explained\""), "{entries}");
}
