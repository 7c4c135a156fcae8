//! Procedures: the six templates, four parts, versions; acknowledging one and answering its situations.

use super::{NEWCOMER, SAID, Team, content, good};
use serde_json::json;

const SIX: [&str; 6] =
    ["questions", "support-drafts", "product-copy", "theme-review", "workflow-approval", "incident-escalation"];

// seed: training.scope.2 training.sop.1 training.checklist.1 training.sop.2 training.related.2
#[test]
fn each_role_has_its_procedures_and_the_six_ship_as_templates() {
    let team = Team::start();
    let shipped = team.admin().get("/procedure-templates").json;
    let names: Vec<&str> =
        shipped["items"].as_array().unwrap().iter().map(|template| template["name"].as_str().unwrap()).collect();
    assert_eq!(names, SIX);
    let open = team.unmet();
    for line in ["training.scope.2", "training.sop.1", "training.sop.2", "training.checklist.1", "training.related.2"] {
        assert!(open.iter().any(|id| id == line), "{line} holds and nothing is written: {open:?}");
    }
    for template in SIX {
        let made = team.admin().post("/procedures", &json!({ "template": template }));
        assert_eq!((made.status, &made.json["version"]), (201, &json!(1)), "{}", made.body);
    }
    assert!(!team.unmet().iter().any(|id| id == "training.sop.1" || id == "training.checklist.1"));
    assert!(team.unmet().iter().any(|id| id == "training.scope.2"), "no procedure is for auditors yet");
    assert_eq!(team.adopt("questions", "auditor"), "questions-auditor");
    let open = team.unmet();
    for line in ["training.scope.2", "training.sop.2", "training.related.2"] {
        assert!(!open.iter().any(|id| id == line), "{line}");
    }
    let shown = team.lead().get("/procedures/support-drafts").json;
    for part in ["examples", "refusal_rules", "approval_boundaries", "escalation_path"] {
        assert!(shown[part].as_str().is_some_and(|text| text.len() > 30), "{part}");
    }
    assert_eq!(shown["scenarios"], json!(null), "whoever is asked does not see the answers");
    let leads = team.lead().get("/procedures?role=support_lead").json;
    assert_eq!(leads["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_change_is_a_new_version_that_says_what_changed_and_asks_again() {
    let team = Team::start();
    let body =
        json!({ "slug": "drafts", "role": "support_lead", "topic": "support_drafts", "content": content("Drafts") });
    let made = team.admin().post("/procedures", &body);
    assert_eq!((made.status, made.location()), (201, "/api/v1/procedures/drafts"), "{}", made.body);
    assert_eq!(team.admin().post("/procedures", &body).fields(), ["slug"], "the name is taken");
    team.learns(&team.app.lead, "drafts", &team.admin());
    let shown = team.lead().get("/procedures/drafts").json;
    assert_eq!((&shown["acknowledged"], &shown["passed"]), (&json!(true), &json!(true)));
    let mut newer = content("Drafts");
    newer["refusal_rules"] = json!("No draft promises money, and none names a date that nobody has checked.");
    let same = team.admin().put("/procedures/drafts", &json!({ "content": content("Drafts") }));
    assert_eq!(same.fields(), ["content.title"], "a version that says the same asks people in vain");
    let stale = team.admin().request("PUT", "/procedures/drafts").header("if-match", "\"7\"");
    assert_eq!(team.admin().send(stale.json(&json!({ "content": newer }))).status, 412);
    good(&team.admin().put("/procedures/drafts", &json!({ "content": newer, "note": "Dates were promised twice" })));
    let shown = team.lead().get("/procedures/drafts");
    assert_eq!(shown.header("etag"), "\"2\"");
    assert_eq!((&shown.json["acknowledged"], &shown.json["passed"]), (&json!(false), &json!(false)));
    let changes = shown.json["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["part"]), (1, &json!("refusal_rules")));
    assert!(changes[0]["after"].as_str().unwrap().contains("nobody has checked"));
    let versions = team.lead().get("/procedures/drafts/versions").json;
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(versions["items"][1]["refusal_rules"], content("Drafts")["refusal_rules"], "version 1 stays as it was");
    let old = team.lead().post("/procedures/drafts/acknowledgements", &json!({ "version": 1 }));
    assert_eq!(old.status, 412, "{}", old.body);
    team.app.assert_audit_holds();
}

#[test]
fn what_is_wrong_with_a_procedure_is_said_at_its_field() {
    let team = Team::start();
    let admin = team.admin();
    assert_eq!(admin.post("/procedures", &json!({})).fields(), ["slug", "role", "topic", "content"]);
    assert_eq!(admin.post("/procedures", &json!({ "template": "nothing" })).fields(), ["template"]);
    assert_eq!(admin.post("/procedures", &json!({ "template": "questions", "role": "king" })).fields(), ["role"]);
    let mut poor = content("Drafts");
    poor["escalation_path"] = json!("-");
    poor["scenarios"].as_array_mut().unwrap().pop();
    let body = json!({ "slug": "Not A Slug", "role": "owner", "topic": "questions", "content": poor });
    let refused = admin.post("/procedures", &body);
    assert_eq!(refused.fields(), ["slug", "content.escalation_path", "content.scenarios"], "{}", refused.body);
    let mut secret = content("Drafts");
    secret["examples"] = json!("Sign in with the key sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3 first.");
    let body = json!({ "slug": "drafts", "role": "owner", "topic": "questions", "content": secret });
    good(&admin.post("/procedures", &body));
    let shown = admin.get("/procedures/drafts");
    assert!(!shown.body.contains("sk-proj-aB3dE5"), "{}", shown.body);
}

// seed: training.acceptance.1
#[test]
fn people_say_when_to_ask_approve_reject_escalate_or_stop_and_another_person_judges() {
    let team = Team::start();
    let slug = team.adopt("incident-escalation", "support_lead");
    let lead = team.lead();
    let checks = format!("/procedures/{slug}/checks");
    let answers = team.right_answers(&team.app.lead, &slug);
    let early = lead.post(&checks, &json!({ "answers": answers }));
    assert_eq!((early.status, early.codes()), (409, vec!["not_acknowledged"]), "{}", early.body);
    good(&lead.post(&format!("/procedures/{slug}/acknowledgements"), &json!({})));
    assert_eq!(lead.post(&checks, &json!({ "answers": ["ask"] })).fields(), ["answers"]);
    assert_eq!(
        lead.post(&checks, &json!({ "answers": ["ask", "hope", "ask", "ask", "ask"] })).fields(),
        ["answers[1]"]
    );
    let mut wrong = answers.clone();
    wrong.swap(1, 3);
    let told = lead.post(&checks, &json!({ "answers": wrong }));
    assert_eq!((told.status, &told.json["state"], &told.json["wrong"]), (201, &json!("wrong"), &json!([2, 4])));
    let wrong = told.json["id"].as_str().unwrap().to_owned();
    let pass = json!({ "passed": true, "note": SAID });
    let refused = team.admin().post(&format!("/scenario-checks/{wrong}/judgement"), &pass);
    assert_eq!((refused.status, refused.codes()), (409, vec!["answers_wrong"]));

    let told = lead.post(&checks, &json!({ "answers": answers }));
    let check = format!("/scenario-checks/{}/judgement", told.json["id"].as_str().unwrap());
    assert_eq!(lead.post(&checks, &json!({ "answers": answers })).codes(), ["waits_for_judgement"]);
    assert_eq!(lead.post(&check, &pass).status, 403, "nobody judges themselves");
    let waiting = team.admin().get("/scenario-checks").json;
    assert_eq!(waiting["items"][0]["person"]["name"], "Lena");
    assert_eq!(team.admin().post(&check, &json!({})).fields(), ["passed", "note"]);
    let judged = team.admin().post(&check, &pass);
    assert_eq!((judged.status, &judged.json["state"]), (200, &json!("passed")), "{}", judged.body);
    assert_eq!(team.admin().post(&check, &pass).codes(), ["judged_already"]);
    assert_eq!(lead.post(&checks, &json!({ "answers": answers })).codes(), ["passed_already"]);
    let operator = team.admin().get(&format!("/operators/{}", team.id_of(&team.app.lead))).json;
    assert_eq!(operator["checks"][1]["judged_by"]["name"], "Ada", "it stands there who judged: {operator}");
    assert!(team.unmet().iter().any(|id| id == "training.acceptance.1"), "the others have learned nothing yet");

    // With everybody trained the line holds.
    for (email, role) in [
        (&team.app.admin, "administrator"),
        (&team.app.owner, "owner"),
        (&team.app.reporter, "reporter"),
        (&team.app.auditor, "auditor"),
    ] {
        let slug = team.adopt("questions", role);
        let judge = if role == "administrator" { team.lead() } else { team.admin() };
        team.learns(email, &slug, &judge);
    }
    assert!(!team.unmet().iter().any(|id| id == "training.acceptance.1"), "{:?}", team.unmet());
    team.app.assert_audit_holds();
}

#[test]
fn somebody_without_a_role_reads_procedures_and_an_automation_does_not() {
    let team = Team::start();
    let slug = team.adopt("questions", "reporter");
    team.newcomer("reporter");
    assert_eq!(team.api(NEWCOMER).get(&format!("/procedures/{slug}")).status, 200);
    assert_eq!(team.api(NEWCOMER).get("/procedures").json["items"].as_array().map(Vec::len), Some(1));
    team.app.automation("order-mails");
    let robot = team.app.api(&team.app.automation_token("order-mails"));
    assert_eq!(robot.get(&format!("/procedures/{slug}")).status, 403);
    assert_eq!(robot.get("/operators").status, 403);
}
