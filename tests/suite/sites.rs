//! `/sites` and below.

use crate::support::{App, Browserlike, hidden};

const NEW: [(&str, &str); 5] = [
    ("name", "Shop East"),
    ("slug", "shop-east"),
    ("production_url", "https://east.example.com"),
    ("time_zone", "Europe/Berlin"),
    ("version_php", "8.3.14"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut changed: Vec<_> = fields.iter().copied().filter(|(field, _)| *field != name).collect();
    changed.push((name, value));
    changed
}

fn edit<'a>(version: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("version", version),
        ("name", name),
        ("production_url", "https://shop-north.example.com"),
        ("time_zone", "Europe/Berlin"),
    ]
}

#[test]
fn an_administrator_adds_a_site_and_changes_it() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let added = ada.submit("/sites/new", "/sites/new", &NEW);
    assert_eq!((added.status, added.location()), (303, "/sites/shop-east"), "{}", added.body);

    let shown = ada.get("/sites/shop-east");
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("Shop East is registered.") && shown.body.contains("8.3.14"));
    assert!(!ada.get("/sites/shop-east").body.contains("is registered."), "it is said once");

    let edited = ada.submit(
        "/sites/shop-east/edit",
        "/sites/shop-east/edit",
        &with(&edit("1", "Shop Far East"), "slug", "other"),
    );
    assert_eq!((edited.status, edited.location()), (303, "/sites/shop-east"), "{}", edited.body);
    assert!(ada.get("/sites").body.contains("Shop Far East"));
    assert_eq!(ada.get("/sites/other").status, 404, "the short name stays");
    app.assert_audit_holds();
}

#[test]
fn a_second_press_adds_nothing() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let twice = with(&NEW, "once", "the same press, pressed twice");
    assert_eq!(ada.submit("/sites/new", "/sites/new", &twice).location(), "/sites/shop-east");
    assert_eq!(ada.submit("/sites/new", "/sites/new", &twice).location(), "/sites/shop-east");
    assert_eq!(ada.get("/sites").body.matches("href=\"/sites/shop-east\"").count(), 1);
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_what_was_typed_stays() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    for (field, typed, words) in [
        ("slug", "Shop East!", "Use 2 to 60"),
        ("slug", "new", "is taken"),
        ("slug", "shop-north", "already"),
        ("name", "", "Give the name"),
        ("production_url", "ftp://east", "Give the whole address"),
        ("production_url", "https://me:pw@east.example.com", "without a password"),
        ("staging_url", "javascript:alert(1)", "Give the whole address"),
        ("time_zone", "Mars/Olympus", "Choose a zone"),
        ("setup_owner", "sk_live_51H8xVqJ2eZvKYlo2CabcdefghijklmnopqrstuvwxyZ", "holds a secret"),
        ("name", "Shop\u{202E}East", "invisible character here (U+202E)"),
        ("name", "Shop\u{200B}East", "invisible character here (U+200B)"),
        ("name", "Shop\0East", "NUL"),
    ] {
        let mut fields = with(&NEW, field, typed);
        fields.push(("hosting_contact", "typed before"));
        let reply = ada.submit("/sites/new", "/sites/new", &fields);
        assert_eq!(reply.status, 422, "{field} {typed}: {}", reply.body);
        assert_eq!(reply.body.matches(words).count(), 2, "in the summary and at the field: {words}\n{}", reply.body);
        assert!(reply.body.contains(&format!("href=\"#{field}\"")), "{field}");
        assert!(reply.body.contains("value=\"typed before\""), "{field}");
    }
    assert_eq!(ada.get("/sites/shop-east").status, 404);
}

#[test]
fn the_summary_follows_the_order_of_the_form() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let empty = [("name", ""), ("slug", ""), ("production_url", ""), ("time_zone", "")];
    let body = ada.submit("/sites/new", "/sites/new", &empty).body;
    let order = empty.map(|(field, _)| body.find(&format!("href=\"#{field}\"")).expect(field));
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let csrf = hidden(&ada.get("/sites/new").body, "csrf");
    let send = |name: &str| {
        let body = format!(
            "csrf={csrf}&slug=shop-east&name={name}&production_url=https%3A%2F%2Feast.example.com&time_zone=UTC"
        );
        let form = ada.request("POST", "/sites/new").header("content-type", "application/x-www-form-urlencoded");
        ada.send(form.body(body))
    };
    let broken = send("Shop%FFEast");
    assert_eq!(broken.status, 422, "{}", broken.body);
    assert!(broken.body.contains("not UTF-8") && broken.body.contains("Shop\u{FFFD}East"));
    let replacement = send("Shop%EF%BF%BDEast");
    assert_eq!(replacement.status, 303, "the character itself is text: {}", replacement.body);
}

