//! Practice files: TOML, embedded at compile time. What is wrong is said with file, line and reason, and stops the start.

use super::{Flaw, Practice, flaws};
use serde::Deserialize;
use toml::Spanned;

/// The files of the product: (file name, TOML text).
static FILES: &[(&str, &str)] = &[
    ("workflow-safety.toml", include_str!("../../../practices/workflow-safety.toml")),
    ("playbook-reuse.toml", include_str!("../../../practices/playbook-reuse.toml")),
    ("operator-training.toml", include_str!("../../../practices/operator-training.toml")),
    ("asset-lifecycle.toml", include_str!("../../../practices/asset-lifecycle.toml")),
    ("post-incident-review.toml", include_str!("../../../practices/post-incident-review.toml")),
];

/// Why a set of practice files was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct FileError {
    /// The file's name.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub reason: String,
}

/// Where each line of a practice stands.
#[derive(Deserialize)]
struct Places {
    #[serde(rename = "line", default)]
    lines: Vec<Spanned<serde::de::IgnoredAny>>,
}

/// The practices of the product.
///
/// # Errors
/// When a file does not parse, or names what does not exist: file, line and reason.
pub fn embedded() -> Result<Vec<Practice>, FileError> {
    from_sources(FILES)
}

/// Practices from (file name, TOML text).
///
/// # Errors
/// As [`embedded`].
pub fn from_sources(files: &[(&str, &str)]) -> Result<Vec<Practice>, FileError> {
    let mut practices = Vec::new();
    for (file, text) in files {
        let practice: Practice = toml::from_str(text).map_err(|error| FileError {
            file: (*file).to_owned(),
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            reason: error.message().to_owned(),
        })?;
        if *file != format!("{}.toml", practice.name) {
            let reason = format!("the practice “{}” belongs into {}.toml", practice.name, practice.name);
            return Err(FileError { file: (*file).to_owned(), line: 1, reason });
        }
        practices.push(practice);
    }
    match flaws(&practices).into_iter().next() {
        Some(flaw) => Err(placed(files, flaw)),
        None => Ok(practices),
    }
}

fn placed(files: &[(&str, &str)], flaw: Flaw) -> FileError {
    let file = format!("{}.toml", flaw.practice);
    let text = files.iter().find(|(name, _)| *name == file).map(|(_, text)| *text).unwrap_or_default();
    let places = toml::from_str::<Places>(text).map(|places| places.lines).unwrap_or_default();
    let line = flaw.line.and_then(|at| places.get(at)).map_or(1, |place| line_of(text, place.span().start));
    FileError { file, line, reason: flaw.reason }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
