//! Every way to an incident's end, and every way past its pause.

use super::{PROOF, Story, approval, good, made, new_check, result};
use allclear::actions::{Failure, change_incident, pause};
use allclear::domain::incident::Status;
use serde_json::json;

/// What the page's form and `PATCH` call.
fn end(story: &Story, email: &str, status: Status) -> Vec<String> {
    let change = change_incident::Change { status: Some(status), ..Default::default() };
    match change_incident::run(&story.app.desk, &story.app.actor(email), &story.reference, None, change) {
        Ok(changed) => {
            assert_eq!(changed.status, status);
            Vec::new()
        }
        Err(Failure::Refused(reasons)) => reasons.into_iter().map(|reason| reason.code).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn closing_is_refused_until_everything_is_there() {
    let story = Story::begin();
    let by = story.app.admin.clone();
    let all = end(&story, &by, Status::Closed);
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
    story.complete();
    assert_eq!(end(&story, &by, Status::Closed), ["still_paused"]);
    let request = story.ask();
    assert_eq!(end(&story, &by, Status::Closed), ["still_paused"]);
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert_eq!(end(&story, &by, Status::Closed), [""; 0]);
    assert!(story.gate_is_open());
    story.app.assert_audit_holds();
}

#[test]
fn an_incident_that_ended_is_not_changed_any_more() {
    let story = Story::begin();
    let work = story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert_eq!(end(&story, &story.app.lead, Status::Closed), [""; 0]);
    let refused = [
        story.lead().put(&story.at("review"), &super::whole_review()),
        story.lead().post(&story.at("actions"), &story.new_action(&story.app.owner)),
        story.lead().post(&story.at("checks"), &new_check()),
        story.owner().post(&format!("/checks/{}/results", work.check), &result("fail")),
        story.owner().post(&format!("/criteria/{}/met", work.criterion), &json!({ "evidence": PROOF })),
        story.owner().post(&story.at("restart-requests"), &super::wish()),
    ];
    for reply in refused {
        assert_eq!((reply.status, reply.codes().contains(&"already_ended")), (409, true), "{}", reply.body);
    }
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
    assert_eq!(end(&story, &story.app.lead, Status::Cancelled), ["still_paused"]);
    story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    assert_eq!(end(&story, &story.app.lead, Status::Cancelled), [""; 0]);
}

#[test]
fn no_release_lifts_what_an_incident_holds() {
    let story = Story::begin();
    let held = story.lead().get(&story.at("readiness")).json["held_pauses"][0].as_str().unwrap().to_owned();
    for email in [&story.app.admin, &story.app.owner] {
        let released = pause::release(&story.app.desk, &story.app.actor(email), &held, "It looks fine again");
        match released {
            Err(Failure::Refused(reasons)) => assert_eq!(reasons[0].code, "held_by_incident"),
            other => panic!("{other:?}"),
        }
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
    assert_eq!(end(&story, &story.app.lead, Status::Closed), ["check_failed", "still_paused"]);
}
