//! `/waiting`, and that each counter of the home page counts the list that it links to.

use crate::story::{Story, made, new_check};
use crate::support::{App, Browserlike};
use serde_json::json;

fn rows(body: &str) -> usize {
    body.matches("class=\"title\"").count()
}

/// The counters of home: the number in front of `words` inside a link to `href`.
#[track_caller]
fn counter(body: &str, href: &str) -> usize {
    let links = body.split("<a href=\"").filter_map(|rest| rest.strip_prefix(href)?.strip_prefix("\">"));
    let numbers: Vec<usize> =
        links.filter_map(|rest| rest[..rest.find("</a>")?].split(' ').find_map(|word| word.parse().ok())).collect();
    assert!(!numbers.is_empty(), "no counter links to {href}: {body}");
    assert!(numbers.iter().all(|number| *number == numbers[0]), "{href} is counted in two ways: {numbers:?}");
    numbers[0]
}

/// Rows of a list, through all its pages.
fn listed(browser: &Browserlike, address: &str) -> usize {
    let (mut total, mut next) = (0, Some(address.to_owned()));
    while let Some(address) = next {
        let page = browser.get(&address);
        assert_eq!(page.status, 200, "{address}");
        total += rows(&page.body);
        next = page.body.find("rel=\"next\" href=\"").map(|at| {
            let rest = &page.body[at + 17..];
            rest[..rest.find('"').unwrap()].replace("&amp;", "&").replace("&#x2F;", "/").replace("&#x3D;", "=")
        });
    }
    total
}

#[test]
fn every_counter_on_home_counts_the_list_it_links_to() {
    let story = Story::begin();
    let app = &story.app;
    for n in 0..11 {
        app.automation(&format!("order-report-{n:02}"));
    }
    for n in 0..27 {
        app.incident(&format!("Trouble {n}"));
    }
    let ended = app.incident("A false alarm");
    assert_eq!(story.lead().patch(&format!("/incidents/{ended}"), &json!({ "status": "cancelled" })).status, 200);
    app.api(&app.token(&app.lead)).post(&format!("/switches/site:{}/pauses", app.site), &json!({ "reason": "update" }));
    made(&story.lead().post(&story.at("checks"), &new_check()));
    story.plan(&app.lead);
    let bundle = story.bundle("hosting");
    assert_eq!(story.lead().post(&story.at("escalations"), &story.escalation(&bundle)).status, 202);
    app.settle();
    app.tamper("UPDATE escalations SET state = 'failed', server_words = '550 no such mailbox'");

    let lena = app.signed_in(&app.lead);
    let home = lena.get("/").body;
    let mut counted = Vec::new();
    for list in ["/incidents?status=open", "/automations?gate=paused", "/waiting", "/waiting?kind=mail"] {
        let count = counter(&home, list);
        assert_eq!(count, listed(&lena, list), "{list}");
        counted.push(count);
    }
    // 28 without a lead, one check, one action, one mail.
    assert_eq!(counted, [28, 12, 31, 1]);
    let mails = lena.get("/waiting?kind=mail").body;
    assert!(mails.contains("550 no such mailbox") && mails.contains("href=\"/escalations/"), "{mails}");
    let action = lena.get("/waiting?kind=action").body;
    assert!(action.contains("Your action: Cap retries at three") && rows(&action) == 1, "{action}");

    // A reporter and an outsider count what is theirs: nothing of this.
    let rita = app.signed_in(&app.reporter);
    assert_eq!(counter(&rita.get("/").body, "/incidents?status=open"), 0);
    assert_eq!(listed(&rita, "/incidents?status=open"), 0);
    for person in [&app.reporter, &app.outsider] {
        let browser = app.signed_in(person);
        assert!(!browser.get("/").body.contains("did not leave"));
        assert_eq!(listed(&browser, "/waiting") + listed(&browser, "/waiting?kind=mail"), 0, "{person}");
    }
}

#[test]
fn what_is_overdue_comes_before_what_is_not() {
    let app = App::start();
    app.automation("order-mails");
    app.tamper("UPDATE automations SET contacts_customers = TRUE");
    allclear::actions::flags::round(&app.desk).unwrap();
    let site = json!({ "practice": "operator-training", "subject_kind": "site", "subject": app.site });
    made(&app.api(&app.token(&app.admin)).post("/practice-runs", &site));
    let ada = app.signed_in(&app.admin);
    let review_is_first = || {
        let body = ada.get("/waiting").body;
        let place = |words: &str| body.find(words).unwrap_or_else(|| panic!("{words}: {body}"));
        place("#reviews") < place("Customer facing output")
    };
    assert!(!review_is_first(), "in the order of the kinds");
    app.tamper("UPDATE practice_reviews SET due_at = '2020-01-01 00:00:00'");
    assert!(review_is_first());
}

