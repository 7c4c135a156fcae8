//! The pages without JavaScript: the same acts, the same refusals, what was typed stays.

use super::{NEWCOMER, SAID, Team, content, good};
use crate::support::PASSWORD;
use serde_json::json;

// seed: training.mistake.2
#[test]
fn the_form_for_people_warns_refuses_and_offers_the_way_through_training() {
    let team = Team::start();
    team.adopt("support-drafts", "support_lead");
    let ada = team.app.signed_in(&team.app.admin);
    let begun = ada.submit("/sites/shop-north/setup", "/sites/shop-north/setup/rollout", &[]);
    assert_eq!((begun.status, begun.location()), (303, "/sites/shop-north/setup"), "{}", begun.body);
    let form = ada.get("/people/new").body;
    assert!(form.contains("The team is invited before provider, diagnostics"), "{form}");
    assert!(form.contains("Access comes before approval boundaries"), "{form}");
    let mut fields = vec![("name", "Nora"), ("email", NEWCOMER), ("password", PASSWORD), ("role", "support_lead")];
    fields.push(("site", "shop-north"));
    let refused = ada.submit("/people/new", "/people/new", &fields);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("Put the person in training") && refused.body.contains("value=\"Nora\""));
    assert!(!refused.body.contains(PASSWORD));
    fields.push(("in_training", "yes"));
    assert_eq!(ada.submit("/people/new", "/people/new", &fields).status, 303);
    let home = team.newcomer_signed_in().get("/").body;
    assert!(home.contains("Your training: support lead"), "{home}");
    let person = format!("/people/{}", team.id_of(NEWCOMER));
    let role = [("role", "support_lead"), ("site", "shop-north")];
    let refused = ada.submit(&person, &format!("{person}/grants"), &role);
    assert_eq!(refused.status, 409, "{}", refused.body);
    let enrolled = ada.submit(&person, &format!("{person}/training"), &[("role", "owner"), ("site", "shop-north")]);
    assert_eq!(enrolled.status, 303, "{}", enrolled.body);
    assert_eq!(team.app.signed_in(&team.app.lead).submit("/", &format!("{person}/training"), &role).status, 403);
}

#[test]
fn procedures_are_taken_over_written_changed_and_shown_with_their_changes() {
    let team = Team::start();
    let ada = team.app.signed_in(&team.app.admin);
    let adopted = ada.submit("/procedures", "/procedures", &[("template", "questions"), ("role", "owner")]);
    assert_eq!(adopted.status, 303, "{}", adopted.body);
    assert!(ada.get("/procedures").body.contains("/procedures/questions-owner"));
    assert_eq!(ada.submit("/procedures", "/procedures", &[("template", "questions")]).status, 422);
    let written = content("Drafts");
    let mut fields: Vec<(String, String)> =
        ["title", "written_for", "examples", "refusal_rules", "approval_boundaries"]
            .iter()
            .chain(&["escalation_path"])
            .map(|part| ((*part).to_owned(), written[*part].as_str().unwrap().to_owned()))
            .collect();
    for scenario in written["scenarios"].as_array().unwrap() {
        let behaviour = scenario["behaviour"].as_str().unwrap();
        fields.push((format!("situation_{behaviour}"), scenario["situation"].as_str().unwrap().to_owned()));
    }
    let send = |to: &str, more: &[(&str, &str)], skip: &str| {
        let mut all: Vec<(&str, &str)> = more.to_vec();
        all.extend(fields.iter().filter(|(name, _)| name != skip).map(|(name, text)| (name.as_str(), text.as_str())));
        ada.submit(to, to, &all)
    };
    let named = [("slug", "drafts"), ("role", "support_lead"), ("topic", "support_drafts")];
    let poor = send("/procedures/new", &named, "situation_stop");
    assert_eq!(poor.status, 422, "{}", poor.body);
    assert!(poor.body.contains("href=\"#situation_stop\"") && poor.body.contains("value=\"Drafts\""), "{}", poor.body);
    let made = send("/procedures/new", &named, "");
    assert_eq!((made.status, made.location()), (303, "/procedures/drafts"), "{}", made.body);
    let edit = "/procedures/drafts/edit";
    assert!(ada.get(edit).body.contains("This makes version 2"));
    let changed = [("version", "1"), ("escalation_path", "Tell the support lead within ten minutes, by phone.")];
    let done = send(edit, &changed, "escalation_path");
    assert_eq!(done.status, 303, "{}", done.body);
    let stale = send(edit, &changed, "escalation_path");
    assert_eq!(stale.status, 412, "{}", stale.body);
    let shown = ada.get("/procedures/drafts").body;
    assert!(
        shown.contains("What changed since version 1") && shown.contains("within ten minutes, by phone"),
        "{shown}"
    );
    let lena = team.app.signed_in(&team.app.lead);
    assert_eq!(lena.get(edit).status, 403);
    assert_eq!(lena.get("/procedures/new").status, 403);
    assert_eq!(lena.get("/procedures/nothing").status, 404);
}

