//! Signing in and out, sessions, and forms whose session has ended.

use crate::support::{App, Browserlike, PASSWORD, hidden};
use allclear::actions::Limits;

const LONG_AGO: &str = "UPDATE sessions SET expires_at = '2020-01-01 00:00:00'";
const SITE: [(&str, &str); 5] = [
    ("name", "Shop East & Söhne"),
    ("slug", "shop-east"),
    ("production_url", "https://east.example.com"),
    ("time_zone", "Europe/Berlin"),
    ("hosting_contact", "call <Kim>\r\nat night"),
];

fn sign_in(browser: &Browserlike, email: &str, password: &str, next: &str) -> crate::support::Reply {
    browser.submit("/login", "/login", &[("email", email), ("password", password), ("next", next)])
}

/// Sends the site form with what its page held, as a browser does whose session ended meanwhile.
fn send_after_the_end(app: &App, browser: &Browserlike) -> crate::support::Reply {
    let csrf = hidden(&browser.get("/sites/new").body, "csrf");
    app.tamper(LONG_AGO);
    let mut fields = SITE.to_vec();
    fields.push(("csrf", &csrf));
    browser.post("/sites/new", &fields)
}

/// The hidden fields of a page's form, as a browser sends them.
fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let unescape = |text: &str| {
        let mut text = text.to_owned();
        for (code, c) in [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&#x27;", "'"),
            ("&#x2F;", "/"),
            ("&amp;", "&"),
        ] {
            text = text.replace(code, c);
        }
        text
    };
    let form = page.split("action=\"/resume\"").nth(1).unwrap_or_default().split("</form>").next().unwrap_or_default();
    form.split("type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once('"').unwrap();
            let value = rest.split_once("value=\"").unwrap().1.split('"').next().unwrap();
            (name.to_owned(), unescape(value))
        })
        .collect()
}

fn go_on(browser: &Browserlike) -> crate::support::Reply {
    let shown = browser.get("/resume");
    assert_eq!(shown.status, 200, "{}", shown.body);
    let fields = hidden_fields(&shown.body);
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let on = browser.post("/resume", &pairs);
    assert_eq!(on.status, 307, "{}", on.body);
    browser.post(on.location(), &pairs)
}

#[test]
fn a_form_whose_session_ended_is_kept_and_sent_on_after_signing_in() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let reply = send_after_the_end(&app, &ada);
    assert_eq!((reply.status, reply.location()), (303, "/login?next=%2Fresume"), "{}", reply.body);
    let login = ada.get(reply.location());
    assert!(login.body.contains("What you typed is kept"), "{}", login.body);
    assert_eq!(app.signed_in(&app.admin).get("/sites/shop-east").status, 404, "nothing was sent");

    assert_eq!(sign_in(&ada, &app.admin, PASSWORD, "/resume").location(), "/resume");
    let shown = ada.get("/resume").body;
    assert!(shown.contains("Shop East &amp; Söhne") && shown.contains("call &lt;Kim&gt;"), "{shown}");
    let sent = go_on(&ada);
    assert_eq!((sent.status, sent.location()), (303, "/sites/shop-east"), "{}", sent.body);
    assert!(ada.get("/sites/shop-east").body.contains("Shop East &amp; Söhne"));
    assert_eq!(ada.get("/resume").location(), "/", "it is forgotten");
    app.assert_audit_holds();
}

#[test]
fn what_is_wrong_with_a_resumed_form_is_said_as_ever() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    send_after_the_end(&app, &ada);
    sign_in(&ada, &app.admin, PASSWORD, "/resume");
    let other = app.signed_in(&app.admin);
    assert_eq!(other.submit("/sites/new", "/sites/new", &SITE).status, 303);
    let sent = go_on(&ada);
    assert_eq!(sent.status, 422, "{}", sent.body);
    assert!(sent.body.contains("There is a site with this short name already.") && sent.body.contains("at night"));
}

#[test]
fn a_kept_form_is_for_its_person_only_and_lies_encrypted() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let planted = b"call <Kim>";
    send_after_the_end(&app, &ada);
    for (path, bytes) in app.files() {
        assert!(!bytes.windows(planted.len()).any(|at| at == planted), "{}", path.display());
        assert!(!bytes.windows(9).any(|at| at == b"at+night&" || at == b"%3CKim%3E"), "{}", path.display());
    }
    assert_eq!(sign_in(&ada, &app.lead, PASSWORD, "/resume").status, 303);
    let other = ada.get("/resume");
    assert_eq!((other.status, other.location()), (303, "/"), "somebody else signed in");
    sign_in(&ada, &app.admin, PASSWORD, "/resume");
    assert!(ada.get("/resume").body.contains("Shop East"), "it still waits for its person");

    let shown = ada.get("/resume").body;
    let thrown = ada.post("/resume", &[("csrf", &hidden(&shown, "csrf")), ("discard", "yes")]);
    assert_eq!((thrown.status, thrown.location()), (303, "/"));
    assert_eq!(ada.get("/resume").location(), "/");
    assert_eq!(ada.get("/sites/shop-east").status, 404);
}

