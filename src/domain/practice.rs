//! A practice: what must hold before something goes live, as data that an administrator reads and changes.
//!
//! The five seeds have one shape: an owner, a cadence, a checklist, acceptance checks, escalation triggers, common
//! mistakes. Each sentence of them is one line with an id that stays (`workflow.checklist.1`). Items are of four kinds: a
//! field that must be filled, a fact that this program computes, a person's attestation, a precondition on another
//! practice.

mod check;
mod fact;
mod file;
mod standing;

pub use check::{Flaw, flaws, flaws_of_one};
pub use fact::{PracticeFact, SubjectKind};
pub use file::{FileError, embedded, from_sources};
pub use standing::{Change, Known, changes, complete, escalations, unmet, warnings};

use super::person::Role;
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// What asks for a review.
    PracticeOccasion {
        BeforeFirstUse = "before_first_use",
        AfterFailedRun = "after_failed_run",
        AfterProviderChange = "after_provider_change",
        Monthly = "monthly",
        OnSetup = "on_setup",
        AfterHostingChange = "after_hosting_change",
        BeforeAddingPeople = "before_adding_people",
        OnReport = "on_report",
        BeforeSupportContact = "before_support_contact",
        AfterRecovery = "after_recovery",
    }
}

words! {
    /// The page on which a mistake would be made: there stands the warning.
    Place {
        AutomationForm = "automation_form",
        AutomationPage = "automation_page",
        PlaybookForm = "playbook_form",
        PlaybookImport = "playbook_import",
        PlaybookPage = "playbook_page",
        PersonForm = "person_form",
        SitePage = "site_page",
        AssetPage = "asset_page",
        IncidentClose = "incident_close",
        IncidentTimeline = "incident_timeline",
        EscalationForm = "escalation_form",
    }
}

/// A practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Practice)]
pub struct Practice {
    /// Its name in addresses; it stays.
    pub name: String,
    /// What the ids of its lines begin with.
    pub prefix: String,
    /// Its name for people.
    pub title: String,
    /// What it is for, in one sentence.
    pub about: String,
    /// The kinds of things that are held against it.
    pub subjects: Vec<SubjectKind>,
    /// The role that answers for it.
    pub owner: Role,
    /// The same in the practice's own words.
    pub owner_words: String,
    /// Its lines, in the order in which people read them.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PracticeLine)]
pub struct Line {
    /// `prefix.section.number`; it stays when the words change.
    pub id: String,
    /// What it says to people.
    pub text: String,
    /// What makes it true.
    pub rule: Rule,
}

/// What makes a line true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PracticeRule)]
pub enum Rule {
    /// Fields that must be filled.
    Field(PracticeFact),
    /// Something that this program computes.
    Fact(PracticeFact),
    /// A person of the role says so.
    Attestation(Attestation),
    /// Another practice holds first, by its name.
    Precondition(String),
    /// Somebody is told when the condition holds.
    Escalation(Escalation),
    /// A common mistake, said where it would be made.
    Warning(Place),
    /// A review that is due.
    Occasion(Occasion),
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PracticeAttestation)]
pub struct Attestation {
    /// Whose word it must be.
    pub role: Role,
    /// Must they say or link what shows it?
    pub evidence: bool,
}

/// Whom to tell when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PracticeEscalation)]
pub struct Escalation {
    /// The condition.
    pub when: Condition,
    /// The roles that are told.
    pub tell: Vec<Role>,
}

/// A condition over named facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PracticeCondition)]
pub enum Condition {
    /// All of these hold.
    All(Vec<Clause>),
    /// One of these holds.
    Any(Vec<Clause>),
}

impl Condition {
    /// Its clauses.
    pub fn clauses(&self) -> &[Clause] {
        match self {
            Condition::All(clauses) | Condition::Any(clauses) => clauses,
        }
    }
}

/// A fact that holds, or `not` a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The fact.
    pub fact: PracticeFact,
    /// Whether it must hold or must not.
    pub holds: bool,
}

impl std::fmt::Display for Clause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.holds { "" } else { "not " }, self.fact)
    }
}

impl Serialize for Clause {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clause {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let (holds, name) = match text.strip_prefix("not ") {
            Some(name) => (false, name),
            None => (true, text.as_str()),
        };
        let fact =
            PracticeFact::parse(name).ok_or_else(|| serde::de::Error::custom(format!("there is no fact “{name}”")))?;
        Ok(Self { fact, holds })
    }
}

/// A review that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PracticeOccasion)]
pub struct Occasion {
    /// What asks for it.
    pub when: PracticeOccasion,
    /// Days until it is overdue; of a monthly one, days between two.
    pub days: u16,
}

impl Line {
    /// Must it hold before the practice is complete? Escalations, warnings and occasions are no items.
    pub fn is_item(&self) -> bool {
        matches!(self.rule, Rule::Field(_) | Rule::Fact(_) | Rule::Attestation(_) | Rule::Precondition(_))
    }

    /// The middle part of its id: `checklist`.
    pub fn section(&self) -> &str {
        self.id.split('.').nth(1).unwrap_or_default()
    }
}

impl Rule {
    /// The word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Rule::Field(_) => "field",
            Rule::Fact(_) => "fact",
            Rule::Attestation(_) => "attestation",
            Rule::Precondition(_) => "precondition",
            Rule::Escalation(_) => "escalation",
            Rule::Warning(_) => "warning",
            Rule::Occasion(_) => "occasion",
        }
    }

    /// The facts that it names.
    pub fn facts(&self) -> Vec<PracticeFact> {
        match self {
            Rule::Field(fact) | Rule::Fact(fact) => vec![*fact],
            Rule::Escalation(escalation) => escalation.when.clauses().iter().map(|clause| clause.fact).collect(),
            _ => Vec::new(),
        }
    }
}

impl Practice {
    /// The line with this id.
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// An id for a new line of a section: one more than the highest number that it ever had here.
    pub fn next_id(&self, section: &str) -> String {
        let highest = self
            .lines
            .iter()
            .filter(|line| line.section() == section)
            .filter_map(|line| line.id.rsplit('.').next()?.parse::<u32>().ok())
            .max();
        format!("{}.{section}.{}", self.prefix, highest.unwrap_or(0) + 1)
    }

    /// The practices that come first.
    pub fn preconditions(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match &line.rule {
            Rule::Precondition(name) => Some(name.as_str()),
            _ => None,
        })
    }
}
