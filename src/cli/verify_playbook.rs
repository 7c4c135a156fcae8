//! `allclear verify` of a playbook file: is it what was signed, by a key that is known, with a provenance?

use super::Stop;
use super::verify::report_signature;
use crate::domain::playbook_file::{FILE_MAX, FORMAT, PlaybookFile};
use crate::vault::PublicKey;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Does the file begin like one?
pub(super) fn resembles(file: &mut File) -> bool {
    let mut head = [0; 1024];
    let read = file.read(&mut head).unwrap_or(0);
    let _ = file.seek(SeekFrom::Start(0));
    let text = String::from_utf8_lossy(&head[..read]);
    text.trim_start().starts_with('{') && text.contains("\"document\"")
}

/// `pinned`: a key was given, so no other will do.
pub(super) fn run(path: &Path, trusted: &[PublicKey], pinned: bool) -> Result<(), Stop> {
    let name = path.display();
    let size = path.metadata().map_err(|error| Stop::file("read", path, &error))?.len();
    if size > FILE_MAX as u64 {
        return Err(Stop::Cannot(format!("{name} is larger than a playbook file may be")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Stop::file("read", path, &error))?;
    let file: PlaybookFile = serde_json::from_str(&text).map_err(|error| {
        Stop::Cannot(format!("{name} is no playbook file (line {}, column {})", error.line(), error.column()))
    })?;
    let does_not_hold = |why: &str| Err(Stop::DoesNotHold(format!("{name} does not hold: {why}")));
    if file.document.format != FORMAT {
        return Err(Stop::Cannot(format!("{name} has another format than {FORMAT}")));
    }
    let Some(signature) = &file.signature else { return does_not_hold("it is not signed") };
    let message = file.document.message();
    if !PublicKey::parse(&signature.public_key).is_ok_and(|key| key.holds(&message, &signature.value)) {
        return does_not_hold("it was changed after it was signed");
    }
    let Some(provenance) = file.document.provenance.as_ref().filter(|provenance| provenance.is_whole()) else {
        return does_not_hold("it does not say where it comes from");
    };
    let known = trusted.iter().any(|key| key.holds(&message, &signature.value));
    if pinned && !known {
        return does_not_hold("it is signed by another key than the one given");
    }
    println!(
        "Playbook of {}, version {}, {} steps",
        provenance.source_site,
        provenance.version,
        file.document.playbook.steps.len()
    );
    println!("Exported {}, owner {}", provenance.exported_at, provenance.owner);
    report_signature(known, &signature.key_id);
    Ok(())
}
