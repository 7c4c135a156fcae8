//! What an automation is made of when it is tested or approved, and what has drifted since.
//!
//! Source: seed "Post-incident review and prevention", "Migration and Reindex Review before restarting workflows after
//! updates"; seed "Workflow safety", pause "after provider changes, hosting incidents, plugin updates".

use super::words::words;
use std::collections::BTreeMap;

words! {
    /// The parts whose drift makes an earlier result or approval stale.
    ConfigurationPart {
        Definition = "definition",
        Provider = "provider",
        Model = "model",
        PromptVersion = "prompt_version",
        SiteVersions = "site_versions",
    }
}

impl ConfigurationPart {
    /// The part as people read it.
    pub fn words(self) -> &'static str {
        match self {
            ConfigurationPart::Definition => "definition",
            ConfigurationPart::Provider => "provider",
            ConfigurationPart::Model => "model",
            ConfigurationPart::PromptVersion => "prompt version",
            ConfigurationPart::SiteVersions => "site versions",
        }
    }
}

/// A digest of each part.
pub type Configuration = BTreeMap<ConfigurationPart, String>;

/// The parts that differ between then and now.
pub fn drift(then: &Configuration, now: &Configuration) -> Vec<ConfigurationPart> {
    ConfigurationPart::ALL.iter().copied().filter(|part| then.get(part) != now.get(part)).collect()
}

/// The parts that drifted in any of several automations. What was not known then has not drifted since.
pub fn drift_of_all(
    then: &BTreeMap<String, Configuration>,
    now: &BTreeMap<String, Configuration>,
) -> Vec<ConfigurationPart> {
    let both = now.iter().filter_map(|(id, now)| Some((then.get(id)?, now)));
    let mut parts: Vec<ConfigurationPart> = both.flat_map(|(then, now)| drift(then, now)).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The parts that drifted, as people read them: "model and site versions".
pub fn drift_words(parts: &[ConfigurationPart]) -> String {
    parts.iter().map(|part| part.words()).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(model: &str) -> Configuration {
        ConfigurationPart::ALL
            .iter()
            .map(|part| (*part, if *part == ConfigurationPart::Model { model } else { "same" }.to_owned()))
            .collect()
    }

    #[test]
    fn only_what_changed_since_has_drifted() {
        let map = |entries: &[(&str, &str)]| -> BTreeMap<String, Configuration> {
            entries.iter().map(|(id, model)| ((*id).to_owned(), of(model))).collect()
        };
        assert_eq!(drift_of_all(&map(&[("a", "1")]), &map(&[("a", "1"), ("b", "2")])), []);
        assert_eq!(
            drift_of_all(&map(&[("a", "1"), ("b", "2")]), &map(&[("a", "1"), ("b", "3")])),
            [ConfigurationPart::Model]
        );
        assert_eq!(
            drift_words(&[ConfigurationPart::Model, ConfigurationPart::SiteVersions]),
            "model and site versions"
        );
    }
}
