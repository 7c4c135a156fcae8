//! The roll-out of a site: what it refuses from its first moment, and the installer's route past it.

use super::{NEWCOMER, SAID, Team, good};
use crate::support::PASSWORD;
use allclear::actions::people::{self, NewPerson};
use allclear::domain::person::{Actor, Role};
use serde_json::json;

// seed: training.mistake.1
#[test]
fn from_its_start_a_role_is_given_only_to_whoever_has_learned_it() {
    let team = Team::start();
    let other = json!({ "email": "max@example.org", "name": "Max", "role": "support_lead", "sites": [team.app.site],
        "password": PASSWORD });
    good(&team.admin().post("/people", &other));
    let slug = team.adopt("support-drafts", "support_lead");
    let none = team.admin().get(&format!("/sites/{}/rollout", team.app.site));
    assert_eq!((none.status, &none.json["started_at"]), (200, &json!(null)));
    let begun = team.roll_out();
    let again = team.roll_out();
    assert_eq!(again.json, begun.json, "the second time it is the same roll-out");

    let invited = team.admin().post("/people", &team.newcomer_body("support_lead", false));
    assert_eq!(invited.status, 409, "{}", invited.body);
    assert_eq!(invited.codes(), ["untrained", "not_acknowledged", "check_not_passed"]);
    let without = team.admin().post("/people", &team.newcomer_body("owner", false));
    assert_eq!(without.codes(), ["untrained", "no_procedure"], "a role that nobody has written about is not learned");
    let mut everywhere = team.newcomer_body("support_lead", false);
    everywhere["sites"] = json!([]);
    assert_eq!(team.admin().post("/people", &everywhere).status, 409, "every site is that one too");
    let mut elsewhere = team.newcomer_body("support_lead", false);
    elsewhere["email"] = json!("els@example.org");
    elsewhere["sites"] = json!([team.app.other_site]);
    good(&team.admin().post("/people", &elsewhere));
    let olga = team.id_of(&team.app.outsider);
    assert_eq!(team.give(&olga, "support_lead").status, 409, "a permission is a role as well");
    assert_eq!(team.api(&team.app.outsider).get(&format!("/sites/{}", team.app.site)).status, 404);

    let id = team.newcomer("support_lead");
    let nora = team.api(NEWCOMER);
    assert_eq!(nora.get(&format!("/sites/{}", team.app.site)).status, 404, "training is no role");
    let own = nora.get(&format!("/operators/{id}"));
    assert_eq!((own.status, &own.json["training"][0]["held"]), (200, &json!(false)), "{}", own.body);
    good(&nora.post(&format!("/procedures/{slug}/acknowledgements"), &json!({})));
    assert_eq!(team.give(&id, "support_lead").codes(), ["untrained", "check_not_passed"]);
    let answers = team.right_answers(NEWCOMER, &slug);
    let check = nora.post(&format!("/procedures/{slug}/checks"), &json!({ "answers": answers }));
    assert_eq!(team.give(&id, "support_lead").codes(), ["untrained", "check_not_passed"], "nobody has judged");
    let check = check.json["id"].as_str().unwrap();
    good(&team.lead().post(&format!("/scenario-checks/{check}/judgement"), &json!({ "passed": true, "note": SAID })));
    good(&team.give(&id, "support_lead"));
    assert_eq!(nora.get(&format!("/sites/{}", team.app.site)).status, 200);
    let own = nora.get(&format!("/operators/{id}")).json;
    assert_eq!((own["training"].as_array().map(Vec::len), &own["training"][0]["held"]), (Some(1), &json!(true)));
    team.app.assert_audit_holds();
}

#[test]
fn a_new_version_keeps_the_next_one_out_again() {
    let team = Team::start();
    let slug = team.adopt("questions", "reporter");
    team.roll_out();
    let id = team.newcomer("reporter");
    team.learns(NEWCOMER, &slug, &team.admin());
    let mut content = team.admin().get("/procedure-templates").json["items"][0]["content"].clone();
    content["escalation_path"] = json!("Whatever looks odd goes to the support lead within ten minutes.");
    good(&team.admin().put(&format!("/procedures/{slug}"), &json!({ "content": content })));
    assert_eq!(team.give(&id, "reporter").codes(), ["untrained", "not_acknowledged", "check_not_passed"]);
    team.learns(NEWCOMER, &slug, &team.admin());
    good(&team.give(&id, "reporter"));
}

#[test]
fn the_installer_gives_with_a_waiver_that_stays_red_until_another_administrator_takes_note() {
    let team = Team::start();
    team.adopt("support-drafts", "support_lead");
    team.roll_out();
    let person = NewPerson {
        email: "ines@example.org".into(),
        name: "Ines".into(),
        role: Role::SupportLead,
        sites: vec![team.app.site.clone()],
        password: PASSWORD.into(),
    };
    people::add(&team.app.desk, &Actor::System("command-line"), &person).unwrap();
    let waivers = team.admin().get("/waivers?open=true").json;
    let waiver = &waivers["items"][0];
    assert_eq!(
        (&waiver["person"]["name"], &waiver["lacked"]),
        (&json!("Ines"), &json!("not_acknowledged, check_not_passed"))
    );
    assert_eq!((&waiver["granted_by"], &waiver["site"]), (&json!("system:command-line"), &json!(team.app.site)));
    let home = team.app.signed_in(&team.app.admin).get("/");
    assert!(home.body.contains("Ines got the role support lead without training"), "{}", home.body);
    assert!(!team.app.signed_in(&team.app.lead).get("/").body.contains("without training"));
    let at = format!("/waivers/{}/acknowledgement", waiver["id"].as_str().unwrap());
    assert_eq!(team.lead().post(&at, &json!({ "note": SAID })).status, 403);
    assert_eq!(team.admin().post(&at, &json!({ "note": "ok" })).fields(), ["note"]);
    assert_eq!(team.admin().post("/waivers/nothing/acknowledgement", &json!({ "note": SAID })).status, 404);
    good(&team.admin().post(&at, &json!({ "note": "She starts on Monday and learns this week" })));
    assert_eq!(team.admin().post(&at, &json!({ "note": SAID })).codes(), ["acknowledged_already"]);
    assert!(!team.app.signed_in(&team.app.admin).get("/").body.contains("without training"));
    assert_eq!(team.admin().get("/waivers?open=true").json["items"], json!([]));
    // Time is counted for her all the same.
    let operator = team.admin().get(&format!("/operators/{}", team.id_of("ines@example.org"))).json;
    assert!(operator["training"][0]["due_at"].is_string(), "{operator}");
    team.app.assert_audit_holds();
}

// seed: training.cadence.3 training.cadence.2
#[test]
fn the_practice_asks_for_a_review_before_people_are_added_and_after_the_host_changed() {
    let team = Team::start();
    team.roll_out();
    let occasions = || {
        let runs = team.admin().get("/practice-runs?practice=operator-training").json;
        let reviews = runs["items"][0]["reviews"].as_array().unwrap().clone();
        reviews.iter().map(|review| review["occasion"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(occasions(), ["on_setup"], "the roll-out holds the site against the practice");
    team.newcomer("reporter");
    assert_eq!(occasions(), ["on_setup", "before_adding_people"]);
    let change = json!({ "kind": "hosting_incident", "site": team.app.site, "note": "The host moved the database" });
    good(&team.lead().post("/changes", &change));
    assert_eq!(occasions(), ["on_setup", "before_adding_people", "after_hosting_change"]);
}
