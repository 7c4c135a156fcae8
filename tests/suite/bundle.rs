//! Bundles, from the first refusal to the verified zip.

use crate::story::{Story, approval, good};
use crate::support::{Api, App};
use allclear::actions::pause::{self, Switch};
use allclear::bundle::{SignatureCheck, Verified, verify};
use allclear::vault::{PublicKey, Shelf};
use proptest::prelude::*;
use serde_json::json;
use std::io::{Cursor, Read};

/// Builds a bundle and fetches it.
fn build(api: &Api, reference: &str, audience: &str) -> Vec<u8> {
    let built = api.post(&format!("/incidents/{reference}/bundles"), &json!({ "audience": audience }));
    assert_eq!(built.status, 201, "{}", built.body);
    let zip = api.get(built.location().strip_prefix("/api/v1").unwrap());
    assert_eq!((zip.status, zip.header("content-type")), (200, "application/zip"));
    assert_eq!(zip.header("etag"), format!("\"{}\"", built.json["sha256"].as_str().unwrap()));
    assert_eq!(zip.bytes.len() as u64, built.json["size"].as_u64().unwrap());
    zip.bytes
}

fn check(app: &App, zip: &[u8]) -> Result<Verified, String> {
    let key = PublicKey::parse(&app.desk.signer.public_key()).unwrap();
    verify(
        Cursor::new(zip),
        |_, message, signature| match key.holds(message, signature) {
            true => SignatureCheck::Known,
            false => SignatureCheck::Wrong,
        },
        &mut |_, _| Ok(Vec::new()),
    )
}

fn holds(app: &App, zip: &[u8]) -> bool {
    check(app, zip).is_ok_and(|found| found.problems.is_empty())
}

/// A member of the zip.
fn member(zip: &[u8], path: &str) -> Option<Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut bytes = Vec::new();
    zip.by_name(path).ok()?.read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn names(zip: &[u8]) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    (0..zip.len()).map(|at| zip.by_index(at).unwrap().name().unwrap().into_owned()).collect()
}

#[test]
fn every_missing_mandatory_fact_is_named() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let path = format!("/incidents/{reference}/bundles");
    let facts = [
        ("affected_user", json!({ "affected_user": "shop manager" })),
        ("affected_screen", json!({ "affected_screen": "Orders" })),
        ("sophmate_version", json!({ "versions": { "sophmate": "3.2.1" } })),
        ("wordpress_version", json!({ "versions": { "wordpress": "6.9" } })),
        ("php_version", json!({ "versions": { "php": "8.3" } })),
        ("steps", json!({ "steps": ["Open it"] })),
        ("expected", json!({ "expected": "One mail" })),
        ("actual", json!({ "actual": "Two mails" })),
        ("error_report", json!({ "error_report_none": true })),
    ];
    for filled in 0..facts.len() {
        let refused = api.post(&path, &json!({ "audience": "hosting" }));
        let left: Vec<String> = facts[filled..].iter().map(|(fact, _)| format!("missing_{fact}")).collect();
        assert_eq!((refused.status, refused.codes()), (409, left.iter().map(String::as_str).collect()));
        assert_eq!(api.patch(&format!("/incidents/{reference}"), &facts[filled].1).status, 200);
    }
    assert_eq!(api.post(&path, &json!({ "audience": "hosting" })).status, 201);
    app.assert_audit_holds();
}

#[test]
fn ladder() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let path = format!("/incidents/{reference}/bundles");
    let ask = json!({ "audience": "internal" });
    let lead = app.api(&app.token(&app.lead));
    assert_eq!(app.api(&app.token(&app.outsider)).post(&path, &ask).status, 404);
    assert_eq!(app.api(&app.token(&app.owner)).post(&path, &ask).status, 403);
    assert_eq!(lead.post("/incidents/INC-1999-0001/bundles", &ask).status, 404);
    assert_eq!(lead.get(&path).status, 405);
    assert_eq!(lead.post(&path, &json!({})).fields(), ["audience"]);
    assert_eq!(lead.post(&path, &json!({ "audience": "press" })).fields(), ["audience"]);
    let built = lead.post(&path, &ask);
    let at = format!("/bundles/{}", built.json["id"].as_str().unwrap());
    assert_eq!(app.api(&app.token(&app.outsider)).get(&at).status, 404);
    assert_eq!(app.api(&app.token(&app.owner)).get(&at).status, 403);
    assert_eq!(app.api(&app.token(&app.auditor)).get(&at).status, 200);
    assert_eq!(lead.get("/bundles/none").status, 404);
    assert_eq!(lead.post("/alarms/none/lifting", &json!({ "reason": "long enough a reason" })).status, 404);
}

