//! A rule as pages show it, and as its form sends it.

use crate::domain::own_rule::{OwnRule, OwnRuleKind};
use crate::domain::problem::FieldError;
use crate::redaction::Level;
use crate::web::fields::Fields;
use crate::web::shown::HintedChoice;
use serde::Serialize;
use serde_json::{Map, Value};

/// A rule on a page.
#[derive(Serialize)]
pub(super) struct RuleShown {
    pub(super) name: String,
    title: String,
    about: String,
    kind: &'static str,
    is_exception: bool,
    level: Option<&'static str>,
    find: Vec<String>,
    only: Vec<String>,
    goes: Vec<String>,
    stays: Vec<String>,
    /// What stands in its place; an exception has none.
    placeholder: Option<String>,
}

impl From<OwnRule> for RuleShown {
    fn from(rule: OwnRule) -> Self {
        let is_exception = rule.kind.is_exception();
        Self {
            placeholder: (!is_exception).then(|| format!("[{}:k7f2q9]", rule.id())),
            name: rule.name,
            title: rule.title,
            about: rule.about,
            kind: words(rule.kind),
            is_exception,
            level: rule.level.map(Level::as_str),
            find: rule.find,
            only: rule.only,
            goes: rule.goes,
            stays: rule.stays,
        }
    }
}

/// What a kind of rule is, in words.
pub(super) fn words(kind: OwnRuleKind) -> &'static str {
    match kind {
        OwnRuleKind::Pattern => "Pattern that goes",
        OwnRuleKind::Literal => "Exact text that goes",
        OwnRuleKind::Key => "Value of a key that goes",
        OwnRuleKind::KeepLiteral => "Exception: exact value that stays",
        OwnRuleKind::KeepPattern => "Exception: values of a form that stay",
    }
}

/// The kinds to choose from.
pub(super) fn kinds() -> Vec<HintedChoice> {
    OwnRuleKind::ALL
        .iter()
        .map(|kind| {
            let hint = match kind {
                OwnRuleKind::Pattern => {
                    "A regular expression that begins with fixed text, as CRM-[0-9]{6}. With a group (?P<secret>…), only the group goes."
                }
                OwnRuleKind::Literal => "Wherever it stands, exactly as written; one in each line.",
                OwnRuleKind::Key => "client_no takes the value in client_no=K-104233 and in JSON; one name in each line.",
                OwnRuleKind::KeepLiteral => "A whole value that a rule takes for a secret and that is none.",
                OwnRuleKind::KeepPattern => "A regular expression for the whole value.",
            };
            HintedChoice::new(kind.as_str(), words(*kind), hint)
        })
        .collect()
}

/// The levels to choose from.
pub(super) fn levels() -> Vec<HintedChoice> {
    [
        (Level::Certain, "It is what it looks like, always. A bundle that still holds one is refused."),
        (Level::Likely, "The context says so. A bundle that still holds one needs two people."),
        (Level::Suspicious, "It may be harmless: somebody looks before a bundle is built."),
    ]
    .into_iter()
    .map(|(level, hint)| HintedChoice::new(level.as_str(), crate::web::shown::capital(level.as_str()), hint))
    .collect()
}

/// A rule as its form sends it. `name`: that of the rule which is changed.
pub(super) fn read(fields: &Fields, name: Option<&str>) -> Result<OwnRule, Vec<FieldError>> {
    let mut errors = fields.encoding_errors();
    let lines = |field: &str| -> Vec<String> { fields.text(field).lines().map(str::to_owned).collect() };
    let kind = OwnRuleKind::parse(fields.text("kind"));
    if kind.is_none() {
        errors.push(FieldError::new("kind", "Choose what it is."));
    }
    let level = match fields.text("level") {
        "certain" => Some(Level::Certain),
        "likely" => Some(Level::Likely),
        "suspicious" => Some(Level::Suspicious),
        _ => None,
    };
    match kind {
        Some(kind) if errors.is_empty() => Ok(OwnRule {
            name: name.unwrap_or(fields.text("name")).to_owned(),
            title: fields.text("title").to_owned(),
            about: fields.text("about").to_owned(),
            kind,
            find: lines("looks_for"),
            level,
            only: lines("only"),
            goes: lines("goes"),
            stays: lines("stays"),
        }),
        _ => Err(errors),
    }
}

/// Errors at fields that this page does not have stand in its summary alone.
pub(super) fn without_fields(errors: Vec<FieldError>) -> Vec<FieldError> {
    let place = |error: FieldError| match error.field.as_str() {
        "reason" => error,
        _ => FieldError { field: String::new(), ..error },
    };
    errors.into_iter().map(place).collect()
}

/// The fields of the form for a rule that is there.
pub(super) fn values(rule: &OwnRule) -> Map<String, Value> {
    let mut values = Map::new();
    let mut put = |name: &str, value: String| values.insert(name.to_owned(), value.into());
    put("name", rule.name.clone());
    put("title", rule.title.clone());
    put("about", rule.about.clone());
    put("kind", rule.kind.as_str().to_owned());
    put("level", rule.level.map(Level::as_str).unwrap_or_default().to_owned());
    put("looks_for", rule.find.join("\n"));
    put("only", rule.only.join("\n"));
    put("goes", rule.goes.join("\n"));
    put("stays", rule.stays.join("\n"));
    values
}
