//! A rule is tried on past evidence before it is saved: what would newly go, what would newly stay, and where.
//!
//! A job reads the newest files, each original as far as it is kept, once with the rules in force and once with the new one.
//! What is kept of it are counts and lines, never a value, and that for a day.

use super::keep_rules::{checked, ground};
use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::RulePreviewId;
use crate::domain::own_rule::OwnRule;
use crate::domain::person::{Act, Actor};
use crate::redaction::{Finding, Redactor, Rules};
use crate::store::evidence::{self, EvidenceRow, VersionRow};
use crate::store::incidents::IncidentRow;
use crate::store::rule_work::{self, PreviewRow, TriedFile, TriedIncident};
use crate::store::{Connection, Json, Tx, incidents, jobs, sites};
use crate::vault::Shelf;
use chrono::Duration;
use serde::Serialize;
use std::sync::Arc;
use std::time::Instant;

/// The kind of job.
pub const JOB: &str = "preview_rule";
/// Hours that a preview is kept.
pub const KEPT_HOURS: i64 = 24;
/// How long one piece of the work may take; the rest is another piece.
const PIECE: std::time::Duration = std::time::Duration::from_secs(10);
/// Lines of a file that are named.
const LINES: usize = 10;

/// A preview that was asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewAsked {
    /// Its id.
    pub id: String,
    /// Files that will be read.
    pub files: i32,
}

impl Answer for PreviewAsked {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/redaction-previews/{}", self.id))
    }
}

/// Asks for a preview of a rule that holds what it says.
pub fn ask(desk: &Desk, actor: &Actor, rule: OwnRule) -> Result<PreviewAsked, Failure> {
    sight::everywhere(actor, Act::ManageRules)?;
    desk.answered_before()?;
    let rule = rule.cleaned();
    let ground = desk.read(|connection| ground(connection, &rule.name))?;
    checked(desk, &rule, &ground)?;
    let (who, most) = (actor.reference(), desk.limits.preview_files);
    desk.answer(actor, move |tx| {
        let texts = evidence::count_texts(tx.connection())?.min(most);
        let row = PreviewRow {
            id: RulePreviewId::fresh(),
            definition: Json::of(rule),
            asked_by: who,
            asked_at: tx.now(),
            expires_at: tx.now().plus(Duration::hours(KEPT_HOURS)),
            last_seen: String::new(),
            done: 0,
            total: i32::try_from(texts).unwrap_or(i32::MAX),
            found: Json::of(Vec::new()),
            finished_at: (texts == 0).then(|| tx.now()),
        };
        rule_work::keep_preview(tx, &row)?;
        if row.finished_at.is_none() {
            jobs::enqueue(tx, JOB, row.id.as_str())?;
        }
        Ok(PreviewAsked { id: row.id.to_string(), files: row.total })
    })
}

/// How a preview stands.
pub fn find(desk: &Desk, connection: &mut Connection, actor: &Actor, id: &str) -> Result<PreviewRow, Failure> {
    sight::everywhere(actor, Act::ManageRules)?;
    Ok(rule_work::find_preview(connection, &RulePreviewId::from_text(id), desk.now())?)
}

/// Does a piece of the work, and asks for the next one.
pub fn run(desk: &Desk, id: &str) -> Result<(), Failure> {
    let id = RulePreviewId::from_text(id);
    let found = desk.read(|connection| {
        Ok(match rule_work::find_preview(connection, &id, desk.now()) {
            Err(crate::store::Error::NotFound) => None,
            other => Some(other?),
        })
    })?;
    let Some(mut row) = found.filter(|row| row.finished_at.is_none()) else { return Ok(()) };
    let before = desk.refresh_rules()?.rules;
    let ground = desk.read(|connection| ground(connection, &row.definition.name))?;
    let after = Arc::new(checked(desk, &row.definition, &ground)?);
    let begun = Instant::now();
    loop {
        let next = if row.done < row.total { next_file(desk, &row.last_seen)? } else { None };
        let Some(file) = next else {
            row.finished_at = Some(desk.now());
            return desk.write(&Actor::System("rules"), move |tx| Ok(rule_work::advance_preview(tx, &row)?));
        };
        let tried = try_file(desk, &file, &before, &after)?;
        row.last_seen = file.row.id.to_string();
        row.done += 1;
        if let Some(tried) = tried {
            let mut all = row.found.into_inner();
            add(&mut all, &file.incident.reference, tried);
            row.found = Json::of(all);
        }
        let over = begun.elapsed() >= PIECE;
        let now = row.clone();
        desk.write(&Actor::System("rules"), move |tx| save(tx, &now, over))?;
        if over {
            return Ok(());
        }
    }
}

