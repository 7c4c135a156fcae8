//! An incident that has every fact: its bundle can be built at once.

use super::automations::REVIEW_AGENT;
use super::people::{Cast, LEAD};
use super::sites;
use crate::actions::change_incident::{self, Change};
use crate::actions::open_incident::{self, Declaration};
use crate::actions::write_entry::{self, NewEntry};
use crate::actions::{Desk, Failure};
use crate::domain::incident::{Extent, Facts, Impact, Pausable, Severity, Status};
use crate::domain::moment::Moment;
use crate::domain::site::Versions;
use crate::domain::timeline::EntryKind;
use chrono::Duration;

const REPORT: &str = "PHP Fatal error:  Uncaught Error: cURL error 28: Operation timed out after 30001 milliseconds \
    with 0 bytes received in /var/www/html/wp-includes/class-wp-http-curl.php:234\n\
    Stack trace:\n\
    #0 /var/www/html/wp-content/plugins/sophmate/src/Provider/Client.php(118): wp_remote_post()\n\
    #1 /var/www/html/wp-content/plugins/sophmate/src/Agents/ReviewAgent.php(64): Client->complete()\n\
    #2 {main}\n";

pub(super) fn add(desk: &Desk, cast: &Cast) -> Result<String, Failure> {
    let occurred_at = desk.now().minus(Duration::hours(26));
    let reference = open_incident::run(desk, &cast.lead, declaration(occurred_at))?.reference;
    for (kind, minutes, text) in [
        (EntryKind::Observed, 2, "Drafts stopped. Every request to the provider ends after 30 seconds."),
        (
            EntryKind::Attempted,
            30,
            "Called the provider from the office network with the same request: answered in two seconds.",
        ),
        (EntryKind::Decided, 45, "The agent stays paused; we ask the hosting company about outbound HTTPS."),
    ] {
        let at = Some(occurred_at.plus(Duration::minutes(minutes)));
        let entry = NewEntry { kind, text: text.to_owned(), at, evidence: None, corrects: None };
        write_entry::run(desk, &cast.lead, &reference, entry)?;
    }
    let change = Change { status: Some(Status::Mitigated), ..Change::default() };
    change_incident::run(desk, &cast.lead, &reference, None, change)?;
    Ok(reference)
}

fn declaration(occurred_at: Moment) -> Declaration {
    let text = |text: &str| Some(text.to_owned());
    Declaration {
        title: "Review answers time out since the server moved".into(),
        severity: Severity::Sev3,
        impact: Impact {
            production_impact: Extent::Some,
            customer_visibility: Extent::None,
            revenue_risk: Extent::None,
            privacy_exposure: Extent::None,
            data_correctness: Extent::None,
            can_be_paused: Pausable::Yes,
        },
        site: sites::BIKE_WORKS.into(),
        occurred_at,
        occurred_zone: "America/Chicago".into(),
        detected_at: Some(occurred_at.plus(Duration::minutes(2))),
        lead: text(LEAD),
        facts: Facts {
            affected_user: text("the review agent; no customer"),
            affected_role: text("none"),
            affected_screen: text("SophMate > Agents > Review answers"),
            browser: text("none involved"),
            versions: Versions {
                sophmate: text("3.2.0"),
                wordpress: text("6.8.3"),
                php: text("8.2.27"),
                woocommerce: text("10.0.4"),
                theme: text("Twenty Twenty-Five 1.3"),
            },
            steps: vec![
                "Open SophMate > Agents > Review answers".into(),
                "Press Draft now beside any review".into(),
                "Wait 30 seconds".into(),
            ],
            expected: text("A draft within ten seconds"),
            actual: text("A red notice: the provider did not answer"),
            error_report: text(REPORT),
            error_report_none: false,
        },
        automations: vec![REVIEW_AGENT.into()],
    }
}
