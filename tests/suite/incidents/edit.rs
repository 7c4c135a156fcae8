//! `/incidents/{ref}/edit`.

use super::{assert_refused_at, follow, ladder};
use crate::support::{App, hidden};

const WHEN: [(&str, &str); 3] =
    [("occurred_date", "2026-11-20"), ("occurred_time", "09:30"), ("occurred_zone", "Europe/Berlin")];

fn fields<'f>(version: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![("version", version), ("title", "Mails go out twice"), ("severity", "sev2")];
    fields.extend(WHEN);
    fields.extend(more);
    fields
}

#[test]
fn facts_are_filled_in_and_no_longer_missing() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let (path, edit) = (format!("/incidents/{reference}"), format!("/incidents/{reference}/edit"));
    let lena = app.signed_in(&app.lead);
    let form = lena.get(&edit);
    assert!(form.body.contains("value=\"Mails go out twice\""), "{}", form.body);
    let version = hidden(&form.body, "version");
    let more = [
        ("affected_user", "shop manager"),
        ("version_php", "8.3.1"),
        ("step", "Open the order"),
        ("lead", app.lead.as_str()),
        ("error_report_none", "yes"),
        ("customer_visibility", "severe"),
    ];
    let shown = follow(&lena, &lena.submit(&edit, &edit, &fields(&version, &more)));
    assert!(
        shown.body.contains("shop manager") && shown.body.contains("8.3.1") && shown.body.contains("Open the order")
    );
    assert!(
        !shown.body.contains("edit#affected_user") && !shown.body.contains("edit#error_report"),
        "no longer missing"
    );
    assert!(shown.body.contains("edit#expected"), "still missing");
    assert!(shown.body.contains("08:30 UTC") && shown.body.contains("09:30 CET"), "both zones");
    ladder(&app, &edit, "/incidents/INC-1999-0001/edit");
    assert_eq!(app.signed_in(&app.owner).get(&edit).status, 403);
    assert_eq!(app.signed_in(&app.owner).submit(&path, &edit, &fields("1", &[])).status, 403);
    assert_eq!(lena.send(lena.request("DELETE", &edit)).status, 405);
    app.assert_audit_holds();
}

#[test]
fn a_secret_shown_redacted_stays_redacted_when_saved_again() {
    let app = App::start();
    let reference = app.incident("Login fails for user=bob password=Tr0ub4dor-and-3");
    let edit = format!("/incidents/{reference}/edit");
    let lena = app.signed_in(&app.lead);
    let form = lena.get(&edit);
    assert!(!form.body.contains("Tr0ub4dor"), "{}", form.body);
    let title = hidden(&form.body.replace("name=\"title\" type=\"text\"", "name=\"title\""), "title");
    assert!(title.starts_with("Login fails for user=") && title.contains('['), "{title}");
    let version = hidden(&form.body, "version");
    let mut all = fields(&version, &[]);
    all[1] = ("title", &title);
    assert!(follow(&lena, &lena.submit(&edit, &edit, &all)).body.contains(&title));
}

#[test]
fn the_second_of_two_editors_is_told_and_nothing_is_overwritten() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let edit = format!("/incidents/{reference}/edit");
    let (lena, ada) = (app.signed_in(&app.lead), app.signed_in(&app.admin));
    let version = hidden(&lena.get(&edit).body, "version");
    let ada_saves = ada.submit(&edit, &edit, &fields(&version, &[("affected_user", "customer 4711")]));
    assert_eq!(ada_saves.status, 303, "{}", ada_saves.body);
    let lena_saves = lena.submit(&edit, &edit, &fields(&version, &[("affected_screen", "Orders")]));
    assert_eq!(lena_saves.status, 412);
    assert!(lena_saves.body.contains("Ada") && lena_saves.body.contains("customer 4711"), "{}", lena_saves.body);
    assert!(lena_saves.body.contains("value=\"Orders\""), "what she typed stands there");
    let stands = lena.get(&edit);
    assert!(stands.body.contains("value=\"customer 4711\"") && !stands.body.contains("value=\"Orders\""));
    // The page carries the new version: a second press saves what she decided.
    let fresh = hidden(&lena_saves.body, "version");
    assert_ne!(fresh, version);
    let both = fields(&fresh, &[("affected_user", "customer 4711"), ("affected_screen", "Orders")]);
    assert_eq!(lena.submit(&edit, &edit, &both).status, 303);
}

