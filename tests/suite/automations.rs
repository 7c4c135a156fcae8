//! `/automations` and below, and the switches.

use crate::support::{App, Browserlike, hidden};

const NEW: [(&str, &str); 13] = [
    ("name", "Order mails"),
    ("slug", "order-mails"),
    ("site", "shop-north"),
    ("kind", "workflow"),
    ("category", "commerce"),
    ("owner", "omar@example.org"),
    ("trigger", "a new order"),
    ("input_scope", "the order"),
    ("expected_output", "one mail"),
    ("approval_gate", "none for reading"),
    ("retry_limit", "3"),
    ("notification_path", "support channel"),
    ("pause_rule", "two failures in an hour"),
];

fn without<'a>(fields: &[(&'a str, &'a str)], names: &[&str]) -> Vec<(&'a str, &'a str)> {
    fields.iter().copied().filter(|(name, _)| !names.contains(name)).collect()
}

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut changed = without(fields, &[name]);
    changed.push((name, value));
    changed
}

/// The id of the first pause that a page offers to release.
fn first_pause(page: &str) -> String {
    let Some((before, _)) = page.split_once("/release\"") else { return String::new() };
    before.rsplit('/').next().unwrap_or_default().to_owned()
}

#[test]
fn an_automation_with_a_gap_stays_closed_until_it_is_filled() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let added = ada.submit("/automations/new", "/automations/new", &NEW);
    assert_eq!((added.status, added.location()), (303, "/automations/order-mails"), "{}", added.body);
    let shown = ada.get("/automations/order-mails");
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("The gate is closed") && shown.body.contains("The rollback path is not defined."));
    assert!(shown.body.contains("Settled by: administrator.") && shown.body.contains("8 of 9 known"));
    assert!(shown.body.contains("/api/v1/gate/order-mails"));

    let form = ada.get("/automations/order-mails/edit").body;
    assert!(form.contains("value=\"omar@example.org\" selected") && form.contains("value=\"a new order\""));
    let mut fields = with(&without(&NEW, &["slug", "site"]), "rollback_path", "send a correction");
    fields.push(("version", "1"));
    let path = "/automations/order-mails/edit";
    let changed = ada.submit(path, path, &fields);
    assert_eq!((changed.status, changed.location()), (303, "/automations/order-mails"), "{}", changed.body);
    let shown = ada.get("/automations/order-mails").body;
    assert!(shown.contains("The gate is open, scope read only") && shown.contains("9 of 9 known"));

    let late = ada.submit(path, path, &with(&fields, "trigger", "every hour"));
    assert_eq!(late.status, 412, "{}", late.body);
    assert!(late.body.contains("Ada saved at") && late.body.contains("a new order"));
    assert!(late.body.contains("value=\"every hour\""));
    assert_eq!(hidden(&late.body, "version"), "2");
    app.assert_audit_holds();
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_what_was_typed_stays() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let bad = [("name", ""), ("slug", "A B"), ("retry_limit", "often"), ("pause_rule", "typed before")];
    let reply = ada.submit("/automations/new", "/automations/new", &bad);
    assert_eq!(reply.status, 422, "{}", reply.body);
    for field in ["name", "slug", "kind", "category", "retry_limit"] {
        assert!(reply.body.contains(&format!("href=\"#{field}\"")), "{field}\n{}", reply.body);
        assert!(reply.body.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(reply.body.contains("typed before") && reply.body.contains("value=\"often\""));

    for (field, typed, words) in [
        ("site", "shop-nowhere", "Choose the site from the list."),
        ("owner", "rita@example.org", "The owner must be an active person"),
        ("owner", "olga@example.org", "The owner must be an active person"),
        ("retry_limit", "21", "Use a number from 0 to 20."),
        ("retry_limit", "-1", "Use a number from 0 to 20."),
        ("trigger", "Authorization: Bearer sk_live_51H8xVqJ2eZvKYlo2CabcdefghijklmnopqrstuvwxyZ", "holds a secret"),
    ] {
        let reply = ada.submit("/automations/new", "/automations/new", &with(&NEW, field, typed));
        assert_eq!(reply.status, 422, "{field}: {}", reply.body);
        assert_eq!(reply.body.matches(words).count(), 2, "{field}\n{}", reply.body);
    }
    let long = "x".repeat(20_001);
    let reply = ada.submit("/automations/new", "/automations/new", &with(&NEW, "pause_rule", &long));
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("20001 characters long"));
}

