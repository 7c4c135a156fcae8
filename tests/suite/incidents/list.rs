//! `/incidents` and the home page.

use crate::support::{App, hidden};

fn count(body: &str) -> usize {
    body.matches("class=\"title\"").count()
}

#[test]
fn filters_stand_in_the_address_and_find_what_they_say() {
    let app = App::start();
    let first = app.incident("Mails go out twice");
    app.incident("100% of carts are empty_now");
    app.incident("Größe fehlt im Katalog");
    let lena = app.signed_in(&app.lead);
    for (query, found) in [
        ("", 3),
        ("?q=mails", 1),
        ("?q=MAILS%20twice", 1),
        ("?q=mails%20carts", 0),
        ("?q=100%25", 1),
        ("?q=%25", 0),
        ("?q=%5C", 0),
        ("?q=empty", 1),
        ("?q=go+out", 1),
        ("?q=Gr%C3%B6%C3%9Fe", 1),
        ("?q=inc-", 3),
        ("?status=open", 3),
        ("?status=closed", 0),
        ("?status=nonsense", 0),
        ("?severity=sev3", 3),
        ("?severity=sev1", 0),
        ("?site=shop-north", 3),
        ("?site=nowhere", 0),
        ("?cursor=b-0", 0),
    ] {
        let page = lena.get(&format!("/incidents{query}"));
        assert_eq!((page.status, count(&page.body)), (200, found), "{query}");
    }
    assert_eq!(count(&lena.get(&format!("/incidents?q={first}")).body), 1);
    assert!(lena.get("/incidents?q=%22%3E%3Cb%3E").body.contains("&gt;&lt;b&gt;"), "typed words are escaped");
    assert_eq!(count(&app.signed_in(&app.outsider).get("/incidents").body), 0, "another site's are not there");
    assert_eq!(count(&app.signed_in(&app.reporter).get("/incidents").body), 0, "a reporter sees their own only");
    assert_eq!(app.visitor().get("/incidents").status, 303);
    assert_eq!(lena.send(lena.request("DELETE", "/incidents")).status, 405);
}

#[test]
fn pages_go_back_and_forth_without_losing_the_filter() {
    let app = App::start();
    for n in 0..30 {
        app.incident(&format!("Trouble {n:02}"));
    }
    let lena = app.signed_in(&app.lead);
    let link = |body: &str, rel: &str| -> Option<String> {
        let at = body.find(&format!("rel=\"{rel}\" href=\""))?;
        let rest = &body[at + rel.len() + 13..];
        Some(rest[..rest.find('"')?].replace("&amp;", "&").replace("&#x2F;", "/").replace("&#x3D;", "="))
    };
    let newest = lena.get("/incidents?severity=sev3");
    assert_eq!(count(&newest.body), 25);
    assert!(newest.body.contains("Trouble 29") && link(&newest.body, "prev").is_none());
    let older = lena.get(&link(&newest.body, "next").expect("older ones"));
    assert_eq!(count(&older.body), 5);
    assert!(older.body.contains("Trouble 00") && link(&older.body, "next").is_none());
    let back = link(&older.body, "prev").expect("newer ones");
    assert!(back.contains("severity=sev3"), "{back}");
    let back = lena.get(&back);
    assert!(back.body.contains("Trouble 29") && count(&back.body) == 25);
    assert!(link(&back.body, "prev").is_none(), "nothing is newer than the newest");
}

#[test]
fn home_counts_what_its_links_list() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let lena = app.signed_in(&app.lead);
    let clear = lena.get("/");
    assert!(clear.body.contains("All clear."), "{}", clear.body);
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    lena.submit(&path, &format!("{path}/pauses"), &[("pause_automation", &slug)]);
    let home = lena.get("/");
    assert!(
        home.body.contains("1 incident open</a>") && home.body.contains("1 automation paused</a>"),
        "{}",
        home.body
    );
    assert!(
        home.body.contains("href=\"/incidents?status=open\"")
            && home.body.contains("href=\"/automations?gate=paused\"")
    );
    assert!(home.body.contains(&format!("paused by {reference}")), "the first reason is said");
    assert!(home.body.contains(&format!("Name a lead for {reference}")), "what waits for her");
    assert!(!home.body.contains("Set up this Allclear"));
    // A reporter is not told "all clear" of what they cannot see.
    let rita = app.signed_in(&app.reporter).get("/");
    assert!(!rita.body.contains("All clear."), "{}", rita.body);
    assert!(!rita.body.contains("order mails"));
    assert!(
        rita.body.contains("You see the incidents that you declared") && !rita.body.contains("No automation is paused")
    );
    assert_eq!(app.visitor().get("/").location(), "/login?next=%2F");
    assert_eq!(app.signed_in(&app.outsider).get("/").body.matches(&reference).count(), 0);
    assert!(!hidden(&home.body, "csrf").is_empty(), "the frame's sign-out form works here too");
}

#[test]
fn an_administrator_of_an_empty_house_is_shown_the_steps() {
    let app = App::start();
    let ada = app.signed_in(&app.admin).get("/");
    assert!(
        ada.body.contains("Set up this Allclear") && ada.body.contains("href=\"/automations/new\""),
        "{}",
        ada.body
    );
    assert!(!app.signed_in(&app.lead).get("/").body.contains("Set up this Allclear"));
}
