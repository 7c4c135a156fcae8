//! A run that fails while its scope soaks: the phase ends, the automation is paused by itself, and the checks that had
//! spoken for the restart no longer count.

use super::{Failure, open_phase, readiness, write_entry};
use crate::domain::automation::RunScope;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{IncidentId, PauseId};
use crate::domain::run::RunOutcome;
use crate::redaction::Redacted;
use crate::store::automations::AutomationRow;
use crate::store::incidents::IncidentRow;
use crate::store::pauses::PauseRow;
use crate::store::phases;
use crate::store::runs::RunRow;
use crate::store::{Tx, Verb, automations, checks, incidents};

const BECAUSE: &str = "a run failed while it was soaking";

/// What became of a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Soak {
    /// Nothing was soaking, or the run did not fail.
    Untouched,
    /// The phase ended, and this incident, that of the decision, holds the automation.
    HeldBy(IncidentId),
    /// The phase ended; its incident is closed or there was none: the caller opens one and pauses for it.
    NeedsIncident,
}

/// Called by whoever stores a run, in its transaction. A failure after the soak time is an ordinary failure.
pub(super) fn fail_soak(tx: &mut Tx, automation: &AutomationRow, run: &RunRow) -> Result<Soak, Failure> {
    let Some(phase) = phases::present(tx.connection(), &automation.id)? else { return Ok(Soak::Untouched) };
    if run.outcome != RunOutcome::Failure || tx.now() >= phase.soak_until {
        return Ok(Soak::Untouched);
    }
    let who = ("system:phases".to_owned(), "Allclear".to_owned());
    let incident = match &phase.incident_id {
        Some(id) => Some(incidents::find(tx.connection(), id)?).filter(|incident| incident.status.is_open()),
        None => None,
    };
    open_phase::end(tx, phase, BECAUSE)?;
    // As it stands now: the caller's row may be older than what this transaction wrote.
    let present = automations::find(tx.connection(), &automation.id)?;
    open_phase::set_scope(tx, present, RunScope::ReadOnly)?;
    let Some(incident) = incident else { return Ok(Soak::NeedsIncident) };
    let words = "A run failed while the restart was soaking: the results of the checks no longer count.";
    write_entry::system(tx, &incident.id, &who, Redacted::literal(words))?;
    void_results(tx, &incident)?;
    // The approval stood on those results: it falls, and everything that it had lifted is paused again.
    readiness::void_if_changed(tx, &incident.id, &who, BECAUSE)?;
    if !is_held(tx, automation, &incident)? {
        hold(tx, automation, &incident, &who.0)?;
    }
    Ok(Soak::HeldBy(incident.id))
}

fn void_results(tx: &mut Tx, incident: &IncidentRow) -> Result<(), Failure> {
    for check in checks::of_incident(tx.connection(), &incident.id)? {
        for mut result in checks::results(tx.connection(), &check.id)? {
            if result.voided_at.is_none() {
                result.voided_at = Some(tx.now());
                result.voided_because = Some(BECAUSE.to_owned());
                tx.update(Verb::Voided, &result)?;
            }
        }
    }
    Ok(())
}

fn is_held(tx: &mut Tx, automation: &AutomationRow, incident: &IncidentRow) -> Result<bool, Failure> {
    let covers = super::gate_facts::covers(automation);
    let held = readiness::held(tx.connection(), &incident.id)?;
    Ok(held.iter().any(|pause| covers.includes(pause.target_kind, &pause.target)))
}

fn hold(tx: &mut Tx, automation: &AutomationRow, incident: &IncidentRow, by: &str) -> Result<(), Failure> {
    let row = PauseRow {
        id: PauseId::fresh(),
        target_kind: PauseTarget::Automation,
        target: automation.id.to_string(),
        site_id: Some(automation.site_id.clone()),
        incident_id: Some(incident.id.clone()),
        reason: Some(Redacted::literal(BECAUSE)),
        set_by: by.to_owned(),
        set_at: tx.now(),
        released_by: None,
        released_at: None,
        release_reason: None,
        fates: None,
        drill_id: None,
    };
    Ok(tx.insert(Verb::Paused, &row)?)
}

#[cfg(test)]
mod tests {
    //! A failed run is stored as the report of runs stores it, with the hook in the same transaction.
    use super::super::people::{self, NewPerson};
    use super::super::register_automation::{self, AutomationForm};
    use super::super::register_site::{self, SiteForm};
    use super::super::write_review::{self, ReviewForm};
    use super::super::{Desk, Limits, ask_gate, checks as checking, criteria, open_incident, prevent, restart};
    use super::*;
    use crate::clock::Clock;
    use crate::domain::automation::{Category, Environment, Kind};
    use crate::domain::gate::Verdict;
    use crate::domain::ids::RunId;
    use crate::domain::incident::{Facts, Impact, Severity, Status};
    use crate::domain::person::{Actor, Role};
    use crate::domain::review::{ActionKind, ChangeKind, Decision, Outcome, RequestState};
    use crate::mail::Mailer;
    use crate::redaction::Rules;
    use crate::render::Renderer;
    use crate::store::{Address, Database, phases as phase_rows, restarts};
    use crate::vault::{KeyFile, Vault};
    use std::sync::Arc;

