//! `/incidents/{ref}/escalations/new` and `/escalations/{id}`.

use super::bundle;
use crate::incidents::{assert_refused_at, follow, ladder};
use crate::support::App;

const HOST: [(&str, &str); 4] = [
    ("validation_error", "no"),
    ("host_connectivity", "yes"),
    ("provider_failure", "no"),
    ("reproducible_plugin_issue", "no"),
];

fn with<'f>(more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    HOST.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn from_a_bundles_page_that_bundle_goes_along() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let (older, newer) = (bundle(&app, &reference, "hosting"), bundle(&app, &reference, "hosting"));
    assert_ne!(older, newer);
    let lena = app.signed_in(&app.lead);
    let path = format!("/incidents/{reference}/escalations/new");
    let from = format!("{path}?bundle={older}");
    assert!(lena.get(&format!("/bundles/{older}")).body.contains(&format!("href=\"{from}\"")));
    let asked = lena.get(&from).body;
    assert!(asked.contains(&format!("href=\"/bundles/{older}\">Back to the bundle")), "{asked}");
    assert_eq!(crate::support::hidden(&asked, "bundle"), older, "the press carries it");
    let led = lena.submit(&path, &path, &with(&[("lead", "yes"), ("bundle", &older)])).body;
    assert!(led.contains(&format!("value=\"{older}\" selected")), "{led}");
    assert!(!lena.get(&path).body.contains("Back to the bundle"));
    // One of another reader does not fit where the answers lead.
    let other = bundle(&app, &reference, "vendor");
    let led = lena.submit(&path, &path, &with(&[("lead", "yes"), ("bundle", &other)])).body;
    assert!(led.contains(&format!("value=\"{newer}\" selected")), "{led}");
}

#[test]
fn four_answers_a_look_and_a_mail_that_leaves() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let id = bundle(&app, &reference, "hosting");
    let path = format!("/incidents/{reference}/escalations/new");
    let lena = app.signed_in(&app.lead);
    ladder(&app, &path, "/incidents/INC-1999-0001/escalations/new");
    assert_eq!(app.signed_in(&app.auditor).get(&path).status, 403);
    assert_eq!(lena.send(lena.request("PUT", &path)).status, 405);

    let asked = lena.get(&path);
    assert!(asked.body.contains("Show where this leads") && !asked.body.contains("Check before sending"));
    let half = lena.submit(&path, &path, &[("lead", "yes"), ("host_connectivity", "yes")]);
    assert_refused_at(&half, "validation_error", "Answer yes or no.");

    let led = lena.submit(&path, &path, &with(&[("lead", "yes")]));
    assert_eq!(led.status, 200, "{}", led.body);
    assert!(led.body.contains("This leads to the hosting company"), "{}", led.body);
    assert!(led.body.contains(&format!("value=\"{id}\"")), "the bundle for them is offered");

    let message = "Please look why outbound HTTPS stops after a minute; our key is sk-proj-lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4 sent";
    let letter = [("destination", "hosting"), ("to", "support@host.example"), ("bundle", &id), ("message", message)];
    let checked = lena.submit(&path, &path, &with(&letter));
    assert_eq!(checked.status, 200, "{}", checked.body);
    assert!(checked.body.contains("Check before sending") && checked.body.contains("support@host.example"));
    assert!(checked.body.contains("What we ask of you") && checked.body.contains("outbound HTTPS stops"));
    let shown = checked.body.split("Text of the mail").nth(1).unwrap();
    assert!(!shown.contains("sk-proj-lQQY"), "the mail is shown as it would leave");

    let sent = lena.submit(&path, &path, &with(&[&letter[..], &[("send", "yes")]].concat()));
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = sent.location().to_owned();
    assert!(follow(&lena, &sent).body.contains("Waiting to leave"));
    app.settle();
    let gone = lena.get(&page);
    assert!(!gone.body.contains("The mail server took it"), "no server took anything: {}", gone.body);
    assert!(
        gone.body.contains("Written to the outbox, no mail server is set") && gone.body.contains("Host connectivity"),
        "{}",
        gone.body
    );
    ladder(&app, &page, "/escalations/0123");
    assert_eq!(lena.get(&format!("{page}/retry")).status, 405);
    assert_eq!(app.signed_in(&app.auditor).submit("/", &format!("{page}/retry"), &[]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &format!("{page}/retry"), &[]).status, 404);
    app.assert_audit_holds();
}