#[test]
fn a_bundle_holds_what_was_promised_and_verifies() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let log = format!("one\nDB_PASSWORD=gr33n-{}\n", "lantern!77Qz");
    api.post_bytes(&format!("/incidents/{reference}/evidence?name=debug.log"), log);
    let binary: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let dropped = api.post_bytes(&format!("/incidents/{reference}/evidence?name=core.bin"), binary);
    assert_eq!((dropped.status, &dropped.json["media"]), (201, &json!("dropped")), "{}", dropped.body);
    assert!(dropped.json["warning"].is_string());
    app.settle();

    let zip = build(&api, &reference, "hosting");
    let expected = [
        "report.md",
        "report.html",
        "report.json",
        "evidence/01-debug.log.txt",
        "redactions.json",
        "manifest.json",
        "signature.json",
    ];
    assert_eq!(names(&zip), expected);
    let verified = check(&app, &zip).unwrap();
    assert_eq!((verified.problems, verified.signature), (Vec::new(), SignatureCheck::Known));
    let report = String::from_utf8(member(&zip, "report.md").unwrap()).unwrap();
    for words in ["Mails go out twice", &reference, "core.bin", "neither text nor a picture", "Press resend"] {
        assert!(report.contains(words), "{words} is not in\n{report}");
    }
    let json: serde_json::Value = serde_json::from_slice(&member(&zip, "report.json").unwrap()).unwrap();
    assert_eq!(json["facts"]["versions"]["php"], "8.3.14");
    let evidence = String::from_utf8(member(&zip, "evidence/01-debug.log.txt").unwrap()).unwrap();
    assert!(evidence.starts_with("one\nDB_PASSWORD=[") && !evidence.contains("gr33n"), "{evidence}");
    let removals: serde_json::Value = serde_json::from_slice(&member(&zip, "redactions.json").unwrap()).unwrap();
    assert!(removals.as_array().unwrap().iter().any(|r| r["path"] == "evidence/01-debug.log.txt"), "{removals}");
    let html = String::from_utf8(member(&zip, "report.html").unwrap()).unwrap();
    assert!(!html.contains("<script"), "no script in a report");
}

#[test]
fn the_report_names_what_is_still_paused_and_nothing_else() {
    let story = Story::begin();
    story.complete();
    let request = story.ask();
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    let paused = |story: &Story| {
        let zip = build(&story.lead(), &story.reference, "hosting");
        let report = String::from_utf8(member(&zip, "report.md").unwrap()).unwrap();
        let (_, rest) = report.split_once("## What we paused").unwrap();
        rest.split_once("## ").unwrap().0.trim().to_owned()
    };
    assert_eq!(paused(&story), "Nothing.", "it was lifted");
    let hold = |email: &str, switch: Switch| {
        let actor = story.app.actor(email);
        pause::run(&story.app.desk, &actor, &switch, None, Some(&story.reference)).unwrap();
    };
    let stock = story.app.automation("stock-sync");
    hold(&story.app.lead, Switch::Automation(stock.clone()));
    hold(&story.app.admin, Switch::Automation(stock));
    hold(&story.app.lead, Switch::Named(format!("site:{}", story.app.site)));
    for everywhere in ["support", "all"] {
        hold(&story.app.admin, Switch::Named(everywhere.into()));
    }
    let told = paused(&story);
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("- ")).collect();
    assert_eq!(lines.len(), 4, "{told}");
    assert_eq!(lines.iter().filter(|line| line.contains("stock")).count(), 1, "{told}");
    for words in ["Every automation of the site", "Every automation of the category support"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(lines.contains(&"- Every automation") && !told.contains("order"), "{told}");
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    api.post_bytes(&format!("/incidents/{reference}/evidence?name=debug.log"), "an ordinary line\n");
    app.settle();
    let first = build(&api, &reference, "hosting");
    app.desk.clock.advance(chrono::Duration::hours(3));
    assert!(first == build(&api, &reference, "hosting"));
    assert!(first != build(&api, &reference, "vendor"));
}

