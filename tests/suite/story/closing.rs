//! Every way to an incident's end, and every way past its pause: the API, the page and the act behind both.

use super::{PROOF, Story, approval, good, made, new_check, result};
use crate::support::{Reply, hidden};
use allclear::actions::{Failure, pause};
use serde_json::json;

/// Ends the incident through the API; the codes of what refuses.
fn end(story: &Story, email: &str, status: &str) -> Vec<String> {
    let reply = story.api(email).patch(&format!("/incidents/{}", story.reference), &json!({ "status": status }));
    assert!(matches!(reply.status, 200 | 409), "{} {}", reply.status, reply.body);
    assert_eq!(reply.status == 200, reply.codes().is_empty(), "{}", reply.body);
    if reply.status == 200 {
        assert_eq!(reply.json["status"], status);
    }
    reply.codes().into_iter().map(str::to_owned).collect()
}

/// Ends it through the form on its page; the page that answers.
fn end_on_the_page(story: &Story, status: &str) -> Reply {
    let browser = story.app.signed_in(&story.app.lead);
    let page = format!("/incidents/{}", story.reference);
    let version = hidden(&browser.get(&page).body, "version");
    browser.submit(&page, &format!("{page}/status"), &[("status", status), ("version", &version)])
}

fn status_of(story: &Story) -> String {
    story.lead().get(&format!("/incidents/{}", story.reference)).json["status"].as_str().unwrap().to_owned()
}

#[test]
fn closing_is_refused_until_everything_is_there() {
    let story = Story::begin();
    let by = story.app.admin.clone();
    let all = end(&story, &by, "closed");
    for code in [
        "review_root_cause",
        "no_documented_change",
        "detection_unanswered",
        "no_actions",
        "no_checks",
        "no_criteria",
        "still_paused",
    ] {
        assert!(all.contains(&code.to_owned()), "{code}: {all:?}");
    }
    let page = end_on_the_page(&story, "closed");
    assert!((400..500).contains(&page.status), "{} {}", page.status, page.body);
    assert!(page.body.contains("No change is documented"), "{}", page.body);
    assert_eq!(status_of(&story), "triage");
    story.complete();
    assert_eq!(end(&story, &by, "closed"), ["still_paused"]);
    let request = story.ask();
    assert_eq!(end(&story, &by, "closed"), ["still_paused"]);
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    let page = end_on_the_page(&story, "closed");
    assert_eq!((page.status, status_of(&story).as_str()), (303, "closed"), "{}", page.body);
    assert!(story.gate_is_open());
    story.app.assert_audit_holds();
}

#[test]
fn an_incident_that_ended_is_not_changed_any_more() {
    let story = Story::begin();
    let work = story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert_eq!(end(&story, &story.app.lead, "closed"), [""; 0]);
    let here = format!("/incidents/{}", story.reference);
    let before = story.lead().get(&here).json;
    let refused = [
        story.lead().put(&story.at("review"), &super::whole_review()),
        story.lead().post(&story.at("actions"), &story.new_action(&story.app.owner)),
        story.lead().post(&story.at("checks"), &new_check()),
        story.owner().post(&format!("/checks/{}/results", work.check), &result("fail")),
        story.owner().post(&format!("/criteria/{}/met", work.criterion), &json!({ "evidence": PROOF })),
        story.owner().post(&story.at("restart-requests"), &super::wish()),
        story.lead().patch(&here, &json!({ "title": "Nothing much happened" })),
        story.lead().patch(&here, &json!({ "severity": "sev4" })),
        story.lead().patch(&here, &json!({ "actual": "One mail" })),
        story.lead().patch(&here, &json!({ "status": "triage" })),
        story.lead().post(&story.at("no-evidence"), &json!({ "reason": "The host keeps no logs." })),
    ];
    for reply in refused {
        assert_eq!((reply.status, reply.codes().contains(&"already_ended")), (409, true), "{}", reply.body);
    }
    assert_eq!(story.lead().get(&here).json, before);
    let switch = pause::Switch::Automation(story.slug.clone());
    let lead = story.app.actor(&story.app.lead);
    let held = pause::run(&story.app.desk, &lead, &switch, None, Some(&story.reference));
    assert!(matches!(held, Err(Failure::Refused(_))), "no decision could lift what an ended incident holds");
    pause::run(&story.app.desk, &lead, &switch, None, None).unwrap();
    assert!(!story.gate_is_open());
}

#[test]
fn cancelling_does_not_leave_pauses_behind() {
    let story = Story::begin();
    assert_eq!(end(&story, &story.app.lead, "cancelled"), ["still_paused"]);
    story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert_eq!(end(&story, &story.app.lead, "cancelled"), [""; 0]);
}

#[test]
fn no_release_lifts_what_an_incident_holds() {
    let story = Story::begin();
    let held = story.lead().get(&story.at("readiness")).json["held_pauses"][0].as_str().unwrap().to_owned();
    for email in [&story.app.admin, &story.app.owner] {
        let reason = json!({ "reason": "It looks fine again" });
        let released = story.api(email).post(&format!("/pauses/{held}/release"), &reason);
        assert_eq!((released.status, released.codes()), (409, vec!["held_by_incident"]), "{}", released.body);
        let browser = story.app.signed_in(email);
        let form = format!("/automations/{}", story.slug);
        let page = browser.submit(&form, &format!("/pauses/{held}/release"), &[("reason", "It looks fine again")]);
        assert!((400..500).contains(&page.status), "{} {}", page.status, page.body);
    }
    assert!(!story.gate_is_open());
}

#[test]
fn closing_counts_a_check_that_failed_since() {
    let story = Story::begin();
    let work = story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    made(&story.owner().post(&format!("/checks/{}/results", work.check), &result("fail")));
    assert_eq!(end(&story, &story.app.lead, "closed"), ["check_failed", "still_paused"]);
}
