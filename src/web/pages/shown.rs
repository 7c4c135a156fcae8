//! How things are shown on pages: moments in both zones, sizes, gates, what was removed, who did it.

use crate::actions::report::BothZones;
use crate::domain::gate::Verdict;
use crate::domain::ids::{AutomationId, PersonId};
use crate::domain::incident::{Fact, MissingFact};
use crate::domain::moment::Moment;
use crate::domain::problem::Reason;
use crate::domain::site::Versions;
use crate::redaction::Rules;
use crate::store::{Connection, Error, automations, people};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A moment in UTC and at the site.
pub(in crate::web) type Time = BothZones;

/// The moment as a page shows it; `zone` is the site's, or `UTC` where no site is concerned.
pub(in crate::web) fn time(at: Moment, zone: &str) -> Time {
    BothZones::of(at, zone)
}

/// One entry of a list to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::web) struct Choice {
    pub(in crate::web) value: String,
    pub(in crate::web) label: String,
}

impl Choice {
    pub(in crate::web) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A choice with a line that explains it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct HintedChoice {
    pub(in crate::web) value: String,
    pub(in crate::web) label: String,
    pub(in crate::web) hint: String,
}

/// A name and what stands beside it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Labelled {
    pub(in crate::web) label: String,
    pub(in crate::web) value: String,
}

/// A fact that is not known yet, with the field in which it can be filled in.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Missing {
    fact: String,
    field: &'static str,
    label: String,
    pub(in crate::web) level: String,
}

/// What was removed, by rule.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Finding {
    rule: String,
    what: String,
    count: u64,
}

/// The gate's answer.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Gate {
    pub(in crate::web) open: bool,
    scope: Option<String>,
    pub(in crate::web) reasons: Vec<Reason>,
}

impl From<Verdict> for Gate {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Open(scope) => Self { open: true, scope: Some(scope.to_string()), reasons: Vec::new() },
            Verdict::Closed(reasons) => Self { open: false, scope: None, reasons },
        }
    }
}

/// Who did something and when.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct ByAt {
    pub(in crate::web) by: String,
    pub(in crate::web) at: Time,
}

/// An incident as a heading names it.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct IncidentName {
    pub(in crate::web) reference: String,
    pub(in crate::web) title: String,
}

/// `2.4 MB`: bytes as people say them, in steps of 1000.
pub(in crate::web) fn size(bytes: u64) -> String {
    let (mut amount, mut unit) = (bytes as f64, "bytes");
    for larger in ["KB", "MB", "GB", "TB"] {
        if amount < 1000.0 {
            break;
        }
        amount /= 1000.0;
        unit = larger;
    }
    match unit {
        "bytes" if bytes == 1 => "1 byte".to_owned(),
        "bytes" => format!("{bytes} bytes"),
        _ if amount < 10.0 => format!("{amount:.1} {unit}"),
        _ => format!("{amount:.0} {unit}"),
    }
}

/// The size that stands in a row.
pub(in crate::web) fn stored_size(bytes: i64) -> String {
    size(u64::try_from(bytes).unwrap_or_default())
}

/// Removals with the name of each rule in words.
pub(in crate::web) fn findings(rules: &Rules, counts: &BTreeMap<String, u64>) -> Vec<Finding> {
    counts
        .iter()
        .map(|(rule, count)| Finding { rule: rule.clone(), what: rule_title(rules, rule), count: *count })
        .collect()
}

/// A rule's name for people; its id when this version no longer has the rule.
pub(in crate::web) fn rule_title(rules: &Rules, rule: &str) -> String {
    rules.describe(rule).map_or_else(|| rule.to_owned(), |info| info.title)
}

/// What a rule removes and why, in one or two sentences.
pub(in crate::web) fn rule_words(rules: &Rules, rule: &str) -> String {
    match rules.describe(rule) {
        Some(info) => format!("{}. {}", info.title.trim_end_matches('.'), info.why),
        None => format!("Removed by a rule of an earlier version ({rule})."),
    }
}

