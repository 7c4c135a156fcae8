//! What would have to become true, who can do it, by when; and what would remain.

use super::{gate, restarted};
use crate::story::{Story, made, new_check};
use serde_json::{Value, json};

fn explain(story: &Story, query: &str) -> Value {
    let reply = story.owner().get(&format!("/automations/{}/explanation{query}", story.slug));
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json
}

fn codes(steps: &Value) -> Vec<String> {
    steps.as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap().to_owned()).collect()
}

fn step(explanation: &Value, list: &str, code: &str) -> Value {
    let found = explanation[list].as_array().unwrap().iter().find(|step| step["code"] == code);
    found.unwrap_or_else(|| panic!("{code}: {explanation}")).clone()
}

#[test]
fn each_condition_names_people_and_the_day() {
    let story = Story::begin();
    let action = story.plan(&story.app.owner);
    let before = explain(&story, "");
    assert_eq!((&before["open"], &before["environment"]), (&json!(false), &json!("production")));
    let names = |code: &str| step(&before, "to_run", code)["people"].clone();
    assert_eq!(names("paused_by_incident"), json!(["Ada"]));
    assert_eq!(names("review_root_cause"), json!(["Ada", "Lena"]));
    assert_eq!(names("action_not_done"), json!(["Omar"]));
    assert_eq!(step(&before, "to_run", "action_not_done")["due"], json!(story.due(7)));
    assert_eq!(names("ask_restart"), json!(["Ada", "Lena", "Omar"]));
    assert_eq!(names("decide_restart"), json!(["Ada"]));
    assert_eq!(before["warnings"], json!([]));
    let proof = json!({ "proof": crate::story::PROOF });
    crate::story::good(&story.owner().post(&format!("/actions/{action}/completion"), &proof));
    let after = explain(&story, "");
    assert_eq!(step(&after, "to_run", "action_not_verified")["people"], json!(["Ada", "Lena"]));
}

#[test]
fn who_may_verify_is_told_of_the_action_itself_and_not_of_its_title() {
    let story = Story::begin();
    let plan = |title: &str, owner: &str| {
        let body = json!({ "kind": "rate_limit", "title": title, "owner": owner, "due_on": story.due(7) });
        let id = made(&story.lead().post(&story.at("actions"), &body));
        let by = story.api(owner);
        let proof = json!({ "proof": crate::story::PROOF });
        crate::story::good(&by.post(&format!("/actions/{id}/completion"), &proof));
    };
    // The title of the first stands in that of the second.
    plan("Cap retries", &story.app.owner);
    plan("Cap retries of the nightly run", &story.app.lead);
    let said = explain(&story, "");
    let steps: Vec<&Value> = said["to_run"].as_array().unwrap().iter().collect();
    let of = |title: &str| {
        let found = steps.iter().find(|step| {
            step["code"] == "action_not_verified" && step["message"].as_str().unwrap().contains(&format!("“{title}”"))
        });
        found.unwrap_or_else(|| panic!("{said}"))["people"].clone()
    };
    assert_eq!(of("Cap retries"), json!(["Ada", "Lena"]));
    assert_eq!(of("Cap retries of the nightly run"), json!(["Ada", "Omar"]));
    assert!(said["to_run"].to_string().contains("action_not_verified") && !said.to_string().contains("\"about\""));
}

#[test]
fn the_gate_and_the_explanation_never_disagree() {
    let story = Story::begin();
    assert_eq!(gate(&story), json!(["paused_by_incident"]));
    story.complete();
    assert_eq!(codes(&explain(&story, "")["to_run"]), ["paused_by_incident", "ask_restart", "decide_restart"]);
    story.ask();
    assert_eq!(codes(&explain(&story, "")["to_run"]), ["paused_by_incident", "decide_restart"]);
    let (story, _) = restarted();
    let open = explain(&story, "");
    assert_eq!((&open["open"], &open["scope"], &open["to_run"]), (&json!(true), &json!("read_only"), &json!([])));
    assert_eq!(codes(&open["to_widen"]), ["soaking", "runs_not_reviewed", "open_phase"]);
    assert!(step(&open, "to_widen", "soaking")["due"].is_string());
    assert_eq!((&open["next_scope"], &open["ceiling"]), (&json!("narrow"), &json!("normal")));
}

