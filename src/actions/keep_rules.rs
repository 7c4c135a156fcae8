//! The organisation's own rules of redaction: written, changed, switched off and back. Each of that is a new version.

use super::active_rules::{FILE, compiled, in_force};
use super::intake::until_settled;
use super::pause::{registry_redactor, registry_redactor_with};
use super::register_site::PERSONAL;
use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::OwnRuleId;
use crate::domain::own_rule::{OwnRule, rule_file, unmarked};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::statement::only_statement;
use crate::redaction::{Example, Level, Redacted, Rules};
use crate::store::own_rules::{self, OwnRuleRow};
use crate::store::{Connection, Json, Tx, Verb};
use serde::Serialize;

/// A rule after it was written or switched.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RuleWritten {
    /// Its short name.
    pub name: String,
    /// Its newest version.
    pub version: i32,
    /// The revision of the whole set, which is in force on this node now and on every other within a second.
    pub revision: i32,
    /// Is it switched on?
    pub active: bool,
}

impl Answer for RuleWritten {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/redaction-rules/{}", self.name))
    }
}

/// The newest version of a rule, for somebody who may see the rules.
pub fn find(connection: &mut Connection, actor: &Actor, name: &str) -> Result<OwnRuleRow, Failure> {
    sight::somewhere(actor, Act::ReadRules)?;
    own_rules::versions(connection, name)?.into_iter().next().ok_or(Failure::NotFound)
}

/// What a rule would be checked against: the others that are in force, and the revision at which they were read.
pub(super) struct Ground {
    pub(super) revision: i32,
    pub(super) others: Vec<OwnRule>,
}

/// Reads the others.
pub(super) fn ground(connection: &mut Connection, name: &str) -> Result<Ground, Failure> {
    let mut others = in_force(connection)?;
    others.retain(|other| other.name != name);
    Ok(Ground { revision: own_rules::revision(connection)?, others })
}

