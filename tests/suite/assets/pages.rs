//! The pages: from an empty list to a refused reuse.

use super::{Library, picture};
use crate::incidents::{assert_refused_at, follow, ladder};
use crate::support::{Browserlike, Reply, hidden};
use allclear::actions::Limits;
use reqwest::multipart::{Form, Part};

fn bring(library: &Library, browser: &Browserlike, bytes: Vec<u8>) -> Reply {
    let page = browser.get("/assets/new");
    let form = Form::new()
        .text("csrf", hidden(&page.body, "csrf"))
        .text("once", hidden(&page.body, "once"))
        .text("site", library.app.site.clone())
        .part("file", Part::bytes(bytes).file_name("winter-tea-gift-box.png"));
    browser.send(browser.request("POST", "/assets/new").multipart(form))
}

fn record<'f>(owner: &'f str, review: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("name", "winter-tea-gift-box.png"),
        ("alt_text", "A red gift box with three tins of tea"),
        ("source_note", "Prompt: a gift box, studio light"),
        ("rights_note", "Lena read the provider's terms"),
        ("licence", "Commercial use"),
        ("owner", owner),
        ("placement", "Shop front"),
        ("campaign", "none"),
        ("review_on", review),
    ]
}

#[test]
fn an_asset_goes_from_draft_to_refused_reuse_on_pages() {
    let library = Library::start();
    let app = &library.app;
    let (lena, ada) = (app.signed_in(&app.lead), app.signed_in(&app.admin));
    assert!(lena.get("/assets").body.contains("No asset is registered"), "an empty list says how to begin");
    let edit = bring(&library, &lena, picture(700, 500));
    assert_eq!(edit.status, 303, "{}", edit.body);
    let edit = edit.location().to_owned();
    let page = edit.trim_end_matches("/edit").to_owned();
    let refused = ada.submit(&page, &format!("{page}/approval"), &[]);
    assert!(refused.status == 409 && refused.body.contains("There is no alt text."), "{}", refused.body);
    let review = library.day(10);
    let saved = lena.submit(&edit, &edit, &record(&app.owner, &review));
    let shown = follow(&lena, &saved).body;
    assert!(
        shown.contains("alt=\"A red gift box with three tins of tea\"") && shown.contains("Somebody else approves it")
    );
    assert_eq!(lena.submit(&page, &format!("{page}/approval"), &[]).status, 403);
    assert!(follow(&ada, &ada.submit(&page, &format!("{page}/approval"), &[])).body.contains("It is approved."));
    let questions = ["product_accuracy", "campaign", "brand_fit", "licence", "current_claims"];
    let mut answers: Vec<(&str, &str)> = questions.iter().map(|name| (*name, "yes")).collect();
    let missing = ada.submit(&page, &format!("{page}/reuse-decisions"), &answers[1..]);
    assert_refused_at(&missing, "product_accuracy", "Does it show the product as it is sold now?");
    answers.push(("note", "For the December mail"));
    let open = follow(&ada, &ada.submit(&page, &format!("{page}/reuse-decisions"), &answers)).body;
    assert!(open.contains("All five questions were answered with yes"), "{open}");
    assert!(lena.get("/assets?reusable=yes").body.contains("winter-tea-gift-box.png"));
    let place = [("place", "https://shop-north.example.com/#banner")];
    assert_eq!(lena.submit(&page, &format!("{page}/placements"), &place).status, 303);
    let change = [("kind", "offer_change"), ("site", app.site.as_str()), ("note", "The winter price ends")];
    let reported = follow(&lena, &lena.submit("/assets/changes", "/assets/changes", &change)).body;
    assert!(reported.contains("One asset is blocked") && reported.contains("1 to review"), "{reported}");
    let shown = lena.get(&page).body;
    assert!(
        shown.contains("After a change (offer change) nobody has reviewed it yet.")
            && shown.contains("It still stands in 1 place")
    );
    assert!(lena.get("/assets/placements").body.contains("https://shop-north.example.com/#banner"));
    assert!(lena.get("/assets?reusable=yes").body.contains("No asset fits"));
    let action = |body: &str, end: &str| {
        body.split("action=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|to| to.ends_with(end) || to.contains(end))
            .unwrap()
            .to_owned()
    };
    let no = [("outcome", "no_longer_fits"), ("note", "The price is in the picture")];
    let rejected = follow(&ada, &ada.submit(&page, &action(&ada.get(&page).body, "/reviews/"), &no)).body;
    assert!(rejected.contains("Rejected") && rejected.contains("It was rejected. Use another one."), "{rejected}");
    let clean = action(&rejected, "/cleaning");
    assert_refused_at(&lena.submit(&page, &clean, &[("link", "gone")]), "link", "beginning with https://");
    assert_eq!(lena.submit(&page, &clean, &[("link", "https://git.example/shop/4be19c2")]).status, 303);
    assert!(lena.get("/assets/placements").body.contains("Nothing has to be cleaned"));
    app.assert_audit_holds();
}

#[test]
fn what_is_wrong_stands_at_its_field_with_what_was_typed() {
    let library = Library::start_with(Limits { asset_bytes: 16 * 1024, ..Limits::default() });
    let app = &library.app;
    let lena = app.signed_in(&app.lead);
    let refused = bring(&library, &lena, b"<svg onload='alert(1)'>".to_vec());
    assert_refused_at(&refused, "file", "can hold script");
    assert!(refused.body.contains("value=\"shop-north\" selected"), "the site stays chosen");
    assert_eq!(bring(&library, &lena, vec![0; 40 * 1024]).status, 413);
    assert_eq!(library.files(), 0);
    let id = library.draft();
    let edit = format!("/assets/{id}/edit");
    let mut typed = record("nobody@example.org", "2026-13-40");
    typed[0] = ("name", " ");
    let refused = lena.submit(&edit, &edit, &typed);
    assert_refused_at(&refused, "name", "Give the file name");
    assert_refused_at(&refused, "review_on", "Use a calendar day");
    assert!(refused.body.contains("Commercial use"), "what was typed stays");
    let stale = [record(&app.owner, "2027-01-01"), vec![("version", "99")]].concat();
    assert_eq!(lena.submit(&edit, &edit, &stale).status, 412);
    let page = format!("/assets/{id}");
    let ada = app.signed_in(&app.admin);
    assert_refused_at(
        &ada.submit(&page, &format!("{page}/rejection"), &[("reason", "no")]),
        "reason",
        "Say in a sentence why.",
    );
    assert_eq!(ada.submit(&page, &format!("{page}/surprise"), &[]).status, 404);
}

#[test]
fn each_page_has_its_ladder_and_pictures_are_pictures_only() {
    let library = Library::start();
    let app = &library.app;
    let id = library.draft();
    for path in ["", "/edit", "/picture", "/thumbnail"] {
        ladder(app, &format!("/assets/{id}{path}"), &format!("/assets/nothing{path}"));
    }
    let lena = app.signed_in(&app.lead);
    for path in ["picture", "thumbnail"] {
        let picture = lena.get(&format!("/assets/{id}/{path}"));
        assert_eq!(
            (picture.header("content-type"), picture.header("x-content-type-options")),
            ("image/png", "nosniff")
        );
        assert!(picture.header("content-security-policy").contains("sandbox"));
        assert!(picture.header("cache-control").contains("private"));
    }
    let (aldo, rita) = (app.signed_in(&app.auditor), app.signed_in(&app.reporter));
    for path in ["/assets", "/assets/changes", "/assets/placements"] {
        assert_eq!((aldo.get(path).status, rita.get(path).status), (200, 403), "{path}");
        assert_eq!(app.visitor().get(path).status, 303, "{path}");
    }
    assert_eq!((aldo.get("/assets/new").status, aldo.get(&format!("/assets/{id}/edit")).status), (403, 403));
    let alone = aldo.submit(
        &format!("/assets/{id}"),
        &format!("/assets/{id}/removal"),
        &[("reason", "It is not needed any more")],
    );
    assert_eq!(alone.status, 403);
    assert_eq!(aldo.send(aldo.request("DELETE", "/assets")).status, 405);
    let olga = app.signed_in(&app.outsider);
    assert!(!olga.get("/assets").body.contains("winter-tea-gift-box.png"));
    assert_eq!(
        olga.submit("/assets", &format!("/assets/{id}/removal"), &[("reason", "It is not needed any more")]).status,
        404
    );
}

#[test]
fn a_long_register_is_walked_to_its_end_and_back() {
    let library = Library::start();
    for number in 0..30 {
        library.bring(&format!("winter-tea-tin-{number}.png"), picture(3, 3));
    }
    let lena = library.app.signed_in(&library.app.lead);
    let link = |body: &str, rel: &str| {
        let at = body.find(&format!("rel=\"{rel}\"")).unwrap();
        let rest = &body[at..][body[at..].find("href=\"").unwrap() + 6..];
        rest[..rest.find('"').unwrap()].replace("&amp;", "&").replace("&#x2F;", "/")
    };
    let first = lena.get("/assets?state=draft").body;
    assert!(first.contains("winter-tea-tin-29.png") && !first.contains("winter-tea-tin-5.png"));
    let last = lena.get(&link(&first, "next")).body;
    assert!(last.contains("winter-tea-tin-5.png") && last.contains("winter-tea-tin-0.png"));
    assert!(lena.get(&link(&last, "prev")).body.contains("winter-tea-tin-29.png"));
}
