//! A support bundle for one audience: looked at first, then built once and never changed.

use super::active_rules::RuleSet;
use super::report::{self, Report, Source};
use super::signing::OneKey;
use super::{Answer, Desk, Failure, lift_alarm, read_evidence, reread_evidence, review_points, sight, write_entry};
use crate::bundle::{self, Body, Contents, Lifted, RedactedFile, ReleasedPicture, Removal};
use crate::domain::bundle::{Audience, missing_refusals};
use crate::domain::evidence::Media;
use crate::domain::ids::{BundleId, KeyId};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::review::Point;
use crate::redaction::scan::{Alarm, Scanner};
use crate::redaction::{Redacted, Redactor};
use crate::store::alarms::{self, AlarmRow};
use crate::store::bundles::BundleRow;
use crate::store::evidence::ReleaseRow;
use crate::store::{Connection, Json, Verb, evidence};
use crate::vault::{Blob, Shelf};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};

/// A bundle that was built.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Built {
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub audience: Audience,
    /// SHA-256 of the zip.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Removals per rule.
    pub findings: BTreeMap<String, u64>,
    /// Pictures that were withheld.
    pub withheld: i32,
}

impl Answer for Built {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/bundles/{}", self.id))
    }
}

/// What the bundle would hold, before it is built: "check your answers".
pub struct Preview {
    /// The report as it would read.
    pub report: Report,
    /// Everything that keeps it from being built.
    pub refusals: Vec<Reason>,
    /// What the second scan found and nobody has lifted.
    pub alarms: Vec<AlarmRow>,
    /// What it is made of.
    pub source: Source,
}

/// Composes what would be sent, runs the second scan over it, and says what stands in the way. An alarm that is new is
/// written down, so that somebody can answer it.
pub fn preview(desk: &Desk, actor: &Actor, reference: &str, audience: Audience) -> Result<Preview, Failure> {
    let (draft, alarms) = read_evidence::while_replaced(|| {
        let draft = Draft::compose(desk, actor, reference, audience)?;
        let alarms = draft.scan(desk, actor)?.alarms;
        Ok((draft, alarms))
    })?;
    Ok(Preview { refusals: draft.refusals(&alarms), report: draft.report, alarms, source: draft.source })
}

/// Builds the bundle, or says everything that stands in the way.
pub fn run(desk: &Desk, actor: &Actor, reference: &str, audience: Audience) -> Result<Built, Failure> {
    desk.answered_before()?;
    let builder = sight::person_id(actor)?;
    let draft = Draft::compose(desk, actor, reference, audience)?;
    let Scanned { alarms, lifted } = draft.scan(desk, actor)?;
    let refusals = draft.refusals(&alarms);
    if !refusals.is_empty() {
        return Err(Failure::Refused(refusals));
    }
    // One key for the whole bundle, whatever happens to the installation's meanwhile.
    let signer = OneKey(desk.signer.current());
    let blob = draft.write(desk, lifted, &signer)?;
    let counts = draft.counts();
    let withheld = draft.report.evidence.iter().filter(|e| e.media == Media::Picture && e.withheld.is_some()).count();
    let row = BundleRow {
        id: BundleId::fresh(),
        incident_id: draft.source.incident.id.clone(),
        audience,
        file: blob.file.clone(),
        sha256: blob.sha256.clone(),
        size: i64::try_from(blob.size).unwrap_or(i64::MAX),
        counts: Json::of(counts.clone()),
        withheld: i32::try_from(withheld).unwrap_or(i32::MAX),
        key_id: KeyId::from_text(signer.0.id()),
        built_by: builder,
        built_at: desk.now(),
    };
    let (version, generation) = (draft.source.incident.version, draft.source.incident.known_generation);
    let releases: Vec<ReleaseRow> = draft.releases.into_values().collect();
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    let built = desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::BuildBundle)?;
        if (case.incident.version, case.incident.known_generation) != (version, generation) {
            return Err(Failure::Stale);
        }
        tx.insert(Verb::Bundled, &row)?;
        review_points::done(tx, &row.incident_id, Point::BeforeContact, &row.built_by)?;
        for mut release in releases {
            release.used_by = Some(row.id.to_string());
            tx.update(Verb::Looked, &release)?;
        }
        let words = Redacted::literal(match audience {
            Audience::Hosting => "Built a bundle for the hosting company.",
            Audience::Provider => "Built a bundle for the AI provider.",
            Audience::Vendor => "Built a bundle for the plugin vendor.",
            Audience::Internal => "Built a bundle for our own operations.",
        });
        write_entry::system(tx, &row.incident_id, &who, words)?;
        Ok(Built {
            id: row.id.to_string(),
            audience,
            sha256: row.sha256,
            size: u64::try_from(row.size).unwrap_or_default(),
            findings: counts,
            withheld: row.withheld,
        })
    });
    if built.is_err() {
        let _ = desk.vault.remove(Shelf::Bundles, &blob.file);
    }
    built
}

