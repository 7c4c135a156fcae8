//! `/api/v1/sites`.

use crate::support::App;
use serde_json::json;

fn site() -> serde_json::Value {
    json!({ "slug": "shop-east", "name": "Shop East", "production_url": "https://east.example.com",
            "versions": { "sophmate": "3.2.1", "wordpress": "6.9", "php": "8.3.14" } })
}

#[test]
fn an_administrator_registers_a_site_and_reads_it_back() {
    let app = App::start();
    let api = app.api(&app.token(&app.admin));
    let made = api.post("/sites", &site());
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.location(), "/api/v1/sites/shop-east");

    let one = api.get("/sites/shop-east");
    assert_eq!(one.status, 200, "{}", one.body);
    assert_eq!(one.json["versions"]["php"], "8.3.14");
    assert_eq!(one.json["time_zone"], "UTC");
    assert_eq!(one.header("etag"), "\"1\"");

    let first = api.get("/sites?limit=2");
    assert_eq!(first.json["items"][0]["slug"], "shop-east", "newest first: {}", first.body);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let rest = api.get(&format!("/sites?limit=2&cursor={cursor}"));
    assert_eq!(rest.json["items"].as_array().unwrap().len(), 1);
    assert!(rest.json["next_cursor"].is_null());
    app.assert_audit_holds();
}

#[test]
fn others_see_their_own_sites_and_register_none() {
    let app = App::start();
    let lead = app.api(&app.token(&app.lead));
    assert_eq!(lead.post("/sites", &site()).status, 403);
    let seen = lead.get("/sites");
    assert_eq!(seen.json["items"].as_array().unwrap().len(), 1, "{}", seen.body);

    let outsider = app.api(&app.token(&app.outsider));
    assert_eq!(outsider.get(&format!("/sites/{}", app.site)).status, 404);
    assert_eq!(lead.get("/sites/none-such").status, 404);
    assert_eq!(app.api(&app.token(&app.reporter)).get("/sites").status, 403);
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    let app = App::start();
    let api = app.api(&app.token(&app.admin));
    let bad = api.post("/sites", &json!({ "slug": "No Slug", "production_url": "shop", "time_zone": "Mars/Olympus" }));
    assert_eq!(bad.status, 422);
    assert_eq!(bad.fields(), ["slug", "name", "production_url", "time_zone"]);
    let taken = api.post("/sites", &json!({ "slug": app.site, "name": "x", "production_url": "https://x.example" }));
    assert_eq!((taken.status, taken.fields()), (422, vec!["slug"]));
    let key = format!("sk-{}", "proj-lQQYPXKwP2OcEOIHXccPfURXriIUAwLrHGadgFA4");
    let mut secret = site();
    secret["hosting_contact"] = json!(format!("key {key}"));
    assert_eq!(api.post("/sites", &secret).fields(), ["hosting_contact"]);
    let wrong = api.send(api.request("DELETE", "/sites/shop-north"));
    assert_eq!(wrong.status, 405);
    assert_eq!(wrong.header("content-type"), "application/problem+json");
}
