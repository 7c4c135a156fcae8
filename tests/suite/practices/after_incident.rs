//! Seed 004, "Post-incident review": what people attest, what is refused, and the mistakes said where they would be made.

use super::{good, made};
use crate::story::Story;
use crate::support::Api;
use serde_json::{Value, json};

fn hold(story: &Story) -> String {
    let body = json!({ "practice": "post-incident-review", "subject_kind": "incident", "subject": story.reference });
    made(&story.lead().post("/practice-runs", &body))
}

fn shown(api: &Api, id: &str) -> Value {
    let shown = api.get(&format!("/practice-runs/{id}"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    shown.json
}

fn is_met(shown: &Value, line: &str) -> bool {
    let items = shown["items"].as_array().unwrap();
    items.iter().find(|item| item["line"] == line).unwrap_or_else(|| panic!("{line}"))["met"] == true
}

// seed: review.prevention.2 review.related.1 review.related.3 review.related.4 review.related.5 review.related.6
// seed: review.related.7 review.related.9
#[test]
fn what_only_a_person_can_say_waits_for_the_support_leads_word() {
    let story = Story::begin();
    let id = hold(&story);
    let to = format!("/practice-runs/{id}/attestations");
    let lines = [
        "review.prevention.2",
        "review.related.1",
        "review.related.3",
        "review.related.4",
        "review.related.5",
        "review.related.6",
        "review.related.7",
        "review.related.9",
    ];
    for line in lines {
        assert!(!is_met(&shown(&story.lead(), &id), line), "{line} waits");
        let body = json!({ "line": line, "evidence": "https://wiki.example/after-updates" });
        assert_eq!(story.owner().post(&to, &body).status, 403, "{line}: another role's word does not stand for it");
        if line == "review.related.7" {
            assert_eq!(story.lead().post(&to, &json!({ "line": line })).fields(), ["evidence"]);
        }
        good(&story.lead().post(&to, &body));
        assert!(is_met(&shown(&story.lead(), &id), line), "{line}");
    }
    story.app.assert_audit_holds();
}

// seed: review.mistake.1 review.mistake.2 review.mistake.3
#[test]
fn the_mistakes_stand_where_they_would_be_made() {
    let story = Story::begin();
    let lena = story.app.signed_in(&story.app.lead);
    let page = lena.get(&format!("/incidents/{}", story.reference)).body;
    let form = |action: &str| {
        let at = page.find(&format!("action=\"/incidents/{}/{action}\"", story.reference)).expect(action);
        page[at..].split("</form>").next().unwrap().to_owned()
    };
    assert!(form("status").contains("An incident is closed after recovery without prevention"), "{}", form("status"));
    assert!(form("timeline").contains("Things are retried or changed before the exact error"));
    let escalate = lena.get(&format!("/incidents/{}/escalations/new", story.reference)).body;
    assert!(escalate.contains("Support is asked with raw logs or vague words"), "{escalate}");
    // They are the practice's words: an administrator who changes them changes what is said there.
    let practice = story.admin().get("/practices/post-incident-review").json;
    let mut definition = practice["definition"].clone();
    let line = definition["line"].as_array_mut().unwrap().iter_mut().find(|line| line["id"] == "review.mistake.3");
    line.unwrap()["text"] = json!("Somebody sends the whole log.");
    good(&story.admin().put("/practices/post-incident-review", &json!({ "definition": definition })));
    let escalate = lena.get(&format!("/incidents/{}/escalations/new", story.reference)).body;
    assert!(escalate.contains("Somebody sends the whole log."));
}
