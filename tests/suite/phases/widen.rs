//! Read only, narrow, normal: each with its soak time and its reviewed runs.

use super::{evidence, gate, later, restarted, widen};
use crate::story::Story;
use serde_json::json;

/// A reviewed, accepted success of this scope, put where the report of runs puts it.
fn accepted_run(story: &Story, scope: &str) {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let at = story.app.desk.now().utc().format("%Y-%m-%d %H:%M:%S%.6f");
    let automation = automation_id(story);
    let person = story.app.desk.read(|c| Ok(allclear::store::people::by_email(c, &story.app.owner)?.unwrap().id));
    let person = person.unwrap();
    story.app.tamper(&format!(
        "INSERT INTO runs (id, automation_id, environment, outcome, scope, what, why, incomplete, gate_closed, ended_at,
             reported_by, reported_at)
         VALUES ('{id}', '{automation}', 'production', 'success', '{scope}', 'Read orders', 'A new order', FALSE, FALSE,
             '{at}', 'automation:{automation}', '{at}');
         INSERT INTO run_reviews (id, acceptable, history, failures, cost, affected_records, audit_events, reviewed_by,
             reviewed_at)
         VALUES ('{id}', TRUE, 'good', 'none', 'none', 'none', 'one', '{person}', '{at}')"
    ));
}

fn automation_id(story: &Story) -> String {
    let slug = story.slug.clone();
    let row = story.app.desk.read(|c| Ok(allclear::store::automations::by_slug(c, &slug)?.unwrap().id.to_string()));
    row.unwrap()
}

// seed: workflow.checklist.4
#[test]
fn a_decision_opens_read_only_and_each_wider_scope_is_earned() {
    let (story, _) = restarted();
    assert_eq!(gate(&story), json!("read_only"));
    let early = widen(&story);
    assert_eq!((early.status, early.codes()), (409, vec!["soaking", "runs_not_reviewed"]), "{}", early.body);
    assert!(early.json["reasons"][0]["due"].is_string(), "{}", early.body);
    (0..3).for_each(|_| accepted_run(&story, "read_only"));
    assert_eq!(widen(&story).codes(), ["soaking"]);
    later(&story.app, 25);
    let opened = widen(&story);
    assert_eq!((opened.status, &opened.json["scope"]), (201, &json!("narrow")), "{}", opened.body);
    assert_eq!(gate(&story), json!("narrow"));
    assert_eq!(widen(&story).codes(), ["soaking", "runs_not_reviewed"], "runs before this phase do not count");
    later(&story.app, 73);
    (0..3).for_each(|_| accepted_run(&story, "narrow"));
    assert_eq!(widen(&story).status, 201);
    assert_eq!(gate(&story), json!("normal"));
    assert!(widen(&story).codes().contains(&"widest"));
    let listed = story.auditor().get(&format!("/automations/{}/phases", story.slug));
    let scopes: Vec<_> = listed.json["items"].as_array().unwrap().iter().map(|item| item["scope"].clone()).collect();
    assert_eq!(scopes, ["normal", "narrow", "read_only"]);
}

#[test]
fn no_scope_goes_beyond_what_was_decided() {
    let story = Story::begin();
    story.complete();
    let wish = json!({ "scope": "read_only", "note": "Only the look-ups are needed for now." });
    let request = crate::story::made(&story.owner().post(&story.at("restart-requests"), &wish));
    let decision = format!("/restart-requests/{request}/decision");
    crate::story::good(&story.admin().post(&decision, &crate::story::approval()));
    later(&story.app, 25);
    (0..3).for_each(|_| accepted_run(&story, "read_only"));
    assert_eq!(widen(&story).codes(), ["ceiling"]);
}

// seed: workflow.scope.1 workflow.trial.1 workflow.checklist.2
#[test]
fn what_was_never_paused_starts_read_only_and_soaks_from_its_registration() {
    let story = Story::begin();
    let slug = story.app.automation("stock-sync");
    let path = format!("/automations/{slug}/phases");
    let reply = story.admin().post(&path, &evidence());
    assert_eq!((reply.status, reply.codes()), (409, vec!["soaking", "runs_not_reviewed"]), "{}", reply.body);
    later(&story.app, 25);
    let other = Story { slug: slug.clone(), app: story.app, reference: story.reference };
    (0..3).for_each(|_| accepted_run(&other, "read_only"));
    assert_eq!(other.admin().post(&path, &evidence()).status, 201);
    assert_eq!(gate(&other), json!("narrow"));
}

