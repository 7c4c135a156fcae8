//! Escalations that are delivered, and answers that are given, outside Allclear: a person records them.

use super::{SECRET, Story, good, made};
use chrono::Duration;
use serde_json::{Value, json};

/// An escalation that a person delivers; its id.
fn by_hand(story: &Story) -> String {
    let mut body = story.escalation(&story.bundle("hosting"));
    body.as_object_mut().unwrap().remove("to");
    let refused = story.lead().post(&story.at("escalations"), &body);
    assert_eq!((refused.status, refused.fields()), (422, vec!["to"]), "{}", refused.body);
    body["by_hand"] = json!(true);
    let queued = story.lead().post(&story.at("escalations"), &body);
    assert_eq!(queued.status, 202, "{}", queued.body);
    queued.json["id"].as_str().unwrap().to_owned()
}

fn shown(story: &Story, id: &str) -> Value {
    story.lead().get(&format!("/escalations/{id}")).json
}

fn timeline(story: &Story) -> String {
    story.lead().get(&format!("/incidents/{}", story.reference)).json["timeline"].to_string()
}

#[test]
fn what_was_told_by_hand_is_recorded_with_its_moment_and_their_ticket() {
    let story = Story::begin();
    let id = by_hand(&story);
    story.app.settle();
    let before = shown(&story, &id);
    assert_eq!((&before["state"], &before["to"], &before["attempts"]), (&json!("queued"), &json!(""), &json!(0)));
    let lena = story.app.signed_in(&story.app.lead);
    assert!(lena.get("/waiting?kind=tell").body.contains(&format!("/escalations/{id}#told")));
    let retry = story.lead().post(&format!("/escalations/{id}/retry"), &json!({}));
    assert_eq!((retry.status, retry.codes()), (409, vec!["by_hand"]), "{}", retry.body);

    let note = format!("Kim on the phone asked for {SECRET} and got it.");
    let body = json!({ "way": "telephone", "ticket": "HX-7781", "note": note });
    let told = story.lead().post(&format!("/escalations/{id}/deliveries"), &body);
    assert_eq!((told.status, &told.json["state"]), (201, &json!("sent")), "{}", told.body);
    let after = shown(&story, &id);
    assert_eq!((&after["state"], &after["sent_at"]), (&json!("sent"), &told.json["told_at"]));
    let delivery = &after["deliveries"][0];
    assert_eq!((&delivery["way"], &delivery["with_bundle"]), (&json!("telephone"), &json!(false)));
    let text = delivery["text"].as_str().unwrap();
    assert!(text.starts_with("Told the hosting company by telephone. In words, without the bundle."), "{text}");
    assert!(text.contains("Ticket: HX-7781") && text.contains("Kim on the phone") && !text.contains(SECRET), "{text}");
    assert!(timeline(&story).contains("Told the hosting company by telephone"));
    assert!(!lena.get("/waiting?kind=tell").body.contains("#told"));
    story.app.settle();
    for (path, bytes) in story.app.files() {
        assert!(memchr::memmem::find(&bytes, SECRET.as_bytes()).is_none(), "{}", path.display());
    }
    story.app.assert_audit_holds();
}

#[test]
fn a_mail_that_was_delivered_by_hand_is_not_tried_any_more() {
    let story = Story::begin();
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    let id = queued.json["id"].as_str().unwrap();
    let body = json!({ "way": "portal", "with_bundle": true });
    made(&story.lead().post(&format!("/escalations/{id}/deliveries"), &body));
    story.app.settle();
    let after = shown(&story, id);
    assert_eq!((&after["state"], &after["attempts"]), (&json!("sent"), &json!(0)), "{after}");
    assert_eq!((&after["next_try_at"], &after["server_words"]), (&Value::Null, &Value::Null));
    assert!(after["deliveries"][0]["text"].as_str().unwrap().contains("The bundle went along."));
}

