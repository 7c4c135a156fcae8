//! What several pages show alike: moments, choices, the gate's answer, who did it.

use crate::actions::Failure;
use crate::actions::sight::promised;
use crate::domain::gate::Verdict;
use crate::domain::ids::{AutomationId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, Role};
use crate::domain::problem::Reason;
use crate::store::audit::{self, AuditEntry};
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, automations, people};
use chrono_tz::Tz;
use serde::Serialize;

/// A moment in UTC and on the site's wall clock.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Time {
    utc: String,
    site: String,
    iso: String,
    zone: String,
}

impl Time {
    /// The moment beside the wall clock of `zone` (IANA); UTC when that names none.
    pub(super) fn at(moment: Moment, zone: &str) -> Self {
        let tz: Tz = zone.parse().unwrap_or(Tz::UTC);
        Self {
            utc: moment.in_zone(Tz::UTC),
            site: moment.in_zone(tz),
            iso: moment.rfc3339(),
            zone: tz.name().to_owned(),
        }
    }

    /// The moment where no site is concerned.
    pub(super) fn utc(moment: Moment) -> Self {
        Self::at(moment, "UTC")
    }
}

/// An entry of a list to choose from.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

impl Choice {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// The same with a line that explains it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HintedChoice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) hint: String,
}

impl HintedChoice {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: hint.into() }
    }
}

/// The gate's answer.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GateShown {
    pub(super) open: bool,
    pub(super) scope: Option<String>,
    pub(super) reasons: Vec<Reason>,
}

impl From<Verdict> for GateShown {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Open(scope) => Self { open: true, scope: Some(scope.as_str().to_owned()), reasons: Vec::new() },
            Verdict::Closed(reasons) => Self { open: false, scope: None, reasons },
        }
    }
}

/// A fact that may be unknown.
#[derive(Clone, Debug, Serialize)]
pub(super) struct MaybeLabelled {
    pub(super) label: String,
    pub(super) value: Option<String>,
}

/// A site, as far as a link and a clock need it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SiteName {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) zone: String,
}

impl From<&SiteRow> for SiteName {
    fn from(site: &SiteRow) -> Self {
        Self { slug: site.slug.clone(), name: site.name.clone(), zone: site.time_zone.clone() }
    }
}

/// Somebody saved while this person was typing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Conflict {
    pub(super) by: String,
    pub(super) at: Time,
    pub(super) changes: Vec<Change>,
}

/// A field on which what was typed and what was saved differ.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Change {
    pub(super) label: String,
    pub(super) theirs: Option<String>,
}

impl Conflict {
    /// Who wrote the row last, and when.
    pub(super) fn over(
        connection: &mut Connection,
        table: &str,
        id: &str,
        changes: Vec<Change>,
    ) -> Result<Option<Self>, Failure> {
        let Some(AuditEntry { actor, at, .. }) = audit::last_of(connection, table, id)? else { return Ok(None) };
        Ok(Some(Self { by: actor_name(connection, &actor)?, at: Time::utc(at), changes }))
    }
}

/// The fields on which `typed` and `saved` differ. Each entry: label, typed, saved.
pub(super) fn differences(fields: Vec<(&str, Option<String>, Option<String>)>) -> Vec<Change> {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    fields
        .into_iter()
        .map(|(label, typed, saved)| (label, filled(typed), filled(saved)))
        .filter(|(_, typed, saved)| typed.as_deref().map(str::trim) != saved.as_deref().map(str::trim))
        .map(|(label, _, saved)| Change { label: label.to_owned(), theirs: saved })
        .collect()
}

/// The name behind an actor's reference (`person:ID`, `automation:ID`, `system:NAME`).
pub(super) fn actor_name(connection: &mut Connection, reference: &str) -> Result<String, Failure> {
    match reference.split_once(':') {
        Some(("person", id)) => Ok(promised(people::find(connection, &PersonId::from_text(id)))?.name),
        Some(("automation", id)) => {
            let name = promised(automations::find(connection, &AutomationId::from_text(id)))?.name;
            Ok(format!("{name} (by its own token)"))
        }
        _ => Ok("Allclear".to_owned()),
    }
}

