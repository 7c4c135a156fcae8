//! A finding on one playbook flags all that came from the same one, on all sites.

use super::{Agency, good, made};
use serde_json::json;

#[test]
fn a_finding_flags_every_playbook_of_the_line_also_those_that_come_later() {
    let agency = Agency::start();
    let source = agency.playbook();
    let file = agency.export(&source);
    let elsewhere = made(&agency.import(&file));
    let unrelated = agency.playbook();
    let finding = json!({ "finding": "Step two names the refund policy of one client" });
    let olga = agency.api(&agency.app.outsider);
    let flag = made(&olga.post(&format!("/playbooks/{elsewhere}/flags"), &finding));
    assert!(agency.blocked(&elsewhere).contains(&"flagged".to_owned()));
    assert_eq!(agency.blocked(&source), ["flagged"]);
    assert_eq!(agency.blocked(&unrelated), Vec::<String>::new());
    let shown = agency.lead().get(&format!("/playbooks/{source}"));
    assert_eq!(shown.json["flags"][0]["found_on"], json!(elsewhere));
    let later = agency.admin().post(&format!("/playbook-imports?site={}", agency.app.site), &file);
    assert!(agency.blocked(&made(&later)).contains(&"flagged".to_owned()));
    let refused = agency.lead().post(&format!("/playbooks/{source}/exports"), &json!({}));
    assert_eq!(refused.codes(), ["flagged"], "a flagged playbook does not travel");

    let settle = format!("/playbook-flags/{flag}/settlement");
    assert_eq!(olga.post(&settle, &json!({ "reason": "ok" })).fields(), ["reason"]);
    assert_eq!(agency.lead().post(&settle, &json!({ "reason": "The policy is general" })).status, 404);
    good(&olga.post(&settle, &json!({ "reason": "The policy is the same for every client" })));
    assert!(!agency.blocked(&elsewhere).contains(&"flagged".to_owned()));
    assert_eq!(agency.blocked(&source), ["flagged"], "each site settles for itself");
    agency.app.assert_audit_holds();
}
