//! Writing a bundle.

use super::format::{
    FORMAT, Lifted, MANIFEST, Manifest, Member, REMOVALS, Removal, SEAL, SEAL_SIGNATURE, SIGNATURE, SignatureFile,
};
use crate::redaction::Redacted;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A bundle could not be written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Reading a member or writing the zip failed.
    #[error("the bundle cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The zip writer refused.
    #[error("the bundle cannot be written: {0}")]
    Zip(#[from] zip::result::ZipError),
}

/// A file on the redacted shelf: written by the redactor, named by a row.
pub struct RedactedFile(std::fs::File);

impl RedactedFile {
    /// Vouches that this file came off the redacted shelf; a house test allows the call in one place only.
    pub fn from_redacted_shelf(file: std::fs::File) -> Self {
        Self(file)
    }
}

/// A re-encoded picture that a named person looked at, for this bundle and audience.
pub struct ReleasedPicture(std::fs::File);

impl ReleasedPicture {
    /// Vouches that the release was found; a house test allows the call in one place only.
    pub fn released(file: std::fs::File) -> Self {
        Self(file)
    }
}

/// What a member is made of. There is deliberately no variant for a plain string.
pub enum Body {
    /// Redacted text.
    Text(Redacted),
    /// A redacted file.
    File(RedactedFile),
    /// A released picture.
    Picture(ReleasedPicture),
}

/// All that goes into a bundle.
pub struct Contents {
    /// The incident's reference.
    pub reference: String,
    /// Whom it is for.
    pub audience: String,
    /// Path and body, in the order of the zip.
    pub members: Vec<(String, Body)>,
    /// What was removed.
    pub removals: Vec<Removal>,
    /// What the second scan finds and people have called a false alarm.
    pub lifted: Vec<Lifted>,
    /// The rules of redaction, in words.
    pub rules: String,
}

/// How a bundle is signed.
pub trait Sign {
    /// Name of the key.
    fn key_id(&self) -> String;
    /// Its public half, base64.
    fn public_key(&self) -> String;
    /// Signature over `message`, base64.
    fn sign(&self, message: &[u8]) -> String;
}

/// Writes the zip, signs its manifest, and seals the whole file by a signature in the zip's comment.
pub fn write<W: Read + Write + Seek>(out: W, contents: Contents, signer: &impl Sign) -> Result<(), BundleError> {
    let mut zip = ZipWriter::new(out);
    let mut members = Vec::new();
    for (path, body) in contents.members {
        let (size, sha256) = match body {
            Body::Text(text) => add(&mut zip, &path, &mut text.as_str().as_bytes())?,
            Body::File(RedactedFile(mut file)) | Body::Picture(ReleasedPicture(mut file)) => {
                add(&mut zip, &path, &mut file)?
            }
        };
        members.push(Member { path, size, sha256 });
    }
    let removals = pretty(&contents.removals)?;
    let (size, sha256) = add(&mut zip, REMOVALS, &mut removals.as_slice())?;
    members.push(Member { path: REMOVALS.to_owned(), size, sha256 });
    let manifest = pretty(&Manifest {
        format: FORMAT.to_owned(),
        reference: contents.reference,
        audience: contents.audience,
        members,
        lifted: contents.lifted,
        rules: contents.rules,
    })?;
    add(&mut zip, MANIFEST, &mut manifest.as_slice())?;
    let signature = SignatureFile {
        algorithm: "Ed25519".to_owned(),
        key_id: signer.key_id(),
        public_key: signer.public_key(),
        signature: signer.sign(&manifest),
    };
    add(&mut zip, SIGNATURE, &mut pretty(&signature)?.as_slice())?;
    // The comment stands last in a zip: reserve it, hash what is before it, then write the signature over it.
    zip.set_comment(format!("{SEAL}{}", "-".repeat(SEAL_SIGNATURE)))?;
    let out = zip.finish()?;
    seal(out, signer)
}

fn seal<W: Read + Write + Seek>(mut out: W, signer: &impl Sign) -> Result<(), BundleError> {
    let length = out.seek(SeekFrom::End(0))? - SEAL_SIGNATURE as u64;
    out.rewind()?;
    let digest = digest_of(&mut (&mut out).take(length))?;
    out.seek(SeekFrom::Start(length))?;
    out.write_all(signer.sign(&digest).as_bytes())?;
    out.flush()?;
    Ok(())
}

/// SHA-256 of all that a reader gives.
pub(super) fn digest_of(input: &mut impl Read) -> std::io::Result<[u8; 32]> {
    let mut digest = Digesting { out: std::io::sink(), hasher: Sha256::new(), size: 0 };
    std::io::copy(input, &mut digest)?;
    Ok(digest.hasher.finalize().into())
}

/// Counts and hashes what is written through it.
struct Digesting<W> {
    out: W,
    hasher: Sha256,
    size: u64,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

fn pretty(value: &impl serde::Serialize) -> Result<Vec<u8>, BundleError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(std::io::Error::from)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Adds a member and says its size and hash. No clock and no user enter the zip: time and rights are constants.
fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, path: &str, body: &mut dyn Read) -> Result<(u64, String), BundleError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644)
        .large_file(true);
    zip.start_file(path, options)?;
    let mut digest = Digesting { out: zip, hasher: Sha256::new(), size: 0 };
    std::io::copy(body, &mut digest)?;
    Ok((digest.size, hex::encode(digest.hasher.finalize())))
}
