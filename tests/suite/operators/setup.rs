//! The set-up of a site: the record, what shows that it works, and a second administrator who repeats it.

use super::{NEWCOMER, Team, good};
use crate::support::PASSWORD;
use serde_json::{Value, json};

const TRIED: &str = "Tried from the server at nine this morning; the answer came within a second.";

fn proofs() -> [Value; 4] {
    let proof = |item: &str, reference: &str| json!({ "item": item, "reference": reference, "evidence": TRIED });
    [
        proof("outbound_https", "https://api.provider.example/v1/models"),
        proof("backup_restored", "nightly-2026-11-20"),
        proof("mail_round_trip", "round trip 2026-11-20"),
        proof("support_route", "ticket 48211"),
    ]
}

/// Fills the record of the first site.
fn complete_record(team: &Team) {
    let sql = format!(
        "UPDATE sites SET staging_url = 'https://staging.shop-north.example.com', setup_owner = 'Omar', \
         hosting_contact = 'the host', provider_contact = 'the provider', \
         versions = '{{\"sophmate\":\"3.2.1\",\"wordpress\":\"6.9\",\"php\":\"8.3.14\",\"woocommerce\":null,\"theme\":\"Storefront\"}}' \
         WHERE slug = '{}'",
        team.app.site
    );
    team.app.tamper(&sql);
}

fn second_administrator(team: &Team) {
    let body = json!({ "email": NEWCOMER, "name": "Nora", "role": "administrator", "password": PASSWORD });
    good(&team.admin().post("/people", &body));
}

// seed: training.mistake.3 training.related.5
#[test]
fn readiness_takes_evidence_of_its_own_kind_and_never_a_page_that_loads() {
    let team = Team::start();
    let at = format!("/sites/{}/readiness", team.app.site);
    let admin = team.admin();
    assert_eq!(admin.post(&at, &json!({})).fields(), ["item"]);
    let mut own = proofs()[0].clone();
    own["reference"] = json!("https://shop-north.example.com/wp-admin");
    assert_eq!(admin.post(&at, &own).fields(), ["reference"], "its own page shows nothing about the world outside");
    let mut seen = proofs()[1].clone();
    seen["evidence"] = json!("The admin page loads without any error message.");
    assert_eq!(admin.post(&at, &seen).fields(), ["evidence"]);
    let mut secret = proofs()[3].clone();
    secret["evidence"] = json!("Answered with sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3 within an hour");
    assert_eq!(admin.post(&at, &secret).fields(), ["evidence"]);
    for proof in proofs() {
        assert!(team.unmet().iter().any(|id| id == "training.related.5"));
        good(&admin.post(&at, &proof));
    }
    assert!(!team.unmet().iter().any(|id| id == "training.related.5"));
    let setup = team.lead().get(&format!("/sites/{}/setup", team.app.site)).json;
    assert_eq!(setup["readiness"].as_array().map(Vec::len), Some(4));
    let page = team.app.signed_in(&team.app.admin).get(&format!("/sites/{}/setup", team.app.site));
    assert!(page.body.contains("A page that loads is taken for proof"), "{}", page.body);
    team.app.assert_audit_holds();
}

