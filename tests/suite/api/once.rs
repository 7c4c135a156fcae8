//! `Idempotency-Key`: the same request gives the first answer again, another one under the same key is refused.

use crate::support::{Api, App, Reply};
use serde_json::{Value, json};

fn keyed(api: &Api, path: &str, key: &str, body: &Value) -> Reply {
    api.send(api.request("POST", path).header("Idempotency-Key", key).json(body))
}

#[test]
fn every_kind_of_post_is_done_once() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.admin));
    let of = |what: &str| format!("/incidents/{reference}/{what}");
    let posts = [
        ("/sites".into(), json!({ "slug": "shop-east", "name": "East", "production_url": "https://e.example.com" })),
        (
            "/automations".into(),
            json!({ "slug": "new-one", "name": "New", "kind": "tool", "category": "system", "site": app.site }),
        ),
        (
            "/incidents".into(),
            json!({ "title": "x", "severity": "sev4", "site": app.site, "occurred_at": app.now_text() }),
        ),
        (of("timeline"), json!({ "kind": "observed", "text": "Two mails" })),
        (of("no-evidence"), json!({ "reason": "The host keeps no logs." })),
        (of("bundles"), json!({ "audience": "internal" })),
        (format!("/automations/{slug}/pauses"), json!({ "reason": "drill" })),
        ("/tokens".into(), json!({ "name": "mine" })),
    ];
    for (number, (path, body)) in posts.iter().enumerate() {
        let key = format!("key-{number}");
        let first = keyed(&api, path, &key, body);
        assert_eq!(first.status, 201, "{path}: {}", first.body);
        let again = keyed(&api, path, &key, body);
        assert_eq!((again.status, &again.body), (201, &first.body), "{path}");
        assert_eq!(again.location(), first.location());
        assert_eq!(again.header("idempotency-replayed"), "true");
        let mut other = body.clone();
        other["name"] = json!("another");
        other["title"] = json!("another");
        assert_eq!(keyed(&api, path, &key, &other).status, 422, "{path}");
    }
    let shown = api.get(&format!("/incidents/{reference}"));
    let observed = shown.json["timeline"].as_array().unwrap().iter().filter(|e| e["kind"] == "observed").count();
    assert_eq!(observed, 1);
    assert_eq!(shown.json["bundles"].as_array().unwrap().len(), 1);
    app.assert_audit_holds();
}

#[test]
fn keys_belong_to_a_person_and_have_a_form() {
    let app = App::start();
    let body = json!({ "title": "x", "severity": "sev4", "site": app.site, "occurred_at": app.now_text() });
    let lead = app.api(&app.token(&app.lead));
    let first = keyed(&lead, "/incidents", "k", &body);
    let other = keyed(&app.api(&app.token(&app.admin)), "/incidents", "k", &body);
    assert_ne!(first.json["reference"], other.json["reference"]);
    let bad = keyed(&lead, "/incidents", &"k".repeat(201), &body);
    assert_eq!((bad.status, bad.fields()), (422, vec!["Idempotency-Key"]));
    // A refusal is no answer: the same key works once the request is right.
    assert_eq!(keyed(&lead, "/incidents", "k2", &json!({})).status, 422);
    assert_eq!(keyed(&lead, "/incidents", "k2", &body).status, 201);
}

#[test]
fn ten_presses_at_once_file_one_incident() {
    let app = App::start();
    let token = app.token(&app.lead);
    let body = json!({ "title": "x", "severity": "sev4", "site": app.site, "occurred_at": app.now_text() });
    let answers: Vec<String> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..10)
            .map(|_| {
                let (api, body) = (app.api(&token), &body);
                scope.spawn(move || keyed(&api, "/incidents", "one", body).json["reference"].to_string())
            })
            .collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(app.api(&token).get("/incidents").json["items"].as_array().unwrap().len(), 1);
}

#[test]
fn an_upload_is_told_by_its_bytes() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let send = |name: &str, bytes: &str| {
        let request = api.request("POST", &format!("/incidents/{reference}/evidence?name={name}"));
        api.send(request.header("Idempotency-Key", "up").body(bytes.to_owned()))
    };
    let first = send("a.log", "an ordinary line\n");
    assert_eq!(first.status, 201, "{}", first.body);
    let before = app.files().len();
    let again = send("a.log", "an ordinary line\n");
    assert_eq!((again.status, again.body), (201, first.body));
    assert_eq!(send("a.log", "another line\n").status, 422);
    assert_eq!(send("b.log", "an ordinary line\n").status, 422);
    assert_eq!(app.files().len(), before, "a repeat leaves no file");
    assert_eq!(api.get(&format!("/incidents/{reference}")).json["evidence"].as_array().unwrap().len(), 1);
}
