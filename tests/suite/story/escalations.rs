//! `POST /api/v1/incidents/{reference}/escalations` and what shows them.

use super::{SECRET, Story, file, good};
use serde_json::json;

#[test]
fn an_escalation_is_queued_and_tells_where_it_stands() {
    let story = Story::begin();
    let bundle = story.bundle("hosting");
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&bundle));
    assert_eq!((queued.status, queued.json["state"].as_str()), (202, Some("queued")), "{}", queued.body);
    assert_eq!(queued.json["findings"], json!({}));
    let id = queued.json["id"].as_str().unwrap();
    assert_eq!(queued.location(), format!("/api/v1/escalations/{id}"));
    story.app.settle();
    let shown = story.auditor().get(&format!("/escalations/{id}"));
    assert_eq!(shown.json["state"], "sent", "{}", shown.body);
    assert_eq!(shown.json["server_words"], "written to the outbox, no mail server is set");
    assert_eq!((shown.json["attempts"].as_i64(), &shown.json["next_try_at"]), (Some(1), &json!(null)));
    assert_eq!(shown.json["routing_reason"], "host connectivity: hosting");
    assert_eq!(shown.json["sent_by"]["email"], story.app.lead);
    assert_eq!(story.lead().get(&story.at("escalations")).json["items"][0]["id"], id);
    story.app.assert_audit_holds();
}

#[test]
fn the_message_is_redacted_before_it_is_stored() {
    let story = Story::begin();
    let mut body = story.escalation(&story.bundle("hosting"));
    body["message"] = json!(format!("We used the key {SECRET} when it failed."));
    let queued = story.lead().post(&story.at("escalations"), &body);
    assert_eq!(queued.status, 202, "{}", queued.body);
    assert_eq!(queued.json["findings"], json!({ "openai-key": 1 }));
    story.app.settle();
    for (path, bytes) in story.app.files() {
        assert!(memchr::memmem::find(&bytes, SECRET.as_bytes()).is_none(), "{}", path.display());
    }
}

#[test]
fn without_answers_to_the_four_questions_it_is_refused_at_the_field() {
    let story = Story::begin();
    let mut body = story.escalation(&story.bundle("hosting"));
    body.as_object_mut().unwrap().remove("routing");
    assert_eq!(story.lead().post(&story.at("escalations"), &body).fields(), ["routing"]);
    body["routing"] = json!({ "validation_error": true });
    let partly = story.lead().post(&story.at("escalations"), &body);
    assert_eq!(partly.status, 422, "{}", partly.body);
    assert!(partly.fields()[0].starts_with("routing"), "{}", partly.body);
}

#[test]
fn another_destination_than_the_answers_lead_to_needs_its_reason() {
    let story = Story::begin();
    let mut body = story.escalation(&story.bundle("vendor"));
    body["destination"] = json!("vendor");
    let refused = story.lead().post(&story.at("escalations"), &body);
    assert_eq!((refused.status, refused.codes()), (409, vec!["other_destination"]), "{}", refused.body);
    body["override_reason"] = json!("n/a");
    assert_eq!(story.lead().post(&story.at("escalations"), &body).fields(), ["override_reason"]);
    body["override_reason"] = json!("The host asked us to go to the vendor first.");
    assert_eq!(story.lead().post(&story.at("escalations"), &body).status, 202);
    let shown = story.lead().get(&story.at("escalations"));
    assert_eq!(shown.json["items"][0]["override_reason"], "The host asked us to go to the vendor first.");
}

#[test]
fn a_bundle_for_another_audience_or_incident_is_refused() {
    let story = Story::begin();
    let body = story.escalation(&story.bundle("vendor"));
    let refused = story.lead().post(&story.at("escalations"), &body);
    assert_eq!((refused.status, refused.codes()), (409, vec!["other_audience"]), "{}", refused.body);
    let other = file(&story.app, "Something else", &story.app.automation("reports"));
    let foreign = story.lead().post(&format!("/incidents/{other}/escalations"), &body);
    assert_eq!((foreign.status, foreign.fields()), (422, vec!["bundle"]), "{}", foreign.body);
}

#[test]
fn missing_facts_are_all_named() {
    let story = Story::begin();
    let body = story.escalation(&story.bundle("hosting"));
    let lead = story.app.actor(&story.app.lead);
    let change = allclear::actions::change_incident::Change {
        facts: Some(allclear::domain::incident::Facts::default()),
        ..Default::default()
    };
    allclear::actions::change_incident::run(&story.app.desk, &lead, &story.reference, None, change).unwrap();
    let refused = story.lead().post(&story.at("escalations"), &body);
    assert_eq!(refused.status, 409, "{}", refused.body);
    for fact in [
        "affected_user",
        "affected_screen",
        "sophmate_version",
        "wordpress_version",
        "php_version",
        "steps",
        "expected",
        "actual",
        "error_report",
    ] {
        assert!(refused.codes().contains(&format!("missing_{fact}").as_str()), "{fact}: {}", refused.body);
    }
}

