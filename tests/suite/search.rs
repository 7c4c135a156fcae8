//! Full-text search over incidents, on the page and through the API.

use crate::story::{Story, made, whole_review};
use crate::support::{Api, App};
use allclear::actions::search_text;
use allclear::domain::search::Wanted;
use allclear::store::incidents::{self, Filter};
use serde_json::json;

/// The references that a search finds, in its order.
fn found(api: &Api, query: &[(&str, &str)]) -> Vec<String> {
    let reply = api.send(api.request("GET", "/incidents").query(query));
    assert_eq!(reply.status, 200, "{query:?}: {}", reply.body);
    let items = reply.json["items"].as_array().unwrap();
    items.iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect()
}

fn finds(api: &Api, words: &str) -> bool {
    !found(api, &[("q", words)]).is_empty()
}

#[track_caller]
fn write(api: &Api, reference: &str, text: &str) -> String {
    made(&api.post(&format!("/incidents/{reference}/timeline"), &json!({ "kind": "observed", "text": text })))
}

/// Every document, by incident.
fn documents(app: &App) -> Vec<String> {
    app.texts("SELECT body || marks AS text FROM search_documents ORDER BY number")
}

#[test]
fn an_incident_is_found_by_what_was_typed_anywhere() {
    let story = Story::begin();
    story.app.incident("Something else entirely");
    let lena = story.lead();
    write(&lena, &story.reference, "The courier Zanzibar called twice");
    let file = lena.post_bytes(&format!("{}?name=quokka-nightly.log", story.at("evidence")), "nothing to see here");
    assert_eq!(file.status, 201, "{}", file.body);
    let mut review = whole_review();
    review["root_cause"] = json!("A wombat chewed through the retry queue.");
    assert_eq!(lena.put(&story.at("review"), &review).status, 200);
    let mut action = story.new_action(&story.app.owner);
    action["title"] = json!("Fence the axolotl");
    made(&lena.post(&story.at("actions"), &action));
    made(&lena.post(&story.at("checks"), &json!({ "title": "Count pangolins", "expected": "Exactly one narwhal" })));
    made(&lena.post(&story.at("criteria"), &json!({ "statement": "No capybara gets two mails" })));
    let only = vec![story.reference.clone()];
    let page = story.app.signed_in(&story.app.lead);
    for words in [
        "twice",
        "TWICE",
        "Zanzibar",
        "zanz",
        "courier zanzibar",
        "quokka",
        "quokka-nightly.log",
        "wombat",
        "axolotl",
        "pangolins",
        "narwhal",
        "capybara",
        "resend",
        "Two mails",
        "mail zanzibar wombat",
        &story.reference,
        "\"two mails\"",
        "capyba",
        "courie",
        "WooCommerc",
        "WooCommerce > Orders",
    ] {
        assert_eq!(found(&lena, &[("q", words)]), only, "{words}");
        let shown = page.send(page.request("GET", "/incidents").query(&[("q", words)]));
        assert_eq!(shown.body.matches("class=\"title\"").count(), 1, "{words}");
    }
    for words in ["zanzibarian", "woocommerces", "zanzibar giraffe", "anzibar", "z"] {
        assert!(!finds(&lena, words), "{words}");
    }
    assert_eq!(found(&lena, &[("q", "inc")]).len(), 2);
    story.app.assert_audit_holds();
}

#[test]
fn a_whole_reference_finds_its_incident_and_whoever_names_it() {
    let story = Story::begin();
    let others: Vec<String> = (0..3).map(|n| story.app.incident(&format!("Something else {n}"))).collect();
    let lena = story.lead();
    assert_eq!(found(&lena, &[("q", &story.reference)]), [story.reference.as_str()]);
    assert_eq!(found(&lena, &[("q", &story.reference.to_lowercase())]), [story.reference.as_str()]);
    write(&lena, &others[1], &format!("The same as {}, I think", story.reference));
    assert_eq!(found(&lena, &[("q", &story.reference)]), [others[1].as_str(), story.reference.as_str()]);
    let year = story.reference.rsplit_once('-').unwrap().0;
    assert_eq!(found(&lena, &[("q", year)]).len(), 4, "a part of a reference finds all that share it");
}

