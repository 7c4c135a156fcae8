//! Reviews that the cadence asks for, and flags.

use super::{Runs, failure, success};
use allclear::actions::{automation_reviews, flags};
use serde_json::{Value, json};

fn reviews(runs: &Runs) -> Vec<Value> {
    let reply = runs.lead().get(&format!("/automations/{}/reviews", runs.slug));
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json["items"].as_array().unwrap().clone()
}

fn occasions(runs: &Runs) -> Vec<String> {
    reviews(runs).iter().map(|review| review["occasion"].as_str().unwrap().to_owned()).collect()
}

/// Gives it the normal scope behind the program's back: how that is earned is not what these tests are about. A change
/// by the program follows, so that the gate's memory reads the row anew.
fn widen(runs: &Runs) {
    runs.app.tamper("UPDATE automations SET scope = 'normal'");
    let renamed = runs.admin().patch(&format!("/automations/{}", runs.slug), &json!({ "name": "Order mails" }));
    assert_eq!(renamed.status, 200, "{}", renamed.body);
}

// seed: workflow.cadence.1
#[test]
fn the_round_asks_for_the_review_before_the_first_run_once() {
    let runs = Runs::begin();
    assert_eq!(automation_reviews::round(&runs.app.desk).unwrap(), 1);
    assert_eq!(automation_reviews::round(&runs.app.desk).unwrap(), 0);
    assert_eq!(occasions(&runs), ["before_first_run"]);
    widen(&runs);
    assert_eq!(runs.gate().json["scope"], "normal");
    runs.report(&success());
    assert_eq!(reviews(&runs)[0]["overdue"], true, "the first run came before its review");
    assert_eq!(runs.gate().json["scope"], "read_only");
    let id = reviews(&runs)[0]["id"].as_str().unwrap().to_owned();
    let at = format!("/automation-reviews/{id}/completion");
    assert_eq!(runs.owner().post(&at, &json!({ "note": "-" })).fields(), ["note"]);
    let done = json!({ "note": "All nine facts still fit what it does." });
    assert_eq!(runs.owner().post(&at, &done).status, 200);
    assert_eq!(runs.owner().post(&at, &done).codes(), ["already_done"]);
    assert_eq!(runs.gate().json["scope"], "normal");
    assert_eq!(automation_reviews::round(&runs.app.desk).unwrap(), 0);
}

// seed: workflow.cadence.4
#[test]
fn the_round_asks_for_a_review_every_month_and_tells_the_owner() {
    let runs = Runs::begin();
    runs.app.tamper("UPDATE automations SET created_at = '2026-01-15 00:00:00'");
    assert_eq!(automation_reviews::round(&runs.app.desk).unwrap(), 2);
    assert_eq!(automation_reviews::round(&runs.app.desk).unwrap(), 0);
    assert!(occasions(&runs).contains(&"monthly".to_owned()));
    let mails = runs.mails();
    assert!(mails.len() == 1 && mails[0].contains("monthly review"), "{mails:?}");
    runs.app.tamper("UPDATE automation_reviews SET subject = '2026-01' WHERE occasion = 'monthly'");
    assert_eq!(automation_reviews::round(&runs.app.desk).unwrap(), 1, "another month");
}

// seed: workflow.cadence.2
#[test]
fn a_failed_run_asks_for_a_review_and_a_row_of_them_for_one() {
    let runs = Runs::begin();
    runs.report(&failure());
    runs.report(&failure());
    let asked = occasions(&runs).into_iter().filter(|occasion| occasion == "after_failed_run").count();
    assert_eq!(asked, 1);
}

// seed: workflow.escalation.1 workflow.escalation.2 workflow.escalation.3
#[test]
fn what_must_be_escalated_is_mailed_to_the_owner_and_the_administrators_once() {
    let runs = Runs::begin();
    let at = format!("/automations/{}", runs.slug);
    let told = |words: &str| {
        let mails = runs.mails();
        let fitting: Vec<&String> = mails.iter().filter(|mail| mail.contains(words)).collect();
        let to = |address: &str| fitting.iter().filter(|mail| mail.contains(&format!("To: {address}"))).count();
        (to("omar@example.org"), to("ada@example.org"), fitting.len())
    };
    let touches = json!({ "touches": { "writes_data": true, "contacts_customers": true } });
    assert_eq!(runs.admin().patch(&at, &touches).status, 200);
    assert_eq!(told("writes production data"), (1, 1, 2));
    assert_eq!(told("reaches customers"), (1, 1, 2));
    for _ in 0..4 {
        runs.report(&failure());
    }
    assert_eq!(told("fails again and again"), (1, 1, 2));
    assert_eq!(runs.admin().patch(&at, &json!({ "name": "Order mails" })).status, 200);
    assert_eq!(flags::round(&runs.app.desk).unwrap(), 0);
    assert_eq!(told("To be escalated"), (3, 3, 6), "each is told once");
    // Only a reason takes it away.
    let open = runs.lead().get(&format!("{at}/flags")).json["items"].clone();
    assert_eq!(open.as_array().unwrap().len(), 3);
    let dismissal = format!("/flags/{}/dismissal", open[0]["id"].as_str().unwrap());
    assert_eq!(runs.lead().post(&dismissal, &json!({ "reason": "n/a" })).fields(), ["reason"]);
}

#[test]
fn what_writes_or_reaches_customers_is_flagged_until_somebody_says_why_it_may_stay() {
    let runs = Runs::begin();
    let at = format!("/automations/{}", runs.slug);
    let touches = json!({ "touches": { "writes_data": true, "contacts_customers": true } });
    assert_eq!(runs.admin().patch(&at, &touches).status, 200);
    let list = |runs: &Runs| runs.lead().get(&format!("{at}/flags")).json["items"].as_array().unwrap().clone();
    let kinds: Vec<String> = list(&runs).iter().map(|flag| flag["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["customer_facing_output", "writes_production_data"]);
    let id = list(&runs)[0]["id"].as_str().unwrap().to_owned();
    let dismissal = format!("/flags/{id}/dismissal");
    assert_eq!(runs.lead().post(&dismissal, &json!({ "reason": "" })).fields(), ["reason"]);
    let reason = json!({ "reason": "Marketing approves every mail before it leaves." });
    assert_eq!(runs.owner().post(&dismissal, &reason).status, 403);
    assert_eq!(runs.lead().post(&dismissal, &reason).status, 200);
    assert_eq!(runs.lead().post(&dismissal, &reason).codes(), ["already_dismissed"]);
    // What was dismissed is not raised again by a change of something else, nor by the round.
    assert_eq!(runs.admin().patch(&at, &json!({ "name": "Order mails" })).status, 200);
    assert_eq!(flags::round(&runs.app.desk).unwrap(), 0);
    assert_eq!(list(&runs).len(), 2);
    runs.app.tamper("DELETE FROM flags");
    assert_eq!(flags::round(&runs.app.desk).unwrap(), 2);
}

#[test]
fn nodes_that_make_the_round_at_once_ask_and_tell_once() {
    let runs = Runs::begin();
    runs.app.tamper("UPDATE automations SET created_at = '2026-01-15 00:00:00'");
    let together = std::sync::Barrier::new(4);
    let asked: usize = std::thread::scope(|scope| {
        let round = || {
            together.wait();
            automation_reviews::round(&runs.app.desk).unwrap()
        };
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(round)).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });
    // The app makes its own rounds, so one of the two may be its.
    assert!(asked <= 2, "the one before the first run, and that of the month, not {asked}");
    assert_eq!(runs.app.number("SELECT count(*) AS number FROM automation_reviews"), 2);
    let mails = runs.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
}
