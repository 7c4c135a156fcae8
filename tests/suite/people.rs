//! `/people` and below.

use crate::support::{App, Browserlike, PASSWORD};

const KIM: [(&str, &str); 5] = [
    ("name", "Kim"),
    ("email", "kim@example.org"),
    ("password", "several plain words"),
    ("role", "support_lead"),
    ("site", "shop-north"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut changed: Vec<_> = fields.iter().copied().filter(|(field, _)| *field != name).collect();
    changed.push((name, value));
    changed
}

/// The address of a person's page, by their name in the list.
fn page_of(browser: &Browserlike, name: &str) -> String {
    let list = browser.get("/people").body;
    let mut links = list.split("class=\"title\" href=\"").skip(1);
    let link = links.find(|link| link.contains(&format!("\">{name}</a>"))).expect(name);
    link.split('"').next().unwrap().to_owned()
}

fn signs_in(app: &App, email: &str, password: &str) -> bool {
    app.visitor().submit("/login", "/login", &[("email", email), ("password", password)]).status == 303
}

#[test]
fn an_administrator_adds_a_person_who_then_signs_in() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let added = ada.submit("/people/new", "/people/new", &KIM);
    assert_eq!((added.status, added.location()), (303, "/people"), "{}", added.body);
    assert!(signs_in(&app, "kim@example.org", "several plain words"));
    let list = ada.get("/people").body;
    assert!(list.contains("Kim is added") && list.contains("Support lead, Shop North"));
    assert!(list.contains("There is only one active administrator"));
    let page = ada.get(&page_of(&ada, "Kim"));
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("kim@example.org"));
    app.assert_audit_holds();
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_passwords_are_never_shown_again() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    for (field, typed, words) in [
        ("name", " ", "Give a name of at most 100 characters."),
        ("email", "kim", "Give an e-mail address"),
        ("email", "LENA@example.org", "There is a person with this address already."),
        ("password", "fourteen chars", "Use at least 15 characters"),
        ("role", "", "Choose a role."),
        ("role", "king", "Choose a role."),
        ("site", "shop-nowhere", "There is no site shop-nowhere."),
        ("email", "ki\u{200B}m@example.org", "invisible character"),
    ] {
        let reply = ada.submit("/people/new", "/people/new", &with(&KIM, field, typed));
        assert_eq!(reply.status, 422, "{field} {typed}: {}", reply.body);
        assert_eq!(reply.body.matches(words).count(), 2, "{words}\n{}", reply.body);
        assert!(!reply.body.contains("several plain words"));
        assert!(field == "name" || reply.body.contains("value=\"Kim\""));
    }
    assert!(!signs_in(&app, "kim@example.org", "several plain words"));
    let all = ada.submit("/people/new", "/people/new", &[("name", ""), ("email", ""), ("password", "")]);
    for field in ["name", "email", "password", "role"] {
        assert!(all.body.contains(&format!("href=\"#{field}\"")), "{field}");
    }
}

#[test]
fn roles_are_given_and_taken_and_hold_at_once() {
    let app = App::start();
    let (ada, rita) = (app.signed_in(&app.admin), app.signed_in(&app.reporter));
    let page = page_of(&ada, "Rita");
    assert_eq!(rita.get("/sites").status, 403);
    let grants = format!("{page}/grants");
    let given = ada.submit(&page, &grants, &[("role", "owner"), ("site", "shop-north")]);
    assert_eq!((given.status, given.location()), (303, page.as_str()), "{}", given.body);
    assert_eq!(rita.get("/sites").status, 200);

    let twice = ada.submit(&page, &grants, &[("role", "owner"), ("site", "shop-north")]);
    assert_eq!(twice.status, 422);
    assert_eq!(twice.body.matches("They hold this role there already.").count(), 2);
    let nowhere = ada.submit(&page, &grants, &[("role", "owner"), ("site", "shop-nowhere")]);
    assert_eq!((nowhere.status, nowhere.body.contains("id=\"site-error\"")), (422, true), "{}", nowhere.body);
    assert_eq!(ada.submit(&page, &grants, &[("role", "")]).status, 422);

    let shown = ada.get(&page).body;
    let owner = shown.split("<strong>Owner</strong>").nth(1).unwrap();
    let revoke = owner.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(ada.submit(&page, revoke, &[]).status, 303);
    assert_eq!(rita.get("/sites").status, 403);
    assert_eq!(ada.submit(&page, revoke, &[]).status, 404, "it is gone");
    app.assert_audit_holds();
}

#[test]
fn the_last_administrator_stays() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let page = page_of(&ada, "Ada");
    let shown = ada.get(&page).body;
    let revoke = shown.split("action=\"").find(|rest| rest.contains("/revoke\"")).unwrap().split('"').next().unwrap();
    for path in [format!("{page}/deactivate"), revoke.to_owned()] {
        let refused = ada.submit(&page, &path, &[]);
        assert_eq!(refused.status, 409, "{path}: {}", refused.body);
        assert!(refused.body.contains("This is the last administrator of all sites."));
    }
    assert_eq!(ada.get(&page).status, 200);

    let second = with(&with(&KIM, "role", "administrator"), "site", "");
    assert_eq!(ada.submit("/people/new", "/people/new", &second).status, 303);
    assert_eq!(ada.submit(&page, &format!("{page}/deactivate"), &[]).status, 303);
    assert_eq!(ada.get("/people").status, 303, "out at once");
    assert!(!signs_in(&app, &app.admin, PASSWORD));
}

