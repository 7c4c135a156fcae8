//! Operators: procedures, training, roll-outs, first weeks and set-ups. A test that shows a line of a seed names it:
//! `// seed: training.checklist.1`.

mod journey;
mod ladder;
mod narrowed;
mod pages;
mod procedures;
mod rollout;
mod setup;
mod week;

use crate::support::{Api, App, Browserlike, PASSWORD, Reply};
use serde_json::{Value, json};

/// An app whose first site can be rolled out, with a newcomer who is in training there.
pub struct Team {
    pub app: App,
}

pub const NEWCOMER: &str = "nora@example.org";
pub const SAID: &str = "We went through all five on the phone this morning";

impl Team {
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

    /// A browser in which the newcomer has signed in.
    pub fn newcomer_signed_in(&self) -> Browserlike {
        let browser = Browserlike::new(self.app.address);
        browser.sign_in(NEWCOMER, PASSWORD);
        browser
    }

    /// Takes over the template for a role; returns the procedure's name.
    pub fn adopt(&self, template: &str, role: &str) -> String {
        let made = self.admin().post("/procedures", &json!({ "template": template, "role": role }));
        assert_eq!(made.status, 201, "{}", made.body);
        made.json["slug"].as_str().unwrap().to_owned()
    }

    /// Begins the roll-out of the first site.
    pub fn roll_out(&self) -> Reply {
        let begun = self.admin().post(&format!("/sites/{}/rollout", self.app.site), &json!({}));
        assert_eq!(begun.status, 201, "{}", begun.body);
        begun
    }

    /// Adds the newcomer, in training for a role on the first site; returns their id.
    pub fn newcomer(&self, role: &str) -> String {
        let made = self.admin().post("/people", &self.newcomer_body(role, true));
        assert_eq!(made.status, 201, "{}", made.body);
        made.json["id"].as_str().unwrap().to_owned()
    }

    pub fn newcomer_body(&self, role: &str, in_training: bool) -> Value {
        json!({ "email": NEWCOMER, "name": "Nora", "role": role, "sites": [self.app.site], "password": PASSWORD,
            "in_training": in_training })
    }

    /// The answers that the procedure calls right, in the order in which this person sees its situations.
    pub fn right_answers(&self, email: &str, slug: &str) -> Vec<String> {
        let right = self.admin().get(&format!("/procedures/{slug}"));
        let scenarios = right.json["scenarios"].as_array().unwrap().clone();
        let shown = self.api(email).get(&format!("/procedures/{slug}"));
        let situations = shown.json["situations"].as_array().unwrap();
        let right = |situation: &Value| {
            let found = scenarios.iter().find(|scenario| scenario["situation"] == *situation).unwrap();
            found["behaviour"].as_str().unwrap().to_owned()
        };
        situations.iter().map(right).collect()
    }

    /// Acknowledges and answers as this person; returns the id of the answers.
    pub fn answers(&self, email: &str, slug: &str) -> String {
        let api = self.api(email);
        good(&api.post(&format!("/procedures/{slug}/acknowledgements"), &json!({})));
        let answers = self.right_answers(email, slug);
        let made = api.post(&format!("/procedures/{slug}/checks"), &json!({ "answers": answers }));
        assert_eq!((made.status, &made.json["state"]), (201, &json!("waits")), "{}", made.body);
        made.json["id"].as_str().unwrap().to_owned()
    }

    /// The whole way through one procedure, judged by somebody else.
    pub fn learns(&self, email: &str, slug: &str, judge: &Api) {
        let check = self.answers(email, slug);
        good(&judge.post(&format!("/scenario-checks/{check}/judgement"), &json!({ "passed": true, "note": SAID })));
    }

    /// Gives the role to a person who is there.
    pub fn give(&self, id: &str, role: &str) -> Reply {
        self.admin().post(&format!("/people/{id}/role"), &json!({ "role": role, "sites": [self.app.site] }))
    }

    /// A person's id by their address.
    pub fn id_of(&self, email: &str) -> String {
        let people = self.admin().get("/people").json;
        let found = people["items"].as_array().unwrap().iter().find(|person| person["email"] == email);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The id of the first site.
    pub fn id_of_site(&self) -> String {
        let sql = format!("SELECT id AS text FROM sites WHERE slug = '{}'", self.app.site);
        self.app.texts(&sql).remove(0)
    }

    /// A newcomer who has learned and got the role on the rolled-out site; returns the id of their first-week review.
    pub fn in_the_first_week(&self, role: &str, template: &str) -> String {
        let slug = self.adopt(template, role);
        self.roll_out();
        let id = self.newcomer(role);
        self.learns(NEWCOMER, &slug, &self.admin());
        good(&self.give(&id, role));
        let operator = self.admin().get(&format!("/operators/{id}"));
        operator.json["week_reviews"][0].as_str().unwrap().to_owned()
    }

    /// The items of the operators' practice, held against the first site, that do not hold.
    pub fn unmet(&self) -> Vec<String> {
        let body = json!({ "practice": "operator-training", "subject_kind": "site", "subject": self.app.site });
        let made = self.admin().post("/practice-runs", &body);
        assert_eq!(made.status, 201, "{}", made.body);
        let run = self.admin().get(&format!("/practice-runs/{}", made.json["id"].as_str().unwrap())).json;
        let items = run["items"].as_array().unwrap();
        items.iter().filter(|item| item["met"] == false).map(|item| item["line"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn good(reply: &Reply) {
    assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.body);
}

/// A procedure as somebody writes it.
pub fn content(title: &str) -> Value {
    let scenario = |behaviour: &str| {
        json!({ "behaviour": behaviour, "situation": format!("Something happens that calls for: {behaviour} it"),
            "why": "Because the procedure says so" })
    };
    let scenarios: Vec<Value> = ["ask", "approve", "reject", "escalate", "stop"].into_iter().map(scenario).collect();
    json!({
        "title": title,
        "written_for": "support agents",
        "examples": "Good is a draft that names the order and one next step.",
        "refusal_rules": "No draft promises money that nobody has agreed to.",
        "approval_boundaries": "You approve wording; refunds need the store manager.",
        "escalation_path": "More than one customer: the support lead, within the hour.",
        "scenarios": scenarios
    })
}
