//! The organisation's own rules of redaction: what an administrator writes beside the rules of the product.
//!
//! A rule removes what the product cannot know (the numbers of a customer system, the name of a host); an exception keeps
//! what the product takes for more than it is. Examples mark what must go with double brackets:
//! `client no [[K-104233]] called`.

use super::incident::{LINE_MAX, clean_line, clean_text};
use super::problem::FieldError;
use super::words::words;
use crate::redaction::Level;
use serde::{Deserialize, Serialize};

words! {
    /// What a rule of the organisation is.
    OwnRuleKind {
        /// A regular expression that begins with fixed text; its group `secret`, or all of it, goes.
        Pattern = "pattern",
        /// Exact texts that go wherever they stand.
        Literal = "literal",
        /// Names of keys whose value goes.
        Key = "key",
        /// Whole values that stay.
        KeepLiteral = "keep_literal",
        /// A regular expression for whole values that stay.
        KeepPattern = "keep_pattern",
    }
}

impl OwnRuleKind {
    /// Does it keep what another rule would remove?
    pub fn is_exception(self) -> bool {
        matches!(self, OwnRuleKind::KeepLiteral | OwnRuleKind::KeepPattern)
    }

    /// Is it written as a regular expression?
    pub fn is_pattern(self) -> bool {
        matches!(self, OwnRuleKind::Pattern | OwnRuleKind::KeepPattern)
    }
}

/// Longest pattern, literal or key name, characters.
pub const FIND_MAX: usize = 500;
/// Most literals or key names of one rule.
pub const FINDS_MAX: usize = 50;
/// Most examples of either sort.
pub const EXAMPLES_MAX: usize = 20;
/// Longest name, characters; with its mark it stays within what a placeholder holds.
pub const NAME_MAX: usize = 24;
/// What the ids of own rules begin with, so that none ever meets one of the product's.
pub const MARK: &str = "own-";
/// Names that stand for pages.
const RESERVED: &[&str] = &["new", "bench", "previews", "reruns"];

/// One rule or exception, as it is written and stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnRule)]
pub struct OwnRule {
    /// Its short name; it stays. A rule's placeholder bears it: `[own-NAME:k7f2q9]`.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// One sentence: why it goes, or why it may stay.
    pub about: String,
    /// What it is to the engine.
    pub kind: OwnRuleKind,
    /// The pattern; or the literals or key names.
    pub find: Vec<String>,
    /// How sure it is: `certain`, `likely` or `suspicious`. An exception has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub level: Option<Level>,
    /// The product's rules that an exception holds for; empty: all that may be lifted.
    #[serde(default)]
    pub only: Vec<String>,
    /// Examples of what must go, marked with `[[` and `]]`.
    #[serde(default)]
    pub goes: Vec<String>,
    /// Examples of what must stay.
    #[serde(default)]
    pub stays: Vec<String>,
}

impl OwnRule {
    /// Its id in the engine and in placeholders.
    pub fn id(&self) -> String {
        format!("{MARK}{}", self.name)
    }

    /// The same without invisible characters, blank lines and blank edges.
    pub fn cleaned(self) -> Self {
        let lines = |lines: Vec<String>| -> Vec<String> {
            lines.iter().map(|line| clean_text(line)).filter(|line| !line.is_empty()).collect()
        };
        let kind = self.kind;
        Self {
            name: clean_line(&self.name),
            title: clean_line(&self.title),
            about: clean_line(&self.about),
            kind,
            find: lines(self.find),
            level: self.level.filter(|_| !kind.is_exception()),
            only: lines(self.only),
            goes: lines(self.goes),
            stays: lines(self.stays),
        }
    }

    /// Everything that is wrong with it as written; what the engine says of it comes after.
    pub fn flaws(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_name(&self.name, &mut errors);
        for (field, text, say) in [
            ("title", &self.title, "Say what it is, as people call it."),
            ("about", &self.about, "Say in a sentence why. It stands in reports beside what was removed."),
        ] {
            if text.is_empty() {
                errors.push(FieldError::new(field, say));
            } else if text.chars().count() > LINE_MAX {
                errors.push(FieldError::new(field, format!("This is longer than {LINE_MAX} characters.")));
            }
        }
        self.check_find(&mut errors);
        if !self.kind.is_exception() && self.level.is_none() {
            errors.push(FieldError::new("level", "Choose how sure it is: certain, likely or suspicious."));
        }
        if !self.kind.is_exception() && !self.only.is_empty() {
            errors.push(FieldError::new("only", "Only an exception names rules that it holds for."));
        }
        self.check_examples(&mut errors);
        errors
    }