#[test]
fn not_one_byte_can_change() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    api.post_bytes(&format!("/incidents/{reference}/evidence?name=debug.log"), "an ordinary line\n");
    app.settle();
    let zip = build(&api, &reference, "hosting");
    assert!(holds(&app, &zip));
    proptest!(ProptestConfig::with_cases(300), |(at in 0..zip.len(), flip in 1..=255_u8)| {
        let mut altered = zip.clone();
        altered[at] ^= flip;
        prop_assert!(!holds(&app, &altered), "byte {} of {}", at, zip.len());
    });
    for cut in [1, 10, zip.len() / 2] {
        assert!(!holds(&app, &zip[..zip.len() - cut]));
        assert!(!holds(&app, &zip[cut..]));
    }
    let longer: Vec<u8> = zip.iter().copied().chain(*b"x").collect();
    assert!(!holds(&app, &longer));
}

/// A PNG with a text in its metadata.
fn picture_with_metadata(words: &str) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(20, 10).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let body = [b"tEXt".as_slice(), b"Comment\0", words.as_bytes()].concat();
    let mut chunk = (body.len() as u32 - 4).to_be_bytes().to_vec();
    chunk.extend_from_slice(&body);
    chunk.extend_from_slice(&crc32fast::hash(&body).to_be_bytes());
    // After the signature (8 bytes) and the header's chunk (25 bytes).
    [&png[..33], &chunk, &png[33..]].concat()
}

#[test]
fn a_picture_goes_along_only_for_whom_it_was_released_and_without_metadata() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let picture = picture_with_metadata("taken at 52.52 13.40");
    let sealed = api.post_bytes(&format!("/incidents/{reference}/evidence?name=screen.png"), picture);
    assert_eq!((sealed.status, &sealed.json["media"]), (201, &json!("picture")), "{}", sealed.body);
    let path = format!("/evidence/{}", sealed.json["id"].as_str().unwrap());
    let shown = api.get(&path);
    assert_eq!((shown.header("content-type"), shown.header("x-content-type-options")), ("image/png", "nosniff"));
    assert!(!shown.body.contains("52.52"), "metadata is gone");
    app.settle();

    let withheld = build(&api, &reference, "hosting");
    assert!(names(&withheld).iter().all(|name| !name.ends_with(".png")));
    assert!(String::from_utf8(member(&withheld, "report.md").unwrap()).unwrap().contains("Picture withheld"));

    let releases = format!("{path}/releases");
    let release = json!({ "audience": "hosting", "sha256": sealed.json["sha256"] });
    assert_eq!(app.api(&app.token(&app.outsider)).post(&releases, &release).status, 404);
    assert_eq!(app.api(&app.token(&app.owner)).post(&releases, &release).status, 403);
    let other = json!({ "audience": "hosting", "sha256": "0".repeat(64) });
    assert_eq!(api.post(&releases, &other).status, 412, "what was looked at is not what is there");
    let released = api.post(&releases, &release);
    assert_eq!(released.status, 201, "{}", released.body);

    let for_vendor = build(&api, &reference, "vendor");
    assert!(names(&for_vendor).iter().all(|name| !name.ends_with(".png")), "released for another");
    let along = build(&api, &reference, "hosting");
    assert!(holds(&app, &along));
    let inside = member(&along, "evidence/01-screen.png").unwrap();
    assert_eq!(inside, shown.bytes);
    let next = build(&api, &reference, "hosting");
    assert!(names(&next).iter().all(|name| !name.ends_with(".png")), "a release serves one bundle");
    app.assert_audit_holds();
}