#[test]
fn an_operator_acknowledges_answers_and_is_judged_on_pages() {
    let team = Team::start();
    let slug = team.adopt("incident-escalation", "support_lead");
    let lena = team.app.signed_in(&team.app.lead);
    let page = format!("/procedures/{slug}");
    let answers = team.right_answers(&team.app.lead, &slug);
    let names: Vec<String> = (1..=5).map(|number| format!("answer_{number}")).collect();
    let fields: Vec<(&str, &str)> =
        names.iter().zip(&answers).map(|(name, word)| (name.as_str(), word.as_str())).collect();
    let early = lena.submit(&page, &format!("{page}/checks"), &fields);
    assert_eq!(early.status, 409, "{}", early.body);
    assert_eq!(lena.submit(&page, &format!("{page}/acknowledgement"), &[("version", "1")]).status, 303);
    let some = lena.submit(&page, &format!("{page}/checks"), &fields[..3]);
    assert_eq!(some.status, 422, "{}", some.body);
    assert!(some.body.contains("href=\"#answer_4\"") && some.body.contains("checked"), "{}", some.body);
    let mut wrong = fields.clone();
    (wrong[0].1, wrong[1].1) = (fields[1].1, fields[0].1);
    let told = lena.submit(&page, &format!("{page}/checks"), &wrong);
    assert_eq!(told.status, 422, "{}", told.body);
    assert!(told.body.contains("This is not what the procedure says"));
    let sent = lena.submit(&page, &format!("{page}/checks"), &fields);
    assert_eq!((sent.status, sent.location()), (303, format!("{page}#check").as_str()), "{}", sent.body);

    let ada = team.app.signed_in(&team.app.admin);
    assert!(ada.get("/").body.contains("Judge the answers of Lena"));
    assert!(ada.get("/waiting?kind=training").body.contains("Judge the answers of Lena"));
    let operator = format!("/operators/{}", team.id_of(&team.app.lead));
    let shown = ada.get(&operator).body;
    assert!(shown.contains("Talk them through"), "{shown}");
    assert!(!lena.get(&operator).body.contains("Talk them through"), "nobody judges themselves");
    let waiting = team.admin().get("/scenario-checks").json;
    let judge = format!("{operator}/checks/{}/judgement", waiting["items"][0]["id"].as_str().unwrap());
    assert_eq!(lena.submit(&operator, &judge, &[("passed", "yes"), ("judge_note", SAID)]).status, 403);
    let poor = ada.submit(&operator, &judge, &[("passed", "yes"), ("judge_note", "ok")]);
    assert_eq!(poor.status, 422, "{}", poor.body);
    assert_eq!(ada.submit(&operator, &judge, &[("passed", "yes"), ("judge_note", SAID)]).status, 303);
    assert!(lena.get(&page).body.contains("Passed"));
    let olga = team.app.signed_in(&team.app.outsider);
    assert_eq!(olga.get(&operator).status, 404);
    assert_eq!(olga.get("/operators/nothing").status, 404);
}