    fn check_find(&self, errors: &mut Vec<FieldError>) {
        let mut say = |message: String| errors.push(FieldError::new("find", message));
        match self.find.as_slice() {
            [] => return say("Write the pattern, the exact text or the key's name.".to_owned()),
            [_, _, ..] if self.kind.is_pattern() => return say("Write one pattern, in one line.".to_owned()),
            many if many.len() > FINDS_MAX => return say(format!("These are {}; {FINDS_MAX} fit here.", many.len())),
            _ => {}
        }
        if let Some(long) = self.find.iter().find(|find| find.chars().count() > FIND_MAX) {
            say(format!("One is {} characters long; {FIND_MAX} fit here.", long.chars().count()));
        }
        let is_key = |key: &String| {
            key.chars().count() >= 2
                && key.starts_with(char::is_alphanumeric)
                && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
        };
        if self.kind == OwnRuleKind::Key && !self.find.iter().all(is_key) {
            say("A key's name is two or more letters, digits, spaces, hyphens, dots or underscores.".to_owned());
        }
    }

    fn check_examples(&self, errors: &mut Vec<FieldError>) {
        if self.goes.is_empty() && !self.kind.is_exception() {
            errors.push(FieldError::new("goes", "Give an invented example, with what must go in [[double brackets]]."));
        }
        if self.stays.is_empty() {
            let say = if self.kind.is_exception() {
                "Give an example of what stays because of this exception."
            } else {
                "Give an example that looks alike and must stay."
            };
            errors.push(FieldError::new("stays", say));
        }
        for (field, examples) in [("goes", &self.goes), ("stays", &self.stays)] {
            if examples.len() > EXAMPLES_MAX {
                errors.push(FieldError::new(field, format!("{EXAMPLES_MAX} examples are enough.")));
            }
            if examples.iter().any(|example| example.chars().count() > LINE_MAX) {
                errors.push(FieldError::new(field, format!("An example has at most {LINE_MAX} characters.")));
            }
        }
        for (at, example) in self.goes.iter().enumerate() {
            if unmarked(example).is_none() {
                let message = format!("Example {}: mark what must go, once: before [[this goes]] after.", at + 1);
                errors.push(FieldError::new("goes", message));
            }
        }
    }
}

fn check_name(name: &str, errors: &mut Vec<FieldError>) {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !plain
        || !(2..=NAME_MAX).contains(&name.len())
        || !name.starts_with(|c: char| c.is_ascii_lowercase())
        || name.ends_with('-')
    {
        errors.push(FieldError::new(
            "name",
            format!("Use 2 to {NAME_MAX} lower-case letters, digits and hyphens, beginning with a letter."),
        ));
    } else if RESERVED.contains(&name) {
        errors.push(FieldError::new("name", "This word is the name of a page. Choose another."));
    }
}

/// An example without its marks, and what stood between them.
pub fn unmarked(example: &str) -> Option<(String, String)> {
    let (before, rest) = example.split_once("[[")?;
    let (secret, after) = rest.split_once("]]")?;
    let once = !secret.is_empty() && !after.contains("[[") && !secret.contains("[[");
    once.then(|| (format!("{before}{secret}{after}"), secret.to_owned()))
}

#[derive(Serialize)]
struct File {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rule: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exception: Vec<Entry>,
}

/// A rule as rule files write it.
#[derive(Default, Serialize)]
struct Entry {
    id: String,
    title: String,
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<Level>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    literals: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    judge: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    only: Vec<String>,
    goes: Vec<(String, String)>,
    stays: Vec<String>,
}

