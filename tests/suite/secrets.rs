//! Nothing secret lies around: values are planted wherever text or files come in, and then looked for in every file of
//! the data folder, in the clear, in hexadecimal and in base64.

use crate::support::{Api, App};
use base64::Engine as _;
use serde_json::json;

/// What is planted. Put together here, so that no scanner takes this source for a leak.
struct Planted {
    key: String,
    password: String,
    email: String,
    card: String,
}

impl Planted {
    fn new() -> Self {
        Self {
            key: format!("sk-proj-{}", "lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4"),
            password: format!("gr33n-{}", "lantern!77Qz"),
            email: format!("ann.lee@{}", "customer-post.net"),
            card: format!("4111 1111 {}", "1111 1111"),
        }
    }

    /// One line with all of it.
    fn line(&self) -> String {
        format!("{} DB_PASSWORD='{}' mail {} card {}", self.key, self.password, self.email, self.card)
    }

    fn all(&self) -> Vec<String> {
        let digits = self.card.replace(' ', "");
        vec![self.key.clone(), self.password.clone(), self.email.clone(), self.card.clone(), digits]
    }
}

/// The value, its hexadecimal forms, and the middle of its base64 at each of the three ways it can be aligned.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms =
        vec![value.as_bytes().to_vec(), hex::encode(value).into_bytes(), hex::encode_upper(value).into_bytes()];
    for before in 0..3 {
        let shifted = format!("{}{value}", "x".repeat(before));
        let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&shifted);
        forms.push(encoded.as_bytes()[before * 2..encoded.len() - 3].to_vec());
    }
    forms
}

/// Fails when any file of the data folder holds any form of any of these values.
fn assert_nowhere(app: &App, values: &[String]) {
    let files = app.files();
    assert!(!files.is_empty());
    for (path, bytes) in files {
        for value in values {
            for form in forms(value) {
                let at = memchr::memmem::find(&bytes, &form);
                assert!(at.is_none(), "{value} stands in {} at byte {at:?}", path.display());
            }
        }
    }
}

fn no_answer_shows(api: &Api, path: &str, values: &[String]) {
    let shown = api.get(path);
    assert_eq!(shown.status, 200, "{}", shown.body);
    for value in values {
        assert!(!shown.body.contains(value.as_str()), "{path} shows {value}");
    }
}

#[test]
fn the_search_itself_finds_what_lies_around() {
    let app = App::start();
    let (value, place) = ("gr33n-lantern!77Qz", app.data.join("left-behind"));
    for planted in
        [value.to_owned(), hex::encode(value), base64::engine::general_purpose::STANDARD.encode(format!("a{value}b"))]
    {
        std::fs::write(&place, format!("before {planted} after")).unwrap();
        let found =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| assert_nowhere(&app, &[value.to_owned()])));
        assert!(found.is_err(), "{planted}");
    }
}

#[test]
fn nothing_planted_in_any_field_or_file_lies_in_the_data_folder() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let planted = Planted::new();
    let line = planted.line();
    let api = app.api(&app.token(&app.admin));
    let filed = api.post(
        "/incidents",
        &json!({
            "title": line, "severity": "sev2", "site": app.site, "occurred_at": app.now_text(),
            "affected_user": line, "affected_role": line, "affected_screen": line, "browser": line,
            "versions": { "sophmate": line, "wordpress": line, "php": line, "woocommerce": line, "theme": line },
            "steps": [line, line], "expected": line, "actual": line, "error_report": line, "automations": [slug],
        }),
    );
    assert_eq!(filed.status, 201, "{}", filed.body);
    let reference = filed.json["reference"].as_str().unwrap();
    let of = |what: &str| format!("/incidents/{reference}{what}");
    let name: String = url::form_urlencoded::byte_serialize(
        format!("{} {} {}.log", planted.key, planted.email, planted.card).as_bytes(),
    )
    .collect();
    let log = format!("ordinary\n{line}\n").repeat(3000);
    let sealed = api.post_bytes(&of(&format!("/evidence?name={name}")), log);
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    assert!(sealed.json["findings"]["openai-key"].as_u64().unwrap() >= 3000, "{}", sealed.body);

    for (number, (path, body)) in [
        (of("/timeline"), json!({ "kind": "observed", "text": line })),
        (of("/timeline"), json!({ "kind": "attempted", "text": line })),
        (of("/no-evidence"), json!({ "reason": line })),
        (format!("/automations/{slug}/pauses"), json!({ "reason": line })),
        ("/switches/all/pauses".to_owned(), json!({ "reason": line })),
    ]
    .into_iter()
    .enumerate()
    {
        let done =
            api.send(api.request("POST", &path).header("Idempotency-Key", format!("{number} {line}")).json(&body));
        assert_eq!(done.status, 201, "{path}: {}", done.body);
        if let (true, Some(id)) = (path.ends_with("pauses"), done.json["id"].as_str()) {
            assert_eq!(api.post(&format!("/pauses/{id}/release"), &json!({ "reason": line })).status, 200);
        }
    }
    assert_eq!(api.patch(&of(""), &json!({ "expected": line, "browser": line, "title": line })).status, 200);
    for (path, body) in [
        ("/sites", json!({ "slug": "shop-east", "name": line, "production_url": "https://e.example.com" })),
        (
            "/automations",
            json!({ "slug": "x-y", "name": line, "kind": "tool", "category": "image", "site": app.site, "trigger": line }),
        ),
        ("/tokens", json!({ "name": format!("for {}", planted.key) })),
    ] {
        assert_eq!(api.post(path, &body).status, 422, "{path}");
    }
    app.settle();
    let built = api.post(&of("/bundles"), &json!({ "audience": "hosting" }));
    assert_eq!(built.status, 201, "{}", built.body);

    assert_nowhere(&app, &planted.all());
    no_answer_shows(&api, &of(""), &planted.all());
    no_answer_shows(&api, &format!("/evidence/{}", sealed.json["id"].as_str().unwrap()), &planted.all());
    no_answer_shows(&api, "/incidents", &planted.all());
    app.assert_audit_holds();
}

