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
    grouped(&case.incident.reference, reasons, |act| match act {
        Act::ManagePeople => actor.may_everywhere(act),
        _ => actor.may(act, &case.site.id),
    })
}

/// Sorts reasons into groups. That a request is open is no obstacle but the next step: the page shows it by itself. A link
/// stands only where this person can do something at its end.
fn grouped(reference: &str, reasons: Vec<Reason>, may: impl Fn(Act) -> bool) -> Vec<Group> {
    let mut groups: Vec<Group> = TITLES.iter().map(|title| Group { title, blocks: Vec::new() }).collect();
    for reason in reasons.into_iter().filter(|reason| reason.code != "request_open") {
        let place = place(&reason.code);
        let href = match place.to {
            "" => String::new(),
            _ if !may(place.act) => String::new(),
            "people" => "/people/new".to_owned(),
            to => format!("/incidents/{reference}/{to}"),
        };
        let (who, link) = (who_words(&reason.who), if href.is_empty() { "" } else { place.link });
        groups[place.group].blocks.push(Block { message: reason.message, who, href, link });
    }
    groups.retain(|group| !group.blocks.is_empty());
    groups
}

/// Where a reason is settled.
struct SettledAt {
    /// Its group.
    group: usize,
    /// Below the incident's address; empty: nowhere.
    to: &'static str,
    /// The words of the link.
    link: &'static str,
    /// What it takes to do it there.
    act: Act,
}

fn place(code: &str) -> SettledAt {
    let at = |group, to, link, act| SettledAt { group, to, link, act };
    let review = |to| at(0, to, "Write it", Act::WriteReview);
    match code {
        "review_root_cause" => review("review#root_cause"),
        "review_detection_gaps" | "detection_unanswered" => review("review#detection_gaps"),
        "review_missing_evidence" => review("review#missing_evidence"),
        "review_safeguards_worked" => review("review#safeguards_worked"),
        "review_safeguards_failed" => review("review#safeguards_failed"),
        "no_documented_change" => at(0, "review#change_kind", "Name it", Act::WriteReview),
        "no_actions" => at(1, "restart#plan", "Plan one", Act::WriteReview),
        "action_without_owner" => at(1, "restart#actions", "Give it an owner", Act::WriteReview),
        "action_not_verified" => at(1, "restart#actions", "Verify it", Act::VerifyAction),
        "action_not_done" => at(1, "restart#actions", "Complete it", Act::CompleteAction),
        "no_checks" => at(2, "restart#add-check", "Add one", Act::WriteReview),
        "check_not_run" | "check_failed" | "check_inconclusive" | "check_stale" | "check_voided" => {
            at(2, "restart#checks", "Record a result", Act::RecordChecks)
        }
        "no_criteria" => at(3, "restart#add-criterion", "Add one", Act::WriteReview),
        "criterion_not_shown" => at(3, "restart#criteria", "Show it", Act::RecordChecks),
        "nobody_can_decide" => at(4, "people", "Add an administrator", Act::ManagePeople),
        "nobody_can_ask" => at(4, "people", "Add somebody", Act::ManagePeople),
        _ => at(5, "", "", Act::ReadIncidents),
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
        let groups = grouped("INC-2026-0001", reasons, |_| true);
        assert!(groups.iter().all(|group| group.title != "Other"), "{groups:?}");
        assert_eq!(groups.iter().map(|group| group.blocks.len()).sum::<usize>(), count);
        assert!(groups.iter().flat_map(|group| &group.blocks).all(|block| !block.href.is_empty()));
    }

    #[test]
    fn who_cannot_settle_it_is_led_nowhere() {
        let reasons = || restart_reasons(&Readiness { held_pauses: 1, ..Readiness::default() });
        let led = |may: fn(Act) -> bool| {
            let groups = grouped("INC-2026-0001", reasons(), may);
            let links = groups.into_iter().flat_map(|group| group.blocks).filter(|block| !block.href.is_empty());
            links.map(|block| block.link).collect::<Vec<_>>()
        };
        assert!(led(|_| false).is_empty());
        assert!(!led(|act| act == Act::RecordChecks).contains(&"Plan one"));
    }
}
