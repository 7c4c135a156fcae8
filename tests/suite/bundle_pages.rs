//! Pages of bundles.

use crate::incidents::{errors, follow, ladder};
use crate::support::{App, Browserlike, Reply, hidden};
use reqwest::multipart::{Form, Part};

fn seal(browser: &Browserlike, reference: &str, name: &str, bytes: Vec<u8>) -> Reply {
    let page = browser.get(&format!("/incidents/{reference}/evidence/new"));
    let form = Form::new()
        .text("csrf", hidden(&page.body, "csrf"))
        .part("file", Part::bytes(bytes).file_name(name.to_owned()));
    let sent = browser.send(browser.request("POST", &format!("/incidents/{reference}/evidence")).multipart(form));
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent
}

fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(40, 30, image::Rgb([10, 120, 200]));
    picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

#[test]
fn a_bundle_is_checked_built_and_downloaded() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let log = b"2026-11-20 mail to anna.schmidt@customer-shop.de sent twice\n".to_vec();
    seal(&lena, &reference, "mail.log", log);
    app.settle();
    let check = format!("/incidents/{reference}/bundles/new?audience=hosting");
    let preview = lena.get(&check);
    assert_eq!(preview.status, 200, "{}", preview.body);
    assert!(preview.body.contains("Ready to build for the hosting company"), "{}", preview.body);
    assert!(preview.body.contains("mail.log") && preview.body.contains("Build the bundle"));
    ladder(&app, &check, "/incidents/INC-1999-0001/bundles/new");
    assert_eq!(app.signed_in(&app.auditor).get(&check).status, 403);
    assert_eq!(lena.get(&format!("/incidents/{reference}/bundles/new?audience=everybody")).status, 404);

    let action = format!("/incidents/{reference}/bundles");
    let fields = [("audience", "hosting"), ("once", "one press")];
    let built = lena.submit(&check, &action, &fields);
    let page = follow(&lena, &built);
    assert!(
        page.body.contains("Bundle for the hosting company") && page.body.contains("allclear verify"),
        "{}",
        page.body
    );
    assert!(page.body.contains("report.md") && page.body.contains("evidence/01-mail.log.txt"));
    assert_eq!(lena.submit(&check, &action, &fields).location(), built.location(), "a second press builds none");

    let path = built.location().to_owned();
    let zip = lena.get(&format!("{path}/download"));
    assert_eq!((zip.status, zip.header("content-type")), (200, "application/zip"));
    assert!(zip.header("content-disposition").starts_with(&format!("attachment; filename=\"{reference}-hosting-")));
    assert!(zip.bytes.starts_with(b"PK"));
    use sha2::Digest as _;
    assert!(page.body.contains(&hex::encode(sha2::Sha256::digest(&zip.bytes))), "the hash shown is the file's");
    ladder(&app, &path, "/bundles/nothing");
    ladder(&app, &format!("{path}/download"), "/bundles/nothing/download");
    let onwards = format!("href=\"/incidents/{reference}/escalations/new?bundle=");
    assert!(page.body.contains(&onwards) && page.body.contains("allclear-keys.json"));
    let aldo = app.signed_in(&app.auditor).get(&path);
    assert!(aldo.status == 200 && !aldo.body.contains(&onwards), "an auditor may read bundles, and send none");
    assert_eq!(app.signed_in(&app.owner).get(&path).status, 403);
    assert_eq!(lena.send(lena.request("POST", &path)).status, 405);
    assert_eq!(app.signed_in(&app.auditor).submit("/", &action, &[("audience", "hosting")]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &action, &[("audience", "hosting")]).status, 404);
    assert_eq!(lena.submit(&check, &action, &[("audience", "everybody")]).status, 422);

    assert!(!page.body.contains("The incident has changed since"));
    seal(&lena, &reference, "later.log", b"one more line\n".to_vec());
    assert!(lena.get(&path).body.contains("Evidence was sealed after this bundle was built."));
    app.assert_audit_holds();
}

#[test]
fn missing_facts_are_named_and_refuse_all_but_our_own() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    let check = format!("/incidents/{reference}/bundles/new?audience=vendor");
    let preview = lena.get(&check);
    assert!(preview.body.contains("Not ready for the plugin vendor yet"), "{}", preview.body);
    assert!(preview.body.contains("9 needed facts missing") && preview.body.contains("edit#step"));
    assert!(!preview.body.contains("Build the bundle"));
    let action = format!("/incidents/{reference}/bundles");
    let refused = lena.submit(&check, &action, &[("audience", "vendor")]);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("PHP version"));
    let own = lena.submit(&check, &action, &[("audience", "internal")]);
    assert!(follow(&lena, &own).body.contains("Bundle for our own operations"));
}

