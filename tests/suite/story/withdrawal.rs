//! Withdrawing an incident that was declared by mistake, and that this is no way around the gate.

use super::{SECRET, Story, approval, good};
use serde_json::json;

fn withdraw(story: &Story, email: &str, reference: &str) -> crate::support::Reply {
    let reason = json!({ "reason": format!("It is a duplicate; the key {SECRET} was a test.") });
    story.api(email).post(&format!("/incidents/{reference}/withdrawal"), &reason)
}

#[test]
fn a_mistake_ends_as_cancelled_with_its_reason() {
    let story = Story::begin();
    let mistake = story.app.incident("Mails go out twice, again");
    let nothing = story.lead().post(&format!("/incidents/{mistake}/withdrawal"), &json!({ "reason": "n/a" }));
    assert_eq!((nothing.status, nothing.fields()), (422, vec!["reason"]), "{}", nothing.body);
    let done = withdraw(&story, &story.app.owner, &mistake);
    assert_eq!((done.status, &done.json["status"]), (200, &json!("cancelled")), "{}", done.body);
    let shown = story.lead().get(&format!("/incidents/{mistake}")).json;
    let timeline = shown["timeline"].to_string();
    assert!(timeline.contains("Withdrawn, declared by mistake: It is a duplicate") && !timeline.contains(SECRET));
    assert_eq!(withdraw(&story, &story.app.lead, &mistake).codes(), ["already_ended"]);
    story.app.settle();
    story.app.assert_audit_holds();
}

#[test]
fn it_is_no_way_around_the_gate() {
    let story = Story::begin();
    for email in [&story.app.lead, &story.app.owner, &story.app.admin] {
        let refused = withdraw(&story, email, &story.reference);
        assert_eq!((refused.status, refused.codes()), (409, vec!["still_paused"]), "{}", refused.body);
        assert!(refused.body.contains("It still pauses order mails."), "{}", refused.body);
    }
    assert!(!story.gate_is_open());
    story.complete();
    let request = story.ask();
    assert_eq!(withdraw(&story, &story.app.lead, &story.reference).codes(), ["still_paused"]);
    assert_eq!(story.state_of(&request), "open");
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    good(&withdraw(&story, &story.app.lead, &story.reference));
}

#[test]
fn a_reporter_withdraws_their_own_until_somebody_worked_on_it() {
    let story = Story::begin();
    let app = &story.app;
    let filed = |title: &str| {
        let body = json!({ "title": title, "severity": "sev3", "site": app.site, "occurred_at": app.now_text() });
        let filed = story.api(&app.reporter).post("/incidents", &body);
        assert_eq!(filed.status, 201, "{}", filed.body);
        filed.json["reference"].as_str().unwrap().to_owned()
    };
    assert_eq!(withdraw(&story, &app.reporter, &story.reference).status, 404, "not theirs to see");
    good(&withdraw(&story, &app.reporter, &filed("Wrong shop")));
    let looked_at = filed("Two mails");
    let entry = json!({ "kind": "observed", "text": "I see it in the log too." });
    good(&story.lead().post(&format!("/incidents/{looked_at}/timeline"), &entry));
    let refused = withdraw(&story, &app.reporter, &looked_at);
    assert_eq!((refused.status, refused.codes()), (409, vec!["worked_on"]), "{}", refused.body);
    let moved = filed("Three mails");
    good(&story.lead().patch(&format!("/incidents/{moved}"), &json!({ "status": "investigating" })));
    assert_eq!(withdraw(&story, &app.reporter, &moved).codes(), ["worked_on"]);
    good(&withdraw(&story, &app.lead, &moved));
    story.app.assert_audit_holds();
}

#[test]
fn every_kind_of_work_keeps_a_reporter_from_withdrawing() {
    let story = Story::begin();
    let app = &story.app;
    let works: [(&str, &str, serde_json::Value); 5] = [
        ("PUT", "review", super::whole_review()),
        ("POST", "actions", story.new_action(&app.owner)),
        ("POST", "checks", super::new_check()),
        ("POST", "criteria", json!({ "statement": super::STATEMENT })),
        ("POST", "no-evidence", json!({ "reason": "The host keeps no logs of this." })),
    ];
    for (method, what, body) in works {
        let filing = json!({ "title": what, "severity": "sev3", "site": app.site, "occurred_at": app.now_text() });
        let filed = story.api(&app.reporter).post("/incidents", &filing);
        let reference = filed.json["reference"].as_str().unwrap().to_owned();
        let lead = story.lead();
        good(&lead.send(lead.request(method, &format!("/incidents/{reference}/{what}")).json(&body)));
        assert_eq!(withdraw(&story, &app.reporter, &reference).codes(), ["worked_on"], "{what}");
    }
}
