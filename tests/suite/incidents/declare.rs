//! `/incidents/new`.

use super::{assert_refused_at, follow, minimal, today};
use crate::support::App;

const PAGE: &str = "/incidents/new";

#[test]
fn declaring_files_and_pauses_in_one_press() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let form = lena.get(PAGE);
    assert_eq!(form.status, 200, "{}", form.body);
    // With one site it is chosen, its automations and versions are there, and the zone is the site's.
    assert!(form.body.contains("value=\"order-mails\""), "{}", form.body);
    assert!(form.body.contains("value=\"8.3.14\"") && form.body.contains("value=\"Europe/Berlin\""));

    let day = today(&app);
    let mut fields = minimal(&app.site, &day);
    fields.push(("automation", &slug));
    fields.push(("step", "Open the order"));
    fields.push(("step", ""));
    fields.push(("step", "Press resend"));
    fields.push(("error_report", "cURL error 28, key sk-proj-Zt8mWq3vLx5cRb7nKd2hPf9sYg4jUa6eTzQwErTyUiOpAsDf"));
    let filed = lena.submit(PAGE, PAGE, &fields);
    let shown = follow(&lena, &filed);
    assert!(shown.body.contains("Order mails go out twice") && shown.body.contains("order mails"), "{}", shown.body);
    assert!(shown.body.contains("is paused by INC-"), "{}", shown.body);
    assert!(shown.body.contains("Press resend"));
    assert!(shown.body.contains("error-report.txt"), "the report is sealed by itself");
    assert!(!shown.body.contains("sk-proj-Zt8"), "the key is gone");
    assert!(shown.body.contains("[openai"), "{}", shown.body);
    app.assert_audit_holds();
}

#[test]
fn a_double_press_files_one_incident() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    let day = today(&app);
    let mut fields = minimal(&app.site, &day);
    fields.push(("once", "the same press"));
    let first = lena.submit(PAGE, PAGE, &fields);
    let second = lena.submit(PAGE, PAGE, &fields);
    assert_eq!((first.status, second.status), (303, 303), "{}", second.body);
    assert_eq!(first.location(), second.location());
    assert_eq!(lena.get("/incidents").body.matches("class=\"title\"").count(), 1);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_typed_is_lost() {
    let app = App::start();
    app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let reply = lena.submit(
        PAGE,
        PAGE,
        &[
            ("title", ""),
            ("site", &app.site),
            ("occurred_date", "2026-02-30"),
            ("occurred_time", "10:00"),
            ("occurred_zone", "Europe/Berlin"),
            ("affected_user", "shop manager Zoë <b>"),
            ("automation", "order-mails"),
            ("step", "one"),
            ("step", "two"),
            ("step", "three"),
            ("step", "four"),
        ],
    );
    assert_refused_at(&reply, "title", "Say in a line what went wrong.");
    assert_refused_at(&reply, "severity", "Choose how bad it is.");
    assert_refused_at(&reply, "occurred_date", "There is no such day.");
    assert!(reply.body.contains("shop manager Zoë &lt;b&gt;"), "typed text is shown, escaped");
    assert!(reply.body.contains(">four</textarea>") || reply.body.contains("\nfour</textarea>"), "{}", reply.body);
    let at = reply.body.find("value=\"order-mails\"").unwrap();
    assert!(reply.body[at..at + 120].contains("checked"), "the choice stays: {}", &reply.body[at..at + 120]);
    assert_eq!(lena.get("/incidents").body.matches("class=\"title\"").count(), 0);
}

#[test]
fn times_are_told_apart() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    for (date, time, zone, field, words) in [
        ("2026-11-20", "10:00", "Mars/Olympus", "occurred_zone", "There is no zone"),
        ("2026-13-01", "10:00", "UTC", "occurred_date", "There is no such day."),
        ("2026-11-20", "25:00", "UTC", "occurred_time", "There is no such time."),
        ("2026-03-29", "02:30", "Europe/Berlin", "occurred_time", "were put forward past this time"),
        ("2999-01-01", "10:00", "UTC", "occurred_date", "This lies in the future"),
        ("1999-01-01", "10:00", "UTC", "occurred_date", "more than ten years ago"),
        ("", "", "UTC", "occurred_date", "Say when it happened"),
        ("2026-11-20", "", "UTC", "occurred_time", "Say at what time"),
    ] {
        let reply = lena.submit(
            PAGE,
            PAGE,
            &[
                ("title", "x"),
                ("site", &app.site),
                ("severity", "sev3"),
                ("occurred_date", date),
                ("occurred_time", time),
                ("occurred_zone", zone),
            ],
        );
        assert_refused_at(&reply, field, words);
    }
}

