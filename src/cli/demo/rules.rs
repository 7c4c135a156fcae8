//! A rule and an exception of the shop's own, past evidence read again with them, and one more rule that is being tried.

use super::people::{self, ADMINISTRATOR};
use crate::actions::{Desk, Failure, keep_rules, preview_rule, rerun_rules};
use crate::domain::own_rule::{OwnRule, OwnRuleKind};
use crate::redaction::Level;

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    let ada = people::actor(desk, ADMINISTRATOR)?;
    keep_rules::add(desk, &ada, tickets(), "A host asked who the people behind these numbers are.")?;
    keep_rules::add(desk, &ada, builds(), "The names of builds were missing in two reports.")?;
    rerun_rules::ask(desk, &ada, "Ticket numbers stood in logs that were sealed before.")?;
    preview_rule::ask(desk, &ada, job_numbers())?;
    Ok(())
}

fn tickets() -> OwnRule {
    OwnRule {
        name: "helpdesk-ticket".into(),
        title: "Ticket of the help desk".into(),
        about: "It leads to a customer in the help desk.".into(),
        kind: OwnRuleKind::Pattern,
        find: vec!["HD-[0-9]{6}".into()],
        level: Some(Level::Likely),
        only: Vec::new(),
        goes: vec!["ticket [[HD-100200]] opened".into()],
        stays: vec!["HD-Ready screen".into()],
    }
}

fn builds() -> OwnRule {
    OwnRule {
        name: "build-name".into(),
        title: "Name of a build".into(),
        about: "It is printed on the page of every release.".into(),
        kind: OwnRuleKind::KeepPattern,
        find: vec!["tea-[0-9a-f]{12}-release".into()],
        level: None,
        only: vec!["secret".into()],
        goes: vec!["api_token=[[b7Qm2xKp9Rt4Vw8Zc3Nf]]".into()],
        stays: vec!["token=tea-9f8b7a6c5d4e-release".into()],
    }
}

fn job_numbers() -> OwnRule {
    OwnRule {
        name: "queue-job".into(),
        title: "Number of a queue job".into(),
        about: "Somebody wonders whether these numbers should go.".into(),
        kind: OwnRuleKind::Pattern,
        find: vec!["queue: job (?P<secret>[0-9]{4})".into()],
        level: Some(Level::Suspicious),
        only: Vec::new(),
        goes: vec!["queue: job [[7712]] finished".into()],
        stays: vec!["queue: worker 1 started".into()],
    }
}
