//! An incident in the middle of the work: paused, evidence sealed, some facts still missing.

use super::automations::{ORDER_MAILS, STOCK_WATCHER};
use super::people::{Cast, LEAD};
use super::{debug_log, picture, sites};
use crate::actions::change_incident::{self, Change};
use crate::actions::open_incident::{self, Declaration};
use crate::actions::write_entry::{self, NewEntry};
use crate::actions::{Desk, Failure, seal_evidence};
use crate::domain::incident::{Extent, Facts, Impact, Pausable, Severity, Status};
use crate::domain::moment::Moment;
use crate::domain::site::Versions;
use crate::domain::timeline::EntryKind;
use chrono::Duration;

pub(super) fn add(desk: &Desk, cast: &Cast) -> Result<String, Failure> {
    let occurred_at = desk.now().minus(Duration::hours(3));
    let reference = open_incident::run(desk, &cast.lead, declaration(occurred_at))?.reference;
    let after = |minutes: i64| Some(occurred_at.plus(Duration::minutes(minutes)));
    let tell = |kind: EntryKind, at: Option<Moment>, text: &str| {
        let entry = NewEntry { kind, text: text.to_owned(), at, evidence: None, corrects: None };
        write_entry::run(desk, &cast.lead, &reference, entry)
    };
    tell(
        EntryKind::Observed,
        after(4),
        "Three customers wrote within ten minutes that their confirmation came twice.",
    )?;

    let (log, _) = debug_log::write(occurred_at)?;
    seal_evidence::run(desk, &cast.lead, &reference, "debug.log", &mut log.as_bytes())?;
    let screen = picture::draw()?;
    seal_evidence::run(desk, &cast.lead, &reference, "orders-screen.png", &mut screen.as_slice())?;

    tell(EntryKind::Decided, after(21), "Order mails stay paused until we know why the queue runs each job twice.")?;
    tell(EntryKind::Attempted, after(35), "Restarted PHP on staging only. The second worker came back; no change.")?;
    tell(EntryKind::Communicated, after(50), "Told the shop: orders are safe, confirmations are on hold.")?;
    let change = Change { status: Some(Status::Investigating), ..Change::default() };
    change_incident::run(desk, &cast.lead, &reference, None, change)?;
    Ok(reference)
}

fn declaration(occurred_at: Moment) -> Declaration {
    let text = |text: &str| Some(text.to_owned());
    Declaration {
        title: "Order confirmations go out twice".into(),
        severity: Severity::Sev2,
        impact: Impact {
            production_impact: Extent::Severe,
            customer_visibility: Extent::Severe,
            revenue_risk: Extent::Some,
            privacy_exposure: Extent::Unknown,
            data_correctness: Extent::None,
            can_be_paused: Pausable::Yes,
        },
        site: sites::TEA_HOUSE.into(),
        occurred_at,
        occurred_zone: "Europe/Berlin".into(),
        detected_at: Some(occurred_at.plus(Duration::minutes(4))),
        lead: text(LEAD),
        facts: Facts {
            affected_screen: text("WooCommerce > Orders"),
            versions: Versions { sophmate: text("3.2.1"), wordpress: text("6.8.3"), ..Versions::default() },
            steps: vec!["Place an order with the test product".into(), "Wait two minutes".into()],
            actual: text("Two confirmations arrive, ten seconds apart"),
            ..Facts::default()
        },
        automations: vec![ORDER_MAILS.into(), STOCK_WATCHER.into()],
    }
}