#[test]
fn wrong_input_shows_the_form_again() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let edit = format!("/incidents/{reference}/edit");
    let lena = app.signed_in(&app.lead);
    let version = hidden(&lena.get(&edit).body, "version");
    let more = [
        ("detected_date", "2026-11-20"),
        ("detected_time", "9 o'clock"),
        ("detected_zone", "UTC"),
        ("browser", "Lynx"),
    ];
    let reply = lena.submit(&edit, &edit, &fields(&version, &more));
    assert_refused_at(&reply, "detected_time", "There is no such time.");
    assert!(reply.body.contains("value=\"Lynx\""));
    assert_eq!(hidden(&reply.body, "version"), version, "what was looked at still decides");
    let both = [("error_report", "Fatal error"), ("error_report_none", "yes")];
    assert_refused_at(&lena.submit(&edit, &edit, &fields(&version, &both)), "error_report", "not both");
    let nobody = [("lead", app.owner.as_str())];
    assert_refused_at(&lena.submit(&edit, &edit, &fields(&version, &nobody)), "lead", "The lead must be");
    let grown = lena.submit(&edit, &edit, &fields(&version, &[("more_steps", "yes"), ("step_rows", "3")]));
    assert_eq!((grown.status, grown.body.matches("name=\"step\"").count()), (200, 6));
}

#[test]
fn when_it_was_noticed_can_be_emptied() {
    let app = App::start();
    let reference = app.incident("Mails go out twice");
    let edit = format!("/incidents/{reference}/edit");
    let lena = app.signed_in(&app.lead);
    let save = |more: &[(&str, &str)]| {
        let version = hidden(&lena.get(&edit).body, "version");
        follow(&lena, &lena.submit(&edit, &edit, &fields(&version, more)));
        lena.get(&edit).body
    };
    let noticed = [("detected_date", "2026-11-20"), ("detected_time", "10:15"), ("detected_zone", "Europe/Berlin")];
    assert!(save(&noticed).contains("value=\"10:15\""));
    let emptied = save(&[("detected_date", ""), ("detected_time", ""), ("detected_zone", "Europe/Berlin")]);
    assert!(!emptied.contains("value=\"10:15\""), "{emptied}");
    let api = app.api(&app.token(&app.lead));
    let path = format!("/incidents/{reference}");
    let noticed = serde_json::json!({ "detected_at": "2026-11-20T10:15:00+01:00" });
    assert_eq!(api.patch(&path, &noticed).status, 200);
    assert_eq!(api.patch(&path, &serde_json::json!({ "title": "Mails go out" })).status, 200);
    assert_eq!(api.get(&path).json["detected_at"], "2026-11-20T09:15:00Z", "what is left away stays");
    assert_eq!(api.patch(&path, &serde_json::json!({ "detected_at": null })).status, 200);
    assert_eq!(api.get(&path).json["detected_at"], serde_json::Value::Null);
    app.assert_audit_holds();
}

#[test]
fn a_form_from_before_a_new_redaction_does_not_write_the_old_words_back() {
    let app = App::start();
    let reference = app.incident("Login with gr33n-lantern-77 fails");
    let edit = format!("/incidents/{reference}/edit");
    let lena = app.signed_in(&app.lead);
    let form = lena.get(&edit);
    assert!(form.body.contains("gr33n-lantern-77"));
    let version = hidden(&form.body, "version");
    let secret = "define('DB_PASSWORD', 'gr33n-lantern-77');\n";
    let sealed = app
        .api(&app.token(&app.lead))
        .post_bytes(&format!("/incidents/{reference}/evidence?name=wp-config.txt"), secret);
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    app.settle();
    assert!(!lena.get(&edit).body.contains("gr33n-lantern-77"));
    // The values are forgotten with the last original.
    app.desk.clock.advance(chrono::Duration::days(40));
    allclear::actions::shred::run(&app.desk).unwrap();
    let lena = app.signed_in(&app.lead);
    let mut typed = fields(&version, &[]);
    typed[1].1 = "Login with gr33n-lantern-77 fails";
    let stale = lena.submit(&edit, &edit, &typed);
    assert_eq!(stale.status, 412, "{}", stale.body);
    let shown = lena.get(&format!("/incidents/{reference}")).body;
    assert!(!shown.contains("gr33n-lantern-77"), "{shown}");
}