#[test]
fn a_foreign_form_is_never_kept_and_passwords_are_left_out() {
    let app = App::start();
    let foreign = app.visitor().post("/sites/new", &SITE);
    assert_eq!((foreign.status, foreign.location()), (303, "/login?next=%2F"), "no token, nothing kept");
    let ada = app.signed_in(&app.admin);
    let csrf = hidden(&ada.get("/people/new").body, "csrf");
    app.tamper(LONG_AGO);
    let cross = ada.request("POST", "/people/new").header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(cross.form(&[("csrf", csrf.as_str()), ("name", "Kim")])).location(), "/login?next=%2F");

    let fields = [("csrf", csrf.as_str()), ("name", "Kim"), ("password", "several plain words")];
    assert_eq!(ada.post("/people/new", &fields).location(), "/login?next=%2Fresume");
    sign_in(&ada, &app.admin, PASSWORD, "/resume");
    let shown = ada.get("/resume").body;
    assert!(shown.contains("Kim") && !shown.contains("several plain words"));
    let sent = go_on(&ada);
    assert_eq!((sent.status, sent.body.contains("href=\"#password\"")), (422, true), "{}", sent.body);
}

#[test]
fn sessions_end_and_lead_back_to_where_one_was() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    assert_eq!(lena.get("/sites").status, 200);
    app.tamper(LONG_AGO);
    let over = lena.get("/sites/shop-north?x=1&y=2");
    assert_eq!(over.location(), "/login?next=%2Fsites%2Fshop-north%3Fx%3D1%26y%3D2");
    let form = lena.get(over.location()).body;
    assert_eq!(hidden(&form, "next").replace("&#x2F;", "/").replace("&amp;", "&"), "/sites/shop-north?x=1&y=2");
    assert_eq!(
        sign_in(&lena, &app.lead, PASSWORD, "/sites/shop-north?x=1&y=2").location(),
        "/sites/shop-north?x=1&y=2"
    );
    assert_eq!(lena.post("/logout", &[]).status, 403, "without a token nobody is signed out");
    assert_eq!(lena.submit("/account", "/logout", &[]).location(), "/login");
    assert!(lena.get("/login").body.contains("You are signed out."));
    assert_eq!(lena.get("/account").status, 303);
    assert_eq!(lena.post("/logout", &[]).location(), "/login", "signed out already");
}

#[test]
fn the_use_of_a_session_is_noted_once_a_minute() {
    let app = App::start_with(Limits { idle_hours: 0, ..Limits::default() });
    let lena = app.signed_in(&app.lead);
    let seen = || {
        let at = app.number("SELECT COUNT(*) AS number FROM sessions WHERE seen_at < '2021-01-01 00:00:00'");
        at == 0
    };
    app.tamper("UPDATE sessions SET seen_at = '2020-01-01 00:00:00'");
    assert!(!seen());
    lena.get("/account");
    assert!(seen());
    app.assert_audit_holds();
}

#[test]
fn next_never_leads_elsewhere() {
    let app = App::start();
    for next in
        ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
    {
        let browser = app.visitor();
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        assert!(!browser.get(&format!("/login?next={query}")).body.contains("evil"), "{next}");
        let reply = sign_in(&browser, &app.owner, PASSWORD, next);
        assert_eq!((reply.status, reply.location()), (303, "/"), "{next}");
    }
}

#[test]
fn nobody_learns_who_exists() {
    let app = App::start();
    app.signed_in(&app.admin);
    let words = |email: &str, password: &str| {
        let reply = sign_in(&app.visitor(), email, password, "/");
        assert_eq!(reply.status, 422);
        assert!(reply.body.contains("value=\"") && !reply.body.contains(password));
        reply.body.matches("Address and password do not belong together.").count()
    };
    let (wrong, nobody) = (words(&app.lead, "not the password"), words("nobody@example.org", "not the password"));
    assert_eq!((wrong, nobody), (2, 2));
    // The quickest of a few: whatever else the machine does only adds to the others.
    let time = |email: &str| {
        let tries = (0..4).map(|_| {
            let begin = std::time::Instant::now();
            sign_in(&app.visitor(), email, "not the password", "/");
            begin.elapsed()
        });
        tries.min().unwrap()
    };
    let (known, unknown) = (time(&app.lead), time("nobody@example.org"));
    assert!(unknown * 3 > known && known * 3 > unknown, "similar work: {known:?} and {unknown:?}");
}

