//! Past evidence: a rule is tried on it before it is saved, and it is read again afterwards.

use super::{NUMBER, admin, crm, lead, save, seal, with};
use crate::support::App;
use allclear::domain::ids::EvidenceId;
use allclear::domain::person::Actor;
use allclear::store::{Database, Verb, evidence};
use allclear::vault::Shelf;
use serde_json::{Value, json};

fn preview(app: &App, rule: Value) -> Value {
    let asked = admin(app).post("/redaction-previews", &json!({ "definition": rule }));
    assert_eq!(asked.status, 201, "{}", asked.body);
    app.settle();
    let shown = admin(app).get(asked.location().strip_prefix("/api/v1").unwrap());
    assert_eq!(shown.json["finished"], true, "{}", shown.body);
    assert!(!shown.body.contains(NUMBER) || shown.body.matches(NUMBER).count() == 1, "its own example only");
    shown.json
}

#[test]
fn a_preview_counts_what_would_go_and_names_the_lines() {
    let app = App::start();
    let reference = app.incident("Two clients");
    seal(&app, &reference, "a.log", &format!("nothing\n{NUMBER}\nCRM-200300 and CRM-200301\n"));
    seal(&app, &reference, "b.log", "nothing at all");
    let other = app.incident("Nothing to find");
    seal(&app, &other, "c.log", "CRM-Export finished");
    let shown = preview(&app, crm());
    assert_eq!((shown["done"].as_i64(), shown["total"].as_i64()), (Some(3), Some(3)));
    let incidents = shown["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{shown}");
    assert_eq!(incidents[0]["reference"], reference.as_str());
    assert_eq!((incidents[0]["goes"].as_i64(), incidents[0]["stays"].as_i64()), (Some(3), Some(0)), "{shown}");
    assert_eq!(incidents[0]["files"][0]["lines"], json!([2, 3]));
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM own_rules"), 0, "nothing is saved by it");
    let wrong = admin(&app).post("/redaction-previews", &json!({ "definition": with(crm(), "find", json!([".*"])) }));
    assert_eq!(wrong.fields(), ["definition.find"], "{}", wrong.body);
}

#[test]
fn a_preview_of_an_exception_counts_what_would_stay() {
    let app = App::start();
    let reference = app.incident("A build");
    seal(&app, &reference, "a.log", "api_token=\"b7Qm2xKp9Rt4Vw8Zc3Nf\"\nagain b7Qm2xKp9Rt4Vw8Zc3Nf\n");
    let shown = preview(
        &app,
        json!({
            "name": "build-name", "title": "Build name", "about": "It is public.", "kind": "keep_literal",
            "find": ["b7Qm2xKp9Rt4Vw8Zc3Nf"], "stays": ["api_token=b7Qm2xKp9Rt4Vw8Zc3Nf"]
        }),
    );
    let incident = &shown["incidents"][0];
    assert_eq!((incident["goes"].as_i64(), incident["stays"].as_i64()), (Some(0), Some(2)), "{shown}");
}

