//! `/api/v1/incidents`.

use crate::support::App;
use serde_json::json;

#[test]
fn filing_pauses_what_it_names_in_the_same_press() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let token = app.token(&app.lead);

    let open = app.api(&token).get(&format!("/gate/{slug}"));
    assert_eq!(open.status, 200, "{}", open.body);
    assert_eq!(open.json["verdict"], "open");

    let filed = app.api(&token).post(
        "/incidents",
        &json!({ "title": "Mails go out twice", "severity": "sev2", "site": app.site, "occurred_at": app.now_text(),
                 "automations": [slug] }),
    );
    assert_eq!(filed.status, 201, "{}", filed.body);
    assert!(filed.json["reference"].as_str().unwrap().starts_with("INC-"));
    assert_eq!(filed.json["paused"], json!([slug]));

    let closed = app.api(&token).get(&format!("/gate/{slug}"));
    assert_eq!(closed.status, 423);
    assert_eq!(closed.json["reasons"][0]["code"], "paused_by_incident");
    let shown = app.api(&token).get(filed.location().strip_prefix("/api/v1").unwrap());
    assert_eq!(shown.json["pauses"][0]["target"], slug.as_str());
    app.assert_audit_holds();
}

#[test]
fn one_incident_comes_with_everything_that_belongs_to_it() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let one = api.get(&format!("/incidents/{reference}"));
    assert_eq!(one.status, 200, "{}", one.body);
    assert_eq!(one.header("etag"), "\"1\"");
    assert_eq!(one.json["steps"], json!(["Open the order", "Press resend"]));
    assert_eq!(one.json["timeline"][0]["kind"], "system");
    assert_eq!(one.json["evidence"], json!([]));
    let missing: Vec<&str> =
        one.json["missing"].as_array().unwrap().iter().map(|m| m["level"].as_str().unwrap()).collect();
    assert!(missing.iter().all(|level| *level == "wanted"), "{}", one.body);
}