#[test]
fn a_first_week_and_a_set_up_are_worked_through_on_pages() {
    let team = Team::start();
    let review = format!("/week-reviews/{}", team.in_the_first_week("support_lead", "support-drafts"));
    let ada = team.app.signed_in(&team.app.admin);
    assert!(ada.get("/operators").body.contains("First week of Nora"));
    assert_eq!(team.newcomer_signed_in().get(&review).status, 200, "they see what is said of them");
    let note = |finding: &str| {
        let fields = [("source", "drafts"), ("what", "A draft went without a look"), ("finding", finding)];
        ada.submit(&review, &format!("{review}/notes"), &fields)
    };
    assert_eq!(ada.submit(&review, &format!("{review}/notes"), &[("source", "drafts")]).status, 422);
    assert_eq!(note("late_escalation").status, 303);
    assert_eq!(note("late_escalation").status, 303);
    let shown = ada.get(&review).body;
    assert!(shown.contains("Procedures that have to change"), "{shown}");
    let closed = ada.submit(&review, &format!("{review}/closure"), &[("close_note", SAID)]);
    assert_eq!(closed.status, 409, "{}", closed.body);
    assert!(closed.body.contains("That was refused") && closed.body.contains(SAID));
    let task = team.admin().get(&review).json["tasks"][0]["id"].as_str().unwrap().to_owned();
    let done = format!("{review}/tasks/{task}/completion");
    assert_eq!(ada.submit(&review, &done, &[("procedure", "support-drafts")]).status, 422, "it has not changed");
    team.app.desk.clock.advance(chrono::Duration::minutes(1));
    good(&team.admin().put("/procedures/support-drafts", &json!({ "content": content("Drafts") })));
    assert_eq!(ada.submit(&review, &done, &[("procedure", "support-drafts")]).status, 303);

    let setup = "/sites/shop-north/setup";
    let proof =
        [("item", "support_route"), ("reference", "ticket 77"), ("evidence", "They called back within the hour")];
    assert_eq!(ada.submit(setup, &format!("{setup}/readiness"), &proof).status, 303);
    let poor = ada.submit(setup, &format!("{setup}/readiness"), &[("item", "mail_round_trip"), ("reference", "yes")]);
    assert_eq!(poor.status, 422, "{}", poor.body);
    assert!(poor.body.contains("with its day"));
    let early = ada.submit(setup, &format!("{setup}/setups"), &[("steps", "Install it, then run the four tests.")]);
    assert_eq!(early.status, 409, "{}", early.body);
    assert_eq!(ada.submit(setup, &format!("{setup}/nothing"), &[]).status, 404);
    let lena = team.app.signed_in(&team.app.lead);
    assert_eq!(lena.submit(setup, &format!("{setup}/rollout"), &[]).status, 403);
    assert_eq!(team.app.signed_in(&team.app.outsider).get(setup).status, 404);
    team.app.assert_audit_holds();
}

#[test]
fn training_of_people_elsewhere_does_not_push_out_what_waits_here() {
    let team = Team::start();
    let slug = team.adopt("support-drafts", "support_lead");
    team.roll_out();
    team.newcomer("support_lead");
    let mine = team.answers(NEWCOMER, &slug);
    let (olga, procedure) =
        (team.id_of(&team.app.outsider), team.app.texts("SELECT id AS text FROM procedures").remove(0));
    let answers = team.app.texts(&format!("SELECT answers AS text FROM scenario_checks WHERE id = '{mine}'")).remove(0);
    for n in 0..201 {
        team.app.tamper(&format!(
            "INSERT INTO scenario_checks (id, procedure_id, person_id, answers, all_fit, answered_at)
             VALUES ('0{n:04}', '{procedure}', '{olga}', '{answers}', TRUE, '2026-01-01 00:00:00')"
        ));
    }
    let page = team.app.signed_in(&team.app.lead).get("/waiting?kind=training").body;
    assert!(page.contains("Judge the answers of Nora"), "{page}");
    assert!(!page.contains("Judge the answers of Olga"), "{page}");
    assert!(!page.contains("There is more than can be looked through"), "{page}");
}
