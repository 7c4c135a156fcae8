//! The words of an escalation's mail, and the second scan over them.

use super::build_bundle::scan_in_windows;
use super::report::BothZones;
use super::{Desk, Failure, lift_alarm};
use crate::domain::person::Actor;
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::redaction::scan::Scanner;
use crate::store::bundles::BundleRow;
use crate::store::incidents::IncidentRow;
use crate::store::sites::SiteRow;

/// What the words are made of.
pub(super) struct Source<'a> {
    pub(super) incident: &'a IncidentRow,
    pub(super) site: &'a SiteRow,
    pub(super) bundle: &'a BundleRow,
    pub(super) message: &'a Redacted,
    pub(super) sender_name: &'a str,
}

/// The parts of a mail.
pub(super) struct Words {
    pub(super) subject: Redacted,
    pub(super) text: Redacted,
    pub(super) html: Redacted,
    pub(super) bundle_name: String,
}

/// Renders the parts; each is redacted as a whole on its way out, whatever the template or the registry put in.
pub(super) fn compose(desk: &Desk, source: &Source) -> Result<Words, Failure> {
    let redactor = desk.redactor(source.incident, source.site)?;
    let bundle_name = format!("{}-{}.zip", source.incident.reference, source.bundle.audience);
    let context = serde_json::json!({
        "message": source.message,
        "paragraphs": source.message.as_str().split("\n\n").collect::<Vec<_>>(),
        "request": source.bundle.audience.request(),
        "bundle_name": bundle_name,
        "sha256": source.bundle.sha256,
        "reference": source.incident.reference,
        "title": source.incident.title,
        "occurred": BothZones::of(source.incident.occurred_at, &source.site.time_zone),
        "sender_name": source.sender_name,
        "keys": desk.address_of_keys(),
    });
    let text = desk.renderer.render("mail/escalation.txt", &context)?;
    let html = desk.renderer.render("mail/escalation.html", &context)?;
    let subject = format!("[{}] {}", source.incident.reference, source.incident.title);
    Ok(Words {
        subject: redactor.text(&subject).text,
        text: redactor.text(&text).text,
        html: redactor.text(&html).text,
        bundle_name,
    })
}

/// Refuses words in which the second scan finds something that nobody has lifted, saying where.
pub(super) fn refuse_leaks(desk: &Desk, actor: &Actor, source: &Source, words: &Words) -> Result<(), Failure> {
    let mut allowed = vec![
        source.site.production_url.clone(),
        source.incident.reference.clone(),
        source.bundle.sha256.clone(),
        words.bundle_name.clone(),
    ];
    allowed.extend(source.site.staging_url.clone());
    allowed.extend(desk.address_of_keys());
    let scanner = Scanner::new(desk.rules(), desk.incident_key(&source.incident.secret_key)?)
        .with_known(&desk.known_values(source.incident)?)
        .allowing(&allowed);
    let parts = [
        ("the mail's subject", words.subject.as_str()),
        ("the mail's text", words.text.as_str()),
        ("the mail's HTML", words.html.as_str()),
        ("the bundle's file name", words.bundle_name.as_str()),
    ];
    let mut found = Vec::new();
    for (part, text) in parts {
        let alarms = scan_in_windows(&scanner, part, &mut text.as_bytes())?;
        found.extend(alarms.into_iter().filter(|alarm| !alarm.lifted));
    }
    let alarms = lift_alarm::write_down(desk, actor, source.incident, &found)?;
    let reasons: Vec<Reason> =
        alarms.iter().filter(|alarm| !lift_alarm::is_lifted(alarm)).map(lift_alarm::reason).collect();
    if reasons.is_empty() { Ok(()) } else { Err(Failure::Refused(reasons)) }
}
