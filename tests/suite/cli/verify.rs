//! `allclear verify`.

use super::{Ended, Installation, binary, run};
use crate::support::App;
use allclear::actions::signing::OneKey;
use allclear::bundle::{self, Body, Contents};
use allclear::redaction::Redacted;
use std::io::Seek;
use std::path::{Path, PathBuf};

/// A bundle as a file, built by the act that builds all of them; and the public key that signed it.
fn bundle(folder: &Path) -> (PathBuf, String) {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let lead = app.desk.read(|c| {
        let person = allclear::store::people::by_email(c, &app.lead)?.unwrap();
        Ok(allclear::domain::person::Actor::Person(allclear::store::people::as_actor(c, &person)?))
    });
    let audience = allclear::domain::bundle::Audience::Hosting;
    let built = allclear::actions::build_bundle::run(&app.desk, &lead.unwrap(), &reference, audience).unwrap();
    let row = app
        .desk
        .read(|c| Ok(allclear::store::bundles::find(c, &allclear::domain::ids::BundleId::from_text(built.id))?));
    let path = folder.join("bundle.zip");
    let kept = app.desk.vault.path(allclear::vault::Shelf::Bundles, &row.unwrap().file).unwrap();
    std::fs::copy(kept, &path).unwrap();
    (path, app.desk.signer.public_key())
}

/// Verifies where there is no installation at all.
fn verify(file: &Path, more: &[&str]) -> Ended {
    let mut command = binary();
    let nowhere = file.parent().unwrap();
    command.arg("verify").arg(file).args(more).current_dir(nowhere).env("ALLCLEAR_DATA", nowhere.join("none"));
    run(command, b"")
}

#[test]
fn a_bundle_holds_for_whoever_knows_the_key_and_says_so_when_nobody_does() {
    let place = tempfile::tempdir().unwrap();
    let (file, key) = bundle(place.path());
    assert!(verify(&file, &[]).with(0).text.contains("signer unknown: integrity only"));
    assert!(!verify(&file, &["--key", &key]).with(0).text.contains("unknown"));

    let as_file = place.path().join("key.txt");
    std::fs::write(&as_file, format!("{key}\n")).unwrap();
    verify(&file, &["--key", as_file.to_str().unwrap()]).with(0);
    let x = key.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned();
    let jwk = serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    for json in [jwk.clone(), serde_json::json!({ "keys": [jwk] })] {
        std::fs::write(&as_file, json.to_string()).unwrap();
        assert!(!verify(&file, &["--key", as_file.to_str().unwrap()]).with(0).text.contains("unknown"));
    }
    verify(&file, &["--key", "no-such-file"]).refused(2, "no-such-file");
    let mut mistyped = binary();
    mistyped.arg("verify").arg(&file).current_dir(place.path()).env("ALLCLEAR_DATABASE_URL", "postgress://localhost/x");
    run(mistyped, b"").refused(2, "ALLCLEAR_DATABASE_URL");
    std::fs::write(&as_file, "not a key").unwrap();
    verify(&file, &["--key", as_file.to_str().unwrap()]).refused(2, "public key");
    assert!(!place.path().join("none").exists(), "looking makes nothing");
}

#[test]
fn another_key_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let (file, _) = bundle(place.path());
    let other = Installation::new().desk().signer.public_key();
    verify(&file, &["--key", &other]).refused(1, "another key");
}

#[test]
fn one_changed_byte_anywhere_is_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (file, key) = bundle(place.path());
    let good = std::fs::read(&file).unwrap();
    let changed = place.path().join("changed.zip");
    for at in [0, 3, 35, 60, good.len() / 3, good.len() / 2, good.len() - 200, good.len() - 96, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x20;
        std::fs::write(&changed, &bytes).unwrap();
        verify(&changed, &["--key", &key]).with(1);
    }
    // Every byte, by the same check in this process.
    let trusted = allclear::vault::PublicKey::parse(&key).unwrap();
    let holds = |bytes: &[u8]| {
        let worth = |_: &bundle::SignatureFile, message: &[u8], over: &str| match trusted.holds(message, over) {
            true => bundle::SignatureCheck::Known,
            false => bundle::SignatureCheck::Wrong,
        };
        bundle::verify(std::io::Cursor::new(bytes), worth, &mut |_, _| Ok(Vec::new()))
            .is_ok_and(|v| v.problems.is_empty())
    };
    assert!(holds(&good));
    let mut bytes = good.clone();
    for at in 0..good.len() {
        bytes[at] ^= 0x01;
        assert!(!holds(&bytes), "byte {at} of {}", good.len());
        bytes[at] ^= 0x01;
    }
}

#[test]
fn what_was_cut_off_does_not_hold_and_what_is_no_bundle_is_none() {
    let place = tempfile::tempdir().unwrap();
    let (file, key) = bundle(place.path());
    let good = std::fs::read(&file).unwrap();
    for length in [good.len() - 1, good.len() / 2, 100] {
        std::fs::write(&file, &good[..length]).unwrap();
        verify(&file, &["--key", &key]).with(1);
    }
    std::fs::write(&file, [good.as_slice(), b"x"].concat()).unwrap();
    verify(&file, &["--key", &key]).with(1);
    for other in [&b""[..], b"just text", b"PK\x03\x04 and then nothing of a bundle, only some more text"] {
        std::fs::write(&file, other).unwrap();
        verify(&file, &[]).refused(2, "not a bundle");
    }
    std::fs::remove_file(&file).unwrap();
    verify(&file, &[]).refused(2, "bundle.zip");
}