#[test]
fn what_was_corrected_is_found_as_it_stands_now() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let reference = app.incident("Mails go out twice");
    let entry = write(&lena, &reference, "The disk was a Toshibo");
    let corrected = lena.post(
        &format!("/incidents/{reference}/timeline"),
        &json!({ "kind": "observed", "text": "The disk was a Seagull", "corrects": entry }),
    );
    assert_eq!(corrected.status, 201, "{}", corrected.body);
    assert!(finds(&lena, "seagull") && !finds(&lena, "toshibo"));
    assert_eq!(lena.patch(&format!("/incidents/{reference}"), &json!({ "title": "Carts are empty" })).status, 200);
    assert!(finds(&lena, "carts empty") && !finds(&lena, "mails"));
}

#[test]
fn what_was_removed_is_not_in_the_index() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let secret = format!("sk-proj-{}", "lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4");
    let reference = app.incident(&format!("The key {secret} leaked"));
    write(&lena, &reference, &format!("We saw {secret} in a mail"));
    let report = json!({ "error_report": format!("Uncaught: {secret} refused") });
    assert_eq!(lena.patch(&format!("/incidents/{reference}"), &report).status, 200);
    assert!(finds(&lena, "leaked") && !finds(&lena, &secret) && !finds(&lena, "lQQYPXKwP2OcEOIHX"));

    // This is no secret by its look; a file tells later that it is a password.
    let password = format!("gr33n{}", "lanternx77q");
    write(&lena, &reference, &format!("The log says {password} somewhere"));
    assert!(finds(&lena, &password));
    let name = format!("/incidents/{reference}/evidence?name=wp-config.txt");
    assert_eq!(lena.post_bytes(&name, format!("define('DB_PASSWORD', '{password}');\n")).status, 201);
    app.settle();
    assert!(!finds(&lena, &password), "its words were taken out of the index");
    assert!(finds(&lena, "somewhere"));
    for (path, bytes) in app.files() {
        let lower: Vec<u8> = bytes.to_ascii_lowercase();
        for value in [password.as_bytes(), secret.to_lowercase().trim_start_matches("sk-proj-").as_bytes()] {
            assert!(memchr::memmem::find(&lower, value).is_none(), "it still stands in {}", path.display());
        }
    }
}

#[test]
fn what_people_type_is_never_an_error() {
    let app = App::start();
    app.incident("Mails go out twice");
    let lena = app.api(&app.token(&app.lead));
    let page = app.signed_in(&app.lead);
    let long = "word ".repeat(2_000);
    let one = "x".repeat(10_000);
    for words in [
        "\"",
        "'",
        "\"\"\"",
        "mails\"",
        "mails NEAR twice",
        "NEAR(",
        "mails AND",
        "OR",
        "NOT mails",
        "*",
        "mails*",
        "^mails",
        "body:mails",
        "{body}:mails",
        "-mails",
        "mails + twice",
        "(((",
        ")",
        "a:*",
        "!",
        "&",
        "| mails",
        "<->",
        "mails:*A",
        "\\",
        "'; DROP TABLE incidents; --",
        "%",
        "_",
        "\u{0}",
        "mails\u{0}twice",
        "\u{feff}",
        "🦀",
        "Ⓐ",
        "é",
        "e\u{301}",
        "हिन्दी",
        "日本語",
        "ﷺ",
        "½",
        "²",
        "ı",
        "İ",
        "\u{202e}mails",
        &long,
        &one,
    ] {
        let asked = lena.send(lena.request("GET", "/incidents").query(&[("q", words)]));
        assert!(matches!(asked.status, 200 | 422), "{words:.40}: {} {}", asked.status, asked.body);
        if asked.status == 422 {
            assert_eq!(asked.fields(), ["q"], "{words:.40}");
        }
        let shown = page.send(page.request("GET", "/incidents").query(&[("q", words)]));
        // A page's address with a NUL names nothing.
        assert_eq!(shown.status, if words.contains('\0') { 404 } else { 200 }, "{words:.40}");
    }
    assert!(finds(&lena, "mails' NOT-twice") == finds(&lena, "mails not twice"));
    let nothing = page.get("/incidents?q=%25%25");
    assert!(nothing.body.contains("no letter and no digit"), "{}", nothing.body);
}

