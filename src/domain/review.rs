//! The post-incident review, and what it asks for before anything restarts or closes.
//!
//! Source: seed "Post-incident review and prevention": "Record root cause, detection gaps, missing evidence, safeguards
//! that worked, and safeguards that failed", "Paused workflows, agents, tools, or panels restart only after prevention
//! actions and regression checks are complete", "The incident produces a documented change to runbooks, sources,
//! prompts, tests, permissions, or monitoring", "Do not restart paused automation only because the immediate symptom
//! stopped".

use super::problem::Reason;
use super::words::words;

words! {
    /// What was changed and documented.
    ChangeKind {
        Runbook = "runbook",
        Source = "source",
        Prompt = "prompt",
        Test = "test",
        Permission = "permission",
        Monitoring = "monitoring",
    }
}

words! {
    /// What a prevention action changes.
    ActionKind {
        PromptChange = "prompt_change",
        PermissionUpdate = "permission_update",
        SourceCorrection = "source_correction",
        ProviderFallback = "provider_fallback",
        RateLimit = "rate_limit",
        TestData = "test_data",
        Evaluation = "evaluation",
        AlertTuning = "alert_tuning",
        Documentation = "documentation",
    }
}

words! {
    /// Result of a regression check. Only `pass` counts.
    Outcome {
        Pass = "pass",
        Fail = "fail",
        Inconclusive = "inconclusive",
    }
}

words! {
    /// The five parts and the documented change, by name.
    Part {
        RootCause = "root_cause",
        DetectionGaps = "detection_gaps",
        MissingEvidence = "missing_evidence",
        SafeguardsWorked = "safeguards_worked",
        SafeguardsFailed = "safeguards_failed",
    }
}

words! {
    /// The three points at which the seed's cadence asks for a look.
    Point {
        Reported = "reported",
        BeforeContact = "before_contact",
        AfterRecovery = "after_recovery",
    }
}

words! {
    /// What somebody did in an incident that keeps them from deciding its restart.
    Taking {
        OwnedAction = "owned_action",
        CompletedAction = "completed_action",
        RecordedResult = "recorded_result",
        ShowedCriterion = "showed_criterion",
        SettledRow = "settled_row",
    }
}

words! {
    /// Where a restart request stands.
    RequestState {
        Open = "open",
        Approved = "approved",
        Declined = "declined",
        Void = "void",
    }
}

words! {
    /// What an administrator decides.
    Decision {
        Approved = "approved",
        Declined = "declined",
    }
}

/// The documented change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentedChange {
    /// What kind of thing was changed.
    pub kind: ChangeKind,
    /// Where it can be seen.
    pub link: String,
    /// Version or state before.
    pub before: String,
    /// Version or state after.
    pub after: String,
}

/// An action, as the rules see it.
#[derive(Clone, Debug)]
pub struct ActionFact {
    /// What is to be done.
    pub title: String,
    /// Of which kind.
    pub kind: ActionKind,
    /// Name of the owner.
    pub owner: String,
    /// Is the owner still active?
    pub owner_active: bool,
    /// Was it completed with proof?
    pub completed: bool,
    /// Did a second person verify it?
    pub verified: bool,
    /// By when it is to be done: `2026-11-30`.
    pub due_on: String,
}

/// A check, as the rules see it.
#[derive(Clone, Debug)]
pub struct CheckFact {
    /// What is checked.
    pub title: String,
    /// The newest result that still counts.
    pub last: Option<Outcome>,
    /// What drifted since that result was recorded, in words: "model and site versions".
    pub drifted: Option<String>,
    /// Why the newest result no longer counts, if it was voided.
    pub voided: Option<String>,
}

/// A criterion, as the rules see it.
#[derive(Clone, Debug)]
pub struct CriterionFact {
    /// The statement that must hold.
    pub statement: String,
    /// Was it shown with evidence?
    pub shown: bool,
}