/// The whole set with this rule, when the rule is right and nothing else breaks by it.
///
/// # Errors
/// [`Failure::Invalid`] with an error at each field.
pub(super) fn checked(desk: &Desk, rule: &OwnRule, ground: &Ground) -> Result<Rules, Failure> {
    let mut errors = rule.flaws();
    refuse_secrets(desk, rule, &mut errors)?;
    check_only(desk.active_rules.product(), rule, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let mut all = ground.others.clone();
    all.push(rule.clone());
    let rules = compiled(&all)?.map_err(|error| Failure::field("find", sentence(&error.reason)))?;
    check_cost(desk, rule)?;
    let errors = failing(&rules, rule);
    if errors.is_empty() { Ok(rules) } else { Err(Failure::Invalid(errors)) }
}

/// A rule is kept in the clear: what the product's own rules find must not stand in it. An exception is about what they
/// find; only what no exception can lift is refused there.
fn refuse_secrets(desk: &Desk, rule: &OwnRule, errors: &mut Vec<FieldError>) -> Result<(), Failure> {
    let redactor = registry_redactor_with(desk, desk.active_rules.product().clone())?;
    let least = if rule.kind.is_exception() { Level::Certain } else { Level::Likely };
    let texts = [("title", vec![rule.title.clone()]), ("about", vec![rule.about.clone()])];
    let unmark = |example: &String| unmarked(example).map_or_else(|| example.clone(), |(text, _)| text);
    let examples =
        [("find", rule.find.clone()), ("goes", rule.goes.iter().map(unmark).collect()), ("stays", rule.stays.clone())];
    for (field, texts) in texts.into_iter().chain(examples) {
        for text in texts {
            let found = redactor.text(&text).findings;
            let known = found.iter().find(|f| f.level >= least && !PERSONAL.contains(&f.rule.as_str()));
            let Some(finding) = known.filter(|_| !errors.iter().any(|error| error.field == field)) else { continue };
            let message = format!(
                "The product's rule {} removes this already. Use invented values that only your rule is about.",
                finding.rule
            );
            errors.push(FieldError::new(field, message));
        }
    }
    Ok(())
}

fn check_only(product: &Rules, rule: &OwnRule, errors: &mut Vec<FieldError>) {
    for name in &rule.only {
        if product.describe(name).is_none_or(|info| info.id != *name) {
            errors.push(FieldError::new("only", format!("There is no rule {name} in this version.")));
        } else if !product.may_be_excepted(name) {
            let message = format!("What the rule {name} finds is certain: no exception can keep it.");
            errors.push(FieldError::new("only", message));
        }
    }
}

/// A pattern must not cost much more than a plain word where it does not match.
fn check_cost(desk: &Desk, rule: &OwnRule) -> Result<(), Failure> {
    if !rule.kind.is_pattern() || rule.kind.is_exception() {
        return Ok(());
    }
    let file = rule_file(std::iter::once(rule)).map_err(Failure::Broken)?;
    let alone = Rules::from_sources(&[(FILE, &file)]).map_err(|error| Failure::Broken(error.to_string()))?;
    let (cost, allowed) = (alone.hostile_cost(), desk.limits.rule_cost);
    if cost <= allowed as f64 {
        return Ok(());
    }
    Err(Failure::field(
        "find",
        format!(
            "On a text made to hurt it this pattern costs {cost:.0} times as much as a plain word; {allowed} times are \
             allowed (ALLCLEAR_RULE_COST). Give its repetitions an end, such as {{1,40}} instead of +."
        ),
    ))
}

/// The examples that do not come out, of this rule and of all others.
fn failing(rules: &Rules, rule: &OwnRule) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = Vec::new();
    for failure in rules.failing_examples() {
        let error = match failure.example {
            Example::Goes(at) if failure.rule == rule.id() => {
                FieldError::new("goes", format!("Example {}: {}.", at + 1, failure.reason))
            }
            Example::Stays(at) if failure.rule == rule.id() => {
                FieldError::new("stays", format!("Example {}: {}.", at + 1, failure.reason))
            }
            Example::Goes(_) if rule.kind.is_exception() => FieldError::new(
                "find",
                format!(
                    "This is too wide: it also keeps what the rule {} must remove. Make it narrower.",
                    failure.rule
                ),
            ),
            Example::Goes(_) => FieldError::new(
                "find",
                format!("This takes what the rule {} removes already. Make it narrower.", failure.rule),
            ),
            Example::Stays(_) => FieldError::new(
                "find",
                format!("This is too wide: {} (an example of the rule {}).", failure.reason, failure.rule),
            ),
        };
        // One of a kind says enough: a pattern that is too wide fails hundreds of examples.
        if !errors.iter().any(|known| known.field == error.field) {
            errors.push(error);
        }
    }
    errors
}