/// No letter of any script is a sign to the database.
#[test]
fn every_letter_can_be_searched_for() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let letters: Vec<char> = ('\u{80}'..=char::MAX).filter(|c| c.is_alphanumeric()).step_by(97).collect();
    let reference = app.incident("Letters");
    for chunk in letters.chunks(200) {
        let text: Vec<String> = chunk.iter().map(|c| format!("q{c}q")).collect();
        write(&lena, &reference, &text.join(" "));
    }
    let find = |words: &str| {
        let filter = Filter { wanted: Wanted::typed(words), ..Filter::default() };
        app.desk.read(|connection| Ok(incidents::list(connection, &filter, 5)?)).unwrap().len()
    };
    for letter in letters {
        find(&letter.to_string());
        assert_eq!(find(&format!("q{letter}q")), 1, "{letter:?}");
    }
}

#[test]
fn words_and_filters_go_together_and_pages_are_stable() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let mut expected = Vec::new();
    for n in 0..70 {
        let reference = app.incident(&format!("{} number {n}", if n % 3 == 0 { "Common trouble" } else { "Trouble" }));
        if n % 3 == 0 {
            expected.insert(0, reference);
        }
    }
    let closed = &expected[4];
    assert_eq!(lena.patch(&format!("/incidents/{closed}"), &json!({ "status": "investigating" })).status, 200);
    assert_eq!(found(&lena, &[("q", "common"), ("status", "investigating")]), vec![closed.clone()]);
    assert!(found(&lena, &[("q", "common"), ("severity", "sev1")]).is_empty());
    assert_eq!(found(&lena, &[("q", "common"), ("site", &app.site), ("limit", "200")]), expected);

    let (mut seen, mut cursor): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let mut query = vec![("q", "trouble common"), ("limit", "5")];
        if let Some(cursor) = &cursor {
            query.push(("cursor", cursor));
        }
        let page = lena.send(lena.request("GET", "/incidents").query(&query));
        assert_eq!(page.status, 200, "{}", page.body);
        seen.extend(page.json["items"].as_array().unwrap().iter().map(|i| i["reference"].as_str().unwrap().to_owned()));
        // What comes meanwhile shifts nothing.
        app.incident("Common trouble that came meanwhile");
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen, expected);
    assert!(found(&lena, &[("q", "common"), ("cursor", &"0".repeat(32))]).is_empty());
}

/// More words begin so than are looked up one by one.
#[test]
fn a_beginning_of_many_words_finds_them_all() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let few = app.incident("Something with begin12 in it");
    let many = app.incident("Something else");
    let text: Vec<String> = (0..60).map(|n| format!("beginning{n}")).collect();
    write(&lena, &many, &text.join(" "));
    assert_eq!(found(&lena, &[("q", "beginning")]), vec![many.clone()]);
    assert_eq!(found(&lena, &[("q", "beginning59")]), vec![many.clone()]);
    assert_eq!(found(&lena, &[("q", "beginning5 something")]), vec![many.clone()]);
    assert_eq!(found(&lena, &[("q", "begin1")]), vec![few.clone()]);
    assert_eq!(found(&lena, &[("q", "begin")]), vec![many, few]);
}

