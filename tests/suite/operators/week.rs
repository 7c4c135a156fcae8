//! The review of a first week: five sources, findings of four kinds, and the procedure that has to change.

use super::{NEWCOMER, SAID, Team, content, good};
use chrono::Duration;
use serde_json::{Value, json};

const SOURCES: [&str; 5] = ["prompts", "rejected_plans", "drafts", "approvals", "audit_records"];

fn note(team: &Team, review: &str, source: &str, finding: Option<&str>) -> Value {
    let body = json!({ "source": source, "what": "We read what stood there, one after the other", "finding": finding });
    let made = team.lead().post(&format!("/week-reviews/{review}/notes"), &body);
    assert_eq!(made.status, 201, "{}", made.body);
    made.json
}

/// A pause drill of this person on the first site, as it stands in the table.
fn drill(team: &Team, email: &str) {
    let (site, person) = (team.id_of_site(), team.id_of(email));
    let at = team.app.desk.now().naive_utc().format("%Y-%m-%d %H:%M:%S");
    team.app.tamper(&format!(
        "INSERT INTO drills (id, target_kind, target, site_id, held_by, held_at, covered, closed, took_ms) \
         VALUES ('drill-{person}', 'site', '{site}', '{site}', '{person}', '{at}', 1, 1, 12)"
    ));
}

// seed: training.week.1 training.checklist.2 training.checklist.4
#[test]
fn a_first_week_is_over_when_all_five_sources_were_read_and_the_operator_knows_the_switch() {
    let team = Team::start();
    let review = team.in_the_first_week("support_lead", "support-drafts");
    let at = format!("/week-reviews/{review}");
    let shown = team.lead().get(&at);
    assert_eq!(shown.codes().len(), 8, "{}", shown.body);
    let early = team.lead().post(&format!("{at}/closure"), &json!({ "note": SAID }));
    assert_eq!((early.status, early.codes()[0]), (409, "week_not_over"));
    // What the newcomer does stands there by itself.
    let nora = team.api(NEWCOMER);
    let incident = json!({ "title": "Two mails", "severity": "sev3", "site": team.app.site,
        "occurred_at": team.app.now_text() });
    good(&nora.post("/incidents", &incident));
    let fetched = nora.post(&format!("/sites/{}/diagnostics", team.app.site), &json!({}));
    assert_eq!((fetched.status, fetched.json["sha256"].as_str().map(str::len)), (201, Some(64)), "{}", fetched.body);
    let recorded = team.lead().get(&at).json["recorded"].clone();
    assert!(recorded.to_string().contains("filed incidents"), "{recorded}");
    for source in SOURCES {
        note(&team, &review, source, None);
    }
    team.app.desk.clock.advance(Duration::days(8));
    let refused = team.lead().post(&format!("{at}/closure"), &json!({ "note": SAID }));
    assert_eq!(refused.codes(), ["no_pause_drill"], "{}", refused.body);
    let open = team.unmet();
    assert!(open.iter().any(|id| id == "training.week.1") && open.iter().any(|id| id == "training.checklist.4"));
    assert!(open.iter().any(|id| id == "training.checklist.2"));
    drill(&team, NEWCOMER);
    assert_eq!(nora.post(&format!("{at}/closure"), &json!({ "note": SAID })).status, 403, "nobody reviews themselves");
    assert_eq!(team.lead().post(&format!("{at}/closure"), &json!({ "note": "-" })).fields(), ["note"]);
    good(&team.lead().post(&format!("{at}/closure"), &json!({ "note": SAID })));
    assert_eq!(team.lead().post(&format!("{at}/closure"), &json!({ "note": SAID })).codes(), ["closed_already"]);
    let open = team.unmet();
    assert!(!open.iter().any(|id| id == "training.week.1" || id == "training.checklist.2"), "{open:?}");
    // The others who can pause have not found the switch yet.
    assert!(open.iter().any(|id| id == "training.checklist.4"));
    for email in [&team.app.admin, &team.app.lead, &team.app.owner] {
        drill(&team, email);
        good(&team.api(email).post(&format!("/sites/{}/diagnostics", team.app.site), &json!({})));
    }
    assert!(!team.unmet().iter().any(|id| id == "training.checklist.4"), "{:?}", team.unmet());
}

