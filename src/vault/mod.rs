//! What lies in the data folder beside the database, and the keys to it.
//!
//! One key file, outside the data folder, wraps every other key. Originals are encrypted while they stream in, each
//! under a key of its own; there is no way out for them but into the redactor. Redacted forms and bundles lie beside
//! them in the clear.

mod blobs;
mod error;
mod key_file;
mod sealed;
mod signer;
mod wrap;

pub use blobs::{Blob, BlobWriter, Shelf};
pub use error::VaultError;
pub use key_file::KeyFile;
pub use sealed::{Sealed, SealedReader, SealedWriter};
pub use signer::{PublicKey, SignedToken, Signer};
pub use wrap::Secret;

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Keys and files of one installation; cheap to clone.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<KeyFile>,
    folder: PathBuf,
}

impl Vault {
    /// Opens the data folder and makes what is missing in it.
    pub fn open(folder: &Path, keys: KeyFile) -> Result<Self, VaultError> {
        for shelf in Shelf::ALL {
            blobs::prepare(&folder.join(shelf.folder()))?;
        }
        Ok(Self { keys: Arc::new(keys), folder: folder.to_owned() })
    }

    /// Sweeps out what a killed server left half-written. Only a server that is starting may: another process's uploads
    /// look the same.
    pub fn sweep_half_written(&self) -> Result<(), VaultError> {
        Shelf::ALL.into_iter().try_for_each(|shelf| blobs::sweep(&self.shelf(shelf)))
    }

    /// Encrypts a few bytes under the key file, for a column; `purpose` must be the same to read them again.
    pub fn wrap(&self, purpose: &str, plain: &[u8]) -> Result<String, VaultError> {
        wrap::wrap(self.keys.master(), purpose, plain)
    }

    /// Reads back what [`Vault::wrap`] wrote.
    pub fn unwrap(&self, purpose: &str, wrapped: &str) -> Result<Secret, VaultError> {
        wrap::unwrap(self.keys.master(), purpose, wrapped)
    }

    /// Keyed hash under the key file, hexadecimal: tells equal values without keeping them.
    pub fn fingerprint(&self, purpose: &str, value: &[u8]) -> String {
        wrap::fingerprint(self.keys.master(), purpose, value)
    }

    /// Begins a sealed original.
    pub fn seal(&self) -> Result<SealedWriter, VaultError> {
        SealedWriter::begin(self.shelf(Shelf::Sealed), self.keys.clone())
    }

    /// Opens a sealed original for the redactor.
    pub fn open_sealed(&self, file: &str, wrapped_key: &str) -> Result<SealedReader, VaultError> {
        SealedReader::open(&self.path(Shelf::Sealed, file)?, self.keys.master(), wrapped_key)
    }

    /// Begins a file on an open shelf.
    pub fn write(&self, shelf: Shelf, ending: &str) -> Result<BlobWriter, VaultError> {
        BlobWriter::begin(self.shelf(shelf), ending)
    }

    /// A file that is there.
    pub fn read(&self, shelf: Shelf, file: &str) -> Result<std::fs::File, VaultError> {
        let path = self.path(shelf, file)?;
        std::fs::File::open(&path).map_err(|e| VaultError::io("read", &path, &e))
    }

    /// Where a file lies, for streaming it to a client.
    pub fn path(&self, shelf: Shelf, file: &str) -> Result<PathBuf, VaultError> {
        let plain =
            !file.is_empty() && file.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') && !file.starts_with('.');
        if plain {
            Ok(self.shelf(shelf).join(file))
        } else {
            Err(VaultError::Damaged("a file name in the database".into()))
        }
    }

    /// Removes a file; that it is gone already is no error.
    pub fn remove(&self, shelf: Shelf, file: &str) -> Result<(), VaultError> {
        let path = self.path(shelf, file)?;
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(VaultError::io("remove", &path, &e)),
            _ => Ok(()),
        }
    }

    /// The files of a shelf, for the sweep of what no row knows.
    pub fn files(&self, shelf: Shelf) -> Result<Vec<String>, VaultError> {
        blobs::list(&self.shelf(shelf))
    }

    fn shelf(&self, shelf: Shelf) -> PathBuf {
        self.folder.join(shelf.folder())
    }
}
