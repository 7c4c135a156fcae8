//! Operators: what somebody must know before a role is given, until when, what is left to whoever is late, and what the
//! first week and the set-up of a site must show.
//!
//! Source: seed 002.

use super::incident::{LINE_MAX, TEXT_MAX, check_length};
use super::moment::Moment;
use super::person::{Act, Role, role_may};
use super::problem::{FieldError, Reason};
use super::review::is_filler;
use super::words::words;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// What a first-week review reads.
    WeekSource {
        Prompts = "prompts",
        RejectedPlans = "rejected_plans",
        Drafts = "drafts",
        Approvals = "approvals",
        AuditRecords = "audit_records",
    }
}

words! {
    /// What a first week can show.
    Shortfall {
        UnsafeQuestion = "unsafe_question",
        SkippedContext = "skipped_context",
        MisunderstoodApproval = "misunderstood_approval",
        LateEscalation = "late_escalation",
    }
}

words! {
    /// What has to be shown about a site, each by its own kind of evidence.
    ReadinessItem {
        OutboundHttps = "outbound_https",
        BackupRestored = "backup_restored",
        MailRoundTrip = "mail_round_trip",
        SupportRoute = "support_route",
    }
}

/// Days of a first week.
pub const WEEK_DAYS: i64 = 7;

/// How often a shortfall of one kind comes before a procedure has to change.
pub const REPEATED: usize = 2;

/// How somebody stands to the current version of one procedure of a role.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The procedure's name for people.
    pub title: String,
    /// Its current version.
    pub version: i32,
    /// When that was written.
    pub written_at: Moment,
    /// Did they acknowledge it?
    pub acknowledged: bool,
    /// Did another person pass their answers to its situations?
    pub passed: bool,
}

impl Learned {
    fn is_done(&self) -> bool {
        self.acknowledged && self.passed
    }
}

/// Everything that somebody lacks for a role. A role without a procedure is not learned: nobody could have.
pub fn lacking(role: Role, learned: &[Learned]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if learned.is_empty() {
        let message =
            format!("No procedure is written for the role {} yet. Write one, or take over a template.", role.label());
        reasons.push(Reason::new("no_procedure", message, "administrator"));
    }
    for one in learned {
        if !one.acknowledged {
            let message = format!("“{}” (version {}) is not acknowledged.", one.title, one.version);
            reasons.push(Reason::new("not_acknowledged", message, "the operator"));
        }
        if !one.passed {
            let message = format!(
                "The five situations of “{}” (version {}) are not answered and passed by another person.",
                one.title, one.version
            );
            reasons.push(Reason::new(
                "check_not_passed",
                message,
                "the operator, then a support lead or administrator",
            ));
        }
    }
    reasons
}

/// Until when somebody who holds a role on a site in roll-out has time to learn what they lack; none: nothing is lacking.
/// The time runs from the roll-out, from the day on which they got the role, or from the version that they have not read,
/// whichever came last; of several things the one that is due first counts.
pub fn due_at(rolled_out: Moment, granted: Moment, learned: &[Learned], days: i64) -> Option<Moment> {
    let from = rolled_out.max(granted);
    let due = |from: Moment| from.plus(Duration::days(days));
    if learned.is_empty() {
        return Some(due(from));
    }
    learned.iter().filter(|one| !one.is_done()).map(|one| due(from.max(one.written_at))).min()
}

/// Is this one of the acts that approve what another did, or open what is closed? Whoever is late with their training may
/// not do these, and everything else as before: they still read, file, seal, log, escalate and pause, because a late
/// escalation or a missing pause does more harm than an untrained one. They still judge the answers of others and manage
/// people: otherwise an installation in which everybody is late could never become trained again.
pub fn approves(act: Act) -> bool {
    matches!(
        act,
        Act::DecideRestart
            | Act::WidenScope
            | Act::BreakGlass
            | Act::ReleasePause
            | Act::VerifyAction
            | Act::ReviewRun
            | Act::DismissFlag
            | Act::ImportPlaybook
            | Act::ApproveAsset
            | Act::SettleRow
    )
}

/// What a first-week review has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Week {
    /// Is the week over?
    pub is_over: bool,
    /// Sources of which something is noted.
    pub read: BTreeSet<WeekSource>,
    /// Changes of procedures that its findings ask for and that are not done.
    pub open_tasks: Vec<Shortfall>,
    /// Did the operator hold a pause drill?
    pub drilled: bool,
    /// Did they fetch the site's diagnostics?
    pub fetched_diagnostics: bool,
}