#[test]
fn it_warns_at_once_when_nobody_could_do_it() {
    let story = Story::begin();
    story.plan(&story.app.admin);
    let said = explain(&story, "");
    assert_eq!(step(&said, "to_run", "decide_restart")["nobody"], json!(true), "{said}");
    assert_eq!(step(&said, "to_run", "nobody_can_decide")["people"], json!(["Ada"]), "who could add somebody");
    assert!(said["warnings"].as_array().unwrap().len() >= 2, "{said}");
}

#[test]
fn what_is_left_out_shows_what_would_remain() {
    let story = Story::begin();
    let by_hand = story.lead().post(&format!("/automations/{}/pauses", story.slug), &json!({}));
    let id = by_hand.json["id"].as_str().unwrap().to_owned();
    made(&story.lead().post(&story.at("checks"), &new_check()));
    let now = explain(&story, "");
    assert_eq!(now["simulated"], json!(false));
    assert!(codes(&now["to_run"]).contains(&"paused".to_owned()));
    assert_eq!(step(&now, "to_run", "paused")["people"], json!(["Ada", "Lena", "Omar"]), "Lena pressed it");
    let settled = explain(&story, &format!("?settled={}", story.reference));
    assert_eq!((codes(&settled["to_run"]), &settled["simulated"]), (vec!["paused".to_owned()], &json!(true)));
    let both = explain(&story, &format!("?settled={}&without={id}", story.reference));
    assert_eq!((&both["open"], codes(&both["to_run"])), (&json!(true), vec![]));
    assert_eq!(gate(&story), json!(["paused_by_incident", "paused"]), "nothing was changed");
    let path = format!("/automations/{}/explanation", story.slug);
    assert_eq!(story.owner().get(&format!("{path}?without=nothing")).fields(), ["without"]);
    assert_eq!(story.owner().get(&format!("{path}?settled=INC-1999-0001")).fields(), ["settled"]);
    assert_eq!(story.owner().get(&format!("{path}?whatever=1")).fields(), ["whatever"]);
}

#[test]
fn a_reporter_learns_who_decides_and_not_what_stands_in_the_incident() {
    let story = Story::begin();
    story.plan(&story.app.owner);
    let reply = story.api(&story.app.reporter).get(&format!("/automations/{}/explanation", story.slug));
    assert_eq!((reply.status, codes(&reply.json["to_run"])), (200, vec!["paused_by_incident".to_owned()]));
    assert!(!reply.body.contains("Cap retries"), "{}", reply.body);
}

#[test]
fn the_page_says_the_same_and_carries_the_forms() {
    let story = Story::begin();
    story.plan(&story.app.owner);
    let path = format!("/automations/{}/gate", story.slug);
    let ada = story.app.signed_in(&story.app.admin);
    let page = ada.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    for words in ["What must happen before it runs", "Cap retries at three", "Omar", &story.due(7), "Break-glass"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let refused = ada.submit(&path, &format!("/automations/{}/phases", story.slug), &[("evidence", "ok")]);
    assert!(refused.status == 422 && refused.body.contains("id=\"evidence-error\""), "{}", refused.body);
    let text = "The last runs were read one by one and all were right";
    let refused = ada.submit(&path, &format!("/automations/{}/phases", story.slug), &[("evidence", text)]);
    assert!(refused.status == 409 && refused.body.contains(text), "{}", refused.body);
    let fields = [("reason", "Orders of the sale must be confirmed"), ("hours", "9")];
    let long = ada.submit(&path, &format!("/automations/{}/overrides", story.slug), &fields);
    assert_eq!(long.status, 422, "{}", long.body);
    let fields = [("reason", "Orders of the sale must be confirmed"), ("hours", "2")];
    let asked = ada.submit(&path, &format!("/automations/{}/overrides", story.slug), &fields);
    assert_eq!((asked.status, asked.location()), (303, format!("{path}#break-glass").as_str()), "{}", asked.body);
    let omar = story.app.signed_in(&story.app.owner);
    let shown = omar.get(&path).body;
    let id = shown.split("/overrides/").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let confirmed = omar.submit(&path, &format!("/overrides/{id}/confirmation"), &[]);
    assert_eq!(confirmed.status, 303, "{}", confirmed.body);
    assert_eq!(gate(&story), json!("read_only"));
    assert_eq!(story.app.signed_in(&story.app.outsider).get(&path).status, 404);
    let simulated = omar.get(&format!("{path}?settled={}", story.reference));
    assert!(simulated.body.contains("If that were so"), "{}", simulated.body);
}
