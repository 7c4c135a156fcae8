//! A decision raced by an edit, from two threads: an approval never stands on facts that changed.

use super::{Story, approval, new_check};
use std::sync::Barrier;

#[test]
fn a_decision_and_an_edit_in_either_order_never_leave_a_gate_open_on_stale_facts() {
    let mut orders = [0, 0];
    for round in 0..12 {
        let story = Story::begin();
        story.complete();
        let request = story.ask();
        let (admin, lead) = (story.admin(), story.lead());
        let start = Barrier::new(2);
        let (decided, edited) = std::thread::scope(|scope| {
            let decision = scope.spawn(|| {
                start.wait();
                // Both orders are wanted: each side gets a head start in turn.
                std::thread::sleep(std::time::Duration::from_millis(if round % 2 == 0 { 0 } else { 8 }));
                admin.post(&format!("/restart-requests/{request}/decision"), &approval())
            });
            let edit = scope.spawn(|| {
                start.wait();
                std::thread::sleep(std::time::Duration::from_millis(if round % 2 == 0 { 8 } else { 0 }));
                lead.post(&story.at("checks"), &new_check())
            });
            (decision.join().unwrap(), edit.join().unwrap())
        });
        assert_eq!(edited.status, 201, "{}", edited.body);
        match decided.status {
            200 => orders[0] += 1,
            409 => {
                assert!(decided.codes().contains(&"request_not_open"), "{}", decided.body);
                orders[1] += 1;
            }
            _ => panic!("{} {}", decided.status, decided.body),
        }
        assert_eq!(story.state_of(&request), "void");
        assert!(!story.gate_is_open());
        story.app.assert_audit_holds();
    }
    assert!(orders[0] > 0 && orders[1] > 0, "both orders must have happened: {orders:?}");
}

#[test]
fn two_decisions_at_once_leave_one() {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", allclear::domain::person::Role::Administrator);
    story.complete();
    let request = story.ask();
    let path = format!("/restart-requests/{request}/decision");
    let declined = serde_json::json!({ "decision": "declined", "reason": "The check does not cover refunds." });
    let (admin, anna) = (story.admin(), story.api(&anna));
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| admin.post(&path, &approval()));
        let second = scope.spawn(|| anna.post(&path, &declined));
        (first.join().unwrap(), second.join().unwrap())
    });
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", first.body, second.body);
    assert_eq!(story.gate_is_open(), first.status == 200);
}
