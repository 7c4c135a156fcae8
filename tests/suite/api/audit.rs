//! `/api/v1/audit`, and what the chain notices.

use crate::support::App;
use serde_json::json;

fn differences(app: &App) -> Vec<String> {
    differences_for(app, &app.token(&app.auditor))
}

fn differences_for(app: &App, token: &str) -> Vec<String> {
    let found = app.api(token).get("/audit/verification");
    assert_eq!(found.status, 200, "{}", found.body);
    let differences: Vec<String> = serde_json::from_value(found.json["differences"].clone()).unwrap();
    assert_eq!(found.json["holds"], json!(differences.is_empty()));
    differences
}

#[test]
fn the_chain_is_read_newest_first_and_holds() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let auditor = app.api(&app.token(&app.auditor));
    let page = auditor.get("/audit?limit=3");
    assert_eq!(page.status, 200, "{}", page.body);
    let seqs: Vec<i64> = page.json["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, [seqs[0], seqs[0] - 1, seqs[0] - 2]);
    let next = auditor.get(&format!("/audit?limit=3&cursor={}", page.json["next_cursor"].as_str().unwrap()));
    assert_eq!(next.json["items"][0]["seq"], seqs[2] - 1);
    assert!(page.json["items"][0].get("hash").is_some());
    assert_eq!(differences(&app), Vec::<String>::new());
    assert!(!auditor.get("/audit?limit=200").body.contains(&reference), "the chain names rows, not contents");
}

#[test]
fn a_changed_row_is_named() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    app.tamper(&format!("UPDATE incidents SET severity = 'sev4' WHERE reference = '{reference}'"));
    let found = differences(&app);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("row incidents ") && found[0].ends_with("is not what was last written"), "{found:?}");
}

#[test]
fn a_deleted_row_and_a_planted_one_are_named() {
    let app = App::start();
    app.incident("Mails go out twice");
    app.tamper("DELETE FROM timeline");
    let found = differences(&app);
    assert!(
        !found.is_empty() && found.iter().all(|d| d.starts_with("row timeline ") && d.ends_with("is gone")),
        "{found:?}"
    );

    let app = App::start();
    app.tamper(
        "INSERT INTO grants SELECT 'planted', person_id, 'administrator', NULL, granted_at, NULL FROM grants LIMIT 1",
    );
    assert_eq!(differences(&app), ["row grants planted has no entry in the chain"]);
}

#[test]
fn an_altered_or_cut_chain_is_named() {
    let app = App::start();
    app.incident("Mails go out twice");
    app.tamper("UPDATE audit SET actor = 'person:nobody' WHERE seq = 3");
    assert_eq!(differences(&app), ["entry 3 was altered"]);

    let app = App::start();
    app.incident("Mails go out twice");
    app.tamper("DELETE FROM audit WHERE seq = 3");
    assert!(differences(&app).contains(&"entry 3 is missing".to_owned()));

    let app = App::start();
    app.incident("Mails go out twice");
    let token = app.token(&app.auditor);
    // Cutting the newest entries off leaves rows without entries, and a head that names what is gone.
    app.tamper("DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)");
    assert!(differences_for(&app, &token).iter().any(|difference| difference.starts_with("the head names entry")));
}

#[test]
fn ladder() {
    let app = App::start();
    for path in ["/audit", "/audit/verification"] {
        assert_eq!(app.api(&app.token(&app.lead)).get(path).status, 403);
        assert_eq!(app.api(&app.token(&app.outsider)).get(path).status, 403);
        let auditor = app.api(&app.token(&app.auditor));
        assert_eq!(auditor.post(path, &json!({})).status, 405);
        assert_eq!(auditor.get(path).status, 200);
    }
    assert_eq!(app.api(&app.token(&app.auditor)).get("/audit?cursor=x").fields(), ["cursor"]);
}
