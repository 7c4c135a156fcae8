//! What can go wrong with keys and files. Never carries contents.

use std::path::Path;

/// A failure of keys or files.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file system refused.
    #[error("{0}")]
    Io(String),
    /// The file is not there.
    #[error("{0} is not there")]
    Gone(String),
    /// The key file is not what it must be.
    #[error("key file {0}")]
    KeyFile(String),
    /// It does not decrypt: another key file, or altered bytes.
    #[error("{0} cannot be read: it was altered, or belongs to another key file")]
    Damaged(String),
}

impl VaultError {
    /// A file system error with what was tried.
    pub fn io(what: &str, path: &Path, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => VaultError::Gone(path.display().to_string()),
            _ => VaultError::Io(format!("cannot {what} {}: {error}", path.display())),
        }
    }
}
