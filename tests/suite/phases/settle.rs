//! An administrator looks at a row that was altered, and settles it: it gives nothing away, and the rules answer again.

use super::{gate, later, restarted, widen};
use crate::story::{PROOF, Story, approval, good, made};
use crate::support::Reply;
use allclear::actions::watch_integrity;
use allclear::domain::person::Role;
use serde_json::{Value, json};

fn watch(story: &Story) -> Vec<String> {
    watch_integrity::run(&story.app.desk).unwrap().differences
}

/// The altered row of this table, as an administrator sees it.
fn altered(story: &Story, table: &str) -> Value {
    let listed = story.admin().get("/audit/differences");
    assert_eq!(listed.status, 200, "{}", listed.body);
    let rows = listed.json["items"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["table"] == table).unwrap_or_else(|| panic!("no {table}: {}", listed.body))
}

fn settle_as(story: &Story, email: &str, row: &Value) -> Reply {
    let at =
        format!("/audit/differences/{}/{}/settlement", row["table"].as_str().unwrap(), row["id"].as_str().unwrap());
    let body =
        json!({ "digest": row["digest"], "reason": "A colleague ran a script by hand; we went through its log." });
    story.api(email).post(&at, &body)
}

fn settle(story: &Story, table: &str) -> Reply {
    settle_as(story, &story.app.admin, &altered(story, table))
}

#[test]
fn a_row_is_looked_at_and_accepted_as_it_stands() {
    let story = Story::begin();
    let other = story.app.automation("stock-sync");
    story.app.tamper("UPDATE sites SET name = 'Shop Süd' WHERE slug = 'shop-south'");
    watch(&story);
    assert_eq!(story.owner().get(&format!("/gate/{other}")).status, 423, "everything is in doubt");
    watch(&story);
    story.app.settle();
    let outbox = std::fs::read_dir(story.app.data.join("outbox")).unwrap();
    let mails: Vec<String> = outbox.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let told = mails.iter().filter(|mail| mail.contains("Rows were changed outside Allclear")).count();
    assert!(told == 1 && mails.iter().any(|mail| mail.contains("To: ada@example.org")), "once: {mails:?}");
    let row = altered(&story, "sites");
    assert_eq!((&row["columns"]["name"], &row["closes"]), (&json!("Shop Süd"), &Value::Null));
    assert!(row["last_entry"].is_number() && row["refusal"].is_null(), "{row}");
    let settled = settle(&story, "sites");
    assert_eq!(settled.status, 200, "{}", settled.body);
    assert_eq!(watch(&story), [""; 0]);
    assert_eq!(story.owner().get(&format!("/gate/{other}")).status, 200);
    let kept = story.app.texts("SELECT reason AS text FROM settlements");
    assert!(kept.len() == 1 && kept[0].contains("went through its log"), "{kept:?}");
    let audit = story.admin().get("/audit").body;
    assert!(audit.contains("\"accepted\"") && audit.contains("\"settlements\""), "{audit}");
    assert_eq!(story.admin().get("/audit/differences").json["items"], json!([]));
    story.app.assert_audit_holds();
}

#[test]
fn the_word_is_bound_to_what_was_looked_at() {
    let story = Story::begin();
    story.app.tamper("UPDATE sites SET name = 'x' WHERE slug = 'shop-south'");
    watch(&story);
    let seen = altered(&story, "sites");
    story.app.tamper("UPDATE sites SET name = 'y' WHERE slug = 'shop-south'");
    assert_eq!(settle_as(&story, &story.app.admin, &seen).codes(), ["changed_meanwhile"]);
    let at = format!("/audit/differences/sites/{}/settlement", seen["id"].as_str().unwrap());
    assert_eq!(story.admin().post(&at, &json!({ "reason": "ok" })).fields(), ["reason", "digest"]);
    assert_eq!(story.admin().send(story.admin().request("GET", &at)).status, 405);
    for email in [&story.app.lead, &story.app.owner, &story.app.auditor, &story.app.outsider] {
        assert_eq!(settle_as(&story, email, &altered(&story, "sites")).status, 403, "{email}");
        assert_eq!(story.api(email).get("/audit/differences").status, 403, "{email}");
    }
    good(&settle(&story, "sites"));
    assert_eq!(settle_as(&story, &story.app.admin, &seen).status, 404, "nothing of it is left to settle");
    assert_eq!(
        story
            .admin()
            .post(
                "/audit/differences/sites/none/settlement",
                &json!({ "digest": "x", "reason": "We looked at all of it." })
            )
            .status,
        404
    );
}

