//! The same ladder for every endpoint: without a token 401, the outsider sees nothing, the auditor may look and not
//! touch, a made-up id is not found, another method is not allowed, a body that is no JSON is named.

use super::{Agency, content, first_run, made};
use crate::support::{Api, Reply};
use serde_json::{Value, json};

/// Method, address, a good body, the address with an id that names nothing.
type Rung = (&'static str, String, Value, String);

fn rungs(agency: &Agency) -> Vec<Rung> {
    let lead = agency.lead();
    let playbook = agency.playbook();
    let export = made(&lead.post(&format!("/playbooks/{playbook}/exports"), &json!({})));
    let first = made(&lead.post(&format!("/playbooks/{playbook}/first-runs"), &first_run("success")));
    let slug = agency.app.automation("order-mails");
    let body = json!({ "practice": "workflow-safety", "subject_kind": "automation", "subject": slug });
    let run = made(&lead.post("/practice-runs", &body));
    let site = json!({ "practice": "operator-training", "subject_kind": "site", "subject": agency.app.site });
    let on_site = made(&lead.post("/practice-runs", &site));
    let review = lead.get(&format!("/practice-runs/{on_site}")).json["reviews"][0]["id"].as_str().unwrap().to_owned();
    let reference = agency.app.incident("Charged twice");
    let runs = format!("/incidents/{reference}/playbook-runs");
    made(&lead.post(&runs, &json!({ "playbook": playbook })));
    let step = lead.get(&runs).json["items"][0]["steps"][0]["id"].as_str().unwrap().to_owned();
    let flag = made(&lead.post(&format!("/playbooks/{playbook}/flags"), &json!({ "finding": "It names one client" })));
    let at = |noun: &str, id: &str, verb: &str| (format!("/{noun}/{id}{verb}"), format!("/{noun}/nothing{verb}"));
    let rung = |method, (path, nowhere): (String, String), body| (method, path, body, nowhere);
    let said = json!({ "note": "We compared it with the panel" });
    vec![
        rung("GET", at("practice-runs", &run, ""), Value::Null),
        rung("GET", at("playbooks", &playbook, ""), Value::Null),
        rung("GET", at("playbook-exports", &export, ""), Value::Null),
        rung("GET", (runs.clone(), "/incidents/INC-1999-0001/playbook-runs".into()), Value::Null),
        rung("POST", at("practice-runs", &run, "/attestations"), json!({ "line": "workflow.related.1" })),
        rung("POST", at("practice-runs", &run, "/version"), json!({})),
        rung("POST", at("practice-reviews", &review, "/completion"), said),
        rung("PUT", at("playbooks", &playbook, ""), content()),
        rung("POST", at("playbooks", &playbook, "/owner"), json!({ "owner": agency.app.owner })),
        rung("POST", at("playbooks", &playbook, "/exports"), json!({})),
        rung("POST", at("playbooks", &playbook, "/localisation"), json!({ "topic": "roles", "answer": "same" })),
        rung("POST", at("playbooks", &playbook, "/first-runs"), first_run("success")),
        rung(
            "POST",
            at("playbook-first-runs", &first, "/review"),
            json!({ "acceptable": true, "note": "The trace reads as it should" }),
        ),
        rung("POST", at("playbooks", &playbook, "/production"), json!({})),
        rung("POST", at("playbooks", &playbook, "/flags"), json!({ "finding": "It names one client" })),
        rung("POST", at("playbook-flags", &flag, "/settlement"), json!({ "reason": "It is general by now" })),
        rung("POST", (runs, "/incidents/INC-1999-0001/playbook-runs".into()), json!({ "playbook": playbook })),
        rung("POST", at("playbook-steps", &step, "/approval-request"), json!({})),
        rung("POST", at("playbook-steps", &step, "/approval"), json!({})),
        rung("POST", at("playbook-steps", &step, "/completion"), json!({ "evidence": "The order shows it" })),
    ]
}

#[test]
fn every_endpoint_has_its_ladder() {
    let agency = Agency::start();
    let rungs = rungs(&agency);
    let (nobody, admin) = (agency.app.api(""), agency.admin());
    let (outsider, auditor) = (agency.api(&agency.app.outsider), agency.api(&agency.app.auditor));
    let send = |api: &Api, method: &str, path: &str, body: &Value| {
        let request = api.request(method, path);
        api.send(if body.is_null() { request } else { request.json(body) })
    };
    let says = |reply: Reply, status: u16, who: &str| assert_eq!(reply.status, status, "{who}: {}", reply.body);
    for (method, path, body, nowhere) in &rungs {
        says(send(&nobody, method, path, body), 401, &format!("nobody {method} {path}"));
        says(send(&outsider, method, path, body), 404, &format!("the outsider {method} {path}"));
        says(send(&admin, method, nowhere, body), 404, &format!("nothing {method} {nowhere}"));
        says(auditor.send(auditor.request("DELETE", path)), 405, path);
        if *method == "GET" {
            says(send(&auditor, method, path, body), 200, &format!("the auditor {path}"));
        } else {
            says(send(&auditor, method, path, body), 403, &format!("the auditor {method} {path}"));
            says(admin.send(admin.request(method, path).body("{\"x\"")), 422, &format!("broken {path}"));
            let unknown = admin.send(admin.request(method, path).json(&json!({ "surprise": 1 })));
            assert_eq!((unknown.status, unknown.fields()), (422, vec!["surprise"]), "{method} {path} {}", unknown.body);
        }
    }
    agency.app.assert_audit_holds();
}

#[test]
fn lists_show_what_is_yours_and_practices_everybody_who_reads_the_registry() {
    let agency = Agency::start();
    rungs(&agency);
    let count = |api: &Api, path: &str| api.get(path).json["items"].as_array().map(Vec::len);
    let (outsider, reporter) = (agency.api(&agency.app.outsider), agency.api(&agency.app.reporter));
    assert_eq!(count(&agency.lead(), "/playbooks"), Some(1));
    assert_eq!(count(&outsider, "/playbooks"), Some(0));
    assert_eq!(count(&agency.lead(), "/practice-runs?practice=workflow-safety"), Some(1));
    assert_eq!(count(&outsider, "/practice-runs"), Some(0));
    assert_eq!(count(&outsider, "/practices"), Some(5));
    for path in ["/practices", "/practices/workflow-safety", "/playbooks", "/practice-runs"] {
        assert_eq!(reporter.get(path).status, 403, "{path}");
        assert_eq!(agency.app.api("").get(path).status, 401, "{path}");
    }
    assert_eq!(agency.admin().get("/practices/nothing").status, 404);
    assert_eq!(agency.admin().put("/practices/nothing", &json!({})).status, 404);
    assert_eq!(agency.api(&agency.app.auditor).put("/practices/workflow-safety", &json!({})).status, 403);
    assert_eq!(agency.admin().put("/practices/workflow-safety", &json!({})).status, 422);
    assert_eq!(agency.api(&agency.app.auditor).post("/playbooks", &json!({})).status, 403);
    assert_eq!(agency.api(&agency.app.auditor).post("/practice-runs", &json!({})).status, 403);
    let none = agency.lead().post("/practice-runs", &json!({}));
    assert_eq!(none.fields(), ["subject_kind", "subject", "practice"]);
    let foreign = json!({ "practice": "workflow-safety", "subject_kind": "automation", "subject": "order-mails" });
    assert_eq!(outsider.post("/practice-runs", &foreign).fields(), ["subject"]);
    let wrong = json!({ "practice": "asset-lifecycle", "subject_kind": "site", "subject": agency.app.site });
    assert_eq!(agency.lead().post("/practice-runs", &wrong).fields(), ["subject_kind"]);
}
