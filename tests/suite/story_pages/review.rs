//! `/incidents/{ref}/review`.

use crate::incidents::{assert_refused_at, follow, ladder};
use crate::support::App;

#[test]
fn a_review_is_saved_unfinished_and_completed_later() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let path = format!("/incidents/{reference}/review");
    ladder(&app, &path, "/incidents/INC-1999-0001/review");
    let lena = app.signed_in(&app.lead);
    assert_eq!(lena.send(lena.request("PUT", &path)).status, 405);
    let empty = lena.get(&path);
    assert!(empty.body.contains("Not begun yet") && empty.body.contains("review#root_cause"), "{}", empty.body);

    let filler = [("version", "0"), ("root_cause", "n/a"), ("safeguards_worked", "The daily limit held it")];
    let refused = lena.submit(&path, &path, &filler);
    assert_refused_at(&refused, "root_cause", "does not say anything yet");
    assert!(refused.body.contains("The daily limit held it"), "what was typed stays");
    let kind = lena.submit(&path, &path, &[("version", "0"), ("change_kind", "magic")]);
    assert_refused_at(&kind, "change_kind", "from the list");
    let link = lena.submit(&path, &path, &[("version", "0"), ("change_link", "wiki page")]);
    assert_refused_at(&link, "change_link", "whole address");

    let cause = "The retry queue ignored the pause flag <b>";
    let saved = lena.submit(&path, &path, &[("version", "0"), ("root_cause", cause)]);
    let shown = follow(&lena, &saved);
    assert!(
        shown.body.contains("What it still lacks") && shown.body.contains("pause flag &lt;b&gt;"),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains("review#root_cause\">Write it"), "what is answered no longer blocks");

    // Somebody who saw the empty form is told, and nothing is overwritten.
    let late = app.signed_in(&app.admin).submit(&path, &path, &[("version", "0"), ("root_cause", "Something else")]);
    assert_eq!(late.status, 412, "{}", late.body);
    assert!(late.body.contains("Somebody else saved the review") && late.body.contains("Something else"));
    assert!(lena.get(&path).body.contains("ignored the pause flag"));

    let aldo = app.signed_in(&app.auditor);
    let read = aldo.get(&path);
    assert!(read.body.contains("ignored the pause flag") && !read.body.contains("Save the review"));
    assert_eq!(aldo.submit("/", &path, &[("version", "1")]).status, 403);
    assert_eq!(app.signed_in(&app.outsider).submit("/", &path, &[("version", "1")]).status, 404);
    app.assert_audit_holds();
}
