//! The same ladder for every endpoint: without a token 401, the outsider sees nothing, the auditor may look and not touch,
//! a made-up id is not found, another method is not allowed, a body that is no JSON is named.

use super::{NEWCOMER, SAID, Team, good};
use crate::support::{Api, Reply};
use serde_json::{Value, json};

/// Method, address, a good body, the address with a name that names nothing.
type Rung = (&'static str, String, Value, String);

fn rungs(team: &Team) -> Vec<Rung> {
    let review = team.in_the_first_week("support_lead", "support-drafts");
    let notes = format!("/week-reviews/{review}/notes");
    let finding = json!({ "source": "drafts", "what": "Two drafts went without a look", "finding": "skipped_context" });
    good(&team.lead().post(&notes, &finding));
    let second = team.lead().post(&notes, &finding);
    let task = second.json["task"].as_str().unwrap().to_owned();
    let slug = team.adopt("questions", "reporter");
    let check = team.answers(&team.app.reporter, &slug);
    let site = &team.app.site;
    let nora = team.id_of(NEWCOMER);
    let at = |noun: &str, id: &str, verb: &str| (format!("/{noun}/{id}{verb}"), format!("/{noun}/nothing{verb}"));
    let rung = |method, (path, nowhere): (String, String), body| (method, path, body, nowhere);
    vec![
        rung("GET", at("operators", &nora, ""), Value::Null),
        rung("GET", at("week-reviews", &review, ""), Value::Null),
        rung("GET", at("sites", site, "/rollout"), Value::Null),
        rung("GET", at("sites", site, "/setup"), Value::Null),
        rung("POST", at("sites", site, "/rollout"), json!({})),
        rung(
            "POST",
            at("sites", site, "/readiness"),
            json!({ "item": "support_route", "reference": "ticket 77", "evidence": "They called back within the hour" }),
        ),
        rung("POST", at("sites", site, "/setups"), json!({ "steps": "Install it, then run the four tests in order." })),
        rung("POST", at("scenario-checks", &check, "/judgement"), json!({ "passed": true, "note": SAID })),
        rung("POST", at("week-reviews", &review, "/notes"), finding),
        rung("POST", at("week-reviews", &review, "/closure"), json!({ "note": SAID })),
        rung("POST", at("procedure-tasks", &task, "/completion"), json!({ "procedure": "support-drafts" })),
    ]
}

#[test]
fn every_endpoint_of_a_site_has_its_ladder() {
    let team = Team::start();
    let rungs = rungs(&team);
    let (nobody, admin) = (team.app.api(""), team.admin());
    let (outsider, auditor) = (team.api(&team.app.outsider), team.api(&team.app.auditor));
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
    team.app.assert_audit_holds();
}

#[test]
fn what_belongs_to_no_site_is_for_whoever_administers_all_of_them() {
    let team = Team::start();
    rungs(&team);
    let (lead, auditor, nobody) = (team.lead(), team.api(&team.app.auditor), team.app.api(""));
    for path in ["/procedures", "/procedures/questions", "/procedures/questions/versions"] {
        assert_eq!(team.api(&team.app.reporter).get(path).status, 200, "{path}: everybody who works here reads them");
        assert_eq!(nobody.get(path).status, 401, "{path}");
    }
    assert_eq!(lead.get("/procedures/nothing").status, 404);
    assert_eq!(team.admin().put("/procedures/nothing", &json!({})).status, 404);
    for path in ["/procedures/nothing/acknowledgements", "/procedures/nothing/checks"] {
        assert_eq!(lead.post(path, &json!({})).status, 404, "{path}");
    }
    assert_eq!(lead.post("/procedures/questions/checks", &json!({ "surprise": 1 })).fields(), ["surprise"]);
    assert_eq!(lead.post("/procedures/questions/acknowledgements", &json!({ "version": "x" })).fields(), ["version"]);
    assert_eq!(lead.get("/procedure-templates").status, 403);
    assert_eq!(lead.post("/procedures", &json!({ "template": "questions" })).status, 403);
    assert_eq!(lead.put("/procedures/questions", &json!({})).status, 403);
    assert_eq!(team.admin().put("/procedures/questions", &json!({})).fields(), ["body"]);
    assert_eq!(lead.get("/waivers").status, 403);
    let training = format!("/people/{}/training", team.id_of(&team.app.owner));
    let body = json!({ "role": "support_lead", "sites": [team.app.site] });
    assert_eq!(nobody.post(&training, &body).status, 401);
    assert_eq!(lead.post(&training, &body).status, 403);
    assert_eq!(team.admin().post("/people/nothing/training", &body).status, 404);
    assert_eq!(team.admin().post(&training, &json!({ "sites": ["nowhere"] })).fields(), ["role"]);
    assert_eq!(team.admin().post(&training, &json!({ "role": "owner", "sites": ["nowhere"] })).fields(), ["sites"]);
    good(&team.admin().post(&training, &body));
    for path in ["/operators", "/week-reviews", "/scenario-checks"] {
        assert_eq!(team.api(&team.app.reporter).get(path).status, 403, "{path}");
        assert_eq!(nobody.get(path).status, 401, "{path}");
        assert_eq!(lead.get(&format!("{path}?limit=0")).fields(), ["limit"], "{path}");
    }
    assert_eq!(auditor.get("/operators").status, 200);
    let seen = team.api(&team.app.outsider).get("/operators").json;
    let names: Vec<&str> =
        seen["items"].as_array().unwrap().iter().map(|one| one["person"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Olga", "Ada"], "those of her own site, and who works on every site");
    assert_eq!(team.api(&team.app.outsider).get("/week-reviews").json["items"], json!([]));
    let own = team.api(&team.app.reporter).get(&format!("/operators/{}", team.id_of(&team.app.reporter)));
    assert_eq!(own.status, 200, "everybody sees their own training");
}

#[test]
fn a_repeated_request_is_answered_alike() {
    let team = Team::start();
    let admin = team.admin();
    let once =
        |body: &Value| admin.send(admin.request("POST", "/procedures").header("idempotency-key", "k1").json(body));
    let first = once(&json!({ "template": "questions" }));
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(once(&json!({ "template": "questions" })).json, first.json);
    assert_eq!(once(&json!({ "template": "product-copy" })).status, 422, "another body under the same key");
}