#[test]
fn a_page_of_altered_rows_goes_on_behind_a_row_that_was_settled_meanwhile() {
    let story = Story::begin();
    story.app.tamper("UPDATE sites SET name = 'x'; UPDATE timeline SET author_name = 'x'");
    watch(&story);
    let page = |cursor: &str| story.admin().get(&format!("/audit/differences?limit=1{cursor}")).json;
    let mut all: Vec<String> = Vec::new();
    let (mut shown, mut last) = (page(""), Value::Null);
    loop {
        for row in shown["items"].as_array().unwrap() {
            all.push(format!("{} {}", row["table"].as_str().unwrap(), row["id"].as_str().unwrap()));
            last = row.clone();
        }
        let Some(cursor) = shown["next_cursor"].as_str().map(|cursor| cursor.replace(' ', "%20")) else { break };
        if all.len() == 1 {
            good(&settle_as(&story, &story.app.admin, &last));
        }
        shown = page(&format!("&cursor={cursor}"));
    }
    let mut sorted = all.clone();
    sorted.sort();
    sorted.dedup();
    assert!(all.len() >= 3 && all == sorted, "each once, in their order: {all:?}");
}

#[test]
fn a_pause_that_was_released_by_sql_holds_again() {
    let story = Story::begin();
    let at = story.app.desk.now().utc().format("%Y-%m-%d %H:%M:%S").to_string();
    story
        .app
        .tamper(&format!("UPDATE pauses SET released_at = '{at}', released_by = 'person:x', release_reason = 'fine'"));
    watch(&story);
    good(&settle(&story, "pauses"));
    assert_eq!(gate(&story), json!(["paused_by_incident"]), "only a restart decision lifts it");
    story.app.tamper("UPDATE pauses SET target = 'elsewhere'");
    watch(&story);
    let row = altered(&story, "pauses");
    assert!(row["digest"].is_null() && row["refusal"].as_str().unwrap().contains("covered"), "{row}");
    assert_eq!(
        settle_as(&story, &story.app.admin, &json!({ "table": "pauses", "id": row["id"], "digest": "x" })).codes(),
        ["not_by_hand"]
    );
    story.app.tamper("DELETE FROM pauses");
    watch(&story);
    assert!(altered(&story, "pauses")["refusal"].as_str().unwrap().contains("backup"));
}

#[test]
fn a_scope_that_was_written_by_sql_begins_again() {
    let (story, _) = restarted();
    story.app.tamper(&format!(
        "UPDATE automations SET scope = 'normal', approval_relaxed = TRUE WHERE slug = '{}'",
        story.slug
    ));
    watch(&story);
    assert_eq!(gate(&story), json!(["altered_outside"]));
    good(&settle(&story, "automations"));
    assert_eq!(gate(&story), json!("read_only"));
    let shown = story.admin().get(&format!("/automations/{}", story.slug)).json;
    assert_eq!((&shown["scope"], &shown["approval_relaxed"]), (&json!("read_only"), &json!(false)));
    later(&story.app, 25);
    assert!(widen(&story).codes().contains(&"runs_not_reviewed"));
    story.app.assert_audit_holds();
}

