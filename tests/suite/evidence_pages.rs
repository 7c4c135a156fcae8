//! Pages of evidence: seal files and text, look at the redacted form.

use crate::incidents::{assert_refused_at, errors, follow, ladder};
use crate::support::{App, Browserlike, Reply, hidden};
use allclear::actions::Limits;
use reqwest::multipart::{Form, Part};

const KEY: &str = "sk-proj-Zt8mWq3vLx5cRb7nKd2hPf9sYg4jUa6eTzQwErTyUiOpAsDf";

fn upload(browser: &Browserlike, reference: &str, note: &str, files: Vec<(&str, Vec<u8>)>) -> Reply {
    let page = browser.get(&format!("/incidents/{reference}/evidence/new"));
    let mut form = Form::new()
        .text("csrf", hidden(&page.body, "csrf"))
        .text("once", hidden(&page.body, "once"))
        .text("note", note.to_owned());
    for (name, bytes) in files {
        form = form.part("file", Part::bytes(bytes).file_name(name.to_owned()));
    }
    let request = browser.request("POST", &format!("/incidents/{reference}/evidence")).multipart(form);
    browser.send(request)
}

/// The address of the first piece of evidence on a page.
fn first_evidence(body: &str) -> String {
    let at = body.find("href=\"/evidence/").expect("a link to evidence") + 6;
    body[at..].chars().take_while(|c| *c != '"' && *c != '?' && *c != '#').collect()
}

fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(40, 30, image::Rgb([10, 120, 200]));
    picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

#[test]
fn several_files_are_sealed_and_shown_redacted() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let log = format!("PHP Warning: first\nOPENAI_API_KEY={KEY}\nthird <b>line</b>\n");
    let sent = upload(
        &lena,
        &reference,
        "From the host's panel, asked by bob.miller@customer-shop.de",
        vec![("debug.log", log.into_bytes()), ("shot.png", png()), ("core.bin", vec![0, 159, 146, 150, 0, 1, 2, 3])],
    );
    assert_refused_at(&sent, "file", "core.bin is not kept. ");
    let settled = sent.body.split("data-settled").nth(1).unwrap_or_default().split("<form").next().unwrap();
    assert!(settled.contains("debug.log") && settled.contains("shot.png"), "what is sealed stands beside it");
    assert!(!settled.contains("core.bin"), "{settled}");
    let shown = lena.get(&format!("/incidents/{reference}"));
    assert!(shown.body.contains("debug.log") && shown.body.contains("shot.png"), "{}", shown.body);
    assert!(shown.body.contains("core.bin") && shown.body.contains("Not kept"), "what was dropped is named");
    assert!(shown.body.contains("From the host") && !shown.body.contains("bob.miller@"), "the note is redacted");

    let path = first_evidence(&shown.body);
    let page = lena.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains("sk-proj-Zt8") && page.body.contains("class=\"gone\" title=\"Removed by rule "));
    assert!(page.body.contains("href=\"#L2\""), "the first place of the rule is linked");
    assert!(page.body.contains("third &lt;b&gt;line&lt;/b&gt;"), "shown as text");
    assert!(page.body.contains("Sealed. Nobody can fetch it.") && page.body.contains("Version 1"));
    ladder(&app, &path, "/evidence/nothing");
    assert_eq!(lena.get(&format!("{path}?version=7")).status, 404);
    assert_eq!(lena.get(&format!("{path}?version=x")).status, 404);
    assert_eq!(lena.send(lena.request("POST", &path)).status, 405);
    assert_eq!(lena.get(&format!("{path}/picture")).status, 404, "text is no picture");
    assert_eq!(app.signed_in(&app.reporter).get(&path).status, 404);
    app.assert_audit_holds();
}

#[test]
fn a_file_that_is_not_kept_is_a_failure_for_people_and_programs() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let zip = || b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xff\xfe\x00\x01binary".to_vec();
    let sent = upload(&lena, &reference, "From the panel", vec![("backup.zip", zip())]);
    assert_refused_at(&sent, "file", "backup.zip is not kept. ");
    assert!(errors(&sent).contains("<strong>Files:</strong> backup.zip is not kept. It is neither text nor a picture"));
    assert!(sent.body.contains("Unpack or export it"), "what to do");
    assert!(sent.body.contains("data-settled") && !sent.body.contains("is sealed"), "nothing looks like success");
    assert!(lena.get(&format!("/incidents/{reference}")).body.contains("Not kept"), "the incident names it");
    let api = app.api(&app.token(&app.lead));
    let at = |name: &str| format!("/incidents/{reference}/evidence?name={name}");
    let dropped = api.post_bytes(&at("backup.zip"), zip());
    assert_eq!((dropped.status, dropped.json["kept"].as_bool()), (201, Some(false)), "{}", dropped.body);
    assert!(dropped.json["warning"].is_string());
    let sealed = api.post_bytes(&at("debug.log"), b"a line\n".to_vec());
    assert_eq!(sealed.json["kept"].as_bool(), Some(true), "{}", sealed.body);
    assert!(sealed.json["warning"].is_null());
}

