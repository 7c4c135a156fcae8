//! The pages: from the bench to a rule, its preview, its history, and past evidence read again.

use super::{NUMBER, lead, seal};
use crate::incidents::follow;
use crate::support::App;

const RULE: [(&str, &str); 8] = [
    ("name", "crm-number"),
    ("title", "Client number"),
    ("about", "It names a client of the help desk."),
    ("kind", "pattern"),
    ("looks_for", "CRM-[0-9]{6}"),
    ("level", "likely"),
    ("goes", "client [[CRM-104233]] called\r\n\r\n[[CRM-222333]] again"),
    ("stays", "CRM-Export finished"),
];

#[test]
fn a_rule_is_written_looked_at_and_saved() {
    let app = App::start();
    let reference = app.incident("A client complains");
    let (evidence, _) = seal(&app, &reference, "a.log", &format!("client {NUMBER} called\n"));
    let ada = app.signed_in(&app.admin);
    assert!(ada.get("/rules").body.contains("No rules of your own yet"));
    let sent = ada.submit("/rules/new", "/rules/new", &RULE);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let preview = sent.location().to_owned();
    assert!(follow(&ada, &sent).body.contains("Nothing is saved yet."));
    app.settle();
    let shown = ada.get(&preview).body;
    assert!(shown.contains("1 place would newly go") && shown.contains(&reference), "{shown}");
    let refused = ada.submit(&preview, &preview, &[("reason", "x")]);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Say in a sentence why."));
    let saved = ada.submit(&preview, &preview, &[("reason", "The help desk numbers stood in a report.")]);
    assert_eq!((saved.status, saved.location()), (303, "/rules/crm-number"), "{}", saved.body);
    assert!(follow(&ada, &saved).body.contains("It is in force"));
    let again = ada.submit("/rules/new", "/rules/new", &RULE);
    assert_eq!(again.status, 422);
    assert!(again.body.contains("There is a rule of this name already"));

    let edit = "/rules/crm-number/edit";
    assert!(ada.get(edit).body.contains("CRM-[0-9]{6}"));
    let mut other = RULE.to_vec();
    other[4] = ("looks_for", "CRM-[0-9]{6,8}");
    let sent = ada.submit(edit, edit, &other);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let preview = sent.location().to_owned();
    let saved = ada.submit(&preview, &preview, &[("reason", "Numbers have grown longer.")]);
    assert_eq!(saved.status, 303, "{}", saved.body);
    let shown = follow(&ada, &saved).body;
    assert!(shown.contains("Version 2") && shown.contains("Numbers have grown longer."), "{shown}");
    let stale = [("version", "1"), ("reason", "Somebody looked at an old page.")];
    let refused = ada.submit(&preview, &preview, &stale);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("Somebody else changed this rule meanwhile"));

    let off = ada.submit(
        "/rules/crm-number",
        "/rules/crm-number/switch",
        &[("active", "no"), ("reason", "Not in use now, says Omar.")],
    );
    assert!(follow(&ada, &off).body.contains("It is switched off."));
    let on = [("active", "yes"), ("reason", "They still turn up in logs.")];
    let on = ada.submit("/rules/crm-number", "/rules/crm-number/switch", &on);
    assert!(follow(&ada, &on).body.contains("It is switched on."));
    let nothing = ada.submit("/rules/crm-number", "/rules/crm-number/switch", &[("active", "no"), ("reason", "")]);
    assert_eq!(nothing.status, 422);

    assert!(ada.get("/audit").body.contains("crm-number, version 4"), "the audit page names the rule");
    let asked = ada.submit("/rules", "/rules/reruns", &[("reason", "Client numbers stood in old logs.")]);
    assert_eq!(asked.status, 303, "{}", asked.body);
    app.settle();
    assert!(ada.get(asked.location()).body.contains("Files with a new version: 1"));
    assert!(!lead(&app).get(&format!("/evidence/{evidence}")).body.contains(NUMBER));
    app.assert_audit_holds();
}

#[test]
fn what_is_wrong_stands_at_its_field_with_what_was_typed() {
    let app = App::start();
    let ada = app.signed_in(&app.admin);
    let mut wrong = RULE.to_vec();
    wrong[4] = ("looks_for", "[0-9]{6}");
    let refused = ada.submit("/rules/new", "/rules/new", &wrong);
    assert_eq!(refused.status, 422);
    for words in ["must begin with fixed text", "It names a client of the help desk.", "[[CRM-222333]] again"] {
        assert!(refused.body.contains(words), "{words}");
    }
    let blank = ada.submit("/rules/new", "/rules/new", &[("name", "crm")]);
    assert!(blank.body.contains("Choose what it is."), "{}", blank.body);
    let short = ada.submit("/rules", "/rules/reruns", &[("reason", "no")]);
    assert_eq!(short.status, 422);
}

#[test]
fn who_may_not_see_or_change_rules_is_told() {
    let app = App::start();
    super::save(&app, super::crm());
    let pages = ["/rules", "/rules/crm-number", "/rules/bench", "/rules/new", "/rules/crm-number/edit"];
    for (person, expected) in [
        (&app.admin, [200, 200, 200, 200, 200]),
        (&app.lead, [200, 200, 200, 403, 403]),
        (&app.outsider, [200, 200, 200, 403, 403]),
        (&app.auditor, [200, 200, 403, 403, 403]),
        (&app.owner, [403, 403, 403, 403, 403]),
        (&app.reporter, [403, 403, 403, 403, 403]),
    ] {
        let browser = app.signed_in(person);
        let seen = pages.map(|page| browser.get(page).status);
        assert_eq!(seen, expected, "{person}");
    }
    let lena = app.signed_in(&app.lead);
    let menu = lena.get("/rules").body;
    assert!(menu.contains("href=\"/rules/bench\"") && !menu.contains("href=\"/rules/new\""), "{menu}");
    let csrf = crate::support::hidden(&menu, "csrf");
    for path in ["/rules/new", "/rules/crm-number/edit", "/rules/crm-number/switch", "/rules/reruns"] {
        assert_eq!(lena.post(path, &[("csrf", &csrf), ("reason", "I would like to.")]).status, 403, "{path}");
    }
    let ada = app.signed_in(&app.admin);
    for path in ["/rules/nothing", "/rules/nothing/edit", "/rules/previews/nothing", "/rules/reruns/nothing"] {
        assert_eq!(ada.get(path).status, 404, "{path}");
    }
    assert_eq!(ada.get("/rules/crm-number/switch").status, 405);
}
