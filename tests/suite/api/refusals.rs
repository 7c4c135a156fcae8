//! What every address refuses alike.

use crate::support::App;
use serde_json::json;

const PROBLEM: &str = "application/problem+json";

#[test]
fn without_a_working_token_nothing_is_said() {
    let app = App::start();
    let browser = app.signed_in(&app.admin);
    for token in ["", "allclear_nonsense", "a b", "\u{e9}"] {
        let api = app.api("");
        let request = api.request("GET", "/incidents");
        let request = if token.is_empty() {
            request
        } else {
            request.header("Authorization", format!("Bearer {token}").as_bytes())
        };
        let refused = api.send(request);
        assert_eq!((refused.status, refused.header("content-type")), (401, PROBLEM));
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
    }
    assert_eq!(browser.get("/api/v1/incidents").status, 401, "a session counts for nothing here");
}

#[test]
fn unknown_addresses_and_methods_are_problems_too() {
    let app = App::start();
    let api = app.api(&app.token(&app.admin));
    for path in ["/", "/none", "/incidents/x/y/z", "/incidents/%00", "/sites/%00x"] {
        let refused = api.get(path);
        assert_eq!((refused.status, refused.header("content-type")), (404, PROBLEM), "{path}");
    }
    let refused = api.send(api.request("DELETE", "/incidents"));
    assert_eq!((refused.status, refused.header("content-type")), (405, PROBLEM));
    assert!(refused.header("allow").contains("POST"), "{:?}", refused.headers);
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    assert!(refused.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[test]
fn bodies_that_cannot_be_read_are_named() {
    let app = App::start();
    let api = app.api(&app.token(&app.lead));
    for (body, field) in [
        (&b"{"[..], "body"),
        (b"", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{} {}", "body"),
        (b"\xff\xfe", "body"),
        (b"{\"title\": \"caf\xe9\"}", "body"),
        (b"{\"title\": 7}", "title"),
        (b"{\"colour\": \"red\"}", "colour"),
        (b"{\"versions\": {\"perl\": \"5\"}}", "versions.perl"),
        (b"{\"impact\": {\"revenue_risk\": \"huge\"}}", "impact.revenue_risk"),
        (b"{\"steps\": [\"a\", 2]}", "steps[1]"),
        (b"{\"steps\": [\"a\\u0000\"]}", "steps"),
        (b"{\"title\": \"\\ud800\"}", "title"),
    ] {
        let refused = api.post_bytes("/incidents", body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!((refused.status, refused.header("content-type")), (422, PROBLEM), "{shown}: {}", refused.body);
        assert_eq!(refused.fields(), [field], "{shown}: {}", refused.body);
    }
    let deep = "[".repeat(100_000);
    assert_eq!(api.post_bytes("/incidents", deep).status, 422);
}

#[test]
fn a_body_of_more_than_two_mebibytes_is_refused() {
    let app = App::start();
    let api = app.api(&app.token(&app.lead));
    let huge = json!({ "title": "x".repeat(3 * 1024 * 1024) }).to_string();
    let refused = api.post_bytes("/incidents", huge);
    assert_eq!((refused.status, refused.header("content-type")), (413, PROBLEM));
}

#[test]
fn machines_ask_without_a_token() {
    let app = App::start();
    let anybody = app.visitor();
    assert_eq!(anybody.get("/healthz").status, 200);
    let ready = anybody.get("/readyz");
    assert_eq!((ready.status, &ready.json["ready"]), (200, &json!(true)), "{}", ready.body);
    assert_eq!(ready.json["background"], json!(true));
    let metrics = anybody.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("# TYPE allclear_jobs_waiting gauge\nallclear_jobs_waiting 0\n"), "{}", metrics.body);
    let proxied = anybody.send(anybody.request("GET", "/metrics").header("X-Forwarded-For", "192.0.2.7"));
    assert_eq!(proxied.status, 404);

    let keys = anybody.get("/.well-known/allclear-keys.json");
    assert_eq!(keys.status, 200, "{}", keys.body);
    let key = keys.json["keys"][0].as_object().unwrap();
    assert_eq!(
        (&key["kty"], &key["crv"], &key["kid"]),
        (&json!("OKP"), &json!("Ed25519"), &json!(app.desk.signer.id()))
    );
    assert_eq!(key["x"].as_str().unwrap().len(), 43);
    assert!(!key.contains_key("d") && !keys.body.contains("wrapped"), "no secret half");
}

#[test]
fn a_storage_that_cannot_be_written_is_not_ready() {
    let app = App::start();
    std::fs::rename(app.data.join("redacted"), app.data.join("gone")).unwrap();
    let ready = app.visitor().get("/readyz");
    assert_eq!((ready.status, &ready.json["storage"], &ready.json["database"]), (503, &json!(false), &json!(true)));
}
