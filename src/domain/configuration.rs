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

/// A digest of each part.
pub type Configuration = BTreeMap<ConfigurationPart, String>;

/// The parts that differ between then and now.
pub fn drift(then: &Configuration, now: &Configuration) -> Vec<ConfigurationPart> {
    ConfigurationPart::ALL.iter().copied().filter(|part| then.get(part) != now.get(part)).collect()
}

/// The parts that drifted, as people read them: "model and site versions".
pub fn drift_words(parts: &[ConfigurationPart]) -> String {
    parts.iter().map(|part| part.label()).collect::<Vec<_>>().join(" and ")
}
