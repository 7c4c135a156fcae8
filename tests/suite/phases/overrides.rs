//! Break-glass: two people, some hours, in red until somebody else has looked at it.

use super::{gate, later};
use crate::story::{Story, good, made};
use crate::support::Reply;
use allclear::domain::person::Role;
use serde_json::{Value, json};

fn wish(story: &Story, hours: i64) -> Value {
    let until = story.app.desk.now().plus(chrono::Duration::hours(hours)).rfc3339();
    json!({ "reason": "Orders of the sale must be confirmed tonight.", "expires_at": until })
}

fn ask(story: &Story, email: &str) -> String {
    made(&story.api(email).post(&format!("/automations/{}/overrides", story.slug), &wish(story, 2)))
}

fn press(story: &Story, email: &str, id: &str, verb: &str) -> Reply {
    story.api(email).post(&format!("/overrides/{id}/{verb}"), &json!({}))
}

fn review(story: &Story, email: &str, id: &str) -> Reply {
    let note = json!({ "note": "Twelve mails went out, each of them once." });
    story.api(email).post(&format!("/overrides/{id}/review"), &note)
}

#[test]
fn two_people_open_it_for_some_hours_and_it_closes_by_itself() {
    let story = Story::begin();
    let id = ask(&story, &story.app.owner);
    assert_eq!(gate(&story), json!(["paused_by_incident"]), "one person opens nothing");
    let confirmed = press(&story, &story.app.admin, &id, "confirmation");
    assert_eq!((confirmed.status, &confirmed.json["state"]), (200, &json!("holds")), "{}", confirmed.body);
    assert_eq!(confirmed.json["incident"], json!(story.reference));
    assert_eq!(gate(&story), json!("read_only"));
    let lease = story.owner().get(&format!("/gate/{}", story.slug));
    assert!(lease.json["expires_at"].as_str().unwrap() <= confirmed.json["expires_at"].as_str().unwrap());
    let action = confirmed.json["action"].as_str().unwrap();
    let follow_up = story.lead().get(&format!("/actions/{action}"));
    assert_eq!(follow_up.json["owner"]["name"], "Omar", "{}", follow_up.body);
    later(&story.app, 3);
    assert_eq!(gate(&story), json!(["paused_by_incident"]), "no pause was lifted");
    let shown = story.auditor().get(&format!("/overrides/{id}"));
    assert_eq!(shown.json["state"], "over");
    story.app.assert_audit_holds();
}

#[test]
fn two_different_people_one_of_them_an_administrator() {
    let story = Story::begin();
    let by_owner = ask(&story, &story.app.owner);
    assert_eq!(press(&story, &story.app.owner, &by_owner, "confirmation").status, 403, "the same person");
    assert_eq!(press(&story, &story.app.lead, &by_owner, "confirmation").status, 403, "no administrator among them");
    assert_eq!(press(&story, &story.app.auditor, &by_owner, "confirmation").status, 403, "an auditor changes nothing");
    assert_eq!(press(&story, &story.app.outsider, &by_owner, "confirmation").status, 404);
    let by_admin = ask(&story, &story.app.admin);
    good(&press(&story, &story.app.reporter, &by_admin, "confirmation"));
    assert_eq!(press(&story, &story.app.lead, &by_admin, "confirmation").codes(), ["override_not_open"]);
    assert_eq!(gate(&story), json!("read_only"));
}

#[test]
fn a_question_that_nobody_confirmed_in_time_lapses() {
    let story = Story::begin();
    let id = ask(&story, &story.app.owner);
    later(&story.app, 3);
    assert_eq!(press(&story, &story.app.admin, &id, "confirmation").codes(), ["override_not_open"]);
    assert_eq!(review(&story, &story.app.lead, &id).codes(), ["never_opened"]);
}

#[test]
fn it_ends_by_hand_and_is_reviewed_by_somebody_who_took_no_part() {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", Role::Administrator);
    let id = ask(&story, &story.app.owner);
    good(&press(&story, &story.app.admin, &id, "confirmation"));
    let red = |email: &str| story.app.signed_in(email).get("/").body.contains("Break-glass");
    assert!(red(&story.app.lead) && red(&story.app.admin));
    assert_eq!(review(&story, &anna, &id).codes(), ["override_holds"]);
    good(&press(&story, &story.app.lead, &id, "end"));
    assert_eq!(gate(&story), json!(["paused_by_incident"]));
    assert_eq!(press(&story, &story.app.lead, &id, "end").codes(), ["override_over"]);
    for took_part in [&story.app.owner, &story.app.admin, &story.app.lead] {
        assert_eq!(review(&story, took_part, &id).status, 403, "{took_part}");
    }
    assert!(red(&story.app.lead), "it stands until it is reviewed");
    let reviewed = review(&story, &anna, &id);
    assert_eq!((reviewed.status, &reviewed.json["state"]), (200, &json!("reviewed")), "{}", reviewed.body);
    assert_eq!(review(&story, &anna, &id).codes(), ["already_reviewed"]);
    assert!(!red(&story.app.lead));
    story.app.assert_audit_holds();
}