#[test]
fn pages_of_a_search_go_back_and_forth() {
    let app = App::start();
    for n in 0..30 {
        app.incident(&format!("Common trouble {n:02}"));
        app.incident("Something else");
    }
    let lena = app.signed_in(&app.lead);
    let link = |body: &str, rel: &str| -> Option<String> {
        let at = body.find(&format!("rel=\"{rel}\" href=\""))?;
        let rest = &body[at + rel.len() + 13..];
        Some(rest[..rest.find('"')?].replace("&amp;", "&").replace("&#x2F;", "/").replace("&#x3D;", "="))
    };
    let newest = lena.get("/incidents?q=common");
    assert!(newest.body.contains("Common trouble 29") && link(&newest.body, "prev").is_none());
    let older = lena.get(&link(&newest.body, "next").expect("older ones"));
    assert_eq!(older.body.matches("class=\"title\"").count(), 5);
    assert!(older.body.contains("Common trouble 00") && link(&older.body, "next").is_none());
    let back = lena.get(&link(&older.body, "prev").expect("newer ones"));
    assert_eq!(back.body.matches("class=\"title\"").count(), 25);
    assert!(back.body.contains("Common trouble 29") && link(&back.body, "prev").is_none());
}

#[test]
fn nobody_finds_what_is_not_theirs_to_see() {
    let app = App::start();
    let reference = app.incident("The Zanzibar order was lost");
    let rita = app.api(&app.token(&app.reporter));
    for outsider in [&app.outsider, &app.reporter] {
        assert!(!finds(&app.api(&app.token(outsider)), "zanzibar"), "{outsider}");
        let page = app.signed_in(outsider).get("/incidents?q=zanzibar");
        assert!(!page.body.contains(&reference) && page.body.contains("No incident fits"), "{outsider}");
    }
    let body =
        json!({ "title": "Zanzibar again", "severity": "sev3", "site": app.site, "occurred_at": app.now_text() });
    let own = rita.post("/incidents", &body);
    assert_eq!(found(&rita, &[("q", "zanzibar")]), [own.json["reference"].as_str().unwrap()]);
    assert_eq!(found(&app.api(&app.token(&app.lead)), &[("q", "zanzibar")]).len(), 2);
}

#[test]
fn an_empty_result_says_what_was_searched_and_how_to_widen() {
    let app = App::start();
    app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let page = lena.get("/incidents?q=Mails%20giraffe&status=closed&site=shop-north");
    for said in ["<strong>mails</strong> and <strong>giraffe</strong>", "status closed", "site Shop North"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(page.body.contains("/incidents?q=Mails+giraffe\""), "{}", page.body);
    assert!(lena.get("/incidents?status=closed").body.contains("Nothing has status closed"));
}

#[test]
fn an_index_made_later_is_the_one_that_grew() {
    let story = Story::begin();
    story.complete();
    story.ask();
    let lena = story.lead();
    write(&lena, &story.reference, "The courier Zanzibar called twice");
    let status = json!({ "status": "investigating" });
    assert_eq!(lena.patch(&format!("/incidents/{}", story.reference), &status).status, 200);
    let name = format!("{}?name=quokka.log", story.at("evidence"));
    assert_eq!(lena.post_bytes(&name, "nothing to see here").status, 201);
    story.app.incident("Something else entirely");
    let grown = documents(&story.app);
    assert_eq!(grown.len(), 2);

    story.app.tamper("DELETE FROM search_documents");
    assert!(!finds(&lena, "zanzibar"), "an incident without a document is not found");
    assert_eq!(search_text::catch_up(&story.app.desk, || false).unwrap(), 2);
    assert_eq!(documents(&story.app), grown);
    assert!(finds(&lena, "zanzibar"));
    assert_eq!(search_text::catch_up(&story.app.desk, || false).unwrap(), 0);
    if story.app.is_sqlite() {
        // FTS5 compares its index with what it was made of.
        story.app.tamper("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)");
    }
    story.app.assert_audit_holds();
}

#[test]
fn an_act_that_fails_leaves_no_words() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let reference = app.incident("Mails go out twice");
    let before = documents(&app);
    let refused = lena.patch(&format!("/incidents/{reference}"), &json!({ "title": "Zanzibar", "status": "closed" }));
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(documents(&app), before);
}
