//! The report: what a stranger reads. One model, three forms (Markdown, HTML, JSON).

use super::{Failure, readiness, sight};
use crate::domain::bundle::Audience;
use crate::domain::evidence::Media;
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, IncidentId, SiteId};
use crate::domain::incident::{self, Facts, Impact, MissingFact};
use crate::domain::moment::Moment;
use crate::domain::timeline::EntryKind;
use crate::redaction::{Redacted, Redactor};
use crate::store::Connection;
use crate::store::evidence::{self, EvidenceRow, VersionRow};
use crate::store::incidents::IncidentRow;
use crate::store::sites::{self, SiteRow};
use crate::store::timeline::{self, EntryRow};
use crate::store::{automations, people};
use chrono_tz::Tz;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything a report says. Texts of the incident are redacted; words of the registry are redacted on their way in.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Format of `report.json`.
    pub format: &'static str,
    /// `INC-2026-0001`.
    pub reference: String,
    /// What happened, in a line.
    pub title: Redacted,
    /// `sev1` to `sev4`, and what that means.
    pub severity: String,
    /// The meaning of the severity.
    pub severity_meaning: &'static str,
    /// Where the work stands.
    pub status: String,
    /// Whom this report is for: `hosting`, `provider`, `vendor`, `internal`.
    pub audience: Audience,
    /// The audience in words.
    pub audience_words: &'static str,
    /// What is asked of the reader.
    pub request: &'static str,
    /// Name and address of the site.
    pub site: ReportSite,
    /// The clocks.
    pub occurred: BothZones,
    /// When it was noticed.
    pub detected: Option<BothZones>,
    /// When it was filed.
    pub reported: BothZones,
    /// When the harm stopped.
    pub mitigated: Option<BothZones>,
    /// The six dimensions.
    pub impact: Impact,
    /// The facts.
    pub facts: Facts<Redacted>,
    /// What is not known yet.
    pub missing: Vec<MissingFact>,
    /// Names of what is paused for this incident now: automations, a category, a site, everything.
    pub paused: Vec<Redacted>,
    /// What people observed, tried, decided and told others.
    pub timeline: Vec<ReportEntry>,
    /// The evidence.
    pub evidence: Vec<ReportEvidence>,
    /// Why there is no evidence, if somebody said so.
    pub no_evidence_reason: Option<Redacted>,
}

/// The site as the report names it.
#[derive(Clone, Debug, Serialize)]
pub struct ReportSite {
    /// Its name.
    pub name: Redacted,
    /// Its address.
    pub url: String,
    /// Its time zone.
    pub time_zone: String,
}

/// A moment in both zones.
#[derive(Clone, Debug, Serialize)]
pub struct BothZones {
    /// `2026-11-21 10:02 UTC`.
    pub utc: String,
    /// `2026-11-21 11:02 CET`.
    pub site: String,
    /// RFC 3339, UTC.
    pub iso: String,
    /// The site's zone.
    pub zone: String,
}

/// One entry of the timeline.
#[derive(Clone, Debug, Serialize)]
pub struct ReportEntry {
    /// When.
    pub at: BothZones,
    /// What it tells.
    pub kind: EntryKind,
    /// The words.
    pub text: Redacted,
}

/// One piece of evidence.
#[derive(Clone, Debug, Serialize)]
pub struct ReportEvidence {
    /// Path in the zip; none when it is not in there.
    pub path: Option<String>,
    /// Its name.
    pub name: Redacted,
    /// What it is.
    pub media: Media,
    /// Bytes of the redacted form.
    pub size: i64,
    /// SHA-256 of the redacted form.
    pub sha256: String,
    /// Removals per rule.
    pub removed: BTreeMap<String, u64>,
    /// Why it is not in the zip: "picture withheld", or what was dropped.
    pub withheld: Option<String>,
}

impl BothZones {
    /// The moment as both clocks show it. An unknown zone reads as UTC.
    pub fn of(at: Moment, zone: &str) -> Self {
        let tz: Tz = zone.parse().unwrap_or(Tz::UTC);
        Self {
            utc: at.utc().format("%Y-%m-%d %H:%M UTC").to_string(),
            site: at.in_zone(tz),
            iso: at.rfc3339(),
            zone: zone.to_owned(),
        }
    }
}

/// What a report is made of, as it was read in one snapshot.
pub struct Source {
    /// The incident.
    pub incident: IncidentRow,
    /// Its site.
    pub site: SiteRow,
    /// Evidence with its newest redacted form.
    pub evidence: Vec<(EvidenceRow, Option<VersionRow>)>,
    /// The timeline.
    pub entries: Vec<EntryRow>,
    /// Names of what it holds paused.
    pub paused: Vec<String>,
    /// Name of the lead.
    pub lead: Option<String>,
}