#[test]
fn a_picture_is_served_as_a_picture_and_nothing_else() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let mut bytes = png();
    bytes.extend_from_slice(b"GPS and <script>alert(1)</script>");
    let shown = follow(&lena, &upload(&lena, &reference, "", vec![("shot.png", bytes)]));
    let path = first_evidence(&shown.body);
    let page = lena.get(&path);
    assert!(
        page.body.contains("width=\"40\" height=\"30\"") && page.body.contains("Withheld from bundles"),
        "{}",
        page.body
    );
    let picture = lena.get(&format!("{path}/picture"));
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    assert_eq!(picture.header("content-disposition"), "inline");
    assert!(picture.bytes.starts_with(b"\x89PNG") && !picture.bytes.windows(8).any(|w| w == b"<script>"));
    ladder(&app, &format!("{path}/picture"), "/evidence/nothing/picture");
}

#[test]
fn pasted_text_is_sealed_once() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let (new, paste) =
        (format!("/incidents/{reference}/evidence/new"), format!("/incidents/{reference}/evidence/paste"));
    let lena = app.signed_in(&app.lead);
    assert_refused_at(&lena.submit(&new, &paste, &[("paste_text", "  ")]), "paste_text", "Paste the text");
    let long = "x".repeat(501);
    let refused = lena.submit(&new, &paste, &[("paste_text", "a line"), ("paste_note", &long)]);
    assert_refused_at(&refused, "paste_note", "500 fit here");
    assert!(refused.body.contains("a line"), "what was typed stays");
    let text = format!("key {KEY}");
    let fields = [("paste_text", text.as_str()), ("paste_name", "../../chat.txt"), ("once", "one press")];
    let shown = follow(&lena, &lena.submit(&new, &paste, &fields));
    let again = follow(&lena, &lena.submit(&new, &paste, &fields));
    assert_eq!(shown.body.matches("<strong>chat.txt</strong>").count(), 1, "{}", shown.body);
    assert_eq!(again.body.matches("<strong>chat.txt</strong>").count(), 1);
    for (email, status) in [(&app.owner, 403), (&app.auditor, 403), (&app.outsider, 404)] {
        let other = app.signed_in(email);
        assert_eq!(other.get(&new).status, status, "{email}");
        assert_eq!(other.submit("/", &paste, &[("paste_text", "x")]).status, status, "{email}");
    }
    assert_eq!(app.visitor().get(&new).status, 303);
    assert_eq!(lena.get(&paste).status, 405);
    assert!(!lena.get(&new).body.contains("none_reason"), "with evidence there is no need of a reason");
}

#[test]
fn what_cannot_be_sealed_is_told_by_name_and_nothing_remains() {
    let app = App::start_with(Limits { upload_bytes: 200_000, ..Limits::default() });
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let none = upload(&lena, &reference, "kept note", vec![]);
    assert_refused_at(&none, "file", "Choose at least one file");
    assert!(none.body.contains("value=\"kept note\""));
    assert_refused_at(
        &upload(&lena, &reference, "", vec![("empty.log", vec![])]),
        "file",
        "empty.log: The file is empty.",
    );
    let large = upload(&lena, &reference, "", vec![("huge.log", b"line\n".repeat(60_000))]);
    assert_eq!(large.status, 413);
    assert!(large.body.contains("huge.log: The file is larger than"), "{}", errors(&large));
    let forged = Form::new().part("file", Part::bytes(b"x".to_vec()).file_name("x.log")).text("csrf", "nonsense");
    let path = format!("/incidents/{reference}/evidence");
    assert_eq!(lena.send(lena.request("POST", &path).multipart(forged)).status, 403, "csrf stands before the files");
    assert!(lena.get(&format!("/incidents/{reference}")).body.contains("No evidence is sealed"));
    let originals = app.files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("sealed")).count();
    assert_eq!(originals, 0, "nothing lies around");
    assert_eq!(upload(&app.signed_in(&app.owner), &reference, "", vec![("a.log", b"x".to_vec())]).status, 403);
    assert_eq!(upload(&app.signed_in(&app.outsider), &reference, "", vec![("a.log", b"x".to_vec())]).status, 404);
}

#[test]
fn a_large_text_is_shown_in_parts() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let mut log: String = (1..=1100).map(|n| format!("line number {n}\n")).collect();
    log.push_str(&format!("key={KEY}\n"));
    let shown = follow(&lena, &upload(&lena, &reference, "", vec![("long.log", log.into_bytes())]));
    let path = first_evidence(&shown.body);
    let first = lena.get(&path);
    assert!(first.body.contains("line number 500<") && !first.body.contains("line number 501<"));
    assert!(
        first.body.contains("from=1001#L1101") || first.body.contains("from=1001&#x23;L1101"),
        "a place in another part"
    );
    assert!(first.body.contains("Part 1 of 3") && !first.body.contains(">First<"), "{}", first.body);
    for (words, from) in [("Later", 501), ("Last", 1001)] {
        assert!(first.body.contains(&format!("href=\"?from={from}\">{words}<")), "{words}");
    }
    let middle = lena.get(&format!("{path}?from=501")).body;
    for (words, from) in [("First", 1), ("Earlier", 1), ("Later", 1001), ("Last", 1001)] {
        assert!(middle.contains(&format!("href=\"?from={from}\">{words}<")), "{words}");
    }
    let last = lena.get(&format!("{path}?from=1001"));
    assert!(last.body.contains("Part 3 of 3") && !last.body.contains(">Last<"), "{}", last.body);
    assert!(last.body.contains("id=\"L1101\"") && last.body.contains("class=\"gone\""));
    assert!(!last.body.contains("line number 999<"));
    assert_eq!(lena.get(&format!("{path}?from=nonsense")).status, 200);
    assert!(lena.get(&format!("{path}?from=999999")).body.contains("Nothing to show"));
}

