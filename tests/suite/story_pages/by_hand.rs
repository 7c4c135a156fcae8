//! The page of an escalation that a person delivers, and whose answer a person heard.

use super::bundle;
use crate::incidents::{assert_refused_at, follow};
use crate::support::{App, hidden};

/// Writes an escalation by hand down; the address of its page.
fn written(app: &App) -> String {
    let reference = app.complete_incident("Mails go out twice");
    let id = bundle(app, &reference, "hosting");
    let path = format!("/incidents/{reference}/escalations/new");
    let lena = app.signed_in(&app.lead);
    let letter = [
        ("validation_error", "no"),
        ("host_connectivity", "yes"),
        ("provider_failure", "no"),
        ("reproducible_plugin_issue", "no"),
        ("destination", "hosting"),
        ("how", "hand"),
        ("to", ""),
        ("bundle", &id),
        ("message", "Please look at the limits of this site."),
    ];
    let checked = lena.submit(&path, &path, &letter);
    assert_eq!(checked.status, 200, "{}", checked.body);
    assert!(checked.body.contains("Write it down; I tell them") && checked.body.contains("No mail leaves."));
    assert_eq!(hidden(&checked.body, "how"), "hand");
    let sent = lena.submit(&path, &path, &[&letter[..], &[("send", "yes")]].concat());
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.location().to_owned()
}

#[test]
fn it_is_handed_over_recorded_and_answered() {
    let app = App::start();
    let page = written(&app);
    let lena = app.signed_in(&app.lead);
    let waits = lena.get(&page).body;
    assert!(waits.contains("Next: tell them") && waits.contains("What we ask of you"), "{waits}");
    assert!(waits.contains("Download the bundle") && !waits.contains("Try again now"));

    let to = format!("{page}/deliveries");
    let nothing = lena.submit(&page, &to, &[("told_note", "Kim at the desk"), ("told_ticket", "HX-1")]);
    assert_refused_at(&nothing, "told_way", "Choose how you reached each other.");
    assert!(
        nothing.body.contains("Kim at the desk") && nothing.body.contains("value=\"HX-1\""),
        "what was typed stays"
    );
    let early = [("told_way", "chat"), ("told_date", "2020-01-01"), ("told_time", "10:00"), ("told_zone", "UTC")];
    assert_refused_at(&lena.submit(&page, &to, &early), "told_date", "this lies before it");
    let told = lena.submit(&page, &to, &[("told_way", "telephone"), ("told_ticket", "HX-1"), ("told_bundle", "yes")]);
    let after = follow(&lena, &told).body;
    assert!(after.contains("Delivered by hand") && after.contains("Ticket: HX-1"), "{after}");
    assert!(after.contains("no mail server of ours knows of it") && !after.contains("Next: tell them"), "{after}");

    let to = format!("{page}/answers");
    let empty = lena.submit(&page, &to, &[("heard_way", "portal"), ("heard_text", " ")]);
    assert_refused_at(&empty, "heard_text", "Say what they answered.");
    let heard = lena.submit(&page, &to, &[("heard_way", "portal"), ("heard_text", "The limit was 30 s; now 120 s.")]);
    let after = follow(&lena, &heard).body;
    assert!(after.contains("The limit was 30 s") && after.contains("in their ticket portal"), "{after}");
    assert!(after.contains("Recorded by Lena") && !after.contains("I have read it"), "{after}");
    app.assert_audit_holds();
}

#[test]
fn the_two_forms_have_their_ladder() {
    let app = App::start();
    let page = written(&app);
    let auditor = app.signed_in(&app.auditor);
    assert!(!auditor.get(&page).body.contains("Record that you told them"), "who may not, is not offered it");
    for (form, fields) in [
        ("deliveries", [("told_way", "chat"), ("told_note", "x")]),
        ("answers", [("heard_way", "chat"), ("heard_text", "x")]),
    ] {
        let to = format!("{page}/{form}");
        let as_person = |email: &str| app.signed_in(email).submit("/", &to, &fields).status;
        assert_eq!(
            (as_person(&app.outsider), as_person(&app.auditor), as_person(&app.owner)),
            (404, 403, 403),
            "{form}"
        );
        let lena = app.signed_in(&app.lead);
        assert_eq!(lena.submit("/", &format!("/escalations/0123/{form}"), &fields).status, 404);
        assert_eq!(lena.get(&to).status, 405);
        assert!(app.visitor().submit("/login", &to, &fields).location().starts_with("/login"));
    }
}
