//! `allclear verify`: is this bundle, restart certificate, playbook or audit chain what was signed, and does the bundle hold
//! a secret?
//! Trusts nothing of the file, and needs neither network nor data folder.

use super::Stop;
use crate::actions::build_bundle::scan_in_windows;
use crate::bundle::certificate;
use crate::bundle::{self, SignatureCheck, SignatureFile, Verified};
use crate::config::Config;
use crate::redaction::scan::{Alarm, Scanner};
use crate::redaction::{Level, PlaceholderKey, Rules};
use crate::store::{self, Address, keys};
use crate::vault::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The bundle, the certificate of a restart, the playbook, or the exported audit chain.
    file: PathBuf,
    /// The signer's public key: a file (base64, a JWK, or a set of JWKs), or the base64 itself. Without it: the keys of
    /// this installation.
    #[arg(long, value_name = "FILE")]
    key: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let mut file = File::open(&arguments.file).map_err(|e| Stop::file("read", &arguments.file, &e))?;
    let trusted = match &arguments.key {
        Some(key) => pinned(key)?,
        None => own_keys(),
    };
    if super::verify_audit::resembles(&mut file) {
        return super::verify_audit::run(&arguments.file, file, &trusted, arguments.key.is_some());
    }
    if let Some(text) = certificate_text(&mut file).map_err(|e| Stop::file("read", &arguments.file, &e))? {
        return run_certificate(arguments, &text, &trusted);
    }
    if super::verify_playbook::resembles(&mut file) {
        return super::verify_playbook::run(&arguments.file, &trusted, arguments.key.is_some());
    }
    let mut notes = Vec::new();
    let verified = check(&mut file, &trusted, &mut notes).map_err(|why| {
        let name = arguments.file.display();
        // What begins or ends like a bundle and cannot be read was one: that is a finding, not a mistyped name.
        if resembles_a_bundle(&mut file) {
            Stop::DoesNotHold(format!("{name} does not hold: {why}"))
        } else {
            Stop::Cannot(format!("{name} is no bundle, certificate, playbook file or audit chain ({why})"))
        }
    })?;
    let mut problems = verified.problems.clone();
    if arguments.key.is_some() && verified.signature == SignatureCheck::Unknown {
        problems.push(format!("it is signed by another key ({}) than the one given", verified.key_id));
    }
    if !problems.is_empty() {
        return Err(Stop::DoesNotHold(format!("{} does not hold: {}", arguments.file.display(), problems.join("; "))));
    }
    report(&verified, &notes);
    Ok(())
}

/// The whole file, when it looks like a certificate and not like a bundle.
fn certificate_text(file: &mut File) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let small = file.metadata()?.len() <= certificate::SIZE_MAX;
    if small && !resembles_a_bundle(file) {
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(certificate::resembles(&bytes).then_some(bytes))
}

fn run_certificate(arguments: &Arguments, text: &[u8], trusted: &[PublicKey]) -> Result<(), Stop> {
    let name = arguments.file.display();
    let fails = |why: &str| Stop::DoesNotHold(format!("{name} does not hold: {why}"));
    let worth = |signature: &SignatureFile, message: &[u8]| worth(trusted, signature, message, &signature.signature);
    let checked = certificate::verify(text, worth).map_err(|why| fails(&why))?;
    let (statement, key) = (&checked.certificate.statement, &checked.certificate.signature.key_id);
    let mut problems = checked.problems;
    if arguments.key.is_some() && checked.signature == SignatureCheck::Unknown {
        problems.push(format!("it is signed by another key ({key}) than the one given"));
    }
    if !problems.is_empty() {
        return Err(fails(&problems.join("; ")));
    }
    let slugs: Vec<&str> = statement.automations.iter().map(|automation| automation.slug.as_str()).collect();
    println!("Restart certificate of {}: {}", statement.incident.reference, slugs.join(", "));
    println!("Approved at {}, up to {}", statement.request.approved_at, statement.request.ceiling);
    println!("Audit head before it: entry {}, {}", statement.audit.seq, statement.audit.hash);
    report_signature(checked.signature == SignatureCheck::Known, key);
    Ok(())
}

/// Says of a signature that holds whether anybody vouches for its key.
pub(super) fn report_signature(known: bool, key: &str) {
    match known {
        true => println!("Signature: holds, key {key}"),
        false => println!("Signature: holds, but signer unknown: integrity only (key {key})"),
    }
}

fn report(verified: &Verified, notes: &[String]) {
    let manifest = &verified.manifest;
    println!("Bundle of {} for {}", manifest.reference, manifest.audience);
    println!("Members: {}, every hash holds", manifest.members.len());
    report_signature(verified.signature == SignatureCheck::Known, &verified.key_id);
    if notes.is_empty() {
        println!("Second scan: found no secret");
    }
    for note in notes {
        println!("Second scan, for a person to look at: {note}");
    }
}

