//! Holding things against a practice: facts, attestations, preconditions, versions, reviews.

use super::{Agency, good, made};
use crate::support::Api;
use serde_json::{Value, json};

fn hold(api: &Api, practice: &str, kind: &str, subject: &str) -> String {
    let body = json!({ "practice": practice, "subject_kind": kind, "subject": subject });
    made(&api.post("/practice-runs", &body))
}

fn run(api: &Api, id: &str) -> Value {
    let shown = api.get(&format!("/practice-runs/{id}"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    shown.json
}

fn met(shown: &Value, line: &str) -> bool {
    let items = shown["items"].as_array().unwrap();
    items.iter().find(|item| item["line"] == line).unwrap_or_else(|| panic!("{line}"))["met"] == true
}

fn due(shown: &Value) -> Vec<String> {
    let escalations = shown["escalations"].as_array().unwrap();
    escalations.iter().map(|due| due["line"].as_str().unwrap().to_owned()).collect()
}

// seed: workflow.scope.2 workflow.owner.1 workflow.checklist.1 workflow.checklist.3 workflow.related.3
#[test]
fn facts_of_an_automation_are_computed_as_it_changes() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let id = hold(&agency.lead(), "workflow-safety", "automation", &slug);
    let shown = run(&agency.lead(), &id);
    let lines =
        ["workflow.checklist.1", "workflow.owner.1", "workflow.scope.2", "workflow.checklist.3", "workflow.related.3"];
    for line in lines {
        assert!(met(&shown, line), "{line}");
    }
    assert!(met(&shown, "workflow.scope.1"), "it is read only from its first minute");
    assert!(!met(&shown, "workflow.trial.1"), "no run was reviewed");
    assert_eq!((due(&shown), &shown["complete"]), (vec![], &json!(false)));
    good(&agency.admin().patch(&format!("/automations/{slug}"), &json!({ "owner": null, "pause_rule": null })));
    let shown = run(&agency.lead(), &id);
    for line in lines {
        assert!(!met(&shown, line), "{line}");
    }
    assert_eq!(due(&shown), ["workflow.escalation.4"]);
    assert_eq!(hold(&agency.lead(), "workflow-safety", "automation", &slug), id, "the second time it is the same run");
    assert_eq!(shown["reviews"], json!([]), "automations have a register of reviews of their own");
}

// seed: training.checklist.3 training.owner.1 training.cadence.1 training.acceptance.4
// seed: training.scope.1 training.related.7
#[test]
fn facts_of_a_site_are_computed_and_its_set_up_review_is_due() {
    let agency = Agency::start();
    let id = hold(&agency.lead(), "operator-training", "site", &agency.app.site);
    let shown = run(&agency.lead(), &id);
    assert!(!met(&shown, "training.checklist.3") && !met(&shown, "training.owner.1"));
    assert!(met(&shown, "training.scope.1"), "the cast has people who are no administrators");
    assert!(!met(&shown, "training.acceptance.4") && !met(&shown, "training.related.7"));
    assert_eq!(due(&shown), ["training.escalation.1"]);
    assert_eq!(
        (&shown["reviews"][0]["occasion"], &shown["reviews"][0]["overdue"]),
        (&json!("on_setup"), &json!(false))
    );
    let review = format!("/practice-reviews/{}/completion", shown["reviews"][0]["id"].as_str().unwrap());
    assert_eq!(agency.lead().post(&review, &json!({ "note": "ok" })).fields(), ["note"]);
    good(&agency.lead().post(&review, &json!({ "note": "The addresses were compared with the host's panel" })));
    assert_eq!(agency.lead().post(&review, &json!({ "note": "And once more for good" })).codes(), ["done_already"]);
}

// seed: review.purpose.1 review.prevention.1 review.restart.1 review.restart.2 review.checklist.1 review.checklist.2
// seed: review.checklist.3 review.acceptance.1 review.acceptance.2 review.acceptance.3 review.acceptance.4
// seed: review.checklist.4 review.related.2 review.related.8 review.owner.1
#[test]
fn facts_of_an_incident_follow_its_review_and_its_work() {
    let story = crate::story::Story::begin();
    let id = hold(&story.lead(), "post-incident-review", "incident", &story.reference);
    let before = run(&story.lead(), &id);
    let of_work = [
        "review.purpose.1",
        "review.prevention.1",
        "review.restart.1",
        "review.restart.2",
        "review.checklist.1",
        "review.checklist.2",
        "review.acceptance.1",
        "review.acceptance.2",
        "review.related.2",
        "review.related.8",
    ];
    for line in of_work {
        assert!(!met(&before, line), "{line}");
    }
    assert!(met(&before, "review.checklist.4"), "nothing is stored but redacted");
    assert!(!met(&before, "review.acceptance.4"), "nobody has decided where it goes");
    story.complete();
    let bundle = story.bundle("hosting");
    good(&story.lead().post(&story.at("escalations"), &story.escalation(&bundle)));
    let after = run(&story.lead(), &id);
    for line in of_work.iter().chain(&["review.checklist.3", "review.acceptance.3", "review.acceptance.4"]) {
        assert!(met(&after, line), "{line}");
    }
    assert!(!met(&after, "review.owner.1"), "nobody leads it yet");
    good(&story.lead().patch(&format!("/incidents/{}", story.reference), &json!({ "lead": story.app.lead })));
    assert!(met(&run(&story.lead(), &id), "review.owner.1"));
}

#[test]
fn an_attestation_is_by_the_named_role_with_evidence_and_is_kept_redacted() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let id = hold(&agency.lead(), "workflow-safety", "automation", &slug);
    let to = format!("/practice-runs/{id}/attestations");
    let line = "workflow.related.5";
    let say = |api: &Api, evidence: &str| api.post(&to, &json!({ "line": line, "evidence": evidence }));
    assert_eq!(say(&agency.lead(), "I read the entries of the first runs").status, 403);
    assert_eq!(say(&agency.admin(), "I read the entries of the first runs").status, 403, "not the owner either");
    assert_eq!(say(&agency.owner(), "ok").fields(), ["evidence"]);
    assert_eq!(agency.owner().post(&to, &json!({ "line": "workflow.checklist.1" })).fields(), ["line"]);
    good(&say(&agency.owner(), "Read with anna.klein@customer-shop.example on Monday"));
    let shown = run(&agency.lead(), &id);
    assert!(met(&shown, line));
    assert!(!shown.to_string().contains("anna.klein"), "{shown}");
    agency.app.assert_audit_holds();
}