/// What is missing, with the field of the form that fills it.
pub(in crate::web) fn missing(facts: &[MissingFact]) -> Vec<Missing> {
    facts
        .iter()
        .map(|missing| Missing {
            fact: missing.fact.to_string(),
            field: field_of(missing.fact),
            label: label_of(missing.fact),
            level: missing.level.to_string(),
        })
        .collect()
}

fn field_of(fact: Fact) -> &'static str {
    match fact {
        Fact::SophmateVersion => "version_sophmate",
        Fact::WordpressVersion => "version_wordpress",
        Fact::PhpVersion => "version_php",
        Fact::WoocommerceVersion => "version_woocommerce",
        Fact::ThemeVersion => "version_theme",
        Fact::Steps => "step",
        other => other.as_str(),
    }
}

fn label_of(fact: Fact) -> String {
    match fact {
        Fact::SophmateVersion => "SophMate version".into(),
        Fact::WordpressVersion => "WordPress version".into(),
        Fact::PhpVersion => "PHP version".into(),
        Fact::WoocommerceVersion => "WooCommerce version".into(),
        Fact::Steps => "Steps to see it again".into(),
        Fact::Expected => "What should happen".into(),
        Fact::Actual => "What happens instead".into(),
        other => capital(&other.label()),
    }
}

/// The same with a capital first letter.
pub(in crate::web) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Versions that are known, with the name of each.
pub(in crate::web) fn versions<T: AsRef<str>>(versions: &Versions<T>) -> Vec<Labelled> {
    [
        ("SophMate", &versions.sophmate),
        ("WordPress", &versions.wordpress),
        ("PHP", &versions.php),
        ("WooCommerce", &versions.woocommerce),
        ("Theme", &versions.theme),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some(Labelled { label: label.into(), value: value.as_ref()?.as_ref().to_owned() }))
    .collect()
}

/// The zones that forms offer: UTC and those named after places. Any zone of the IANA database is accepted.
pub(in crate::web) fn zones() -> Vec<&'static str> {
    const REGIONS: [&str; 9] =
        ["Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    let places = chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .filter(|name| REGIONS.iter().any(|region| name.starts_with(region)));
    std::iter::once("UTC").chain(places).collect()
}

/// Names behind actor references (`person:ID`, `automation:ID`, `system:NAME`), each read once for a page.
#[derive(Default)]
pub(in crate::web) struct Names(HashMap<String, String>);

impl Names {
    /// The name of whoever stands in a row as an actor.
    pub(in crate::web) fn actor(&mut self, connection: &mut Connection, reference: &str) -> Result<String, Error> {
        if let Some(name) = self.0.get(reference) {
            return Ok(name.clone());
        }
        let found = match reference.split_once(':') {
            Some(("person", id)) => people::find(connection, &PersonId::from_text(id)).map(|row| row.name),
            Some(("automation", id)) => automations::find(connection, &AutomationId::from_text(id)).map(|row| row.name),
            _ => Ok("Allclear".to_owned()),
        };
        let name = match found {
            Ok(name) => name,
            Err(Error::NotFound) => "somebody unknown".to_owned(),
            Err(error) => return Err(error),
        };
        self.0.insert(reference.to_owned(), name.clone());
        Ok(name)
    }

    /// The name of a person.
    pub(in crate::web) fn person(&mut self, connection: &mut Connection, id: &PersonId) -> Result<String, Error> {
        self.actor(connection, &format!("person:{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (bytes, words) in
            [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (2_440, "2.4 KB"), (25_000_000, "25 MB")]
        {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn offered_zones_are_zones() {
        let zones = zones();
        assert!(zones.contains(&"UTC") && zones.contains(&"Europe/Berlin"));
        assert!(zones.iter().all(|zone| zone.parse::<chrono_tz::Tz>().is_ok()));
    }
}