#[test]
fn what_cannot_be_sent_says_why_and_loses_nothing() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let id = bundle(&app, &reference, "hosting");
    let path = format!("/incidents/{reference}/escalations/new");
    let lena = app.signed_in(&app.lead);
    let post = |fields: &[(&str, &str)]| lena.submit(&path, &path, &with(fields));
    let words = "Please look at the limits of this site.";

    let filler = post(&[("destination", "hosting"), ("to", "a@b.example"), ("bundle", &id), ("message", "n/a")]);
    assert_refused_at(&filler, "message", "Say in a sentence");
    assert!(filler.body.contains("value=\"a@b.example\""), "what was typed stays");
    let two = "a@b.example\r\nBcc: c@d.example";
    let forged = post(&[("destination", "hosting"), ("to", two), ("bundle", &id), ("message", words)]);
    assert_refused_at(&forged, "to", "one plain address");
    let none = post(&[("destination", "hosting"), ("to", "a@b.example"), ("bundle", ""), ("message", words)]);
    assert_refused_at(&none, "bundle", "no such bundle");

    let vendor = bundle(&app, &reference, "vendor");
    let other = [("destination", "vendor"), ("to", "a@b.example"), ("bundle", &vendor), ("message", words)];
    let elsewhere = post(&other);
    assert_refused_at(&elsewhere, "override_reason", "Say why it goes to the plugin vendor");
    let why = ("override_reason", "The hosting company asked us to write to the vendor");
    assert_eq!(post(&[&other[..], &[why]].concat()).status, 200);
    let wrong = post(&[("destination", "hosting"), ("to", "a@b.example"), ("bundle", &vendor), ("message", words)]);
    assert_eq!(wrong.status, 409, "{}", wrong.body);
    assert!(wrong.body.contains("This bundle was made for the plugin vendor"));
}

#[test]
fn missing_facts_are_all_named() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let id = bundle(&app, &reference, "internal");
    let path = format!("/incidents/{reference}/escalations/new");
    let lena = app.signed_in(&app.lead);
    let led = lena.submit(&path, &path, &with(&[("lead", "yes")]));
    assert!(led.body.contains("edit#version_php") && led.body.contains("edit#affected_user"), "{}", led.body);
    let words = "Please look at the limits of this site.";
    let fields = [("destination", "hosting"), ("to", "a@b.example"), ("bundle", id.as_str()), ("message", words)];
    let refused = lena.submit(&path, &path, &with(&fields));
    assert_eq!(refused.status, 409, "{}", refused.body);
    for fact in ["affected user", "steps", "error report", "php version"] {
        assert!(refused.body.contains(&format!("The {fact}")), "{fact}: {}", refused.body);
    }
}

/// An invented token, wrapped twice, as nobody unwraps it by eye: the first pass leaves it, the second scan does not.
const WRAPPED: &str = "WjJod1h6RTJRemRsTkRKR01qa3lZelk1TVRKRk56Y3hNR000TXpnek5EZEJaVEUzT0VJMFlRPT0=";

#[test]
fn an_alarm_in_the_mail_is_answered_where_the_mail_is_written() {
    let app = App::start();
    let reference = app.complete_incident("Mails go out twice");
    let id = bundle(&app, &reference, "hosting");
    let path = format!("/incidents/{reference}/escalations/new");
    let (lena, ada) = (app.signed_in(&app.lead), app.signed_in(&app.admin));
    let message = format!("Your support asked us to send back the code {WRAPPED} of the ticket.");
    let letter = [("destination", "hosting"), ("to", "a@b.example"), ("bundle", &id), ("message", &message)];
    let press = |browser: &crate::support::Browserlike, more: &[(&str, &str)]| {
        browser.submit(&path, &path, &with(&[&letter[..], more].concat()))
    };
    let refused = press(&lena, &[]);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("Second scan") && refused.body.contains("text, line"), "{}", refused.body);
    let at = refused.body.find("name=\"question\" value=\"").expect("a button to answer it") + 23;
    let alarm: String = refused.body[at..].chars().take_while(|c| *c != '"').collect();
    let field = format!("alarm_reason_{alarm}");

    let short = press(&lena, &[("question", &alarm), (&field, "no")]);
    assert_refused_at(&short, &field, "Say in a sentence why this is no secret.");
    let asked = press(&lena, &[("question", &alarm), (&field, "It is the number of their own ticket, not a token.")]);
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(asked.body.contains("Waits for a second person.") && asked.body.contains(WRAPPED), "what was typed stays");
    assert_eq!(press(&lena, &[("agree", &alarm)]).status, 409, "the second person is somebody else");

    // The second person finds it without having typed anything.
    let waits = ada.get(&path);
    assert!(waits.body.contains("I looked at it and agree: no secret"), "{}", waits.body);
    let agreed = ada.submit(&path, &path, &[("agree", &alarm)]);
    assert_eq!(agreed.status, 200, "{}", agreed.body);
    assert!(!agreed.body.contains("Second scan"), "{}", agreed.body);
    assert!(press(&lena, &[]).body.contains("Check before sending"));

    let other = app.complete_incident("Another one");
    let elsewhere = format!("/incidents/{other}/escalations/new");
    assert_eq!(lena.submit(&path, &elsewhere, &[("agree", &alarm)]).status, 404);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &path, &[("agree", &alarm)]).status, 404);
    assert_eq!(app.signed_in(&app.auditor).submit("/", &path, &[("agree", &alarm)]).status, 403);
    app.assert_audit_holds();
}