// seed: training.acceptance.3
#[test]
fn a_second_administrator_repeats_the_set_up_from_the_record_and_signs() {
    let team = Team::start();
    second_administrator(&team);
    let (ada, nora) = (team.admin(), team.api(NEWCOMER));
    let (setups, steps) = (
        format!("/sites/{}/setups", team.app.site),
        json!({ "steps": "Install the plugin, enter the provider's key from the vault, run the four tests." }),
    );
    let early = ada.post(&setups, &steps);
    assert_eq!((early.status, early.codes().len()), (409, 5), "{}", early.body);
    complete_record(&team);
    for proof in proofs() {
        good(&ada.post(&format!("/sites/{}/readiness", team.app.site), &proof));
    }
    assert_eq!(ada.post(&setups, &json!({ "steps": "todo" })).fields(), ["steps"]);
    let made = ada.post(&setups, &steps);
    assert_eq!(made.status, 201, "{}", made.body);
    let sign = format!("/setups/{}/signature", made.json["id"].as_str().unwrap());
    let repeated = json!({ "repeated": "Repeated it on staging from this page alone; nothing was missing." });
    assert_eq!(ada.post(&sign, &repeated).status, 403, "one person's memory is not enough");
    assert!(team.unmet().iter().any(|id| id == "training.acceptance.3"));
    assert_eq!(nora.post(&sign, &json!({ "repeated": "" })).fields(), ["repeated"]);
    good(&nora.post(&sign, &repeated));
    assert_eq!(nora.post(&sign, &repeated).codes(), ["signed_already"]);
    assert!(!team.unmet().iter().any(|id| id == "training.acceptance.3"));
    // The record changes: what was repeated is not what is there now.
    team.app.tamper("UPDATE sites SET setup_owner = 'Olga'");
    assert!(team.unmet().iter().any(|id| id == "training.acceptance.3"));
    let again = ada.post(&setups, &steps).json["id"].as_str().unwrap().to_owned();
    team.app.tamper("UPDATE sites SET setup_owner = 'Omar'");
    let stale = nora.post(&format!("/setups/{again}/signature"), &repeated);
    assert_eq!(stale.codes(), ["record_changed"], "{}", stale.body);
}

#[test]
fn diagnostics_say_whom_to_call_and_where_the_switch_is_and_hold_no_secret() {
    let team = Team::start();
    complete_record(&team);
    let slug = team.app.automation("order-mails");
    team.app.tamper(
        "UPDATE sites SET hosting_contact = 'the host, token sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3'",
    );
    let fetched = team.api(&team.app.owner).post(&format!("/sites/{}/diagnostics", team.app.site), &json!({}));
    assert_eq!(fetched.status, 201, "{}", fetched.body);
    let text = fetched.json["text"].as_str().unwrap();
    assert!(text.contains(&format!("/sites/{}", team.app.site)) && text.contains(&slug), "{text}");
    assert!(text.contains("the provider") && !text.contains("sk-proj-aB3dE5"), "{text}");
    let browser = team.app.signed_in(&team.app.lead);
    let page = format!("/sites/{}/setup", team.app.site);
    let file = browser.submit(&page, &format!("/sites/{}/diagnostics", team.app.site), &[]);
    assert_eq!(file.status, 200, "{}", file.body);
    assert!(file.header("content-disposition").contains("diagnostics-shop-north.json"));
    assert!(browser.get(&page).body.contains("You fetched them"));
}

// seed: training.related.1 training.related.3 training.related.4 training.related.6
#[test]
fn what_only_people_know_is_attested_by_an_administrator_with_evidence() {
    let team = Team::start();
    team.unmet();
    let run = team.admin().get("/practice-runs?practice=operator-training").json["items"][0]["id"].clone();
    let at = format!("/practice-runs/{}/attestations", run.as_str().unwrap());
    for line in ["training.related.1", "training.related.3", "training.related.4", "training.related.6"] {
        let bare = json!({ "line": line });
        assert_eq!(team.lead().post(&at, &bare).status, 403, "{line}");
        assert_eq!(team.admin().post(&at, &bare).fields(), ["evidence"], "{line}");
        assert!(team.unmet().iter().any(|id| id == line), "{line}");
        good(
            &team.admin().post(&at, &json!({ "line": line, "evidence": "Signed list of Monday in the shared folder" })),
        );
        assert!(!team.unmet().iter().any(|id| id == line), "{line}");
    }
    let wrong = json!({ "line": "training.acceptance.3", "evidence": "I think that everybody could repeat it" });
    assert_eq!(team.admin().post(&at, &wrong).fields(), ["line"], "what is computed is nobody's word");
}
