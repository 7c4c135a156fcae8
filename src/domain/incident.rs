//! An incident: what happened, in facts that another operator can reproduce it from.

use super::evidence::is_invisible;
use super::moment::Moment;
use super::problem::{FieldError, Reason};
use super::review::says_nothing;
use super::site::Versions;
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// Where the work on an incident stands.
    Status {
        Triage = "triage",
        Investigating = "investigating",
        Mitigated = "mitigated",
        InReview = "in_review",
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

impl Status {
    /// Is the incident still being worked on?
    pub fn is_open(self) -> bool {
        !matches!(self, Status::Closed | Status::Cancelled)
    }
}

words! {
    /// How bad it is; unsure means the higher.
    Severity {
        Sev1 = "sev1",
        Sev2 = "sev2",
        Sev3 = "sev3",
        Sev4 = "sev4",
    }
}

impl Severity {
    /// What the word means, beside the choice.
    pub fn meaning(self) -> &'static str {
        match self {
            Severity::Sev1 => "Customers or money are affected now, or private data is exposed",
            Severity::Sev2 => "Production is wrong, customers may notice soon",
            Severity::Sev3 => "One function is wrong, there is a way round it",
            Severity::Sev4 => "Small, or seen on staging only",
        }
    }
}

words! {
    /// A dimension on which severity is weighed (support SLA matrix of the field).
    Extent {
        None = "none",
        Some = "some",
        Severe = "severe",
        Unknown = "unknown",
    }
}

words! {
    /// Can what goes wrong be paused?
    Pausable {
        Yes = "yes",
        No = "no",
        Unknown = "unknown",
    }
}

/// The six dimensions beside the severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Impact {
    /// Does production do the wrong thing?
    pub production_impact: Extent,
    /// Can customers see it?
    pub customer_visibility: Extent,
    /// Is revenue at risk?
    pub revenue_risk: Extent,
    /// May private data be exposed?
    pub privacy_exposure: Extent,
    /// Is stored data wrong?
    pub data_correctness: Extent,
    /// Can the automation be paused?
    pub can_be_paused: Pausable,
}

impl Default for Impact {
    fn default() -> Self {
        Self {
            production_impact: Extent::Unknown,
            customer_visibility: Extent::Unknown,
            revenue_risk: Extent::Unknown,
            privacy_exposure: Extent::Unknown,
            data_correctness: Extent::Unknown,
            can_be_paused: Pausable::Unknown,
        }
    }
}

/// The facts of a report. `T` is `String` as typed and `Redacted` as stored: the map between the two is where
/// redaction happens, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de>"))]
pub struct Facts<T> {
    /// Who met it: a login, a customer, "unknown".
    pub affected_user: Option<T>,
    /// Their role on the site.
    pub affected_role: Option<T>,
    /// The address or admin page where it showed.
    pub affected_screen: Option<T>,
    /// Browser, if one was involved.
    pub browser: Option<T>,
    /// Versions at the time.
    pub versions: Versions<T>,
    /// Numbered steps that show it again.
    pub steps: Vec<T>,
    /// What should have happened.
    pub expected: Option<T>,
    /// What happened.
    pub actual: Option<T>,
    /// The exact error report, as shown.
    pub error_report: Option<T>,
    /// True when no error was shown: then the missing report is an answer.
    pub error_report_none: bool,
}

impl<T> Default for Facts<T> {
    fn default() -> Self {
        Self {
            affected_user: None,
            affected_role: None,
            affected_screen: None,
            browser: None,
            versions: Versions::default(),
            steps: Vec::new(),
            expected: None,
            actual: None,
            error_report: None,
            error_report_none: false,
        }
    }
}

