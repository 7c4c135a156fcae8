//! A result speaks for what was tested, and for nothing else.

use super::{gate, restarted};
use crate::story::{Story, good, made, result};
use allclear::actions::register_site::{self, SiteForm};
use allclear::domain::site::Versions;
use serde_json::json;

/// The site's plugin is updated.
pub fn update_site(story: &Story, sophmate: &str) {
    let form = SiteForm {
        slug: story.app.site.clone(),
        name: "Shop North".into(),
        production_url: "https://shop-north.example.com".into(),
        time_zone: "Europe/Berlin".into(),
        versions: Versions {
            sophmate: Some(sophmate.into()),
            wordpress: Some("6.9".into()),
            php: Some("8.3.14".into()),
            woocommerce: Some("10.1".into()),
            theme: None,
        },
        ..SiteForm::default()
    };
    let admin = story.app.actor(&story.app.admin);
    register_site::change(&story.app.desk, &admin, &story.app.site, None, form).unwrap();
}

#[test]
fn a_pass_on_another_configuration_is_stale_and_names_what_changed() {
    let story = Story::begin();
    let work = story.complete();
    assert_eq!(story.blocked(), [""; 0]);
    update_site(&story, "3.3.0");
    assert_eq!(story.blocked(), ["check_stale"]);
    let reply = story.lead().get(&story.at("readiness"));
    let message = reply.json["restart"]["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("Resend an order") && message.contains("site versions"), "{message}");
    made(&story.owner().post(&format!("/checks/{}/results", work.check), &result("pass")));
    assert_eq!(story.blocked(), [""; 0]);
    // Back to what it was before: what passed last speaks for the newer one only.
    update_site(&story, "3.2.1");
    assert_eq!(story.blocked(), ["check_stale"]);
    story.app.assert_audit_holds();
}

#[test]
fn new_versions_of_the_site_end_a_request_and_an_approval_and_are_named() {
    let story = Story::begin();
    story.complete();
    let request = story.ask();
    update_site(&story, "3.3.0");
    assert_eq!(story.state_of(&request), "void");
    let because = story.lead().get(&format!("/restart-requests/{request}")).json["voided_because"].clone();
    assert_eq!(because, "this changed: site versions");

    let (story, request) = restarted();
    update_site(&story, "3.3.0");
    assert_eq!(story.state_of(&request), "void");
    assert_eq!(gate(&story), json!(["paused_by_incident"]));
    let phases = story.lead().get(&format!("/automations/{}/phases", story.slug));
    assert_eq!(phases.json["items"][0]["ended_because"], "the restart became void");
    story.app.assert_audit_holds();
}

#[test]
fn a_site_that_is_saved_without_new_versions_voids_nothing() {
    let (story, request) = restarted();
    update_site(&story, "3.2.1");
    assert_eq!(story.state_of(&request), "approved");
    assert_eq!(gate(&story), json!("read_only"));
}

#[test]
fn what_a_category_pause_covers_belongs_to_the_ground() {
    let story = Story::begin();
    let category = json!({ "incident": story.reference });
    good(&story.admin().post("/switches/commerce/pauses", &category));
    story.complete();
    let request = story.ask();
    // Registered now, it comes under the pause that was asked to be lifted.
    story.app.automation("stock-sync");
    assert_eq!(story.state_of(&request), "void");
    assert_eq!(story.blocked(), [""; 0]);
    let second = story.ask();
    let decision = format!("/restart-requests/{second}/decision");
    good(&story.admin().post(&decision, &crate::story::approval()));
    let phases = story.lead().get("/automations/stock-sync/phases");
    assert_eq!(phases.json["items"][0]["request"], json!(second), "{}", phases.body);
    story.app.assert_audit_holds();
}