#[test]
fn the_second_scan_refuses_a_leak_and_two_people_lift_a_false_alarm() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let lead = app.api(&app.token(&app.lead));
    lead.post_bytes(&format!("/incidents/{reference}/evidence?name=debug.log"), "an ordinary line\n");
    app.settle();
    // As if the first pass had failed: a key stands on the shelf of redacted forms.
    let key = format!("sk-proj-{}", "lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4");
    let file = app.desk.vault.files(Shelf::Redacted).unwrap().remove(0);
    std::fs::write(app.desk.vault.path(Shelf::Redacted, &file).unwrap(), format!("one\nkey {key}\n")).unwrap();

    let path = format!("/incidents/{reference}/bundles");
    let ask = json!({ "audience": "hosting" });
    let refused = lead.post(&path, &ask);
    assert_eq!((refused.status, refused.codes()), (409, vec!["second_scan"]), "{}", refused.body);
    let message = refused.json["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("evidence/01-debug.log.txt, line 2"), "{message}");
    assert!(!refused.body.contains(&key));

    let alarms = lead.get(&format!("/incidents/{reference}/alarms"));
    let alarm = &alarms.json["items"][0];
    assert_eq!((&alarm["rule"], &alarm["lifted"]), (&json!("openai-key"), &json!(false)), "{}", alarms.body);
    let (lifting, confirmation) = (
        format!("/alarms/{}/lifting", alarm["id"].as_str().unwrap()),
        format!("/alarms/{}/confirmation", alarm["id"].as_str().unwrap()),
    );
    let admin = app.api(&app.token(&app.admin));
    assert_eq!(admin.post(&confirmation, &json!({})).codes(), ["not_asked"]);
    assert_eq!(lead.post(&lifting, &json!({ "reason": "no" })).fields(), ["reason"]);
    assert_eq!(app.api(&app.token(&app.outsider)).post(&lifting, &json!({ "reason": "an example key" })).status, 404);
    assert_eq!(app.api(&app.token(&app.owner)).post(&lifting, &json!({ "reason": "an example key" })).status, 403);
    assert_eq!(
        lead.post(&lifting, &json!({ "reason": "It is the vendor's published example." })).json["lifted"],
        false
    );
    assert_eq!(lead.post(&path, &ask).status, 409, "one person is not enough");
    assert_eq!(lead.post(&confirmation, &json!({})).codes(), ["same_person"]);
    let agreed = admin.post(&confirmation, &json!({}));
    assert_eq!((agreed.status, &agreed.json["lifted"]), (201, &json!(true)), "{}", agreed.body);
    let zip = build(&lead, &reference, "hosting");
    app.assert_audit_holds();

    // Whoever checks it offline is told of the false alarm instead of taking the bundle for a leak.
    let manifest: serde_json::Value = serde_json::from_slice(&member(&zip, "manifest.json").unwrap()).unwrap();
    assert_eq!(manifest["lifted"], json!([{ "path": "evidence/01-debug.log.txt", "rule": "openai-key" }]));
    let saved = app.data.join("lifted.zip");
    std::fs::write(&saved, &zip).unwrap();
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_allclear"))
        .args(["verify", saved.to_str().unwrap()])
        .current_dir(&app.data)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(words.contains("called a false alarm"), "{words}");
}

#[test]
fn report_and_mail_name_the_address_of_the_public_keys() {
    let app = App::start_at("https://allclear.example.org");
    let keys = "https://allclear.example.org/.well-known/allclear-keys.json";
    let reference = app.complete_incident("Mails go out twice");
    let api = app.api(&app.token(&app.lead));
    let zip = build(&api, &reference, "hosting");
    for name in ["report.md", "report.html"] {
        assert!(String::from_utf8(member(&zip, name).unwrap()).unwrap().contains(keys), "{name}");
    }
    let verified = check(&app, &zip).unwrap();
    assert_eq!((verified.problems, verified.signature), (Vec::new(), SignatureCheck::Known));
    let id = api.post(&format!("/incidents/{reference}/bundles"), &json!({ "audience": "hosting" })).json["id"].clone();
    let sent = api.post(
        &format!("/incidents/{reference}/escalations"),
        &json!({ "destination": "hosting", "to": "support@host.example", "bundle": id,
            "message": "Please look why outbound HTTPS stops after a minute.",
            "routing": { "validation_error": false, "host_connectivity": true, "provider_failure": false,
                "reproducible_plugin_issue": false } }),
    );
    assert_eq!(sent.status, 202, "{}", sent.body);
    app.settle();
    let mail =
        app.files().into_iter().find(|(path, _)| path.extension().is_some_and(|ending| ending == "eml")).unwrap();
    let mail = String::from_utf8_lossy(&mail.1).replace("=\r\n", "");
    assert!(mail.contains(keys), "{mail}");
    // On this machine alone the address helps nobody.
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let zip = build(&app.api(&app.token(&app.lead)), &reference, "hosting");
    assert!(!String::from_utf8(member(&zip, "report.md").unwrap()).unwrap().contains("allclear-keys.json"));
}
