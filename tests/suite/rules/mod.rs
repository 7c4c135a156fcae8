//! The organisation's own rules of redaction: the bench, writing and switching them, and past evidence.

mod bench;
mod exceptions;
mod keeping;
mod ladder;
mod pages;
mod past;

use crate::support::{Api, App, Reply};
use serde_json::{Value, json};

/// Numbers of a help desk: nothing that comes with the product knows them.
pub const NUMBER: &str = "CRM-104233";

/// A rule that takes them.
pub fn crm() -> Value {
    json!({
        "name": "crm-number", "title": "Client number", "about": "It names a client of the help desk.",
        "kind": "pattern", "find": ["CRM-[0-9]{6}"], "level": "likely",
        "goes": ["client [[CRM-104233]] called"], "stays": ["CRM-Export finished"]
    })
}

/// With something else in a field.
pub fn with(mut rule: Value, field: &str, value: Value) -> Value {
    rule[field] = value;
    rule
}

/// What an administrator sends to save it.
pub fn saving(rule: Value) -> Value {
    json!({ "definition": rule, "reason": "The help desk numbers stood in a report." })
}

pub fn admin(app: &App) -> Api {
    app.api(&app.token(&app.admin))
}

pub fn lead(app: &App) -> Api {
    app.api(&app.token(&app.lead))
}

/// Saves a rule.
pub fn save(app: &App, rule: Value) -> Reply {
    let saved = admin(app).post("/redaction-rules", &saving(rule));
    assert_eq!(saved.status, 201, "{}", saved.body);
    saved
}

/// Seals a text and gives its id and redacted form.
pub fn seal(app: &App, reference: &str, name: &str, text: &str) -> (String, String) {
    let api = lead(app);
    let sealed = api.post_bytes(&format!("/incidents/{reference}/evidence?name={name}"), text);
    assert_eq!(sealed.status, 201, "{}", sealed.body);
    let id = sealed.json["id"].as_str().unwrap().to_owned();
    let text = api.get(&format!("/evidence/{id}")).body;
    (id, text)
}