/// The sites on which this person may do `act`, by name.
pub(super) fn sites_for(connection: &mut Connection, actor: &Actor, act: Act) -> Result<Vec<SiteRow>, Failure> {
    Ok(sites::list(connection)?.into_iter().filter(|site| actor.may(act, &site.id)).collect())
}

/// Sites to choose from.
pub(super) fn site_choices(sites: &[SiteRow]) -> Vec<Choice> {
    sites.iter().map(|site| Choice::new(&site.slug, &site.name)).collect()
}

/// A label begins with a capital: "support lead" reads "Support lead".
pub(super) fn capital(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The roles, each with what it may do.
pub(super) fn role_choices() -> Vec<HintedChoice> {
    let hint = |role: Role| match role {
        Role::Reporter => "Files incidents and sees their own.",
        Role::SupportLead => "Files and works on incidents, seals evidence, builds bundles, pauses.",
        Role::Owner => "Answers for automations, pauses them and releases manual pauses.",
        Role::Administrator => "Everything, with people, sites and automations.",
        Role::Auditor => "Reads everything that may be read and verifies the audit chain. Changes nothing.",
    };
    Role::ALL.iter().map(|role| HintedChoice::new(role.as_str(), capital(&role.label()), hint(*role))).collect()
}

/// The time zones that are offered; every zone of the IANA database is accepted.
pub(super) fn zones() -> Vec<String> {
    const CONTINENTS: [&str; 9] =
        ["Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    let named = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    std::iter::once("UTC")
        .chain(named.filter(|name| CONTINENTS.iter().any(|continent| name.starts_with(continent))))
        .map(str::to_owned)
        .collect()
}

/// Entries on one page of a list.
const PAGE: usize = 100;

/// One page of a list that is at hand whole, and the addresses of the pages beside it.
pub(super) struct Cut<T> {
    pub(super) items: Vec<T>,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

/// Cuts out the page that begins at the item whose key is `cursor`. `address` ends where the cursor is to be added.
pub(super) fn cut<T>(items: Vec<T>, cursor: Option<&str>, address: &str, key: impl Fn(&T) -> &str) -> Cut<T> {
    let start = cursor.and_then(|cursor| items.iter().position(|item| key(item) == cursor)).unwrap_or(0);
    let link = |at: usize| {
        let item = items.get(at)?;
        let cursor: String = url::form_urlencoded::byte_serialize(key(item).as_bytes()).collect();
        Some(format!("{address}{}cursor={cursor}", if address.contains('?') { '&' } else { '?' }))
    };
    let newer = (start > 0).then(|| link(start.saturating_sub(PAGE))).flatten();
    let older = link(start + PAGE);
    let items = items.into_iter().skip(start).take(PAGE).collect();
    Cut { items, newer, older }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_walked_to_its_end_and_back() {
        let items: Vec<String> = (0..250).map(|n| format!("item-{n}")).collect();
        let page = |cursor: Option<&str>| cut(items.clone(), cursor, "/list?site=a", |item| item);
        let first = page(None);
        assert_eq!(
            (first.items.len(), first.newer, first.older.as_deref()),
            (100, None, Some("/list?site=a&cursor=item-100"))
        );
        let last = page(Some("item-200"));
        assert_eq!(
            (last.items.len(), last.newer.as_deref(), last.older),
            (50, Some("/list?site=a&cursor=item-100"), None)
        );
        assert_eq!(page(Some("gone")).items.len(), 100);
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let text = |text: &str| Some(text.to_owned());
        let changes = differences(vec![
            ("Name", text("Shop"), text("Shop ")),
            ("Hosting", text(" "), None),
            ("Zone", text("UTC"), text("Europe/Berlin")),
        ]);
        let labels: Vec<_> = changes.iter().map(|change| change.label.as_str()).collect();
        assert_eq!(labels, ["Zone"]);
    }
}