/// Two readings: the first learns which hashes are ours, the second looks for secrets.
fn check(file: &mut File, trusted: &[PublicKey], notes: &mut Vec<String>) -> Result<Verified, String> {
    let worth = |signature: &SignatureFile, message: &[u8], over: &str| worth(trusted, signature, message, over);
    let first = bundle::verify(&mut *file, worth, &mut |_, _| Ok(Vec::new()))?;
    let allowed: Vec<String> = first.manifest.members.iter().map(|member| member.sha256.clone()).collect();
    let lifted = first.manifest.lifted;
    let scanner = scanner()?.allowing(&allowed);
    file.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
    bundle::verify(&mut *file, worth, &mut |path, member| {
        let found = scan_in_windows(&scanner, path, member).map_err(|e| std::io::Error::other(e.to_string()))?;
        let (answered, found): (Vec<Alarm>, Vec<Alarm>) = found
            .into_iter()
            .partition(|alarm| lifted.iter().any(|lifted| lifted.path == alarm.member && lifted.rule == alarm.rule));
        notes.extend(answered.iter().map(|alarm| format!("{}, which its signers called a false alarm", place(alarm))));
        let (doubts, secrets): (Vec<Alarm>, Vec<Alarm>) =
            found.into_iter().partition(|alarm| alarm.level == Level::Suspicious);
        notes.extend(doubts.iter().map(place));
        Ok(secrets.iter().map(|alarm| format!("the second scan found a secret: {}", place(alarm))).collect())
    })
}

fn place(alarm: &Alarm) -> String {
    format!("{} in {}, line {}, column {}", alarm.rule, alarm.member, alarm.line, alarm.column)
}

fn scanner() -> Result<Scanner, String> {
    let rules = Rules::embedded().map_err(|e| format!("the rules of redaction: {e}"))?;
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|e| format!("no randomness: {e}"))?;
    Ok(Scanner::new(Arc::new(rules), PlaceholderKey::from_bytes(key)))
}

fn worth(trusted: &[PublicKey], signature: &SignatureFile, message: &[u8], over: &str) -> SignatureCheck {
    if trusted.iter().any(|key| key.holds(message, over)) {
        return SignatureCheck::Known;
    }
    match PublicKey::parse(&signature.public_key) {
        Ok(stated) if stated.holds(message, over) => SignatureCheck::Unknown,
        _ => SignatureCheck::Wrong,
    }
}

/// The keys of this installation, as far as there is one that can be read.
fn own_keys() -> Vec<PublicKey> {
    let Ok(config) = Config::read() else { return Vec::new() };
    let Ok(rows) = store::look(&config.database, keys::list) else {
        if let Address::Postgres(_) = config.database {
            eprintln!("allclear: the database does not answer, so this installation's keys are not known");
        }
        return Vec::new();
    };
    rows.iter().filter_map(|row| PublicKey::parse(row.public_key.as_deref()?).ok()).collect()
}

/// A key that the caller trusts, from a file or as it stands.
fn pinned(key: &str) -> Result<Vec<PublicKey>, Stop> {
    let path = Path::new(key);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(_) if is_key(key) => key.to_owned(),
        Err(e) => return Err(Stop::file("read the key file", path, &e)),
    };
    let keys = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(json) => jwks(&json),
        Err(_) => PublicKey::parse(&text).into_iter().collect(),
    };
    if keys.is_empty() {
        return Err(Stop::Cannot(format!("{key} holds no Ed25519 public key (base64, or a JWK with crv Ed25519)")));
    }
    Ok(keys)
}

fn is_key(text: &str) -> bool {
    PublicKey::parse(text).is_ok()
}

/// The Ed25519 keys of a JWK or of a set of them (RFC 7517, RFC 8037).
fn jwks(json: &serde_json::Value) -> Vec<PublicKey> {
    let many = json["keys"].as_array().cloned().unwrap_or_else(|| vec![json.clone()]);
    many.iter()
        .filter(|jwk| jwk["crv"] == "Ed25519")
        .filter_map(|jwk| URL_SAFE_NO_PAD.decode(jwk["x"].as_str()?).ok())
        .filter_map(|bytes| PublicKey::parse(&STANDARD.encode(bytes)).ok())
        .collect()
}

/// Does the file begin with the member that every bundle begins with, or end with a seal?
fn resembles_a_bundle(file: &mut File) -> bool {
    let mut head = [0; 39];
    let begins = file.seek(SeekFrom::Start(0)).is_ok()
        && file.read_exact(&mut head).is_ok()
        && head.starts_with(b"PK\x03\x04")
        && head.ends_with(b"report.md");
    begins || ends_with_a_seal(file)
}

fn ends_with_a_seal(file: &mut File) -> bool {
    let mut tail = Vec::new();
    let length = bundle::SEAL_LENGTH as u64;
    let Ok(size) = file.seek(SeekFrom::End(0)) else { return false };
    file.seek(SeekFrom::Start(size.saturating_sub(length))).is_ok()
        && file.read_to_end(&mut tail).is_ok()
        && tail.starts_with(bundle::SEAL.as_bytes())
}
