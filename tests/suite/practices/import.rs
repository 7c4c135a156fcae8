//! What arrives: disabled, or quarantined; production only after eight answers and a reviewed first run.

use super::{Agency, TOPICS, first_run, good, made};
use serde_json::{Value, json};

const SECRET: &str = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";

// seed: playbook.checklist.2 playbook.import.1 playbook.standard.2 playbook.standard.3 playbook.checklist.4
// seed: playbook.acceptance.1 playbook.acceptance.3 playbook.mistake.1 playbook.owner.1
#[test]
fn an_import_is_disabled_until_it_is_localised_tried_reviewed_and_released() {
    let agency = Agency::start();
    let id = agency.imported();
    let olga = agency.api(&agency.app.outsider);
    let shown = olga.get(&format!("/playbooks/{id}"));
    assert_eq!(shown.json["state"], "disabled", "{}", shown.body);
    let blocked = agency.blocked(&id);
    for topic in TOPICS {
        assert!(blocked.contains(&format!("not_localised_{topic}")), "{topic} {blocked:?}");
    }
    assert!(blocked.contains(&"no_reviewed_first_run".to_owned()));
    assert!(blocked.contains(&"practice_playbook.checklist.2".to_owned()), "its practice says so too: {blocked:?}");
    let production = format!("/playbooks/{id}/production");
    assert_eq!(agency.admin().post(&production, &json!({})).status, 409);

    agency.localise(&id);
    let rows = olga.get(&format!("/playbooks/{id}")).json["localisation"].clone();
    assert_eq!((&rows[4]["changed_to"], &rows[4]["by"]["name"]), (&json!("German, formal"), &json!("Olga")));
    assert!(rows[4]["at"].is_string());
    assert_eq!(agency.admin().post(&production, &json!({})).status, 409, "it has not been tried");
    let run = made(&olga.post(&format!("/playbooks/{id}/first-runs"), &first_run("success")));
    assert_eq!(agency.admin().post(&production, &json!({})).status, 409, "nobody has reviewed it");
    let review = format!("/playbook-first-runs/{run}/review");
    let verdict = json!({ "acceptable": true, "note": "The trace reads as it should" });
    assert_eq!(olga.post(&review, &verdict).codes(), ["same_person"]);
    good(&agency.admin().post(&review, &verdict));
    assert_eq!(agency.blocked(&id), Vec::<String>::new());
    assert_eq!(olga.post(&production, &json!({})).status, 403, "an administrator releases it");
    let released = agency.admin().post(&production, &json!({}));
    assert_eq!((released.status, &released.json["state"]), (200, &json!("production")), "{}", released.body);
    let card = olga.get(&format!("/playbooks/{id}")).json["provenance"].clone();
    assert_eq!((&card["source_site"], &card["first_run"]), (&json!("shop-north"), &json!("acceptable")));
    agency.app.assert_audit_holds();
}

#[test]
fn other_words_ask_for_another_first_run() {
    let agency = Agency::start();
    let id = agency.imported();
    agency.localise(&id);
    agency.try_it(&id);
    good(&agency.admin().post(&format!("/playbooks/{id}/production"), &json!({})));
    let changed = agency.api(&agency.app.outsider).put(&format!("/playbooks/{id}"), &super::content());
    assert_eq!((changed.status, &changed.json["state"]), (200, &json!("disabled")), "{}", changed.body);
    assert!(agency.blocked(&id).contains(&"no_reviewed_first_run".to_owned()));
}

// seed: playbook.acceptance.4 playbook.cadence.1 playbook.cadence.2
#[test]
fn a_failed_first_run_asks_for_a_review_and_counts_for_nothing() {
    let agency = Agency::start();
    let id = agency.imported();
    agency.localise(&id);
    let run =
        made(&agency.api(&agency.app.outsider).post(&format!("/playbooks/{id}/first-runs"), &first_run("failure")));
    let verdict = json!({ "acceptable": true, "note": "It failed as we expected it to" });
    assert!(agency.blocked(&id).contains(&"practice_playbook.acceptance.4".to_owned()));
    good(&agency.admin().post(&format!("/playbook-first-runs/{run}/review"), &verdict));
    assert!(agency.blocked(&id).contains(&"no_reviewed_first_run".to_owned()));
    let runs = agency.admin().get("/practice-runs").json["items"].clone();
    let occasions: Vec<&str> =
        runs[0]["reviews"].as_array().unwrap().iter().map(|review| review["occasion"].as_str().unwrap()).collect();
    assert_eq!(occasions, ["before_first_use", "after_failed_run"]);
}

fn quarantined(agency: &Agency, file: &Value, why: &[&str]) -> String {
    let reply = agency.import(file);
    assert_eq!(reply.json["quarantined_because"], json!(why), "{}", reply.body);
    assert_eq!(reply.json["state"], "quarantined");
    made(&reply)
}

