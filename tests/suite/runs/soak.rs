//! A run that fails while a restart soaks.

use super::{failure, success};
use crate::story::{Story, approval, good};
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
