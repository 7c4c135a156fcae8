//! The ladder of each endpoint about runs: outsider 404, wrong role 403, bad id 404, wrong method 405.

use super::{Runs, failure, review, success};
use allclear::actions::automation_reviews;
use serde_json::{Value, json};

struct Rung {
    path: String,
    body: Value,
    /// Who sees it and may not do it.
    forbidden: &'static [&'static str],
}

fn rungs(runs: &Runs) -> Vec<Rung> {
    let run = runs.report(&failure())["id"].as_str().unwrap().to_owned();
    automation_reviews::round(&runs.app.desk).unwrap();
    let touches = json!({ "touches": { "writes_data": true } });
    assert_eq!(runs.admin().patch(&format!("/automations/{}", runs.slug), &touches).status, 200);
    let first = |list: &str| {
        let items = runs.admin().get(&format!("/automations/{}/{list}", runs.slug)).json;
        items["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let (due, flag) = (first("reviews"), first("flags"));
    let rung = |path: String, body: Value, forbidden| Rung { path, body, forbidden };
    vec![
        rung(runs.at(), success(), &["aldo@example.org", "rita@example.org"]),
        rung(format!("/runs/{run}/review"), review(), &["aldo@example.org", "rita@example.org"]),
        rung(
            format!("/runs/{run}/explanation"),
            json!({ "explanation": "The server was restarted in between." }),
            &["aldo@example.org", "lena@example.org", "ada@example.org"],
        ),
        rung(
            format!("/automations/{}/approval-relaxation", runs.slug),
            json!({}),
            &["lena@example.org", "omar@example.org", "aldo@example.org"],
        ),
        rung(
            format!("/automation-reviews/{due}/completion"),
            json!({ "note": "All of it still fits." }),
            &["aldo@example.org", "rita@example.org"],
        ),
        rung(
            format!("/flags/{flag}/dismissal"),
            json!({ "reason": "The shop manager approves each of them." }),
            &["omar@example.org", "aldo@example.org"],
        ),
    ]
}

#[test]
fn what_is_done_to_runs_is_done_by_those_who_may() {
    let runs = Runs::begin();
    let outsider = runs.api(&runs.app.outsider);
    for rung in rungs(&runs) {
        let path = &rung.path;
        assert_eq!(outsider.post(path, &rung.body).status, 404, "{path}");
        assert_eq!(runs.app.api("").post(path, &rung.body).status, 401, "{path}");
        for email in rung.forbidden {
            assert_eq!(runs.api(email).post(path, &rung.body).status, 403, "{path} {email}");
        }
        assert_eq!(runs.admin().put(path, &rung.body).status, 405, "{path}");
    }
}

#[test]
fn what_does_not_exist_is_not_found() {
    let runs = Runs::begin();
    for (path, body) in [
        ("/automations/nothing/runs", success()),
        ("/runs/nothing/review", review()),
        ("/runs/nothing/explanation", json!({ "explanation": "x" })),
        ("/automations/nothing/approval-relaxation", json!({})),
        ("/automation-reviews/nothing/completion", json!({ "note": "x" })),
        ("/flags/nothing/dismissal", json!({ "reason": "x" })),
    ] {
        assert_eq!(runs.admin().post(path, &body).status, 404, "{path}");
    }
    for path in
        ["/automations/nothing/runs", "/runs/nothing", "/automations/nothing/reviews", "/automations/nothing/flags"]
    {
        assert_eq!(runs.admin().get(path).status, 404, "{path}");
    }
}

#[test]
fn lists_are_read_by_those_who_may_see_the_automation() {
    let runs = Runs::begin();
    let run = runs.report(&success())["id"].as_str().unwrap().to_owned();
    let (at, one) = (runs.at(), format!("/runs/{run}"));
    let (reviews, flags) = (format!("/automations/{}/reviews", runs.slug), format!("/automations/{}/flags", runs.slug));
    for path in [&at, &one, &reviews, &flags] {
        assert_eq!(runs.api(&runs.app.auditor).get(path).status, 200, "{path}");
        assert_eq!(runs.api(&runs.app.outsider).get(path).status, 404, "{path}");
        assert_eq!(runs.api(&runs.app.reporter).get(path).status, 403, "{path}");
        assert_eq!(runs.robot().get(path).status, 403, "{path}");
    }
    assert_eq!(runs.lead().get(&format!("{at}?outcome=nonsense")).fields(), ["outcome"]);
    assert_eq!(runs.lead().get(&format!("{at}?nonsense=1")).status, 422);
    assert_eq!(runs.api(&runs.app.outsider).get(&format!("/changes?site={}", runs.app.site)).status, 404);
    assert_eq!(runs.api(&runs.app.reporter).get("/changes").status, 403);
}

#[test]
fn an_automation_reports_its_own_runs_only() {
    let runs = Runs::begin();
    let other = runs.app.automation("stock-watcher");
    assert_eq!(runs.robot().post(&format!("/automations/{other}/runs"), &success()).status, 404);
    assert_eq!(runs.app.number("SELECT COUNT(*) AS number FROM runs"), 0);
    let id = runs.report(&success())["id"].as_str().unwrap().to_owned();
    assert_eq!(runs.robot().post(&format!("/runs/{id}/review"), &review()).status, 403);
}

#[test]
fn runs_are_walked_page_by_page() {
    let runs = Runs::begin();
    for number in 0..7 {
        let mut body = if number % 3 == 0 { failure() } else { success() };
        body["environment"] = json!("staging");
        runs.report(&body);
    }
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = runs.lead().get(&format!("{}?limit=2{cursor}", runs.at())).json;
        seen += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 7);
    let failed = runs.lead().get(&format!("{}?outcome=failure&environment=staging", runs.at())).json;
    assert_eq!(failed["items"].as_array().unwrap().len(), 3);
}

#[test]
fn the_same_key_gives_the_first_answer() {
    let runs = Runs::begin();
    let robot = runs.robot();
    let send = || robot.send(robot.request("POST", &runs.at()).header("Idempotency-Key", "k1").json(&success()));
    let (first, second) = (send(), send());
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json, second.json);
    assert_eq!(runs.app.number("SELECT COUNT(*) AS number FROM runs"), 1);
}
