//! What leaves: structure, signed; never what belongs to one site.

use super::{Agency, content, good, made};
use allclear::vault::PublicKey;
use serde_json::{Value, json};

const SECRET: &str = "sk-proj-4f9QmZx7Lw2TnV8cYb3RkH6sJd1PaEu5Kb7Rt2Yv";

// seed: playbook.boundary.1 playbook.checklist.1
#[test]
fn a_finding_in_any_text_refuses_the_export_and_names_place_and_rule_only() {
    let agency = Agency::start();
    for (path, value) in [
        ("/steps/0/title", format!("Call with {SECRET}")),
        ("/steps/1/instructions", "Mail anna.klein@customer-shop.example about it".to_owned()),
        ("/purpose", format!("Uses OPENAI_API_KEY={SECRET}")),
        ("/placeholders/0/hint", format!("like {SECRET}")),
        ("/inputs/0/meaning", format!("password={SECRET}")),
    ] {
        let mut playbook = content();
        *playbook.pointer_mut(path).unwrap() = json!(value);
        let body = json!({ "site": agency.app.site, "owner": agency.app.owner, "playbook": playbook });
        let id = made(&agency.lead().post("/playbooks", &body));
        let refused = agency.lead().post(&format!("/playbooks/{id}/exports"), &json!({}));
        assert_eq!(
            (refused.status, refused.codes()),
            (409, vec!["finding"; refused.codes().len()]),
            "{}",
            refused.body
        );
        let place = path[1..].replacen("/0", "[0]", 1).replacen("/1", "[1]", 1).replace('/', ".");
        assert!(refused.body.contains(&place), "{place}: {}", refused.body);
        assert!(!refused.body.contains(SECRET) && !refused.body.contains("anna.klein"), "{}", refused.body);
        let shown = agency.lead().get(&format!("/playbooks/{id}"));
        assert!(!shown.body.contains(SECRET), "what is stored is redacted");
    }
    agency.app.assert_audit_holds();
}

// seed: playbook.boundary.2 playbook.standard.1 playbook.acceptance.2
#[test]
fn the_file_holds_structure_and_provenance_and_no_field_for_what_is_local() {
    let agency = Agency::start();
    let id = agency.playbook();
    let file = agency.export(&id);
    let keys = |value: &Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(keys(&file["document"]), "format playbook provenance required_local_changes");
    assert_eq!(keys(&file["document"]["playbook"]), "inputs placeholders purpose steps title");
    assert_eq!(keys(&file["document"]["playbook"]["steps"][0]), "approval effect instructions title");
    let provenance = &file["document"]["provenance"];
    assert_eq!((&provenance["source_site"], &provenance["owner"]), (&json!("shop-north"), &json!("Omar")));
    assert_eq!(provenance["version"], 1);
    assert_eq!(file["document"]["required_local_changes"][0]["placeholder"], "paid_status");
    let text = file.to_string();
    for word in ["example.org", "example.com", "provider\"", "policy\"", "woocommerce"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn the_signature_is_over_the_document_as_it_stands_in_the_file() {
    let agency = Agency::start();
    let file = agency.export(&agency.playbook());
    let read: allclear::domain::playbook_file::PlaybookFile = serde_json::from_value(file).unwrap();
    let signature = read.signature.unwrap();
    let key = PublicKey::parse(&agency.app.desk.signer.public_key()).unwrap();
    assert!(key.holds(&read.document.message(), &signature.value));
    let mut changed = read.document.clone();
    changed.playbook.steps[0].title.push('!');
    assert!(!key.holds(&changed.message(), &signature.value));
}

#[test]
fn without_an_owner_nothing_leaves_and_a_changed_playbook_leaves_anew() {
    let agency = Agency::start();
    let body = json!({ "site": agency.app.site, "playbook": content() });
    let id = made(&agency.lead().post("/playbooks", &body));
    let refused = agency.lead().post(&format!("/playbooks/{id}/exports"), &json!({}));
    assert_eq!((refused.status, refused.codes()), (409, vec!["no_owner"]), "{}", refused.body);
    good(&agency.lead().post(&format!("/playbooks/{id}/owner"), &json!({ "owner": agency.app.owner })));
    let mut other = content();
    other["title"] = json!("Answer a triple charge");
    let changed = agency.lead().put(&format!("/playbooks/{id}"), &other);
    assert_eq!((changed.status, &changed.json["version"]), (200, &json!(2)), "{}", changed.body);
    assert_eq!(agency.export(&id)["document"]["provenance"]["version"], 2);
}

// seed: playbook.import.2 playbook.checklist.3
#[test]
fn a_playbook_is_complete_or_each_gap_is_named() {
    let agency = Agency::start();
    let refusal = |path: &str, value: Value| {
        let mut playbook = content();
        *playbook.pointer_mut(path).unwrap() = value;
        let body = json!({ "site": agency.app.site, "playbook": playbook });
        let refused = agency.lead().post("/playbooks", &body);
        assert_eq!(refused.status, 422, "{path}: {}", refused.body);
        refused.fields().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(refusal("/title", json!("")), ["playbook.title"]);
    assert_eq!(refusal("/steps", json!([])), ["playbook.steps"]);
    assert_eq!(refusal("/steps/1/approval", json!("none")), ["playbook.steps[1].approval"]);
    assert_eq!(refusal("/steps/0/instructions", json!("Set {other}.")), ["playbook.steps[0].instructions"]);
    assert_eq!(refusal("/placeholders/0/name", json!("Not A Name")).len(), 2);
    let unknown = json!({ "site": agency.app.site, "playbook": content(), "provider": "x" });
    assert_eq!(agency.lead().post("/playbooks", &unknown).fields(), ["provider"]);
    let elsewhere = json!({ "site": agency.app.other_site, "playbook": content() });
    assert_eq!(agency.lead().post("/playbooks", &elsewhere).fields(), ["site"]);
}