#[test]
fn a_secret_inside_is_found_though_all_is_signed() {
    let place = Installation::new();
    let desk = place.desk();
    let file = place.folder.path().join("bundle.zip");
    let leaked: &'static str =
        Box::leak(format!("key {}{}\n", ["AK", "IA"].concat(), "Q3EG7RTX2LMN5PZW").into_boxed_str());
    let contents = Contents {
        reference: "INC-2026-0001".into(),
        audience: "hosting".into(),
        members: vec![("report.md".into(), Body::Text(Redacted::literal(leaked)))],
        removals: Vec::new(),
        lifted: Vec::new(),
        rules: String::new(),
    };
    let mut out = std::fs::File::options().read(true).write(true).create(true).truncate(true).open(&file).unwrap();
    bundle::write(&mut out, contents, &OneKey(desk.signer.current())).unwrap();
    out.rewind().unwrap();
    let refused = place.run(&["verify", file.to_str().unwrap()]).refused(1, "the second scan found a secret");
    assert!(refused.errors.contains("report.md, line 1") && !refused.errors.contains(leaked.trim()));
}

#[test]
fn an_installation_knows_its_own_bundles() {
    let place = Installation::new();
    let desk = place.desk();
    let file = place.folder.path().join("bundle.zip");
    let contents = Contents {
        reference: "INC-2026-0001".into(),
        audience: "hosting".into(),
        members: vec![("report.md".into(), Body::Text(Redacted::literal("All is well.\n")))],
        removals: Vec::new(),
        lifted: Vec::new(),
        rules: String::new(),
    };
    let out = std::fs::File::options().read(true).write(true).create(true).truncate(true).open(&file).unwrap();
    bundle::write(out, contents, &OneKey(desk.signer.current())).unwrap();
    let held = place.run(&["verify", file.to_str().unwrap()]).with(0);
    assert!(held.text.contains("Signature: holds, key ") && held.text.contains("found no secret"), "{}", held.text);
}

#[test]
fn a_playbook_file_holds_or_says_why_not() {
    let place = tempfile::tempdir().unwrap();
    let agency = crate::practices::Agency::start();
    let file = agency.export(&agency.playbook());
    let key = agency.app.desk.signer.public_key();
    let path = place.path().join("playbook.json");
    let check = |file: &serde_json::Value, more: &[&str]| {
        std::fs::write(&path, serde_json::to_string_pretty(file).unwrap()).unwrap();
        verify(&path, more)
    };
    let held = check(&file, &["--key", &key]).with(0).text;
    assert!(held.contains("shop-north") && held.contains("Omar") && !held.contains("unknown"), "{held}");
    assert!(check(&file, &[]).with(0).text.contains("signer unknown"));
    let other = Installation::new().desk().signer.public_key();
    check(&file, &["--key", &other]).refused(1, "another key");
    let mut tampered = file.clone();
    tampered["document"]["playbook"]["title"] = "Another one".into();
    check(&tampered, &[]).refused(1, "changed after it was signed");
    tampered["signature"] = serde_json::Value::Null;
    check(&tampered, &[]).refused(1, "not signed");
    tampered["document"]["surprise"] = 1.into();
    check(&tampered, &[]).refused(2, "no playbook file");
}

#[test]
fn an_exported_audit_chain_holds_or_says_where_it_does_not() {
    let app = App::start();
    app.complete_incident("Mails go out twice");
    let exported = app.api(&app.token(&app.auditor)).get("/audit/export");
    assert_eq!((exported.status, exported.header("content-type")), (200, "application/x-ndjson"), "{}", exported.body);
    assert!(exported.header("content-disposition").contains("allclear-audit-"));
    let by_page = app.signed_in(&app.admin).get("/audit/export");
    let lines: Vec<&str> = exported.body.lines().collect();
    assert!(by_page.body.starts_with("{\"format\":\"allclear-audit/1\"") && by_page.body.contains(lines[1]));

    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("chain.jsonl");
    let key = app.desk.signer.public_key();
    let check = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        verify(&file, more)
    };
    let said = check(&exported.body, &["--key", &key]).with(0).text;
    assert!(said.contains(&format!("{} entries", lines.len() - 1)) && !said.contains("unknown"), "{said}");
    assert!(check(&exported.body, &[]).with(0).text.contains("signer unknown: integrity only"));
    check(&format!("{}\n", exported.body.replace('\n', "\r\n")), &[]).with(0);
    let other = App::start().desk.signer.public_key();
    check(&exported.body, &["--key", &other]).refused(1, "another key");

    let changed = exported.body.replacen("\"act\":\"filed\"", "\"act\":\"closed\"", 1);
    check(&changed, &[]).refused(1, "was altered");
    let without = |place: usize| {
        let rest = lines.iter().enumerate().filter(|(n, _)| *n != place).map(|(_, line)| format!("{line}\n"));
        rest.collect::<String>()
    };
    check(&without(3), &[]).refused(1, "entry 3 is missing");
    check(&without(lines.len() - 1), &[]).refused(1, "it ends at entry");
    check(&exported.body[..exported.body.len() - 40], &[]).refused(1, &format!("line {} is no entry", lines.len()));
    let head = lines[0].replacen("\"hash\":\"", "\"hash\":\"0", 1);
    check(&format!("{head}\n{}", lines[1..].join("\n")), &[]).refused(1, "signature of its head");
    check(&format!("{}\n{}", lines[0], "x".repeat(300_000)), &[]).refused(1, "line 2 is no entry");
}
