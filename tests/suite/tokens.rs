//! `/tokens`.

use crate::support::{App, Reply};

fn secret(reply: &Reply) -> String {
    let rest = reply.body.split("<code class=\"secret\"").nth(1).unwrap_or_default();
    rest.split_once('>')
        .and_then(|(_, rest)| rest.split_once('<'))
        .map(|(token, _)| token.to_owned())
        .unwrap_or_default()
}

fn revoke_path(page: &str) -> String {
    let path = page.split("action=\"").find(|rest| rest.starts_with("/tokens/")).unwrap_or_default();
    path.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn a_token_is_shown_once_works_within_its_scopes_and_is_revoked() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let fields = [("token_name", "backup script"), ("token_for", "me"), ("scope", "gate"), ("token_days", "30")];
    let made = lena.submit("/account", "/tokens", &fields);
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.body);
    let token = secret(&made);
    assert!(token.starts_with("allclear_"), "{}", made.body);
    assert!(made.body.contains("backup script, for Lena") && made.body.contains("href=\"/account\""));

    assert_eq!(app.api(&token).get(&format!("/gate/{slug}")).status, 200);
    let incident =
        serde_json::json!({ "title": "x", "severity": "sev3", "site": app.site, "occurred_at": app.now_text() });
    assert_eq!(app.api(&token).post("/incidents", &incident).status, 403);

    let account = lena.get("/account").body;
    assert!(account.contains("backup script") && !account.contains(&token));
    let path = revoke_path(&account);
    assert_eq!(app.signed_in(&app.owner).submit("/account", &path, &[]).status, 404, "somebody else's");
    let revoked = lena.submit("/account", &path, &[("next", "/account")]);
    assert_eq!((revoked.status, revoked.location()), (303, "/account"), "{}", revoked.body);
    assert_eq!(app.api(&token).get(&format!("/gate/{slug}")).status, 401);
    assert!(app.files().iter().all(|(_, bytes)| !bytes.windows(token.len()).any(|at| at == token.as_bytes())));
    app.assert_audit_holds();
}

#[test]
fn an_automation_gets_a_token_that_asks_its_gate_only() {
    let app = App::start();
    let (slug, other) = (app.automation("order-mails"), app.automation("other-mails"));
    let ada = app.signed_in(&app.admin);
    let form = ada.get(&format!("/tokens?automation={slug}")).body;
    assert!(form.contains(&format!("value=\"automation:{slug}\" selected")));
    let holder = format!("automation:{slug}");
    let fields = [("token_name", "shop"), ("token_for", holder.as_str()), ("scope", "admin"), ("token_days", "90")];
    let made = ada.submit("/tokens", "/tokens", &fields);
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.body.contains("gate, runs"), "fixed limits: {}", made.body);
    let token = secret(&made);
    assert_eq!(app.api(&token).get(&format!("/gate/{slug}")).status, 200);
    assert_eq!(app.api(&token).get(&format!("/gate/{other}")).status, 404);
    let path = revoke_path(&ada.get("/tokens").body);
    assert_eq!(ada.submit("/tokens", &path, &[("next", "//evil.example")]).location(), "/");
    assert_eq!(app.api(&token).get(&format!("/gate/{slug}")).status, 401);
}

#[test]
fn what_is_wrong_is_said_where_the_form_was() {
    let app = App::start();
    let good = [("token_name", "script"), ("token_for", "me"), ("token_days", "30")];
    for email in [&app.admin, &app.lead] {
        let browser = app.signed_in(email);
        for (field, typed, words) in [
            ("token_name", "", "Say what the token is for"),
            ("token_days", "0", "Use a number of days from 1 to 3650."),
            ("token_days", "soon", "Choose after how many days it ends."),
            ("token_for", "person:x", "Choose from the list for whom it is."),
            ("scope", "everything", "Choose from the list what it may do."),
        ] {
            let mut fields: Vec<_> = good.into_iter().filter(|(name, _)| *name != field).collect();
            fields.push((field, typed));
            let reply = browser.submit("/account", "/tokens", &fields);
            assert_eq!(reply.status, 422, "{email} {field}: {}", reply.body);
            assert!(reply.body.contains(words), "{email} {field}");
            assert!(field == "token_name" || reply.body.contains("value=\"script\""));
            assert_eq!(reply.body.contains("Your account"), *email == app.lead, "{email}");
        }
    }
    let lena = app.signed_in(&app.lead);
    app.automation("order-mails");
    let foreign = [("token_name", "x"), ("token_for", "automation:order-mails"), ("token_days", "30")];
    assert_eq!(lena.submit("/account", "/tokens", &foreign).status, 403);
    let missing = [("token_name", "x"), ("token_for", "automation:none"), ("token_days", "30")];
    assert_eq!(app.signed_in(&app.admin).submit("/tokens", "/tokens", &missing).status, 404);
}

#[test]
fn the_ladder() {
    let app = App::start();
    assert!(app.visitor().get("/tokens").location().starts_with("/login"));
    for email in [&app.outsider, &app.reporter, &app.lead, &app.auditor] {
        assert_eq!(app.signed_in(email).get("/tokens").status, 403, "{email}");
    }
    let ada = app.signed_in(&app.admin);
    assert_eq!(ada.get("/tokens").status, 200);
    assert_eq!(ada.submit("/tokens", "/tokens/none/revoke", &[]).status, 404);
    assert_eq!(ada.get("/tokens/none/revoke").status, 405);
    assert_eq!(ada.send(ada.request("DELETE", "/tokens")).status, 405);
}

#[test]
fn a_limited_token_gives_an_automation_no_more_than_it_may_itself() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let limited = |scopes: serde_json::Value| {
        let body = serde_json::json!({ "name": "limited", "scopes": scopes });
        let made = app.api(&app.token(&app.admin)).post("/tokens", &body);
        app.api(made.json["token"].as_str().unwrap())
    };
    let body = serde_json::json!({ "name": "shop", "automation": slug });
    assert_eq!(limited(serde_json::json!(["admin", "registry"])).post("/tokens", &body).fields(), ["scopes"]);
    let made = limited(serde_json::json!(["admin", "registry", "gate", "runs"])).post("/tokens", &body);
    assert_eq!(made.status, 201, "{}", made.body);
}
