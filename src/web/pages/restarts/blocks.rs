//! What blocks, in groups, with who can settle each and where.

use crate::actions::readiness::Standing;
use crate::actions::sight::Case;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::review::{closing_reasons, restart_reasons};
use serde::Serialize;

/// Reasons of one kind.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web::pages) struct Group {
    pub(in crate::web::pages) title: &'static str,
    pub(in crate::web::pages) blocks: Vec<Block>,
}

/// One reason.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web::pages) struct Block {
    pub(in crate::web::pages) message: String,
    pub(in crate::web::pages) who: String,
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) link: &'static str,
}

const TITLES: [&str; 6] = ["Review", "Actions", "Checks", "Criteria", "People", "Other"];

/// What keeps the restart from being asked for; where nothing is paused (any more), what keeps it from closing.
pub(in crate::web::pages) fn blocks(case: &Case, standing: &Standing, actor: &Actor) -> Vec<Group> {
    if !case.incident.status.is_open() {
        return Vec::new();
    }
    let readiness = &standing.readiness;
    let reasons = if readiness.held_pauses > 0 { restart_reasons(readiness) } else { closing_reasons(readiness) };
    let manages = actor.may_everywhere(Act::ManagePeople);
    grouped(&case.incident.reference, reasons, manages)
}

/// Sorts reasons into groups. That a request is open is no obstacle but the next step: the page shows it by itself.
fn grouped(reference: &str, reasons: Vec<Reason>, manages_people: bool) -> Vec<Group> {
    let mut groups: Vec<Group> = TITLES.iter().map(|title| Group { title, blocks: Vec::new() }).collect();
    for reason in reasons.into_iter().filter(|reason| reason.code != "request_open") {
        let (at, to, link) = place(&reason.code);
        let href = match to {
            "people" if manages_people => "/people/new".to_owned(),
            "" | "people" => String::new(),
            to => format!("/incidents/{reference}/{to}"),
        };
        groups[at].blocks.push(Block { message: reason.message, who: who_words(&reason.who), href, link });
    }
    groups.retain(|group| !group.blocks.is_empty());
    groups
}

/// The group of a reason, where it is settled (below the incident's address), and the words of the link.
fn place(code: &str) -> (usize, &'static str, &'static str) {
    match code {
        "review_root_cause" => (0, "review#root_cause", "Write it"),
        "review_detection_gaps" | "detection_unanswered" => (0, "review#detection_gaps", "Write it"),
        "review_missing_evidence" => (0, "review#missing_evidence", "Write it"),
        "review_safeguards_worked" => (0, "review#safeguards_worked", "Write it"),
        "review_safeguards_failed" => (0, "review#safeguards_failed", "Write it"),
        "no_documented_change" => (0, "review#change_kind", "Name it"),
        "no_actions" => (1, "restart#plan", "Plan one"),
        "action_without_owner" => (1, "restart#actions", "Give it an owner"),
        "action_not_verified" => (1, "restart#actions", "Verify it"),
        "action_not_done" => (1, "restart#actions", "Complete it"),
        "no_checks" => (2, "restart#add-check", "Add one"),
        "check_not_run" | "check_failed" | "check_inconclusive" | "check_stale" | "check_voided" => {
            (2, "restart#checks", "Record a result")
        }
        "no_criteria" => (3, "restart#add-criterion", "Add one"),
        "criterion_not_shown" => (3, "restart#criteria", "Show it"),
        "nobody_can_decide" => (4, "people", "Add an administrator"),
        "only_decider_asks" => (4, "", ""),
        _ => (5, "", ""),
    }
}

/// Roles as people say them.
fn who_words(who: &str) -> String {
    match who {
        "support_lead" => "a support lead".to_owned(),
        "administrator" => "an administrator".to_owned(),
        "owner, support_lead" => "an owner or a support lead".to_owned(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::review::Readiness;

    #[test]
    fn every_reason_of_an_empty_incident_has_its_place() {
        let reasons = restart_reasons(&Readiness { held_pauses: 1, ..Readiness::default() });
        let count = reasons.len();
        let groups = grouped("INC-2026-0001", reasons, true);
        assert!(groups.iter().all(|group| group.title != "Other"), "{groups:?}");
        assert_eq!(groups.iter().map(|group| group.blocks.len()).sum::<usize>(), count);
        assert!(groups.iter().flat_map(|group| &group.blocks).all(|block| !block.href.is_empty()));
    }
}