#[test]
fn addresses_that_would_reach_somebody_else_are_refused() {
    let story = Story::begin();
    let mut body = story.escalation(&story.bundle("hosting"));
    for to in [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\nx",
        "a@b.example,c@d.example",
        "A <a@b.example>",
        "nobody",
        "",
        "a@b..example",
        "a@-b-.example",
    ] {
        body["to"] = json!(to);
        let refused = story.lead().post(&story.at("escalations"), &body);
        assert_eq!((refused.status, refused.fields()), (422, vec!["to"]), "{to:?}: {}", refused.body);
    }
    for message in ["", "n/a", "please", "tbd tbd tbd"] {
        body["to"] = json!("support@hosting.example");
        body["message"] = json!(message);
        assert_eq!(story.lead().post(&story.at("escalations"), &body).fields(), ["message"], "{message}");
    }
    body["message"] = json!("Please look at the outbound mail. ".repeat(1_000));
    assert_eq!(story.lead().post(&story.at("escalations"), &body).fields(), ["message"]);
    assert_eq!(story.lead().get(&story.at("escalations")).json["items"], json!([]));
}

#[test]
fn only_a_mail_that_did_not_leave_is_tried_again() {
    let story = Story::begin();
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    story.app.settle();
    let id = queued.json["id"].as_str().unwrap();
    let again = story.lead().post(&format!("/escalations/{id}/retry"), &json!({}));
    good(&again);
    assert_eq!(again.json["state"], "sent");
    assert_eq!(story.lead().get(&format!("/escalations/{id}")).json["next_try_at"], json!(null));
}

#[test]
fn a_queued_mail_does_not_leave_with_a_bundle_that_is_known_to_leak() {
    // Nothing listens there: the mail waits for its next try.
    let story = Story::begin_with(|config| config.smtp_url = Some("smtp://127.0.0.1:1".into()));
    let lead = story.lead();
    let seal = |name: &str, text: &str| {
        let sealed = lead.post_bytes(&story.at(&format!("evidence?name={name}")), text);
        assert_eq!(sealed.status, 201, "{}", sealed.body);
    };
    seal("a.log", "login with gr33n-lantern-77 failed\n");
    let queued = lead.post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    assert_eq!(queued.status, 202, "{}", queued.body);
    let id = queued.json["id"].as_str().unwrap();
    let until = |done: &dyn Fn(&serde_json::Value) -> bool, path: &str| {
        for _ in 0..500 {
            let shown = lead.get(path);
            if done(&shown.json) {
                return shown.json;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("it did not come: {}", lead.get(path).body);
    };
    let shown = format!("/escalations/{id}");
    until(&|mail| mail["state"] == "failed", &shown);
    seal("b.log", "define('DB_PASSWORD', 'gr33n-lantern-77');\n");
    until(&|list| list["items"].as_array().is_some_and(|items| items.len() == 1), &story.at("rotations"));
    good(&lead.post(&format!("/escalations/{id}/retry"), &json!({})));
    let words = |mail: &serde_json::Value| mail["server_words"].as_str().unwrap_or_default().to_owned();
    let is_stopped = |mail: &serde_json::Value| words(mail).contains("known to be a secret");
    let stopped = until(&|mail| is_stopped(mail) && mail["next_try_at"].is_null(), &shown);
    assert_eq!(stopped["state"], "failed", "{stopped}");
    assert!(words(&stopped).contains("Build a new bundle"), "{stopped}");
    let told = lead.get(&format!("/incidents/{}", story.reference)).body;
    assert!(told.contains("The escalation was stopped"), "{told}");
    let lena = story.app.signed_in(&story.app.lead);
    let page = lena.get(&format!("/escalations/{id}")).body;
    assert!(page.contains("It is not tried again") && !page.contains("Try again now"), "{page}");
    let waits = || lena.get("/waiting?kind=mail").body.contains(&shown);
    assert!(waits());
    let next = lead.post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    assert_eq!(next.status, 202, "{}", next.body);
    let next = format!("/escalations/{}", next.json["id"].as_str().unwrap());
    until(&|mail| mail["state"] == "failed", &next);
    assert!(!waits(), "another one took its place");
    assert!(lena.get("/waiting?kind=mail").body.contains(&next));
    story.app.assert_audit_holds();
}
