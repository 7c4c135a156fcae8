//! An incident that is over, with its whole history: from the first report to the restart that an administrator who took
//! no part approved, and the end. It happened last week: the desk's clock is turned back, and goes on as the story does.

use super::automations::CUSTOMER_PANEL;
use super::closed_story as story;
use super::people::{Cast, OWNER};
use crate::actions::change_incident::{self, Change};
use crate::actions::escalate::{self, NewEscalation};
use crate::actions::prevent::{self, NewAction};
use crate::actions::write_entry::{self, NewEntry};
use crate::actions::{
    Desk, Failure, build_bundle, checks, criteria, open_incident, restart, review_points, seal_evidence, write_review,
};
use crate::clock::Clock;
use crate::domain::automation::RunScope;
use crate::domain::bundle::Audience;
use crate::domain::escalation::Routing;
use crate::domain::incident::Status;
use crate::domain::moment::Moment;
use crate::domain::review::{Decision, Point};
use crate::domain::timeline::EntryKind;
use crate::jobs;
use chrono::Duration;

/// How long ago it was reported.
const DAYS_AGO: i64 = 9;

/// Tells the story; returns the incident's reference. The clock shows the real time again at the end.
pub(super) fn add(desk: &Desk, clock: &Clock, cast: &Cast) -> Result<String, Failure> {
    let mut telling = Telling { desk, clock, cast, reference: String::new() };
    telling.report()?;
    telling.find_out()?;
    telling.escalate()?;
    telling.review()?;
    telling.prevent()?;
    telling.check()?;
    telling.restart()?;
    clock.turn(Duration::zero());
    Ok(telling.reference)
}

struct Telling<'d> {
    desk: &'d Desk,
    clock: &'d Clock,
    cast: &'d Cast,
    reference: String,
}

impl Telling<'_> {
    /// Goes on to so long after the report.
    fn after(&self, hours: i64, minutes: i64) {
        self.clock.turn(Duration::hours(hours) + Duration::minutes(minutes) - Duration::days(DAYS_AGO));
    }

    fn report(&mut self) -> Result<(), Failure> {
        self.after(0, 0);
        let occurred_at = self.desk.now().minus(Duration::minutes(18));
        let declaration = story::declaration(occurred_at, CUSTOMER_PANEL);
        self.reference = open_incident::run(self.desk, &self.cast.lead, declaration)?.reference;
        self.tell(EntryKind::Observed, Some(occurred_at), story::FIRST_CALL)?;
        self.after(0, 9);
        review_points::look(self.desk, &self.cast.lead, &self.reference, Point::Reported)?;
        self.after(0, 14);
        let headers = story::HEADERS;
        seal_evidence::run(
            self.desk,
            &self.cast.lead,
            &self.reference,
            "my-account-headers.txt",
            &mut headers.as_bytes(),
        )?;
        let log = story::access_log(occurred_at);
        seal_evidence::run(self.desk, &self.cast.lead, &self.reference, "access.log", &mut log.as_bytes())?;
        self.catch_up()
    }

    fn find_out(&self) -> Result<(), Failure> {
        self.becomes(Status::Investigating)?;
        self.after(0, 31);
        self.tell(EntryKind::Attempted, None, story::ATTEMPT)?;
        self.after(0, 40);
        self.tell(EntryKind::Decided, None, story::DECISION)?;
        self.after(1, 5);
        self.tell(EntryKind::Communicated, None, story::TOLD_CUSTOMERS)
    }

    fn escalate(&self) -> Result<(), Failure> {
        self.after(1, 20);
        let bundle = build_bundle::run(self.desk, &self.cast.lead, &self.reference, Audience::Hosting)?;
        self.after(1, 26);
        let new = NewEscalation {
            destination: Audience::Hosting,
            to: "support@host.example".into(),
            by_hand: false,
            bundle: bundle.id,
            message: story::MESSAGE.into(),
            routing: Routing {
                validation_error: false,
                host_connectivity: true,
                provider_failure: false,
                reproducible_plugin_issue: false,
            },
            override_reason: None,
        };
        escalate::run(self.desk, &self.cast.lead, &self.reference, new)?;
        self.catch_up()?;
        self.after(4, 50);
        self.tell(EntryKind::Communicated, None, story::ANSWER)?;
        self.after(5, 10);
        self.becomes(Status::Mitigated)
    }

    fn review(&self) -> Result<(), Failure> {
        self.after(26, 0);
        self.becomes(Status::InReview)?;
        write_review::run(self.desk, &self.cast.lead, &self.reference, None, story::review()).map(drop)
    }

    /// The owner does the work with proof; the lead looks whether it is done.
    fn prevent(&self) -> Result<(), Failure> {
        let mut planned = Vec::new();
        for action in story::ACTIONS {
            let due = self.desk.now().plus(Duration::days(action.days)).utc().format("%Y-%m-%d").to_string();
            let new = NewAction { kind: action.kind, title: action.title.into(), owner: OWNER.into(), due_on: due };
            planned.push(prevent::plan(self.desk, &self.cast.lead, &self.reference, new)?.id);
        }
        for (number, (action, id)) in story::ACTIONS.iter().zip(planned).enumerate() {
            self.after(50 + 3 * number as i64, 15);
            prevent::complete(self.desk, &self.cast.owner, &id, action.proof)?;
            self.after(51 + 3 * number as i64, 40);
            prevent::verify(self.desk, &self.cast.lead, &id)?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Failure> {
        self.after(72, 0);
        for (number, check) in story::CHECKS.iter().enumerate() {
            let id = checks::add(self.desk, &self.cast.lead, &self.reference, check.title, check.expected)?.id;
            for (outcome, minutes, shown) in check.results {
                self.after(73 + number as i64, *minutes);
                checks::record(self.desk, &self.cast.owner, &id, *outcome, shown)?;
            }
        }
        self.after(76, 0);
        for (statement, shown) in story::CRITERIA {
            let id = criteria::add(self.desk, &self.cast.lead, &self.reference, statement)?.id;
            criteria::show(self.desk, &self.cast.lead, &id, shown)?;
        }
        Ok(())
    }

    fn restart(&self) -> Result<(), Failure> {
        self.after(76, 30);
        let asked = restart::ask(self.desk, &self.cast.owner, &self.reference, RunScope::Narrow, story::WHY_ALL_CLEAR)?;
        self.after(94, 0);
        let (administrator, reason) = (&self.cast.administrator, story::WHY_APPROVED);
        restart::decide(self.desk, administrator, &asked.id, Decision::Approved, reason)?;
        self.after(119, 0);
        self.tell(EntryKind::Observed, None, story::AFTER_RESTART)?;
        self.becomes(Status::Closed)
    }

    fn tell(&self, kind: EntryKind, at: Option<Moment>, text: &str) -> Result<(), Failure> {
        let entry = NewEntry { kind, text: text.to_owned(), at, evidence: None, corrects: None };
        write_entry::run(self.desk, &self.cast.lead, &self.reference, entry).map(drop)
    }

    fn becomes(&self, status: Status) -> Result<(), Failure> {
        let change = Change { status: Some(status), ..Change::default() };
        change_incident::run(self.desk, &self.cast.lead, &self.reference, None, change).map(drop)
    }

    /// Does what waits for the background: one file's values are taken out of the others, mail leaves.
    fn catch_up(&self) -> Result<(), Failure> {
        while jobs::run_next(self.desk)? {}
        Ok(())
    }
}