/// Everything that keeps a first-week review open.
pub fn week_reasons(role: Role, week: &Week) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !week.is_over {
        reasons.push(Reason::new("week_not_over", "The first week is not over yet.", "nobody"));
    }
    for source in WeekSource::ALL.iter().filter(|source| !week.read.contains(source)) {
        let message =
            format!("Nothing is noted about the {}. Say what you read, or that there were none.", source.label());
        reasons.push(Reason::new(format!("not_read_{source}"), message, "the reviewer"));
    }
    for kind in &week.open_tasks {
        let message = format!("It came again: {}. A procedure of this role has to change first.", kind.label());
        reasons.push(Reason::new(format!("procedure_unchanged_{kind}"), message, "administrator"));
    }
    if role_may(role, Act::Pause) && !week.drilled {
        let message = "The operator has held no pause drill on this site.";
        reasons.push(Reason::new("no_pause_drill", message, "the operator"));
    }
    if role_may(role, Act::ReadRegistry) && !week.fetched_diagnostics {
        let message = "The operator has not fetched the diagnostics of this site.";
        reasons.push(Reason::new("no_diagnostics", message, "the operator"));
    }
    reasons
}

/// Under which source an entry of the audit chain is read: by what was done, and to which table.
pub fn source_of(act: &str, table: &str) -> WeekSource {
    match (act, table) {
        ("voided" | "refused" | "questioned", _) => WeekSource::RejectedPlans,
        (_, "escalations" | "bundles" | "playbook_versions") => WeekSource::Drafts,
        ("approved" | "declined" | "confirmed" | "verified" | "released" | "lifted" | "dismissed" | "reviewed", _) => {
            WeekSource::Approvals
        }
        _ => WeekSource::AuditRecords,
    }
}

/// Is a procedure to be changed, after `earlier` findings of the same kind that no change has answered yet?
pub fn comes_again(earlier: usize) -> bool {
    earlier + 1 >= REPEATED
}

/// What a site's record says when a set-up is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SetupRecord {
    /// Who answers for the set-up.
    pub setup_owner: String,
    /// Address of the live site.
    pub production_url: String,
    /// Address of the copy.
    pub staging_url: String,
    /// Version of the SophMate plugin.
    pub sophmate: String,
    /// Version of WordPress.
    pub wordpress: String,
    /// Version of PHP.
    pub php: String,
    /// The active theme.
    pub theme: String,
}

/// Hosts of the site itself: an answer from there shows nothing about the world outside.
pub struct OwnHosts<'s>(pub &'s [String]);

/// Phrases by which people say that they saw a page. Of a site's readiness that shows nothing.
const PAGE_SEEN: &[&str] = &[
    "page loads",
    "page loaded",
    "site loads",
    "site is up",
    "dashboard opens",
    "dashboard loads",
    "admin opens",
    "admin loads",
];

/// What is wrong with a proof of readiness: each item takes its own kind of evidence, and none takes a page that loads.
pub fn proof_problems(item: ReadinessItem, reference: &str, evidence: &str, own: &OwnHosts<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let (fits, say) = match item {
        ReadinessItem::OutboundHttps => (
            url::Url::parse(reference).is_ok_and(|url| {
                let host = url.host_str().unwrap_or_default();
                url.scheme() == "https"
                    && url.password().is_none()
                    && !host.is_empty()
                    && !own.0.iter().any(|h| h == host)
            }),
            "Give the https address that the server called, of another host than the site itself.",
        ),
        ReadinessItem::BackupRestored => (
            has_day(reference),
            "Name the backup with its day, for example nightly-2026-11-20, and say where it was restored.",
        ),
        // No Message-ID: it reads like an address, which is taken out of what is stored.
        ReadinessItem::MailRoundTrip => (
            has_day(reference),
            "Give the subject of the mail that came back, with its day, for example round trip 2026-11-20.",
        ),
        ReadinessItem::SupportRoute => (
            reference.chars().any(|c| c.is_ascii_digit()) && reference.trim().len() > 2,
            "Give the number of the support ticket that was answered.",
        ),
    };
    if !fits {
        errors.push(FieldError::new("reference", say));
    }
    check_length("reference", reference, LINE_MAX, &mut errors);
    let said = evidence.to_lowercase();
    if PAGE_SEEN.iter().any(|phrase| said.contains(phrase)) {
        let say = "A page that loads shows nothing about this. Say what was tried and what came back.";
        errors.push(FieldError::new("evidence", say));
    } else if is_filler(evidence) {
        errors.push(FieldError::new("evidence", "Say what was tried, when, and what came back."));
    }
    check_length("evidence", evidence, TEXT_MAX, &mut errors);
    errors
}