fn sentence(reason: &str) -> String {
    let mut chars = reason.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Says in a sentence why; nothing of it is a secret.
pub(super) fn reason(desk: &Desk, typed: &str) -> Result<Redacted, Failure> {
    let ask = "Say in a sentence why. It stands in the history of the rules.";
    let text = only_statement("reason", typed, ask)?;
    Ok(registry_redactor(desk)?.text(&text).text)
}

/// Adds a rule.
pub fn add(desk: &Desk, actor: &Actor, rule: OwnRule, why: &str) -> Result<RuleWritten, Failure> {
    sight::everywhere(actor, Act::ManageRules)?;
    put(desk, actor, None, rule.cleaned(), why)
}

/// Writes a new version of a rule. `expected` is the version that was looked at.
pub fn change(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    expected: Option<i32>,
    rule: OwnRule,
    why: &str,
) -> Result<RuleWritten, Failure> {
    desk.read(|connection| find(connection, actor, name))?;
    sight::everywhere(actor, Act::ManageRules)?;
    let rule = rule.cleaned();
    if rule.name != name {
        return Err(Failure::field("name", "The short name stays: placeholders and reports bear it."));
    }
    put(desk, actor, Some(expected), rule, why)
}

/// `over`: the rule must be there, in this version if one is named; none: it must not be there.
fn put(
    desk: &Desk,
    actor: &Actor,
    over: Option<Option<i32>>,
    rule: OwnRule,
    why: &str,
) -> Result<RuleWritten, Failure> {
    desk.answered_before()?;
    let mut errors = Vec::new();
    let why = match reason(desk, why) {
        Err(Failure::Invalid(found)) => {
            errors = found;
            Redacted::literal("")
        }
        other => other?,
    };
    let written = until_settled(|| {
        let ground = desk.read(|connection| ground(connection, &rule.name))?;
        match checked(desk, &rule, &ground) {
            Err(Failure::Invalid(found)) => errors.extend(found),
            other => {
                other?;
            }
        }
        if !errors.is_empty() {
            return Err(Failure::Invalid(std::mem::take(&mut errors)));
        }
        let (rule, why, who) = (rule.clone(), why.clone(), actor.reference());
        desk.answer(actor, move |tx| {
            let last = own_rules::versions(tx.connection(), &rule.name)?.into_iter().next();
            match (&last, over) {
                (Some(_), None) => {
                    return Err(Failure::field("name", "There is a rule of this name already. Change that one."));
                }
                (None, Some(_)) => return Err(Failure::NotFound),
                (Some(last), Some(Some(expected))) if last.version != expected => return Err(outdated()),
                _ => {}
            }
            if own_rules::revision(tx.connection())? != ground.revision {
                return Err(Failure::Stale);
            }
            insert(tx, rule, last.map_or(0, |last| last.version), true, why, who)
        })
    })?;
    desk.refresh_rules()?;
    Ok(written)
}

/// Another revision only means that the check is made again; another version of this rule means that a person looks.
fn outdated() -> Failure {
    Failure::refused(Reason::new(
        "changed_meanwhile",
        "Somebody else changed this rule meanwhile; nothing was written. Look at the newest version.",
        "administrator",
    ))
}

fn insert(
    tx: &mut Tx,
    rule: OwnRule,
    last: i32,
    active: bool,
    why: Redacted,
    who: String,
) -> Result<RuleWritten, Failure> {
    let row = OwnRuleRow {
        id: OwnRuleId::fresh(),
        name: rule.name.clone(),
        version: last + 1,
        revision: own_rules::revision(tx.connection())? + 1,
        definition: Json::of(rule),
        active,
        reason: why,
        written_by: who,
        written_at: tx.now(),
    };
    tx.insert(Verb::Written, &row)?;
    Ok(RuleWritten { name: row.name, version: row.version, revision: row.revision, active })
}

/// Switches a rule off, or back on: what it says stays as it is.
pub fn switch(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    expected: Option<i32>,
    active: bool,
    why: &str,
) -> Result<RuleWritten, Failure> {
    let row = desk.read(|connection| find(connection, actor, name))?;
    sight::everywhere(actor, Act::ManageRules)?;
    desk.answered_before()?;
    if row.active == active {
        let state = if active { "on" } else { "off" };
        let message = format!("This rule is switched {state} already.");
        return Err(Failure::refused(Reason::new("switched_already", message, "nobody")));
    }
    let why = reason(desk, why)?;
    let written = until_settled(|| {
        let ground = desk.read(|connection| ground(connection, name))?;
        if active {
            // The product or the other rules may have changed since.
            checked(desk, &row.definition, &ground)?;
        }
        let (name, why, who) = (name.to_owned(), why.clone(), actor.reference());
        desk.answer(actor, move |tx| {
            let last = own_rules::versions(tx.connection(), &name)?.into_iter().next().ok_or(Failure::NotFound)?;
            if expected.is_some_and(|expected| expected != last.version) || last.active == active {
                return Err(outdated());
            }
            if own_rules::revision(tx.connection())? != ground.revision {
                return Err(Failure::Stale);
            }
            let (rule, version) = (last.definition.into_inner(), last.version);
            insert(tx, rule, version, active, why, who)
        })
    })?;
    desk.refresh_rules()?;
    Ok(written)
}

/// The organisation's rules that are in force, as a file for `allclear redact --rules`.
pub fn file(connection: &mut Connection, actor: &Actor) -> Result<String, Failure> {
    sight::somewhere(actor, Act::ReadRules)?;
    let rules = in_force(connection)?;
    rule_file(rules.iter()).map_err(Failure::Broken)
}
