//! Sealed originals: encrypted while they stream in, read again only by the redactor.
//!
//! STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over ChaCha20-Poly1305 in pieces of 64 KiB: a piece
//! that is altered, moved or missing at the end is noticed. Each file has a fresh key, so the nonce can be fixed.

use super::blobs::{Part, keep_name};
use super::key_file::KeyFile;
use super::{VaultError, wrap};
use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::ChaCha20Poly1305;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// Plain bytes per encrypted piece.
const PIECE: usize = 64 * 1024;
/// Bytes that encryption adds to a piece.
const TAG: usize = 16;
const KEY_PURPOSE: &str = "sealing key";

/// A sealed original, as its row remembers it.
#[derive(Clone)]
pub struct Sealed {
    /// File name on the sealed shelf.
    pub file: String,
    /// Its key, wrapped.
    pub wrapped_key: String,
    /// Plain bytes.
    pub size: u64,
}

/// Encrypts what is written to it. Nothing remains unless [`SealedWriter::finish`] is reached.
pub struct SealedWriter {
    part: Part,
    name: String,
    keys: Arc<KeyFile>,
    key: Zeroizing<[u8; 32]>,
    encryptor: EncryptorBE32<ChaCha20Poly1305>,
    waiting: Zeroizing<Vec<u8>>,
    size: u64,
}

impl SealedWriter {
    pub(super) fn begin(shelf: PathBuf, keys: Arc<KeyFile>) -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|e| VaultError::Io(format!("no randomness: {e}")))?;
        let name = keep_name("sealed");
        Ok(Self {
            part: Part::begin(&shelf, &name)?,
            name,
            keys,
            encryptor: EncryptorBE32::new((&*key).into(), &Default::default()),
            key,
            waiting: Zeroizing::new(Vec::with_capacity(PIECE)),
            size: 0,
        })
    }

    /// Ends the file and makes it durable.
    pub fn finish(mut self) -> Result<Sealed, VaultError> {
        let last = self
            .encryptor
            .encrypt_last(self.waiting.as_slice())
            .map_err(|_| VaultError::Io("the original could not be encrypted".into()))?;
        self.part.write_all(&last).map_err(|e| VaultError::Io(format!("cannot write the original: {e}")))?;
        self.part.keep()?;
        let wrapped_key = wrap::wrap(self.keys.master(), KEY_PURPOSE, self.key.as_slice())?;
        Ok(Sealed { file: self.name, wrapped_key, size: self.size })
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A full piece waits until more comes: the last piece is marked, so it must be known to be the last.
        if self.waiting.len() == PIECE {
            let piece = self
                .encryptor
                .encrypt_next(self.waiting.as_slice())
                .map_err(|_| std::io::Error::other("the original is too large to be sealed"))?;
            self.part.write_all(&piece)?;
            self.waiting.zeroize();
        }
        let taken = bytes.len().min(PIECE - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Decrypts a sealed original piece by piece.
pub struct SealedReader {
    file: BufReader<std::fs::File>,
    decryptor: Option<DecryptorBE32<ChaCha20Poly1305>>,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    ahead: Vec<u8>,
}

impl SealedReader {
    pub(super) fn open(path: &Path, master: &[u8; 32], wrapped_key: &str) -> Result<Self, VaultError> {
        let key = Zeroizing::new(wrap::unwrap(master, KEY_PURPOSE, wrapped_key)?.as_key()?);
        let file = std::fs::File::open(path).map_err(|e| VaultError::io("read", path, &e))?;
        let mut reader = Self {
            file: BufReader::with_capacity(PIECE + TAG, file),
            decryptor: Some(DecryptorBE32::new((&*key).into(), &Default::default())),
            plain: Zeroizing::new(Vec::new()),
            at: 0,
            ahead: Vec::new(),
        };
        reader.ahead = reader.next_piece().map_err(|e| VaultError::io("read", path, &e))?;
        Ok(reader)
    }

    fn next_piece(&mut self) -> std::io::Result<Vec<u8>> {
        let mut piece = Vec::with_capacity(PIECE + TAG);
        self.file.by_ref().take((PIECE + TAG) as u64).read_to_end(&mut piece)?;
        Ok(piece)
    }

    /// Decrypts the piece that was read ahead; false at the end.
    fn advance(&mut self) -> std::io::Result<bool> {
        let Some(mut decryptor) = self.decryptor.take() else { return Ok(false) };
        let damaged = |_| std::io::Error::new(std::io::ErrorKind::InvalidData, "the sealed original was altered");
        let following = self.next_piece()?;
        let piece = std::mem::replace(&mut self.ahead, following);
        self.plain = Zeroizing::new(if self.ahead.is_empty() {
            decryptor.decrypt_last(piece.as_slice()).map_err(damaged)?
        } else {
            let plain = decryptor.decrypt_next(piece.as_slice()).map_err(damaged)?;
            self.decryptor = Some(decryptor);
            plain
        });
        self.at = 0;
        Ok(true)
    }
}

impl Read for SealedReader {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.plain.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let taken = out.len().min(self.plain.len() - self.at);
        out[..taken].copy_from_slice(&self.plain[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use crate::vault::{KeyFile, Shelf, Vault};
    use std::io::{Read, Write};

    #[test]
    fn an_original_comes_back_and_a_changed_one_does_not() {
        let place = tempfile::tempdir().unwrap();
        let vault = Vault::open(place.path(), KeyFile::ephemeral().unwrap()).unwrap();
        for size in [0, 1, 65_535, 65_536, 65_537, 200_000] {
            let plain: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let mut writer = vault.seal().unwrap();
            writer.write_all(&plain).unwrap();
            let sealed = writer.finish().unwrap();
            assert_eq!(sealed.size, size as u64);
            let mut back = Vec::new();
            vault.open_sealed(&sealed.file, &sealed.wrapped_key).unwrap().read_to_end(&mut back).unwrap();
            assert_eq!(back, plain);

            let path = vault.path(Shelf::Sealed, &sealed.file).unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let mut reader = vault.open_sealed(&sealed.file, &sealed.wrapped_key).unwrap();
            assert!(reader.read_to_end(&mut Vec::new()).is_err());
        }
    }

    #[test]
    fn nothing_remains_of_an_upload_that_was_cut_off() {
        let place = tempfile::tempdir().unwrap();
        let vault = Vault::open(place.path(), KeyFile::ephemeral().unwrap()).unwrap();
        let mut writer = vault.seal().unwrap();
        writer.write_all(b"half").unwrap();
        drop(writer);
        assert_eq!(vault.files(Shelf::Sealed).unwrap(), Vec::<String>::new());
    }
}
