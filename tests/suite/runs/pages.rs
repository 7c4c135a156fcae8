//! The pages about runs.

use super::{Runs, failure, success};
use allclear::actions::automation_reviews;
use serde_json::json;

#[test]
fn runs_are_listed_filtered_and_paged() {
    let runs = Runs::begin();
    let mut body = success();
    body["environment"] = json!("staging");
    for number in 0..53 {
        body["what"] = json!(format!("Run number {number}."));
        runs.report(&body);
    }
    runs.report(&failure());
    let lena = runs.app.signed_in(&runs.app.lead);
    let at = format!("/automations/{}/runs", runs.slug);
    let page = lena.get(&at);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Run number 52.") && !page.body.contains("Run number 2."));
    let mark = "rel=\"next\" href=\"";
    let next = &page.body[page.body.find(mark).unwrap() + mark.len()..];
    let next = next[..next.find('"').unwrap()].replace("&amp;", "&").replace("&#x2F;", "/");
    let older = lena.get(&next);
    assert!(older.body.contains("Run number 2.") && older.body.contains("rel=\"prev\""), "{}", older.body);
    let failed = lena.get(&format!("{at}?outcome=failure"));
    assert!(failed.body.contains("not explained") && !failed.body.contains("Run number"), "{}", failed.body);
    assert!(lena.get(&format!("{at}?only=gate_closed")).body.contains("No run fits"));
    assert_eq!(runs.app.signed_in(&runs.app.outsider).get(&at).status, 404);
    assert_eq!(runs.app.signed_in(&runs.app.reporter).get(&at).status, 403);
}

#[test]
fn a_failure_is_explained_and_reviewed_on_its_page() {
    let runs = Runs::begin();
    let mut body = failure();
    body["error"].as_object_mut().unwrap().remove("step");
    let id = runs.report(&body)["id"].as_str().unwrap().to_owned();
    let (page, explain, review) =
        (format!("/runs/{id}"), format!("/runs/{id}/explanation"), format!("/runs/{id}/review"));
    let (omar, lena) = (runs.app.signed_in(&runs.app.owner), runs.app.signed_in(&runs.app.lead));
    let shown = lena.get(&page);
    assert!(
        shown.body.contains("The owner has not explained this failure") && shown.body.contains("error.step missing")
    );
    assert!(!shown.body.contains(&explain), "only the owner is offered the form");
    let again = omar.submit(&page, &explain, &[("explanation", "oh <b>")]);
    assert!(again.status == 422 && again.body.contains("oh &lt;b&gt;"), "{}", again.body);
    assert_eq!(lena.submit(&page, &explain, &[("explanation", "It was the server, I think.")]).status, 403);
    let told = "The mail server refused the connection.";
    assert_eq!(omar.submit(&page, &explain, &[("explanation", told)]).status, 303);
    assert_eq!(omar.submit(&page, &explain, &[("explanation", told)]).status, 409);
    let parts = ["history", "failures", "cost", "affected_records", "audit_events"];
    let mut typed: Vec<(&str, &str)> = parts.iter().map(|part| (*part, "Looked at it; it is as expected.")).collect();
    let again = lena.submit(&page, &review, &typed);
    assert!(again.status == 422 && again.body.contains("Looked at it; it is as expected."), "{}", again.body);
    typed.push(("acceptable", "no"));
    assert_eq!(lena.submit(&page, &review, &typed).status, 303);
    let shown = lena.get(&page);
    assert!(shown.body.contains("Not accepted") && shown.body.contains(told), "{}", shown.body);
    assert_eq!(runs.app.signed_in(&runs.app.outsider).get(&page).status, 404);
    assert_eq!(lena.get("/runs/nothing").status, 404);
}

