//! `allclear backup`: database and shelves in one file, while serving.
//!
//! A tar with `allclear-backup.json`, the database and the shelves. Keys stay wrapped in it: without the key file,
//! which has its own place and its own copy, it opens no original and signs nothing.

use super::{Stop, installation};
use crate::config::Config;
use crate::store::{self, Address};
use crate::vault::Shelf;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file to write; it must not be there yet.
    file: PathBuf,
}

/// Name and version of the format.
pub(super) const FORMAT: &str = "allclear-backup/1";
/// The member that says what this is.
pub(super) const ABOUT: &str = "allclear-backup.json";
/// The member that is the database.
pub(super) const DATABASE: &str = "allclear.db";

/// `allclear-backup.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct About {
    pub(super) format: String,
    /// Version of the program that wrote it.
    pub(super) written_by: String,
    /// Entries of the audit chain.
    pub(super) entries: i64,
    /// Hash of the last.
    pub(super) head: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let config = installation::settings()?;
    let database = sqlite_file(&config)?;
    let place = arguments.file.as_path();
    if place.exists() {
        return Err(Stop::Cannot(format!("{} is there already: name a new file", place.display())));
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e: std::io::Error| Stop::file("write", place, &e);
    let scratch = tempfile::tempdir_in(folder).map_err(failed)?;
    let copy = scratch.path().join(DATABASE);
    store::copy_sqlite(database, &copy)?;
    // The copy is checked, not the original: what cannot be proved now could not be proved after its return either.
    let found = store::look(&Address::Sqlite(copy.clone()), crate::actions::watch_integrity::verify)?;
    super::audit::holds(&found)?;
    let about = About {
        format: FORMAT.to_owned(),
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        entries: found.entries,
        head: found.head,
    };
    let part = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let files = write(part.as_file(), &about, &copy, &config.data).map_err(failed)?;
    part.persist_noclobber(place).map_err(|e| failed(e.error))?;
    println!("Wrote {}: {} entries of the audit chain, {files} files", place.display(), about.entries);
    println!("The key file is not in it; keep a copy of {} apart", config.key_file.display());
    Ok(())
}

/// The database, if it is a file that we can copy.
fn sqlite_file(config: &Config) -> Result<&Path, Stop> {
    match &config.database {
        Address::Sqlite(path) => Ok(path),
        Address::Postgres(_) => Err(Stop::Cannot(format!(
            "the database is PostgreSQL: back it up with `pg_dump --format=custom`, and copy the folders sealed, redacted, bundles and assets of {} after it",
            config.data.display()
        ))),
    }
}

fn write(file: &File, about: &About, database: &Path, data: &Path) -> std::io::Result<u64> {
    let mut tar = tar::Builder::new(BufWriter::with_capacity(256 * 1024, file));
    tar.mode(tar::HeaderMode::Deterministic);
    let text = serde_json::to_vec_pretty(about)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    tar.append_data(&mut header, ABOUT, text.as_slice())?;
    tar.append_path_with_name(database, DATABASE)?;
    let mut files = 0;
    for shelf in Shelf::ALL {
        files += add_shelf(&mut tar, shelf.folder(), data)?;
    }
    tar.into_inner()?.flush()?;
    file.sync_all()?;
    Ok(files)
}

fn add_shelf<W: Write>(tar: &mut tar::Builder<W>, shelf: &str, data: &Path) -> std::io::Result<u64> {
    let mut files = 0;
    let folder = data.join(shelf);
    if !folder.exists() {
        return Ok(0);
    }
    for entry in std::fs::read_dir(&folder)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str().filter(|name| !name.ends_with(".part")) else { continue };
        match File::open(folder.join(name)) {
            Ok(mut file) => tar.append_file(format!("{shelf}/{name}"), &mut file)?,
            // Shredded or swept between the listing and now: its row says so, or has never been.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        }
        files += 1;
    }
    Ok(files)
}
