//! The same ladder for every endpoint: nobody 401, the outsider 404, the auditor may look and not touch, a made-up id is
//! not found, another method is not allowed, a body that is no JSON is named.

use super::{Library, made, picture, yes};
use crate::support::{Api, Reply};
use serde_json::{Value, json};

/// Method, address, a good body, the address with an id that names nothing.
type Rung = (&'static str, String, Value, String);

fn rungs(library: &Library) -> Vec<Rung> {
    let id = library.reusable();
    let placement = made(&library.lead().post(&format!("/assets/{id}/placements"), &json!({ "place": "Shop front" })));
    let change = json!({ "kind": "brand_change", "site": library.app.site, "note": "A new logo from today on" });
    made(&library.lead().post("/asset-changes", &change));
    let review = library.show(&id)["reviews"][0]["id"].as_str().unwrap().to_owned();
    let at = |noun: &str, id: &str, verb: &str| (format!("/{noun}/{id}{verb}"), format!("/{noun}/nothing{verb}"));
    let rung = |method, (path, nowhere): (String, String), body| (method, path, body, nowhere);
    let reason = json!({ "reason": "Another variation was taken" });
    vec![
        rung("GET", at("assets", &id, ""), Value::Null),
        rung("GET", at("assets", &id, "/file"), Value::Null),
        rung("GET", at("assets", &id, "/thumbnail"), Value::Null),
        rung("PATCH", at("assets", &id, ""), json!({ "licence": "Commercial use" })),
        rung("POST", at("assets", &id, "/approval"), json!({})),
        rung("POST", at("assets", &id, "/reuse-decisions"), yes()),
        rung("POST", at("assets", &id, "/placements"), json!({ "place": "A mail" })),
        rung("POST", at("asset-placements", &placement, "/cleaning"), json!({ "link": "https://example.org/x" })),
        rung(
            "POST",
            at("asset-reviews", &review, "/completion"),
            json!({ "outcome": "still_fits", "note": "Looked at it" }),
        ),
        rung("POST", at("assets", &id, "/rejection"), reason.clone()),
        rung("POST", at("assets", &id, "/removal"), reason),
    ]
}

#[test]
fn every_endpoint_has_its_ladder() {
    let library = Library::start();
    let rungs = rungs(&library);
    let (nobody, admin) = (library.app.api(""), library.admin());
    let (outsider, auditor) = (library.api(&library.app.outsider), library.api(&library.app.auditor));
    let send = |api: &Api, method: &str, path: &str, body: &Value| {
        let request = api.request(method, path);
        api.send(if body.is_null() { request } else { request.json(body) })
    };
    let says = |reply: Reply, status: u16, who: &str| assert_eq!(reply.status, status, "{who}: {}", reply.body);
    for (method, path, body, nowhere) in &rungs {
        says(send(&nobody, method, path, body), 401, &format!("nobody {method} {path}"));
        says(send(&outsider, method, path, body), 404, &format!("the outsider {method} {path}"));
        says(send(&admin, method, nowhere, body), 404, &format!("nothing {method} {nowhere}"));
        says(auditor.send(auditor.request("DELETE", path)), 405, path);
        if *method == "GET" {
            says(send(&auditor, method, path, body), 200, &format!("the auditor {path}"));
        } else {
            says(send(&auditor, method, path, body), 403, &format!("the auditor {method} {path}"));
            says(admin.send(admin.request(method, path).body("{\"x\"")), 422, &format!("broken {path}"));
            let unknown = admin.send(admin.request(method, path).json(&json!({ "surprise": 1 })));
            assert_eq!((unknown.status, unknown.fields()), (422, vec!["surprise"]), "{method} {path} {}", unknown.body);
        }
    }
    let (id, outside) = (rungs[0].1.clone(), library.api(&library.app.outsider));
    says(outside.get(&format!("{id}/reuse")), 404, "the outsider asks");
    says(nobody.get(&format!("{id}/reuse")), 401, "nobody asks");
    says(admin.get("/assets/nothing/reuse"), 404, "nothing is asked about");
    says(auditor.get(&format!("{id}/reuse")), 423, "the auditor asks");
    library.app.assert_audit_holds();
}

#[test]
fn lists_show_what_is_yours_a_page_at_a_time() {
    let library = Library::start();
    for number in 0..3 {
        made(&library.bring(&format!("winter-tea-tin-{number}.png"), picture(4, 4)));
    }
    let count = |api: &Api, path: &str| api.get(path).json["items"].as_array().map(Vec::len);
    let (lead, outsider) = (library.lead(), library.api(&library.app.outsider));
    assert_eq!((count(&lead, "/assets"), count(&outsider, "/assets")), (Some(3), Some(0)));
    let first = lead.get("/assets?limit=2");
    let next = first.json["next_cursor"].as_str().unwrap();
    assert_eq!(count(&lead, &format!("/assets?limit=2&cursor={next}")), Some(1));
    assert_eq!((count(&lead, "/assets?state=draft"), count(&lead, "/assets?state=approved")), (Some(3), Some(0)));
    assert_eq!(lead.get("/assets?state=lovely").fields(), ["state"]);
    assert_eq!(lead.get("/assets?reusable=perhaps").fields(), ["reusable"]);
    assert_eq!(lead.get("/assets?color=red").fields(), ["color"]);
    assert_eq!(lead.get("/assets?cursor=x").fields(), ["cursor"]);
    assert_eq!(lead.get("/assets?site=shop-south").status, 404);
    let (reporter, auditor) = (library.api(&library.app.reporter), library.api(&library.app.auditor));
    for path in ["/assets", "/asset-placements", "/asset-changes"] {
        assert_eq!(reporter.get(path).status, 403, "{path}");
        assert_eq!(library.app.api("").get(path).status, 401, "{path}");
    }
    let to = format!("/assets?site={}&name=a.png", library.app.site);
    assert_eq!(auditor.post_bytes(&to, picture(4, 4)).status, 403);
    assert_eq!(auditor.post("/asset-changes", &json!({})).status, 403);
    assert_eq!(lead.post("/asset-changes", &json!({})).fields(), ["kind", "site", "note"]);
    let foreign = json!({ "kind": "brand_change", "site": library.app.site, "note": "A new logo from today" });
    assert_eq!(outsider.post("/asset-changes", &foreign).fields(), ["site"]);
}
