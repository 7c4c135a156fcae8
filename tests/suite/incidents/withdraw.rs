//! Withdrawing an incident on its page.

use super::{assert_refused_at, follow};
use crate::support::App;

#[test]
fn it_is_found_asks_why_and_ends_the_incident() {
    let app = App::start();
    let page = format!("/incidents/{}", app.incident("Wrong shop"));
    let to = format!("{page}/withdrawal");
    let lena = app.signed_in(&app.lead);
    assert!(lena.get(&page).body.contains("Declared by mistake? Withdraw it"));
    let short = lena.submit(&page, &to, &[("withdraw_reason", "no")]);
    assert_refused_at(&short, "withdraw_reason", "Say in a sentence why it was a mistake.");
    assert!(short.body.contains("value=\"no\""), "what was typed stays");
    let done = lena.submit(&page, &to, &[("withdraw_reason", "Filed for the wrong shop.")]);
    let after = follow(&lena, &done).body;
    assert!(after.contains("Withdrawn, declared by mistake: Filed for the wrong shop."), "{after}");
    assert!(after.contains("Cancelled") && !after.contains("Declared by mistake? Withdraw it"), "{after}");
    app.assert_audit_holds();
}

#[test]
fn while_it_pauses_something_it_leads_to_the_restart() {
    let app = App::start();
    let slug = app.automation("order-mails");
    let reference = crate::story::file(&app, "Mails go out twice", &slug);
    let page = format!("/incidents/{reference}");
    let omar = app.signed_in(&app.owner);
    let shown = omar.get(&page).body;
    let form = shown.split("id=\"withdraw\"").nth(1).expect("the owner finds it");
    let form = form.split("</details>").next().unwrap();
    assert!(form.contains("It still pauses order mails.") && form.contains(&format!("{page}/restart")), "{form}");
    let refused = omar.submit(&page, &format!("{page}/withdrawal"), &[("withdraw_reason", "It is a duplicate.")]);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("What still blocks, and where each is settled"), "{}", refused.body);
    let lena = app.signed_in(&app.lead);
    let version = crate::support::hidden(&lena.get(&page).body, "version");
    let closed = lena.submit(&page, &format!("{page}/status"), &[("status", "closed"), ("version", &version)]);
    assert_eq!(closed.status, 409, "{}", closed.body);
    assert!(closed.body.contains("What still blocks, and where each is settled"), "{}", closed.body);
}

#[test]
fn the_form_has_its_ladder() {
    let app = App::start();
    let page = format!("/incidents/{}", app.incident("Wrong shop"));
    let to = format!("{page}/withdrawal");
    let fields = [("withdraw_reason", "Filed for the wrong shop.")];
    let as_person = |email: &str| app.signed_in(email).submit("/", &to, &fields).status;
    assert_eq!((as_person(&app.outsider), as_person(&app.reporter), as_person(&app.auditor)), (404, 404, 403));
    assert!(!app.signed_in(&app.auditor).get(&page).body.contains("Declared by mistake"));
    let lena = app.signed_in(&app.lead);
    assert_eq!(lena.submit("/", "/incidents/INC-1999-0001/withdrawal", &fields).status, 404);
    assert_eq!(lena.get(&to).status, 405);
}
