//! Facts of an incident, sizes, and what was removed, in words.

use super::{Labelled, capital};
use crate::domain::incident::{Fact, MissingFact};
use crate::domain::site::Versions;
use crate::redaction::Rules;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was removed, by rule.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Finding {
    rule: String,
    what: String,
    count: u64,
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

/// A fact that is not known yet, with the field in which it can be filled in.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Missing {
    fact: String,
    pub(in crate::web) field: &'static str,
    pub(in crate::web) label: String,
    pub(in crate::web) level: String,
    /// What to write instead of what stands there.
    hint: Option<String>,
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
            hint: missing.hint.clone(),
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
}