/// What the second scan found.
struct Scanned {
    /// What nobody has lifted.
    alarms: Vec<AlarmRow>,
    /// What was called a false alarm, for the manifest.
    lifted: Vec<Lifted>,
}

/// A bundle that is not written yet.
struct Draft {
    audience: Audience,
    source: Source,
    report: Report,
    rereading: Option<Reason>,
    too_many_values: bool,
    lifted: Vec<String>,
    releases: BTreeMap<String, ReleaseRow>,
    documents: Vec<(&'static str, Redacted)>,
    rules: RuleSet,
}

impl Draft {
    fn compose(desk: &Desk, actor: &Actor, reference: &str, audience: Audience) -> Result<Self, Failure> {
        let rules = desk.refresh_rules()?;
        let (source, rereading, known_alarms, releases) = desk.read(|connection| {
            let case = sight::case(connection, actor, reference, Act::BuildBundle)?;
            let rereading = reread_evidence::waiting_reason(connection, &case.incident)?;
            let known_alarms = alarms::of_incident(connection, &case.incident.id)?;
            let source = report::gather(connection, case.incident, case.site)?;
            let releases = releases(connection, &source, audience)?;
            Ok((source, rereading, known_alarms, releases))
        })?;
        let redactor = desk.redactor(&source.incident, &source.site)?;
        let too_many_values = desk.known_values(&source.incident)?.cap_exceeded();
        let report = report::compose(&source, audience, &redactor, |row| releases.contains_key(row.id.as_str()));
        let documents = documents(desk, &report, &redactor)?;
        let lifted =
            known_alarms.iter().filter(|alarm| lift_alarm::is_lifted(alarm)).map(|a| a.fingerprint.clone()).collect();
        Ok(Self { audience, source, report, rereading, too_many_values, lifted, releases, documents, rules })
    }

    /// Runs the second scan over every member and name.
    fn scan(&self, desk: &Desk, actor: &Actor) -> Result<Scanned, Failure> {
        let scanner = Scanner::new(self.rules.rules.clone(), desk.incident_key(&self.source.incident.secret_key)?)
            .with_known(&desk.known_values(&self.source.incident)?)
            .allowing(&[self.allowed(), desk.address_of_keys().into_iter().collect()].concat());
        let mut found: Vec<Alarm> = Vec::new();
        for (path, text) in &self.documents {
            found.extend(scanner.scan(path, text.as_str().as_bytes()));
        }
        for (item, (row, version)) in self.report.evidence.iter().zip(&self.source.evidence) {
            found.extend(scanner.scan("a file name", item.name.as_str().as_bytes()));
            if let (Some(path), Some(version), Media::Text) = (&item.path, version, row.media) {
                let mut file = read_evidence::open(&desk.vault, &version.file)?;
                found.extend(scan_in_windows(&scanner, path, &mut file)?);
            }
        }
        let (answered, open): (Vec<Alarm>, Vec<Alarm>) =
            found.into_iter().partition(|alarm| alarm.lifted || self.lifted.contains(&alarm.fingerprint));
        let mut lifted: Vec<Lifted> =
            answered.into_iter().map(|alarm| Lifted { path: alarm.member, rule: alarm.rule }).collect();
        lifted.sort();
        lifted.dedup();
        Ok(Scanned { alarms: lift_alarm::write_down(desk, actor, &self.source.incident, &open)?, lifted })
    }

    /// What we generate ourselves and the site's own addresses may look like findings without being any.
    fn allowed(&self) -> Vec<String> {
        let mut allowed = vec![self.source.site.production_url.clone(), self.report.reference.clone()];
        allowed.extend(self.source.site.staging_url.clone());
        allowed.extend(self.report.evidence.iter().map(|item| item.sha256.clone()));
        allowed
    }

    fn refusals(&self, alarms: &[AlarmRow]) -> Vec<Reason> {
        let mut reasons = missing_refusals(self.audience, &self.report.missing);
        reasons.extend(self.rereading.clone());
        if self.too_many_values {
            reasons.push(Reason::new(
                "too_many_values",
                "This incident's evidence reveals more values than can be removed everywhere. Cut the files to the time around the incident.",
                "support_lead",
            ));
        }
        reasons.extend(alarms.iter().map(lift_alarm::reason));
        reasons
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for item in self.report.evidence.iter().filter(|item| item.path.is_some()) {
            for (rule, count) in &item.removed {
                *counts.entry(rule.clone()).or_insert(0) += count;
            }
        }
        counts
    }