#[test]
fn what_a_new_rule_finds_in_old_evidence_makes_a_new_version_and_flags_what_went_out() {
    let app = App::start();
    let reference = app.complete_incident("A client number went out");
    let (id, before) = seal(&app, &reference, "a.log", &format!("client {NUMBER} called\n"));
    assert!(before.contains(NUMBER));
    let (lead, admin) = (lead(&app), admin(&app));
    let bundles = format!("/incidents/{reference}/bundles");
    let built = lead.post(&bundles, &json!({ "audience": "hosting" }));
    assert_eq!(built.status, 201, "{}", built.body);
    save(&app, crm());
    // Until it is read again, the second scan stands in the way: it uses the rules that are in force.
    let refused = lead.post(&bundles, &json!({ "audience": "hosting" }));
    assert_eq!((refused.status, refused.codes()), (409, vec!["second_scan"]), "{}", refused.body);

    let asked = admin.post("/redaction-reruns", &json!({ "reason": "Client numbers stood in old logs." }));
    assert_eq!((asked.status, asked.json["incidents"].as_i64()), (201, Some(1)), "{}", asked.body);
    assert!(asked.json["outdated_files"].as_i64() > Some(0), "{}", asked.body);
    app.settle();
    let done = admin.get(asked.location().strip_prefix("/api/v1").unwrap()).json;
    assert!(done["finished_at"].is_string(), "{done}");
    let counts = (done["done"].as_i64(), done["changed"].as_i64(), done["flagged"].as_i64());
    assert_eq!(counts, (Some(1), Some(1), Some(1)), "{done}");
    let after = lead.get(&format!("/evidence/{id}")).body;
    assert!(after.starts_with("client [own-crm-number:"), "{after}");
    assert_eq!(lead.post(&bundles, &json!({ "audience": "hosting" })).status, 201);

    let rotations = lead.get(&format!("/incidents/{reference}/rotations"));
    let rotation = &rotations.json["items"][0];
    assert_eq!(
        (rotations.json["items"].as_array().map(Vec::len), rotation["rule"].as_str()),
        (Some(1), Some("own-crm-number"))
    );
    assert_eq!(rotation["bundle"], built.json["id"]);
    assert!(rotation["place"].as_str().unwrap().contains("a.log.txt, line 1"), "{rotation}");
    assert!(!rotations.body.contains(NUMBER));
    let lena = app.signed_in(&app.lead);
    let page = lena.get(&format!("/incidents/{reference}")).body;
    assert!(page.contains("Rotate this") && page.contains("the bundle for the hosting company"), "{page}");
    assert!(lena.get(&format!("/bundles/{}", built.json["id"].as_str().unwrap())).body.contains("Rotate this"));

    let waits = |page: &str| lena.get(page).body.contains(&format!("Rotate 1 value: {reference}"));
    assert!(waits("/") && waits("/waiting?kind=rotation"));

    let complete = format!("/rotations/{}/completion", rotation["id"].as_str().unwrap());
    assert_eq!(lead.post(&complete, &json!({ "note": "ok" })).fields(), ["note"]);
    let note = json!({ "note": "The client has a new number since today." });
    assert_eq!(lead.post(&complete, &note).status, 200);
    assert_eq!(lead.post(&complete, &note).codes(), ["done_already"]);
    assert!(!lena.get(&format!("/incidents/{reference}")).body.contains("known to be secret only now"));
    assert!(!waits("/waiting"));
    // Read again, it finds nothing new.
    admin.post("/redaction-reruns", &json!({ "reason": "To be sure that nothing is left." }));
    app.settle();
    let latest = &admin.get("/redaction-reruns").json["items"][0];
    assert_eq!((latest["changed"].as_i64(), latest["flagged"].as_i64()), (Some(0), Some(0)), "{latest}");
    only_a_new_bundle_is_escalated(&app, &reference, &built.json["id"]);
    app.assert_audit_holds();
}

/// What a bundle carries is a secret for whoever has not seen it yet: it goes to nobody else.
fn only_a_new_bundle_is_escalated(app: &App, reference: &str, leaking: &Value) {
    let lead = lead(app);
    let mut escalation = json!({
        "destination": "hosting", "to": "support@hosting.example", "bundle": leaking,
        "message": "Please look at the outbound mail of last night.",
        "routing": { "validation_error": false, "host_connectivity": true, "provider_failure": false,
                     "reproducible_plugin_issue": false }
    });
    let escalations = format!("/incidents/{reference}/escalations");
    let refused = lead.post(&escalations, &escalation);
    assert_eq!((refused.status, refused.codes()), (409, vec!["bundle_to_rotate"]), "{}", refused.body);
    assert!(refused.body.contains("Build a new bundle"), "{}", refused.body);
    let fresh = lead.post(&format!("/incidents/{reference}/bundles"), &json!({ "audience": "hosting" }));
    escalation["bundle"] = fresh.json["id"].clone();
    let queued = lead.post(&escalations, &escalation);
    assert_eq!(queued.status, 202, "{}", queued.body);
    app.settle();
    let sent = lead.get(&format!("/escalations/{}", queued.json["id"].as_str().unwrap()));
    assert_eq!(sent.json["state"], "sent", "{}", sent.body);
}

#[test]
fn what_later_evidence_reveals_flags_earlier_bundles_too() {
    let app = App::start();
    let reference = app.complete_incident("A word that was a password");
    seal(&app, &reference, "a.log", "login with gr33n-lantern-77 failed\n");
    let built = lead(&app).post(&format!("/incidents/{reference}/bundles"), &json!({ "audience": "vendor" }));
    assert_eq!(built.status, 201, "{}", built.body);
    seal(&app, &reference, "b.log", "define('DB_PASSWORD', 'gr33n-lantern-77');\n");
    app.settle();
    let rotations = lead(&app).get(&format!("/incidents/{reference}/rotations"));
    assert_eq!(rotations.json["items"].as_array().map(Vec::len), Some(1), "{}", rotations.body);
    assert_eq!(rotations.json["items"][0]["bundle"], built.json["id"]);
}