#[test]
fn a_mail_in_the_outbox_waits_until_somebody_sent_it() {
    let story = Story::begin();
    let queued = story.lead().post(&story.at("escalations"), &story.escalation(&story.bundle("hosting")));
    let id = queued.json["id"].as_str().unwrap();
    story.app.settle();
    let lena = story.app.signed_in(&story.app.lead);
    assert!(lena.get("/waiting?kind=tell").body.contains("The mail lies in the outbox."));
    let body = json!({ "way": "own_mail", "with_bundle": true });
    made(&story.lead().post(&format!("/escalations/{id}/deliveries"), &body));
    assert!(!lena.get("/waiting?kind=tell").body.contains("#told"));
    assert!(lena.get(&format!("/escalations/{id}")).body.contains("Delivered by hand"));
}

#[test]
fn an_answer_that_was_heard_is_filed_like_one_that_came_by_mail() {
    let story = Story::begin();
    let id = by_hand(&story);
    made(&story.lead().post(&format!("/escalations/{id}/deliveries"), &json!({ "way": "telephone" })));
    let words = format!("They raised the limit. They read {SECRET} to me.");
    let body = json!({ "way": "telephone", "text": words, "ticket": "HX-7781" });
    made(&story.lead().post(&format!("/escalations/{id}/replies"), &body));
    let reply = shown(&story, &id)["replies"][0].clone();
    assert_eq!(
        (&reply["sender"], &reply["automatic"], &reply["files"]),
        (&json!("telephone"), &json!(false), &json!(0))
    );
    let text = reply["text"].as_str().unwrap();
    assert!(text.starts_with("Answer from the hosting company by telephone."), "{text}");
    assert!(text.contains("They raised the limit.") && text.contains("HX-7781") && !text.contains(SECRET), "{text}");
    assert_eq!(reply["read_by"]["email"], story.app.lead, "who records it has read it");
    let lena = story.app.signed_in(&story.app.lead);
    assert!(!lena.get("/waiting?kind=reply").body.contains("#answers"));
    let told = "SELECT COUNT(*) AS number FROM notices WHERE kind = 'reply_came'";
    assert_eq!(story.app.number(told), 0, "Lena sent it and heard it");
    good(
        &story.admin().post(&format!("/escalations/{id}/replies"), &json!({ "way": "chat", "text": "It is solved." })),
    );
    assert_eq!(story.app.number(told), 1, "Ada heard it, and Lena is told");
    assert!(timeline(&story).contains("It is solved."));
    story.app.assert_audit_holds();
}

#[test]
fn it_was_neither_in_the_future_nor_before_the_escalation() {
    let story = Story::begin();
    let id = by_hand(&story);
    let at = |minutes: i64| story.app.desk.now().plus(Duration::minutes(minutes)).rfc3339();
    for (to, more) in [("deliveries", json!({})), ("replies", json!({ "text": "We see it." }))] {
        let path = format!("/escalations/{id}/{to}");
        for minutes in [-10, 20] {
            let mut body = json!({ "way": "chat", "at": at(minutes) });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let refused = story.lead().post(&path, &body);
            assert_eq!((refused.status, refused.fields()), (422, vec!["at"]), "{to} {minutes}: {}", refused.body);
        }
        let nothing = story.lead().post(&path, &json!({ "at": "yesterday" }));
        assert_eq!((nothing.status, nothing.fields()), (422, vec!["way", "at"]), "{}", nothing.body);
    }
    let empty = story.lead().post(&format!("/escalations/{id}/replies"), &json!({ "way": "chat", "text": " " }));
    assert_eq!((empty.status, empty.fields()), (422, vec!["text"]), "{}", empty.body);
    assert_eq!(shown(&story, &id)["state"], "queued");
    assert_eq!(story.owner().post(&format!("/escalations/{id}/deliveries"), &json!({ "way": "chat" })).status, 403);
}

#[test]
fn what_is_recorded_twice_under_one_key_is_recorded_once() {
    let story = Story::begin();
    let id = by_hand(&story);
    let lead = story.lead();
    let path = format!("/escalations/{id}/deliveries");
    let send = |note: &str| {
        let body = json!({ "way": "chat", "note": note });
        lead.send(lead.request("POST", &path).header("Idempotency-Key", "k1").json(&body))
    };
    let (first, second) = (send("Kim"), send("Kim"));
    assert_eq!((first.status, &first.json), (second.status, &second.json), "{}", second.body);
    assert_eq!(send("Another").status, 422);
    assert_eq!(shown(&story, &id)["deliveries"].as_array().unwrap().len(), 1);
}
