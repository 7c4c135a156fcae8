//! Entries of the timeline, corrections, and the reason why no evidence exists.

use super::{assert_refused_at, follow};
use crate::support::App;

#[test]
fn attempts_wait_for_evidence_or_its_reason() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let (add, none) = (format!("{path}/timeline"), format!("{path}/no-evidence"));
    let lena = app.signed_in(&app.lead);
    assert!(lena.get(&path).body.contains("Attempts wait for the evidence"));
    let tried = [("kind", "attempted"), ("text", "Restarted PHP")];
    let refused = lena.submit(&path, &add, &tried);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("Attempts can be logged once evidence is sealed"));
    assert!(refused.body.contains("Restarted PHP"), "what was typed stays");

    let new = format!("{path}/evidence/new");
    assert_refused_at(&lena.submit(&new, &none, &[("none_reason", "no")]), "none_reason", "Say in a sentence why");
    let said = lena.submit(&new, &none, &[("none_reason", "The host keeps no logs at all.")]);
    assert!(follow(&lena, &said).body.contains("The host keeps no logs at all."));
    let shown = follow(&lena, &lena.submit(&path, &add, &tried));
    assert!(shown.body.contains("Restarted PHP") && shown.body.contains("Tried"));
    assert_eq!(app.signed_in(&app.owner).submit("/", &none, &[("none_reason", "because so it is")]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &none, &[("none_reason", "because")]).status, 404);
}

#[test]
fn entries_are_written_filtered_linked_and_corrected() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let add = format!("{path}/timeline");
    let lena = app.signed_in(&app.lead);
    assert_refused_at(&lena.submit(&path, &add, &[("text", "x")]), "kind", "Choose what it was");
    assert_refused_at(&lena.submit(&path, &add, &[("kind", "observed"), ("text", " ")]), "text", "Say what happened.");
    let future = [
        ("kind", "observed"),
        ("text", "saw it"),
        ("happened_date", "2999-01-01"),
        ("happened_time", "10:00"),
        ("happened_zone", "UTC"),
    ];
    assert_refused_at(&lena.submit(&path, &add, &future), "happened_date", "This lies in the future");
    assert_eq!(lena.submit(&path, &add, &[("kind", "system"), ("text", "forged")]).status, 422);

    let written = lena.submit(&path, &add, &[("kind", "observed"), ("text", "Two mails, password=hunter22secret")]);
    let id = written.location().split("#entry-").nth(1).unwrap().to_owned();
    let shown = follow(&lena, &written);
    assert!(shown.body.contains(&format!("id=\"entry-{id}\"")));
    assert!(!shown.body.contains("hunter22secret"), "secrets are removed");
    let people = lena.get(&format!("{path}?entries=people"));
    assert!(people.body.contains("Two mails") && !people.body.contains("Filed the incident."));
    let system = lena.get(&format!("{path}?entries=system"));
    assert!(!system.body.contains("Two mails") && system.body.contains("Filed the incident."));

    let correction = format!("{path}/timeline/{id}/correction");
    let form = lena.get(&format!("{path}?correct={id}"));
    assert!(form.body.contains("name=\"correction\""), "{}", form.body);
    assert_refused_at(&lena.submit(&path, &correction, &[("correction", "")]), "correction", "Say what happened.");
    let corrected = follow(&lena, &lena.submit(&path, &correction, &[("correction", "Three mails")]));
    assert!(corrected.body.contains("Superseded") && corrected.body.contains("Three mails"));
    assert!(corrected.body.contains("Two mails"), "what was said stays");
    let again = lena.submit(&path, &correction, &[("correction", "Four mails")]);
    assert_refused_at(&again, "correction", "corrected already");
    let unknown = format!("{path}/timeline/nothing/correction");
    assert_eq!(lena.submit(&path, &unknown, &[("correction", "x")]).status, 404);
    assert_eq!(app.signed_in(&app.owner).submit("/", &correction, &[("correction", "x")]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &correction, &[("correction", "x")]).status, 404);
    assert_eq!(lena.get(&add).status, 405);
    app.assert_audit_holds();
}