fn save(tx: &mut Tx, row: &PreviewRow, again: bool) -> Result<(), Failure> {
    rule_work::advance_preview(tx, row)?;
    if again {
        jobs::enqueue(tx, JOB, row.id.as_str())?;
    }
    Ok(())
}

fn add(all: &mut Vec<TriedIncident>, reference: &str, file: TriedFile) {
    let at = all.iter().position(|incident| incident.reference == reference).unwrap_or_else(|| {
        all.push(TriedIncident { reference: reference.to_owned(), goes: 0, stays: 0, files: Vec::new() });
        all.len() - 1
    });
    let incident = &mut all[at];
    incident.goes += file.goes;
    incident.stays += file.stays;
    incident.files.push(file);
}

/// A text with all that its redactor needs.
struct File {
    row: EvidenceRow,
    version: VersionRow,
    incident: IncidentRow,
    site: crate::store::sites::SiteRow,
}

fn next_file(desk: &Desk, last_seen: &str) -> Result<Option<File>, Failure> {
    desk.read(|connection| {
        let Some(row) = evidence::newest_texts(connection, last_seen, 1)?.into_iter().next() else { return Ok(None) };
        let Some(version) = evidence::current_version(connection, &row)? else { return Ok(None) };
        let incident = sight::promised(incidents::find(connection, &row.incident_id))?;
        let site = sight::promised(sites::find(connection, &incident.site_id))?;
        Ok(Some(File { row, version, incident, site }))
    })
}

/// What changes in one file; none: nothing.
fn try_file(desk: &Desk, file: &File, before: &Arc<Rules>, after: &Arc<Rules>) -> Result<Option<TriedFile>, Failure> {
    let places = |rules: &Arc<Rules>| -> Result<Vec<Place>, Failure> {
        let redactor = desk.redactor_by(rules.clone(), &file.incident, &file.site)?;
        read_places(desk, &redactor, file)
    };
    let (before, after) = (places(before)?, places(after)?);
    let (newly_gone, newly_kept) = (beyond(&after, &before), beyond(&before, &after));
    if newly_gone.is_empty() && newly_kept.is_empty() {
        return Ok(None);
    }
    let mut lines: Vec<u64> = newly_gone.iter().chain(&newly_kept).map(|place| place.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.truncate(LINES);
    Ok(Some(TriedFile {
        id: file.row.id.to_string(),
        name: file.row.name.clone(),
        goes: newly_gone.len() as u64,
        stays: newly_kept.len() as u64,
        lines,
        original: file.row.sealed_file.is_some(),
    }))
}

/// Where something is removed.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    end: u64,
    line: u64,
}

fn read_places(desk: &Desk, redactor: &Redactor, file: &File) -> Result<Vec<Place>, Failure> {
    let mut places = Vec::new();
    let mut note = |finding: &Finding| {
        let (start, end) = (finding.offset, finding.offset + finding.length);
        places.push(Place { start, end, line: finding.line });
    };
    match (&file.row.sealed_file, &file.row.sealed_key) {
        (Some(sealed), Some(key)) => desk.look_through_sealed(redactor, sealed, key, &mut note)?,
        _ => {
            let mut redacted = desk.vault.read(Shelf::Redacted, &file.version.file)?;
            let read = redactor.stream(&mut redacted, &mut std::io::sink(), &mut note);
            read.map_err(|error| Failure::Broken(format!("a redacted file cannot be read: {error}")))?;
        }
    }
    Ok(places)
}

/// The places of `one` that none of `other` touches; both in order.
fn beyond(one: &[Place], other: &[Place]) -> Vec<Place> {
    let mut rest = other;
    let mut found = Vec::new();
    for place in one {
        while let Some((first, later)) = rest.split_first()
            && first.end <= place.start
        {
            rest = later;
        }
        if rest.first().is_none_or(|first| first.start >= place.end) {
            found.push(*place);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Place, beyond};

    #[test]
    fn what_is_new_touches_nothing_that_was_there() {
        let places = |spans: &[(u64, u64)]| -> Vec<Place> {
            spans.iter().map(|(start, end)| Place { start: *start, end: *end, line: 1 }).collect()
        };
        let starts = |found: Vec<Place>| -> Vec<u64> { found.iter().map(|place| place.start).collect() };
        let (one, other) = (places(&[(0, 4), (10, 14), (20, 30)]), places(&[(2, 6), (14, 16), (25, 26)]));
        assert_eq!(starts(beyond(&one, &other)), [10]);
        assert_eq!(starts(beyond(&other, &one)), [14]);
        assert_eq!(starts(beyond(&one, &[])), [0, 10, 20]);
    }
}
