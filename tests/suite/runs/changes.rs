//! Outside events pause what they concern.

use super::{Runs, SECRET};
use serde_json::json;

fn with_providers() -> Runs {
    let runs = Runs::begin();
    for (slug, provider) in [("drafts", "Northwind AI"), ("prices", "Contoso")] {
        runs.app.automation(slug);
        let change = json!({ "provider": provider });
        assert_eq!(runs.admin().patch(&format!("/automations/{slug}"), &change).status, 200);
    }
    runs
}

fn gate(runs: &Runs, slug: &str) -> u16 {
    runs.owner().get(&format!("/gate/{slug}")).status
}

// seed: workflow.cadence.3
#[test]
fn a_provider_change_pauses_what_uses_the_provider_or_names_none() {
    let runs = with_providers();
    let body = json!({ "kind": "provider_change", "site": runs.app.site, "provider": "northwind ai",
                       "note": format!("The default model changed, key {SECRET}") });
    let reply = runs.lead().post("/changes", &body);
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.json["paused"], json!(["drafts", "order-mails"]));
    assert_eq!((gate(&runs, "drafts"), gate(&runs, "order-mails"), gate(&runs, "prices")), (423, 423, 200));
    assert_eq!(runs.incidents(), 1, "one incident holds all pauses");
    let listed = runs.lead().get(&format!("/changes?site={}", runs.app.site));
    assert_eq!(listed.json["items"][0]["incident"], reply.json["incident"]);
    assert!(!listed.body.contains(SECRET), "{}", listed.body);
    let reviews = runs.lead().get("/automations/drafts/reviews").json;
    assert_eq!(reviews["items"][0]["occasion"], "after_provider_change");
    let mails = runs.mails();
    assert!(mails.len() == 1 && mails[0].contains("drafts") && mails[0].contains("order mails"), "{mails:?}");
    assert!(!mails[0].contains(SECRET));
    runs.app.assert_audit_holds();
}

// seed: workflow.switches.2
#[test]
fn a_hosting_incident_and_a_plugin_update_pause_the_whole_site() {
    for kind in ["hosting_incident", "plugin_update"] {
        let runs = with_providers();
        let body =
            json!({ "kind": kind, "site": runs.app.site, "note": "Announced for tonight", "provider": "Contoso" });
        let reply = runs.owner().post("/changes", &body);
        let paused = reply.json["paused"].as_array().unwrap().len();
        assert_eq!(paused, if kind == "plugin_update" { 2 } else { 3 }, "{kind}: {}", reply.body);
    }
}

#[test]
fn other_events_go_on_record_and_pause_nothing() {
    let runs = with_providers();
    let body = json!({ "kind": "prompt_change", "site": runs.app.site, "note": "A shorter prompt for drafts" });
    let reply = runs.lead().post("/changes", &body);
    assert_eq!((reply.status, &reply.json["paused"], &reply.json["incident"]), (201, &json!([]), &json!(null)));
    assert_eq!((gate(&runs, "drafts"), runs.incidents()), (200, 0));
}

#[test]
fn a_site_without_automations_opens_no_incident() {
    let runs = Runs::begin();
    let olga = runs.api(&runs.app.outsider);
    let body = json!({ "kind": "hosting_incident", "site": runs.app.other_site, "note": "The host is down" });
    let reply = olga.post("/changes", &body);
    assert_eq!((reply.status, &reply.json["incident"]), (201, &json!(null)), "{}", reply.body);
    assert_eq!(gate(&runs, "order-mails"), 200);
}

#[test]
fn what_is_typed_badly_is_named_and_others_are_refused() {
    let runs = Runs::begin();
    assert_eq!(runs.lead().post("/changes", &json!({})).fields(), ["kind", "site", "note"]);
    let bad = json!({ "kind": "earthquake", "site": "nowhere", "note": "x" });
    assert_eq!(runs.lead().post("/changes", &bad).fields(), ["kind"]);
    let mut good = json!({ "kind": "plugin_update", "site": runs.app.site, "note": "Three to four" });
    assert_eq!(runs.api(&runs.app.outsider).post("/changes", &good).fields(), ["site"]);
    for email in [&runs.app.reporter, &runs.app.auditor] {
        assert_eq!(runs.api(email).post("/changes", &good).status, 403, "{email}");
    }
    assert_eq!(runs.robot().post("/changes", &good).status, 403);
    good["site"] = json!("nowhere");
    assert_eq!(runs.lead().post("/changes", &good).fields(), ["site"]);
    assert_eq!(runs.incidents(), 0);
}