#[test]
fn a_pause_keeps_the_phase_and_a_closed_gate_is_not_widened() {
    let (story, _) = restarted();
    later(&story.app, 25);
    (0..3).for_each(|_| accepted_run(&story, "read_only"));
    assert_eq!(widen(&story).status, 201);
    let pause = story.lead().post(&format!("/automations/{}/pauses", story.slug), &json!({}));
    assert!(widen(&story).codes().contains(&"gate_closed"));
    let release = json!({ "reason": "The stock was counted." });
    let path = format!("/pauses/{}/release", pause.json["id"].as_str().unwrap());
    crate::story::good(&story.owner().post(&path, &release));
    assert_eq!(gate(&story), json!("narrow"), "the earlier state is back");
}

#[test]
fn drift_narrows_until_read_only_is_opened_anew() {
    let (story, _) = restarted();
    later(&story.app, 25);
    (0..3).for_each(|_| accepted_run(&story, "read_only"));
    assert_eq!(widen(&story).status, 201);
    // The incident is closed: nothing is void, but what runs is no longer what was let out.
    crate::story::good(
        &story.lead().patch(&format!("/incidents/{}", story.reference), &json!({ "status": "mitigated" })),
    );
    crate::story::good(
        &story.lead().patch(&format!("/incidents/{}", story.reference), &json!({ "status": "in_review" })),
    );
    crate::story::good(&story.lead().patch(&format!("/incidents/{}", story.reference), &json!({ "status": "closed" })));
    super::stale::update_site(&story, "3.3.0");
    assert_eq!(gate(&story), json!("read_only"));
    let opened = widen(&story);
    assert_eq!((opened.status, &opened.json["scope"]), (201, &json!("read_only")), "{}", opened.body);
    assert_eq!(widen(&story).codes(), ["soaking", "runs_not_reviewed"]);
}

#[test]
fn evidence_that_says_nothing_is_refused_at_its_field() {
    let (story, _) = restarted();
    let path = format!("/automations/{}/phases", story.slug);
    for text in ["", "ok", "n/a"] {
        assert_eq!(story.admin().post(&path, &json!({ "evidence": text })).fields(), ["evidence"], "{text}");
    }
}

#[test]
fn the_database_counts_the_runs_of_a_phase_as_the_rules_mean_them() {
    use allclear::domain::automation::{Environment, RunScope};
    use allclear::domain::run::RunOutcome;
    use allclear::store::runs::{self, Filter};
    let (story, _) = restarted();
    let automation = automation_id(&story);
    (0..96).for_each(|_| accepted_run(&story, "read_only"));
    let ids = story.app.texts("SELECT id AS text FROM runs ORDER BY id");
    for (n, id) in ids.iter().enumerate() {
        let environment = if n % 2 == 0 { "production" } else { "staging" };
        let outcome = if n / 2 % 2 == 0 { "success" } else { "failure" };
        let scope = if n / 4 % 2 == 0 { "read_only" } else { "narrow" };
        let (closed, explained) = (n / 8 % 2 == 0, n / 16 % 2 == 0);
        story.app.tamper(&format!(
            "UPDATE runs SET environment = '{environment}', outcome = '{outcome}', scope = '{scope}', gate_closed = {closed},
                 explanation = {} WHERE id = '{id}'",
            if explained { "'It was the host.'" } else { "NULL" },
        ));
        match n / 32 {
            0 => {}
            1 => story.app.tamper(&format!("UPDATE run_reviews SET acceptable = FALSE WHERE id = '{id}'")),
            _ => story.app.tamper(&format!("DELETE FROM run_reviews WHERE id = '{id}'")),
        }
    }
    // One of before the phase does not count.
    story.app.tamper(&format!("UPDATE runs SET reported_at = '2020-01-01 00:00:00' WHERE id = '{}'", ids[95]));
    let id = allclear::domain::ids::AutomationId::from_text(automation);
    let since = story.app.desk.now().plus(-chrono::Duration::days(1));
    let (all, counted) = story
        .app
        .desk
        .read(|c| {
            let all = runs::list(c, &id, &Filter::default(), 1000)?;
            Ok((all, runs::counts_since(c, &id, RunScope::ReadOnly, since)?))
        })
        .unwrap();
    assert_eq!(all.len(), 96);
    let all: Vec<_> = all.into_iter().filter(|(run, _)| run.reported_at >= since).collect();
    let accepted = all.iter().filter(|(run, review)| {
        run.outcome == RunOutcome::Success
            && !run.gate_closed
            && (run.environment == Environment::Staging || run.scope == RunScope::ReadOnly)
            && review.as_ref().is_some_and(|review| review.acceptable)
    });
    let unexplained = all.iter().filter(|(run, _)| run.outcome == RunOutcome::Failure && run.explanation.is_none());
    let expected = [accepted.count(), all.iter().filter(|(_, review)| review.is_none()).count(), unexplained.count()];
    let counted = [counted.accepted, counted.unreviewed, counted.unexplained];
    assert_eq!(counted.map(|n| usize::try_from(n).unwrap()), expected);
    assert!(expected.iter().all(|n| *n > 0), "{expected:?}");
}