#[test]
fn a_change_is_a_new_version_and_what_was_attested_in_other_words_is_asked_for_again() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let id = hold(&agency.lead(), "workflow-safety", "automation", &slug);
    let line = "workflow.related.1";
    good(&agency.owner().post(&format!("/practice-runs/{id}/attestations"), &json!({ "line": line })));
    let practice = agency.lead().get("/practices/workflow-safety");
    let mut definition = practice.json["definition"].clone();
    let at = definition["line"].as_array().unwrap().iter().position(|held| held["id"] == line).unwrap();
    definition["line"][at]["text"] = json!("The page was read by somebody new.");
    let body = json!({ "definition": definition, "note": "Newcomers find gaps" });
    assert_eq!(agency.lead().put("/practices/workflow-safety", &body).status, 403);
    let put = |tag: &str| {
        let request = agency.admin().request("PUT", "/practices/workflow-safety").header("If-Match", tag).json(&body);
        agency.admin().send(request)
    };
    assert_eq!(put("\"7\"").status, 412);
    let written = put(practice.header("etag"));
    assert_eq!((written.status, &written.json["version"]), (200, &json!(2)), "{}", written.body);
    let shown = run(&agency.lead(), &id);
    assert!(met(&shown, line), "the run goes on with the version that it began with");
    assert_eq!(shown["changes"][0]["line"], line);
    assert_eq!(shown["changes"][0]["after"], "The page was read by somebody new.");
    good(&agency.lead().post(&format!("/practice-runs/{id}/version"), &json!({})));
    let shown = run(&agency.lead(), &id);
    assert_eq!((&shown["version"], &shown["changes"]), (&json!(2), &json!([])));
    assert!(!met(&shown, line));
    let versions = agency.lead().get("/practices/workflow-safety/versions").json;
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
    assert_eq!(versions["items"][0]["written_by"]["name"], "Ada");
    assert_eq!(versions["items"][1]["shipped"], true);
    agency.app.assert_audit_holds();
}

