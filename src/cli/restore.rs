//! `allclear restore`: a backup into an empty place. Everything is unpacked and checked beside it first; the place is
//! filled in one step, or stays empty.

use super::backup::{ABOUT, About, DATABASE, FORMAT};
use super::{Stop, installation};
use crate::app;
use crate::config::Config;
use crate::store::{self, Address};
use crate::vault::Shelf;
use std::fs::File;
use std::io::BufReader;
use std::path::{Component, Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The backup.
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let config = installation::settings()?;
    let database = empty_place(&config)?;
    let file = File::open(&arguments.file).map_err(|e| Stop::file("read", &arguments.file, &e))?;
    let around = config.data.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    app::make_data_folder(around)?;
    let scratch = tempfile::tempdir_in(around).map_err(|e| Stop::file("write to", around, &e))?;
    let unpacked = scratch.path().join("data");
    app::make_data_folder(&unpacked)?;
    let about = unpack(file, &unpacked)
        .map_err(|why| Stop::Cannot(format!("{} is not a whole backup: {why}", arguments.file.display())))?;

    let copy = Address::Sqlite(unpacked.join(DATABASE));
    store::bring_up_to_date(&copy)?;
    let found = store::look(&copy, crate::actions::watch_integrity::verify)?;
    super::audit::holds(&found)?;
    if (found.entries, &found.head) != (about.entries, &about.head) {
        return Err(Stop::DoesNotHold(
            "the backup's audit chain does not end where the backup says it does".to_owned(),
        ));
    }
    settle(&unpacked, &config, &database)?;
    println!(
        "Restored into {}: the audit chain holds, {} entries, head {}",
        config.data.display(),
        found.entries,
        found.head
    );
    if !config.key_file.exists() {
        println!("Put the key file back to {} before you start; without it nothing opens", config.key_file.display());
    }
    Ok(())
}

/// Refuses to mix two installations.
fn empty_place(config: &Config) -> Result<PathBuf, Stop> {
    let Address::Sqlite(database) = &config.database else {
        return Err(Stop::Cannot(
            "the database is PostgreSQL: bring it back with `pg_restore`, and copy the folders sealed, redacted, bundles and assets back into the data folder".to_owned(),
        ));
    };
    let is_used = std::fs::read_dir(&config.data).is_ok_and(|mut files| files.next().is_some());
    if is_used || database.exists() {
        return Err(Stop::Cannot(format!(
            "{} is not empty: restore into a new folder (ALLCLEAR_DATA) or move the old one away first",
            if is_used { config.data.display() } else { database.display() }
        )));
    }
    Ok(database.clone())
}

/// Unpacks what a backup may hold, and nothing else.
fn unpack(file: File, into: &Path) -> Result<About, String> {
    let mut about = None;
    let mut archive = tar::Archive::new(BufReader::with_capacity(256 * 1024, file));
    for entry in archive.entries().map_err(|e| e.to_string())? {
        let mut entry = entry.map_err(|e| e.to_string())?;
        let path = entry.path().map_err(|e| e.to_string())?.into_owned();
        if !entry.header().entry_type().is_file() || !belongs(&path) {
            return Err(format!("it holds {}, which does not belong there", path.display()));
        }
        if path == Path::new(ABOUT) {
            let read: About = serde_json::from_reader(&mut entry).map_err(|e| format!("{ABOUT}: {e}"))?;
            if read.format != FORMAT {
                return Err(format!("{ABOUT} names a format that this version does not know"));
            }
            about = Some(read);
            continue;
        }
        let place = into.join(&path);
        if let Some(folder) = place.parent() {
            app::make_data_folder(folder).map_err(|e| e.to_string())?;
        }
        let mut out = File::create_new(&place).map_err(|e| format!("{}: {e}", path.display()))?;
        std::io::copy(&mut entry, &mut out).map_err(|e| format!("{}: {e}", path.display()))?;
        out.sync_all().map_err(|e| format!("{}: {e}", path.display()))?;
    }
    if !into.join(DATABASE).exists() {
        return Err("there is no database in it".to_owned());
    }
    about.ok_or_else(|| format!("{ABOUT} is missing"))
}

/// The database, or one plain name on a known shelf.
fn belongs(path: &Path) -> bool {
    let parts: Vec<Component> = path.components().collect();
    match parts.as_slice() {
        [Component::Normal(name)] => *name == ABOUT || *name == DATABASE,
        [Component::Normal(shelf), Component::Normal(_)] => Shelf::ALL.iter().any(|known| *shelf == known.folder()),
        _ => false,
    }
}

/// Moves what was checked into its place. The write-ahead log was emptied when the last connection closed.
fn settle(unpacked: &Path, config: &Config, database: &Path) -> Result<(), Stop> {
    let failed = |e: std::io::Error| Stop::file("fill", &config.data, &e);
    for beside in ["allclear.db-wal", "allclear.db-shm"] {
        let _ = std::fs::remove_file(unpacked.join(beside));
    }
    if database != config.data.join(DATABASE) {
        if let Some(folder) = database.parent() {
            app::make_data_folder(folder)?;
        }
        std::fs::copy(unpacked.join(DATABASE), database).map_err(failed)?;
        std::fs::remove_file(unpacked.join(DATABASE)).map_err(failed)?;
    }
    if config.data.exists() {
        std::fs::remove_dir(&config.data).map_err(failed)?;
    }
    std::fs::rename(unpacked, &config.data).map_err(failed)
}
