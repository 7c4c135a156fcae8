//! A playbook in an incident: steps as they were, in order, with evidence and a second person.

use super::{Agency, content, good, made};
use serde_json::json;

const SHOWN: &str = "https://shop.example/orders/12";

#[test]
fn steps_are_kept_ticked_in_order_and_agreed_to_by_a_second_person() {
    let agency = Agency::start();
    let playbook = agency.playbook();
    let reference = agency.app.incident("Charged twice");
    let runs = format!("/incidents/{reference}/playbook-runs");
    made(&agency.lead().post(&runs, &json!({ "playbook": playbook })));
    let mut other = content();
    other["steps"][0]["title"] = json!("Something else");
    good(&agency.lead().put(&format!("/playbooks/{playbook}"), &other));
    let shown = agency.lead().get(&runs).json["items"][0].clone();
    assert_eq!((&shown["steps"][0]["title"], &shown["version"]), (&json!("Look at the order"), &json!(1)));
    let step = |at: usize| shown["steps"][at]["id"].as_str().unwrap().to_owned();
    let tick = |at: usize| {
        agency.lead().post(&format!("/playbook-steps/{}/completion", step(at)), &json!({ "evidence": SHOWN }))
    };
    let to = |at: usize, verb: &str| format!("/playbook-steps/{}/{verb}", step(at));
    assert_eq!(tick(1).codes(), ["out_of_turn"]);
    assert_eq!(agency.lead().post(&to(0, "completion"), &json!({ "evidence": "ok" })).fields(), ["evidence"]);
    assert_eq!(agency.lead().post(&to(0, "approval-request"), &json!({})).codes(), ["no_approval_needed"]);
    good(&tick(0));
    assert_eq!(tick(0).codes(), ["done_already"]);
    assert_eq!(tick(1).codes(), ["not_approved"]);
    assert_eq!(agency.owner().post(&to(1, "approval"), &json!({})).codes(), ["not_asked"]);
    good(&agency.lead().post(&to(1, "approval-request"), &json!({})));
    assert_eq!(agency.lead().post(&to(1, "approval"), &json!({})).codes(), ["same_person"]);
    good(&agency.owner().post(&to(1, "approval"), &json!({})));
    good(&tick(1));
    let done = agency.lead().get(&runs).json["items"][0].clone();
    assert_eq!((&done["done"], &done["steps"][1]["approved_by"]["name"]), (&json!(true), &json!("Omar")));
    let timeline = agency.lead().get(&format!("/incidents/{reference}")).body;
    assert!(timeline.contains("Agreed to the step “Refund the second charge”."), "{timeline}");
    agency.app.assert_audit_holds();
}

#[test]
fn who_agreed_does_not_do_it_and_a_disabled_playbook_is_not_begun() {
    let agency = Agency::start();
    let file = agency.export(&agency.playbook());
    let disabled = made(&agency.admin().post(&format!("/playbook-imports?site={}", agency.app.site), &file));
    let reference = agency.app.incident("Charged twice");
    let runs = format!("/incidents/{reference}/playbook-runs");
    let refused = agency.lead().post(&runs, &json!({ "playbook": disabled }));
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.codes().contains(&"not_released"));
    assert_eq!(agency.lead().post(&runs, &json!({ "playbook": "nothing" })).fields(), ["playbook"]);
    assert_eq!(agency.owner().post(&runs, &json!({ "playbook": disabled })).status, 403);

    let mut playbook = content();
    playbook["steps"].as_array_mut().unwrap().remove(0);
    let body = json!({ "site": agency.app.site, "owner": agency.app.owner, "playbook": playbook });
    let id = made(&agency.lead().post("/playbooks", &body));
    made(&agency.lead().post(&runs, &json!({ "playbook": id })));
    let step = agency.lead().get(&runs).json["items"][0]["steps"][0]["id"].as_str().unwrap().to_owned();
    good(&agency.lead().post(&format!("/playbook-steps/{step}/approval-request"), &json!({})));
    good(&agency.admin().post(&format!("/playbook-steps/{step}/approval"), &json!({})));
    let tick = format!("/playbook-steps/{step}/completion");
    assert_eq!(agency.admin().post(&tick, &json!({ "evidence": SHOWN })).codes(), ["same_person"]);
    good(&agency.lead().post(&tick, &json!({ "evidence": SHOWN })));
}

#[test]
fn a_step_says_what_its_placeholders_stand_for_on_this_site() {
    let agency = Agency::start();
    let mut playbook = content();
    playbook["placeholders"] = json!([
        { "name": "paid_status", "topic": "order_statuses", "hint": "the status of a paid order here" },
        { "name": "hosting_contact", "topic": "support_ownership", "hint": "whom to call" }
    ]);
    playbook["steps"][0]["title"] = json!("Ask {hosting_contact}");
    let body = json!({ "site": agency.app.site, "owner": agency.app.owner, "playbook": playbook });
    let id = made(&agency.lead().post("/playbooks", &body));
    let reference = agency.app.incident("Charged twice");
    let runs = format!("/incidents/{reference}/playbook-runs");
    made(&agency.lead().post(&runs, &json!({ "playbook": id })));
    let page = format!("/incidents/{reference}/playbooks");
    let lena = agency.app.signed_in(&agency.app.lead);
    let shown = lena.get(&page).body;
    assert!(!shown.contains("{paid_status}") && !shown.contains("{hosting_contact}"), "{shown}");
    assert!(shown.contains("the status of a paid order here: not written down yet</a>"), "{shown}");
    assert!(shown.contains(&format!("href=\"/playbooks/{id}#row-order_statuses\"")), "{shown}");
    assert!(shown.contains("the site&#39;s hosting contact: not written down yet</a>"), "{shown}");
    assert!(shown.contains(&format!("href=\"/sites/{}\"", agency.app.site)), "{shown}");
    let ada = agency.app.signed_in(&agency.app.admin);
    let edit = format!("href=\"/sites/{}/edit#hosting_contact\"", agency.app.site);
    assert!(ada.get(&page).body.contains(&edit), "whoever may write it down is led to the field");

    // Written down on the playbook's page, it stands in the step; what was written here is the same as nowhere.
    let form = lena.get(&format!("/playbooks/{id}")).body;
    assert!(form.contains("What its placeholders are here") && !form.contains("value=\"same\""), "{form}");
    assert!(!form.contains("row-support_ownership"), "the site's record says that one");
    let localised = json!({ "topic": "order_statuses", "answer": "changed_to", "changed_to": "wc-paid" });
    good(&agency.lead().post(&format!("/playbooks/{id}/localisation"), &localised));
    assert!(lena.get(&page).body.contains("It should have the status <b>wc-paid</b>."));
    let step = agency.lead().get(&runs).json["items"][0]["steps"][0]["id"].as_str().unwrap().to_owned();
    good(&agency.lead().post(&format!("/playbook-steps/{step}/completion"), &json!({ "evidence": SHOWN })));
    let timeline = agency.lead().get(&format!("/incidents/{reference}")).body;
    assert!(timeline.contains("Did the step “Ask (the site's hosting contact: not written down yet)”."), "{timeline}");
    agency.app.assert_audit_holds();
}