impl<T> Facts<T> {
    /// The same facts in another form of text.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Facts<U> {
        Facts {
            affected_user: self.affected_user.map(&mut f),
            affected_role: self.affected_role.map(&mut f),
            affected_screen: self.affected_screen.map(&mut f),
            browser: self.browser.map(&mut f),
            versions: self.versions.map(&mut f),
            steps: self.steps.into_iter().map(&mut f).collect(),
            expected: self.expected.map(&mut f),
            actual: self.actual.map(&mut f),
            error_report: self.error_report.map(&mut f),
            error_report_none: self.error_report_none,
        }
    }
}

words! {
    /// The facts by name, in the order in which people are asked for them.
    Fact {
        AffectedUser = "affected_user",
        AffectedRole = "affected_role",
        AffectedScreen = "affected_screen",
        Browser = "browser",
        SophmateVersion = "sophmate_version",
        WordpressVersion = "wordpress_version",
        PhpVersion = "php_version",
        WoocommerceVersion = "woocommerce_version",
        ThemeVersion = "theme_version",
        Steps = "steps",
        Expected = "expected",
        Actual = "actual",
        ErrorReport = "error_report",
        Lead = "lead",
    }
}

words! {
    /// How much a missing fact matters.
    Level {
        /// Needed before the first bundle for another party.
        Mandatory = "mandatory",
        /// Helps, and blocks nothing.
        Wanted = "wanted",
    }
}

/// A fact that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MissingFact {
    /// Which.
    pub fact: Fact,
    /// How much it matters.
    pub level: Level,
    /// What to write instead, when what stands there tells nobody anything ("x", "n/a").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl AsRef<str> for crate::redaction::Redacted {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// The facts that are not known yet, in the order of [`Fact::ALL`]. Mandatory are those that seed "Post-incident
/// review" names in its production checklist, and what a stranger needs to reproduce it.
pub fn missing<T: AsRef<str>>(facts: &Facts<T>, has_lead: bool) -> Vec<MissingFact> {
    Fact::ALL
        .iter()
        .filter(|fact| !is_known(facts, has_lead, **fact))
        .map(|fact| MissingFact {
            fact: *fact,
            level: level_of(*fact),
            hint: written(facts, *fact).then(|| instead(*fact)).flatten().map(str::to_owned),
        })
        .collect()
}

/// Does it tell somebody who was not there anything? Nobody has to fight the form at three in the morning: what does not
/// is taken as it is, and the fact stays on the list of what is missing. Short answers ("OK", "404") do tell.
fn tells(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphanumeric());
    !says_nothing(text) && (letters().nth(1).is_some() || letters().any(|c| !c.is_ascii()))
}

/// Is anything written there at all?
fn written<T: AsRef<str>>(facts: &Facts<T>, fact: Fact) -> bool {
    match fact {
        Fact::AffectedScreen => facts.affected_screen.is_some(),
        Fact::Steps => !facts.steps.is_empty(),
        Fact::Expected => facts.expected.is_some(),
        Fact::Actual => facts.actual.is_some(),
        Fact::ErrorReport => facts.error_report.is_some(),
        _ => false,
    }
}

/// What to write in place of a text that tells nothing; none for facts that are no free text.
fn instead(fact: Fact) -> Option<&'static str> {
    Some(match fact {
        Fact::AffectedScreen => {
            "What stands there says nothing. Write the address, or the admin page: WooCommerce > Orders."
        }
        Fact::Steps => {
            "What stands there says nothing. Write what you pressed, in order, so that somebody else can follow."
        }
        Fact::Expected => {
            "What stands there says nothing. Write what you would have seen if all were well: one mail is sent."
        }
        Fact::Actual => "What stands there says nothing. Write what you saw instead: two mails are sent.",
        Fact::ErrorReport => "What stands there says nothing. Paste the message, or tick “No error was shown”.",
        _ => return None,
    })
}

fn level_of(fact: Fact) -> Level {
    use Fact::*;
    match fact {
        AffectedUser | AffectedScreen | SophmateVersion | WordpressVersion | PhpVersion | Steps | Expected | Actual
        | ErrorReport => Level::Mandatory,
        AffectedRole | Browser | WoocommerceVersion | ThemeVersion | Lead => Level::Wanted,
    }
}