#[test]
fn more_steps_and_another_site_write_nothing() {
    let app = App::start();
    app.automation("order-mails");
    let ada = app.signed_in(&app.admin);
    let empty = ada.get(PAGE);
    assert!(!empty.body.contains("value=\"order-mails\""), "with two sites none is chosen");
    let fields = [
        ("title", "half typed"),
        ("site", app.site.as_str()),
        ("version_php", "8.4.0-mine"),
        ("version_wordpress", ""),
        ("occurred_zone", "UTC"),
        ("occurred_date", "2026-11-20"),
        ("occurred_time", "10:00"),
    ];
    let mut load = fields.to_vec();
    load.push(("load_site", "yes"));
    let loaded = ada.submit(PAGE, PAGE, &load);
    assert_eq!(loaded.status, 200, "{}", loaded.body);
    assert!(loaded.body.contains("value=\"order-mails\"") && loaded.body.contains("half typed"));
    assert!(loaded.body.contains("value=\"6.9\""), "the site's WordPress version is filled in");
    assert!(loaded.body.contains("value=\"8.4.0-mine\""), "what was typed stays");
    assert!(loaded.body.contains("value=\"Europe/Berlin\" autocapitalize"), "the zone is the site's");
    assert!(loaded.body.contains("value=\"ada@example.org\" selected"), "who declares leads, and may be changed");
    assert!(!loaded.body.contains("id=\"error-summary\""));

    let mut more = fields.to_vec();
    more.push(("step_rows", "3"));
    more.push(("more_steps", "yes"));
    let grown = ada.submit(PAGE, PAGE, &more);
    assert_eq!((grown.status, grown.body.matches("name=\"step\"").count()), (200, 6));
    assert_eq!(ada.get("/incidents").body.matches("class=\"title\"").count(), 0);
}

#[test]
fn text_that_is_no_text_and_names_from_elsewhere_are_refused() {
    let app = App::start();
    let other = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let page = lena.get(PAGE);
    let csrf = crate::support::hidden(&page.body, "csrf");
    let day = today(&app);
    let body = format!(
        "csrf={csrf}&title=%FF%FE&site={}&severity=sev3&occurred_date={day}&occurred_time=00%3A01&occurred_zone=UTC",
        app.site
    );
    let request = lena.request("POST", PAGE).header("content-type", "application/x-www-form-urlencoded").body(body);
    assert_refused_at(&lena.send(request), "title", "are not UTF-8 text");

    let olga = app.signed_in(&app.outsider);
    let mut fields = minimal(&app.other_site, &day);
    fields.push(("automation", &other));
    assert_refused_at(
        &olga.submit(PAGE, PAGE, &fields),
        "automation",
        "There is no automation order-mails on this site",
    );
    let mut fields = minimal(&app.site, &day);
    fields.push(("lead", "lena@example.org"));
    assert_refused_at(&olga.submit(PAGE, PAGE, &fields), "site", "Choose the site from the list.");
}

#[test]
fn who_may_declare() {
    let app = App::start();
    let visitor = app.visitor().get(PAGE);
    assert_eq!((visitor.status, visitor.location()), (303, "/login?next=%2Fincidents%2Fnew"));
    let aldo = app.signed_in(&app.auditor);
    assert_eq!(aldo.get(PAGE).status, 403);
    let day = today(&app);
    assert_eq!(aldo.submit("/", PAGE, &minimal(&app.site, &day)).status, 403);
    let rita = app.signed_in(&app.reporter);
    let filed = rita.submit(PAGE, PAGE, &minimal(&app.site, &day));
    assert_eq!(follow(&rita, &filed).status, 200, "a reporter sees what they filed");
    // Who may not pause cannot do so by filing either, and is not offered it.
    let slug = app.automation("order-mails");
    assert!(
        !rita.get(PAGE).body.contains("order-mails") && app.signed_in(&app.lead).get(PAGE).body.contains("order-mails")
    );
    let mut pausing = minimal(&app.site, &day);
    pausing.push(("automation", &slug));
    assert_refused_at(&rita.submit(PAGE, PAGE, &pausing), "automation", "Your role does not pause.");
    assert_eq!(app.number("SELECT count(*) AS number FROM pauses"), 0);
    assert_eq!(app.signed_in(&app.lead).send(app.signed_in(&app.lead).request("DELETE", PAGE)).status, 405);
    // Without the form's own token nothing is done.
    let bare = rita.post(PAGE, &minimal(&app.site, &day));
    assert_eq!(bare.status, 403);
    assert!(bare.body.contains("reload it"), "{}", bare.body);
}

#[test]
fn what_deceives_is_taken_out_and_what_is_too_long_is_said() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    let day = today(&app);
    let mut fields = minimal(&app.site, &day);
    fields[0] = ("title", "Mails\0 twice");
    assert_refused_at(&lena.submit(PAGE, PAGE, &fields), "title", "There is a NUL character here");
    fields[0] = ("title", "Mails\u{202E} twice\u{200B}");
    let filed = lena.submit(PAGE, PAGE, &fields);
    let shown = follow(&lena, &filed);
    assert!(shown.body.contains("Mails twice"), "{}", shown.body);
    let long = "x".repeat(201);
    fields[0] = ("title", &long);
    assert_refused_at(&lena.submit(PAGE, PAGE, &fields), "title", "This is 201 characters long; 200 fit here.");
}