/// The rules as a rule file, which the engine and `allclear redact --rules` read.
///
/// # Errors
/// What the TOML writer says; nothing that a rule can hold makes it say anything.
pub fn rule_file<'r>(rules: impl Iterator<Item = &'r OwnRule>) -> Result<String, String> {
    let mut file = File { rule: Vec::new(), exception: Vec::new() };
    for rule in rules {
        let list = if rule.kind.is_exception() { &mut file.exception } else { &mut file.rule };
        list.push(entry(rule));
    }
    toml::to_string(&file).map_err(|error| error.to_string())
}

fn entry(rule: &OwnRule) -> Entry {
    let mut entry = Entry {
        id: rule.id(),
        title: rule.title.clone(),
        why: rule.about.clone(),
        level: rule.level,
        only: rule.only.clone(),
        goes: rule.goes.iter().filter_map(|example| unmarked(example)).collect(),
        stays: rule.stays.clone(),
        ..Entry::default()
    };
    match rule.kind {
        OwnRuleKind::Pattern | OwnRuleKind::KeepPattern => entry.pattern = rule.find.first().cloned(),
        OwnRuleKind::Literal | OwnRuleKind::KeepLiteral => entry.literals = rule.find.clone(),
        OwnRuleKind::Key => {
            entry.keys = rule.find.iter().map(|key| key.to_lowercase()).collect();
            entry.judge = Some("any");
        }
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> OwnRule {
        OwnRule {
            name: "crm-number".into(),
            title: "Client number".into(),
            about: "It names a client in the customer system.".into(),
            kind: OwnRuleKind::Pattern,
            find: vec![r"CRM-\d{6}".into()],
            level: Some(Level::Likely),
            only: Vec::new(),
            goes: vec!["client [[CRM-104233]] called".into()],
            stays: vec!["CRM-Export finished".into()],
        }
    }

    fn fields(rule: OwnRule) -> Vec<String> {
        rule.cleaned().flaws().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        assert_eq!(fields(rule()), Vec::<String>::new());
        for (wrong, field) in [
            (OwnRule { name: "Crm".into(), ..rule() }, "name"),
            (OwnRule { name: "bench".into(), ..rule() }, "name"),
            (OwnRule { title: " ".into(), ..rule() }, "title"),
            (OwnRule { about: String::new(), ..rule() }, "about"),
            (OwnRule { find: vec!["a".into(), "b".into()], ..rule() }, "find"),
            (OwnRule { find: vec![" ".into()], ..rule() }, "find"),
            (OwnRule { kind: OwnRuleKind::Key, find: vec!["a:b".into()], ..rule() }, "find"),
            (OwnRule { level: None, ..rule() }, "level"),
            (OwnRule { only: vec!["email".into()], ..rule() }, "only"),
            (OwnRule { goes: vec!["no mark".into()], ..rule() }, "goes"),
            (OwnRule { goes: vec!["[[two]] [[marks]]".into()], ..rule() }, "goes"),
            (OwnRule { stays: Vec::new(), ..rule() }, "stays"),
        ] {
            assert_eq!(fields(wrong), [field]);
        }
    }

    #[test]
    fn an_exception_has_no_level_and_needs_what_stays() {
        let exception = OwnRule { kind: OwnRuleKind::KeepLiteral, goes: Vec::new(), ..rule() };
        assert_eq!(exception.clone().cleaned().level, None);
        assert_eq!(fields(exception.clone()), Vec::<String>::new());
        assert_eq!(fields(OwnRule { stays: Vec::new(), ..exception }), ["stays"]);
    }

    #[test]
    fn a_rule_file_is_read_by_the_engine() {
        let key = OwnRule { name: "desk".into(), kind: OwnRuleKind::Key, find: vec!["Help Desk".into()], ..rule() };
        let keep = OwnRule { name: "keep".into(), kind: OwnRuleKind::KeepLiteral, find: vec!["a\"b".into()], ..rule() };
        let file = rule_file([&rule(), &key, &keep.cleaned()].into_iter()).unwrap();
        let rules = crate::redaction::Rules::from_sources(&[("own.toml", &file)]).unwrap();
        let ids: Vec<String> = rules.all().into_iter().map(|info| info.id).collect();
        assert_eq!(ids, ["own-crm-number", "own-desk"]);
    }
}
