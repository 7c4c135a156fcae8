//! Files on the shelves of the data folder: written beside, made durable, then moved into place, so that a name that
//! exists always stands for the whole file.

use super::VaultError;
use sha2::{Digest, Sha256};
use std::io::{BufWriter, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The folders of the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Encrypted originals.
    Sealed,
    /// Redacted forms of evidence.
    Redacted,
    /// Bundles.
    Bundles,
    /// Pictures of generated assets, and their small forms.
    Assets,
}

impl Shelf {
    /// Every shelf.
    pub const ALL: [Shelf; 4] = [Shelf::Sealed, Shelf::Redacted, Shelf::Bundles, Shelf::Assets];

    /// Its folder in the data folder.
    pub fn folder(self) -> &'static str {
        match self {
            Shelf::Sealed => "sealed",
            Shelf::Redacted => "redacted",
            Shelf::Bundles => "bundles",
            Shelf::Assets => "assets",
        }
    }
}

const HALF_WRITTEN: &str = "part";

/// Makes a shelf.
pub(super) fn prepare(shelf: &Path) -> Result<(), VaultError> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(shelf).map_err(|e| VaultError::io("make", shelf, &e))
}

/// Removes what was left half-written on a shelf.
pub(super) fn sweep(shelf: &Path) -> Result<(), VaultError> {
    for file in list_all(shelf)?.iter().filter(|file| file.ends_with(HALF_WRITTEN)) {
        let path = shelf.join(file);
        std::fs::remove_file(&path).map_err(|e| VaultError::io("remove", &path, &e))?;
    }
    Ok(())
}

pub(super) fn list(shelf: &Path) -> Result<Vec<String>, VaultError> {
    let mut files = list_all(shelf)?;
    files.retain(|file| !file.ends_with(HALF_WRITTEN));
    Ok(files)
}

fn list_all(shelf: &Path) -> Result<Vec<String>, VaultError> {
    let failed = |e: std::io::Error| VaultError::io("list", shelf, &e);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(shelf).map_err(failed)? {
        files.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    Ok(files)
}

/// A fresh file name.
pub(super) fn keep_name(ending: &str) -> String {
    format!("{}.{ending}", uuid::Uuid::now_v7().simple())
}

/// A file that is being written. Dropped before [`Part::keep`], it is removed.
pub(super) struct Part {
    file: BufWriter<std::fs::File>,
    part: PathBuf,
    place: PathBuf,
    kept: bool,
}

impl Part {
    pub(super) fn begin(shelf: &Path, name: &str) -> Result<Self, VaultError> {
        let place = shelf.join(name);
        let part = shelf.join(format!("{name}.{HALF_WRITTEN}"));
        let file = std::fs::File::create_new(&part).map_err(|e| VaultError::io("write", &part, &e))?;
        Ok(Self { file: BufWriter::with_capacity(128 * 1024, file), part, place, kept: false })
    }

    pub(super) fn keep(&mut self) -> Result<(), VaultError> {
        let failed = |e: std::io::Error| VaultError::io("write", &self.place, &e);
        self.file.flush().map_err(failed)?;
        self.file.get_ref().sync_all().map_err(failed)?;
        std::fs::rename(&self.part, &self.place).map_err(failed)?;
        self.kept = true;
        if let Some(shelf) = self.place.parent() {
            std::fs::File::open(shelf).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(())
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// A file on a shelf, as its row remembers it.
#[derive(Clone, Debug)]
pub struct Blob {
    /// File name on its shelf.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Writes a file to a shelf and hashes it on the way.
pub struct BlobWriter {
    part: Part,
    name: String,
    hasher: Sha256,
    size: u64,
}

impl BlobWriter {
    pub(super) fn begin(shelf: PathBuf, ending: &str) -> Result<Self, VaultError> {
        let name = keep_name(ending);
        Ok(Self { part: Part::begin(&shelf, &name)?, name, hasher: Sha256::new(), size: 0 })
    }

    /// Ends the file and makes it durable.
    pub fn finish(mut self) -> Result<Blob, VaultError> {
        self.part.keep()?;
        Ok(Blob { file: self.name, size: self.size, sha256: hex::encode(self.hasher.finalize()) })
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = self.part.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.part.flush()
    }
}