/// Does the text name a day, `2026-11-20`?
fn has_day(text: &str) -> bool {
    let found =
        |at: usize| text.get(at..at + 10).is_some_and(|day| chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok());
    (0..text.len().saturating_sub(9)).any(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> Moment {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, day).and_then(|day| day.and_hms_opt(9, 0, 0));
        Moment::from_naive_utc(day.unwrap())
    }

    fn learned(written: u32, acknowledged: bool, passed: bool) -> Learned {
        Learned { title: "Drafts".into(), version: 1, written_at: at(written), acknowledged, passed }
    }

    #[test]
    fn nothing_is_learned_where_nothing_is_written() {
        let codes = |learned: &[Learned]| {
            lacking(Role::Owner, learned).into_iter().map(|reason| reason.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[]), ["no_procedure"]);
        assert_eq!(codes(&[learned(1, true, true)]), Vec::<String>::new());
        assert_eq!(
            codes(&[learned(1, true, true), learned(2, false, false)]),
            ["not_acknowledged", "check_not_passed"]
        );
    }

    #[test]
    fn the_time_runs_from_whatever_came_last() {
        assert_eq!(due_at(at(5), at(1), &[learned(1, true, true)], 7), None);
        assert_eq!(due_at(at(5), at(1), &[learned(1, false, true)], 7), Some(at(12)));
        assert_eq!(due_at(at(5), at(8), &[learned(1, false, true)], 7), Some(at(15)));
        assert_eq!(due_at(at(5), at(1), &[learned(10, true, false)], 7), Some(at(17)));
        assert_eq!(due_at(at(5), at(1), &[learned(10, true, false), learned(2, false, false)], 7), Some(at(12)));
        assert_eq!(due_at(at(5), at(1), &[], 7), Some(at(12)), "without a procedure nobody is trained");
    }

    #[test]
    fn whoever_is_late_can_still_make_things_safer() {
        for act in [Act::FileIncident, Act::Pause, Act::SealEvidence, Act::Escalate, Act::WorkIncident, Act::AskGate] {
            assert!(!approves(act), "{act}");
        }
        for act in [Act::DecideRestart, Act::WidenScope, Act::BreakGlass, Act::ReleasePause, Act::ImportPlaybook] {
            assert!(approves(act), "{act}");
        }
        for act in [Act::TrainOperators, Act::ManageProcedures, Act::ManagePeople] {
            assert!(!approves(act), "{act}: or nobody could be trained any more");
        }
    }

    #[test]
    fn a_page_that_loads_is_no_evidence() {
        let own = ["shop.example.com".to_owned()];
        let fields = |item, reference: &str, evidence: &str| {
            proof_problems(item, reference, evidence, &OwnHosts(&own))
                .into_iter()
                .map(|error| error.field)
                .collect::<Vec<_>>()
        };
        let said = "Called it from the server with curl, the answer was 200 within a second.";
        let out = ReadinessItem::OutboundHttps;
        assert_eq!(fields(out, "https://api.provider.example/v1/models", said), Vec::<String>::new());
        assert_eq!(fields(out, "https://shop.example.com/wp-admin", said), ["reference"], "its own page");
        assert_eq!(fields(out, "http://api.provider.example", said), ["reference"]);
        assert_eq!(fields(out, "https://api.provider.example", "The admin page loads without an error."), ["evidence"]);
        assert_eq!(fields(ReadinessItem::BackupRestored, "nightly-2026-11-20", said), Vec::<String>::new());
        assert_eq!(fields(ReadinessItem::BackupRestored, "the last one", "ok"), ["reference", "evidence"]);
        assert_eq!(fields(ReadinessItem::MailRoundTrip, "round trip 2026-11-20", said), Vec::<String>::new());
        assert_eq!(fields(ReadinessItem::SupportRoute, "ticket", said), ["reference"]);
    }

    #[test]
    fn a_week_is_over_when_all_of_it_was_read_and_what_came_again_is_changed() {
        let codes =
            |role, week: &Week| week_reasons(role, week).into_iter().map(|reason| reason.code).collect::<Vec<_>>();
        let done = Week {
            is_over: true,
            read: WeekSource::ALL.iter().copied().collect(),
            open_tasks: Vec::new(),
            drilled: true,
            fetched_diagnostics: true,
        };
        assert_eq!(codes(Role::SupportLead, &done), Vec::<String>::new());
        let again = Week { open_tasks: vec![Shortfall::LateEscalation], ..done.clone() };
        assert_eq!(codes(Role::SupportLead, &again), ["procedure_unchanged_late_escalation"]);
        assert_eq!(codes(Role::SupportLead, &Week::default()).len(), 8);
        assert_eq!(codes(Role::Reporter, &Week::default()).len(), 6, "a reporter has no switch and no diagnostics");
        assert!(!comes_again(0) && comes_again(1) && comes_again(5));
    }
}