/// All that restart and closing rest on.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    /// Text of each part of the review that was written.
    pub parts: Vec<(Part, String)>,
    /// The documented change.
    pub change: Option<DocumentedChange>,
    /// The prevention actions.
    pub actions: Vec<ActionFact>,
    /// The regression checks.
    pub checks: Vec<CheckFact>,
    /// The restart criteria.
    pub criteria: Vec<CriterionFact>,
    /// How many pauses the incident holds.
    pub held_pauses: usize,
    /// Administrators who could decide: active, took no part, and may decide on every site that it paused.
    pub deciders: Vec<String>,
    /// Active people who may ask for a restart.
    pub askers: Vec<String>,
    /// Is a request open already?
    pub open_request: bool,
}

/// Is this text no answer? Empty, a placeholder for one, or too short to say anything. "None, because …" is an answer.
pub fn is_filler(text: &str) -> bool {
    let plain = text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if says_nothing(&plain) || letters(&plain) < ANSWER_LETTERS || FILLERS.contains(&plain.as_str()) {
        return true;
    }
    let mut words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if words.next() == Some("none") {
        let (_, reason) = plain.split_once("because").unwrap_or_default();
        return letters(reason) < ANSWER_LETTERS;
    }
    let mut distinct: Vec<char> = plain.chars().filter(|c| c.is_alphanumeric()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < 4
}

/// Is this a stand-in for a text, however short the text may be? A version ("4") or a title passes; "n/a" and "-" do
/// not.
pub fn says_nothing(text: &str) -> bool {
    let plain = text.to_lowercase();
    let mut words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| STAND_INS.contains(&word))
}

/// Fewest letters and digits of a sentence that says something.
const ANSWER_LETTERS: usize = 8;

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

const STAND_INS: &[&str] =
    &["a", "n", "na", "none", "nil", "null", "nothing", "tbd", "tba", "todo", "wip", "idk", "xxx", "test", "asdf"];

const FILLERS: &[&str] = &[
    "to be done",
    "to be determined",
    "to be decided",
    "not applicable",
    "will follow",
    "see above",
    "see below",
    "not known",
    "no comment",
    "lorem ipsum",
    "placeholder",
    "same as above",
    "fill in later",
];

/// What the review itself still lacks.
pub fn review_reasons(readiness: &Readiness) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for part in Part::ALL {
        let text = readiness.parts.iter().find(|(named, _)| named == part).map(|(_, text)| text.as_str());
        if text.is_none_or(is_filler) {
            let message = format!("The review does not answer “{}”. Write it, or “none, because …”.", part.label());
            reasons.push(Reason::new(format!("review_{part}"), message, "support_lead"));
        }
    }
    if readiness
        .change
        .as_ref()
        .is_none_or(|change| [&change.link, &change.before, &change.after].into_iter().any(|text| says_nothing(text)))
    {
        reasons.push(Reason::new(
            "no_documented_change",
            "No change is documented. Name what was changed (runbook, source, prompt, test, permission or monitoring), where it can be seen, and what it was before and is after.",
            "support_lead",
        ));
    }
    let gaps = readiness.parts.iter().any(|(part, text)| *part == Part::DetectionGaps && !is_filler(text));
    if !gaps && !readiness.actions.iter().any(|action| action.kind == ActionKind::AlertTuning) {
        reasons.push(Reason::new(
            "detection_unanswered",
            "Nobody has answered whether this should have been noticed earlier. Name the gap, add an alert tuning action, or write “none, because …”.",
            "support_lead",
        ));
    }
    reasons
}

