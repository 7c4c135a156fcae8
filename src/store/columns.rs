//! How the domain's types stand in columns: words, ids and redacted text as Text, moments as Timestamp, lists and
//! records as JSON in Text.

use super::rule_work::{RawTriedIncident, TriedIncident};
use crate::domain::asset::{AssetState, ReviewCause, ReviewOutcome};
use crate::domain::automation::{Category, Environment, Kind, RunScope};
use crate::domain::bundle::Audience;
use crate::domain::by_hand::Way;
use crate::domain::cadence::{FlagKind, NoticeKind, Occasion, OutsideChange};
use crate::domain::configuration::Configuration;
use crate::domain::escalation::{Delivery, Routing};
use crate::domain::evidence::Media;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::*;
use crate::domain::incident::{Facts, Impact, Severity, Status};
use crate::domain::moment::Moment;
use crate::domain::operator::{ReadinessItem, SetupRecord, Shortfall, WeekSource};
use crate::domain::own_rule::OwnRule;
use crate::domain::person::{Role, Scope};
use crate::domain::playbook::{Boundary, Effect, FirstRunPlace, Local, Playbook, PlaybookState, Topic};
use crate::domain::practice::{Practice, PracticeOccasion, SubjectKind};
use crate::domain::procedure::{Behaviour, Procedure, ProcedureTopic};
use crate::domain::reply::ReplySender;
use crate::domain::review::{ActionKind, ChangeKind, Outcome, Point, RequestState, Taking};
use crate::domain::run::RunOutcome;
use crate::domain::site::Versions;
use crate::domain::switch::Fates;
use crate::domain::timeline::EntryKind;
use crate::redaction::Redacted;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Nullable, Text, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// What diesel derives for a type that stands in one column, written out because the types live floors below diesel.
macro_rules! column {
    ($sql:ty, $type:ty $(, $generic:ident : $bound:ident)?) => {
        impl$(<$generic: $bound>)? AsExpression<$sql> for $type {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<'e $(, $generic: $bound)?> AsExpression<$sql> for &'e $type {
            type Expression = Bound<$sql, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl$(<$generic: $bound>)? AsExpression<Nullable<$sql>> for $type {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<'e $(, $generic: $bound)?> AsExpression<Nullable<$sql>> for &'e $type {
            type Expression = Bound<Nullable<$sql>, Self>;
            fn as_expression(self) -> Self::Expression { Bound::new(self) }
        }
        impl<DB: Backend $(, $generic: $bound)?> ToSql<Nullable<$sql>, DB> for $type
        where
            $type: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <Self as ToSql<$sql, DB>>::to_sql(self, out)
            }
        }
        impl<DB: Backend $(, $generic: $bound)?> Queryable<$sql, DB> for $type
        where
            $type: FromSql<$sql, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> { Ok(row) }
        }
    };
}

/// A column of text that the type can be read from and shown as.
macro_rules! text_column {
    ($($type:ty, $read:expr;)+) => { $(
        column!(Text, $type);
        impl<DB: Backend> ToSql<Text, DB> for $type
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.as_str().to_sql(out)
            }
        }
        impl<DB: Backend> FromSql<Text, DB> for $type
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let text = <String as FromSql<Text, DB>>::from_sql(value)?;
                let read: fn(String) -> Result<$type, String> = $read;
                read(text).map_err(Into::into)
            }
        }
    )+ };
}

macro_rules! id_columns { ($($id:ident),+) => { text_column! { $($id, |text| Ok($id::from_text(text));)+ } } }
macro_rules! word_columns { ($($word:ident),+) => { text_column! { $($word, |text| text.parse();)+ } } }

every_id!(id_columns);
word_columns!(
    Kind,
    Category,
    RunScope,
    Audience,
    Media,
    PauseTarget,
    Severity,
    Status,
    Role,
    EntryKind,
    Delivery,
    ActionKind,
    ChangeKind,
    Outcome,
    Point,
    Taking,
    RequestState,
    Environment,
    RunOutcome,
    Occasion,
    FlagKind,
    OutsideChange,
    NoticeKind,
    ReplySender,
    Way,
    SubjectKind,
    PracticeOccasion,
    Topic,
    Local,
    Effect,
    Boundary,
    PlaybookState,
    FirstRunPlace,
    ProcedureTopic,
    WeekSource,
    Shortfall,
    ReadinessItem,
    AssetState,
    ReviewCause,
    ReviewOutcome
);
text_column! { Redacted, |text| Ok(Redacted::from_stored(text)); }

