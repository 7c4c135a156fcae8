//! A run that fails while a restart soaks.

use super::{failure, success};
use crate::story::{Story, approval, good};
use crate::support::App;
use allclear::actions::pause;
use serde_json::json;

#[test]
fn a_failure_while_the_restart_soaks_pauses_for_the_same_incident() {
    let story = Story::begin();
    story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    let robot = story.app.api(&story.app.automation_token(&story.slug));
    let at = format!("/automations/{}/runs", story.slug);
    assert_eq!(robot.post(&at, &success()).json["incident"], json!(null));
    assert!(story.gate_is_open());
    let failed = robot.post(&at, &failure());
    assert_eq!((failed.status, &failed.json["incident"]), (201, &json!(story.reference)), "{}", failed.body);
    assert!(!story.gate_is_open());
    assert!(story.blocked().iter().any(|code| code.starts_with("check")), "{:?}", story.blocked());
    let one = story.admin().get("/incidents").json["items"].as_array().unwrap().len();
    assert_eq!(one, 1);
    story.app.settle();
    let mails: Vec<String> = std::fs::read_dir(story.app.data.join("outbox"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(mails.iter().any(|mail| mail.contains("soaking")), "{mails:?}");
    story.app.assert_audit_holds();
}

#[test]
fn what_was_spent_before_the_restart_does_not_pause_again() {
    let app = App::start();
    let (slug, reference) = (app.automation("order-mails"), app.complete_incident("Mails go out twice"));
    let story = Story { app, slug, reference };
    let budget = json!({ "daily_budget": 0.05 });
    good(&story.admin().patch(&format!("/automations/{}", story.slug), &budget));
    // The incident holds the whole site, not the automation by name.
    let (lead, site) = (story.app.actor(&story.app.lead), pause::Switch::Named(format!("site:{}", story.app.site)));
    pause::run(&story.app.desk, &lead, &site, None, Some(&story.reference)).unwrap();
    let robot = story.app.api(&story.app.automation_token(&story.slug));
    let report = |outcome: &str, cost: f64| {
        let mut body = success();
        (body["outcome"], body["cost"]) = (json!(outcome), json!(cost));
        let reply = robot.post(&format!("/automations/{}/runs", story.slug), &body);
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.json["incident"].clone()
    };
    assert_eq!(report("stopped", 0.04), json!(null));
    story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert!(story.gate_is_open());
    assert_eq!(report("success", 0.02), json!(null), "only what was spent since counts");
    assert!(story.gate_is_open());
    assert!(report("success", 0.04).is_string());
    assert!(!story.gate_is_open());
}
