//! `allclear redact`: a filter. Needs no installation; its placeholders are made with a key that nobody keeps, so that
//! those of two runs cannot be joined.

use super::Stop;
use crate::redaction::{Finding, PlaceholderKey, Redactor, Rules, in_order};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::SpooledTempFile;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Files, in order; without any: standard input. Several are read at the same time, one on each core.
    files: Vec<PathBuf>,
    /// Write what was found, as JSON: rule, offset, placeholder; never the secret.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Say on standard error why each rule removes what it removes.
    #[arg(long)]
    explain: bool,
    /// Remove loopback, private, link-local and documentation addresses too. Without this they stay: they say nothing
    /// about anybody and much about what is wrong.
    #[arg(long)]
    private_addresses: bool,
    /// A file of rules and exceptions of your own, beside those of the product; may be given more than once. The page of
    /// rules and `GET /api/v1/redaction-rule-file` write one.
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let inputs = open_all(&arguments.files)?;
    let rules = Arc::new(read_rules(&arguments.rules)?);
    let redactor = Redactor::new(rules.clone(), fresh_key()?).with_private_addresses(arguments.private_addresses);
    let report = arguments.report.as_deref().map(Report::begin).transpose()?;
    let desk = Desk { redactor, is_reported: report.is_some() };
    let out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut sum = Sum { out, report, counts: BTreeMap::new(), places: BTreeMap::new() };
    match inputs.as_slice() {
        [] => sum.redact(&desk, "standard input", &mut io::stdin().lock())?,
        [(name, file)] => sum.redact(&desk, name, &mut &*file)?,
        several => sum.redact_together(&desk, several)?,
    }
    sum.out.flush().map_err(|e| Stop::Cannot(format!("standard output: {e}")))?;
    if let Some(report) = sum.report {
        report.finish(&sum.counts)?;
    }
    if arguments.explain {
        explain(&rules, &sum.counts, &sum.places);
    }
    Ok(())
}

type Input = (String, File);

/// Every file is opened before anything is written: a name that is mistyped costs nothing.
fn open_all(files: &[PathBuf]) -> Result<Vec<Input>, Stop> {
    files
        .iter()
        .map(|path| {
            let file = File::open(path).map_err(|e| Stop::file("read", path, &e))?;
            if file.metadata().is_ok_and(|about| about.is_dir()) {
                return Err(Stop::Cannot(format!("cannot read {}: it is a folder", path.display())));
            }
            Ok((path.display().to_string(), file))
        })
        .collect()
}

/// Largest file that is redacted before its turn, in bytes: until then its text waits in a temporary file.
const AHEAD: u64 = 128 << 20;

/// How much of a text or of its findings waits in memory, in bytes; what is larger waits on disk.
const HELD: usize = 256 << 10;

/// What redacts one input.
struct Desk {
    redactor: Redactor,
    is_reported: bool,
}

/// What was found in one input.
#[derive(Default)]
struct Found {
    counts: BTreeMap<String, u64>,
    places: BTreeMap<String, Vec<String>>,
    /// For the report: each finding behind a comma and a line end.
    lines: Option<BufWriter<SpooledTempFile>>,
}

impl Desk {
    fn redact(&self, name: &str, input: &mut dyn Read, out: &mut dyn Write) -> Result<Found, Stop> {
        let lines = self.is_reported.then(|| BufWriter::new(SpooledTempFile::new(HELD)));
        let mut found = Found { lines, ..Found::default() };
        let mut written = Ok(());
        let summary = self
            .redactor
            .stream(input, out, &mut |finding| {
                note_place(&mut found.places, name, finding);
                if let (Ok(()), Some(lines)) = (&written, &mut found.lines) {
                    written = write_line(lines, name, finding);
                }
            })
            .map_err(|e| Stop::Cannot(format!("{name}: {e}")))?;
        written.map_err(unwritten)?;
        found.counts = summary.counts;
        Ok(found)
    }

    /// Redacts a file before its turn comes; none when it has to wait for that.
    fn redact_ahead(&self, (name, file): &Input) -> Option<Result<(SpooledTempFile, Found), Stop>> {
        // A pipe may have no end.
        file.metadata().ok().filter(|about| about.is_file() && about.len() <= AHEAD)?;
        let mut text = SpooledTempFile::new(HELD);
        Some(self.redact(name, &mut &*file, &mut text).map(|found| (text, found)))
    }
}

fn write_line(lines: &mut impl Write, file: &str, finding: &Finding) -> io::Result<()> {
    lines.write_all(b",\n")?;
    serde_json::to_writer(lines, &Line { file, finding }).map_err(io::Error::from)
}

fn unwritten(error: io::Error) -> Stop {
    Stop::Cannot(format!("the report cannot be written: {error}"))
}

/// What came of all inputs so far.
struct Sum {
    out: BufWriter<io::StdoutLock<'static>>,
    report: Option<Report>,
    counts: BTreeMap<String, u64>,
    places: BTreeMap<String, Vec<String>>,
}

impl Sum {
    fn redact(&mut self, desk: &Desk, name: &str, input: &mut dyn Read) -> Result<(), Stop> {
        let found = desk.redact(name, input, &mut self.out)?;
        self.add(found)
    }

    /// Several files at the same time; what comes out stands in their order. After a failure no further ones are begun.
    fn redact_together(&mut self, desk: &Desk, inputs: &[Input]) -> Result<(), Stop> {
        let failed = AtomicBool::new(false);
        let mut outcome = Ok(());
        let work = |input: &Input| if failed.load(Ordering::Relaxed) { None } else { desk.redact_ahead(input) };
        in_order(inputs, work, |(name, file), answer| {
            if outcome.is_err() {
                return;
            }
            outcome = match answer {
                Some(Some(Ok((text, found)))) => self.copy(name, text).and_then(|()| self.add(found)),
                Some(Some(Err(stop))) => Err(stop),
                Some(None) => self.redact(desk, name, &mut &*file),
                None => Err(Stop::Cannot(format!("{name}: it could not be redacted"))),
            };
            failed.store(outcome.is_err(), Ordering::Relaxed);
        });
        outcome
    }