#[test]
fn whoever_accepts_a_row_of_an_incident_took_part_in_it() {
    let story = Story::begin();
    let anna = story.add("anna@example.org", "Anna", Role::Administrator);
    let work = story.complete();
    let failed = json!({ "outcome": "fail", "evidence": PROOF });
    let result = made(&story.owner().post(&format!("/checks/{}/results", work.check), &failed));
    story.app.tamper(&format!("UPDATE check_results SET outcome = 'pass' WHERE id = '{result}'"));
    watch(&story);
    good(&settle(&story, "check_results"));
    assert_eq!(gate(&story), json!(["paused_by_incident"]), "it opens nothing");
    assert_eq!(story.blocked(), ["check_inconclusive"], "and passes nothing, nor does the pass before it");
    let passed = json!({ "outcome": "pass", "evidence": PROOF });
    made(&story.owner().post(&format!("/checks/{}/results", work.check), &passed));
    let request = story.ask();
    let decision = format!("/restart-requests/{request}/decision");
    assert_eq!(story.admin().post(&decision, &approval()).status, 403, "she vouched for it, so she does not decide");
    good(&story.api(&anna).post(&decision, &approval()));
    story.app.assert_audit_holds();
}

#[test]
fn a_role_and_a_token_that_were_put_in_by_sql_are_withdrawn() {
    let story = Story::begin();
    let rita = story.app.texts("SELECT id AS text FROM people WHERE email = 'rita@example.org'").remove(0);
    story.app.tamper(&format!(
        "INSERT INTO grants (id, person_id, role, granted_at) VALUES ('g1', '{rita}', 'administrator', '2026-01-01 00:00:00')"
    ));
    watch(&story);
    assert!(altered(&story, "grants")["last_entry"].is_null(), "the chain knows no such row");
    let own = settle_as(&story, &story.app.reporter, &altered(&story, "grants"));
    assert_eq!(own.status, 403, "nobody settles what is about themself: {}", own.body);
    good(&settle(&story, "grants"));
    assert_eq!(story.api(&story.app.reporter).get("/people").status, 403);
    story.app.token(&story.app.reporter);
    story.app.tamper(&format!("UPDATE tokens SET expires_at = '2099-01-01 00:00:00' WHERE person_id = '{rita}'"));
    watch(&story);
    while story.admin().get("/audit/differences").json["items"]
        .as_array()
        .unwrap()
        .iter()
        .any(|row| row["table"] == "tokens")
    {
        assert_eq!(altered(&story, "tokens")["columns"]["hash"], "not shown");
        good(&settle(&story, "tokens"));
    }
    assert_eq!(
        story.app.number(&format!(
            "SELECT COUNT(*) AS number FROM tokens WHERE person_id = '{rita}' AND revoked_at IS NULL"
        )),
        0
    );
    story.app.assert_audit_holds();
}

#[test]
fn the_chain_and_what_was_signed_or_decided_cannot_be_accepted() {
    let story = Story::begin();
    story.complete();
    story.ask();
    story.app.tamper("UPDATE restart_requests SET state = 'approved'");
    story.app.tamper("UPDATE audit SET actor = 'system:nobody' WHERE seq = 2");
    watch(&story);
    for table in ["restart_requests", "audit"] {
        let mut row = altered(&story, table);
        assert!(row["digest"].is_null() && row["refusal"].as_str().unwrap().contains("backup"), "{row}");
        row["digest"] = json!("x");
        assert_eq!(settle_as(&story, &story.app.admin, &row).codes(), ["not_by_hand"], "{table}");
    }
}

#[test]
fn it_is_settled_on_the_audit_page() {
    let story = Story::begin();
    story.app.tamper(
        "UPDATE sites SET name = 'x <b> sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv' WHERE slug = 'shop-south'",
    );
    let ada = story.app.signed_in(&story.app.admin);
    let page = ada.submit("/audit", "/audit/verify", &[]).body;
    assert!(page.contains("Rows changed outside Allclear") && page.contains("x &lt;b&gt;"), "{page}");
    assert!(!page.contains("sk-proj-4f9Qm"), "whoever altered it could write anything: {page}");
    let row = altered(&story, "sites");
    let at = format!("/audit/differences/sites/{}/settlement", row["id"].as_str().unwrap());
    let digest = row["digest"].as_str().unwrap();
    let again = ada.submit("/audit", &at, &[("digest", digest), ("settle_reason", "tbd")]);
    assert!(again.status == 422 && again.body.contains("href=\"#settle_reason\""), "{}", again.body);
    assert!(again.body.contains("tbd</textarea>"), "{}", again.body);
    let done = ada.submit(
        "/audit",
        &at,
        &[("digest", digest), ("settle_reason", "We renamed it in the database by mistake.")],
    );
    assert_eq!((done.status, done.location()), (303, "/audit"), "{}", done.body);
    assert!(!ada.get("/audit").body.contains("Rows changed outside Allclear"));
    assert!(!ada.get("/").body.contains("changed outside Allclear"));
    let aldo = story.app.signed_in(&story.app.auditor);
    assert_eq!(aldo.submit("/audit", &at, &[("digest", digest), ("settle_reason", "We renamed it.")]).status, 403);
}

