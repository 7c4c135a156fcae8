//! What forms offer to choose from.

use super::capital;
use crate::actions::Failure;
use crate::domain::person::{Act, Actor, Role};
use crate::store::Connection;
use crate::store::sites::{self, SiteRow};
use serde::Serialize;

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

impl HintedChoice {
    pub(in crate::web) fn new(value: impl Into<String>, label: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: hint.into() }
    }
}

/// The sites on which this person may do `act`, by name.
pub(in crate::web) fn sites_for(connection: &mut Connection, actor: &Actor, act: Act) -> Result<Vec<SiteRow>, Failure> {
    Ok(sites::list(connection)?.into_iter().filter(|site| actor.may(act, &site.id)).collect())
}

/// Sites to choose from.
pub(in crate::web) fn site_choices(sites: &[SiteRow]) -> Vec<Choice> {
    sites.iter().map(|site| Choice::new(&site.slug, &site.name)).collect()
}

/// The roles, each with what it may do.
pub(in crate::web) fn role_choices() -> Vec<HintedChoice> {
    let hint = |role: Role| match role {
        Role::Reporter => "Files incidents and sees their own.",
        Role::SupportLead => "Files and works on incidents, seals evidence, builds bundles, pauses.",
        Role::Owner => "Answers for automations, pauses them and releases manual pauses.",
        Role::Administrator => "Everything, with people, sites and automations.",
        Role::Auditor => "Reads everything that may be read and verifies the audit chain. Changes nothing.",
    };
    Role::ALL.iter().map(|role| HintedChoice::new(role.as_str(), capital(&role.label()), hint(*role))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offered_zones_are_zones() {
        let zones = zones();
        assert!(zones.contains(&"UTC") && zones.contains(&"Europe/Berlin"));
        assert!(zones.iter().all(|zone| zone.parse::<chrono_tz::Tz>().is_ok()));
    }
}
