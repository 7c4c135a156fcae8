//! People who were there already: some days to learn, then they approve and open nothing until they have.

use super::{Team, good};
use chrono::Duration;
use serde_json::json;

#[test]
fn whoever_is_late_approves_nothing_and_still_pauses_files_and_learns() {
    let team = Team::start();
    let slug = team.app.automation("order-mails");
    let procedure = team.adopt("workflow-approval", "owner");
    let owner = team.api(&team.app.owner);
    let pause = |why: &str| {
        let made = owner.post(&format!("/automations/{slug}/pauses"), &json!({ "reason": why }));
        assert_eq!(made.status, 201, "{}", made.body);
        format!("/pauses/{}/release", made.json["id"].as_str().unwrap())
    };
    team.roll_out();
    let release = json!({ "reason": "The provider answers again" });
    good(&owner.post(&pause("The provider is slow"), &release));
    let home = team.app.signed_in(&team.app.owner).get("/").body;
    assert!(home.contains("Your training: owner"), "{home}");
    assert!(!home.contains("It is overdue"), "{home}");

    let held = pause("Mails look odd");
    team.app.desk.clock.advance(Duration::days(15));
    let late = owner.post(&held, &release);
    assert_eq!(late.status, 403, "{}", late.body);
    assert!(late.body.contains("Your training for this site is overdue"), "{}", late.body);
    assert!(team.app.signed_in(&team.app.owner).get("/").body.contains("It is overdue"));
    let incident = json!({ "title": "Two mails", "severity": "sev3", "site": team.app.site,
        "occurred_at": team.app.now_text() });
    good(&owner.post("/incidents", &incident));
    pause("Still odd");
    assert_eq!(owner.get(&format!("/automations/{slug}")).status, 200);

    team.learns(&team.app.owner, &procedure, &team.admin());
    good(&owner.post(&held, &release));
    assert!(!team.app.signed_in(&team.app.owner).get("/").body.contains("Your training"));
}

#[test]
fn another_site_is_not_concerned_and_a_new_version_gives_new_days() {
    let team = Team::start();
    let procedure = team.adopt("questions", "support_lead");
    team.roll_out();
    team.learns(&team.app.lead, &procedure, &team.admin());
    team.app.desk.clock.advance(Duration::days(30));
    let due = || {
        let operator = team.admin().get(&format!("/operators/{}", team.id_of(&team.app.lead))).json;
        operator["training"][0]["due_at"].clone()
    };
    assert_eq!(due(), json!(null));
    let mut content = team.admin().get("/procedure-templates").json["items"][0]["content"].clone();
    content["examples"] = json!("Good: a question with the order, the site and the hour in it.");
    good(&team.admin().put(&format!("/procedures/{procedure}"), &json!({ "content": content })));
    let until = due();
    let written = team.lead().get(&format!("/procedures/{procedure}")).json["written_at"].clone();
    let day = |text: &serde_json::Value| chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
    assert_eq!(day(&until) - day(&written), Duration::days(14));
    // Olga works on the other site, whose roll-out has not begun.
    let olga = team.admin().get(&format!("/operators/{}", team.id_of(&team.app.outsider))).json;
    assert_eq!(olga["training"], json!([]));
}

#[test]
fn where_everybody_is_late_they_can_still_become_trained() {
    let team = Team::start();
    for role in ["administrator", "support_lead"] {
        team.adopt("questions", role);
    }
    team.roll_out();
    team.app.desk.clock.advance(Duration::days(20));
    // Ada's session and token are new, she is late, and her judge is late too.
    team.learns(&team.app.admin, "questions-administrator", &team.lead());
    team.learns(&team.app.lead, "questions-support-lead", &team.admin());
    let operator = team.admin().get(&format!("/operators/{}", team.id_of(&team.app.lead))).json;
    assert_eq!(operator["training"][0]["lacking"], json!([]));
}