fn is_known<T: AsRef<str>>(facts: &Facts<T>, has_lead: bool, fact: Fact) -> bool {
    let filled = |value: &Option<T>| value.as_ref().is_some_and(|text| !text.as_ref().trim().is_empty());
    let told = |value: &Option<T>| value.as_ref().is_some_and(|text| tells(text.as_ref()));
    match fact {
        Fact::AffectedUser => filled(&facts.affected_user),
        Fact::AffectedRole => filled(&facts.affected_role),
        Fact::AffectedScreen => told(&facts.affected_screen),
        Fact::Browser => filled(&facts.browser),
        Fact::SophmateVersion => filled(&facts.versions.sophmate),
        Fact::WordpressVersion => filled(&facts.versions.wordpress),
        Fact::PhpVersion => filled(&facts.versions.php),
        Fact::WoocommerceVersion => filled(&facts.versions.woocommerce),
        Fact::ThemeVersion => filled(&facts.versions.theme),
        Fact::Steps => facts.steps.iter().any(|step| tells(step.as_ref())),
        Fact::Expected => told(&facts.expected),
        Fact::Actual => told(&facts.actual),
        Fact::ErrorReport => facts.error_report_none || told(&facts.error_report),
        Fact::Lead => has_lead,
    }
}

/// May the status change like this? That closing needs more is said by [`super::review::closing_reasons`].
pub fn status_refusal(from: Status, to: Status) -> Option<Reason> {
    if from == to || from.is_open() {
        return None;
    }
    Some(ended(from))
}

/// An incident that has ended is not changed any more.
pub fn ended(status: Status) -> Reason {
    Reason::new(
        "already_ended",
        format!("The incident is {}. File a new one and name this one in it.", status.label()),
        "support_lead",
    )
}

/// What a withdrawal rests on.
#[derive(Clone, Debug, Default)]
pub struct Withdrawal {
    /// What the incident still pauses, by name.
    pub held: Vec<String>,
    /// Whoever withdraws it filed it and is nothing more here, and others have worked on it.
    pub worked_on: bool,
}

/// Everything that keeps an incident from being withdrawn. That it was a mistake is one person's word: what it paused is
/// paused until a restart is approved all the same.
pub fn withdrawal_reasons(status: Status, withdrawal: &Withdrawal) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !status.is_open() {
        reasons.push(ended(status));
    }
    if !withdrawal.held.is_empty() {
        let message = format!(
            "It still pauses {}. Nothing but an approved restart lifts that; when it is lifted, the incident can be withdrawn.",
            withdrawal.held.join(", ")
        );
        reasons.push(Reason::new("still_paused", message, "administrator"));
    }
    if withdrawal.worked_on {
        let message = "Others have worked on it since you filed it. One of them can withdraw it.";
        reasons.push(Reason::new("worked_on", message, "support_lead"));
    }
    reasons
}

/// Longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// Longest single-line fact, in characters.
pub const LINE_MAX: usize = 500;
/// Longest free text (a step, expected, actual, a timeline entry), in characters.
pub const TEXT_MAX: usize = 20_000;
/// Longest error report in the form, in characters; longer ones are uploaded as evidence.
pub const REPORT_MAX: usize = 200_000;
/// Most reproduction steps.
pub const STEPS_MAX: usize = 60;

