//! Asking for a restart, deciding, and who may not.

use super::{PROOF, STATEMENT, Story, approval, good, made, new_check, result, wish};
use allclear::actions::pause::{self, Switch};
use allclear::domain::person::{Actor, Role};
use serde_json::json;

#[test]
fn a_restart_is_asked_for_and_decided_by_somebody_who_took_no_part() {
    let story = Story::begin();
    story.complete();
    assert_eq!(story.blocked(), [""; 0]);
    let asked = story.owner().post(&story.at("restart-requests"), &wish());
    let request = made(&asked);
    assert_eq!(asked.location(), format!("/api/v1/restart-requests/{request}"));
    assert!(!story.gate_is_open());
    assert_eq!(story.lead().post(&story.at("restart-requests"), &wish()).codes(), ["request_open"]);
    let decision = format!("/restart-requests/{request}/decision");
    assert_eq!(story.lead().post(&decision, &approval()).status, 403, "a support lead decides nothing");
    assert_eq!(story.admin().post(&decision, &json!({ "decision": "approved", "reason": "ok" })).fields(), ["reason"]);
    assert_eq!(story.admin().post(&decision, &json!({ "reason": "All is well." })).fields(), ["decision"]);
    let decided = story.admin().post(&decision, &approval());
    assert_eq!((decided.status, &decided.json["state"]), (200, &json!("approved")), "{}", decided.body);
    let gate = story.owner().get(&format!("/gate/{}", story.slug));
    assert_eq!((gate.status, &gate.json["scope"]), (200, &json!("read_only")), "{}", gate.body);
    assert_eq!(story.admin().post(&decision, &approval()).codes(), ["request_not_open"]);
    assert!(story.blocked().contains(&"nothing_paused".to_owned()));
    let shown = story.auditor().get(&format!("/restart-requests/{request}"));
    assert_eq!(shown.json["decided_by"]["name"], "Ada");
    story.app.assert_audit_holds();
}

#[test]
fn a_request_that_is_declined_opens_nothing_and_another_may_follow() {
    let story = Story::begin();
    story.complete();
    let request = story.ask();
    let declined = json!({ "decision": "declined", "reason": "The check does not cover refunds." });
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &declined));
    assert!(!story.gate_is_open());
    assert_eq!(story.state_of(&request), "declined");
    let second = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{second}/decision"), &approval()));
    assert!(story.gate_is_open());
}

#[test]
fn what_is_asked_badly_is_refused_at_the_field() {
    let story = Story::begin();
    story.complete();
    for (field, text) in [("scope", "all"), ("scope", ""), ("note", "go"), ("note", "n/a")] {
        let mut body = wish();
        body[field] = json!(text);
        assert_eq!(story.owner().post(&story.at("restart-requests"), &body).fields(), [field], "{text}");
    }
}

#[test]
fn every_other_layer_stays_when_an_approval_lifts_its_own() {
    let story = Story::begin();
    let by_hand = story.app.actor(&story.app.lead);
    let switch = Switch::Automation(story.slug.clone());
    pause::run(&story.app.desk, &by_hand, &switch, Some("Stock is being counted"), None).unwrap();
    let other = super::file(&story.app, "Another thing goes wrong", &story.slug);
    story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    let gate = story.owner().get(&format!("/gate/{}", story.slug));
    assert_eq!((gate.status, gate.codes()), (423, vec!["paused", "paused_by_incident"]), "{}", gate.body);
    assert!(gate.body.contains(&other), "{}", gate.body);
}

