//! The same ladder for every endpoint: without a token 401, the outsider sees nothing, a wrong role may not, a made-up
//! name is not found, another method is not allowed, a body that cannot be read is named.

use super::restarted;
use serde_json::{Value, json};

#[test]
fn every_endpoint_has_its_ladder() {
    let (story, request) = restarted();
    let slug = &story.slug;
    let until = story.app.desk.now().plus(chrono::Duration::hours(1)).rfc3339();
    let wish = json!({ "reason": "Orders must be confirmed tonight.", "expires_at": until });
    let made = story.owner().post(&format!("/automations/{slug}/overrides"), &wish);
    let id = crate::story::made(&made);
    assert_eq!(made.location(), format!("/api/v1/overrides/{id}"));
    let of = |what: &str| (format!("/automations/{slug}/{what}"), format!("/automations/nothing/{what}"));
    let by = |verb: &str| (format!("/overrides/{id}{verb}"), format!("/overrides/nothing{verb}"));
    let certificate =
        (format!("/restart-requests/{request}/certificate"), "/restart-requests/nothing/certificate".to_owned());
    let rungs: Vec<(&str, (String, String), Value)> = vec![
        ("GET", of("phases"), Value::Null),
        ("GET", of("explanation"), Value::Null),
        ("GET", of("overrides"), Value::Null),
        ("GET", by(""), Value::Null),
        ("GET", certificate, Value::Null),
        ("POST", of("phases"), super::evidence()),
        ("POST", of("overrides"), wish),
        ("POST", by("/confirmation"), json!({})),
        ("POST", by("/end"), json!({})),
        ("POST", by("/review"), json!({ "note": "Twelve mails went out, each once." })),
    ];
    let (nobody, outsider, auditor, admin) = (story.app.api(""), story.outsider(), story.auditor(), story.admin());
    for (method, (path, nowhere), body) in &rungs {
        let send = |api: &crate::support::Api, path: &str| {
            let request = api.request(method, path);
            api.send(if body.is_null() { request } else { request.json(body) })
        };
        let says = |reply: crate::support::Reply, status: u16, who: &str| {
            assert_eq!(reply.status, status, "{who}: {method} {path}: {}", reply.body);
        };
        says(send(&nobody, path), 401, "nobody");
        says(send(&outsider, path), 404, "the outsider");
        says(send(&admin, nowhere), 404, "a name that names nothing");
        says(auditor.send(auditor.request("DELETE", path)), 405, "another method");
        if *method == "GET" {
            says(send(&auditor, path), 200, "the auditor");
        } else {
            says(send(&auditor, path), 403, "the auditor");
            says(admin.send(admin.request(method, path).body("{\"x\"")), 422, "a broken body");
            let unknown = admin.send(admin.request(method, path).json(&json!({ "surprise": 1 })));
            assert_eq!((unknown.status, unknown.fields()), (422, vec!["surprise"]), "{method} {path}");
        }
    }
    assert_eq!(story.lead().post(&of("phases").0, &super::evidence()).status, 403, "a support lead widens nothing");
    assert_eq!(story.auditor().get(&by("").0).json["state"], "asked", "nothing of all this changed anything");
    story.app.assert_audit_holds();
}

#[test]
fn every_post_is_done_once_under_its_key() {
    let (story, _) = restarted();
    let until = story.app.desk.now().plus(chrono::Duration::hours(1)).rfc3339();
    let wish = json!({ "reason": "Orders must be confirmed tonight.", "expires_at": until });
    let path = format!("/automations/{}/overrides", story.slug);
    let owner = story.owner();
    let send = || owner.send(owner.request("POST", &path).header("Idempotency-Key", "k").json(&wish));
    let (first, second) = (send(), send());
    assert_eq!((first.status, &first.json), (second.status, &second.json), "{}", second.body);
    assert_eq!(owner.get(&path).json["items"].as_array().unwrap().len(), 1);
}
