//! `kill -9`: all or nothing, and what was paused stays paused.

use super::Installation;
use allclear::actions::register_automation::{self, AutomationForm};
use allclear::actions::register_site::{self, SiteForm};
use allclear::domain::automation::{Category, Kind};
use allclear::domain::person::Actor;
use serde_json::json;
use std::time::Duration;

/// An installation with a site, an automation that may run, and a token of an administrator.
pub(super) fn shop() -> (Installation, String) {
    let place = Installation::new();
    let token = place.person("ada@example.org", "administrator");
    let desk = place.desk();
    let system = Actor::System("test");
    let site = SiteForm {
        slug: "shop".into(),
        name: "Shop".into(),
        production_url: "https://shop.example.com".into(),
        time_zone: "UTC".into(),
        ..SiteForm::default()
    };
    register_site::create(&desk, &system, site).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let form = AutomationForm {
        slug: "order-mails".into(),
        name: "Order mails".into(),
        kind: Kind::Workflow,
        category: Category::Commerce,
        site: "shop".into(),
        owner: text("ada@example.org"),
        trigger: text("a new order"),
        input_scope: text("the order"),
        expected_output: text("one mail"),
        approval_gate: text("none for reading"),
        retry_limit: Some(1),
        notification_path: text("the channel"),
        pause_rule: text("two failures"),
        rollback_path: text("a correction"),
        operation: register_automation::Operation::default(),
    };
    register_automation::create(&desk, &system, form).unwrap();
    (place, token)
}

pub(super) fn filing(title: &str) -> serde_json::Value {
    json!({ "title": title, "severity": "sev3", "site": "shop", "occurred_at": "2026-11-20T10:00:00Z",
            "error_report": "Fatal error: something broke", "automations": ["order-mails"] })
}

#[test]
fn filings_are_there_whole_or_not_at_all_and_pauses_survive() {
    let (place, token) = shop();
    let server = place.serve();
    assert_eq!(server.api(&token).get("/gate/order-mails").status, 200);
    let address = server.address;
    let (tell, told) = std::sync::mpsc::channel();
    let filers: Vec<_> = (0..4)
        .map(|filer| {
            let (tell, token) = (tell.clone(), token.clone());
            std::thread::spawn(move || {
                let client = crate::support::Api::new(address, &token);
                for round in 0.. {
                    let Some(reply) = client.try_post("/incidents", &filing(&format!("{filer}-{round}"))) else {
                        return;
                    };
                    assert_eq!(reply.status, 201, "{}", reply.body);
                    tell.send(reply.json["reference"].as_str().unwrap().to_owned()).unwrap();
                }
            })
        })
        .collect();
    let mut answered: Vec<String> = (0..12).map(|_| told.recv_timeout(Duration::from_secs(60)).unwrap()).collect();
    server.kill();
    filers.into_iter().for_each(|filer| filer.join().unwrap());
    answered.extend(told.try_iter());

    place.run(&["audit", "verify"]).with(0);
    let server = place.serve();
    assert_eq!(server.api(&token).get("/gate/order-mails").status, 423, "the pause survived");
    let desk = place.desk();
    let stored =
        desk.read(|connection| Ok(allclear::store::incidents::list(connection, &Default::default(), 10_000)?)).unwrap();
    for reference in &answered {
        assert!(stored.iter().any(|row| row.reference == *reference), "{reference} was answered and is gone");
    }
    for row in &stored {
        // Whole: its error report is sealed and its automation is paused.
        let (evidence, pauses) = desk
            .read(|connection| {
                Ok((
                    allclear::store::evidence::of_incident(connection, &row.id)?,
                    allclear::store::pauses::of_incident(connection, &row.id)?,
                ))
            })
            .unwrap();
        assert_eq!((evidence.len(), pauses.len()), (1, 1), "{}", row.reference);
    }
    place.run(&["audit", "verify"]).with(0);
}