    fn copy(&mut self, name: &str, mut text: SpooledTempFile) -> Result<(), Stop> {
        let copied = text.rewind().and_then(|()| io::copy(&mut text, &mut self.out));
        copied.map(|_| ()).map_err(|e| Stop::Cannot(format!("{name}: {e}")))
    }

    fn add(&mut self, found: Found) -> Result<(), Stop> {
        if let (Some(report), Some(lines)) = (&mut self.report, found.lines) {
            report.add(lines).map_err(unwritten)?;
        }
        for (rule, count) in found.counts {
            *self.counts.entry(rule).or_insert(0) += count;
        }
        for (rule, places) in found.places {
            let known = self.places.entry(rule).or_default();
            let more = PLACES.saturating_sub(known.len());
            known.extend(places.into_iter().take(more));
        }
        Ok(())
    }
}

/// The rules of the product and of these files. Whatever is wrong with one of them is said before anything is written.
fn read_rules(files: &[PathBuf]) -> Result<Rules, Stop> {
    let mut sources: Vec<(String, String)> = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|e| Stop::file("read the rules in", path, &e))?;
        sources.push((path.display().to_string(), text));
    }
    let own: Vec<(&str, &str)> = sources.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let rules = Rules::embedded_with(&own).map_err(|e| Stop::Cannot(e.to_string()))?;
    if own.is_empty() {
        // A test runs the examples of the product's own rules.
        return Ok(rules);
    }
    let alone = Rules::from_sources(&own).map_err(|e| Stop::Cannot(e.to_string()))?;
    let cost = alone.hostile_cost();
    if cost > PATTERN_COST {
        return Err(Stop::Cannot(format!(
            "a pattern of these rules costs {cost:.0} times as much as a plain word on a text made to hurt it; \
             {PATTERN_COST} times are allowed: give its repetitions an end"
        )));
    }
    match rules.failing_examples().first() {
        Some(failure) => Err(Stop::Cannot(failure.to_string())),
        None => Ok(rules),
    }
}

/// How many times more than a plain word a pattern may cost; the default of `ALLCLEAR_RULE_COST`.
const PATTERN_COST: f64 = 20.0;

fn fresh_key() -> Result<PlaceholderKey, Stop> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|e| Stop::Cannot(format!("no randomness: {e}")))?;
    Ok(PlaceholderKey::from_bytes(key))
}

/// The report as it grows. It appears under its name when it is whole.
struct Report {
    file: BufWriter<tempfile::NamedTempFile>,
    place: PathBuf,
    is_first: bool,
}

#[derive(Serialize)]
struct Line<'f> {
    file: &'f str,
    #[serde(flatten)]
    finding: &'f Finding,
}

impl Report {
    fn begin(place: &Path) -> Result<Self, Stop> {
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(|e| Stop::file("write", place, &e))?;
        let mut file = BufWriter::new(file);
        file.write_all(b"{\"format\":\"allclear-findings/1\",\"findings\":[")
            .map_err(|e| Stop::file("write", place, &e))?;
        Ok(Self { file, place: place.to_owned(), is_first: true })
    }

    /// Adds the lines of one input, each of which stands behind a comma.
    fn add(&mut self, lines: BufWriter<SpooledTempFile>) -> io::Result<()> {
        let mut lines = lines.into_inner().map_err(io::IntoInnerError::into_error)?;
        lines.seek(SeekFrom::Start(u64::from(self.is_first)))?;
        self.is_first &= io::copy(&mut lines, &mut self.file)? == 0;
        Ok(())
    }

    fn finish(mut self, counts: &BTreeMap<String, u64>) -> Result<(), Stop> {
        let failed = |e: io::Error| Stop::file("write", &self.place, &e);
        self.file.write_all(b"\n],\"counts\":").map_err(failed)?;
        serde_json::to_writer(&mut self.file, counts).map_err(io::Error::from).map_err(failed)?;
        self.file.write_all(b"}\n").map_err(failed)?;
        let file = self.file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.persist(&self.place).map_err(|e| failed(e.error))?;
        Ok(())
    }
}

/// How many places of each rule are named.
const PLACES: usize = 5;

fn note_place(places: &mut BTreeMap<String, Vec<String>>, file: &str, finding: &Finding) {
    match places.get_mut(&finding.rule) {
        Some(known) if known.len() < PLACES => known.push(format!("{file}:{}", finding.line)),
        Some(_) => {}
        None => {
            places.insert(finding.rule.clone(), vec![format!("{file}:{}", finding.line)]);
        }
    }
}

/// For each rule: how sure it is, how much it removed, why, and where first.
fn explain(rules: &Rules, counts: &BTreeMap<String, u64>, places: &BTreeMap<String, Vec<String>>) {
    if counts.is_empty() {
        eprintln!("nothing was removed");
    }
    for (rule, count) in counts {
        let info = rules.describe(rule);
        let level = info.as_ref().map_or("", |info| info.level.as_str());
        let why = info.as_ref().map_or("", |info| info.why.as_str());
        let first = places.get(rule).map(|places| places.join(", ")).unwrap_or_default();
        let more = if *count > PLACES as u64 { ", …" } else { "" };
        eprintln!("{rule} ({level}): removed {count}; {why} At {first}{more}");
    }
}
