//! Two people edit one thing: the second is told what the first saved.

use super::{NO_SITE, Names, Time, time};
use crate::actions::Failure;
use crate::store::Connection;
use crate::store::audit::{self, AuditEntry};
use serde::Serialize;

/// Somebody saved while this person was typing.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Conflict {
    pub(in crate::web) by: String,
    pub(in crate::web) at: Time,
    pub(in crate::web) changes: Vec<Change>,
}

/// A field on which what was typed and what was saved differ.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Change {
    pub(in crate::web) label: String,
    pub(in crate::web) theirs: Option<String>,
}

impl Conflict {
    /// Who wrote the row last, and when.
    pub(in crate::web) fn over(
        connection: &mut Connection,
        table: &str,
        id: &str,
        changes: Vec<Change>,
    ) -> Result<Option<Self>, Failure> {
        let Some(AuditEntry { actor, at, .. }) = audit::last_of(connection, table, id)? else { return Ok(None) };
        Ok(Some(Self { by: Names::default().actor(connection, &actor)?, at: time(at, NO_SITE), changes }))
    }
}

/// The fields on which `typed` and `saved` differ. Each entry: label, typed, saved.
pub(in crate::web) fn differences(fields: Vec<(&str, Option<String>, Option<String>)>) -> Vec<Change> {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    fields
        .into_iter()
        .map(|(label, typed, saved)| (label, filled(typed), filled(saved)))
        .filter(|(_, typed, saved)| typed.as_deref().map(str::trim) != saved.as_deref().map(str::trim))
        .map(|(label, _, saved)| Change { label: label.to_owned(), theirs: saved })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