#[test]
fn a_value_that_a_later_file_reveals_is_removed_from_the_earlier_one() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let secret = "Wq8zKp3LmNv6";
    let first = format!("the worker said {secret} and stopped\n");
    let shown = follow(&lena, &upload(&lena, &reference, "", vec![("worker.log", first.into_bytes())]));
    let path = first_evidence(&shown.body);
    assert!(lena.get(&path).body.contains(secret), "nothing says yet that this is a password");
    upload(&lena, &reference, "", vec![("config.php", format!("define('DB_PASSWORD', '{secret}');\n").into_bytes())]);
    app.settle();
    let page = lena.get(&path);
    assert!(!page.body.contains(secret), "{}", page.body);
    assert!(page.body.contains("Version 2") && page.body.contains("revealed a value that stands here too"));
    let old = lena.get(&format!("{path}?version=1"));
    assert!(old.body.contains("This is an earlier version") && old.body.contains("Its text is gone"), "{}", old.body);
    assert!(!old.body.contains(secret));
}

/// A name that no rule can know to be private.
const UNKNOWN: &str = "Quartz-Heron-91";

#[test]
fn a_value_that_no_rule_found_is_marked_once_and_goes_from_everything() {
    let app = App::start();
    let lead = app.api(&app.token(&app.lead));
    let reference = app.incident(&format!("Mails of {UNKNOWN} go out twice"));
    let sealed = ["a.log", "b.log"].map(|name| {
        let text = format!("one\ncontract {UNKNOWN} was read\nthree\n");
        lead.post_bytes(&format!("/incidents/{reference}/evidence?name={name}"), text).json["id"].clone()
    });
    let path = format!("/evidence/{}", sealed[0].as_str().unwrap());
    let lena = app.signed_in(&app.lead);
    assert!(lena.get(&path).body.contains(UNKNOWN));
    assert!(!app.signed_in(&app.auditor).get(&path).body.contains("/removals"), "whoever may not is not asked");

    let act = format!("{path}/removals");
    let marked = lena.submit(&path, &act, &[("value", UNKNOWN)]);
    assert!(follow(&lena, &marked).body.contains("It goes from all evidence"));
    app.settle();
    for id in &sealed {
        let shown = lena.get(&format!("/evidence/{}", id.as_str().unwrap())).body;
        assert!(!shown.contains(UNKNOWN) && shown.contains("[known-value:"), "{shown}");
        assert!(shown.contains("somebody marked it by hand"), "the list says why it is gone");
    }
    let incident = lena.get(&format!("/incidents/{reference}")).body;
    assert!(!incident.contains(UNKNOWN), "the title too");
    assert!(incident.contains("Marked a value that no rule had found"));
    assert_refused_at(&lena.submit(&path, &act, &[("value", UNKNOWN)]), "value", "This value is known already");
    app.assert_audit_holds();
}

#[test]
fn a_value_that_cannot_go_blindly_is_refused_and_not_sent_back() {
    let app = App::start();
    let lead = app.api(&app.token(&app.lead));
    let reference = app.incident("Mails go out twice");
    let sealed = lead.post_bytes(&format!("/incidents/{reference}/evidence?name=a.log"), "the checkout is slow\n");
    let path = format!("/evidence/{}", sealed.json["id"].as_str().unwrap());
    let act = format!("{path}/removals");
    let lena = app.signed_in(&app.lead);
    for (value, words) in [
        ("", "Paste the value that must go"),
        ("   ", "Paste the value that must go"),
        ("Zq4", "too short, too long or too ordinary"),
        ("checkout", "too short, too long or too ordinary"),
    ] {
        let refused = lena.submit(&path, &act, &[("value", value)]);
        assert_refused_at(&refused, "value", words);
        assert!(!refused.body.contains("value=\"Zq4\"") && !refused.body.contains("value=\"checkout\""));
    }
    assert!(lena.get(&path).body.contains("the checkout is slow"));
    assert_eq!(lena.get(&act).status, 405);
    let nowhere = "/evidence/nothing/removals";
    assert_eq!(lena.submit(&path, nowhere, &[("value", UNKNOWN)]).status, 404);
    for (who, status) in [(&app.outsider, 404), (&app.auditor, 403)] {
        let browser = app.signed_in(who);
        assert_eq!(browser.submit("/account", &act, &[("value", UNKNOWN)]).status, status);
    }
}
