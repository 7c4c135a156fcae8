//! Rows that were altered behind the program's back close the gates that rest on them.

use super::gate;
use crate::story::Story;
use allclear::actions::watch_integrity::{self, Watch};
use serde_json::json;

fn watch(story: &Story) -> Vec<String> {
    watch_integrity::run(&story.app.desk).unwrap().differences
}

fn open(story: &Story, slug: &str) -> bool {
    story.owner().get(&format!("/gate/{slug}")).status == 200
}

#[test]
fn a_check_flipped_by_sql_is_named_and_closes_what_its_incident_paused() {
    let story = Story::begin();
    let work = story.complete();
    let other = story.app.automation("stock-sync");
    let failed = json!({ "outcome": "fail", "evidence": crate::story::PROOF });
    let result = crate::story::made(&story.owner().post(&format!("/checks/{}/results", work.check), &failed));
    assert_eq!(watch(&story), [""; 0]);
    story.app.tamper(&format!("UPDATE check_results SET outcome = 'pass' WHERE id = '{result}'"));
    assert_eq!(watch(&story), [format!("row check_results {result} is not what was last written")]);
    assert_eq!(gate(&story), json!(["altered_outside", "paused_by_incident"]));
    assert!(open(&story, &other), "what does not rest on it stays open");
    for email in [&story.app.admin, &story.app.owner, &story.app.auditor] {
        let home = story.app.signed_in(email).get("/").body;
        assert!(home.contains("changed outside Allclear") && home.contains(&result), "{email}: {home}");
    }
    assert!(!story.app.signed_in(&story.app.outsider).get("/").body.contains(&result));
    let verified = story.admin().get("/audit/verification");
    assert_eq!(verified.json["holds"], json!(false));
    // It agrees again, and settles by itself.
    story.app.tamper(&format!("UPDATE check_results SET outcome = 'fail' WHERE id = '{result}'"));
    assert_eq!(watch(&story), [""; 0]);
    assert_eq!(gate(&story), json!(["paused_by_incident"]));
    assert!(!story.app.signed_in(&story.app.admin).get("/").body.contains("changed outside Allclear"));
    story.app.assert_audit_holds();
}

#[test]
fn a_pause_released_by_sql_opens_nothing_for_long() {
    let story = Story::begin();
    let other = story.app.automation("stock-sync");
    let at = story.app.desk.now().utc().format("%Y-%m-%d %H:%M:%S").to_string();
    story.app.tamper(&format!("UPDATE pauses SET released_at = '{at}', released_by = 'person:x'"));
    // The gate follows the audit chain, and the chain tells of no release.
    assert!(!story.gate_is_open());
    watch(&story);
    assert_eq!(gate(&story), json!(["altered_outside"]));
    assert!(open(&story, &other));
    // Turned to another target as well, even what it covered is in doubt: everything closes.
    story.app.tamper("UPDATE pauses SET target = 'elsewhere'");
    watch(&story);
    assert!(!story.gate_is_open() && !open(&story, &other));
}

#[test]
fn each_altered_row_closes_what_it_touches() {
    let story = Story::begin();
    story.complete();
    let (other, slug) = (story.app.automation("stock-sync"), story.slug.clone());
    let cases = [
        (
            format!("UPDATE automations SET scope = 'normal' WHERE slug = '{slug}'"),
            format!("UPDATE automations SET scope = 'read_only' WHERE slug = '{slug}'"),
            true,
        ),
        (
            "UPDATE criteria SET statement = 'x'".into(),
            format!("UPDATE criteria SET statement = '{}'", crate::story::STATEMENT),
            true,
        ),
        (
            "UPDATE sites SET name = 'x' WHERE slug = 'shop-south'".into(),
            "UPDATE sites SET name = 'Shop South' WHERE slug = 'shop-south'".into(),
            false,
        ),
        (
            "UPDATE check_results SET outcome = 'perhaps'".into(),
            "UPDATE check_results SET outcome = 'pass'".into(),
            false,
        ),
    ];
    for (alter, restore, other_stays_open) in cases {
        story.app.tamper(&alter);
        assert_eq!(watch(&story).len(), 1, "{alter}");
        assert!(!story.gate_is_open(), "{alter}");
        assert_eq!(open(&story, &other), other_stays_open, "{alter}");
        story.app.tamper(&restore);
        assert_eq!(watch(&story), [""; 0], "{restore}");
        assert!(open(&story, &other), "{restore}");
    }
}

#[test]
fn an_altered_chain_and_a_forged_seal_close_every_gate() {
    let story = Story::begin();
    let other = story.app.automation("stock-sync");
    allclear::actions::seal_audit_head::run(&story.app.desk).unwrap();
    assert_eq!(watch(&story), [""; 0]);
    story.app.tamper("UPDATE audit_seals SET signature = 'AAAA'");
    let found = watch(&story);
    assert!(found.len() == 1 && found[0].contains("signature of the head"), "{found:?}");
    assert!(!open(&story, &other));
    story.app.tamper("DELETE FROM audit_seals");
    assert_eq!(watch(&story), [""; 0]);
    assert!(open(&story, &other));
    story.app.tamper("UPDATE audit SET actor = 'system:nobody' WHERE seq = 2");
    assert!(watch(&story)[0].contains("entry 2 was altered"));
    assert!(!open(&story, &other));
}

#[test]
fn the_round_looks_once_in_a_while_and_the_audit_page_at_once() {
    let story = Story::begin();
    let mut rounds = Watch::default();
    rounds.round(&story.app.desk).unwrap();
    story.app.tamper("UPDATE sites SET name = 'x' WHERE slug = 'shop-south'");
    rounds.round(&story.app.desk).unwrap();
    let other = story.app.automation("stock-sync");
    assert!(open(&story, &other), "it looked a moment ago");
    story.app.desk.clock.advance(chrono::Duration::minutes(11));
    rounds.round(&story.app.desk).unwrap();
    assert!(!open(&story, &other));
    story.app.tamper("UPDATE sites SET name = 'Shop South' WHERE slug = 'shop-south'");
    let page = story.app.signed_in(&story.app.auditor).submit("/audit", "/audit/verify", &[]);
    assert!(page.body.contains("The chain holds"), "{}", page.body);
    assert!(open(&story, &other));
}
