//! Rules are checked before they are saved, in force at once, and never edited in silence.

use super::{NUMBER, admin, crm, lead, save, saving, seal, with};
use crate::support::App;
use serde_json::{Value, json};

#[test]
fn a_rule_is_in_force_from_its_saving_on_and_has_a_history() {
    let app = App::start();
    let reference = app.incident("A client complains");
    let text = format!("client {NUMBER} called\n");
    assert_eq!(seal(&app, &reference, "before.log", &text).1, text);
    let saved = save(&app, crm());
    assert_eq!(saved.location(), "/api/v1/redaction-rules/crm-number");
    assert_eq!((saved.json["version"].as_i64(), saved.json["revision"].as_i64()), (Some(1), Some(1)));
    let (_, redacted) = seal(&app, &reference, "after.log", &text);
    assert!(redacted.starts_with("client [own-crm-number:"), "{redacted}");

    let admin = admin(&app);
    let wider = with(with(crm(), "find", json!(["CRM-[0-9]{6,8}"])), "title", json!("Client or order number"));
    let put = |tag: &str, rule: Value| {
        let request = admin.request("PUT", "/redaction-rules/crm-number").header("If-Match", tag);
        admin.send(request.json(&saving(rule)))
    };
    assert_eq!(put("\"7\"", wider.clone()).status, 412);
    let changed = put("\"1\"", wider.clone());
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.body);
    let off = json!({ "active": false, "reason": "The help desk moved to another system." });
    let switched = admin.post("/redaction-rules/crm-number/switch", &off);
    assert_eq!((switched.status, switched.json["revision"].as_i64()), (200, Some(3)), "{}", switched.body);
    assert_eq!(admin.post("/redaction-rules/crm-number/switch", &off).codes(), ["switched_already"]);
    assert!(seal(&app, &reference, "off.log", "client CRM-777888 called").1.contains("CRM-777888"));
    let on = json!({ "active": true, "reason": "Old numbers still turn up in logs." });
    assert_eq!(admin.post("/redaction-rules/crm-number/switch", &on).status, 200);
    assert!(!seal(&app, &reference, "on.log", "client CRM-555666 called").1.contains("CRM-555666"));

    let versions = admin.get("/redaction-rules/crm-number/versions").json;
    let states: Vec<(i64, bool, &str)> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            (v["version"].as_i64().unwrap(), v["active"].as_bool().unwrap(), v["written_by"]["name"].as_str().unwrap())
        })
        .collect();
    assert_eq!(states, [(4, true, "Ada"), (3, false, "Ada"), (2, true, "Ada"), (1, true, "Ada")]);
    assert_eq!(versions["items"][3]["definition"]["find"], json!(["CRM-[0-9]{6}"]));
    let file = lead(&app).get("/redaction-rule-file");
    assert!(file.body.contains("id = \"own-crm-number\"") && file.body.contains("CRM-[0-9]{6,8}"), "{}", file.body);
    app.assert_audit_holds();
}

#[test]
fn what_another_node_saves_is_taken_up_without_a_restart() {
    let app = App::start();
    let definition = crm().to_string().replace('\'', "''");
    app.tamper(&format!(
        "INSERT INTO own_rules (id, name, version, revision, definition, active, reason, written_by, written_at) VALUES \
         ('0123', 'crm-number', 1, 1, '{definition}', TRUE, 'Seen', 'system:test', '2026-11-21 10:00:00')"
    ));
    let api = lead(&app);
    let is_in_force = || {
        let tried = api.post("/redaction-trials", &json!({ "text": format!("client {NUMBER}") }));
        tried.json["findings"][0]["rule"] == "own-crm-number"
    };
    let taken_up = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        is_in_force()
    });
    assert!(taken_up);
}

#[test]
fn what_is_wrong_with_a_rule_is_said_at_its_field() {
    let app = App::start();
    let admin = admin(&app);
    let refused = |rule: Value, field: &str, words: &str| {
        let reply = admin.post("/redaction-rules", &saving(rule));
        assert_eq!(reply.status, 422, "{words}: {}", reply.body);
        assert_eq!(reply.fields(), [format!("definition.{field}")], "{words}: {}", reply.body);
        assert!(reply.body.contains(words), "{words}: {}", reply.body);
    };
    refused(with(crm(), "name", json!("Crm number")), "name", "lower-case letters");
    refused(with(crm(), "find", json!(["CRM-("])), "find", "does not compile");
    refused(with(crm(), "find", json!(["[0-9]{6}"])), "find", "must begin with fixed text");
    refused(with(crm(), "find", json!(["CRM-(?:[0-9A-Za-z]{900}){900}"])), "find", "bytes when compiled");
    refused(with(crm(), "find", json!(["CRM-[^\\n]*[^ -~]"])), "find", "ALLCLEAR_RULE_COST");
    refused(with(crm(), "goes", json!(["client [[CRM-1]] called"])), "goes", "Example 1");
    refused(with(crm(), "goes", json!(["client CRM-104233 called"])), "goes", "mark what must go");
    refused(with(crm(), "stays", json!(["CRM-104299"])), "stays", "should stay");
    let key = format!("{}{}", ["sk", "proj", ""].join("-"), "lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4");
    refused(with(crm(), "stays", json!([format!("key {key}")])), "stays", "openai-key");
    let wide = with(with(crm(), "kind", json!("literal")), "find", json!(["version"]));
    let wide = with(with(wide, "goes", json!(["my [[version]] x"])), "stays", json!(["nothing"]));
    refused(wide, "find", "too wide");
    refused(with(with(crm(), "kind", json!("literal")), "find", json!(["ab"])), "find", "shorter than 4 bytes");

    let no_reason = admin.post("/redaction-rules", &json!({ "definition": crm(), "reason": "ok" }));
    assert_eq!(no_reason.fields(), ["reason"], "{}", no_reason.body);
    save(&app, crm());
    let again = admin.post("/redaction-rules", &saving(crm()));
    assert_eq!(again.fields(), ["definition.name"], "{}", again.body);
    let renamed = admin.put("/redaction-rules/crm-number", &saving(with(crm(), "name", json!("other"))));
    assert_eq!(renamed.fields(), ["definition.name"]);
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM own_rules"), 1);
}

#[test]
fn literals_and_keys_go_too() {
    let app = App::start();
    save(
        &app,
        json!({
            "name": "code-name", "title": "Code name", "about": "Nobody outside knows the project.",
            "kind": "literal", "find": ["Project Nightjar"], "level": "certain",
            "goes": ["about [[Project Nightjar]]"], "stays": ["a nightjar sings"]
        }),
    );
    save(
        &app,
        json!({
            "name": "desk-no", "title": "Desk number", "about": "It names a client.", "kind": "key",
            "find": ["client no"], "level": "likely", "goes": ["client_no=[[K-77-1]]"], "stays": ["client_not=K-77-1"]
        }),
    );
    let text = "xProject Nightjary {\"client_no\":\"A-91-2\"} client_no=B-55-3";
    let tried = lead(&app).post("/redaction-trials", &json!({ "text": text }));
    let redacted = tried.json["redacted"].as_str().unwrap();
    for gone in ["Nightjar", "A-91-2", "B-55-3"] {
        assert!(!redacted.contains(gone), "{gone}: {redacted}");
    }
    assert!(redacted.starts_with("x[own-code-name:"), "{redacted}");
}
