//! `/account`.

use crate::support::{App, PASSWORD};

#[test]
fn ones_own_password_is_changed_and_the_other_sessions_end() {
    let app = App::start();
    let (here, there) = (app.signed_in(&app.lead), app.signed_in(&app.lead));
    let send = |old: &str, new: &str| {
        here.submit("/account", "/account/password", &[("current_password", old), ("new_password", new)])
    };
    assert!(here.get("/account").body.contains("signed in on 2 devices"));
    let wrong = send("not the password at all", "several other words");
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    assert_eq!(wrong.body.matches("This is not your present password.").count(), 2);
    let short = send(PASSWORD, "short");
    assert_eq!((short.status, short.body.contains("id=\"new_password-error\"")), (422, true), "{}", short.body);
    assert!(!short.body.contains(PASSWORD));

    let changed = send(PASSWORD, "several other words");
    assert_eq!((changed.status, changed.location()), (303, "/account"), "{}", changed.body);
    assert_eq!((here.get("/account").status, there.get("/account").status), (200, 303));
    let sign_in = |password: &str| {
        app.visitor().submit("/login", "/login", &[("email", &app.lead), ("password", password)]).status
    };
    assert_eq!((sign_in(PASSWORD), sign_in("several other words")), (422, 303));
    app.assert_audit_holds();
}

#[test]
fn an_open_browser_is_no_place_to_guess_the_password() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    let guess = || lena.submit("/account", "/account/password", &[("current_password", "x"), ("new_password", "y")]);
    let last = (0..12).map(|_| guess()).find(|reply| reply.status != 422).expect("never slowed");
    assert_eq!(last.status, 429);
    assert!(last.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(last.body.contains("Too many tries."));
}

#[test]
fn theme_and_shortcuts_are_kept_in_the_browser() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    assert!(lena.get("/account").body.contains("data-shortcuts"));
    let saved = lena.submit("/account", "/account/preferences", &[("theme", "dark")]);
    assert_eq!((saved.status, saved.location()), (303, "/account"), "{}", saved.body);
    let page = lena.get("/account").body;
    assert!(page.contains("data-theme=\"dark\"") && !page.contains("data-shortcuts"));
    lena.submit("/account", "/account/preferences", &[("theme", "auto"), ("shortcuts", "yes")]);
    let page = lena.get("/account").body;
    assert!(!page.contains("data-theme") && page.contains("data-shortcuts"));
    let odd = lena.submit("/account", "/account/preferences", &[("theme", "\"><script>")]);
    assert_eq!((odd.status, odd.body.contains("Choose as the device")), (422, true));
}

#[test]
fn signing_out_everywhere_ends_this_session_too() {
    let app = App::start();
    let (here, there) = (app.signed_in(&app.lead), app.signed_in(&app.lead));
    let out = here.submit("/account", "/account/sessions/end", &[]);
    assert_eq!((out.status, out.location()), (303, "/login"), "{}", out.body);
    assert_eq!((here.get("/account").status, there.get("/account").status), (303, 303));
}

#[test]
fn the_ladder() {
    let app = App::start();
    assert_eq!(app.visitor().get("/account").location(), "/login?next=%2Faccount");
    for email in [&app.admin, &app.lead, &app.owner, &app.reporter, &app.auditor, &app.outsider] {
        let page = app.signed_in(email).get("/account");
        assert_eq!(page.status, 200, "{email}");
        assert!(page.body.contains(email.as_str()));
    }
    let lena = app.signed_in(&app.lead);
    for path in ["/account/password", "/account/preferences", "/account/sessions/end", "/logout"] {
        assert_eq!(lena.get(path).status, 405, "{path}");
    }
    assert_eq!(lena.send(lena.request("PUT", "/account")).status, 405);
}