/// Anna is a second administrator, who does one thing in the incident; each of them bars her.
fn barred(does: impl Fn(&Story, &str)) {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", Role::Administrator);
    does(&story, &anna);
    story.complete();
    let request = if story.lead().get(&story.at("restart-requests")).json["items"][0].is_null() {
        story.ask()
    } else {
        story.lead().get(&story.at("restart-requests")).json["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let decision = format!("/restart-requests/{request}/decision");
    let refused = story.api(&anna).post(&decision, &approval());
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(!story.gate_is_open());
    good(&story.admin().post(&decision, &approval()));
    assert!(story.gate_is_open());
}

#[test]
fn whoever_completed_an_action_does_not_decide() {
    barred(|story, anna| {
        let action = story.plan(anna);
        good(&story.api(anna).post(&format!("/actions/{action}/completion"), &json!({ "proof": PROOF })));
        good(&story.lead().post(&format!("/actions/{action}/verification"), &json!({})));
    });
}

#[test]
fn whoever_once_owned_an_action_does_not_decide() {
    barred(|story, anna| {
        let action = story.plan(anna);
        good(&story.lead().post(&format!("/actions/{action}/owner"), &json!({ "owner": story.app.owner })));
        good(&story.owner().post(&format!("/actions/{action}/completion"), &json!({ "proof": PROOF })));
        good(&story.lead().post(&format!("/actions/{action}/verification"), &json!({})));
    });
}

#[test]
fn whoever_recorded_a_result_does_not_decide() {
    barred(|story, anna| {
        let check = made(&story.lead().post(&story.at("checks"), &new_check()));
        made(&story.api(anna).post(&format!("/checks/{check}/results"), &result("fail")));
        made(&story.owner().post(&format!("/checks/{check}/results"), &result("pass")));
    });
}

#[test]
fn whoever_showed_a_criterion_does_not_decide() {
    barred(|story, anna| {
        let id = made(&story.lead().post(&story.at("criteria"), &json!({ "statement": STATEMENT })));
        good(&story.api(anna).post(&format!("/criteria/{id}/met"), &json!({ "evidence": PROOF })));
        good(&story.owner().post(&format!("/criteria/{id}/met"), &json!({ "evidence": PROOF })));
    });
}

#[test]
fn whoever_asked_does_not_decide() {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", Role::Administrator);
    story.complete();
    let request = made(&story.api(&anna).post(&story.at("restart-requests"), &wish()));
    let decision = format!("/restart-requests/{request}/decision");
    assert_eq!(story.api(&anna).post(&decision, &approval()).status, 403);
    let declined = json!({ "decision": "declined", "reason": "I asked too early, sorry." });
    assert_eq!(story.api(&anna).post(&decision, &declined).status, 403);
    good(&story.admin().post(&decision, &approval()));
}

#[test]
fn a_gate_that_nobody_could_open_is_named_at_once_and_the_way_out_works() {
    let story = Story::begin();
    story.plan(&story.app.admin);
    assert!(story.blocked().contains(&"nobody_can_decide".to_owned()), "{:?}", story.blocked());
    let action = story.lead().get(&story.at("actions")).json["items"][0]["id"].as_str().unwrap().to_owned();
    good(&story.admin().post(&format!("/actions/{action}/completion"), &json!({ "proof": PROOF })));
    good(&story.lead().post(&format!("/actions/{action}/verification"), &json!({})));
    story.complete();
    let refused = story.owner().post(&story.at("restart-requests"), &wish());
    assert_eq!((refused.status, refused.codes()), (409, vec!["nobody_can_decide"]), "{}", refused.body);
    let anna = story.add("anna@example.org", "Anna", Role::Administrator);
    let request = story.ask();
    assert_eq!(story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()).status, 403);
    good(&story.api(&anna).post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert!(story.gate_is_open());
}

#[test]
fn whoever_decides_for_one_site_lifts_nothing_beyond_it() {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", Role::Administrator);
    let all = Switch::Named("all".into());
    pause::run(&story.app.desk, &Actor::System("test"), &all, None, Some(&story.reference)).unwrap();
    story.complete();
    let readiness = story.lead().get(&story.at("readiness"));
    assert_eq!(readiness.json["deciders"], json!(["Ada"]), "{}", readiness.body);
    let request = story.ask();
    let decision = format!("/restart-requests/{request}/decision");
    let refused = story.api(&anna).post(&decision, &approval());
    assert!(refused.status == 403 && refused.body.contains("beyond the sites"), "{}", refused.body);
    good(&story.admin().post(&decision, &approval()));
    assert!(story.gate_is_open());
}

#[test]
fn an_incident_pauses_nothing_of_another_site() {
    let story = Story::begin();
    let body = json!({ "incident": story.reference });
    let elsewhere = story.admin().post(&format!("/switches/site:{}/pauses", story.app.other_site), &body);
    assert_eq!((elsewhere.status, elsewhere.fields()), (422, vec!["incident"]), "{}", elsewhere.body);
    assert_eq!(story.admin().post(&format!("/switches/site:{}/pauses", story.app.site), &body).status, 201);
}

#[test]
fn the_only_one_who_could_decide_is_told_not_to_ask() {
    let story = Story::begin();
    story.complete();
    let refused = story.admin().post(&story.at("restart-requests"), &wish());
    assert_eq!((refused.status, refused.codes()), (409, vec!["only_decider_asks"]), "{}", refused.body);
    story.ask();
}
