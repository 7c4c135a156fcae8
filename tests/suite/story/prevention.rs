//! Prevention actions.

use super::{PROOF, SECRET, Story, good, made};
use allclear::domain::person::Role;
use serde_json::json;

#[test]
fn an_action_is_planned_completed_by_its_owner_and_verified_by_a_second_person() {
    let story = Story::begin();
    let planned = story.lead().post(&story.at("actions"), &story.new_action(&story.app.owner));
    let id = made(&planned);
    assert_eq!(planned.location(), format!("/api/v1/actions/{id}"));
    let done = format!("/actions/{id}/completion");
    let seen = format!("/actions/{id}/verification");
    assert_eq!(story.lead().post(&seen, &json!({})).codes(), ["action_not_done"]);
    assert_eq!(story.lead().post(&done, &json!({ "proof": PROOF })).status, 403);
    good(&story.owner().post(&done, &json!({ "proof": PROOF })));
    assert_eq!(story.owner().post(&seen, &json!({})).status, 403);
    good(&story.lead().post(&seen, &json!({})));
    let shown = story.auditor().get(&format!("/actions/{id}"));
    assert_eq!((&shown.json["state"], &shown.json["verified_by"]["name"]), (&json!("verified"), &json!("Lena")));
    assert_eq!(story.owner().post(&done, &json!({ "proof": PROOF })).codes(), ["already_verified"]);
    let elsewhere = json!({ "owner": story.app.lead });
    assert_eq!(story.lead().post(&format!("/actions/{id}/owner"), &elsewhere).codes(), ["already_verified"]);
    story.app.assert_audit_holds();
}

#[test]
fn what_is_planned_badly_is_refused_at_the_field() {
    let story = Story::begin();
    let with = |field: &str, value: &str| {
        let mut body = story.new_action(&story.app.owner);
        body[field] = json!(value);
        let refused = story.lead().post(&story.at("actions"), &body);
        assert_eq!((refused.status, refused.fields()), (422, vec![field]), "{value}: {}", refused.body);
    };
    with("due_on", &story.due(-1));
    with("due_on", "soon");
    with("due_on", "2027-1-5");
    with("due_on", "2027-02-30");
    with("title", "tbd");
    with("title", "");
    with("title", &"x y ".repeat(2600));
    with("kind", "wish");
    with("owner", "nobody@example.org");
    with("owner", &story.app.outsider);
    with("owner", &story.app.auditor);
    with("owner", "");
    good(&story.lead().post(&story.at("actions"), &{
        let mut today = story.new_action(&story.app.owner);
        today["due_on"] = json!(story.due(0));
        today
    }));
}

#[test]
fn a_proof_can_be_followed_or_read() {
    let story = Story::begin();
    let id = story.plan(&story.app.owner);
    for proof in ["", "done", "n/a", "ftp://x", "it is done", "https://"] {
        let refused = story.owner().post(&format!("/actions/{id}/completion"), &json!({ "proof": proof }));
        assert_eq!((refused.status, refused.fields()), (422, vec!["proof"]), "{proof}: {}", refused.body);
    }
    let told = json!({ "proof": format!("Tried the key {SECRET} five times, refused from the fourth on.") });
    good(&story.owner().post(&format!("/actions/{id}/completion"), &told));
    let shown = story.lead().get(&format!("/actions/{id}"));
    assert!(!shown.body.contains(SECRET) && shown.body.contains("[openai-key:"), "{}", shown.body);
}

#[test]
fn an_owner_who_left_is_named_and_another_one_takes_over() {
    let story = Story::begin();
    let id = story.plan(&story.app.owner);
    let gone = story.app.actor(&story.app.owner);
    let system = allclear::domain::person::Actor::System("test");
    allclear::actions::people::set_active(&story.app.desk, &system, gone.person().unwrap().id.as_str(), false).unwrap();
    assert!(story.blocked().contains(&"action_without_owner".to_owned()), "{:?}", story.blocked());
    let refused = story.lead().post(&story.at("actions"), &story.new_action(&story.app.owner));
    assert_eq!(refused.fields(), ["owner"]);
    good(&story.lead().post(&format!("/actions/{id}/owner"), &json!({ "owner": story.app.lead })));
    assert!(!story.blocked().contains(&"action_without_owner".to_owned()));
    assert_eq!(story.lead().get(&format!("/actions/{id}")).json["owner"]["email"], story.app.lead);
}

#[test]
fn whoever_ever_owned_or_completed_an_action_cannot_verify_it() {
    let story = Story::begin();
    let olaf = story.add("olaf@example.org", "Olaf", Role::Owner);
    let id = story.plan(&story.app.owner);
    good(&story.owner().post(&format!("/actions/{id}/completion"), &json!({ "proof": PROOF })));
    good(&story.lead().post(&format!("/actions/{id}/owner"), &json!({ "owner": olaf })));
    good(&story.api(&olaf).post(&format!("/actions/{id}/completion"), &json!({ "proof": PROOF })));
    let seen = format!("/actions/{id}/verification");
    assert_eq!(story.owner().post(&seen, &json!({})).status, 403, "owned and completed it first");
    assert_eq!(story.api(&olaf).post(&seen, &json!({})).status, 403);
    good(&story.lead().post(&seen, &json!({})));
}