#[test]
fn what_was_altered_to_look_done_is_to_be_done_again() {
    let story = Story::begin();
    let slug = &story.slug;
    let robot = story.app.api(&story.app.automation_token(slug));
    story.complete();
    let run =
        json!({ "environment": "staging", "outcome": "failure", "what": "Tried to send a mail", "why": "A new order" });
    made(&robot.post(&format!("/automations/{slug}/runs"), &run));
    let id = story.app.texts("SELECT id AS text FROM runs").remove(0);
    let explained = json!({ "explanation": "The host restarted the database." });
    good(&story.owner().post(&format!("/runs/{id}/explanation"), &explained));
    let findings = "Three runs like it before, all alike.";
    let review = json!({ "acceptable": false, "history": findings, "failures": findings, "cost": findings,
        "affected_records": findings, "audit_events": findings });
    let reviewed = story.lead().post(&format!("/runs/{id}/review"), &review);
    assert_eq!(reviewed.status, 201, "{}", reviewed.body);
    story.app.tamper("UPDATE automations SET contacts_customers = TRUE");
    allclear::actions::flags::round(&story.app.desk).unwrap();
    watch(&story);
    good(&settle(&story, "automations"));
    story.app.tamper(
        "UPDATE run_reviews SET acceptable = TRUE;
         UPDATE runs SET outcome = 'success';
         UPDATE flags SET dismissed_at = '2026-01-01 00:00:00', dismissed_because = 'It may stay.';
         UPDATE automation_reviews SET done_at = '2026-01-01 00:00:00', due_at = '2099-01-01 00:00:00';
         UPDATE actions SET verified_at = '2026-01-01 00:00:00';
         UPDATE criteria SET evidence = 'Seen.';
         UPDATE checks SET expected = 'Anything.'",
    );
    watch(&story);
    loop {
        let listed = story.admin().get("/audit/differences").json["items"].clone();
        let Some(row) = listed.as_array().unwrap().first() else { break };
        good(&settle_as(&story, &story.app.admin, row));
    }
    assert_eq!(watch(&story), [""; 0]);
    for (what, sql) in [
        ("an accepted review of a run", "SELECT COUNT(*) AS number FROM run_reviews WHERE acceptable"),
        ("a success", "SELECT COUNT(*) AS number FROM runs WHERE outcome <> 'failure' OR explanation IS NOT NULL"),
        ("a dismissed flag", "SELECT COUNT(*) AS number FROM flags WHERE dismissed_at IS NOT NULL"),
        (
            "a review that was put off",
            "SELECT COUNT(*) AS number FROM automation_reviews
            WHERE done_at IS NOT NULL OR due_at > '2098-01-01 00:00:00'",
        ),
        ("a verified action", "SELECT COUNT(*) AS number FROM actions WHERE verified_at IS NOT NULL"),
        ("a criterion that was shown", "SELECT COUNT(*) AS number FROM criteria WHERE shown_at IS NOT NULL"),
        ("a pass", "SELECT COUNT(*) AS number FROM check_results WHERE voided_at IS NULL"),
    ] {
        assert_eq!(story.app.number(sql), 0, "{what}");
    }
    for table in ["run_reviews", "runs", "flags", "automation_reviews", "actions", "criteria", "check_results"] {
        assert!(story.app.number(&format!("SELECT COUNT(*) AS number FROM {table}")) > 0, "{table}");
    }
    story.app.assert_audit_holds();
}