    const SYSTEM: Actor = Actor::System("test");
    const SLUG: &str = "order-mails";

    struct Place {
        desk: Desk,
        reference: String,
        _folder: tempfile::TempDir,
    }

    impl Place {
        fn open() -> (Desk, tempfile::TempDir) {
            let folder = tempfile::tempdir().unwrap();
            let data = folder.path().to_owned();
            let desk = Desk::open(
                Database::open(&Address::Sqlite(data.join("allclear.db"))).unwrap(),
                Vault::open(&data, KeyFile::ephemeral().unwrap()).unwrap(),
                Clock::default(),
                Arc::new(Rules::embedded().unwrap()),
                Arc::new(Renderer::new().unwrap()),
                Arc::new(Mailer::outbox(data.join("outbox"), "allclear@example.org").unwrap()),
                Limits::default(),
            );
            (desk.unwrap(), folder)
        }

        /// A restart that was approved a moment ago.
        fn restarted() -> Self {
            let (desk, folder) = Self::open();
            register(&desk);
            let (lena, omar, ada) = (actor(&desk, "lena"), actor(&desk, "omar"), actor(&desk, "ada"));
            let reference = declare(&desk, &lena);
            settle(&desk, &lena, &omar, &reference);
            let asked = restart::ask(&desk, &omar, &reference, RunScope::Normal, "All checks passed.").unwrap();
            restart::decide(&desk, &ada, &asked.id, Decision::Approved, "The checks cover it.").unwrap();
            Self { desk, reference, _folder: folder }
        }

        fn automation(&self) -> AutomationRow {
            self.desk.read(|c| Ok(automations::by_slug(c, SLUG)?.unwrap())).unwrap()
        }

        /// A run with this outcome, stored together with what it leads to.
        fn run(&self, outcome: RunOutcome) -> Soak {
            let automation = self.automation();
            self.desk
                .write(&SYSTEM, move |tx| {
                    let run = run_row(tx, &automation, outcome);
                    tx.insert(Verb::Reported, &run)?;
                    fail_soak(tx, &automation, &run)
                })
                .unwrap()
        }

        fn verdict(&self) -> Verdict {
            self.desk.read(|c| ask_gate::verdict(c, &self.automation(), self.desk.now())).unwrap()
        }

        fn codes(&self) -> Vec<String> {
            match self.verdict() {
                Verdict::Open(_) => Vec::new(),
                Verdict::Closed(reasons) => reasons.into_iter().map(|reason| reason.code).collect(),
            }
        }

        fn incident(&self) -> IncidentRow {
            self.desk.read(|c| Ok(incidents::by_reference(c, &self.reference)?.unwrap())).unwrap()
        }

        fn assert_audit_holds(&self) {
            let found = self.desk.read(crate::actions::watch_integrity::verify).unwrap();
            assert_eq!(found.differences, Vec::<String>::new());
        }
    }

    fn actor(desk: &Desk, name: &str) -> Actor {
        desk.read(|c| {
            let row = crate::store::people::by_email(c, &format!("{name}@example.org"))?.unwrap();
            Ok(Actor::Person(crate::store::people::as_actor(c, &row)?))
        })
        .unwrap()
    }

    fn register(desk: &Desk) {
        let site = SiteForm {
            slug: "shop".into(),
            name: "Shop".into(),
            production_url: "https://shop.example.com".into(),
            time_zone: "UTC".into(),
            ..SiteForm::default()
        };
        register_site::create(desk, &SYSTEM, site).unwrap();
        for (name, role) in [("ada", Role::Administrator), ("lena", Role::SupportLead), ("omar", Role::Owner)] {
            let person = NewPerson {
                email: format!("{name}@example.org"),
                name: name.into(),
                role,
                sites: vec!["shop".into()],
                password: "correct horse battery".into(),
            };
            people::add(desk, &SYSTEM, &person).unwrap();
        }
        let text = || Some("as it is written".to_owned());
        let form = AutomationForm {
            slug: SLUG.into(),
            name: "Order mails".into(),
            kind: Kind::Workflow,
            category: Category::Commerce,
            site: "shop".into(),
            owner: Some("omar@example.org".into()),
            trigger: text(),
            input_scope: text(),
            expected_output: text(),
            approval_gate: text(),
            retry_limit: Some(3),
            notification_path: text(),
            pause_rule: text(),
            rollback_path: text(),
            operation: Default::default(),
        };
        register_automation::create(desk, &SYSTEM, form).unwrap();
    }

