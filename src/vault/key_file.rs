//! The one key that is not in the database: 32 random bytes in a file of its own, outside the data folder, readable
//! by its owner only. Without it, backups of the data folder give nothing away.

use super::VaultError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// The key that wraps all others. Does not print.
pub struct KeyFile {
    master: Zeroizing<[u8; 32]>,
}

impl KeyFile {
    /// Reads the key file, or makes it on first start. `data` is the data folder, which must not hold it.
    pub fn load_or_create(path: &Path, data: &Path) -> Result<Self, VaultError> {
        refuse_beside_its_lock(path, data)?;
        match std::fs::read_to_string(path) {
            Ok(text) => Self::read(path, &Zeroizing::new(text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Self::create(path),
            Err(e) => Err(VaultError::io("read key file", path, &e)),
        }
    }

    /// A key for one process only: what the demo and tests use.
    pub fn ephemeral() -> Result<Self, VaultError> {
        Ok(Self { master: random()? })
    }

    pub(super) fn master(&self) -> &[u8; 32] {
        &self.master
    }

    fn read(path: &Path, text: &str) -> Result<Self, VaultError> {
        let open = std::fs::metadata(path).map_err(|e| VaultError::io("look at", path, &e))?.permissions().mode();
        if open & 0o077 != 0 {
            return Err(VaultError::KeyFile(format!("{} can be read by others: run chmod 600 on it", path.display())));
        }
        let bytes = STANDARD.decode(text.trim()).ok().map(Zeroizing::new);
        let master = bytes
            .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
            .ok_or_else(|| VaultError::KeyFile(format!("{} does not hold 32 bytes in base64", path.display())))?;
        Ok(Self { master: Zeroizing::new(master) })
    }

    fn create(path: &Path) -> Result<Self, VaultError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| VaultError::io("make", folder, &e))?;
        }
        let master = random()?;
        let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*master)));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| VaultError::io("make key file", path, &e))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|e| VaultError::io("write key file", path, &e))?;
        Ok(Self { master })
    }
}

fn refuse_beside_its_lock(path: &Path, data: &Path) -> Result<(), VaultError> {
    let folder = path.parent().map(|folder| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()));
    let data = std::fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    if folder.is_some_and(|folder| folder.starts_with(&data)) {
        return Err(VaultError::KeyFile(format!(
            "{} lies inside the data folder; a key must not lie beside its lock: set ALLCLEAR_KEY_FILE to another place",
            path.display()
        )));
    }
    Ok(())
}

fn random() -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|e| VaultError::Io(format!("no randomness: {e}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_is_made_once_kept_private_and_refused_inside_the_data_folder() {
        let place = tempfile::tempdir().unwrap();
        let (data, path) = (place.path().join("data"), place.path().join("keys/allclear.key"));
        std::fs::create_dir_all(&data).unwrap();
        let first = KeyFile::load_or_create(&path, &data).unwrap();
        let again = KeyFile::load_or_create(&path, &data).unwrap();
        assert_eq!(first.master(), again.master());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(KeyFile::load_or_create(&data.join("allclear.key"), &data).is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(KeyFile::load_or_create(&path, &data).is_err());
    }
}