    fn write(&self, desk: &Desk, lifted: Vec<Lifted>, signer: &OneKey) -> Result<Blob, Failure> {
        let mut members: Vec<(String, Body)> =
            self.documents.iter().map(|(path, text)| ((*path).to_owned(), Body::Text(text.clone()))).collect();
        for (item, (row, version)) in self.report.evidence.iter().zip(&self.source.evidence) {
            let (Some(path), Some(version)) = (&item.path, version) else { continue };
            let file = read_evidence::open(&desk.vault, &version.file)?;
            let body = match row.media {
                Media::Picture if self.releases.contains_key(row.id.as_str()) => {
                    Body::Picture(ReleasedPicture::released(file))
                }
                Media::Text => Body::File(RedactedFile::from_redacted_shelf(file)),
                Media::Picture | Media::Dropped => continue,
            };
            members.push((path.clone(), body));
        }
        let contents = Contents {
            reference: self.report.reference.clone(),
            audience: self.audience.to_string(),
            members,
            removals: self.removals(desk),
            lifted,
            rules: self.rules.in_words(),
        };
        let mut zip = tempfile::tempfile().map_err(io)?;
        bundle::write(&mut zip, contents, signer)?;
        zip.rewind().map_err(io)?;
        let mut out = desk.vault.write(Shelf::Bundles, "zip")?;
        std::io::copy(&mut zip, &mut out).map_err(io)?;
        out.flush().map_err(io)?;
        Ok(out.finish()?)
    }

    fn removals(&self, desk: &Desk) -> Vec<Removal> {
        let mut removals = Vec::new();
        let (_, report) = &self.documents[0];
        for (rule, count) in count_placeholders(report.as_str()) {
            removals.push(removal(desk, "report.md", &rule, count));
        }
        for item in &self.report.evidence {
            let Some(path) = &item.path else { continue };
            for (rule, count) in &item.removed {
                removals.push(removal(desk, path, rule, *count));
            }
        }
        removals
    }
}

fn removal(desk: &Desk, path: &str, rule: &str, count: u64) -> Removal {
    let why = desk.rules().describe(rule).map(|info| info.why.clone()).unwrap_or_default();
    Removal { path: path.to_owned(), rule: rule.to_owned(), count, why }
}

fn count_placeholders(text: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for span in crate::redaction::placeholders(text) {
        *counts.entry(span.rule.to_string()).or_insert(0) += 1;
    }
    counts
}

/// The three forms of the report, each sent through the redactor once more on its way out: what the template or the
/// registry put in is held to the same rules as what people typed.
fn documents(desk: &Desk, report: &Report, redactor: &Redactor) -> Result<Vec<(&'static str, Redacted)>, Failure> {
    let context = serde_json::json!({ "report": report, "keys": desk.address_of_keys() });
    let markdown = desk.renderer.render("report/report.md", &context)?;
    let html = desk.renderer.render("report/report.html", &context)?;
    let json = serde_json::to_string_pretty(report).map_err(|e| Failure::Broken(e.to_string()))?;
    Ok(vec![
        ("report.md", redactor.text(&markdown).text),
        ("report.html", redactor.text(&html).text),
        ("report.json", redactor.text(&json).text),
    ])
}

fn releases(
    connection: &mut Connection,
    source: &Source,
    audience: Audience,
) -> Result<BTreeMap<String, ReleaseRow>, Failure> {
    let mut found = BTreeMap::new();
    for (row, version) in &source.evidence {
        let Some(version) = version else { continue };
        if row.media != Media::Picture {
            continue;
        }
        if let Some(release) = evidence::unused_release(connection, &row.id, audience, &version.sha256)? {
            found.insert(row.id.to_string(), release);
        }
    }
    Ok(found)
}

/// Bytes that the second scan looks at together.
const WINDOW: usize = 8 * 1024 * 1024;
/// Bytes at the end of a window that are looked at again with the next: longer than any secret.
const OVERLAP: usize = 64 * 1024;

/// Scans a file of any size in windows that overlap, so that nothing hides on an edge.
pub fn scan_in_windows(scanner: &Scanner, path: &str, input: &mut dyn Read) -> Result<Vec<Alarm>, Failure> {
    let mut found: Vec<Alarm> = Vec::new();
    let mut window = Vec::new();
    let mut lines = 0;
    loop {
        let before = window.len();
        input.take((WINDOW - before) as u64).read_to_end(&mut window).map_err(io)?;
        if window.len() == before {
            break;
        }
        for mut alarm in scanner.scan(path, &window) {
            alarm.line += lines;
            if !found.iter().any(|known| known.fingerprint == alarm.fingerprint && known.line == alarm.line) {
                found.push(alarm);
            }
        }
        if window.len() < WINDOW {
            break;
        }
        let done = window.len() - OVERLAP;
        lines += window[..done].iter().filter(|byte| **byte == b'\n').count() as u64;
        window.drain(..done);
    }
    Ok(found)
}

fn io(error: std::io::Error) -> Failure {
    Failure::Broken(format!("the bundle cannot be built: {error}"))
}
