//! The pages: practices, what is held against them, playbooks from writing to release.

use super::Agency;
use crate::incidents::follow;
use crate::support::Browserlike;

fn step_fields<'f>(fields: &mut Vec<(&'f str, &'f str)>, title: &'f str, effect: &'f str, approval: &'f str) {
    let how = if title.is_empty() { "" } else { "As written." };
    fields.extend([("step_title", title), ("step_instructions", how), ("step_effect", effect)]);
    fields.push(("step_approval", approval));
}

fn write(agency: &Agency, browser: &Browserlike) -> String {
    let mut fields = vec![
        ("title", "Answer a double charge"),
        ("site", agency.app.site.as_str()),
        ("owner", agency.app.owner.as_str()),
        ("purpose", "What support does when a customer was charged twice."),
        ("inputs", "order: the order in question"),
        ("placeholders", "paid_status | order statuses | the status of a paid order"),
    ];
    step_fields(&mut fields, "Look for {paid_status}", "reads", "none");
    step_fields(&mut fields, "Refund it", "writes", "second_person");
    step_fields(&mut fields, "", "reads", "none");
    let made = browser.submit("/playbooks/new", "/playbooks/new", &fields);
    assert_eq!(made.status, 303, "{}", made.body);
    made.location().to_owned()
}

// seed: playbook.mistake.2 playbook.mistake.3
#[test]
fn a_playbook_is_written_exported_and_imported_on_pages() {
    let agency = Agency::start();
    let lena = agency.app.signed_in(&agency.app.lead);
    assert!(lena.get("/playbooks/new").body.contains("A useful prompt becomes a playbook before inputs"));
    let page = write(&agency, &lena);
    let shown = lena.get(&page).body;
    assert!(shown.contains("Refund it") && shown.contains("second person"), "{shown}");
    let exported = lena.submit(&page, &format!("{page}/exports"), &[]);
    let after = follow(&lena, &exported).body;
    let link = after.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|href| href.contains("/exports/"));
    let file = lena.get(link.unwrap());
    assert!(file.header("content-disposition").contains("playbook-v1.json"));

    let ada = agency.app.signed_in(&agency.app.admin);
    assert!(ada.get("/playbooks/import").body.contains("without localising provider, policy"));
    let (site, owner) = (agency.app.other_site.as_str(), agency.app.outsider.as_str());
    let fields = [("site", site), ("owner", owner), ("file", file.body.as_str())];
    let imported = ada.submit("/playbooks/import", "/playbooks/import", &fields);
    assert_eq!(imported.status, 303, "{}", imported.body);
    let there = imported.location().to_owned();
    let shown = follow(&ada, &imported).body;
    assert!(shown.contains("things keep it from production") && shown.contains("shop-north"), "{shown}");
    assert!(shown.contains("Failed runs are passed over until nobody trusts the playbook"));
    let refused = ada.submit(&there, &format!("{there}/production"), &[]);
    assert_eq!(refused.status, 409, "{}", refused.body);
    let again = ada.submit("/playbooks/import", "/playbooks/import", &fields);
    assert!(follow(&ada, &again).body.contains("was imported here before"));

    let olga = agency.app.signed_in(&agency.app.outsider);
    assert_eq!(olga.get(&page).status, 404);
    let blank =
        olga.submit(&there, &format!("{there}/localisation"), &[("topic", "language"), ("answer", "changed_to")]);
    assert_eq!(blank.status, 422, "{}", blank.body);
    assert!(blank.body.contains("Say what it is on this site."));
    for topic in super::TOPICS {
        let answer = [("topic", topic), ("answer", "same"), ("changed_to", "")];
        assert_eq!(olga.submit(&there, &format!("{there}/localisation"), &answer).status, 303, "{topic}");
    }
    let run = [("place", "staging"), ("outcome", "success"), ("what", "Went through it with a test order")];
    assert_eq!(olga.submit(&there, &format!("{there}/first-runs"), &run).status, 303);
    let shown = ada.get(&there).body;
    let review = shown.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|to| to.ends_with("/review"));
    let verdict = [("acceptable", "yes"), ("note", "The trace reads as it should")];
    assert_eq!(ada.submit(&there, review.unwrap(), &verdict).status, 303);
    let released = ada.submit(&there, &format!("{there}/production"), &[]);
    assert!(follow(&ada, &released).body.contains("It is released for production."));
    agency.app.assert_audit_holds();
}

#[test]
fn what_is_wrong_stands_at_its_field_with_what_was_typed() {
    let agency = Agency::start();
    let lena = agency.app.signed_in(&agency.app.lead);
    let mut fields = vec![("title", "My playbook"), ("site", agency.app.site.as_str()), ("purpose", "")];
    step_fields(&mut fields, "Write to the customer", "contacts_customers", "none");
    let refused = lena.submit("/playbooks/new", "/playbooks/new", &fields);
    assert_eq!(refused.status, 422);
    for words in ["Say in a sentence what it is for.", "needs somebody who agrees first", "Write to the customer"] {
        assert!(refused.body.contains(words), "{words}");
    }
    let ada = agency.app.signed_in(&agency.app.admin);
    let secret = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";
    let mut file = agency.export(&agency.playbook());
    file["document"]["playbook"]["steps"][0]["title"] = serde_json::json!(format!("Use {secret}"));
    let text = file.to_string();
    let fields = [("site", agency.app.other_site.as_str()), ("file", text.as_str())];
    let refused = ada.submit("/playbooks/import", "/playbooks/import", &fields);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("steps[0].title") && !refused.body.contains(secret), "{}", refused.body);
    let large = " ".repeat(2 * 1024 * 1024 + 1);
    let fields = [("site", agency.app.other_site.as_str()), ("file", large.as_str())];
    assert_eq!(ada.submit("/playbooks/import", "/playbooks/import", &fields).status, 413);
}