/// What the work that the review asks for still lacks. An empty list never counts as complete.
pub fn work_reasons(readiness: &Readiness) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if readiness.actions.is_empty() {
        reasons.push(Reason::new("no_actions", "There is no prevention action. Add at least one.", "support_lead"));
    }
    for action in &readiness.actions {
        if action.verified {
            continue;
        }
        reasons.push(if action.completed {
            let message = format!("“{}” is done; a second person must verify it.", action.title);
            Reason::new("action_not_verified", message, "anyone but who owned or completed it")
        } else if !action.owner_active {
            let message = format!("{} has left; give “{}” another owner.", action.owner, action.title);
            Reason::new("action_without_owner", message, "support_lead")
        } else {
            let message = format!("“{}” is not done.", action.title);
            Reason::new("action_not_done", message, action.owner.clone()).by(action.due_on.as_str())
        });
    }
    if readiness.checks.is_empty() {
        reasons.push(Reason::new("no_checks", "There is no regression check. Add at least one.", "support_lead"));
    }
    reasons.extend(readiness.checks.iter().filter_map(check_reason));
    if readiness.criteria.is_empty() {
        reasons.push(Reason::new("no_criteria", "There is no restart criterion. Add at least one.", "support_lead"));
    }
    for criterion in readiness.criteria.iter().filter(|criterion| !criterion.shown) {
        let message = format!("Nobody has shown that “{}” holds.", criterion.statement);
        reasons.push(Reason::new("criterion_not_shown", message, "owner, support_lead"));
    }
    reasons
}

/// Why a check does not pass now. A pass counts only for what was tested: drift makes it stale.
fn check_reason(check: &CheckFact) -> Option<Reason> {
    let (code, said) = match (check.last, &check.voided, &check.drifted) {
        (Some(Outcome::Pass), _, None) => return None,
        (Some(Outcome::Pass), _, Some(parts)) => {
            ("check_stale", format!("passed on another configuration; since then changed: {parts}. Run it again"))
        }
        (Some(Outcome::Fail), ..) => ("check_failed", "failed".to_owned()),
        (Some(Outcome::Inconclusive), ..) => {
            ("check_inconclusive", "was inconclusive, which does not count".to_owned())
        }
        (None, Some(because), _) => ("check_voided", format!("no longer counts, because {because}. Run it again")),
        (None, None, _) => ("check_not_run", "has no result yet".to_owned()),
    };
    Some(Reason::new(code, format!("The check “{}” {said}.", check.title), "owner, support_lead"))
}

/// Everything that keeps a restart from being asked for.
pub fn restart_reasons(readiness: &Readiness) -> Vec<Reason> {
    let mut reasons = review_reasons(readiness);
    reasons.extend(work_reasons(readiness));
    if readiness.held_pauses == 0 {
        reasons.push(Reason::new(
            "nothing_paused",
            "This incident holds no pause; nothing waits for a restart.",
            "nobody",
        ));
    }
    if readiness.open_request {
        reasons.push(Reason::new(
            "request_open",
            "A restart request is open already. Decide that one first.",
            "administrator",
        ));
    }
    reasons.extend(decider_reason(readiness));
    reasons
}

/// A gate that nobody could satisfy is named at once, with the way out.
pub fn decider_reason(readiness: &Readiness) -> Option<Reason> {
    if readiness.deciders.is_empty() {
        return Some(Reason::new(
            "nobody_can_decide",
            "No administrator is left who took no part in this incident and may decide for all it pauses. Add another administrator to the site (of every site, where more than one is paused); until then two people can open the gate for some hours by break-glass, on the automation's page.",
            "administrator",
        ));
    }
    (readiness.askers.len() < 2).then(|| {
        Reason::new(
            "nobody_can_ask",
            "Whoever asks for a restart cannot decide it, and only one person is left here. Add another owner, support lead or administrator to the site.",
            "administrator",
        )
    })
}

/// Everything that keeps an incident from being closed.
pub fn closing_reasons(readiness: &Readiness) -> Vec<Reason> {
    let mut reasons = review_reasons(readiness);
    reasons.extend(work_reasons(readiness));
    reasons.extend(held_reason(readiness.held_pauses));
    reasons
}

