//! `allclear redact`: a filter. Needs no installation; its placeholders are made with a key that nobody keeps, so that
//! those of two runs cannot be joined.

use super::Stop;
use crate::redaction::{Finding, PlaceholderKey, Redactor, Rules};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Files, in order; without any: standard input.
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
    let mut report = arguments.report.as_deref().map(Report::begin).transpose()?;
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, mut input) in inputs {
        let mut written = Ok(());
        let summary = redactor
            .stream(&mut input, &mut out, &mut |finding| {
                note_place(&mut places, &name, finding);
                if let (Ok(()), Some(report)) = (&written, &mut report) {
                    written = report.add(&name, finding);
                }
            })
            .map_err(|e| Stop::Cannot(format!("{name}: {e}")))?;
        written.map_err(|e| Stop::Cannot(format!("the report cannot be written: {e}")))?;
        for (rule, count) in summary.counts {
            *counts.entry(rule).or_insert(0) += count;
        }
    }
    out.flush().map_err(|e| Stop::Cannot(format!("standard output: {e}")))?;
    if let Some(report) = report {
        report.finish(&counts)?;
    }
    if arguments.explain {
        explain(&rules, &counts, &places);
    }
    Ok(())
}

type Input = (String, Box<dyn Read>);

/// Every file is opened before anything is written: a name that is mistyped costs nothing.
fn open_all(files: &[PathBuf]) -> Result<Vec<Input>, Stop> {
    if files.is_empty() {
        return Ok(vec![("standard input".to_owned(), Box::new(io::stdin().lock()))]);
    }
    files
        .iter()
        .map(|path| {
            let file = File::open(path).map_err(|e| Stop::file("read", path, &e))?;
            if file.metadata().is_ok_and(|about| about.is_dir()) {
                return Err(Stop::Cannot(format!("cannot read {}: it is a folder", path.display())));
            }
            let input: Box<dyn Read> = Box::new(BufReader::with_capacity(64 * 1024, file));
            Ok((path.display().to_string(), input))
        })
        .collect()
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

    fn add(&mut self, file: &str, finding: &Finding) -> io::Result<()> {
        self.file.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        serde_json::to_writer(&mut self.file, &Line { file, finding }).map_err(io::Error::from)
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
