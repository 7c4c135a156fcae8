//! `Idempotency-Key`: the same request gives the first answer again, another one under the same key is refused.

use crate::support::{Api, App, Reply};
use serde_json::{Value, json};

fn keyed(api: &Api, path: &str, key: &str, body: &Value) -> Reply {
    api.send(api.request("POST", path).header("Idempotency-Key", key).json(body))
}

/// A POST: its line in the table of routes, the address, a body, a field of it, and another value that is as valid.
type Post = (&'static str, String, Value, &'static str, Value);

/// Those about one incident.
fn posts_of_incident(app: &App, reference: &str) -> Vec<Post> {
    let at = |what: &str| format!("/incidents/{reference}/{what}");
    let due = (app.desk.now().utc() + chrono::Duration::days(7)).format("%Y-%m-%d").to_string();
    let row = |route: &'static str, body: Value, field: &'static str, another: &str| {
        (route, at(route.rsplit('/').next().unwrap()), body, field, json!(another))
    };
    let entry = json!({ "kind": "observed", "text": "Two mails" });
    let reason = json!({ "reason": "The host keeps no logs." });
    let action = json!({ "kind": "rate_limit", "title": "Cap retries", "owner": app.owner, "due_on": due });
    let check = json!({ "title": "Resend an order", "expected": "Exactly one mail arrives" });
    let criterion = json!({ "statement": "No customer got a mail twice for a week." });
    vec![
        row("/incidents/{reference}/timeline", entry, "text", "Three mails"),
        row("/incidents/{reference}/no-evidence", reason, "reason", "The logs were rotated away."),
        row("/incidents/{reference}/bundles", json!({ "audience": "internal" }), "audience", "hosting"),
        row("/incidents/{reference}/actions", action, "title", "Cap retries at two"),
        row("/incidents/{reference}/checks", check, "title", "Resend two orders"),
        row("/incidents/{reference}/criteria", criterion, "statement", "No customer got a mail twice for a month."),
    ]
}

/// The others.
fn posts_elsewhere(app: &App, slug: &str) -> Vec<Post> {
    let row = |route: &'static str, body: Value, field: &'static str, another: &str| {
        let path = route.replace("{slug}", slug).replace("{name}", "all");
        (route, path, body, field, json!(another))
    };
    let site = json!({ "slug": "shop-east", "name": "East", "production_url": "https://e.example.com" });
    let automation =
        json!({ "slug": "new-one", "name": "New", "kind": "tool", "category": "system", "site": app.site });
    let incident = json!({ "title": "x", "severity": "sev4", "site": app.site, "occurred_at": app.now_text() });
    let run = json!({ "environment": "staging", "outcome": "success", "what": "Sent a mail", "why": "A new order" });
    let person =
        json!({ "email": "kim@example.org", "name": "Kim", "role": "reporter", "password": "several other words" });
    let change = json!({ "kind": "other", "site": app.site, "note": "The host moved the shop." });
    vec![
        row("/sites", site, "name", "Far East"),
        row("/automations", automation, "name", "Newer"),
        row("/incidents", incident, "title", "y"),
        row("/automations/{slug}/runs", run, "what", "Sent two mails"),
        row("/automations/{slug}/pauses", json!({ "reason": "drill" }), "reason", "stock count"),
        row("/switches/{name}/pauses", json!({ "reason": "drill" }), "reason", "stock count"),
        row("/people", person, "name", "Kim Lee"),
        row("/changes", change, "note", "The host moved the shop again."),
        row("/tokens", json!({ "name": "mine" }), "name", "yours"),
    ]
}

#[test]
fn every_kind_of_post_is_done_once() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.admin));
    let posts = [posts_of_incident(&app, &reference), posts_elsewhere(&app, &slug)].concat();
    let routes = routes();
    for (number, (route, path, body, field, another)) in posts.iter().enumerate() {
        assert!(routes.iter().any(|(known, _)| known == route), "{route} is no line of the table");
        let key = format!("key-{number}");
        let first = keyed(&api, path, &key, body);
        assert_eq!(first.status, 201, "{path}: {}", first.body);
        let again = keyed(&api, path, &key, body);
        assert_eq!((again.status, &again.body), (201, &first.body), "{path}");
        assert_eq!(again.location(), first.location());
        assert_eq!(again.header("idempotency-replayed"), "true");
        let mut other = body.clone();
        assert!(other[field].is_string() && other[field] != *another, "{path}");
        other[field] = another.clone();
        let refused = keyed(&api, path, &key, &other);
        let told = (refused.status, &refused.json["title"]);
        assert_eq!(told, (422, &json!("Key used before")), "{path}: {}", refused.body);
    }
    let shown = api.get(&format!("/incidents/{reference}"));
    let observed = shown.json["timeline"].as_array().unwrap().iter().filter(|e| e["kind"] == "observed").count();
    assert_eq!(observed, 1);
    assert_eq!(shown.json["bundles"].as_array().unwrap().len(), 1);
    app.assert_audit_holds();
}

/// Each POST of the API in the table of routes: its path, and the handler's name.
fn routes() -> Vec<(String, String)> {
    let table = std::fs::read_to_string("src/web/routes.rs").unwrap();
    let api = table.split("fn api_routes(").nth(1).unwrap();
    let posts = api.split(".service(resource(\"").skip(1).filter_map(|line| {
        let (path, rest) = line.split_once('"')?;
        let handler = rest.split(".post(").nth(1)?.split(')').next()?;
        Some((path.to_owned(), handler.to_owned()))
    });
    posts.collect()
}

/// POSTs that know no key, and why.
const WITHOUT_A_KEY: [(&str, &str); 1] =
    [("/redaction-trials", "nothing of it is kept: a repeat is computed again, and another body is another question")];

/// The text of a handler, from its name to its end.
fn handler(name: &str) -> String {
    let (module, function) = name.rsplit_once("::").unwrap();
    let folder = module.replace("::", "/");
    let places = [format!("{folder}.rs"), format!("{folder}/mod.rs"), format!("assets/{folder}.rs")];
    let found = places.iter().find_map(|place| std::fs::read_to_string(format!("src/web/api/{place}")).ok());
    let text = found.unwrap_or_else(|| panic!("no file of {name}"));
    // Some handlers are lines of a macro, whose text is that of all of them.
    let of_macro = || text.find("macro_rules!").filter(|_| text.contains(&format!("\n    {function}, ")));
    let at = text.find(&format!("async fn {function}(")).or_else(of_macro).unwrap_or_else(|| panic!("no {name}"));
    text[at..].split("\n}\n").next().unwrap().to_owned()
}

#[test]
fn every_post_takes_a_key_or_says_why_not() {
    let routes = routes();
    assert!(routes.len() > 70, "the table is read: {}", routes.len());
    for (path, name) in &routes {
        let text = handler(name);
        let takes = text.contains("key: IdempotencyKey");
        let uses = text.contains("key.desk(")
            || text.contains("key.streaming_desk(")
            || text.contains(", key,")
            || text.contains("(key, ");
        let left_out = WITHOUT_A_KEY.iter().any(|(known, _)| known == path);
        assert_eq!(takes && uses, !left_out, "{path}: {name}");
    }
    for (path, why) in WITHOUT_A_KEY {
        assert!(routes.iter().any(|(known, _)| known == path) && why.len() > 20, "{path}");
    }
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
