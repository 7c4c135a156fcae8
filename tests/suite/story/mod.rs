//! From bundle to restart: escalation, review, actions, checks, criteria, decision.

mod by_hand;
mod checks;
mod closing;
mod criteria;
mod escalations;
mod journey;
mod ladder;
mod lessons;
mod outbox;
mod prevention;
mod races;
mod replies;
mod restarts;
mod review;
mod smtp;
mod statements;
mod void;
mod withdrawal;

use crate::support::{Api, App, PASSWORD, Reply};
use allclear::actions::people::{self, NewPerson};
use allclear::config::Config;
use allclear::domain::person::{Actor, Role};
use serde_json::{Value, json};

/// A secret that is planted in texts and must never be seen again.
pub const SECRET: &str = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";

/// An app with an incident that has every fact and paused one automation.
pub struct Story {
    pub app: App,
    pub slug: String,
    pub reference: String,
}

/// What a complete incident was made of.
pub struct Work {
    pub action: String,
    pub check: String,
    pub criterion: String,
}

impl Story {
    pub fn begin() -> Self {
        Self::begin_with(|_| ())
    }

    pub fn begin_with(set: impl FnOnce(&mut Config)) -> Self {
        let app = App::start_set(set);
        let slug = app.automation("order-mails");
        let reference = file(&app, "Mails go out twice", &slug);
        Self { app, slug, reference }
    }

    pub fn api(&self, email: &str) -> Api {
        self.app.api(&self.app.token(email))
    }

    pub fn lead(&self) -> Api {
        self.api(&self.app.lead)
    }

    pub fn owner(&self) -> Api {
        self.api(&self.app.owner)
    }

    pub fn admin(&self) -> Api {
        self.api(&self.app.admin)
    }

    pub fn outsider(&self) -> Api {
        self.api(&self.app.outsider)
    }

    pub fn auditor(&self) -> Api {
        self.api(&self.app.auditor)
    }

    /// The address of something under the incident.
    pub fn at(&self, what: &str) -> String {
        format!("/incidents/{}/{what}", self.reference)
    }

    /// A second person of this role on the site; returns the address.
    pub fn add(&self, email: &str, name: &str, role: Role) -> String {
        let person = NewPerson {
            email: email.into(),
            name: name.into(),
            role,
            sites: vec![self.app.site.clone()],
            password: PASSWORD.into(),
        };
        people::add(&self.app.desk, &Actor::System("test"), &person).unwrap();
        email.to_owned()
    }

    /// A bundle for this audience, built by Lena; returns its id.
    pub fn bundle(&self, audience: &str) -> String {
        made(&self.lead().post(&self.at("bundles"), &json!({ "audience": audience })))
    }

    /// The body of an escalation to the hosting company.
    pub fn escalation(&self, bundle: &str) -> Value {
        json!({
            "destination": "hosting", "to": "support@hosting.example", "bundle": bundle,
            "message": "Please look at the outbound mail of last night.",
            "routing": { "validation_error": false, "host_connectivity": true, "provider_failure": false,
                         "reproducible_plugin_issue": false }
        })
    }

    /// Is the automation's gate open?
    pub fn gate_is_open(&self) -> bool {
        let reply = self.owner().get(&format!("/gate/{}", self.slug));
        assert!(matches!(reply.status, 200 | 423), "{}", reply.body);
        reply.status == 200
    }

