//! What must be said in words: filler says nothing in any field, and no field takes a text without end.

use super::{PROOF, Story, good, made, new_check, result, whole_review, wish};
use crate::assets::Library;
use crate::support::Reply;
use allclear::vault::Shelf;
use serde_json::json;

const FILLERS: &[&str] =
    &["", "  ", "n/a", "-", "tbd", "ok", "not applicable", "aaaaaaaaaaaaaaa", ". . . . . . . . . . . ."];

/// Sends a text to one field.
type Send<'a> = Box<dyn Fn(&str) -> Reply + 'a>;

#[test]
fn every_field_that_asks_for_a_sentence_holds_the_same_rule() {
    let story = Story::begin();
    let alarm = alarm(&story);
    let library = Library { app: crate::support::App::start() };
    let (draft, approved) = (library.ready(), library.approved());
    let action = story.plan(&story.app.owner);
    let check = made(&story.lead().post(&story.at("checks"), &new_check()));
    let criterion = made(&story.lead().post(&story.at("criteria"), &json!({ "statement": "No order gets two mails" })));
    let (lead, owner, admin) = (story.lead(), story.owner(), library.admin());
    let mut fields: Vec<(&str, &str, Send)> = vec![
        ("no evidence", "reason", Box::new(|text| lead.post(&story.at("no-evidence"), &json!({ "reason": text })))),
        ("a false alarm", "reason", Box::new(|text| lead.post(&alarm, &json!({ "reason": text })))),
        (
            "a proof",
            "proof",
            Box::new(|text| owner.post(&format!("/actions/{action}/completion"), &json!({ "proof": text }))),
        ),
        (
            "what a check expects",
            "expected",
            Box::new(|text| lead.post(&story.at("checks"), &json!({ "title": "Resend", "expected": text }))),
        ),
        (
            "a result",
            "evidence",
            Box::new(|text| {
                let body = json!({ "outcome": "pass", "evidence": text });
                owner.post(&format!("/checks/{check}/results"), &body)
            }),
        ),
        ("a criterion", "statement", Box::new(|text| lead.post(&story.at("criteria"), &json!({ "statement": text })))),
        (
            "what shows it",
            "evidence",
            Box::new(|text| owner.post(&format!("/criteria/{criterion}/met"), &json!({ "evidence": text }))),
        ),
        (
            "a rejection",
            "reason",
            Box::new(|text| admin.post(&format!("/assets/{draft}/rejection"), &json!({ "reason": text }))),
        ),
        (
            "a removal",
            "reason",
            Box::new(|text| admin.post(&format!("/assets/{approved}/removal"), &json!({ "reason": text }))),
        ),
    ];
    let asking: Send = Box::new(|text| {
        let mut body = wish();
        body["note"] = json!(text);
        owner.post(&story.at("restart-requests"), &body)
    });
    fields.push(("asking for a restart", "note", asking));
    hold(&fields);

    // A decision needs a request.
    good(&owner.post(&format!("/actions/{action}/completion"), &json!({ "proof": PROOF })));
    good(&lead.post(&format!("/actions/{action}/verification"), &json!({})));
    good(&owner.post(&format!("/criteria/{criterion}/met"), &json!({ "evidence": PROOF })));
    made(&owner.post(&format!("/checks/{check}/results"), &result("pass")));
    good(&lead.put(&story.at("review"), &whole_review()));
    let decision = format!("/restart-requests/{}/decision", story.ask());
    let decider = story.admin();
    let deciding: Send = Box::new(|text| decider.post(&decision, &json!({ "decision": "declined", "reason": text })));
    hold(&[("a decision", "reason", deciding)]);
}

fn hold(fields: &[(&str, &str, Send)]) {
    let long = "it goes on and on ".repeat(2_000);
    for (what, field, send) in fields {
        for text in FILLERS.iter().copied().chain([long.as_str()]) {
            let reply = send(text);
            let shown: String = text.chars().take(20).collect();
            assert_eq!((reply.status, reply.fields()), (422, vec![*field]), "{what}: {shown:?}: {}", reply.body);
        }
    }
}

/// An alarm of the second scan; the address at which it is called false.
fn alarm(story: &Story) -> String {
    let lead = story.lead();
    lead.post_bytes(&story.at("evidence?name=debug.log"), "an ordinary line\n");
    story.app.settle();
    let file = story.app.desk.vault.files(Shelf::Redacted).unwrap().remove(0);
    let path = story.app.desk.vault.path(Shelf::Redacted, &file).unwrap();
    std::fs::write(path, format!("key {}\n", super::SECRET)).unwrap();
    assert_eq!(lead.post(&story.at("bundles"), &json!({ "audience": "hosting" })).codes(), ["second_scan"]);
    let alarms = lead.get(&story.at("alarms"));
    format!("/alarms/{}/lifting", alarms.json["items"][0]["id"].as_str().unwrap())
}