/// An incident that ends cannot leave pauses behind: only its restart decision lifts them.
pub fn held_reason(held_pauses: usize) -> Option<Reason> {
    let how_many = match held_pauses {
        0 => return None,
        1 => "One pause of this incident still holds.".to_owned(),
        more => format!("{more} pauses of this incident still hold."),
    };
    Some(Reason::new("still_paused", format!("{how_many} Decide about the restart first."), "administrator"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn complete() -> Readiness {
        Readiness {
            parts: Part::ALL.iter().map(|part| (*part, "The retry queue ignored the pause flag".to_owned())).collect(),
            change: Some(DocumentedChange {
                kind: ChangeKind::Runbook,
                link: "https://wiki.example/runbook".into(),
                before: "4".into(),
                after: "5".into(),
            }),
            actions: vec![ActionFact {
                title: "Cap retries".into(),
                kind: ActionKind::RateLimit,
                owner: "Omar".into(),
                owner_active: true,
                completed: true,
                verified: true,
                due_on: "2026-11-30".into(),
            }],
            checks: vec![CheckFact {
                title: "One mail per order".into(),
                last: Some(Outcome::Pass),
                drifted: None,
                voided: None,
            }],
            criteria: vec![CriterionFact { statement: "The queue is empty".into(), shown: true }],
            held_pauses: 1,
            deciders: vec!["Ada".into()],
            askers: vec!["Ada".into(), "Omar".into()],
            open_request: false,
        }
    }

    #[test]
    fn a_complete_incident_may_ask() {
        assert_eq!(restart_reasons(&complete()), []);
    }

    #[test]
    fn filler_is_told_from_answers() {
        for filler in [
            "",
            "n/a",
            "tbd",
            "-",
            "none",
            "None.",
            "???",
            "xxxxxxxxxxxx",
            "to be done",
            "none because x",
            "none whatsoever",
            "tbd, tbd, tbd, todo",
        ] {
            assert!(is_filler(filler), "{filler}");
        }
        for answer in [
            "none, because the host keeps no logs",
            "The provider changed its model over night",
            "Nonetheless the queue kept its old flag",
            "None of the alerts fired, because their threshold was too high",
        ] {
            assert!(!is_filler(answer), "{answer}");
        }
    }

    #[test]
    fn a_short_text_may_say_something_and_a_stand_in_never_does() {
        for nothing in ["", " - ", "n/a", "N.A.", "tbd", "…"] {
            assert!(says_nothing(nothing), "{nothing}");
        }
        for something in ["4", "v2", "Cap retries", "off"] {
            assert!(!says_nothing(something), "{something}");
        }
    }

    #[test]
    fn what_is_done_waits_for_its_second_person_even_when_its_owner_has_left() {
        let mut readiness = complete();
        readiness.actions[0].verified = false;
        readiness.actions[0].owner_active = false;
        let codes = |readiness: &Readiness| work_reasons(readiness).into_iter().map(|r| r.code).collect::<Vec<_>>();
        assert_eq!(codes(&readiness), ["action_not_verified"]);
        readiness.actions[0].completed = false;
        assert_eq!(codes(&readiness), ["action_without_owner"]);
    }

    #[test]
    fn one_person_alone_cannot_restart_anything() {
        let mut readiness = complete();
        readiness.askers = vec!["Ada".into()];
        let codes: Vec<String> = restart_reasons(&readiness).into_iter().map(|r| r.code).collect();
        assert_eq!(codes, ["nobody_can_ask"]);
    }

    proptest! {
        /// Whatever is taken away from a complete incident, a reason appears for it.
        #[test]
        fn nothing_may_be_missing(which in 0usize..10, outcome in 0usize..3) {
            let mut readiness = complete();
            match which {
                0 => { readiness.parts.remove(outcome); }
                1 => readiness.change = None,
                2 => readiness.actions.clear(),
                3 => readiness.actions[0].verified = false,
                4 => readiness.checks.clear(),
                5 => readiness.checks[0].last = [None, Some(Outcome::Fail), Some(Outcome::Inconclusive)][outcome],
                6 => readiness.criteria.clear(),
                7 => readiness.criteria[0].shown = false,
                8 => readiness.checks[0].drifted = Some("model".into()),
                _ => readiness.deciders.clear(),
            }
            prop_assert!(!restart_reasons(&readiness).is_empty());
            if which < 9 {
                let still_missing = closing_reasons(&Readiness { held_pauses: 0, ..readiness });
                prop_assert!(!still_missing.is_empty());
            }
        }
    }
}