#[test]
fn what_a_second_file_reveals_vanishes_from_the_first_and_from_every_text() {
    let app = App::start();
    // On its own this is a word like any other; only the second file says that it is a password.
    let value = format!("Kx83Qw19{}", "Zebra99");
    let api = app.api(&app.token(&app.lead));
    let reference = app.complete_incident(&format!("Worker {value} hangs"));
    let of = |what: &str| format!("/incidents/{reference}{what}");
    assert_eq!(api.patch(&of(""), &json!({ "actual": format!("{value} hangs") })).status, 200);
    assert_eq!(api.post(&of("/timeline"), &json!({ "kind": "observed", "text": format!("saw {value}") })).status, 201);
    let first = api.post_bytes(&of("/evidence?name=first.log"), format!("start\nworker {value} up\nend\n"));
    let path = format!("/evidence/{}", first.json["id"].as_str().unwrap());
    assert!(api.get(&path).body.contains(&value), "nothing tells yet that it is secret");
    assert!(api.get(&of("")).body.contains(&value));

    let second = api.post_bytes(&of("/evidence?name=second.log"), format!("define('DB_PASSWORD', '{value}');\n"));
    assert_eq!(second.status, 201, "{}", second.body);
    app.settle();

    let values = [value];
    no_answer_shows(&api, &path, &values);
    no_answer_shows(&api, &of(""), &values);
    let shown = api.get(&of(""));
    let evidence = shown.json["evidence"].as_array().unwrap();
    let again = evidence.iter().find(|piece| piece["id"] == first.json["id"]).unwrap();
    assert_eq!(again["version"], 2);
    assert_ne!(again["sha256"], first.json["sha256"]);
    assert!(api.get(&path).body.contains("worker [") && api.get(&path).body.contains("start\n"));
    assert_nowhere(&app, &values);
    let built = api.post(&of("/bundles"), &json!({ "audience": "hosting" }));
    assert_eq!(built.status, 201, "{}", built.body);
    app.assert_audit_holds();
}

#[test]
fn no_bundle_is_built_while_evidence_waits_to_be_read_again() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let path = format!("/incidents/{reference}/bundles");
    app.tamper(&format!(
        "INSERT INTO jobs (id, kind, subject, run_at, claimed_until, attempts, last_error) \
         SELECT 'later', 'reread_evidence', id, '2999-01-01 00:00:00', NULL, 0, NULL FROM incidents WHERE reference = '{reference}'"
    ));
    let refused = api.post(&path, &json!({ "audience": "internal" }));
    assert_eq!((refused.status, refused.codes()), (409, vec!["evidence_being_reread"]));
    app.tamper("DELETE FROM jobs WHERE id = 'later'");
    assert_eq!(api.post(&path, &json!({ "audience": "internal" })).status, 201);
}

#[test]
fn what_a_timeline_entry_reveals_vanishes_from_the_evidence() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let of = |path: &str| format!("/incidents/{reference}{path}");
    let value = format!("cobalt-{}", "otter!52Lm");
    let first = api.post_bytes(&of("/evidence?name=first.log"), format!("start\nworker {value} up\nend\n"));
    let path = format!("/evidence/{}", first.json["id"].as_str().unwrap());
    assert!(api.get(&path).body.contains(&value), "nothing tells yet that it is secret");

    let text = format!("The host found DB_PASSWORD='{value}' in its config");
    let entry = api.post(&of("/timeline"), &json!({ "kind": "observed", "text": text }));
    assert_eq!(entry.status, 201, "{}", entry.body);
    app.settle();

    no_answer_shows(&api, &path, std::slice::from_ref(&value));
    assert_nowhere(&app, &[value]);
    app.assert_audit_holds();
}
