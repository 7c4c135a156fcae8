//! The words of the incident that is over: a host's page cache gave one customer's account page to another.

use super::people::LEAD;
use super::sites;
use crate::actions::open_incident::Declaration;
use crate::actions::write_review::ReviewForm;
use crate::domain::incident::{Extent, Facts, Impact, Pausable, Severity};
use crate::domain::moment::Moment;
use crate::domain::review::{ActionKind, ChangeKind, Outcome};
use crate::domain::site::Versions;
use chrono::Duration;

pub(super) const FIRST_CALL: &str =
    "A customer called: their account page greets somebody else and lists that person's last three orders.";

/// What the account page answered.
pub(super) const HEADERS: &str = "HTTP/2 200\n\
    content-type: text/html; charset=UTF-8\n\
    cache-control: public, max-age=600\n\
    x-cache: HIT\n\
    age: 412\n\
    set-cookie: wordpress_logged_in_5f1d=invented%7C1794000000%7Cabc; path=/; HttpOnly\n\
    x-powered-by: PHP/8.3.14\n";

/// Lines of the web server around `at`: three customers by their number, one page.
pub(super) fn access_log(at: Moment) -> String {
    let visits = [
        (0, 1042, "/my-account/", "MISS"),
        (41, 2217, "/my-account/", "HIT"),
        (66, 2217, "/my-account/orders/", "HIT"),
        (180, 1042, "/my-account/orders/", "HIT"),
        (412, 3390, "/my-account/", "HIT"),
    ];
    let mut log = String::new();
    for (seconds, customer, path, cache) in visits {
        let stamp = at.plus(Duration::seconds(seconds)).utc().format("%d/%b/%Y:%H:%M:%S +0000");
        log.push_str(&format!("[{stamp}] \"GET {path} HTTP/2.0\" 200 18422 customer={customer} cache={cache}\n"));
    }
    log
}

pub(super) const ATTEMPT: &str =
    "Emptied the page cache in the host's panel. The next customer filled it again within a minute; no change.";
pub(super) const DECISION: &str =
    "The customer panel stays paused, and account pages show a note, until the cache leaves them alone.";
pub(super) const TOLD_CUSTOMERS: &str =
    "Told the shop and its data protection officer: five visits may have seen another customer's orders.";
pub(super) const MESSAGE: &str = "Since your move to the new cache on Thursday, pages of signed-in customers are kept and \
    given to others. Please take /my-account/ and /checkout/ out of the cache, and keep no answer that sets a cookie.";
pub(super) const ANSWER: &str = "The hosting company answered: the new cache ignored our exception list. Both paths are \
    out of it since 17:30, and answers that set a cookie are not kept any more.";

pub(super) fn declaration(occurred_at: Moment, automation: &str) -> Declaration {
    let text = |text: &str| Some(text.to_owned());
    Declaration {
        title: "Customer panel shows another customer's orders".into(),
        severity: Severity::Sev1,
        impact: Impact {
            production_impact: Extent::Severe,
            customer_visibility: Extent::Severe,
            revenue_risk: Extent::Some,
            privacy_exposure: Extent::Severe,
            data_correctness: Extent::None,
            can_be_paused: Pausable::Yes,
        },
        site: sites::TEA_HOUSE.into(),
        occurred_at,
        occurred_zone: "Europe/Berlin".into(),
        detected_at: Some(occurred_at.plus(Duration::minutes(12))),
        lead: text(LEAD),
        facts: Facts {
            affected_user: text("every signed-in customer"),
            affected_role: text("customer"),
            affected_screen: text("My account, with the SophMate customer panel"),
            browser: text("any; seen in Firefox 145 and Safari 26"),
            versions: Versions {
                sophmate: text("3.2.1"),
                wordpress: text("6.8.3"),
                php: text("8.3.14"),
                woocommerce: text("10.1.2"),
                theme: text("Storefront 4.6"),
            },
            steps: vec![
                "Sign in as test customer A and open My account".into(),
                "In another browser sign in as test customer B".into(),
                "Open My account there within ten minutes".into(),
            ],
            expected: text("B sees B's name and orders"),
            actual: text("B sees A's name and orders"),
            error_report: None,
            error_report_none: true,
        },
        automations: vec![automation.to_owned()],
    }
}