#[test]
fn a_bad_definition_is_refused_with_its_line() {
    let agency = Agency::start();
    let good = agency.admin().get("/practices/workflow-safety").json["definition"].clone();
    let put =
        |definition: &Value| agency.admin().put("/practices/workflow-safety", &json!({ "definition": definition }));
    let mut circle = good.clone();
    circle["line"][0]["rule"] = json!({ "precondition": "workflow-safety" });
    assert_eq!(put(&circle).fields(), ["line[0]"]);
    let mut unknown = good.clone();
    unknown["line"][0]["rule"] = json!({ "fact": "automation_moon_phase" });
    let refused = put(&unknown);
    assert_eq!(refused.status, 422);
    assert!(refused.fields()[0].contains("line[0].rule"), "{}", refused.body);
    let mut secret = good.clone();
    secret["line"][1]["text"] = json!("Call with sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv");
    assert_eq!(put(&secret).fields(), ["line[1].text"]);
    let mut renamed = good.clone();
    renamed["prefix"] = json!("other");
    assert_eq!(put(&renamed).status, 422);
    let mut empty = good;
    empty["line"] = json!([]);
    assert_eq!(put(&empty).fields(), ["definition"]);
    assert_eq!(agency.admin().get("/practices/workflow-safety").json["version"], 1);
}

// seed: workflow.related.9
#[test]
fn a_precondition_waits_for_what_is_open_on_the_same_site() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let id = hold(&agency.lead(), "workflow-safety", "automation", &slug);
    assert!(met(&run(&agency.lead(), &id), "workflow.related.9"));
    let file = agency.export(&agency.playbook());
    agency.imported();
    assert!(met(&run(&agency.lead(), &id), "workflow.related.9"), "another site's import is no matter here");
    made(&agency.admin().post(&format!("/playbook-imports?site={}", agency.app.site), &file));
    assert!(!met(&run(&agency.lead(), &id), "workflow.related.9"));
}

// seed: playbook.cadence.3
#[test]
fn a_provider_change_asks_for_a_review_of_the_playbooks_of_its_site() {
    let agency = Agency::start();
    agency.imported();
    let held = agency.admin().get("/practice-runs").json["items"][0]["id"].as_str().unwrap().to_owned();
    let occasions = || {
        let reviews = run(&agency.admin(), &held)["reviews"].clone();
        let of = |review: &Value| review["occasion"].as_str().unwrap().to_owned();
        reviews.as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let change =
        |site: &str| json!({ "kind": "provider_change", "site": site, "note": "Announced on the status page" });
    good(&agency.lead().post("/changes", &change(&agency.app.site)));
    assert_eq!(occasions(), ["before_first_use"], "another site's provider is no matter here");
    good(&agency.admin().post("/changes", &change(&agency.app.other_site)));
    assert_eq!(occasions(), ["before_first_use", "after_provider_change"]);
}

// seed: playbook.cadence.4
#[test]
fn a_monthly_review_comes_round_and_an_overdue_one_keeps_a_playbook_from_production() {
    let agency = Agency::start();
    let id = agency.imported();
    agency.localise(&id);
    agency.try_it(&id);
    let early = "2026-01-01 00:00:00";
    agency.app.tamper(&format!("UPDATE practice_runs SET opened_at = '{early}'"));
    allclear::actions::keep_practice::call_round(&agency.app.desk).unwrap();
    allclear::actions::keep_practice::call_round(&agency.app.desk).unwrap();
    let held = agency.admin().get("/practice-runs").json["items"][0]["id"].as_str().unwrap().to_owned();
    let reviews = run(&agency.admin(), &held)["reviews"].as_array().unwrap().len();
    assert_eq!(reviews, 2, "one before the first use, one for the month");
    agency.app.tamper(&format!("UPDATE practice_reviews SET due_at = '{early}' WHERE occasion = 'monthly'"));
    assert!(agency.blocked(&id).contains(&"review_overdue_playbook.cadence.4".to_owned()), "{:?}", agency.blocked(&id));
}
