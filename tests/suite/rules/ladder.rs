//! The same ladder for every endpoint: no token 401, wrong role 403, a made-up name 404, another method 405, bad input 422.
//! The rules belong to no site, so the outsider, who is a support lead elsewhere, sees them as every support lead does.

use super::{admin, crm, lead, save, saving, seal, with};
use crate::support::{Api, App};
use serde_json::{Value, json};

/// Method, address, a good body, the address with a name that names nothing.
type Rung = (&'static str, String, Value, Option<String>);

struct Ground {
    app: App,
    managed: Vec<Rung>,
}

fn ground() -> Ground {
    let app = App::start();
    save(&app, crm());
    let preview = admin(&app).post("/redaction-previews", &json!({ "definition": with(crm(), "title", json!("x")) }));
    let preview = preview.json["id"].as_str().unwrap().to_owned();
    let other = with(with(crm(), "name", json!("other")), "find", json!(["XYZ-[0-9]{6}"]));
    let other = with(with(other, "goes", json!(["[[XYZ-123456]] x"])), "stays", json!(["XYZ-1"]));
    let reason = json!({ "reason": "Client numbers stood in old logs." });
    let at = |noun: &str, id: &str, verb: &str| (format!("/{noun}/{id}{verb}"), Some(format!("/{noun}/nothing{verb}")));
    let rung = |method, (path, nowhere): (String, Option<String>), body| (method, path, body, nowhere);
    let switch = json!({ "active": false, "reason": "The help desk moved to another system." });
    let managed = vec![
        rung("POST", ("/redaction-rules".into(), None), saving(other.clone())),
        rung("PUT", at("redaction-rules", "crm-number", ""), saving(crm())),
        rung("POST", at("redaction-rules", "crm-number", "/switch"), switch),
        rung("POST", ("/redaction-previews".into(), None), json!({ "definition": other })),
        rung("GET", at("redaction-previews", &preview, ""), Value::Null),
        rung("POST", ("/redaction-reruns".into(), None), reason),
    ];
    Ground { app, managed }
}

fn send(api: &Api, method: &str, path: &str, body: &Value) -> u16 {
    let request = api.request(method, path);
    api.send(if body.is_null() { request } else { request.json(body) }).status
}

#[test]
fn only_administrators_change_rules() {
    let Ground { app, managed } = ground();
    let admin = admin(&app);
    for (method, path, body, nowhere) in &managed {
        assert_eq!(send(&app.api(""), method, path, body), 401, "{method} {path}");
        for person in [&app.lead, &app.outsider, &app.owner, &app.reporter, &app.auditor] {
            assert_eq!(send(&app.api(&app.token(person)), method, path, body), 403, "{person} {method} {path}");
        }
        if let Some(nowhere) = nowhere {
            assert_eq!(send(&admin, method, nowhere, body), 404, "{method} {nowhere}");
        }
        assert_eq!(send(&admin, "DELETE", path, &Value::Null), 405, "{path}");
        if *method != "GET" {
            assert_eq!(admin.send(admin.request(method, path).body("{\"x\"")).status, 422, "broken {path}");
            let unknown = admin.send(admin.request(method, path).json(&json!({ "surprise": 1 })));
            assert_eq!((unknown.status, unknown.fields()), (422, vec!["surprise"]), "{method} {path} {}", unknown.body);
        }
        let done = send(&admin, method, path, body);
        assert!((200..300).contains(&done), "{method} {path}: {done}");
    }
    app.assert_audit_holds();
}

#[test]
fn rules_are_read_by_those_who_work_with_evidence_and_by_auditors() {
    let Ground { app, .. } = ground();
    let reads = ["/redaction-rules", "/redaction-rules/crm-number", "/redaction-rules/crm-number/versions"];
    for path in reads.iter().chain(&["/redaction-rule-file", "/redaction-reruns"]) {
        for person in [&app.admin, &app.lead, &app.outsider, &app.auditor] {
            assert_eq!(app.api(&app.token(person)).get(path).status, 200, "{person} {path}");
        }
        for person in [&app.owner, &app.reporter] {
            assert_eq!(app.api(&app.token(person)).get(path).status, 403, "{person} {path}");
        }
        assert_eq!(app.api("").get(path).status, 401, "{path}");
    }
    let trial = json!({ "text": "nothing" });
    for (person, status) in [(&app.lead, 200), (&app.outsider, 200), (&app.auditor, 403), (&app.reporter, 403)] {
        assert_eq!(app.api(&app.token(person)).post("/redaction-trials", &trial).status, status, "{person}");
    }
    assert_eq!(app.api("").post("/redaction-trials", &trial).status, 401);
    assert_eq!(lead(&app).get("/redaction-trials").status, 405);
    assert_eq!(lead(&app).post("/redaction-trials", &json!({ "surprise": 1 })).fields(), ["surprise"]);
    assert_eq!(admin(&app).get("/redaction-reruns/nothing").status, 404);
    assert_eq!(admin(&app).get("/redaction-rules/nothing").status, 404);
    assert_eq!(admin(&app).get("/redaction-rules?surprise=1").status, 422);
}

#[test]
fn a_rotation_belongs_to_its_incident() {
    let app = App::start();
    let reference = app.complete_incident("A word that was a password");
    seal(&app, &reference, "a.log", "login with gr33n-lantern-77 failed\n");
    lead(&app).post(&format!("/incidents/{reference}/bundles"), &json!({ "audience": "vendor" }));
    seal(&app, &reference, "b.log", "define('DB_PASSWORD', 'gr33n-lantern-77');\n");
    app.settle();
    let list = format!("/incidents/{reference}/rotations");
    let id = lead(&app).get(&list).json["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/rotations/{id}/completion");
    let note = json!({ "note": "The password was replaced." });
    for (person, read, write) in [(&app.outsider, 404, 404), (&app.auditor, 200, 403), (&app.owner, 200, 403)] {
        let api = app.api(&app.token(person));
        assert_eq!((api.get(&list).status, api.post(&path, &note).status), (read, write), "{person}");
    }
    assert_eq!(app.api("").post(&path, &note).status, 401);
    assert_eq!(lead(&app).post("/rotations/nothing/completion", &note).status, 404);
    assert_eq!(lead(&app).get(&path).status, 405);
    assert_eq!(lead(&app).post(&path, &json!({ "surprise": 1 })).fields(), ["surprise"]);
    assert_eq!(lead(&app).post(&path, &note).status, 200);
    app.assert_audit_holds();
}