    fn declare(desk: &Desk, lena: &Actor) -> String {
        let declaration = open_incident::Declaration {
            title: "Mails go out twice".into(),
            severity: Severity::Sev2,
            impact: Impact::default(),
            site: "shop".into(),
            occurred_at: desk.now(),
            occurred_zone: "UTC".into(),
            detected_at: None,
            lead: None,
            facts: Facts::default(),
            automations: vec![SLUG.into()],
        };
        open_incident::run(desk, lena, declaration).unwrap().reference
    }

    /// Everything that a restart asks for.
    fn settle(desk: &Desk, lena: &Actor, omar: &Actor, reference: &str) {
        let form = ReviewForm {
            root_cause: "The retry queue ignored the pause flag.".into(),
            detection_gaps: "Nobody was told when a mail went out twice.".into(),
            missing_evidence: "None, because the mail log was complete.".into(),
            safeguards_worked: "The pause stopped further mails.".into(),
            safeguards_failed: "The retry limit was not read by the queue.".into(),
            change_kind: Some(ChangeKind::Runbook),
            change_link: "https://wiki.example/runbook".into(),
            change_before: "4".into(),
            change_after: "5".into(),
        };
        write_review::run(desk, lena, reference, None, form).unwrap();
        let proof = "https://ci.example/runs/1";
        let action = prevent::NewAction {
            kind: ActionKind::RateLimit,
            title: "Cap retries at three".into(),
            owner: "omar@example.org".into(),
            due_on: desk.now().utc().format("%Y-%m-%d").to_string(),
        };
        let action = prevent::plan(desk, lena, reference, action).unwrap().id;
        prevent::complete(desk, omar, &action, proof).unwrap();
        prevent::verify(desk, lena, &action).unwrap();
        let check = checking::add(desk, lena, reference, "Resend an order", "Exactly one mail arrives").unwrap().id;
        checking::record(desk, omar, &check, Outcome::Pass, proof).unwrap();
        let criterion = criteria::add(desk, lena, reference, "No customer gets two mails").unwrap().id;
        criteria::show(desk, omar, &criterion, proof).unwrap();
    }

    fn run_row(tx: &mut Tx, automation: &AutomationRow, outcome: RunOutcome) -> RunRow {
        let words = || Redacted::literal("Sent the mails of an order");
        RunRow {
            id: RunId::fresh(),
            automation_id: automation.id.clone(),
            client_key: None,
            environment: Environment::Production,
            outcome,
            scope: automation.scope,
            what: words(),
            why: words(),
            cost: None,
            affected_records: None,
            audit_reference: None,
            error_code: None,
            error_step: None,
            error_input: None,
            next_contact: None,
            incomplete: false,
            gate_closed: false,
            ended_at: tx.now(),
            reported_by: format!("automation:{}", automation.id),
            reported_at: tx.now(),
            incident_id: None,
            explanation: None,
            explained_by: None,
            explained_at: None,
        }
    }

    #[test]
    fn a_failure_while_it_soaks_pauses_again_and_voids_the_checks() {
        let place = Place::restarted();
        assert!(place.verdict().is_open());
        assert_eq!(place.run(RunOutcome::Success), Soak::Untouched);
        let incident = place.incident();
        assert_eq!(place.run(RunOutcome::Failure), Soak::HeldBy(incident.id.clone()));
        assert_eq!(place.codes(), ["paused_by_incident"]);
        let (standing, requests, phases) = place
            .desk
            .read(|c| {
                let automation = automations::by_slug(c, SLUG)?.unwrap();
                Ok((
                    readiness::gather(c, &incident)?,
                    restarts::of_incident(c, &incident.id)?,
                    phase_rows::of_automation(c, &automation.id)?,
                ))
            })
            .unwrap();
        let codes: Vec<String> =
            crate::domain::review::restart_reasons(&standing.readiness).into_iter().map(|reason| reason.code).collect();
        assert_eq!(codes, ["check_voided"]);
        assert_eq!(requests[0].state, RequestState::Void);
        assert_eq!(phases[0].ended_because.as_deref(), Some(BECAUSE));
        assert_eq!(place.automation().scope, RunScope::ReadOnly);
        assert_eq!(place.run(RunOutcome::Failure), Soak::Untouched, "nothing soaks any more");
        place.assert_audit_holds();
    }

    #[test]
    fn a_failure_after_the_soak_time_is_an_ordinary_one() {
        let place = Place::restarted();
        place.desk.clock.advance(chrono::Duration::hours(25));
        assert_eq!(place.run(RunOutcome::Failure), Soak::Untouched);
        assert!(place.verdict().is_open());
    }

    #[test]
    fn when_the_incident_is_closed_a_new_one_is_asked_for() {
        let place = Place::restarted();
        let mut incident = place.incident();
        place
            .desk
            .write(&SYSTEM, move |tx| {
                incident.status = Status::Closed;
                Ok(tx.update(Verb::Changed, &incident)?)
            })
            .unwrap();
        assert_eq!(place.run(RunOutcome::Failure), Soak::NeedsIncident);
        assert_eq!(place.automation().scope, RunScope::ReadOnly);
        place.assert_audit_holds();
    }
}