#[test]
fn what_is_asked_badly_is_refused_at_the_field() {
    let story = Story::begin();
    let path = format!("/automations/{}/overrides", story.slug);
    let with = |field: &str, value: Value| {
        let mut body = wish(&story, 2);
        body[field] = value;
        story.owner().post(&path, &body)
    };
    assert_eq!(with("reason", json!("asap")).fields(), ["reason"]);
    assert_eq!(with("expires_at", json!("tomorrow")).fields(), ["expires_at"]);
    assert_eq!(with("expires_at", json!("2020-01-01T00:00:00Z")).fields(), ["expires_at"]);
    assert_eq!(story.owner().post(&path, &wish(&story, 5)).fields(), ["expires_at"], "longer than the limit");
    assert_eq!(story.owner().post(&path, &json!({})).fields(), ["reason", "expires_at"]);
}

#[test]
fn without_an_open_incident_one_is_opened_for_the_follow_up() {
    let story = Story::begin();
    let slug = story.app.automation("stock-sync");
    let pause = json!({ "reason": "Stock is being counted." });
    assert_eq!(story.lead().post(&format!("/automations/{slug}/pauses"), &pause).status, 201);
    let id = made(&story.owner().post(&format!("/automations/{slug}/overrides"), &wish(&story, 2)));
    let confirmed = press(&story, &story.app.admin, &id, "confirmation");
    assert_eq!((confirmed.status, &confirmed.json["state"]), (200, &json!("holds")), "{}", confirmed.body);
    assert_eq!(story.owner().get(&format!("/gate/{slug}")).status, 200);
    let reference = confirmed.json["incident"].as_str().unwrap();
    assert_ne!(reference, story.reference, "that of another automation is not its");
    let incident = story.lead().get(&format!("/incidents/{reference}"));
    assert!(
        incident.json["title"].as_str().unwrap().contains("Break-glass opening of stock sync"),
        "{}",
        incident.body
    );
    assert!(incident.body.contains("Orders of the sale must be confirmed tonight."), "{}", incident.body);
    let action = story.lead().get(&format!("/actions/{}", confirmed.json["action"].as_str().unwrap()));
    assert_eq!(
        (&action.json["owner"]["name"], &action.json["incident"]),
        (&json!("Omar"), &json!(reference)),
        "{}",
        action.body
    );
    // A second opening while the first incident is open: it holds nothing, so this one gets its own.
    good(&press(&story, &story.app.owner, &id, "end"));
    let again = made(&story.owner().post(&format!("/automations/{slug}/overrides"), &wish(&story, 2)));
    let again = press(&story, &story.app.admin, &again, "confirmation");
    assert!(again.json["action"].is_string() && again.json["incident"] != confirmed.json["incident"], "{}", again.body);
    story.app.settle();
    let outbox = std::fs::read_dir(story.app.data.join("outbox")).unwrap();
    let mails: Vec<String> = outbox.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let told = |to: &str| mails.iter().filter(|mail| mail.contains(to) && mail.contains("break-glass")).count();
    assert_eq!((told("To: omar@example.org"), told("To: ada@example.org")), (2, 2), "{mails:?}");
    story.app.assert_audit_holds();
}

#[test]
fn it_lies_above_pauses_and_above_nothing_else() {
    let story = Story::begin();
    let id = ask(&story, &story.app.owner);
    good(&press(&story, &story.app.admin, &id, "confirmation"));
    good(&story.admin().patch(&format!("/automations/{}", story.slug), &json!({ "rollback_path": null })));
    assert_eq!(gate(&story), json!(["missing_rollback_path"]));
}

#[test]
fn whoever_asked_and_lost_their_role_meanwhile_does_not_count() {
    let story = Story::begin();
    let kim = story.add("kim@example.org", "Kim", Role::SupportLead);
    let id = ask(&story, &kim);
    let people = story.admin().get("/people");
    let row = people.json["items"].as_array().unwrap().iter().find(|person| person["email"] == kim).unwrap().clone();
    let path = format!("/people/{}/active", row["id"].as_str().unwrap());
    good(&story.admin().post(&path, &json!({ "active": false })));
    assert_eq!(press(&story, &story.app.admin, &id, "confirmation").codes(), ["asker_left"]);
}