#[test]
fn lists_are_filtered_and_paged_newest_first() {
    let app = App::start();
    let references: Vec<String> = (0..5).map(|n| app.incident(&format!("Number {n}"))).collect();
    let api = app.api(&app.token(&app.lead));
    api.patch(&format!("/incidents/{}", references[1]), &json!({ "status": "investigating", "severity": "sev1" }));

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/incidents?limit=2{cursor}"));
        assert_eq!(page.status, 200, "{}", page.body);
        let items = page.json["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["reference"].as_str().unwrap().to_owned()));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let newest_first: Vec<String> = references.iter().rev().cloned().collect();
    assert_eq!(seen, newest_first);

    let found = |query: &str| api.get(&format!("/incidents?{query}")).json["items"].as_array().unwrap().len();
    assert_eq!(found("status=investigating"), 1);
    assert_eq!(found("severity=sev1&status=triage"), 0);
    assert_eq!(found("severity=sev3"), 4);
    assert_eq!(found(&format!("site={}", app.site)), 5);
    for (query, field) in [
        ("q=%25", "q"),
        ("status=sleeping", "status"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("cursor=zz", "cursor"),
        ("colour=red", "colour"),
        ("site=none-such", "site"),
        ("status=tri%00age", "status"),
    ] {
        let refused = api.get(&format!("/incidents?{query}"));
        assert_eq!((refused.status, refused.fields()), (422, vec![field]), "{query}: {}", refused.body);
    }
}

#[test]
fn a_reporter_sees_what_they_filed_and_no_more() {
    let app = App::start();
    let theirs = app.incident("Not Rita's");
    let rita = app.api(&app.token(&app.reporter));
    let filed = rita.post(
        "/incidents",
        &json!({ "title": "Rita's", "severity": "sev4", "site": app.site, "occurred_at": app.now_text() }),
    );
    assert_eq!(filed.status, 201, "{}", filed.body);
    let own = filed.json["reference"].as_str().unwrap();
    let list = rita.get("/incidents");
    assert_eq!(list.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(rita.get(&format!("/incidents/{own}")).status, 200);
    assert_eq!(rita.get(&format!("/incidents/{theirs}")).status, 404);
    assert_eq!(rita.patch(&format!("/incidents/{own}"), &json!({ "status": "mitigated" })).status, 403);
    let pausing = rita.post(
        "/incidents",
        &json!({ "title": "Rita's", "severity": "sev4", "site": app.site, "occurred_at": app.now_text(),
                 "automations": [app.automation("order-mails")] }),
    );
    assert_eq!((pausing.status, pausing.fields()), (422, vec!["automations"]), "{}", pausing.body);
}

#[test]
fn a_limited_token_does_not_even_see_its_own_persons_incidents() {
    let app = App::start();
    let reference = app.incident("Lena's");
    let made = app.api(&app.token(&app.lead)).post("/tokens", &json!({ "name": "gate only", "scopes": ["gate"] }));
    let gate_only = app.api(made.json["token"].as_str().unwrap());
    assert_eq!(gate_only.get(&format!("/incidents/{reference}")).status, 404);
    assert_eq!(gate_only.get("/incidents").status, 403);
}

#[test]
fn ladder() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let (lead, outsider) = (app.api(&app.token(&app.lead)), app.api(&app.token(&app.outsider)));
    assert_eq!(outsider.get(&path).status, 404);
    assert_eq!(outsider.patch(&path, &json!({ "status": "mitigated" })).status, 404);
    assert_eq!(outsider.get("/incidents").json["items"], json!([]));
    assert_eq!(app.api(&app.token(&app.auditor)).get(&path).status, 200);
    assert_eq!(app.api(&app.token(&app.auditor)).patch(&path, &json!({ "title": "x" })).status, 403);
    let filing = json!({ "title": "x", "severity": "sev4", "site": app.site, "occurred_at": app.now_text() });
    assert_eq!(app.api(&app.token(&app.auditor)).post("/incidents", &filing).status, 403);
    assert_eq!(outsider.post("/incidents", &filing).fields(), ["site"]);
    assert_eq!(lead.get("/incidents/INC-1999-0001").status, 404);
    assert_eq!(lead.send(lead.request("DELETE", &path)).status, 405);
    let closing = lead.patch(&path, &json!({ "status": "closed" }));
    assert_eq!((closing.status, closing.codes()[0]), (409, "review_root_cause"));
}

#[test]
fn bad_filings_name_their_fields() {
    let app = App::start();
    let api = app.api(&app.token(&app.lead));
    let empty = api.post("/incidents", &json!({}));
    assert_eq!((empty.status, empty.fields()), (422, vec!["title", "severity", "site", "occurred_at"]));
    let now = app.now_text();
    for (body, field) in [
        (json!({ "title": "x", "severity": "sev9", "site": app.site, "occurred_at": now }), "severity"),
        (json!({ "title": " ", "severity": "sev1", "site": app.site, "occurred_at": now }), "title"),
        (json!({ "title": "x".repeat(300), "severity": "sev1", "site": app.site, "occurred_at": now }), "title"),
        (json!({ "title": "x", "severity": "sev1", "site": app.site, "occurred_at": "yesterday" }), "occurred_at"),
        (
            json!({ "title": "x", "severity": "sev1", "site": app.site, "occurred_at": "2999-01-01T00:00:00Z" }),
            "occurred_at",
        ),
        (json!({ "title": "x", "severity": "sev1", "site": "none-such", "occurred_at": now }), "site"),
        (
            json!({ "title": "x", "severity": "sev1", "site": app.site, "occurred_at": now, "automations": ["none"] }),
            "automations",
        ),
        (
            json!({ "title": "x", "severity": "sev1", "site": app.site, "occurred_at": now, "lead": "rita@example.org" }),
            "lead",
        ),
        (
            json!({ "title": "x", "severity": "sev1", "site": app.site, "occurred_at": now, "versions": { "php": "8".repeat(600) } }),
            "versions.php",
        ),
        (json!({ "title": "a\u{0}b", "severity": "sev1", "site": app.site, "occurred_at": now }), "title"),
    ] {
        let refused = api.post("/incidents", &body);
        assert_eq!((refused.status, refused.fields()), (422, vec![field]), "{}", refused.body);
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    assert_eq!(api.get("/incidents").json["items"], json!([]));
}

#[test]
fn the_second_of_two_people_is_told_and_overwrites_nothing() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let api = app.api(&app.token(&app.lead));
    let tag = api.get(&path).header("etag").to_owned();
    let change = |tag: &str, expected: &str| {
        api.send(api.request("PATCH", &path).header("If-Match", tag).json(&json!({ "expected": expected })))
    };
    let first = change(&tag, "One mail");
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(change(&tag, "No mail").status, 412);
    assert_eq!(change(&format!("W/{}", first.header("etag")), "No mail").status, 412);
    assert_eq!(api.get(&path).json["expected"], "One mail");
    assert_eq!(change(first.header("etag"), "Exactly one mail").status, 200);
    assert_eq!(api.patch(&path, &json!({ "actual": "Two mails" })).status, 200);
    let one = api.get(&path);
    assert_eq!((&one.json["expected"], &one.json["actual"]), (&json!("Exactly one mail"), &json!("Two mails")));
    assert_eq!(api.patch(&path, &json!({ "expected": null })).status, 200);
    assert!(api.get(&path).json["expected"].is_null());
    app.assert_audit_holds();
}

#[test]
fn changes_at_the_same_time_all_arrive() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let token = app.token(&app.lead);
    let fields = ["expected", "actual", "browser", "affected_user"];
    std::thread::scope(|scope| {
        for field in fields {
            let (api, path) = (app.api(&token), &path);
            scope.spawn(move || {
                let changed = api.patch(path, &json!({ field: format!("the {field}") }));
                assert_eq!(changed.status, 200, "{}", changed.body);
            });
        }
    });
    let one = app.api(&token).get(&path);
    for field in fields {
        assert_eq!(one.json[field], format!("the {field}"), "{}", one.body);
    }
    assert_eq!(one.json["version"], 5);
}
