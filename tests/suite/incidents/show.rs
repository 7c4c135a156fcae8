//! `/incidents/{ref}`, its pauses and its status.

use super::{assert_refused_at, follow, ladder};
use crate::support::App;

#[test]
fn the_page_says_what_is_known_missing_paused_and_when() {
    let app = App::start();
    let reference = app.incident("Mails go out twice <script>");
    let path = format!("/incidents/{reference}");
    let lena = app.signed_in(&app.lead);
    let shown = lena.get(&path);
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("Mails go out twice &lt;script&gt;") && !shown.body.contains("twice <script>"));
    assert!(shown.body.contains("Affected user") && shown.body.contains("edit#version_php"), "missing, by name");
    assert!(shown.body.contains(" UTC") && (shown.body.contains(" CET") || shown.body.contains(" CEST")));
    assert!(shown.body.contains("Filed the incident."));
    assert!(shown.body.contains("Nobody"), "no lead is said");
    ladder(&app, &path, "/incidents/INC-1999-0001");
    assert_eq!(lena.send(lena.request("PUT", &path)).status, 405);
    // An auditor reads, and has no button.
    let aldo = app.signed_in(&app.auditor).get(&path);
    assert_eq!(aldo.status, 200);
    assert!(!aldo.body.contains("Seal evidence</a>") && !aldo.body.contains("Change status"));
    // A reporter sees only what they filed.
    assert_eq!(app.signed_in(&app.reporter).get(&path).status, 404);
}

#[test]
fn what_says_nothing_is_taken_and_stays_missing() {
    let app = App::start();
    let lena = app.api(&app.token(&app.lead));
    let filed = lena.post(
        "/incidents",
        &serde_json::json!({ "title": "Mails go out twice", "severity": "sev2", "site": app.site,
            "occurred_at": app.now_text(), "expected": "x", "actual": "Two mails", "steps": ["-", "n/a"] }),
    );
    assert_eq!(filed.status, 201, "at three in the morning nobody fights the form: {}", filed.body);
    let missing = filed.json["missing"].as_array().unwrap();
    let of = |fact: &str| missing.iter().find(|entry| entry["fact"] == fact);
    for fact in ["expected", "steps"] {
        let hint = of(fact).and_then(|entry| entry["hint"].as_str()).unwrap_or_default();
        assert!(hint.contains("says nothing. Write what"), "{fact}: {}", filed.body);
    }
    assert!(of("actual").is_none() && of("error_report").is_some_and(|entry| entry.get("hint").is_none()));
    let path = format!("/incidents/{}", filed.json["reference"].as_str().unwrap());
    let browser = app.signed_in(&app.lead);
    for page in [path.clone(), format!("{path}/edit")] {
        assert!(browser.get(&page).body.contains("Write what you would have seen if all were well"), "{page}");
    }
    let refused = lena.post(&format!("{path}/bundles"), &serde_json::json!({ "audience": "hosting" }));
    assert_eq!(refused.status, 409, "{}", refused.body);
}

#[test]
fn one_more_automation_is_paused() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = app.incident("Mails go out twice");
    let (path, action) = (format!("/incidents/{reference}"), format!("/incidents/{reference}/pauses"));
    let lena = app.signed_in(&app.lead);
    let nothing = lena.submit(&path, &action, &[("pause_automation", "")]);
    assert_refused_at(&nothing, "pause_automation", "Choose the automation to pause.");
    assert_refused_at(
        &lena.submit(&path, &action, &[("pause_automation", "nope")]),
        "pause_automation",
        "from the list",
    );
    let paused = lena.submit(&path, &action, &[("pause_automation", &slug)]);
    let shown = follow(&lena, &paused);
    assert!(shown.body.contains(&format!("is paused by {reference}")), "{}", shown.body);
    assert!(shown.body.contains("Paused order mails"), "the timeline says what");
    assert!(!shown.body.contains("Pause one more"), "nothing is left to pause");
    // Who may read but not work is told so; who may not see it finds nothing.
    assert_eq!(app.signed_in(&app.auditor).submit("/", &action, &[("pause_automation", &slug)]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &action, &[("pause_automation", &slug)]).status, 404);
    assert_eq!(lena.get(&action).status, 405);
    app.assert_audit_holds();
}

#[test]
fn the_status_changes_with_a_note_and_never_over_somebody_else() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let (path, action) = (format!("/incidents/{reference}"), format!("/incidents/{reference}/status"));
    let lena = app.signed_in(&app.lead);
    let version = crate::support::hidden(&lena.get(&path).body, "version");
    let change = |status: &str| {
        lena.submit(
            &path,
            &action,
            &[("version", &version), ("status", status), ("status_note", "The host restarted PHP")],
        )
    };
    assert_refused_at(&change("gone"), "status", "Choose a status from the list.");
    let shown = follow(&lena, &change("mitigated"));
    assert!(shown.body.contains("Status is now: mitigated. The host restarted PHP"), "{}", shown.body);
    assert!(!shown.body.contains("Changed the facts."), "a change of status alone is told once");
    let stale = change("investigating");
    assert_eq!(stale.status, 412);
    assert!(stale.body.contains("Somebody else changed this incident meanwhile"), "{}", stale.body);
    let version = crate::support::hidden(&lena.get(&path).body, "version");
    let closed = lena.submit(&path, &action, &[("version", &version), ("status", "closed")]);
    assert_eq!(closed.status, 409);
    assert!(closed.body.contains("The review does not answer"), "{}", closed.body);
    assert_eq!(app.signed_in(&app.owner).submit("/", &action, &[("version", "1"), ("status", "triage")]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &action, &[("status", "triage")]).status, 404);
    app.assert_audit_holds();
}
