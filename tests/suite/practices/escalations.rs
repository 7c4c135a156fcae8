//! Escalations of practices: raised, told, dismissed with a reason, ended when they hold no more.

use super::{Agency, good, made};
use crate::incidents::follow;
use crate::support::Api;
use allclear::actions::escalate_practice::round;
use serde_json::{Value, json};

const LINE: &str = "playbook.escalation.1";

/// A playbook that somebody reported something about, held against its practice; the flag and the run.
fn reported(agency: &Agency) -> (String, String) {
    let playbook = agency.playbook();
    let body = json!({ "practice": "playbook-reuse", "subject_kind": "playbook", "subject": playbook });
    let run = made(&agency.lead().post("/practice-runs", &body));
    (report(agency, &playbook), run)
}

fn report(agency: &Agency, playbook: &str) -> String {
    let finding = json!({ "finding": "Step two names one client's coupon" });
    made(&agency.lead().post(&format!("/playbooks/{playbook}/flags"), &finding))
}

fn due(api: &Api, run: &str) -> Value {
    let shown = api.get(&format!("/practice-runs/{run}"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    shown.json["escalations"].clone()
}

fn mails(agency: &Agency) -> Vec<String> {
    agency.app.texts("SELECT subject AS text FROM notices WHERE kind = 'practice_escalated' ORDER BY id")
}

// seed: playbook.escalation.1
#[test]
fn what_comes_to_hold_is_told_once_and_ends_when_it_holds_no_more() {
    let agency = Agency::start();
    let (flag, run) = reported(&agency);
    round(&agency.app.desk).unwrap();
    let raised = due(&agency.lead(), &run);
    assert_eq!((&raised[0]["line"], &raised[0]["tell"]), (&json!(LINE), &json!(["administrator"])));
    assert!(raised[0]["raised_at"].is_string() && raised[0]["dismissed_at"].is_null(), "{raised}");
    assert_eq!(mails(&agency).len(), 1, "one administrator: {:?}", mails(&agency));
    assert!(mails(&agency)[0].starts_with("To be escalated (Playbook reuse): It carries assumptions"));
    round(&agency.app.desk).unwrap();
    assert_eq!(mails(&agency).len(), 1, "nobody is told twice");

    good(&agency.lead().post(&format!("/playbook-flags/{flag}/settlement"), &json!({ "reason": "It is general now" })));
    round(&agency.app.desk).unwrap();
    assert_eq!(due(&agency.lead(), &run), json!([]));
    let playbook = agency.lead().get(&format!("/practice-runs/{run}")).json["subject"].as_str().unwrap().to_owned();
    report(&agency, &playbook);
    round(&agency.app.desk).unwrap();
    assert_ne!(due(&agency.lead(), &run)[0]["id"], raised[0]["id"], "a second time is told anew");
    assert_eq!(mails(&agency).len(), 2);
    agency.app.assert_audit_holds();
}

#[test]
fn whom_it_tells_dismisses_it_with_a_reason_and_nobody_else() {
    let agency = Agency::start();
    let (_, run) = reported(&agency);
    round(&agency.app.desk).unwrap();
    let id = due(&agency.lead(), &run)[0]["id"].as_str().unwrap().to_owned();
    let to = format!("/practice-escalations/{id}/dismissal");
    let reason = json!({ "reason": "Looked at with the owner; the coupon is an example" });
    assert_eq!(agency.api(&agency.app.outsider).post(&to, &reason).status, 404);
    assert_eq!(agency.lead().post(&to, &reason).status, 403);
    assert_eq!(agency.admin().post("/practice-escalations/nothing/dismissal", &reason).status, 404);
    assert_eq!(agency.admin().get(&to).status, 405);
    assert_eq!(agency.admin().post(&to, &json!({ "reason": "ok" })).fields(), ["reason"]);
    good(&agency.admin().post(&to, &reason));
    assert_eq!(agency.admin().post(&to, &reason).codes(), ["not_standing"]);
    let shown = due(&agency.lead(), &run);
    assert_eq!((&shown[0]["dismissed_by"]["name"], shown.as_array().unwrap().len()), (&json!("Ada"), 1));
    round(&agency.app.desk).unwrap();
    assert_eq!(due(&agency.lead(), &run), shown, "while it holds it is not raised again");
    agency.app.assert_audit_holds();
}

#[test]
fn it_waits_on_home_and_is_dismissed_on_its_page() {
    let agency = Agency::start();
    let (_, run) = reported(&agency);
    round(&agency.app.desk).unwrap();
    let ada = agency.app.signed_in(&agency.app.admin);
    assert!(ada.get("/").body.contains("To be escalated: Answer a double charge"));
    assert!(ada.get("/waiting?kind=practice").body.contains(&format!("/practice-runs/{run}#escalations")));
    let lena = agency.app.signed_in(&agency.app.lead);
    assert!(!lena.get("/waiting?kind=practice").body.contains("To be escalated"), "it tells administrators");
    let page = format!("/practice-runs/{run}");
    let id = due(&agency.lead(), &run)[0]["id"].as_str().unwrap().to_owned();
    let action = format!("{page}/escalations/{id}");
    assert!(!lena.get(&page).body.contains(&action));
    let again = ada.submit(&page, &action, &[("reason", "tbd")]);
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(again.body.contains("who looked at it and why") && again.body.contains("tbd</textarea>"), "{}", again.body);
    let done = ada.submit(&page, &action, &[("reason", "Looked at with the owner; it is an example")]);
    assert!(follow(&ada, &done).body.contains("It is dismissed, with your reason."));
    assert!(!ada.get("/waiting?kind=practice").body.contains("To be escalated"));
}

// seed: review.escalation.1
#[test]
fn an_incident_that_was_closed_behind_this_programs_back_is_escalated() {
    let agency = Agency::start();
    let reference = agency.app.incident("Charged twice");
    let body = json!({ "practice": "post-incident-review", "subject_kind": "incident", "subject": reference });
    let run = made(&agency.lead().post("/practice-runs", &body));
    round(&agency.app.desk).unwrap();
    assert_eq!(due(&agency.lead(), &run), json!([]));
    agency.app.tamper(&format!("UPDATE incidents SET status = 'closed' WHERE reference = '{reference}'"));
    round(&agency.app.desk).unwrap();
    assert_eq!(due(&agency.lead(), &run)[0]["line"], "review.escalation.1");
    assert_eq!(mails(&agency).len(), 1);
}

#[test]
fn reviews_of_practices_wait_for_the_role_that_answers() {
    let agency = Agency::start();
    let site = json!({ "practice": "operator-training", "subject_kind": "site", "subject": agency.app.site });
    let run = made(&agency.lead().post("/practice-runs", &site));
    let shown = agency.admin().get("/practices/operator-training").json["definition"]["owner"].clone();
    assert_eq!(shown, "administrator");
    let ada = agency.app.signed_in(&agency.app.admin);
    let listed = ada.get("/waiting?kind=practice").body;
    assert!(listed.contains(&format!("/practice-runs/{run}#reviews")) && listed.contains("Say what the review found"));
    agency.app.tamper("UPDATE practice_reviews SET due_at = '2020-01-01 00:00:00'");
    assert!(ada.get("/waiting?kind=practice").body.contains("It is overdue."));
    let lena = agency.app.signed_in(&agency.app.lead);
    assert!(!lena.get("/waiting?kind=practice").body.contains("#reviews"));
}