#[test]
fn the_owner_pauses_with_one_press_and_layers_overwrite_nothing() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let page = format!("/automations/{slug}");
    let (omar, ada) = (app.signed_in(&app.owner), app.signed_in(&app.admin));
    let gate = || app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}"));

    let pressed = omar.submit(&page, &format!("{page}/pauses"), &[]);
    assert_eq!((pressed.status, pressed.location()), (303, page.as_str()), "{}", pressed.body);
    assert_eq!(gate().codes(), ["paused"]);
    let shown = omar.get(&page).body;
    assert!(shown.contains("No reason was given yet") && !shown.contains("Pause it now"));

    let wide = ada.submit("/automations", "/switches/pauses", &[("target", "commerce"), ("pause_reason", "sale ends")]);
    assert_eq!((wide.status, wide.location()), (303, "/automations"), "{}", wide.body);
    let all = ada.submit("/automations", "/switches/pauses", &[("target", "all")]);
    assert_eq!(all.status, 303, "{}", all.body);
    assert_eq!(gate().codes(), ["paused"; 3]);
    let shown = omar.get(&page).body;
    assert!(shown.contains("All 3 reasons must go") && shown.contains("sale ends"));
    assert!(shown.contains("Category commerce") && shown.contains("Everything"));

    let own = first_pause(&shown);
    let released = omar.submit(&page, &format!("/pauses/{own}/release"), &[("release_reason", "it was a drill")]);
    assert_eq!((released.status, released.location()), (303, page.as_str()), "{}", released.body);
    assert_eq!(gate().codes(), ["paused"; 2]);
    for _ in 0..2 {
        let next = first_pause(&ada.get("/automations").body);
        let path = format!("/pauses/{next}/release");
        assert_eq!(omar.submit(&page, &path, &[("release_reason", "not his")]).status, 403);
        let empty = ada.submit("/automations", &path, &[("release_reason", "")]);
        assert_eq!(empty.status, 422);
        assert!(empty.body.contains("id=\"release_reason-error\""));
        assert_eq!(ada.submit("/automations", &path, &[("release_reason", "over")]).location(), "/automations");
    }
    assert_eq!(gate().status, 200);
    let shown = omar.get(&page).body;
    assert!(shown.contains("it was a drill"), "earlier pauses are kept");
    app.assert_audit_holds();
}

#[test]
fn a_pause_of_an_incident_is_not_released_by_hand() {
    let app = App::start();
    let slug = app.automation("order-mails");
    app.api(&app.token(&app.lead)).post(
        "/incidents",
        &serde_json::json!({ "title": "Twice", "severity": "sev3", "site": app.site,
                             "occurred_at": app.now_text(), "automations": [slug] }),
    );
    let ada = app.signed_in(&app.admin);
    let shown = ada.get(&format!("/automations/{slug}")).body;
    assert!(shown.contains("INC-") && shown.contains("It comes back by a restart decision only."));
    assert_eq!(first_pause(&shown), "", "no button that would be refused");
    let id = shown.split("id=\"pause-").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let reply = ada.submit("/automations", &format!("/pauses/{id}/release"), &[("release_reason", "please")]);
    assert_eq!(reply.status, 409, "{}", reply.body);
    assert!(reply.body.contains("An incident holds this pause."));
}

#[test]
fn the_list_filters_by_gate_site_and_category() {
    let app = App::start();
    for slug in ["one-mail", "two-mail", "three-mail"] {
        app.automation(slug);
    }
    let ada = app.signed_in(&app.admin);
    ada.submit("/automations", "/automations/two-mail/pauses", &[("next", "/automations")]);
    let gap = without(&with(&NEW, "slug", "four-mail"), &["trigger"]);
    assert_eq!(ada.submit("/automations/new", "/automations/new", &gap).status, 303);
    let shown = |query: &str| -> Vec<&str> {
        let body = ada.get(&format!("/automations{query}")).body;
        let all = ["one-mail", "two-mail", "three-mail", "four-mail"];
        all.into_iter().filter(|slug| body.contains(&format!("href=\"/automations/{slug}\""))).collect()
    };
    assert_eq!(shown("").len(), 4);
    assert_eq!(shown("?gate=paused"), ["two-mail"]);
    assert_eq!(shown("?gate=closed"), ["two-mail", "four-mail"]);
    assert_eq!(shown("?gate=open"), ["one-mail", "three-mail"]);
    assert_eq!(shown("?site=shop-south").len(), 0);
    assert_eq!(shown("?category=content").len(), 0);
    assert_eq!(shown("?gate=&site=shop-north&category=commerce").len(), 4);
    assert!(ada.get("/automations?site=shop-south").body.contains("No automation fits"));
}

#[test]
fn two_presses_of_one_button_make_one_pause() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let list = lena.get("/automations").body;
    let press = [("csrf", hidden(&list, "csrf")), ("once", hidden(&list, "once"))];
    let fields: Vec<(&str, &str)> = press.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for _ in 0..2 {
        assert_eq!(lena.post(&format!("/automations/{slug}/pauses"), &fields).status, 303);
    }
    assert!(!press[1].1.is_empty());
    assert_eq!(app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}")).codes(), ["paused"]);
}

#[test]
fn next_leads_to_our_own_pages_only() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let path = format!("/automations/{slug}/pauses");
    for (next, to) in
        [("/sites/shop-north", "/sites/shop-north"), ("//evil.example/x", "/"), ("https://evil.example", "/")]
    {
        assert_eq!(lena.submit("/automations", &path, &[("next", next)]).location(), to);
    }
}

