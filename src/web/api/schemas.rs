//! How our own kinds of values read in the OpenAPI document.

use crate::domain::automation::{Category, Environment, Field, Kind, RunScope};
use crate::domain::bundle::Audience;
use crate::domain::cadence::{FlagKind, Occasion, OutsideChange};
use crate::domain::escalation::Delivery;
use crate::domain::evidence::Media;
use crate::domain::gate::PauseTarget;
use crate::domain::incident::{Extent, Fact, Level, Pausable, Severity, Status};
use crate::domain::person::{Role, Scope};
use crate::domain::review::{ActionKind, ChangeKind, Decision, Outcome, Point, RequestState};
use crate::domain::run::RunOutcome;
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
    Audience,
    Category,
    ChangeKind,
    Decision,
    Delivery,
    EntryKind,
    Environment,
    Extent,
    Fact,
    Field,
    FlagKind,
    Kind,
    Level,
    Media,
    Occasion,
    Outcome,
    OutsideChange,
    Pausable,
    PauseTarget,
    Point,
    RequestState,
    Role,
    RunOutcome,
    RunScope,
    Scope,
    Severity,
    Status,
);

impl PartialSchema for Redacted {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Text from which secrets were removed; placeholders like [email:k7f2q9] stand for them."))
            .into()
    }
}

impl ToSchema for Redacted {}