#[test]
fn guessing_is_slowed_and_the_page_says_when() {
    let app = App::start();
    let browser = app.visitor();
    let tries: Vec<_> = (0..11).map(|_| sign_in(&browser, &app.lead, "not the password", "/")).collect();
    let last = &tries[10];
    assert!(tries[..10].iter().all(|reply| reply.status == 422));
    assert_eq!(last.status, 429, "{}", last.body);
    let wait: u64 = last.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait) && last.body.contains(&format!("Wait {wait} seconds")));
    assert_eq!(sign_in(&app.visitor(), &app.lead, PASSWORD, "/").status, 429, "the account, from anywhere");
    assert_eq!(sign_in(&app.visitor(), &app.owner, PASSWORD, "/").status, 303, "others are not held up");
    for number in 0..30 {
        sign_in(&app.visitor(), &format!("person{number}@example.org"), "not the password", "/");
    }
    assert_eq!(sign_in(&app.visitor(), &app.auditor, PASSWORD, "/").status, 429, "the address");
}

#[test]
fn the_first_administrator_is_made_by_a_link_that_works_once() {
    let app = App::start_empty();
    let link = allclear::actions::sign_in::setup_link(&app.desk).unwrap().unwrap();
    let (page, visitor) = (format!("/setup/{link}"), app.visitor());
    assert_eq!(visitor.get("/setup/guess").status, 404);
    let fields = [("name", "Eve"), ("email", "Eve@example.org"), ("password", "several plain words")];
    assert_eq!(visitor.submit("/login", "/setup/guess", &fields).status, 404);
    assert_eq!(visitor.post(&page, &fields).status, 403, "no token");
    for (field, typed) in [("name", ""), ("email", "eve"), ("password", "short")] {
        let mut bad: Vec<_> = fields.into_iter().filter(|(name, _)| *name != field).collect();
        bad.push((field, typed));
        let reply = visitor.submit(&page, &page, &bad);
        assert_eq!(
            (reply.status, reply.body.contains(&format!("id=\"{field}-error\""))),
            (422, true),
            "{}",
            reply.body
        );
        assert!(!reply.body.contains("several plain words"));
    }
    let made = visitor.submit(&page, &page, &fields);
    assert_eq!((made.status, made.location()), (303, "/"), "{}", made.body);
    assert!(visitor.get("/account").body.contains("eve@example.org"), "signed in at the end");
    assert_eq!(app.visitor().get(&page).status, 404);
    assert_eq!(app.visitor().submit("/login", &page, &fields).status, 404);
    assert_eq!(allclear::actions::sign_in::setup_link(&app.desk).unwrap(), None);
    assert_eq!(visitor.send(visitor.request("PUT", &page)).status, 405);
    app.assert_audit_holds();
}

#[test]
fn the_link_of_the_first_administrator_works_for_half_an_hour() {
    let app = App::start_empty();
    let link = allclear::actions::sign_in::setup_link(&app.desk).unwrap().unwrap();
    assert_eq!(app.visitor().get(&format!("/setup/{link}")).status, 200);
    app.desk.clock.advance(chrono::Duration::minutes(31));
    assert_eq!(app.visitor().get(&format!("/setup/{link}")).status, 404);
}

#[test]
fn a_sign_in_that_overlaps_a_new_password_or_the_end_of_a_person_begins_no_session() {
    use allclear::actions::sign_in::{begin, prove};
    let app = App::start();
    let sessions = || app.number("SELECT COUNT(*) AS number FROM sessions");
    let lena = prove(&app.desk, &app.lead, PASSWORD).unwrap();
    let browser = app.signed_in(&app.lead);
    let changed = browser.submit(
        "/account",
        "/account/password",
        &[("current_password", PASSWORD), ("new_password", "several other words")],
    );
    assert_eq!(changed.status, 303, "{}", changed.body);
    let before = sessions();
    assert!(begin(&app.desk, lena).is_err(), "she knew the old password");
    let omar = prove(&app.desk, &app.owner, PASSWORD).unwrap();
    app.tamper("UPDATE people SET active = FALSE WHERE email = 'omar@example.org'");
    assert!(begin(&app.desk, omar).is_err());
    assert_eq!(sessions(), before);
    assert!(begin(&app.desk, prove(&app.desk, &app.admin, PASSWORD).unwrap()).is_ok());
}

#[test]
fn a_session_that_nobody_uses_is_over() {
    for (idle_hours, signed) in [(12, false), (0, true)] {
        let app = App::start_with(Limits { idle_hours, session_hours: 720, ..Limits::default() });
        let lena = app.signed_in(&app.lead);
        assert_eq!(lena.get("/account").status, 200);
        app.tamper("UPDATE sessions SET seen_at = '2020-01-01 00:00:00'");
        let fresh = app.signed_in(&app.lead);
        let page = fresh.get("/account").body;
        assert!(page.contains(if signed { "signed in on 2 devices" } else { "signed in on 1 device" }), "{page}");
        let answer = lena.get("/account");
        assert_eq!(answer.status == 200, signed, "{idle_hours}: {}", answer.location());
    }
}