#[test]
fn an_administrator_changes_a_practice_on_its_page_and_open_subjects_see_it() {
    let agency = Agency::start();
    let slug = agency.app.automation("order-mails");
    let (ada, lena) = (agency.app.signed_in(&agency.app.admin), agency.app.signed_in(&agency.app.lead));
    let page = "/practices/workflow-safety";
    let held =
        lena.submit(page, &format!("{page}/runs"), &[("subject_kind", "automation"), ("subject", slug.as_str())]);
    assert_eq!(held.status, 303, "{}", held.body);
    let run = held.location().to_owned();
    assert!(lena.get("/practices").body.contains("order mails"));
    let add = [
        ("version", "1"),
        ("section", "checklist"),
        ("line_text", "The on-call list is up to date."),
        ("rule_kind", "attestation"),
        ("rule_role", "support_lead"),
        ("rule_evidence", "yes"),
    ];
    assert_eq!(lena.submit(page, &format!("{page}/lines"), &add).status, 403);
    assert_eq!(ada.submit(page, &format!("{page}/lines"), &add).status, 303);
    assert_eq!(ada.submit(page, &format!("{page}/lines"), &add).status, 412, "version 1 is not the newest any more");
    let shown = ada.get(page).body;
    assert!(shown.contains("workflow.checklist.5"), "{shown}");
    assert!(lena.get(&run).body.contains("The practice changed since"));
    assert_eq!(lena.submit(&run, &format!("{run}/version"), &[]).status, 303);
    let attest = |evidence: &str| {
        let fields = [("line", "workflow.checklist.5"), ("evidence", evidence)];
        lena.submit(&run, &format!("{run}/attestations"), &fields)
    };
    assert_eq!(attest("").status, 422);
    assert_eq!(attest("https://wiki.example/on-call").status, 303);
    assert!(lena.get(&run).body.contains("https://wiki.example/on-call"));
    let gone = ada.submit(page, &format!("{page}/lines/workflow.checklist.5/removal"), &[("version", "2")]);
    assert_eq!(gone.status, 303, "{}", gone.body);
    agency.app.assert_audit_holds();
}

#[test]
fn a_playbook_is_gone_through_on_the_incidents_page() {
    let agency = Agency::start();
    let playbook = agency.playbook();
    let reference = agency.app.incident("Charged twice");
    let page = format!("/incidents/{reference}/playbooks");
    let (lena, omar) = (agency.app.signed_in(&agency.app.lead), agency.app.signed_in(&agency.app.owner));
    assert!(lena.get(&page).body.contains("No playbook was begun here"));
    assert_eq!(lena.submit(&page, &page, &[("playbook", "")]).status, 422);
    assert_eq!(lena.submit(&page, &page, &[("playbook", playbook.as_str())]).status, 303);
    let action = |browser: &Browserlike, verb: &str| {
        let shown = browser.get(&page).body;
        let to = shown.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|to| to.ends_with(verb));
        to.unwrap_or_else(|| panic!("no {verb}: {shown}")).to_owned()
    };
    let tick = action(&lena, "/completion");
    assert_eq!(lena.submit(&page, &tick, &[("evidence", "ok")]).status, 422);
    assert_eq!(lena.submit(&page, &tick, &[("evidence", "The order shows one charge too many")]).status, 303);
    assert_eq!(lena.submit(&page, &action(&lena, "/approval-request"), &[]).status, 303);
    assert_eq!(omar.submit(&page, &action(&omar, "/approval"), &[]).status, 303);
    let tick = action(&lena, "/completion");
    assert_eq!(lena.submit(&page, &tick, &[("evidence", "Refund 12 was sent")]).status, 303);
    assert!(lena.get(&page).body.contains("0 left"));
}

#[test]
fn pages_are_for_those_who_may_see_them() {
    let agency = Agency::start();
    let playbook = agency.playbook();
    let (rita, aldo) = (agency.app.signed_in(&agency.app.reporter), agency.app.signed_in(&agency.app.auditor));
    let olga = agency.app.signed_in(&agency.app.outsider);
    for path in ["/practices", "/practices/workflow-safety", "/playbooks"] {
        assert_eq!(rita.get(path).status, 403, "{path}");
        assert_eq!(aldo.get(path).status, 200, "{path}");
        assert_eq!(aldo.send(aldo.request("DELETE", path)).status, 405, "{path}");
    }
    for path in ["/playbooks/new", "/playbooks/import"] {
        assert_eq!(aldo.get(path).status, 403, "{path}");
    }
    for path in [format!("/playbooks/{playbook}"), format!("/playbooks/{playbook}/edit")] {
        assert_eq!(olga.get(&path).status, 404, "{path}");
    }
    for path in ["/practices/nothing", "/practice-runs/nothing", "/playbooks/nothing", "/playbooks/nothing/edit"] {
        assert_eq!(agency.app.signed_in(&agency.app.admin).get(path).status, 404, "{path}");
    }
    let nowhere = format!("/playbooks/{playbook}/surprise");
    assert_eq!(agency.app.signed_in(&agency.app.lead).submit("/", &nowhere, &[]).status, 404);
}
