//! Whatever an approval rested on: editing it ends the request, and an approval, and what was lifted is paused again.

use super::{PROOF, STATEMENT, Story, Work, approval, good, made, new_check, result, whole_review, wish};
use serde_json::json;

type Edit = (&'static str, fn(&Story, &Work));

const EDITS: &[Edit] = &[
    ("the review", |story, _| {
        let mut review = whole_review();
        review["root_cause"] = json!("It was the provider after all.");
        good(&story.lead().put(&story.at("review"), &review));
    }),
    ("the documented change", |story, _| {
        let mut review = whole_review();
        review["documented_change"]["after"] = json!("6");
        good(&story.lead().put(&story.at("review"), &review));
    }),
    ("a new action", |story, _| drop(story.plan(&story.app.owner))),
    ("a new check", |story, _| drop(made(&story.lead().post(&story.at("checks"), &new_check())))),
    ("a new result", |story, work| {
        drop(made(&story.owner().post(&format!("/checks/{}/results", work.check), &result("pass"))));
    }),
    ("a new criterion", |story, _| {
        drop(made(&story.lead().post(&story.at("criteria"), &json!({ "statement": STATEMENT }))));
    }),
    ("a criterion shown anew", |story, work| {
        let evidence = json!({ "evidence": "https://ci.example/runs/9000" });
        good(&story.owner().post(&format!("/criteria/{}/met", work.criterion), &evidence));
    }),
    ("the automation's definition", |story, _| change_definition(story)),
];

fn change_definition(story: &Story) {
    use allclear::actions::register_automation::{self, AutomationForm};
    use allclear::domain::automation::{Category, Kind};
    let text = |text: &str| Some(text.to_owned());
    let form = AutomationForm {
        slug: story.slug.clone(),
        name: "order mails".into(),
        kind: Kind::Workflow,
        category: Category::Commerce,
        site: story.app.site.clone(),
        owner: Some(story.app.owner.clone()),
        trigger: text("a new order"),
        input_scope: text("the order and the customer"),
        expected_output: text("one mail to the customer"),
        approval_gate: text("none for reading"),
        retry_limit: Some(3),
        notification_path: text("support channel"),
        pause_rule: text("two failures in an hour"),
        rollback_path: text("send a correction"),
        operation: register_automation::Operation::default(),
    };
    let admin = story.app.actor(&story.app.admin);
    register_automation::change(&story.app.desk, &admin, &story.slug, None, form).unwrap();
}

#[test]
fn every_kind_of_edit_ends_an_open_request() {
    let story = Story::begin();
    let work = story.complete();
    for (what, edit) in EDITS {
        let request = {
            make_ready(&story, &work);
            story.ask()
        };
        edit(&story, &work);
        assert_eq!(story.state_of(&request), "void", "{what}");
        let late = story.admin().post(&format!("/restart-requests/{request}/decision"), &approval());
        assert_eq!((late.status, late.codes()), (409, vec!["request_not_open"]), "{what}: {}", late.body);
        assert!(!story.gate_is_open(), "{what}");
        let shown = story.lead().get(&format!("/restart-requests/{request}"));
        assert!(shown.json["voided_because"].as_str().is_some_and(|because| !because.is_empty()), "{what}");
    }
    story.app.assert_audit_holds();
}

#[test]
fn every_kind_of_edit_ends_an_approval_and_pauses_again() {
    let story = Story::begin();
    let work = story.complete();
    for (what, edit) in EDITS {
        make_ready(&story, &work);
        let request = story.ask();
        good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
        assert!(story.gate_is_open(), "{what}");
        edit(&story, &work);
        assert_eq!(story.state_of(&request), "void", "{what}");
        assert!(!story.gate_is_open(), "{what}: paused again");
    }
    story.app.assert_audit_holds();
}

/// Finishes whatever the last edit left open.
fn make_ready(story: &Story, _: &Work) {
    story.write_review();
    let items = |what: &str| story.lead().get(&story.at(what)).json["items"].as_array().unwrap().clone();
    for action in items("actions").iter().filter(|action| action["state"] == "open") {
        let id = action["id"].as_str().unwrap();
        good(&story.owner().post(&format!("/actions/{id}/completion"), &json!({ "proof": PROOF })));
        good(&story.lead().post(&format!("/actions/{id}/verification"), &json!({})));
    }
    for check in items("checks").iter().filter(|check| check["outcome"] != "pass") {
        let id = check["id"].as_str().unwrap();
        made(&story.owner().post(&format!("/checks/{id}/results"), &result("pass")));
    }
    for criterion in items("criteria").iter().filter(|criterion| criterion["met"] == false) {
        let id = criterion["id"].as_str().unwrap();
        good(&story.owner().post(&format!("/criteria/{id}/met"), &json!({ "evidence": PROOF })));
    }
    assert_eq!(story.blocked(), [""; 0]);
}

#[test]
fn a_new_owner_and_a_new_completion_end_a_request_that_is_forced_open() {
    // An action that is not verified keeps a request from being asked at all; so the only edits of an action after the
    // question are new actions. What is verified is not touched any more.
    let story = Story::begin();
    let work = story.complete();
    story.ask();
    let owner = json!({ "owner": story.app.lead });
    assert_eq!(story.lead().post(&format!("/actions/{}/owner", work.action), &owner).codes(), ["already_verified"]);
    let proof = json!({ "proof": PROOF });
    let again = story.owner().post(&format!("/actions/{}/completion", work.action), &proof);
    assert_eq!(again.codes(), ["already_verified"]);
}

#[test]
fn verifying_an_action_twice_leaves_an_approved_restart_alone() {
    let story = Story::begin();
    let work = story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    let again = story.lead().post(&format!("/actions/{}/verification", work.action), &json!({}));
    assert_eq!((again.status, again.codes()), (409, vec!["already_verified"]), "{}", again.body);
    assert_eq!(story.state_of(&request), "approved");
    assert!(story.gate_is_open());
}

#[test]
fn saving_a_review_unchanged_voids_nothing() {
    let story = Story::begin();
    story.complete();
    let request = story.ask();
    story.write_review();
    assert_eq!(story.state_of(&request), "open");
}

#[test]
fn a_further_pause_leaves_an_earlier_approval_and_needs_its_own() {
    let story = Story::begin();
    story.complete();
    let first = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{first}/decision"), &approval()));
    let more = story.app.automation("stock-sync");
    let lead = story.app.actor(&story.app.lead);
    let switch = allclear::actions::pause::Switch::Automation(more.clone());
    allclear::actions::pause::run(&story.app.desk, &lead, &switch, None, Some(&story.reference)).unwrap();
    assert_eq!(story.state_of(&first), "approved");
    assert!(story.gate_is_open());
    let second = made(&story.owner().post(&story.at("restart-requests"), &wish()));
    // What both rest on ends both.
    made(&story.lead().post(&story.at("checks"), &new_check()));
    assert_eq!((story.state_of(&first).as_str(), story.state_of(&second).as_str()), ("void", "void"));
    assert!(!story.gate_is_open());
    assert_eq!(story.owner().get(&format!("/gate/{more}")).status, 423);
}
