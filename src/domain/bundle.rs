//! A bundle: who it is for, and what must be known before it may exist.

use super::incident::{Level, MissingFact};
use super::problem::Reason;
use super::words::words;

words! {
    /// Whom a bundle is made for.
    Audience {
        Hosting = "hosting",
        Provider = "provider",
        Vendor = "vendor",
        Internal = "internal",
    }
}

impl Audience {
    /// Does it leave the house? Then the mandatory facts must be there (promise 8).
    pub fn is_other_party(self) -> bool {
        self != Audience::Internal
    }

    /// The audience in words: "the hosting company".
    pub fn in_words(self) -> &'static str {
        match self {
            Audience::Hosting => "the hosting company",
            Audience::Provider => "the AI provider",
            Audience::Vendor => "the plugin vendor",
            Audience::Internal => "our own operations",
        }
    }

    /// What the report asks its reader to do.
    pub fn request(self) -> &'static str {
        match self {
            Audience::Hosting => {
                "Please check the server, PHP and outbound HTTPS logs of this site around the time stated, and tell us \
                 whether a limit, a restart, a firewall rule or a change on your side explains what we saw."
            }
            Audience::Provider => {
                "Please check the requests of our account around the time stated, and tell us whether an outage, a rate \
                 limit, a model change or a rejected request on your side explains what we saw."
            }
            Audience::Vendor => {
                "Please try the reproduction steps with the versions stated, and tell us whether this is a known fault, \
                 which version mends it, and what we can do until then."
            }
            Audience::Internal => {
                "Please take over from here: confirm what is paused, settle the open facts, and record what you try in \
                 the incident's timeline."
            }
        }
    }
}

/// Why a bundle for `audience` cannot be built yet: one reason per mandatory fact that is missing.
pub fn missing_refusals(audience: Audience, missing: &[MissingFact]) -> Vec<Reason> {
    if !audience.is_other_party() {
        return Vec::new();
    }
    missing
        .iter()
        .filter(|missing| missing.level == Level::Mandatory)
        .map(|missing| {
            Reason::new(
                format!("missing_{}", missing.fact),
                format!("The {} is not known yet. Fill it in on the incident.", missing.fact.label()),
                "support_lead",
            )
        })
        .collect()
}