#[test]
fn evidence_whose_original_is_shredded_is_read_again_in_its_redacted_form() {
    let app = App::start();
    let reference = app.incident("Long ago");
    let (id, _) = seal(&app, &reference, "a.log", &format!("client {NUMBER} called\n"));
    app.desk.clock.advance(chrono::Duration::days(40));
    allclear::actions::shred::run(&app.desk).unwrap();
    let shown = preview(&app, crm());
    assert_eq!(shown["incidents"][0]["files"][0]["original"], false, "{shown}");
    save(&app, crm());
    admin(&app).post("/redaction-reruns", &json!({ "reason": "Client numbers stood in old logs." }));
    app.settle();
    assert!(!lead(&app).get(&format!("/evidence/{id}")).body.contains(NUMBER));
}

#[test]
fn what_an_earlier_version_of_the_product_redacted_is_read_again_too() {
    let app = App::start();
    let reference = app.complete_incident("It was redacted before the upgrade");
    let (id, before) = seal(&app, &reference, "a.log", &format!("password={}\n", "gr33n-lantern-7q"));
    assert!(!before.contains("lantern"));
    let admin = admin(&app);
    let again = || {
        let asked = admin.post("/redaction-reruns", &json!({ "reason": "Allclear was upgraded last night." }));
        assert_eq!(asked.status, 201, "{}", asked.body);
        app.settle();
        asked.json["outdated_files"].as_i64()
    };
    assert_eq!(again(), Some(0), "the rules are those that made it");
    let page = app.signed_in(&app.admin);
    let says_so = || page.get("/rules").body.contains("redacted by other rules");
    assert!(!says_so());

    // As an installation stands after an upgrade: the row tells of rules that are no more.
    let id = EvidenceId::from_text(&id);
    let database = Database::open(app.address_of_database()).unwrap();
    let upgraded = database.write(&Actor::System("test"), app.desk.now(), move |tx| {
        let row = evidence::find(tx.connection(), &id)?;
        let mut version = evidence::current_version(tx.connection(), &row)?.expect("a redacted form");
        version.rules_digest = Some("000000000000".into());
        tx.update(Verb::Redacted, &version)
    });
    upgraded.unwrap();
    assert!(says_so());
    assert_eq!(again(), Some(1));
    assert!(!says_so());
    app.assert_audit_holds();
}

/// Damages the sealed original that came last.
fn damage(app: &App) {
    let file = app.desk.vault.files(Shelf::Sealed).unwrap().into_iter().max().unwrap();
    std::fs::write(app.desk.vault.path(Shelf::Sealed, &file).unwrap(), "no seal of ours").unwrap();
}

#[test]
fn a_damaged_file_of_one_incident_does_not_keep_the_others_from_being_read() {
    let app = App::start();
    let broken = app.incident("Its disk had a fault");
    seal(&app, &broken, "a.log", &format!("client {NUMBER} called\n"));
    damage(&app);
    let sound = app.incident("Its disk is sound");
    let (id, _) = seal(&app, &sound, "b.log", &format!("client {NUMBER} called\n"));
    save(&app, crm());
    let asked = admin(&app).post("/redaction-reruns", &json!({ "reason": "Client numbers stood in old logs." }));
    app.settle();
    let path = asked.location().strip_prefix("/api/v1").unwrap().to_owned();
    let done = admin(&app).get(&path).json;
    assert!(done["finished_at"].is_string(), "{done}");
    assert_eq!((&done["failed"], &done["done"], &done["changed"]), (&json!([broken]), &json!(2), &json!(1)), "{done}");
    assert!(!lead(&app).get(&format!("/evidence/{id}")).body.contains(NUMBER));
    let page = app.signed_in(&app.admin).get(&format!("/rules/reruns/{}", done["id"].as_str().unwrap())).body;
    assert!(page.contains("could not be read") && page.contains(&broken), "{page}");
}

#[test]
fn a_bundle_that_waits_for_a_damaged_file_says_who_repairs_it() {
    let app = App::start();
    let reference = app.complete_incident("Its disk had a fault");
    seal(&app, &reference, "a.log", "nothing to see\n");
    damage(&app);
    seal(&app, &reference, "b.log", "define('DB_PASSWORD', 'gr33n-lantern-77');\n");
    let reasons = || {
        let refused = lead(&app).post(&format!("/incidents/{reference}/bundles"), &json!({ "audience": "vendor" }));
        assert_eq!((refused.status, refused.codes()), (409, vec!["evidence_being_reread"]), "{}", refused.body);
        refused.json["reasons"][0].clone()
    };
    reasons();
    for _ in 0..200 {
        app.desk.clock.advance(chrono::Duration::minutes(2));
        let reason = reasons();
        if reason["who"] == "administrator" {
            let words = reason["message"].as_str().unwrap();
            assert!(words.contains("could not be read again") && words.contains("repairs"), "{words}");
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nobody is told: {}", reasons());
}