#[test]
fn whoever_is_deactivated_is_out_at_once_and_their_gates_close() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (ada, omar, token) = (app.signed_in(&app.admin), app.signed_in(&app.owner), app.token(&app.owner));
    let page = page_of(&ada, "Omar");
    assert!(ada.get(&page).body.contains("They own:"));
    assert_eq!(app.api(&token).get(&format!("/gate/{slug}")).status, 200);

    assert_eq!(ada.submit(&page, &format!("{page}/deactivate"), &[]).location(), page);
    assert_eq!(omar.get("/sites").status, 303);
    assert_eq!(app.api(&token).get(&format!("/gate/{slug}")).status, 401);
    assert!(!signs_in(&app, &app.owner, PASSWORD));
    assert_eq!(app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}")).codes(), ["owner_vacant", "paused"]);
    assert!(app.signed_in(&app.lead).get(&format!("/automations/{slug}")).body.contains("no longer active"));

    assert_eq!(ada.submit(&page, &format!("{page}/activate"), &[]).status, 303);
    assert!(signs_in(&app, &app.owner, PASSWORD));
    assert_eq!(omar.get("/sites").status, 303, "the old session does not come back");
    app.assert_audit_holds();
}

#[test]
fn a_new_password_ends_their_sessions() {
    let app = App::start();
    let (ada, rita) = (app.signed_in(&app.admin), app.signed_in(&app.reporter));
    let page = page_of(&ada, "Rita");
    let path = format!("{page}/password");
    let short = ada.submit(&page, &path, &[("password", "short")]);
    assert_eq!((short.status, short.body.matches("Use at least 15 characters").count()), (422, 2));
    assert_eq!(ada.submit(&page, &path, &[("password", "quite other words")]).status, 303);
    assert_eq!(rita.get("/account").status, 303);
    assert!(!signs_in(&app, &app.reporter, PASSWORD));
    assert!(signs_in(&app, &app.reporter, "quite other words"));
}

#[test]
fn the_ladder() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let page = page_of(&ada, "Rita");
    let gets = ["/people", "/people/new", page.as_str()];
    let changes = ["grants", "grants/x/revoke", "password", "deactivate", "activate"];
    for path in gets {
        let reply = app.visitor().get(path);
        assert!(reply.status == 303 && reply.location().starts_with("/login"), "{path}");
    }
    for who in [&app.outsider, &app.reporter, &app.lead, &app.auditor] {
        let browser = app.signed_in(who);
        for path in gets {
            assert_eq!(browser.get(path).status, 403, "{who} {path}");
        }
        assert_eq!(browser.submit("/account", "/people/new", &KIM).status, 403, "{who}");
        for change in changes {
            let reply = browser.submit("/account", &format!("{page}/{change}"), &[("role", "administrator")]);
            assert_eq!(reply.status, 403, "{who} {change}");
        }
        assert!(!browser.get("/account").body.contains("href=\"/people\""), "{who}");
    }
    assert_eq!(ada.get("/people/none").status, 404);
    for change in changes {
        assert_eq!(ada.get(&format!("{page}/{change}")).status, 405, "{change}");
        let fields = [("role", "owner"), ("password", "several plain words")];
        assert_eq!(ada.submit("/people", &format!("/people/none/{change}"), &fields).status, 404, "{change}");
    }
}

#[test]
fn an_address_that_no_mail_can_reach_is_refused_and_one_that_got_in_ends_its_job() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    for email in ["kim..hara@example.org", "kim@-a.example.org", "kim,lee@example.org"] {
        let fields = [("email", email), ("name", "Kim"), ("role", "reporter"), ("password", "several other words")];
        let refused = ada.submit("/people/new", "/people/new", &fields);
        assert!(refused.status == 422 && refused.body.contains("Give an e-mail address"), "{email}: {}", refused.body);
    }
    // As an earlier version may have taken it.
    let slug = app.automation("order-mails");
    app.tamper("UPDATE people SET email = 'omar..x@example.org' WHERE email = 'omar@example.org'");
    let robot = app.api(&app.automation_token(&slug));
    assert_eq!(robot.post(&format!("/automations/{slug}/pauses"), &serde_json::json!({})).status, 201);
    app.desk.clock.advance(chrono::Duration::hours(5));
    assert_eq!(allclear::actions::want_reason::round(&app.desk).unwrap(), 1);
    app.settle();
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM jobs"), 0, "no other try can help");
    let waiting = ada.get("/waiting?kind=mail").body;
    assert!(waiting.contains("not tried again") && !waiting.contains("It is tried again"), "{waiting}");
}
