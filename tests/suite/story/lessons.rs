//! What one text reveals is gone from every other: what people write teaches the incident, and is read again.

use super::{PROOF, Story, approval, good, made, new_check, result, whole_review, wish};
use serde_json::{Value, json};

const WORD: &str = "gr33n-lantern-77";

/// A sentence that shows this word to be a password.
fn telling(word: &str) -> String {
    format!("The file had define('DB_PASSWORD', '{word}'); in it.")
}

fn seal(story: &Story, name: &str, text: &str) -> String {
    let sealed = story.lead().post_bytes(&story.at(&format!("evidence?name={name}")), text);
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    sealed.json["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_secret_typed_into_any_act_teaches_the_incident() {
    let story = Story::begin();
    let words: Vec<String> = (10..20).map(|number| format!("gr33n-lantern-{number}")).collect();
    let lines: String = words.iter().map(|word| format!("login with {word} failed\n")).collect();
    let evidence = seal(&story, "a.log", &lines);
    let bundle = story.bundle("hosting");
    let (lead, owner, admin) = (story.lead(), story.owner(), story.admin());
    let mut next = words.iter().map(|word| telling(word));
    let mut say = || json!(next.next().unwrap());

    let mut escalation = story.escalation(&bundle);
    escalation["message"] = say();
    assert_eq!(lead.post(&story.at("escalations"), &escalation).status, 202);
    let mut review = whole_review();
    review["root_cause"] = say();
    good(&lead.put(&story.at("review"), &review));
    let mut action = story.new_action(&story.app.owner);
    action["title"] = say();
    let action = made(&lead.post(&story.at("actions"), &action));
    good(&owner.post(&format!("/actions/{action}/completion"), &json!({ "proof": say() })));
    good(&lead.post(&format!("/actions/{action}/verification"), &json!({})));
    let check = json!({ "title": "Resend an order", "expected": say() });
    let check = made(&lead.post(&story.at("checks"), &check));
    made(&owner.post(&format!("/checks/{check}/results"), &json!({ "outcome": "pass", "evidence": say() })));
    let criterion = made(&lead.post(&story.at("criteria"), &json!({ "statement": say() })));
    good(&owner.post(&format!("/criteria/{criterion}/met"), &json!({ "evidence": say() })));
    let request = json!({ "scope": "narrow", "note": say() });
    let request = made(&owner.post(&story.at("restart-requests"), &request));
    let decision = json!({ "decision": "declined", "reason": say() });
    good(&admin.post(&format!("/restart-requests/{request}/decision"), &decision));

    for _ in 0..100 {
        // A mail that waits for the reading is tried again in its time.
        story.app.desk.clock.advance(chrono::Duration::minutes(1));
        let shown = lead.get(&format!("/evidence/{evidence}")).body;
        if !words.iter().any(|word| shown.contains(word)) {
            story.app.assert_audit_holds();
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let shown = lead.get(&format!("/evidence/{evidence}")).body;
    panic!("not every act teaches: {shown}");
}

#[test]
fn a_value_that_is_learned_later_goes_from_every_text_and_an_approval_stays() {
    let story = Story::begin();
    let (lead, owner) = (story.lead(), story.owner());
    let said = |what: &str| json!(format!("{what}: the login {WORD} was tried."));
    let mut review = whole_review();
    review["safeguards_worked"] = said("The lock");
    good(&lead.put(&story.at("review"), &review));
    let mut action = story.new_action(&story.app.owner);
    action["title"] = said("Lock it");
    let action = made(&lead.post(&story.at("actions"), &action));
    good(&owner.post(&format!("/actions/{action}/completion"), &json!({ "proof": said("Seen in the log") })));
    good(&lead.post(&format!("/actions/{action}/verification"), &json!({})));
    let mut check = new_check();
    check["expected"] = said("No mail");
    let check = made(&lead.post(&story.at("checks"), &check));
    let mut passed = result("pass");
    passed["evidence"] = said("As expected");
    made(&owner.post(&format!("/checks/{check}/results"), &passed));
    let criterion = made(&lead.post(&story.at("criteria"), &json!({ "statement": said("It is refused") })));
    good(&owner.post(&format!("/criteria/{criterion}/met"), &json!({ "evidence": PROOF })));
    let mut escalation = story.escalation(&story.bundle("hosting"));
    escalation["message"] = said("Please look");
    let mail = lead.post(&story.at("escalations"), &escalation).json["id"].as_str().unwrap().to_owned();
    let mut request = wish();
    request["note"] = said("All is well");
    let request = made(&owner.post(&story.at("restart-requests"), &request));
    let mut decision = approval();
    decision["reason"] = said("Agreed");
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &decision));
    story.app.settle();
    let open = made(&lead.post(&story.at("timeline"), &json!({ "kind": "observed", "text": said("By hand") })));
    assert!(!open.is_empty() && story.gate_is_open());

    seal(&story, "wp-config.txt", &telling(WORD));
    story.app.settle();
    let pages = [
        story.at("review"),
        story.at("actions"),
        story.at("checks"),
        format!("/checks/{check}"),
        story.at("criteria"),
        story.at("restart-requests"),
        format!("/restart-requests/{request}"),
        format!("/escalations/{mail}"),
        format!("/incidents/{}", story.reference),
        format!("/automations/{}", story.slug),
    ];
    for page in pages {
        let shown = lead.get(&page);
        assert!(!shown.body.contains(WORD), "{page}: {}", shown.body);
    }
    assert_eq!(story.state_of(&request), "approved");
    assert!(story.gate_is_open());
    // Whatever looks at the ground again finds it as it was.
    let again: Value = review;
    good(&lead.put(&story.at("review"), &again));
    assert_eq!(story.state_of(&request), "approved");
    story.app.assert_audit_holds();
}
