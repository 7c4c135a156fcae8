//! The same ladder for every endpoint: without a token 401, the outsider sees nothing, the auditor may look and not
//! touch, a made-up id is not found, another method is not allowed, a body that is no JSON is named.

use super::{PROOF, STATEMENT, Story, approval, new_check, result, whole_review, wish};
use serde_json::{Value, json};

/// One endpoint: method, address, a good body, and its address with an id that names nothing.
type Rung = (&'static str, String, Value, String);

fn rungs(story: &Story) -> Vec<Rung> {
    let work = story.complete();
    let bundle = story.bundle("hosting");
    let escalated = story.lead().post(&story.at("escalations"), &story.escalation(&bundle));
    let escalation = escalated.json["id"].as_str().unwrap().to_owned();
    let request = story.ask();
    let (action, check, criterion) = (&work.action, &work.check, &work.criterion);
    let under = |what: &str| (story.at(what), format!("/incidents/INC-1999-0001/{what}"));
    let by_id = |noun: &str, id: &str, verb: &str| (format!("/{noun}/{id}{verb}"), format!("/{noun}/nothing{verb}"));
    let rung = |method, (path, nowhere): (String, String), body| (method, path, body, nowhere);
    let mut all: Vec<Rung> = ["escalations", "review", "review-points", "actions", "checks", "criteria"]
        .iter()
        .chain(&["restart-requests", "readiness"])
        .map(|what| rung("GET", under(what), Value::Null))
        .collect();
    all.extend([
        rung("GET", by_id("escalations", &escalation, ""), Value::Null),
        rung("GET", by_id("actions", action, ""), Value::Null),
        rung("GET", by_id("restart-requests", &request, ""), Value::Null),
        rung("POST", under("escalations"), story.escalation(&bundle)),
        rung("POST", by_id("escalations", &escalation, "/retry"), json!({})),
        rung("POST", by_id("escalations", &escalation, "/deliveries"), json!({ "way": "telephone" })),
        rung("POST", by_id("escalations", &escalation, "/replies"), json!({ "way": "chat", "text": "We see it." })),
        rung("POST", under("removals"), json!({ "value": "Quartz-Heron-91" })),
        rung("PUT", under("review"), whole_review()),
        rung("POST", under("withdrawal"), json!({ "reason": "It was filed twice by mistake." })),
        rung("POST", under("review-points"), json!({ "point": "reported" })),
        rung("POST", under("actions"), story.new_action(&story.app.owner)),
        rung("POST", by_id("actions", action, "/completion"), json!({ "proof": PROOF })),
        rung("POST", by_id("actions", action, "/verification"), json!({})),
        rung("POST", by_id("actions", action, "/owner"), json!({ "owner": story.app.lead })),
        rung("POST", under("checks"), new_check()),
        rung("POST", by_id("checks", check, "/results"), result("pass")),
        rung("POST", under("criteria"), json!({ "statement": STATEMENT })),
        rung("POST", by_id("criteria", criterion, "/met"), json!({ "evidence": PROOF })),
        rung("POST", under("restart-requests"), wish()),
        rung("POST", by_id("restart-requests", &request, "/decision"), approval()),
    ]);
    all
}

#[test]
fn every_endpoint_has_its_ladder() {
    let story = Story::begin();
    let rungs = rungs(&story);
    let (nobody, outsider, auditor, lead) = (story.app.api(""), story.outsider(), story.auditor(), story.lead());
    for (method, path, body, nowhere) in &rungs {
        let send = |api: &crate::support::Api, path: &str| {
            let request = api.request(method, path);
            api.send(if body.is_null() { request } else { request.json(body) })
        };
        let says = |reply: crate::support::Reply, status: u16, who: &str| {
            assert_eq!(reply.status, status, "{who}: {method} {path}: {}", reply.body);
        };
        says(send(&nobody, path), 401, "nobody");
        says(send(&outsider, path), 404, "the outsider");
        says(send(&lead, nowhere), 404, "an address that names nothing");
        says(auditor.send(auditor.request("DELETE", path)), 405, "another method");
        if *method == "GET" {
            says(send(&auditor, path), 200, "the auditor");
        } else {
            says(send(&auditor, path), 403, "the auditor");
            let broken = lead.send(lead.request(method, path).body("{\"x\""));
            says(broken, 422, "a broken body");
            let unknown = lead.send(lead.request(method, path).json(&json!({ "surprise": 1 })));
            assert_eq!((unknown.status, unknown.fields()), (422, vec!["surprise"]), "{method} {path}");
        }
    }
    // Nothing of all this changed anything: the request stands.
    assert_eq!(story.lead().get(&story.at("restart-requests")).json["items"][0]["state"], "open");
    story.app.assert_audit_holds();
}

#[test]
fn every_post_is_done_once_under_its_key() {
    let story = Story::begin();
    let lead = story.lead();
    let bundle = story.bundle("hosting");
    let posts = [
        (story.at("escalations"), story.escalation(&bundle), "escalations"),
        (story.at("actions"), story.new_action(&story.app.owner), "actions"),
        (story.at("checks"), new_check(), "checks"),
        (story.at("criteria"), json!({ "statement": STATEMENT }), "criteria"),
    ];
    for (path, body, list) in posts {
        let send = |body: &Value| lead.send(lead.request("POST", &path).header("Idempotency-Key", "k1").json(body));
        let (first, second) = (send(&body), send(&body));
        assert_eq!((first.status, &first.json), (second.status, &second.json), "{path}: {}", second.body);
        assert!(first.status == 201 || first.status == 202, "{}", first.body);
        assert_eq!(second.header("idempotency-replayed"), "true");
        let mut other = body.clone();
        other.as_object_mut().unwrap().insert("title".into(), json!("Another one altogether"));
        assert_eq!(send(&other).status, 422, "{path}");
        assert_eq!(lead.get(&story.at(list)).json["items"].as_array().unwrap().len(), 1, "{path}");
    }
}

#[test]
fn a_token_limited_to_checks_records_results_and_nothing_else() {
    let story = Story::begin();
    let check = super::made(&story.lead().post(&story.at("checks"), &new_check()));
    let holder = allclear::actions::tokens::Holder::Person(story.app.owner.clone());
    let scopes = vec![allclear::domain::person::Scope::Checks];
    let system = allclear::domain::person::Actor::System("test");
    let token = allclear::actions::tokens::add(&story.app.desk, &system, &holder, "ci", scopes, None).unwrap();
    let ci = story.app.api(&token);
    assert_eq!(ci.post(&format!("/checks/{check}/results"), &result("pass")).status, 201);
    assert_eq!(ci.post(&story.at("restart-requests"), &wish()).status, 403);
}

#[test]
fn lists_come_newest_first_in_pages() {
    let story = Story::begin();
    for n in 1..=3 {
        let body = json!({ "title": format!("Check number {n}"), "expected": "Exactly one mail arrives" });
        super::made(&story.lead().post(&story.at("checks"), &body));
    }
    let first = story.lead().get(&format!("{}?limit=2", story.at("checks")));
    let titles = |reply: &crate::support::Reply| {
        let items = reply.json["items"].as_array().unwrap();
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&first), ["Check number 3", "Check number 2"]);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let second = story.lead().get(&format!("{}?limit=2&cursor={cursor}", story.at("checks")));
    assert_eq!((titles(&second), &second.json["next_cursor"]), (vec!["Check number 1".to_owned()], &Value::Null));
    assert_eq!(story.lead().get(&format!("{}?cursor=x", story.at("checks"))).fields(), ["cursor"]);
}
