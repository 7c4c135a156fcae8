//! Runs that automations report, what they lead to, reviews, flags, outside events, vacancy.

mod cadence;
mod changes;
mod journey;
mod ladder;
mod pages;
mod report;
mod review;
mod soak;
mod vacancy;

use crate::support::{Api, App, Reply};
use serde_json::{Value, json};

/// A secret that is planted in texts and must never be seen again.
const SECRET: &str = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";

/// An app with one complete automation.
struct Runs {
    app: App,
    slug: String,
}

impl Runs {
    fn begin() -> Self {
        Self::in_app(App::start())
    }

    fn in_app(app: App) -> Self {
        let slug = app.automation("order-mails");
        Self { app, slug }
    }

    fn api(&self, email: &str) -> Api {
        self.app.api(&self.app.token(email))
    }

    fn lead(&self) -> Api {
        self.api(&self.app.lead)
    }

    fn owner(&self) -> Api {
        self.api(&self.app.owner)
    }

    fn admin(&self) -> Api {
        self.api(&self.app.admin)
    }

    /// The automation itself.
    fn robot(&self) -> Api {
        self.app.api(&self.app.automation_token(&self.slug))
    }

    fn at(&self) -> String {
        format!("/automations/{}/runs", self.slug)
    }

    /// The automation reports this; the answer.
    fn report(&self, body: &Value) -> Value {
        let reply = self.robot().post(&self.at(), body);
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.json
    }

    fn gate(&self) -> Reply {
        self.owner().get(&format!("/gate/{}", self.slug))
    }

    fn incidents(&self) -> usize {
        self.admin().get("/incidents").json["items"].as_array().unwrap().len()
    }

    /// Mails in the outbox, as they would be sent.
    fn mails(&self) -> Vec<String> {
        self.app.settle();
        let outbox = self.app.data.join("outbox");
        let Ok(files) = std::fs::read_dir(outbox) else { return Vec::new() };
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }
}

fn success() -> Value {
    json!({ "environment": "production", "outcome": "success", "what": "Sent one mail", "why": "A new order came in",
            "cost": 0.02, "affected_records": ["order 7", "order 8"], "audit_reference": "log 12" })
}

fn failure() -> Value {
    json!({ "environment": "production", "outcome": "failure", "what": "Tried to send a mail", "why": "A new order came in",
            "error": { "code": "E12", "step": "send", "input": "order 9", "next_contact": "the hosting company" } })
}

fn review() -> Value {
    json!({ "acceptable": true, "history": "Three runs like it before, all alike.", "failures": "No failure this week.",
            "cost": "Two cents, as expected.", "affected_records": "Both orders were looked at in the shop.",
            "audit_events": "Two entries in the log of the site fit." })
}