#[test]
fn the_ladder() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let show = format!("/automations/{slug}");
    let (edit, pauses) = (format!("{show}/edit"), format!("{show}/pauses"));
    let pages = ["/automations", show.as_str(), "/automations/new", edit.as_str()];
    for path in pages {
        let reply = app.visitor().get(path);
        assert_eq!((reply.status, reply.location().starts_with("/login?next=%2Fautomations")), (303, true), "{path}");
    }
    let status = |browser: &Browserlike, path: &str| browser.get(path).status;
    let (olga, rita) = (app.signed_in(&app.outsider), app.signed_in(&app.reporter));
    let (lena, aldo, ada) = (app.signed_in(&app.lead), app.signed_in(&app.auditor), app.signed_in(&app.admin));
    assert_eq!(pages.map(|path| status(&olga, path)), [200, 404, 403, 404]);
    assert!(!olga.get("/automations").body.contains("order mails"));
    assert_eq!(pages.map(|path| status(&rita, path)), [403; 4]);
    assert_eq!(pages.map(|path| status(&lena, path)), [200, 200, 403, 403]);
    assert_eq!(pages.map(|path| status(&aldo, path)), [200, 200, 403, 403]);
    assert_eq!(pages.map(|path| status(&ada, path)), [200; 4]);
    assert_eq!(status(&ada, "/automations/no-such"), 404);
    assert_eq!(status(&ada, &pauses), 405);
    assert_eq!(status(&ada, "/switches/pauses"), 405);

    let mut fields = without(&NEW, &["slug", "site"]);
    fields.push(("version", "1"));
    for (who, expected) in [(&olga, 404), (&rita, 403), (&aldo, 403)] {
        assert_eq!(who.submit("/", &pauses, &[]).status, expected);
        assert_eq!(who.submit("/", &edit, &fields).status, expected);
        assert_eq!(who.submit("/", "/automations/new", &NEW).status, 403);
    }
    assert_eq!(olga.submit("/", "/switches/pauses", &[("target", "all")]).status, 403);
    assert_eq!(olga.submit("/", "/switches/pauses", &[("target", "site:shop-north")]).status, 404);
    assert_eq!(ada.submit("/automations", "/switches/pauses", &[("target", "nothing")]).status, 404);
    let unsaid = ada.submit("/automations", "/switches/pauses", &[("pause_reason", "typed before")]);
    assert_eq!(unsaid.status, 422, "{}", unsaid.body);
    assert!(unsaid.body.contains("Choose what to stop.") && unsaid.body.contains("typed before"));
    assert_eq!(app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}")).status, 200, "nothing was paused");
}

// seed: workflow.mistake.1 workflow.mistake.2 asset.mistake.2 asset.mistake.3
#[test]
fn the_mistakes_that_are_made_with_automations_stand_where_they_are_made() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let ada = app.signed_in(&app.admin);
    let before = "A useful prompt becomes an automation before trigger, owner, input, approval and failure handling";
    for form in ["/automations/new".to_owned(), format!("/automations/{slug}/edit")] {
        assert!(ada.get(&form).body.contains(before), "{form}");
    }
    let page = ada.get(&format!("/automations/{slug}")).body;
    assert_eq!(page.matches("Noisy alerts and failed runs are passed over").count(), 1, "said once: {page}");
}

#[test]
fn a_lead_sees_which_automation_never_asks() {
    let app = App::start();
    let (slug, silent) = (app.automation("order-mails"), app.automation("stock-sync"));
    let robot = app.api(&app.automation_token(&slug));
    let lena = app.signed_in(&app.lead);
    let page = |slug: &str| lena.get(&format!("/automations/{slug}")).body;
    for _ in 0..3 {
        assert_eq!(robot.get(&format!("/gate/{slug}")).status, 200);
    }
    assert!(page(&slug).contains("Its gate was asked 3 times."), "{}", page(&slug));
    assert!(page(&silent).contains("Its gate was never asked."), "{}", page(&silent));
    // What was counted is written down, once a minute, and stays counted.
    assert!(allclear::actions::count_asks::round(&app.desk).unwrap() <= 1);
    assert_eq!(robot.get(&format!("/gate/{slug}")).status, 200);
    let shown = app.api(&app.token(&app.lead)).get(&format!("/automations/{slug}")).json;
    assert_eq!(shown["asks"], 4, "{shown}");
    assert!(shown["last_asked_at"].is_string());
    while allclear::actions::count_asks::round(&app.desk).unwrap() > 0 {}
    assert_eq!(app.number("SELECT CAST(SUM(times) AS BIGINT) AS number FROM asks"), 4);
    assert_eq!(app.number("SELECT COUNT(*) AS number FROM audit WHERE subject_table = 'asks'"), 0);
    let never = app.api(&app.token(&app.lead)).get(&format!("/automations/{silent}")).json;
    assert_eq!((&never["asks"], &never["last_asked_at"]), (&serde_json::json!(0), &serde_json::Value::Null));
}
