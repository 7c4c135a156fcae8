//! The certificate of an approved restart, and its check offline.

use super::restarted;
use crate::cli::{Ended, binary, run};
use serde_json::json;
use std::path::Path;

fn verify(file: &Path, more: &[&str]) -> Ended {
    let mut command = binary();
    let nowhere = file.parent().unwrap();
    command.arg("verify").arg(file).args(more).current_dir(nowhere).env("ALLCLEAR_DATA", nowhere.join("none"));
    run(command, b"")
}

#[test]
fn an_approved_restart_yields_a_document_that_says_on_what_it_rests() {
    let (story, request) = restarted();
    let path = format!("/restart-requests/{request}/certificate");
    let reply = story.auditor().get(&path);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let said = &reply.json["statement"];
    assert_eq!(said["format"], "allclear-certificate/1");
    assert_eq!(
        (&said["request"]["ceiling"], &said["automations"][0]["scope"]),
        (&json!("normal"), &json!("read_only"))
    );
    let kinds: Vec<_> = said["settled"].as_array().unwrap().iter().map(|item| item["kind"].clone()).collect();
    assert_eq!(kinds, ["review", "action", "check", "criterion"]);
    assert!(said["settled"].as_array().unwrap().iter().all(|item| item["digest"].as_str().unwrap().len() == 64));
    let part = |name: &str| {
        let actors = said["actors"].as_array().unwrap();
        actors.iter().find(|actor| actor["name"] == name).unwrap()["parts"].clone()
    };
    assert_eq!(part("Ada"), json!(["approved"]));
    assert_eq!(part("Lena"), json!(["verified_action"]));
    assert!(part("Omar").as_array().unwrap().contains(&json!("asked")));
    // The head it names stands in the chain.
    let seq = said["audit"]["seq"].as_i64().unwrap();
    let entries = story.admin().get(&format!("/audit?limit=1&cursor={}", seq + 1));
    assert_eq!(entries.json["items"][0]["hash"], said["audit"]["hash"]);
    assert_eq!(story.outsider().get(&path).status, 404);
    assert_eq!(story.auditor().get("/restart-requests/nothing/certificate").status, 404);
}

#[test]
fn only_an_approval_yields_one() {
    let story = crate::story::Story::begin();
    story.complete();
    let request = story.ask();
    assert_eq!(story.lead().get(&format!("/restart-requests/{request}/certificate")).status, 404);
}

#[test]
fn it_is_checked_offline_and_a_changed_byte_is_noticed() {
    let (story, request) = restarted();
    let document = story.auditor().get(&format!("/restart-requests/{request}/certificate")).bytes;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("certificate.json");
    std::fs::write(&file, &document).unwrap();
    assert!(verify(&file, &[]).with(0).text.contains("signer unknown: integrity only"));
    let key = story.app.desk.signer.public_key();
    let known = verify(&file, &["--key", &key]).with(0);
    assert!(known.text.contains(&story.reference) && !known.text.contains("unknown"), "{}", known.text);
    // A key of RFC 8032, section 7.1.
    verify(&file, &["--key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]).refused(1, "another key");
    let length = document.len();
    for at in [0, 1, 5, length / 3, length / 2, length - 40, length - 3, length - 1] {
        let mut changed = document.clone();
        changed[at] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        verify(&file, &["--key", &key]).with(1);
    }
    std::fs::write(&file, &document[..length / 2]).unwrap();
    verify(&file, &[]).with(1);
    let mut longer = document.clone();
    longer.push(b'\n');
    std::fs::write(&file, &longer).unwrap();
    verify(&file, &[]).with(1);
}

#[test]
fn every_byte_of_it_counts() {
    use allclear::bundle::{SignatureCheck, certificate};
    let (story, request) = restarted();
    let document = story.auditor().get(&format!("/restart-requests/{request}/certificate")).bytes;
    let key = allclear::vault::PublicKey::parse(&story.app.desk.signer.public_key()).unwrap();
    let worth = |signature: &allclear::bundle::SignatureFile, message: &[u8]| {
        if key.holds(message, &signature.signature) { SignatureCheck::Known } else { SignatureCheck::Wrong }
    };
    let holds = |bytes: &[u8]| certificate::verify(bytes, worth).is_ok_and(|checked| checked.problems.is_empty());
    assert!(holds(&document));
    for at in 0..document.len() {
        let mut changed = document.clone();
        changed[at] ^= 1;
        assert!(!holds(&changed), "byte {at}");
    }
}

#[test]
fn the_page_shows_it_and_leads_to_the_file() {
    let (story, request) = restarted();
    let aldo = story.app.signed_in(&story.app.auditor);
    let page = aldo.get(&format!("/restart-requests/{request}/certificate"));
    assert_eq!(page.status, 200, "{}", page.body);
    for words in ["Restart certificate", &story.reference, "Resend an order", "Ada", "read only"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let file = aldo.get(&format!("/restart-requests/{request}/certificate.json"));
    assert!(file.header("content-disposition").contains(&format!("{}-certificate.json", story.reference)));
    let api = story.auditor().get(&format!("/restart-requests/{request}/certificate"));
    assert_eq!(file.bytes, api.bytes);
    assert!(
        aldo.get(&format!("/incidents/{}/restart", story.reference)).body.contains(&format!("{request}/certificate"))
    );
    let olga = story.app.signed_in(&story.app.outsider);
    assert_eq!(olga.get(&format!("/restart-requests/{request}/certificate")).status, 404);
}
