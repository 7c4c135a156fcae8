//! Opening the redacted form of a piece of evidence. When other evidence reveals a value, a new version replaces it and
//! the file of the old one goes: whoever had just looked up its name looks again.

use super::Failure;
use super::intake::until_settled;
use crate::vault::{Shelf, Vault, VaultError};
use std::fs::File;

/// Opens a file of the redacted shelf. [`Failure::Stale`]: it was replaced meanwhile; look up its row again.
pub fn open(vault: &Vault, file: &str) -> Result<File, Failure> {
    vault.read(Shelf::Redacted, file).map_err(|error| match error {
        VaultError::Gone(_) => Failure::Stale,
        other => other.into(),
    })
}

/// Looks up and opens again as long as what was looked up is replaced. A file that stays away is a fault of ours.
pub fn while_replaced<T>(look: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    match until_settled(look) {
        Err(Failure::Stale) => Err(Failure::Broken("the file of a piece of evidence is not on its shelf".into())),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::KeyFile;
    use std::io::Write;

    #[test]
    fn what_was_replaced_between_looking_up_and_opening_is_looked_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), KeyFile::ephemeral().unwrap()).unwrap();
        let mut file = vault.write(Shelf::Redacted, "txt").unwrap();
        file.write_all(b"the new version").unwrap();
        let blob = file.finish().unwrap();
        let mut names = ["0123.txt", blob.file.as_str()].into_iter();
        let opened = while_replaced(|| open(&vault, names.next().unwrap())).unwrap();
        assert_eq!(opened.metadata().unwrap().len(), blob.size);
        assert!(matches!(while_replaced(|| open(&vault, "0123.txt")), Err(Failure::Broken(_))));
    }
}