// seed: training.week.2 training.acceptance.2 training.escalation.1
#[test]
fn what_comes_a_second_time_changes_a_procedure_before_the_review_can_end() {
    let team = Team::start();
    let review = team.in_the_first_week("support_lead", "support-drafts");
    let at = format!("/week-reviews/{review}");
    assert_eq!(note(&team, &review, "prompts", Some("skipped_context"))["task"], json!(null));
    assert_eq!(note(&team, &review, "prompts", Some("late_escalation"))["task"], json!(null), "another kind");
    let second = note(&team, &review, "drafts", Some("skipped_context"));
    let task = second["task"].as_str().unwrap().to_owned();
    assert_eq!(note(&team, &review, "approvals", Some("skipped_context"))["task"], json!(task), "one task for it");
    assert!(team.lead().get(&at).codes().contains(&"procedure_unchanged_skipped_context"));
    let open = team.unmet();
    assert!(open.iter().any(|id| id == "training.week.2") && open.iter().any(|id| id == "training.acceptance.2"));
    let runs = team.admin().get("/practice-runs?practice=operator-training").json;
    assert_eq!(runs["items"][0]["escalations"][0]["line"], "training.escalation.1");

    let done = format!("/procedure-tasks/{task}/completion");
    let named = json!({ "procedure": "support-drafts" });
    assert_eq!(team.lead().post(&done, &named).status, 403, "an administrator changes procedures");
    assert_eq!(team.admin().post(&done, &named).fields(), ["procedure"], "it has not changed");
    assert_eq!(team.admin().post(&done, &json!({ "procedure": "questions" })).fields(), ["procedure"]);
    team.app.desk.clock.advance(Duration::minutes(1));
    let newer = json!({ "content": content("Drafts of answers"), "note": "Context was skipped twice" });
    good(&team.admin().put("/procedures/support-drafts", &newer));
    good(&team.admin().post(&done, &named));
    assert_eq!(team.admin().post(&done, &named).codes(), ["done_already"]);
    assert!(!team.lead().get(&at).codes().contains(&"procedure_unchanged_skipped_context"));
    let open = team.unmet();
    assert!(!open.iter().any(|id| id == "training.week.2" || id == "training.acceptance.2"), "{open:?}");
    team.app.desk.clock.advance(Duration::minutes(1));
    assert_eq!(note(&team, &review, "drafts", Some("skipped_context"))["task"], json!(null), "it counts anew");
    team.app.assert_audit_holds();
}

#[test]
fn what_is_noted_is_checked_and_holds_no_secret() {
    let team = Team::start();
    let review = team.in_the_first_week("reporter", "questions");
    let notes = format!("/week-reviews/{review}/notes");
    let lead = team.lead();
    assert_eq!(lead.post(&notes, &json!({})).fields(), ["source"]);
    assert_eq!(lead.post(&notes, &json!({ "source": "mails" })).fields(), ["source"]);
    assert_eq!(lead.post(&notes, &json!({ "source": "prompts", "finding": "rude" })).fields(), ["finding"]);
    assert_eq!(lead.post(&notes, &json!({ "source": "prompts", "what": "ok" })).fields(), ["what"]);
    let pasted = json!({ "source": "prompts", "finding": "unsafe_question",
        "what": "They asked with the key sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3 in the text" });
    good(&lead.post(&notes, &pasted));
    let shown = lead.get(&format!("/week-reviews/{review}"));
    assert!(!shown.body.contains("sk-proj-aB3dE5") && shown.body.contains("They asked with the key"), "{}", shown.body);
    assert_eq!(lead.get("/week-reviews?open=true").json["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(lead.get("/week-reviews?open=false").json["items"], json!([]));
}

#[test]
fn whoever_worked_there_before_is_not_new() {
    let team = Team::start();
    team.adopt("questions", "reporter");
    team.roll_out();
    let rita = team.id_of(&team.app.reporter);
    team.learns(&team.app.reporter, "questions", &team.admin());
    good(&team.give(&rita, "reporter"));
    assert_eq!(team.admin().get(&format!("/operators/{rita}")).json["week_reviews"], json!([]));
}