/// Reads all that a report needs.
pub fn gather(connection: &mut Connection, incident: IncidentRow, site: SiteRow) -> Result<Source, Failure> {
    let mut all = Vec::new();
    for row in evidence::of_incident(connection, &incident.id)? {
        let version = evidence::current_version(connection, &row)?;
        all.push((row, version));
    }
    let paused = names_of_held(connection, &incident.id)?;
    let lead = match &incident.lead_id {
        Some(id) => Some(people::find(connection, id)?.name),
        None => None,
    };
    let entries = timeline::of_incident(connection, &incident.id)?;
    Ok(Source { incident, site, evidence: all, entries, paused, lead })
}

/// What the incident holds now, by name: what was released runs again, and two pauses of one thing are one thing.
fn names_of_held(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for pause in readiness::held(connection, incident)? {
        let name = match pause.target_kind {
            PauseTarget::Automation => {
                let id = AutomationId::from_text(pause.target);
                sight::promised(automations::find(connection, &id))?.name
            }
            PauseTarget::Site => {
                let id = SiteId::from_text(pause.target);
                format!("Every automation of the site {}", sight::promised(sites::find(connection, &id))?.name)
            }
            PauseTarget::Category => format!("Every automation of the category {}", pause.target),
            PauseTarget::Everything => "Every automation".to_owned(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Composes the report. `is_released(evidence id)` says whether a picture goes along.
pub fn compose(
    source: &Source,
    audience: Audience,
    redactor: &Redactor,
    is_released: impl Fn(&EvidenceRow) -> bool,
) -> Report {
    let incident = &source.incident;
    let zone = source.site.time_zone.as_str();
    let both = |at: Moment| BothZones::of(at, zone);
    let again = |text: &Redacted| redactor.text(text.as_str()).text;
    Report {
        format: "allclear-report/1",
        reference: incident.reference.clone(),
        title: again(&incident.title),
        severity: incident.severity.to_string(),
        severity_meaning: incident.severity.meaning(),
        status: incident.status.label(),
        audience,
        audience_words: audience.in_words(),
        request: audience.request(),
        site: ReportSite {
            name: redactor.text(&source.site.name).text,
            url: source.site.production_url.clone(),
            time_zone: zone.to_owned(),
        },
        occurred: both(incident.occurred_at),
        detected: incident.detected_at.map(both),
        reported: both(incident.reported_at),
        mitigated: incident.mitigated_at.map(both),
        impact: (*incident.impact).clone(),
        facts: (*incident.facts).clone().map(|text| again(&text)),
        missing: incident::missing(&incident.facts, incident.lead_id.is_some()),
        paused: source.paused.iter().map(|name| redactor.text(name).text).collect(),
        no_evidence_reason: incident.no_evidence_reason.as_ref().map(again),
        timeline: source
            .entries
            .iter()
            .filter(|entry| entry.kind != EntryKind::System && entry.superseded_by.is_none())
            .map(|entry| ReportEntry { at: both(entry.happened_at), kind: entry.kind, text: again(&entry.body) })
            .collect(),
        evidence: source
            .evidence
            .iter()
            .enumerate()
            .map(|(index, (row, version))| report_evidence(index, row, version.as_ref(), redactor, is_released(row)))
            .collect(),
    }
}

fn report_evidence(
    index: usize,
    row: &EvidenceRow,
    version: Option<&VersionRow>,
    redactor: &Redactor,
    released: bool,
) -> ReportEvidence {
    let name = redactor.text(row.name.as_str()).text;
    let withheld = match (row.media, version) {
        (Media::Picture, Some(_)) if !released => {
            Some("Picture withheld: nobody has confirmed yet that it shows no secret.".to_owned())
        }
        (_, None) => Some(row.note.as_ref().map_or_else(
            || "Nothing of it was kept.".to_owned(),
            |note| redactor.text(note.as_str()).text.into_string(),
        )),
        _ => None,
    };
    let path = withheld.is_none().then(|| member_path(index, row.media, &name));
    ReportEvidence {
        path,
        name,
        media: row.media,
        size: version.map_or(0, |version| version.size),
        sha256: version.map(|version| version.sha256.clone()).unwrap_or_default(),
        removed: version.map(|version| (*version.counts).clone()).unwrap_or_default(),
        withheld,
    }
}

/// `evidence/01-debug.log.txt`: numbered, plain ASCII, with an ending that opens harmlessly.
fn member_path(index: usize, media: Media, name: &Redacted) -> String {
    let plain: String = name
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .take(80)
        .collect();
    let ending = match media {
        Media::Picture if plain.ends_with(".png") => "",
        Media::Picture => ".png",
        _ if plain.ends_with(".txt") => "",
        _ => ".txt",
    };
    format!("evidence/{:02}-{}{ending}", index + 1, plain.trim_matches('.'))
}
