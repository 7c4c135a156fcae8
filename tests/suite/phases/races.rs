//! Acts raced from two threads over real connections: whoever comes first, no gate stands open against the rules.

use super::stale::update_site;
use crate::story::{Story, approval, good};
use serde_json::json;
use std::sync::Barrier;
use std::time::Duration;

/// Runs both at once, `head_start` milliseconds for the first when the round is even, for the second when it is odd.
fn raced<A: Send, B: Send>(
    round: usize,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    let start = Barrier::new(2);
    let wait = |late: bool| {
        start.wait();
        std::thread::sleep(Duration::from_millis(if late { 8 } else { 0 }));
    };
    std::thread::scope(|scope| {
        let a = scope.spawn(|| {
            wait(round % 2 == 1);
            first()
        });
        let b = scope.spawn(|| {
            wait(round.is_multiple_of(2));
            second()
        });
        (a.join().unwrap(), b.join().unwrap())
    })
}

#[test]
fn a_decision_and_new_versions_of_the_site_in_either_order() {
    let mut orders = [0, 0];
    for round in 0..8 {
        let story = Story::begin();
        story.complete();
        let request = story.ask();
        let (admin, path) = (story.admin(), format!("/restart-requests/{request}/decision"));
        let (decided, ()) = raced(round, || admin.post(&path, &approval()), || update_site(&story, "3.3.0"));
        match decided.status {
            200 => orders[0] += 1,
            409 => orders[1] += 1,
            _ => panic!("{} {}", decided.status, decided.body),
        }
        assert_eq!(story.state_of(&request), "void");
        assert!(!story.gate_is_open());
        story.app.assert_audit_holds();
    }
    assert!(orders[0] > 0 && orders[1] > 0, "both orders must have happened: {orders:?}");
}

#[test]
fn a_decision_and_a_pause_in_either_order_leave_it_paused() {
    for round in 0..4 {
        let story = Story::begin();
        story.complete();
        let request = story.ask();
        let (admin, lead) = (story.admin(), story.lead());
        let (decision, pauses) =
            (format!("/restart-requests/{request}/decision"), format!("/automations/{}/pauses", story.slug));
        let (decided, paused) = raced(round, || admin.post(&decision, &approval()), || lead.post(&pauses, &json!({})));
        good(&decided);
        good(&paused);
        assert_eq!(super::gate(&story), json!(["paused"]));
    }
}

#[test]
fn a_confirmation_and_an_end_in_either_order_leave_it_closed() {
    for round in 0..6 {
        let story = Story::begin();
        let until = story.app.desk.now().plus(chrono::Duration::hours(1)).rfc3339();
        let wish = json!({ "reason": "Orders must be confirmed tonight.", "expires_at": until });
        let id = crate::story::made(&story.owner().post(&format!("/automations/{}/overrides", story.slug), &wish));
        let (admin, lead) = (story.admin(), story.lead());
        let (confirmed, ended) = raced(
            round,
            || admin.post(&format!("/overrides/{id}/confirmation"), &json!({})),
            || lead.post(&format!("/overrides/{id}/end"), &json!({})),
        );
        good(&ended);
        assert!(matches!(confirmed.status, 200 | 409), "{}", confirmed.body);
        assert!(!story.gate_is_open());
    }
}

#[test]
fn two_confirmations_at_once_leave_one_and_one_follow_up() {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", allclear::domain::person::Role::Administrator);
    let until = story.app.desk.now().plus(chrono::Duration::hours(1)).rfc3339();
    let wish = json!({ "reason": "Orders must be confirmed tonight.", "expires_at": until });
    let id = crate::story::made(&story.owner().post(&format!("/automations/{}/overrides", story.slug), &wish));
    let (admin, anna, path) = (story.admin(), story.api(&anna), format!("/overrides/{id}/confirmation"));
    let (first, second) = raced(0, || admin.post(&path, &json!({})), || anna.post(&path, &json!({})));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(story.lead().get(&story.at("actions")).json["items"].as_array().unwrap().len(), 1);
}
