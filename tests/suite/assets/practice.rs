//! What seed 003 asks for, held against an asset once it is approved.

use super::{Library, good, made, yes};
use serde_json::{Value, json};

/// The run of an approved asset.
fn run(library: &Library) -> Value {
    let runs = library.lead().get("/practice-runs?practice=asset-lifecycle").json["items"].clone();
    runs[0].clone()
}

fn open(library: &Library) -> Vec<String> {
    let items = run(library)["items"].as_array().unwrap().clone();
    items.iter().filter(|item| item["met"] == false).map(|item| item["line"].as_str().unwrap().to_owned()).collect()
}

/// Occasions of the reviews that wait.
fn waiting(library: &Library) -> Vec<String> {
    let reviews = run(library)["reviews"].as_array().unwrap().clone();
    let open = reviews.iter().filter(|review| review["done_at"].is_null());
    open.map(|review| review["occasion"].as_str().unwrap().to_owned()).collect()
}

fn attest(library: &Library, line: &str) {
    let body = json!({ "line": line, "evidence": "https://wiki.example/media/review" });
    let path = format!("/practice-runs/{}/attestations", run(library)["id"].as_str().unwrap());
    assert_eq!(library.lead().post(&path, &body).status, 403, "a lead's word is no owner's");
    made(&library.api(&library.app.owner).post(&path, &body));
}

// seed: asset.metadata.2 asset.cadence.1
#[test]
fn an_approved_asset_is_held_against_its_practice_by_itself() {
    let library = Library::start();
    library.ready();
    assert_eq!(run(&library), Value::Null, "a draft is held against nothing");
    let id = library.approved();
    assert_eq!(run(&library)["subject"], json!(id));
    assert_eq!(open(&library), ["asset.metadata.2", "asset.reuse.1", "asset.acceptance.1", "asset.acceptance.4"]);
    assert_eq!(waiting(&library), ["before_first_use"]);
    made(&library.admin().post(&format!("/assets/{id}/reuse-decisions"), &yes()));
    attest(&library, "asset.metadata.2");
    attest(&library, "asset.acceptance.4");
    assert_eq!((open(&library), &run(&library)["complete"]), (Vec::new(), &json!(true)));
    library.app.assert_audit_holds();
}

// seed: workflow.related.15
#[test]
fn workflows_wait_for_the_assets_of_their_site() {
    let library = Library::start();
    let slug = library.app.automation("order-mails");
    let body = json!({ "practice": "workflow-safety", "subject_kind": "automation", "subject": slug });
    let held = made(&library.lead().post("/practice-runs", &body));
    let met = || {
        let items = library.lead().get(&format!("/practice-runs/{held}")).json["items"].clone();
        items.as_array().unwrap().iter().any(|item| item["line"] == "workflow.related.15" && item["met"] == true)
    };
    assert!(met(), "no asset waits");
    let id = library.approved();
    assert!(!met());
    made(&library.admin().post(&format!("/assets/{id}/reuse-decisions"), &yes()));
    attest(&library, "asset.metadata.2");
    attest(&library, "asset.acceptance.4");
    assert!(met(), "its practice is complete");
}

// seed: asset.escalation.1
#[test]
fn what_lacks_rights_alt_text_owner_end_or_a_decision_is_escalated() {
    let library = Library::start();
    let id = library.reusable();
    assert_eq!(run(&library)["escalations"], json!([]));
    for (lacks, field) in [("rights", "rights_note"), ("alt text", "alt_text"), ("owner", "owner")] {
        let before = library.show(&id);
        good(&library.lead().patch(&format!("/assets/{id}"), &json!({ field: null })));
        let due = run(&library)["escalations"][0].clone();
        assert_eq!(
            (&due["line"], &due["tell"]),
            (&json!("asset.escalation.1"), &json!(["owner", "administrator"])),
            "{lacks}"
        );
        let kept = if field == "owner" { json!(library.app.owner) } else { before[field].clone() };
        good(&library.lead().patch(&format!("/assets/{id}"), &json!({ field: kept })));
    }
    let mut no = yes();
    no["brand_fit"] = json!(false);
    made(&library.admin().post(&format!("/assets/{id}/reuse-decisions"), &no));
    assert_eq!(run(&library)["escalations"][0]["line"], "asset.escalation.1", "no safe decision");
}

// seed: asset.checklist.3
#[test]
fn what_makes_assets_is_defined_before_they_are_used() {
    let library = Library::start();
    library.reusable();
    let closed = |line: &str| open(&library).contains(&line.to_owned());
    assert!(!closed("asset.checklist.3"));
    let half = json!({ "slug": "banner-maker", "name": "Banner maker", "kind": "workflow", "category": "image", "site": library.app.site });
    good(&library.admin().post("/automations", &half));
    assert!(closed("asset.checklist.3") && !closed("asset.checklist.4"), "it has no definition, and is read only");
}

// seed: asset.checklist.4
#[test]
fn what_makes_assets_begins_read_only() {
    let library = Library::start();
    library.reusable();
    let half = json!({ "slug": "banner-maker", "name": "Banner maker", "kind": "workflow", "category": "image", "site": library.app.site });
    good(&library.admin().post("/automations", &half));
    assert!(!open(&library).contains(&"asset.checklist.4".to_owned()));
    library.app.tamper("UPDATE automations SET scope = 'normal' WHERE slug = 'banner-maker'");
    assert!(open(&library).contains(&"asset.checklist.4".to_owned()), "nobody reviewed a run of it");
}

// seed: asset.cadence.2
#[test]
fn a_failed_run_of_what_makes_images_asks_for_a_review() {
    let library = Library::start();
    library.approved();
    let maker = json!({ "slug": "banner-maker", "name": "Banner maker", "kind": "workflow", "category": "image", "site": library.app.site });
    good(&library.admin().post("/automations", &maker));
    let run = |outcome: &str| json!({ "outcome": outcome, "what": "Drew ten banners", "why": "The weekly round" });
    good(&library.lead().post("/automations/banner-maker/runs", &run("success")));
    assert_eq!(waiting(&library), ["before_first_use"]);
    good(&library.lead().post("/automations/banner-maker/runs", &run("failure")));
    assert_eq!(waiting(&library), ["before_first_use", "after_failed_run"]);
}

// seed: asset.cadence.3
#[test]
fn a_provider_change_asks_for_a_review() {
    let library = Library::start();
    library.approved();
    let change = |kind: &str| json!({ "kind": kind, "site": library.app.site, "note": "Announced on the status page" });
    good(&library.lead().post("/changes", &change("hosting_incident")));
    assert_eq!(waiting(&library), ["before_first_use"]);
    good(&library.lead().post("/changes", &change("provider_change")));
    assert_eq!(waiting(&library), ["before_first_use", "after_provider_change"]);
}

// seed: asset.cadence.4
#[test]
fn a_monthly_review_comes_round_and_an_overdue_one_keeps_the_asset_from_use() {
    let library = Library::start();
    let id = library.reusable();
    library.app.desk.clock.advance(chrono::Duration::days(15));
    assert!(library.reuse(&id).codes().contains(&"practice_review_overdue"), "{:?}", library.reuse(&id).codes());
    library.app.desk.clock.advance(chrono::Duration::days(16));
    allclear::actions::keep_practice::call_round(&library.app.desk).unwrap();
    assert_eq!(waiting(&library), ["before_first_use", "monthly"]);
}