#[test]
fn the_second_of_two_editors_is_told_and_overwrites_nothing() {
    let app = App::start();
    let (ada, again) = (app.signed_in(&app.admin), app.signed_in(&app.admin));
    let path = "/sites/shop-north/edit";
    assert_eq!(ada.submit(path, path, &edit("1", "Shop of Ada")).status, 303);

    let late = again.submit(path, path, &edit("1", "Shop of the other"));
    assert_eq!(late.status, 412, "{}", late.body);
    assert!(late.body.contains("Somebody else changed this site") && late.body.contains("Ada saved at"));
    assert!(late.body.contains("Shop of Ada") && late.body.contains("value=\"Shop of the other\""));
    assert_eq!(hidden(&late.body, "version"), "2");
    assert!(ada.get("/sites/shop-north").body.contains("Shop of Ada"));

    assert_eq!(again.submit(path, path, &edit("2", "Shop of both")).status, 303);
    assert!(ada.get("/sites/shop-north").body.contains("Shop of both"));
    assert_eq!(again.submit(path, path, &edit("two", "Shop")).status, 412, "a version that is no number fits nothing");
}

#[test]
fn the_whole_site_is_paused_and_released_with_a_reason() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let pressed = lena.submit("/sites/shop-north", "/sites/shop-north/pauses", &[("pause_reason", "")]);
    assert_eq!((pressed.status, pressed.location()), (303, "/sites/shop-north"), "{}", pressed.body);
    assert_eq!(app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}")).status, 423);

    let page = app.signed_in(&app.owner).get("/sites/shop-north").body;
    let id = page.split("/pauses/").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let release = format!("/pauses/{id}/release");

    let omar = app.signed_in(&app.owner);
    let empty = omar.submit("/sites/shop-north", &release, &[("release_reason", " ")]);
    assert_eq!(empty.status, 422, "{}", empty.body);
    assert_eq!(empty.body.matches("Say why this may run again.").count(), 2);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &release, &[("release_reason", " ")]).status, 404);
    assert_eq!(app.signed_in(&app.auditor).submit("/sites", &release, &[("release_reason", "x y")]).status, 403);

    let released = omar.submit("/sites/shop-north", &release, &[("release_reason", "the host is back")]);
    assert_eq!((released.status, released.location()), (303, "/sites/shop-north"), "{}", released.body);
    assert_eq!(app.api(&app.token(&app.lead)).get(&format!("/gate/{slug}")).status, 200);
    let again = omar.submit("/sites/shop-north", &release, &[("release_reason", "once more")]);
    assert_eq!(again.status, 409, "{}", again.body);
    assert_eq!(omar.submit("/sites/shop-north", "/pauses/none/release", &[("release_reason", "x")]).status, 404);
    app.assert_audit_holds();
}

#[test]
fn the_ladder() {
    let app = App::start();
    let pages = ["/sites", "/sites/shop-north", "/sites/new", "/sites/shop-north/edit"];
    for path in pages {
        let reply = app.visitor().get(path);
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.location().starts_with("/login?next=%2Fsites"), "{path}: {}", reply.location());
    }
    let status = |browser: &Browserlike, path: &str| browser.get(path).status;
    let olga = app.signed_in(&app.outsider);
    assert_eq!(pages.map(|path| status(&olga, path)), [200, 404, 403, 404]);
    assert!(!olga.get("/sites").body.contains("Shop North"));
    let rita = app.signed_in(&app.reporter);
    assert_eq!(pages.map(|path| status(&rita, path)), [403; 4]);
    let lena = app.signed_in(&app.lead);
    assert_eq!(pages.map(|path| status(&lena, path)), [200, 200, 403, 403]);
    let aldo = app.signed_in(&app.auditor);
    assert_eq!(pages.map(|path| status(&aldo, path)), [200, 200, 403, 403]);
    let ada = app.signed_in(&app.admin);
    assert_eq!(pages.map(|path| status(&ada, path)), [200; 4]);
    assert_eq!(status(&ada, "/sites/no-such"), 404);
    assert_eq!(status(&ada, "/sites/no-such/edit"), 404);
    assert_eq!(status(&ada, "/sites/shop-north/pauses"), 405);

    for (who, expected) in [(&olga, 404), (&rita, 403), (&aldo, 403)] {
        assert_eq!(who.submit("/", "/sites/shop-north/pauses", &[]).status, expected);
        assert_eq!(who.submit("/", "/sites/shop-north/edit", &edit("1", "Mine")).status, expected);
        assert_eq!(who.submit("/", "/sites/new", &NEW).status, 403);
    }
    assert_eq!(ada.send(ada.request("DELETE", "/sites/shop-north")).status, 405);
    assert_eq!(ada.submit("/sites/new", "/sites/no-such/edit", &edit("1", "x")).status, 404);
}
