//! `POST /api/v1/incidents`.

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
    app.assert_audit_holds();
}
