//! Practices and playbooks. A test that shows a line of a seed names it: `// seed: playbook.checklist.1`.

mod after_incident;
mod escalations;
mod export;
mod import;
mod in_incident;
mod keeping;
mod ladder;
mod lineage;
mod pages;
mod rules;
mod seeds;
mod workflow;

use crate::support::{Api, App, Reply};
use serde_json::{Value, json};

/// An app with a second site that Ada and Lena work on too.
pub struct Agency {
    pub app: App,
}

impl Agency {
    pub fn start() -> Self {
        Self { app: App::start() }
    }

    pub fn api(&self, email: &str) -> Api {
        self.app.api(&self.app.token(email))
    }

    pub fn admin(&self) -> Api {
        self.api(&self.app.admin)
    }

    pub fn lead(&self) -> Api {
        self.api(&self.app.lead)
    }

    pub fn owner(&self) -> Api {
        self.api(&self.app.owner)
    }

    /// A playbook on the first site, owned by Omar; returns its id.
    pub fn playbook(&self) -> String {
        let body = json!({ "site": self.app.site, "owner": self.app.owner, "playbook": content() });
        made(&self.lead().post("/playbooks", &body))
    }

    /// The file of a fresh export of this playbook.
    pub fn export(&self, playbook: &str) -> Value {
        let id = made(&self.lead().post(&format!("/playbooks/{playbook}/exports"), &json!({})));
        let file = self.lead().get(&format!("/playbook-exports/{id}"));
        assert_eq!(file.status, 200, "{}", file.body);
        file.json
    }

    /// Imports a file on the other site, owned by Olga.
    pub fn import(&self, file: &Value) -> Reply {
        let to = format!("/playbook-imports?site={}&owner={}", self.app.other_site, self.app.outsider);
        self.admin().post(&to, file)
    }

    /// A playbook that came to the other site; returns its id there.
    pub fn imported(&self) -> String {
        let file = self.export(&self.playbook());
        made(&self.import(&file))
    }

    /// What keeps a playbook from production.
    pub fn blocked(&self, id: &str) -> Vec<String> {
        let shown = self.admin().get(&format!("/playbooks/{id}"));
        assert_eq!(shown.status, 200, "{}", shown.body);
        shown.codes().into_iter().map(str::to_owned).collect()
    }

    /// Answers all eight rows as Olga.
    pub fn localise(&self, id: &str) {
        for topic in TOPICS {
            let body = match topic {
                "language" => json!({ "topic": topic, "answer": "changed_to", "changed_to": "German, formal" }),
                "coupon_rules" => json!({ "topic": topic, "answer": "not_used" }),
                _ => json!({ "topic": topic, "answer": "same" }),
            };
            good(&self.api(&self.app.outsider).post(&format!("/playbooks/{id}/localisation"), &body));
        }
    }

    /// A good first run by Olga, reviewed by Ada.
    pub fn try_it(&self, id: &str) {
        let run =
            made(&self.api(&self.app.outsider).post(&format!("/playbooks/{id}/first-runs"), &first_run("success")));
        let review = json!({ "acceptable": true, "note": "The trace reads as it should" });
        good(&self.admin().post(&format!("/playbook-first-runs/{run}/review"), &review));
    }
}

pub const TOPICS: [&str; 8] = [
    "provider",
    "knowledge_base",
    "roles",
    "approval_policy",
    "language",
    "coupon_rules",
    "order_statuses",
    "support_ownership",
];

pub fn content() -> Value {
    json!({
        "title": "Answer a double charge",
        "purpose": "What support does when a customer was charged twice.",
        "inputs": [{ "name": "order", "meaning": "the order that was charged twice" }],
        "placeholders": [{ "name": "paid_status", "topic": "order_statuses", "hint": "the status of a paid order here" }],
        "steps": [
            { "title": "Look at the order", "instructions": "It should have the status {paid_status}.",
              "effect": "reads", "approval": "none" },
            { "title": "Refund the second charge", "instructions": "Through the shop, not by hand.",
              "effect": "writes", "approval": "second_person" }
        ]
    })
}

pub fn first_run(outcome: &str) -> Value {
    json!({ "place": "staging", "outcome": outcome, "what": "Went through it with a test order on staging" })
}

pub fn made(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json["id"].as_str().unwrap().to_owned()
}

pub fn good(reply: &Reply) {
    assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.body);
}
