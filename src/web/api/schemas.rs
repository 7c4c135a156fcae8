//! How our own kinds of values read in the OpenAPI document.

use crate::domain::asset::{AssetState, ReviewCause, ReviewOutcome};
use crate::domain::automation::{Category, Environment, Field, Kind, RunScope};
use crate::domain::bundle::Audience;
use crate::domain::by_hand::Way;
use crate::domain::cadence::{FlagKind, Occasion, OutsideChange};
use crate::domain::escalation::Delivery;
use crate::domain::evidence::Media;
use crate::domain::gate::PauseTarget;
use crate::domain::incident::{Extent, Fact, Level, Pausable, Severity, Status};
use crate::domain::operator::{ReadinessItem, Shortfall, WeekSource};
use crate::domain::own_rule::OwnRuleKind;
use crate::domain::person::{Role, Scope};
use crate::domain::playbook::{Boundary, Effect, FirstRunPlace, Local, PlaybookState, Topic};
use crate::domain::practice::{Clause, Place, PracticeFact, PracticeOccasion, SubjectKind};
use crate::domain::procedure::{Behaviour, ProcedureTopic};
use crate::domain::reply::ReplySender;
use crate::domain::review::{ActionKind, ChangeKind, Decision, Outcome, Point, RequestState};
use crate::domain::run::RunOutcome;
use crate::domain::switch::{RunningFate, WaitingFate};
use crate::domain::timeline::EntryKind;
use crate::redaction::Redacted;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! word_schemas {
    ($($name:ident),+ $(,)?) => { $(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = $name::ALL.iter().map(|word| word.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
            }
        }
        impl ToSchema for $name {}
    )+ };
}

word_schemas!(
    ActionKind,
    AssetState,
    Audience,
    Behaviour,
    Boundary,
    Category,
    ChangeKind,
    Decision,
    Delivery,
    ReplySender,
    Way,
    Effect,
    EntryKind,
    Environment,
    Extent,
    Fact,
    Field,
    FirstRunPlace,
    FlagKind,
    Kind,
    Level,
    Local,
    Media,
    Occasion,
    Outcome,
    OutsideChange,
    OwnRuleKind,
    Pausable,
    PauseTarget,
    Place,
    PlaybookState,
    Point,
    PracticeFact,
    PracticeOccasion,
    ProcedureTopic,
    ReadinessItem,
    RequestState,
    ReviewCause,
    ReviewOutcome,
    Role,
    RunOutcome,
    RunScope,
    RunningFate,
    Scope,
    Severity,
    Shortfall,
    Status,
    SubjectKind,
    Topic,
    WeekSource,
    WaitingFate,
);

impl PartialSchema for Clause {
    fn schema() -> RefOr<Schema> {
        let words = PracticeFact::ALL.iter().flat_map(|fact| [fact.to_string(), format!("not {fact}")]);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

impl ToSchema for Clause {}

impl PartialSchema for Redacted {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Text from which secrets were removed; placeholders like [email:k7f2q9] stand for them."))
            .into()
    }
}

impl ToSchema for Redacted {}