#[test]
fn reviews_and_flags_are_settled_on_their_page() {
    let runs = Runs::begin();
    automation_reviews::round(&runs.app.desk).unwrap();
    let touches = json!({ "touches": { "contacts_customers": true } });
    assert_eq!(runs.admin().patch(&format!("/automations/{}", runs.slug), &touches).status, 200);
    let first = |list: &str| {
        let items = runs.admin().get(&format!("/automations/{}/{list}", runs.slug)).json;
        items["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let complete = format!("/automation-reviews/{}/completion", first("reviews"));
    let dismiss = format!("/flags/{}/dismissal", first("flags"));
    let page = format!("/automations/{}/reviews", runs.slug);
    let lena = runs.app.signed_in(&runs.app.lead);
    let home = lena.get("/").body;
    assert!(home.contains("Customer facing output: order mails"), "{home}");
    let home = runs.app.signed_in(&runs.app.owner).get("/").body;
    let review = home.split("Review order mails (before first run)").nth(1).unwrap().split("</li>").next().unwrap();
    assert!(review.contains("<span>due "), "a moment to come is no moment since which it waits: {review}");
    let again = lena.submit(&page, &complete, &[("note", "hm")]);
    assert!(again.status == 422 && again.body.contains("hm</textarea>"), "{}", again.body);
    assert_eq!(lena.submit(&page, &complete, &[("note", "All nine facts still fit.")]).status, 303);
    assert_eq!(lena.submit(&page, &dismiss, &[("reason", "-")]).status, 422);
    let why = "The shop manager approves every mail.";
    assert_eq!(lena.submit(&page, &dismiss, &[("reason", why)]).status, 303);
    assert_eq!(lena.submit(&page, &dismiss, &[("reason", why)]).status, 409);
    let shown = lena.get(&page).body;
    assert!(shown.contains(why) && shown.contains("No review is due"), "{shown}");
    let ada = runs.app.signed_in(&runs.app.admin);
    let relax = format!("/automations/{}/approval-relaxation", runs.slug);
    let refused = ada.submit(&page, &relax, &[("relaxed", "yes")]);
    assert!(refused.status == 409 && refused.body.contains("0 of 10"), "{}", refused.body);
    assert_eq!(lena.submit(&page, &relax, &[("relaxed", "yes")]).status, 403);
}

#[test]
fn an_outside_event_is_reported_on_the_sites_page() {
    let runs = Runs::begin();
    let page = format!("/sites/{}/changes", runs.app.site);
    let lena = runs.app.signed_in(&runs.app.lead);
    assert!(lena.get(&format!("/sites/{}", runs.app.site)).body.contains(&page));
    let again = lena.submit(&page, &page, &[("note", "The plugin updates tonight")]);
    assert!(again.status == 422 && again.body.contains("The plugin updates tonight"), "{}", again.body);
    let typed = [("kind", "plugin_update"), ("note", "The plugin updates tonight")];
    assert_eq!(lena.submit(&page, &page, &typed).status, 303);
    assert!(lena.get(&page).body.contains("/automations/order-mails"));
    assert_eq!(runs.gate().status, 423);
    assert_eq!(runs.app.signed_in(&runs.app.auditor).submit(&page, &page, &typed).status, 403);
    assert_eq!(runs.app.signed_in(&runs.app.outsider).get(&page).status, 404);
}

#[test]
fn what_an_automation_touches_is_typed_into_its_form() {
    let runs = Runs::begin();
    let ada = runs.app.signed_in(&runs.app.admin);
    let page = format!("/automations/{}/edit", runs.slug);
    let mut typed = vec![
        ("name", "Order mails"),
        ("kind", "workflow"),
        ("category", "commerce"),
        ("owner", "omar@example.org"),
        ("environment", "staging"),
        ("contacts_customers", "yes"),
        ("provider", "Northwind AI"),
        ("model", "breeze-2"),
        ("failure_limit", "0"),
        ("failure_minutes", "x"),
        ("daily_budget", "-1"),
    ];
    let again = ada.submit(&page, &page, &typed);
    assert_eq!(again.status, 422, "{}", again.body);
    for field in ["#failure_limit", "#failure_minutes", "#daily_budget"] {
        assert!(again.body.contains(field), "{field}: {}", again.body);
    }
    typed.truncate(8);
    typed.extend([("failure_limit", "2"), ("failure_minutes", "30"), ("daily_budget", "12,50")]);
    assert_eq!(ada.submit(&page, &page, &typed).status, 303);
    let saved = runs.admin().get(&format!("/automations/{}", runs.slug)).json;
    assert_eq!((&saved["environment"], &saved["touches"]["contacts_customers"]), (&json!("staging"), &json!(true)));
    assert_eq!((&saved["daily_budget"], &saved["failure_limit"]), (&json!(12.5), &json!(2)));
    let shown = ada.get(&format!("/automations/{}", runs.slug)).body;
    assert!(shown.contains("Northwind AI") && shown.contains("Customer facing output"), "{shown}");
}