/// Cleans typed text: no NUL, no invisible or direction-changing characters, line ends as `\n`, no blank edges.
pub fn clean_text(typed: &str) -> String {
    typed
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| (*c == '\n' || *c == '\t' || !c.is_control()) && !is_invisible(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Like [`clean_text`], on one line.
pub fn clean_line(typed: &str) -> String {
    clean_text(typed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Says when a text is longer than `max` characters.
pub fn check_length(field: &str, text: &str, max: usize, errors: &mut Vec<FieldError>) {
    let count = text.chars().count();
    if count > max {
        errors.push(FieldError::new(
            field,
            format!("This is {count} characters long; {max} fit here. Upload the rest as evidence."),
        ));
    }
}

/// An incident cannot have happened in the future (clock differences of five minutes are forgiven) or before the web.
pub fn check_occurred(field: &str, at: Moment, now: Moment, errors: &mut Vec<FieldError>) {
    if at > now.plus(chrono::Duration::minutes(5)) {
        errors.push(FieldError::new(
            field,
            format!("This lies in the future; it is now {}. Check the date and the zone.", now.rfc3339()),
        ));
    } else if at < now.minus(chrono::Duration::days(3650)) {
        errors.push(FieldError::new(field, "This is more than ten years ago. Check the year."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_report_misses_everything_by_name() {
        let missing = missing(&Facts::<String>::default(), false);
        assert_eq!(missing.len(), Fact::ALL.len());
        let mandatory = missing.iter().filter(|m| m.level == Level::Mandatory).count();
        assert_eq!(mandatory, 9);
    }

    #[test]
    fn no_error_shown_is_an_answer_and_blank_text_is_none() {
        let facts = Facts::<String> { error_report_none: true, affected_user: Some("   ".into()), ..Facts::default() };
        let missing: Vec<Fact> = missing(&facts, true).into_iter().map(|m| m.fact).collect();
        assert!(!missing.contains(&Fact::ErrorReport));
        assert!(!missing.contains(&Fact::Lead));
        assert!(missing.contains(&Fact::AffectedUser));
    }

    #[test]
    fn a_text_that_tells_nothing_leaves_its_fact_missing_and_says_what_to_write() {
        let with = |text: &str| Facts::<String> {
            affected_screen: Some(text.into()),
            steps: vec![text.into()],
            expected: Some(text.into()),
            actual: Some(text.into()),
            error_report: Some(text.into()),
            ..Facts::default()
        };
        let hints = |text: &str| missing(&with(text), true).into_iter().filter(|m| m.hint.is_some()).count();
        for nothing in ["x", "?", "-", "n/a", "tbd", "none"] {
            assert_eq!(hints(nothing), 5, "{nothing}");
        }
        for something in ["OK", "404", "変", "One mail", "Orders"] {
            assert_eq!(hints(something), 0, "{something}");
        }
        assert!(missing(&Facts::<String>::default(), true).iter().all(|m| m.hint.is_none()), "nothing stands there");
        // A login or a version may be that short.
        let facts = Facts::<String> { affected_user: Some("x".into()), ..Facts::default() };
        assert!(missing(&facts, true).iter().all(|m| m.fact != Fact::AffectedUser));
    }

    #[test]
    fn what_has_ended_stays_ended() {
        assert!(status_refusal(Status::Triage, Status::Mitigated).is_none());
        assert!(status_refusal(Status::Cancelled, Status::Triage).is_some());
        assert!(status_refusal(Status::Closed, Status::Triage).is_some());
    }

    #[test]
    fn a_withdrawal_leaves_no_pause_behind_and_ends_nobody_elses_work() {
        let codes = |status, withdrawal: &Withdrawal| {
            withdrawal_reasons(status, withdrawal).into_iter().map(|reason| reason.code).collect::<Vec<_>>()
        };
        let held = Withdrawal { held: vec!["order mails".into()], worked_on: true };
        assert!(codes(Status::Triage, &Withdrawal::default()).is_empty());
        assert_eq!(codes(Status::InReview, &held), ["still_paused", "worked_on"]);
        assert_eq!(codes(Status::Closed, &Withdrawal::default()), ["already_ended"]);
    }

    #[test]
    fn typed_text_is_cleaned_of_what_deceives() {
        assert_eq!(clean_text(" a\0b\u{202E}c\r\nd\u{200B} "), "abc\nd");
        assert_eq!(clean_line("a\n  b"), "a b");
    }
}