#[test]
fn decisions_and_verifications_wait_for_whoever_can_settle_them() {
    let story = Story::begin();
    story.complete();
    story.ask();
    let ada = story.app.signed_in(&story.app.admin);
    let decision = ada.get("/waiting?kind=decision").body;
    assert!(decision.contains(&format!("Decide the restart of {}", story.reference)), "{decision}");
    let omar = story.app.signed_in(&story.app.owner);
    assert_eq!(rows(&omar.get("/waiting?kind=decision").body), 0, "who asked cannot decide");

    let action = story.plan(&story.app.owner);
    let proof = json!({ "proof": "https://ci.example/runs/1" });
    assert_eq!(story.owner().post(&format!("/actions/{action}/completion"), &proof).status, 200);
    let lena = story.app.signed_in(&story.app.lead);
    assert_eq!(rows(&lena.get("/waiting?kind=verification").body), 1);
    assert_eq!(rows(&omar.get("/waiting?kind=verification").body), 0, "nobody verifies their own");
}

#[test]
fn the_list_has_the_ladder_of_a_page() {
    let app = App::start();
    let lena = app.signed_in(&app.lead);
    let empty = lena.get("/waiting");
    assert!(empty.status == 200 && empty.body.contains("Nothing waits for you"), "{}", empty.body);
    let none = lena.get("/waiting?kind=nonsense");
    assert!(none.status == 200 && none.body.contains("Nothing of this kind"), "{}", none.body);
    assert_eq!(app.visitor().get("/waiting").location(), "/login?next=%2Fwaiting");
    assert_eq!(lena.send(lena.request("DELETE", "/waiting")).status, 405);
}

#[test]
fn what_waits_elsewhere_does_not_push_out_what_waits_here() {
    let story = Story::begin();
    let app = &story.app;
    let elsewhere = json!({ "title": "x", "severity": "sev3", "site": app.other_site, "occurred_at": app.now_text() });
    let filed = app.api(&app.token(&app.outsider)).post("/incidents", &elsewhere);
    assert_eq!(filed.status, 201, "{}", filed.body);
    let id = |sql: &str| app.texts(sql).remove(0);
    let other = id(&format!(
        "SELECT id AS text FROM incidents WHERE reference = '{}'",
        filed.json["reference"].as_str().unwrap()
    ));
    let olga = id("SELECT id AS text FROM people WHERE email = 'olga@example.org'");
    let action = story.plan(&app.owner);
    let proof = json!({ "proof": "https://ci.example/runs/1" });
    assert_eq!(story.owner().post(&format!("/actions/{action}/completion"), &proof).status, 200);
    for n in 0..201 {
        app.tamper(&format!(
            "INSERT INTO actions (id, incident_id, kind, title, owner_id, former_owners, due_on, created_by, created_at,
                 completed_by, completed_at, version)
             VALUES ('0{n:04}', '{other}', 'rate_limit', 'x', '{olga}', '[]', '2026-01-01', '{olga}',
                 '2026-01-01 00:00:00', '{olga}', '2026-01-01 00:00:00', 1)"
        ));
    }
    let lena = app.signed_in(&app.lead);
    let page = lena.get("/waiting?kind=verification").body;
    assert!(rows(&page) == 1 && page.contains("Cap retries at three"), "{page}");
    assert_eq!(counter(&lena.get("/").body, "/waiting"), listed(&lena, "/waiting"));
    // Who looks after both sites sees that there is more.
    assert_eq!(rows(&app.signed_in(&app.admin).get("/waiting?kind=verification").body), 200);
}

#[test]
fn when_nothing_blocks_the_restart_waits_to_be_asked_for() {
    let story = Story::begin();
    let omar = story.app.signed_in(&story.app.owner);
    story.write_review();
    assert_eq!(rows(&omar.get("/waiting?kind=ask").body), 0);
    story.complete();
    let ask = omar.get("/waiting?kind=ask").body;
    assert!(ask.contains(&format!("Ask for the restart of {}", story.reference)), "{ask}");
    assert!(ask.contains(&format!("/incidents/{}/restart#request", story.reference)), "{ask}");
    assert!(omar.get("/").body.contains(&format!("Ask for the restart of {}", story.reference)));
    assert_eq!(rows(&story.app.signed_in(&story.app.auditor).get("/waiting?kind=ask").body), 0);
    assert_eq!(rows(&story.app.signed_in(&story.app.outsider).get("/waiting?kind=ask").body), 0);
    story.ask();
    assert_eq!(rows(&omar.get("/waiting?kind=ask").body), 0, "it is asked for");
}

#[test]
fn of_what_is_as_urgent_the_worse_comes_first() {
    let app = App::start();
    let lead = app.api(&app.token(&app.lead));
    let file = |title: &str, severity: &str| {
        let body = json!({ "title": title, "severity": severity, "site": app.site, "occurred_at": app.now_text() });
        assert_eq!(lead.post("/incidents", &body).status, 201);
    };
    for (title, severity) in [("Money is lost", "sev1"), ("A typo", "sev4"), ("Mails are late", "sev2")] {
        file(title, severity);
    }
    let page = app.signed_in(&app.lead).get("/waiting").body;
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
    assert!(place("Money is lost") < place("Mails are late") && place("Mails are late") < place("A typo"), "{page}");
    assert!(page.contains("SEV1"), "each says how bad it is: {page}");
}
