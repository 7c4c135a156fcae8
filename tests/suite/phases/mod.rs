//! After the decision: scopes that are opened one by one, what goes stale, break-glass, certificates, explanations, and
//! rows that were altered behind the program's back.

mod certificate;
mod explain;
mod integrity;
mod ladder;
mod orders;
mod overrides;
mod races;
mod settle;
mod stale;
mod widen;

use crate::story::{Story, approval, good};
use crate::support::{App, Reply};
use serde_json::{Value, json};

/// A story whose restart was approved up to normal; returns the request's id as well.
fn restarted() -> (Story, String) {
    let story = Story::begin();
    story.complete();
    let wish = json!({ "scope": "normal", "note": "All checks passed on staging and production." });
    let asked = story.owner().post(&story.at("restart-requests"), &wish);
    let request = crate::story::made(&asked);
    good(&story.admin().post(&format!("/restart-requests/{request}/decision"), &approval()));
    (story, request)
}

/// Hours go by.
fn later(app: &App, hours: i64) {
    app.desk.clock.advance(chrono::Duration::hours(hours));
}

/// What the gate gives: the scope, or the codes of its reasons.
fn gate(story: &Story) -> Value {
    let reply = story.owner().get(&format!("/gate/{}", story.slug));
    match reply.status {
        200 => reply.json["scope"].clone(),
        423 => json!(reply.codes()),
        _ => panic!("{}", reply.body),
    }
}

fn evidence() -> Value {
    json!({ "evidence": "The runs of the last days read orders and proposed mails; all were right." })
}

fn widen(story: &Story) -> Reply {
    story.admin().post(&format!("/automations/{}/phases", story.slug), &evidence())
}
