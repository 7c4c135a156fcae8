//! `/audit`.

use crate::support::App;

#[test]
fn entries_stand_newest_first_with_names_and_filters() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let (ada, lena) = (app.signed_in(&app.admin), app.signed_in(&app.lead));
    lena.submit("/account", &format!("/automations/{slug}/pauses"), &[]);
    let page = ada.get("/audit");
    assert_eq!(page.status, 200, "{}", page.body);
    let row = page.body.split("<tbody>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains("Lena") && row.contains("paused") && row.contains("UTC"), "{row}");
    assert!(page.body.contains("href=\"/automations/order-mails\"") && page.body.contains("Allclear (test)"));

    let count = |query: &str| ada.get(&format!("/audit{query}")).body.matches("<tr id=\"e").count();
    assert_eq!(count("?subject=automations+order-mails"), 1);
    assert_eq!(count("?actor=lena%40example.org"), 1);
    assert_eq!(count("?actor=Lena&subject=pauses"), 1);
    assert_eq!(count("?subject=sites"), 2);
    assert_eq!(count("?actor=nobody"), 0);
    assert_eq!(count("?before=3"), 2);
    assert_eq!(count("?before=x&after=y"), count(""));
    assert!(ada.get("/audit?actor=nobody").body.contains("No entry fits"));
}

#[test]
fn a_long_chain_is_walked_page_by_page() {
    let app = App::start();
    for number in 0..110 {
        app.automation(&format!("mail-{number}"));
    }
    let ada = app.signed_in(&app.admin);
    let link = |body: &str, rel: &str| {
        let rest = body.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?;
        Some(rest.split('"').next()?.replace("&amp;", "&").replace("&#x2F;", "/"))
    };
    let first = ada.get("/audit").body;
    assert_eq!((first.matches("<tr id=\"e").count(), link(&first, "prev")), (100, None));
    let second = ada.get(&link(&first, "next").unwrap()).body;
    assert!(second.contains("<tr id=\"e1\"") && link(&second, "next").is_none(), "{second}");
    let back = ada.get(&link(&second, "prev").unwrap()).body;
    assert_eq!(back.matches("<tr id=\"e").count(), 100);
    assert_eq!(ada.get("/automations").body.matches("href=\"/automations/mail-").count(), 100);
}

#[test]
fn verify_says_that_it_holds_or_names_the_row() {
    let app = App::start();
    let aldo = app.signed_in(&app.auditor);
    let holds = aldo.submit("/audit", "/audit/verify", &[]);
    assert_eq!(holds.status, 200, "{}", holds.body);
    assert!(holds.body.contains("The chain holds"));

    app.tamper("UPDATE sites SET name = 'Shop Elsewhere' WHERE slug = 'shop-south'");
    let differs = aldo.submit("/audit", "/audit/verify", &[]);
    assert_eq!(differs.status, 200, "{}", differs.body);
    assert!(differs.body.contains("The chain does not hold"), "{}", differs.body);
    assert!(differs.body.contains("row sites") && differs.body.contains("is not what was last written"));
}

#[test]
fn an_auditor_of_one_site_sees_the_chain_but_no_names_of_others() {
    let app = App::start();
    let aldo = app.signed_in(&app.auditor);
    let page = aldo.get("/audit").body;
    assert!(page.contains("href=\"/sites/shop-north\"") && !page.contains("shop-south"));
    assert!(!page.contains("olga@example.org") && !page.contains("href=\"/people/"));
    // Nor does the filter tell what is there, or who is behind an id.
    let slug = app.automation("order-mails");
    app.signed_in(&app.lead).submit("/account", &format!("/automations/{slug}/pauses"), &[]);
    let count = |query: &str| aldo.get(&format!("/audit{query}")).body.matches("<tr id=\"e").count();
    assert_eq!((count("?subject=sites+shop-north"), count("?subject=sites+shop-south")), (1, 0));
    assert_eq!((count("?actor=Lena"), count("?subject=people+lena%40example.org")), (0, 0));
}

#[test]
fn a_chain_longer_than_one_reading_is_exported_whole() {
    let app = App::start();
    let actor = allclear::domain::person::Actor::System("test");
    let slug = app.automation("order-mails");
    let database = allclear::store::Database::open(app.address_of_database()).unwrap();
    let many = database.write(&actor, app.desk.now(), move |tx| {
        let row = allclear::store::automations::by_slug(tx.connection(), &slug)?.unwrap();
        (0..5_100).try_for_each(|_| tx.update(allclear::store::Verb::Changed, &row))
    });
    many.unwrap();
    let text = app.signed_in(&app.auditor).get("/audit/export").body;
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seqs: Vec<i64> = lines[1..].iter().map(|line| line["seq"].as_i64().unwrap()).collect();
    let head = lines[0]["seq"].as_i64().unwrap();
    assert!(head > 5_100 && seqs == (1..=head).collect::<Vec<i64>>(), "{} lines for {head}", lines.len());
}

#[test]
fn the_ladder() {
    let app = App::start();
    assert_eq!(app.visitor().get("/audit").location(), "/login?next=%2Faudit");
    for email in [&app.outsider, &app.reporter, &app.lead, &app.owner] {
        let browser = app.signed_in(email);
        assert_eq!(browser.get("/audit").status, 403, "{email}");
        assert_eq!(browser.get("/audit/export").status, 403, "{email}");
        assert_eq!(browser.submit("/account", "/audit/verify", &[]).status, 403, "{email}");
    }
    let ada = app.signed_in(&app.admin);
    assert_eq!(ada.get("/audit/verify").status, 405);
    assert_eq!(ada.submit("/account", "/audit/export", &[]).status, 405);
    assert_eq!(ada.send(ada.request("DELETE", "/audit")).status, 405);
}
