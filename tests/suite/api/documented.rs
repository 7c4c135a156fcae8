//! The OpenAPI document and the routes are held against each other.

use crate::support::App;
use std::collections::BTreeSet;

/// Method and address of each operation in the document, for example `GET /incidents/{reference}`.
fn documented(document: &serde_json::Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        for method in item.as_object().unwrap().keys() {
            found.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    found
}

/// The same of the route table's source.
fn registered() -> BTreeSet<String> {
    let source = include_str!("../../../src/web/routes.rs");
    let table = &source[source.find("fn api_routes").unwrap()..];
    let mut found = BTreeSet::new();
    for route in table.split(".service(resource(\"").skip(1) {
        let (path, calls) = route.split_once("\")").unwrap();
        for method in ["get", "post", "patch", "put", "delete"] {
            if calls.contains(&format!(".{method}(")) {
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

#[test]
fn the_document_lists_every_route_and_nothing_else() {
    let app = App::start();
    let document = app.api("").get("/openapi.json");
    assert_eq!(document.status, 200);
    assert_eq!(document.json["openapi"], "3.1.0");
    let (documented, registered) = (documented(&document.json), registered());
    assert!(registered.len() > 30, "the route table could not be read: {registered:?}");
    assert_eq!(documented, registered);
}

#[test]
fn every_documented_operation_is_answered_by_its_handler() {
    let app = App::start();
    let api = app.api(&app.token(&app.admin));
    let document = api.get("/openapi.json");
    for operation in documented(&document.json) {
        let (method, path) = operation.split_once(' ').unwrap();
        let mut path = path.replace(['{', '}'], "");
        if path == "/gate-events" {
            // Else it would be answered for ever.
            path.push_str("?automation=none-such");
        }
        let answer = api.send(api.request(method, &path).body("{}"));
        assert_ne!(answer.status, 405, "{operation}");
        assert!(answer.status < 500, "{operation}: {}", answer.body);
        assert!(!answer.body.contains("no such address"), "{operation}: {}", answer.body);
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let app = App::start();
    let document = app.api("").get("/openapi.json").json;
    let text = document.to_string();
    let mut seen = 0;
    for part in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = &part[..part.find('"').unwrap()];
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        seen += 1;
    }
    assert!(seen > 50, "only {seen} references");
}