#[test]
fn a_picture_goes_along_only_when_it_was_confirmed() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    seal(&lena, &reference, "shot.png", png());
    let check = format!("/incidents/{reference}/bundles/new?audience=hosting");
    let action = format!("/incidents/{reference}/bundles");
    let without = follow(&lena, &lena.submit(&check, &action, &[("audience", "hosting")]));
    assert!(without.body.contains("Pictures withheld") && without.body.contains("shot.png"), "{}", without.body);
    assert!(!without.body.contains("evidence/01-shot.png"));

    let preview = lena.get(&check);
    let at = preview.body.find("name=\"picture\" value=\"").expect("a box for the picture") + 22;
    let picture: String = preview.body[at..].chars().take_while(|c| *c != '"').collect();
    let wrong = format!("{}:{}", picture.split(':').next().unwrap(), "0".repeat(64));
    let stale = lena.submit(&check, &action, &[("audience", "hosting"), ("picture", &wrong)]);
    assert_eq!(stale.status, 412, "{}", errors(&stale));
    let with = follow(&lena, &lena.submit(&check, &action, &[("audience", "hosting"), ("picture", &picture)]));
    assert!(with.body.contains("evidence/01-shot.png") && !with.body.contains("Pictures withheld"), "{}", with.body);
    let after = follow(&lena, &lena.submit(&check, &action, &[("audience", "hosting")]));
    assert!(after.body.contains("Pictures withheld"), "a confirmation serves one bundle");

    let other = app.complete_incident("Another incident");
    let elsewhere = format!("/incidents/{other}/bundles");
    let stolen = lena.submit(&check, &elsewhere, &[("audience", "hosting"), ("picture", &picture)]);
    assert_eq!(stolen.status, 404, "a picture of another incident");
}

/// Puts a secret into the redacted form of the incident's evidence, as if the first pass had missed it.
fn smuggle(app: &App, secret: &str) {
    let folder = app.data.join("redacted");
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(file, format!("one line\ntoken {secret}\n")).unwrap();
}

#[test]
fn an_alarm_of_the_second_scan_needs_a_reason_and_a_second_person() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let lena = app.signed_in(&app.lead);
    seal(&lena, &reference, "mail.log", b"one line\n".to_vec());
    app.settle();
    smuggle(&app, "ghp_16C7e42F292c6912E7710c838347Ae178B4a");
    let check = format!("/incidents/{reference}/bundles/new?audience=hosting");
    let action = format!("/incidents/{reference}/bundles");
    let preview = lena.get(&check);
    assert!(preview.body.contains("Not ready for the hosting company yet"), "{}", preview.body);
    assert!(preview.body.contains("evidence/01-mail.log.txt, line 2"), "it says where");
    assert!(!preview.body.contains("16C7e42F292c69"), "and never what");
    assert!(preview.body.contains("See the place"));
    assert_eq!(lena.submit(&check, &action, &[("audience", "hosting")]).status, 409);

    let at = preview.body.find("action=\"/alarms/").expect("a form to answer it") + 8;
    let alarm: String = preview.body[at..].chars().take_while(|c| *c != '"').collect();
    let confirmation = format!("{alarm}/confirmation");
    let early = lena.submit(&check, &confirmation, &[("audience", "hosting")]);
    assert_eq!(early.status, 409, "{}", early.body);
    let short = lena.submit(&check, &alarm, &[("audience", "hosting"), ("alarm_reason", "no")]);
    assert_eq!(short.status, 422);
    assert!(short.body.matches("Say in a sentence why this is no secret.").count() >= 2, "{}", errors(&short));
    assert!(short.body.contains("value=\"no\""), "what was typed stays");

    let reason = "The token stands in the public manual of the vendor.";
    let asked = follow(&lena, &lena.submit(&check, &alarm, &[("audience", "hosting"), ("alarm_reason", reason)]));
    assert!(asked.body.contains(reason) && asked.body.contains("Waits for a second person."), "{}", asked.body);
    let alone = lena.submit(&check, &confirmation, &[("audience", "hosting")]);
    assert_eq!(alone.status, 409);
    assert!(alone.body.contains("The second person must be somebody else."), "{}", alone.body);

    let ada = app.signed_in(&app.admin);
    assert!(ada.get("/").body.contains(&format!("Is it a false alarm? {reference}")), "it waits on her home page");
    let lifted = follow(&ada, &ada.submit(&check, &confirmation, &[("audience", "hosting")]));
    assert!(lifted.body.contains("Ready to build for the hosting company"), "{}", lifted.body);
    assert_eq!(lena.submit(&check, &action, &[("audience", "hosting")]).status, 303);

    for path in [&alarm, &confirmation] {
        let fields = [("audience", "hosting"), ("alarm_reason", reason)];
        assert_eq!(app.signed_in(&app.outsider).submit("/", path, &fields).status, 404, "{path}");
        assert_eq!(app.signed_in(&app.auditor).submit("/", path, &fields).status, 403, "{path}");
        assert_eq!(lena.get(path).status, 405, "{path}");
    }
    assert_eq!(lena.submit("/", "/alarms/nothing", &[("alarm_reason", reason)]).status, 404);
    assert_eq!(lena.submit("/", "/alarms/nothing/confirmation", &[]).status, 404);
    app.assert_audit_holds();
}