#[test]
fn a_long_timeline_is_shown_in_pages() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let lena = app.signed_in(&app.lead);
    for n in 0..110 {
        let entry = allclear::actions::write_entry::NewEntry {
            kind: allclear::domain::timeline::EntryKind::Observed,
            text: format!("look number {n:03}"),
            at: None,
            evidence: None,
            corrects: None,
        };
        let actor = app.actor(&app.lead);
        allclear::actions::write_entry::run(&app.desk, &actor, &reference, entry).unwrap();
    }
    let last = lena.get(&path);
    assert!(last.body.contains("look number 109") && !last.body.contains("look number 001"));
    let at = last.body.find("cursor=b-").expect("a link to earlier entries");
    let id: String = last.body[at + 9..].chars().take_while(char::is_ascii_alphanumeric).collect();
    let earlier = lena.get(&format!("{path}?entries=all&cursor=b-{id}"));
    assert!(earlier.body.contains("look number 001") && !earlier.body.contains("look number 109"));
    assert!(earlier.body.contains("cursor=a-"), "and back again");

    // A link to an entry opens the page that holds it, whichever kind of entries was looked at.
    let at = earlier.body.find("look number 001").unwrap();
    let at = earlier.body[..at].rfind("id=\"entry-").unwrap() + 10;
    let id: String = earlier.body[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
    assert!(earlier.body.contains(&format!("{path}?entry={id}#entry-{id}")), "the link stands beside it");
    for kind in ["", "&entries=people", "&entries=system"] {
        let linked = lena.get(&format!("{path}?entry={id}{kind}"));
        assert!(linked.body.contains("look number 001") && !linked.body.contains("look number 109"), "{kind}");
    }
    assert!(
        lena.get(&format!("{path}?entry=nothing")).body.contains("look number 109"),
        "the newest, if there is none"
    );
}

#[test]
fn what_evidence_revealed_is_removed_from_what_is_typed_later() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}");
    let lena = app.signed_in(&app.lead);
    let (new, paste) = (format!("{path}/evidence/new"), format!("{path}/evidence/paste"));
    let secret = "Wq8zKp3LmNv6";
    let config = format!("define('DB_PASSWORD', '{secret}');");
    assert_eq!(lena.submit(&new, &paste, &[("paste_text", &config)]).status, 303);
    app.settle();
    let text = format!("The worker said {secret} and also token=Zx81kQpLw39vbN72");
    let shown =
        follow(&lena, &lena.submit(&path, &format!("{path}/timeline"), &[("kind", "observed"), ("text", &text)]));
    assert!(shown.body.contains("The worker said"));
    assert!(!shown.body.contains("Zx81kQpLw39vbN72"), "what the entry itself reveals is removed");
    assert!(!shown.body.contains(secret), "and what the incident knew before");
}

#[test]
fn an_error_report_that_is_filled_in_later_is_sealed_too() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let (path, edit) = (format!("/incidents/{reference}"), format!("/incidents/{reference}/edit"));
    let lena = app.signed_in(&app.lead);
    let save = |report: &str| {
        let version = crate::support::hidden(&lena.get(&edit).body, "version");
        let fields = [
            ("version", version.as_str()),
            ("title", "Mails go out twice"),
            ("severity", "sev2"),
            ("occurred_date", "2026-11-20"),
            ("occurred_time", "09:30"),
            ("occurred_zone", "UTC"),
            ("error_report", report),
        ];
        follow(&lena, &lena.submit(&edit, &edit, &fields))
    };
    let shown = save("Fatal error: mysqli password=Wq8zKp3LmNv6 refused");
    assert_eq!(shown.body.matches("<strong>error-report.txt</strong>").count(), 1, "{}", shown.body);
    assert!(!shown.body.contains("Wq8zKp3LmNv6"));
    // Saved again as it is shown, redacted, it is no new report.
    let at = shown.body.find("Fatal error: mysqli").unwrap();
    let redacted: String = shown.body[at..].chars().take_while(|c| *c != '<').collect();
    let again = save(&redacted);
    assert_eq!(again.body.matches("<strong>error-report.txt</strong>").count(), 1);
    assert!(!lena.get(&path).body.contains("Attempts wait for the evidence"));
    app.settle();
    app.assert_audit_holds();
}

#[test]
fn the_newest_entry_stands_first_within_its_day_too() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let lena = app.api(&app.token(&app.lead));
    for text in ["The first thing we saw", "The second thing we saw"] {
        let entry = serde_json::json!({ "kind": "observed", "text": text });
        assert_eq!(lena.post(&format!("/incidents/{reference}/timeline"), &entry).status, 201);
    }
    let page = app.signed_in(&app.lead).get(&format!("/incidents/{reference}")).body;
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
    assert!(place("The second thing we saw") < place("The first thing we saw"));
    assert!(place("Newest first.") < place("The second thing we saw"));
}
