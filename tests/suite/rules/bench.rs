//! The bench: what goes, why and where, and that nothing of it is kept.

use super::{NUMBER, admin, crm, lead, save, with};
use crate::support::{App, PASSWORD};
use allclear::actions::Limits;
use serde_json::json;

/// Made up, and put together here so that no key lies in this source.
fn key() -> String {
    format!("{}{}", ["sk", "proj", ""].join("-"), "lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4")
}

#[test]
fn a_text_comes_back_with_every_removal_and_its_reason() {
    let app = App::start();
    let text = format!("first line\nkey {} and {NUMBER}", key());
    let tried = lead(&app).post("/redaction-trials", &json!({ "text": text }));
    assert_eq!(tried.status, 200, "{}", tried.body);
    assert!(!tried.body.contains(&key()) && tried.body.contains(NUMBER), "{}", tried.body);
    let finding = &tried.json["findings"][0];
    assert_eq!((finding["rule"].as_str(), finding["level"].as_str()), (Some("openai-key"), Some("certain")));
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(2), Some(5)));
    assert_eq!(finding["length"].as_u64(), Some(key().len() as u64));
    assert!(finding["why"].as_str().unwrap().ends_with('.'));
    assert!(tried.json["rules"].as_str().unwrap().contains("own rules revision 0"), "{}", tried.body);

    save(&app, crm());
    let tried = lead(&app).post("/redaction-trials", &json!({ "text": text }));
    let rules: Vec<&str> =
        tried.json["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["openai-key", "own-crm-number"], "{}", tried.body);
    assert!(tried.json["rules"].as_str().unwrap().contains("own rules revision 1"), "{}", tried.body);
}

#[test]
fn a_rule_is_tried_before_it_is_saved_by_who_may_save_it() {
    let app = App::start();
    let body = json!({ "text": format!("client {NUMBER}"), "definition": crm() });
    let tried = admin(&app).post("/redaction-trials", &body);
    assert_eq!(tried.json["findings"][0]["rule"], "own-crm-number", "{}", tried.body);
    assert_eq!(lead(&app).post("/redaction-trials", &body).status, 403);
    let wrong = json!({ "text": "x", "definition": with(crm(), "level", json!(null)) });
    assert_eq!(admin(&app).post("/redaction-trials", &wrong).fields(), ["definition.level"]);
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM own_rules"), 0);
}

#[test]
fn nothing_that_was_pasted_is_kept() {
    let app = App::start();
    let marker = "quokka-lantern-58172";
    let lena = app.signed_in(&app.lead);
    let shown = lena.submit("/rules/bench", "/rules/bench", &[("text", &format!("{marker} {}", key()))]);
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("One place goes") && shown.body.contains(marker));
    assert_eq!(shown.header("cache-control"), "no-store");
    lead(&app).post("/redaction-trials", &json!({ "text": marker }));
    // A session that is over: other forms are kept until their person has signed in again, this one is not.
    let csrf = crate::support::hidden(&lena.get("/rules/bench").body, "csrf");
    app.tamper("DELETE FROM sessions");
    let sent = lena.post("/rules/bench", &[("csrf", &csrf), ("text", marker)]);
    assert_eq!((sent.status, sent.location()), (303, "/login?next=%2Frules%2Fbench"));
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM drafts"), 0);
    lena.sign_in(&app.lead, PASSWORD);
    let holds = |bytes: &[u8]| memchr::memmem::find(bytes, marker.as_bytes()).is_some();
    let kept: Vec<_> = app.files().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

#[test]
fn the_bench_takes_a_text_of_a_set_size() {
    let app = App::start_with(Limits { bench_bytes: 2048, ..Limits::default() });
    let long = "a line\n".repeat(300);
    let refused = lead(&app).post("/redaction-trials", &json!({ "text": long }));
    assert_eq!(refused.status, 413, "{}", refused.body);
    assert!(refused.body.contains("ALLCLEAR_BENCH_BYTES"), "{}", refused.body);
    assert_eq!(lead(&app).post("/redaction-trials", &json!({ "text": " " })).fields(), ["text"]);
    let lena = app.signed_in(&app.lead);
    let refused = lena.submit("/rules/bench", "/rules/bench", &[("text", &long)]);
    assert_eq!(refused.status, 413);
    assert!(refused.body.contains("ALLCLEAR_BENCH_BYTES") && refused.body.contains("a line"));
    assert_eq!(lena.submit("/rules/bench", "/rules/bench", &[("text", "")]).status, 422);
}