    /// Writes the whole review.
    pub fn write_review(&self) {
        let reply = self.lead().put(&self.at("review"), &whole_review());
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.json["missing"], json!([]), "{}", reply.body);
    }

    /// Plans an action owned by this person; returns its id.
    pub fn plan(&self, owner: &str) -> String {
        let reply = self.lead().post(&self.at("actions"), &self.new_action(owner));
        made(&reply)
    }

    pub fn new_action(&self, owner: &str) -> Value {
        json!({ "kind": "rate_limit", "title": "Cap retries at three", "owner": owner, "due_on": self.due(7) })
    }

    /// A day so many days from today.
    pub fn due(&self, days: i64) -> String {
        (self.app.desk.now().utc() + chrono::Duration::days(days)).format("%Y-%m-%d").to_string()
    }

    /// Everything that a restart asks for, done by Lena and Omar.
    pub fn complete(&self) -> Work {
        self.write_review();
        let action = self.plan(&self.app.owner);
        good(&self.owner().post(&format!("/actions/{action}/completion"), &json!({ "proof": PROOF })));
        good(&self.lead().post(&format!("/actions/{action}/verification"), &json!({})));
        let check = made(&self.lead().post(&self.at("checks"), &new_check()));
        good(&self.owner().post(&format!("/checks/{check}/results"), &result("pass")));
        let criterion = made(&self.lead().post(&self.at("criteria"), &json!({ "statement": STATEMENT })));
        good(&self.owner().post(&format!("/criteria/{criterion}/met"), &json!({ "evidence": PROOF })));
        Work { action, check, criterion }
    }

    /// Omar asks for a restart; returns the request's id.
    pub fn ask(&self) -> String {
        made(&self.owner().post(&self.at("restart-requests"), &wish()))
    }

    /// The codes that block a restart.
    pub fn blocked(&self) -> Vec<String> {
        let reply = self.lead().get(&self.at("readiness"));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let reasons = reply.json["restart"]["reasons"].as_array().unwrap();
        assert_eq!(reply.json["restart"]["ready"], json!(reasons.is_empty()));
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    }

    /// The state of a request.
    pub fn state_of(&self, request: &str) -> String {
        let reply = self.lead().get(&format!("/restart-requests/{request}"));
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json["state"].as_str().unwrap().to_owned()
    }
}

pub const PROOF: &str = "https://ci.example/runs/8412";
pub const STATEMENT: &str = "No customer gets two mails for one order";

pub fn new_check() -> Value {
    json!({ "title": "Resend an order", "expected": "Exactly one mail arrives" })
}

pub fn result(outcome: &str) -> Value {
    json!({ "outcome": outcome, "evidence": PROOF })
}

pub fn wish() -> Value {
    json!({ "scope": "narrow", "note": "All checks passed on staging and production." })
}

pub fn approval() -> Value {
    json!({ "decision": "approved", "reason": "The checks cover what went wrong." })
}

pub fn whole_review() -> Value {
    json!({
        "root_cause": "The retry queue ignored the pause flag.",
        "detection_gaps": "Nobody was told when a mail went out twice.",
        "missing_evidence": "None, because the mail log was complete.",
        "safeguards_worked": "The pause stopped further mails at once.",
        "safeguards_failed": "The retry limit was not read by the queue.",
        "documented_change": { "kind": "runbook", "link": "https://wiki.example/runbook", "before": "4", "after": "5" }
    })
}

/// Files an incident with every fact that pauses the automation; returns its reference.
pub fn file(app: &App, title: &str, slug: &str) -> String {
    let filed = app.api(&app.token(&app.lead)).post(
        "/incidents",
        &json!({
            "title": title, "severity": "sev2", "site": app.site, "occurred_at": app.now_text(),
            "affected_user": "shop manager", "affected_screen": "WooCommerce > Orders",
            "versions": { "sophmate": "3.2.1", "wordpress": "6.9", "php": "8.3.14" },
            "steps": ["Open the order", "Press resend"], "expected": "One mail", "actual": "Two mails",
            "error_report_none": true, "automations": [slug]
        }),
    );
    assert_eq!(filed.status, 201, "{}", filed.body);
    filed.json["reference"].as_str().unwrap().to_owned()
}

/// The id of what a 201 made.
pub fn made(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json["id"].as_str().unwrap().to_owned()
}

/// Any success.
pub fn good(reply: &Reply) {
    assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.body);
}