#[test]
fn what_is_not_signed_or_has_no_provenance_is_visible_and_never_usable() {
    let agency = Agency::start();
    let file = agency.export(&agency.playbook());
    let changed = |path: &str, value: Value| {
        let mut file = file.clone();
        *file.pointer_mut(path).unwrap() = value;
        file
    };
    let unsigned = quarantined(&agency, &changed("/signature", Value::Null), &["unsigned"]);
    quarantined(&agency, &changed("/document/playbook/steps/0/title", json!("Look away")), &["tampered"]);
    quarantined(&agency, &changed("/document/provenance", Value::Null), &["tampered", "unprovenanced"]);
    quarantined(&agency, &changed("/document/provenance/source_site", json!(" ")), &["tampered", "unprovenanced"]);
    let stranger = Agency::start();
    quarantined(&agency, &stranger.export(&stranger.playbook()), &["unknown_signer"]);

    agency.localise_refused(&unsigned);
    for (to, body) in [("production", json!({})), ("exports", json!({})), ("first-runs", first_run("success"))] {
        let refused = agency.admin().post(&format!("/playbooks/{unsigned}/{to}"), &body);
        assert_eq!((refused.status, refused.codes()[0]), (409, "quarantined"), "{to} {}", refused.body);
    }
    assert_eq!(agency.admin().put(&format!("/playbooks/{unsigned}"), &super::content()).status, 409);
    agency.app.assert_audit_holds();
}

impl Agency {
    fn localise_refused(&self, id: &str) {
        let body = json!({ "topic": "roles", "answer": "same" });
        let refused = self.admin().post(&format!("/playbooks/{id}/localisation"), &body);
        assert_eq!((refused.status, refused.codes()), (409, vec!["quarantined"]));
    }
}

#[test]
fn a_secret_in_a_step_title_refuses_the_file_and_stores_nothing() {
    let agency = Agency::start();
    let mut file = agency.export(&agency.playbook());
    file["document"]["playbook"]["steps"][1]["title"] = json!(format!("Pay with {SECRET}"));
    let refused = agency.import(&file);
    assert_eq!((refused.status, refused.fields()), (422, vec!["steps[1].title"]), "{}", refused.body);
    assert!(!refused.body.contains(SECRET) && refused.body.contains("openai"), "{}", refused.body);
    assert_eq!(agency.app.number("SELECT COUNT(*) AS number FROM playbooks"), 1);
}

#[test]
fn the_same_file_twice_is_recognised_however_it_is_laid_out() {
    let agency = Agency::start();
    let file = agency.export(&agency.playbook());
    let first = made(&agency.import(&file));
    let to = format!("/playbook-imports?site={}", agency.app.other_site);
    let pretty = agency.admin().post_bytes(&to, serde_json::to_string_pretty(&file).unwrap());
    assert_eq!((pretty.status, pretty.json["id"].as_str()), (200, Some(first.as_str())), "{}", pretty.body);
    assert_eq!(pretty.json["already"], true);
    let here = format!("/playbook-imports?site={}", agency.app.site);
    assert_eq!(agency.admin().post(&here, &file).status, 201, "another site is another import");
}

#[test]
fn what_is_no_playbook_file_is_named_with_its_place() {
    let agency = Agency::start();
    let to = format!("/playbook-imports?site={}", agency.app.other_site);
    let send = |body: &[u8]| agency.admin().post_bytes(&to, body);
    let file = agency.export(&agency.playbook());
    let text = file.to_string();
    for broken in [&b""[..], b"{", b"[]", b"\xff\xfe", "[".repeat(5000).as_bytes()] {
        let refused = send(broken);
        assert_eq!((refused.status, refused.fields()), (422, vec!["file"]), "{}", refused.body);
    }
    assert_eq!(send(format!("{text}{text}").as_bytes()).fields(), ["file"]);
    assert_eq!(send(&text.as_bytes()[..text.len() / 2]).status, 422, "a file that was cut off");
    let mut other = file.clone();
    other["document"]["customer"] = json!("Anna");
    let refused = agency.import(&other);
    assert_eq!(refused.status, 422);
    assert!(refused.fields()[0].starts_with("document"), "{}", refused.body);
    other = file.clone();
    other["document"]["format"] = json!("allclear-playbook/9");
    assert_eq!(agency.import(&other).fields(), ["document.format"]);
    let large = send(&vec![b' '; 2 * 1024 * 1024 + 1]);
    assert_eq!(large.status, 413, "{}", large.body);
    assert_eq!(agency.admin().post("/playbook-imports?site=nowhere", &file).fields(), ["site"]);
    assert_eq!(agency.lead().post(&to, &file).status, 403);
}