pub(super) fn review() -> ReviewForm {
    ReviewForm {
        root_cause:
            "The host's new page cache kept pages of signed-in customers, because our exceptions were not moved \
            with the site. The panel itself did not forbid keeping its answers."
                .into(),
        detection_gaps: "Nothing compared what two customers see. The first sign was a call, twelve minutes later."
            .into(),
        missing_evidence: "The host keeps no log of what the cache gave to whom; we had to read it from our own."
            .into(),
        safeguards_worked: "Pausing the panel took one press. Checkout was never kept, because it sends a nonce."
            .into(),
        safeguards_failed: "The check list for a move did not name the cache, so nobody looked at it.".into(),
        change_kind: Some(ChangeKind::Source),
        change_link: "https://git.tea-house.example/panel/commit/4be19c2".into(),
        change_before: "Account pages answered with cache-control: public, max-age=600".into(),
        change_after: "Account pages answer with cache-control: no-store, private".into(),
    }
}

/// Something to be done, the days it may take, and what shows that it was done.
pub(super) struct Planned {
    pub(super) kind: ActionKind,
    pub(super) title: &'static str,
    pub(super) days: i64,
    pub(super) proof: &'static str,
}

pub(super) const ACTIONS: [Planned; 3] = [
    Planned {
        kind: ActionKind::SourceCorrection,
        title: "Send no-store on every page of the customer panel",
        days: 2,
        proof: "https://git.tea-house.example/panel/commit/4be19c2",
    },
    Planned {
        kind: ActionKind::AlertTuning,
        title: "Raise an alarm when two test customers see the same account page",
        days: 3,
        proof: "https://monitor.tea-house.example/alerts/same-account-page",
    },
    Planned {
        kind: ActionKind::Documentation,
        title: "Name the page cache in the check list for a move",
        days: 4,
        proof: "The list in the handbook has a fifth step now: open My account as two customers after every move.",
    },
];

/// A check, what must come out, and what came out: outcome, minutes, what shows it.
pub(super) struct Checked {
    pub(super) title: &'static str,
    pub(super) expected: &'static str,
    pub(super) results: &'static [(Outcome, i64, &'static str)],
}

pub(super) const CHECKS: [Checked; 2] = [
    Checked {
        title: "Two customers, one page",
        expected: "Customer B sees B's orders within a minute after customer A has opened the page",
        results: &[
            (Outcome::Inconclusive, 5, "On staging the cache is switched off, so this says nothing about production."),
            (
                Outcome::Pass,
                35,
                "On production with two test customers, twenty times in turn: each saw their own orders.",
            ),
        ],
    },
    Checked {
        title: "Nothing of My account is kept",
        expected: "Every page below /my-account/ answers with no-store and without a hit of the cache",
        results: &[(
            Outcome::Pass,
            20,
            "All eleven pages fetched three times: no-store each time, the cache says BYPASS.",
        )],
    },
];

pub(super) const CRITERIA: [(&str, &str); 2] = [
    (
        "No page of a signed-in customer is left in any cache",
        "The host emptied all three layers and sent the list; our own fetches find none.",
    ),
    (
        "Everybody whose orders may have been seen was told",
        "Four customers were told by letter; the data protection officer has the list.",
    ),
];

pub(super) const WHY_ALL_CLEAR: &str =
    "The panel forbids keeping its pages, the host leaves them alone, and both checks pass on production.";
pub(super) const WHY_APPROVED: &str =
    "I read both results and fetched the page myself as two customers. It may answer about own orders again.";
pub(super) const AFTER_RESTART: &str =
    "A day after the restart: the new alarm stayed quiet, and 212 customers opened their account page.";
