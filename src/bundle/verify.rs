//! Checking a bundle, offline, without trusting a byte of it.

use super::format::{FORMAT, MANIFEST, Manifest, Member, SEAL, SEAL_SIGNATURE, SIGNATURE, SignatureFile};
use super::write::digest_of;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use zip::ZipArchive;

/// What the signature is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// It is of a key that the asker knows.
    Known,
    /// It is right, but nobody vouches for the key: integrity only.
    Unknown,
    /// It is wrong.
    Wrong,
}

/// What a check found.
#[derive(Debug)]
pub struct Verified {
    /// The manifest.
    pub manifest: Manifest,
    /// The key that signed.
    pub key_id: String,
    /// What the signature is worth.
    pub signature: SignatureCheck,
    /// Everything that does not hold, each in one sentence; empty: the bundle is what was signed.
    pub problems: Vec<String>,
}

/// Looks at a member by its path and bytes, and names the problems it sees.
pub type Look<'l> = &'l mut dyn FnMut(&str, &mut dyn Read) -> std::io::Result<Vec<String>>;

/// Largest manifest or signature that is read.
const SMALL_MAX: u64 = 16 * 1024 * 1024;
/// Largest member that is unpacked: a bomb stops here.
pub const MEMBER_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// Checks seal, structure, hashes and signature, and hands every member to `look` (the second scan), which names
/// problems. `check(signature file, message, signature)` says what a signature over `message` is worth.
pub fn verify<R: Read + Seek>(
    mut input: R,
    check: impl Fn(&SignatureFile, &[u8], &str) -> SignatureCheck,
    look: Look,
) -> Result<Verified, String> {
    let seal = read_seal(&mut input);
    let mut zip = ZipArchive::new(input).map_err(|e| format!("this is not a bundle: {e}"))?;
    let manifest_bytes = read_small(&mut zip, MANIFEST)?;
    let signature_bytes = read_small(&mut zip, SIGNATURE)?;
    let manifest: Manifest =
        serde_json::from_slice(&manifest_bytes).map_err(|e| format!("{MANIFEST} cannot be read: {e}"))?;
    if manifest.format != FORMAT {
        return Err(format!("{MANIFEST} names a format that this version does not know"));
    }
    let signature: SignatureFile =
        serde_json::from_slice(&signature_bytes).map_err(|e| format!("{SIGNATURE} cannot be read: {e}"))?;
    let mut problems = Vec::new();
    let worth = check(&signature, &manifest_bytes, &signature.signature);
    if worth == SignatureCheck::Wrong {
        problems.push("the signature is not over this manifest".to_owned());
    }
    match seal {
        Some((digest, seal)) if check(&signature, &digest, &seal) != SignatureCheck::Wrong => {}
        _ => problems.push("the file was changed after it was sealed".to_owned()),
    }
    compare_names(&zip, &manifest, &mut problems);
    for member in &manifest.members {
        check_member(&mut zip, member, look, &mut problems);
    }
    Ok(Verified { manifest, key_id: signature.key_id, signature: worth, problems })
}

/// What a bundle of our own says about itself.
pub struct Inside {
    /// The manifest.
    pub manifest: Manifest,
    /// `report.json`.
    pub report: serde_json::Value,
}

/// Reads manifest and report of a bundle that lies on our own shelf; checks nothing.
pub fn look_inside<R: Read + Seek>(input: R) -> Result<Inside, String> {
    let mut zip = ZipArchive::new(input).map_err(|e| format!("this is not a bundle: {e}"))?;
    let manifest = read_small(&mut zip, MANIFEST)?;
    let manifest = serde_json::from_slice(&manifest).map_err(|e| format!("{MANIFEST} cannot be read: {e}"))?;
    let report = read_small(&mut zip, "report.json")?;
    let report = serde_json::from_slice(&report).map_err(|e| format!("report.json cannot be read: {e}"))?;
    Ok(Inside { manifest, report })
}

/// Digest of all before the seal, and the seal.
fn read_seal<R: Read + Seek>(input: &mut R) -> Option<([u8; 32], String)> {
    let length = input.seek(SeekFrom::End(0)).ok()?.checked_sub(SEAL_SIGNATURE as u64)?;
    input.seek(SeekFrom::Start(length.checked_sub(SEAL.len() as u64)?)).ok()?;
    let mut comment = String::new();
    input.read_to_string(&mut comment).ok()?;
    let seal = comment.strip_prefix(SEAL)?.to_owned();
    input.rewind().ok()?;
    let digest = digest_of(&mut input.take(length)).ok()?;
    Some((digest, seal))
}

fn check_member<R: Read + Seek>(zip: &mut ZipArchive<R>, member: &Member, look: Look, problems: &mut Vec<String>) {
    // A member that is missing is named by the comparison of names.
    let Ok(file) = zip.by_name(&member.path) else { return };
    let mut reader = HashingReader { inner: file.take(MEMBER_MAX), hasher: Sha256::new(), size: 0 };
    let seen = look(&member.path, &mut reader).and_then(|found| {
        std::io::copy(&mut reader, &mut std::io::sink())?;
        Ok(found)
    });
    match seen {
        Ok(found) => problems.extend(found),
        Err(e) => problems.push(format!("{} cannot be unpacked: {e}", member.path)),
    }
    if reader.size != member.size || hex::encode(reader.hasher.finalize()) != member.sha256 {
        problems.push(format!("{} is not the file that was signed", member.path));
    }
}

fn read_small<R: Read + Seek>(zip: &mut ZipArchive<R>, name: &str) -> Result<Vec<u8>, String> {
    let file = zip.by_name(name).map_err(|_| format!("this is not a bundle: {name} is missing or damaged"))?;
    let mut bytes = Vec::new();
    file.take(SMALL_MAX).read_to_end(&mut bytes).map_err(|e| format!("{name} cannot be unpacked: {e}"))?;
    Ok(bytes)
}

fn compare_names<R: Read + Seek>(zip: &ZipArchive<R>, manifest: &Manifest, problems: &mut Vec<String>) {
    let present: BTreeSet<String> = zip
        .file_names()
        .map(|name| name.map_or_else(|_| "a member with an unreadable name".to_owned(), |name| name.into_owned()))
        .filter(|name| ![MANIFEST, SIGNATURE].contains(&name.as_str()))
        .collect();
    let signed: BTreeSet<String> = manifest.members.iter().map(|member| member.path.clone()).collect();
    problems.extend(signed.difference(&present).map(|name| format!("{name} is missing")));
    problems.extend(present.difference(&signed).map(|name| format!("{name} was added after signing")));
    if zip.len() != present.len() + 2 {
        problems.push("a member stands in the zip twice".to_owned());
    }
}

struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
    size: u64,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(out)?;
        self.hasher.update(&out[..read]);
        self.size += read as u64;
        Ok(read)
    }
}