column!(Timestamp, Moment);
impl<DB: Backend> ToSql<Timestamp, DB> for Moment
where
    chrono::NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.naive_utc().to_sql(out)
    }
}
impl<DB: Backend> FromSql<Timestamp, DB> for Moment
where
    chrono::NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let naive = <chrono::NaiveDateTime as FromSql<Timestamp, DB>>::from_sql(value)?;
        Ok(Moment::from_naive_utc(naive))
    }
}

/// A value kept as JSON in one column. The text is kept beside the value, so that it can be bound without a copy.
#[derive(Clone, Debug)]
pub struct Json<T> {
    value: T,
    text: String,
}

impl<T: StoredJson> Json<T> {
    /// The value, ready to be stored.
    pub fn of(value: T) -> Self {
        let text = value.to_text();
        Self { value, text }
    }

    /// The value itself.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: PartialEq> PartialEq for Json<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> std::ops::Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Serialize for Json<T> {
    /// As the text that is stored: that is what the audit chain vouches for.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}

/// What may stand in a [`Json`] column.
pub trait StoredJson: std::fmt::Debug + Sized {
    /// The text that is stored.
    fn to_text(&self) -> String;
    /// The value that a stored text holds.
    fn from_text(text: &str) -> Result<Self, String>;
}

macro_rules! stored_json {
    ($($type:ty, $raw:ty, $convert:expr;)+) => { $(
        impl StoredJson for $type {
            fn to_text(&self) -> String {
                // Plain structs and maps with text keys: there is nothing in them that JSON cannot hold.
                serde_json::to_string(self).unwrap_or_default()
            }
            fn from_text(text: &str) -> Result<Self, String> {
                let raw: $raw = serde_json::from_str(text).map_err(|e| e.to_string())?;
                let convert: fn($raw) -> $type = $convert;
                Ok(convert(raw))
            }
        }
    )+ };
}

stored_json! {
    Impact, Impact, |impact| impact;
    Facts<Redacted>, Facts<String>, |facts| facts.map(Redacted::from_stored);
    Versions<String>, Versions<String>, |versions| versions;
    BTreeMap<String, u64>, BTreeMap<String, u64>, |counts| counts;
    Vec<Scope>, Vec<Scope>, |scopes| scopes;
    Vec<PauseId>, Vec<PauseId>, |pauses| pauses;
    Vec<PersonId>, Vec<PersonId>, |people| people;
    Routing, Routing, |routing| routing;
    Fates, Fates, |fates| fates;
    Configuration, Configuration, |configuration| configuration;
    BTreeMap<String, Configuration>, BTreeMap<String, Configuration>, |configurations| configurations;
    Vec<String>, Vec<String>, |list| list;
    Practice, Practice, |practice| practice;
    Procedure<Redacted>, Procedure<String>, |procedure| procedure.map(|_, text| Redacted::from_stored(text));
    Vec<Behaviour>, Vec<Behaviour>, |answers| answers;
    SetupRecord, SetupRecord, |record| record;
    OwnRule, OwnRule, |rule| rule;
    Vec<TriedIncident>, Vec<RawTriedIncident>, |list| list.into_iter().map(RawTriedIncident::read_back).collect();
    Playbook<Redacted>, Playbook<String>, |playbook| playbook.map(|_, text| Redacted::from_stored(text));
}

column!(Text, Json<T>, T: StoredJson);
impl<DB: Backend, T: StoredJson> ToSql<Text, DB> for Json<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.text.as_str().to_sql(out)
    }
}
impl<DB: Backend, T: StoredJson> FromSql<Text, DB> for Json<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, DB>>::from_sql(value)?;
        Ok(Json { value: T::from_text(&text)?, text })
    }
}
