//! Exceptions: what they can keep, and what none can.

use super::{admin, lead, save, saving, seal, with};
use crate::support::App;
use serde_json::{Value, json};

/// A value that looks like a token and is the name of a build.
const BUILD: &str = "b7Qm2xKp9Rt4Vw8Zc3Nf";

fn keep() -> Value {
    json!({
        "name": "build-name", "title": "Build name", "about": "The name of a build is public.",
        "kind": "keep_literal", "find": [BUILD], "stays": [format!("api_token={BUILD}")]
    })
}

#[test]
fn an_exception_keeps_a_value_in_evidence_and_in_the_second_scan() {
    let app = App::start();
    let reference = app.complete_incident("The build is unknown");
    let line = format!("api_token=\"{BUILD}\" other_token=\"k3Vn8Qw2Lx7Rb5Tz9Mc4\"\n");
    let (_, before) = seal(&app, &reference, "before.log", &line);
    assert!(!before.contains(BUILD), "{before}");
    save(&app, keep());
    let second = app.complete_incident("The build is known");
    let (_, after) = seal(&app, &second, "after.log", &line);
    assert!(after.contains(BUILD) && !after.contains("k3Vn8Qw2Lx7Rb5Tz9Mc4"), "{after}");
    app.settle();
    let built = lead(&app).post(&format!("/incidents/{second}/bundles"), &json!({ "audience": "hosting" }));
    assert_eq!(built.status, 201, "{}", built.body);
    let zip = lead(&app).get(built.location().strip_prefix("/api/v1").unwrap());
    let inside = allclear::bundle::look_inside(std::io::Cursor::new(zip.bytes)).unwrap();
    assert!(inside.manifest.rules.contains("own rules revision 1"), "{}", inside.manifest.rules);
    // Whoever checks it without these rules is told that the finding was known.
    assert!(inside.manifest.lifted.iter().any(|lifted| lifted.path.contains("after.log")), "{:?}", inside.manifest);

    let tried = lead(&app).post("/redaction-trials", &json!({ "text": line }));
    assert_eq!(tried.json["spared"][0]["exception"], "own-build-name", "{}", tried.body);
    assert_eq!(tried.json["spared"][0]["why"], "The name of a build is public.");
    app.assert_audit_holds();
}

#[test]
fn no_exception_keeps_what_is_certain() {
    let app = App::start();
    let admin = admin(&app);
    let refused = |rule: Value, field: &str, words: &str| {
        let reply = admin.post("/redaction-rules", &saving(rule));
        assert_eq!(reply.fields(), [format!("definition.{field}")], "{words}: {}", reply.body);
        assert!(reply.body.contains(words), "{words}: {}", reply.body);
    };
    for certain in ["private-key", "card", "openai-key", "url-login"] {
        refused(with(keep(), "only", json!([certain])), "only", "no exception can keep it");
    }
    refused(with(keep(), "only", json!(["nothing-such"])), "only", "There is no rule");
    let wide = with(keep(), "kind", json!("keep_pattern"));
    refused(with(wide.clone(), "find", json!([".*"])), "find", "empty value");
    refused(with(wide, "find", json!(["[!-~]+"])), "find", "it also keeps what the rule");
    refused(with(keep(), "stays", json!(["nothing here"])), "stays", "without the exception too");
    let key = format!("{}{}", ["sk", "proj", ""].join("-"), "lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4");
    refused(with(keep(), "find", json!([key])), "find", "openai-key");
}

#[test]
fn an_exception_for_one_rule_leaves_the_others_alone() {
    let app = App::start();
    save(&app, with(keep(), "only", json!(["secret"])));
    let tried = lead(&app).post("/redaction-trials", &json!({ "text": format!("password={BUILD}") }));
    assert_eq!(tried.json["findings"][0]["rule"], "password", "{}", tried.body);
    let tried = lead(&app).post("/redaction-trials", &json!({ "text": format!("api_token={BUILD}") }));
    assert_eq!(tried.json["findings"].as_array().unwrap().len(), 0, "{}", tried.body);
}
