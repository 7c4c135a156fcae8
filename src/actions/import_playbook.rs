//! A playbook arrives. It is always disabled at first; without a signature and a provenance that hold it is quarantined.

use super::playbooks::{answer, cleaned, findings, owner_on, write_version};
use super::{Answer, Desk, Failure, keep_practice, sight};
use crate::domain::ids::{PlaybookFlagId, PlaybookId};
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{self, PlaybookState};
use crate::domain::playbook_file::{FILE_MAX, FORMAT, PlaybookFile};
use crate::domain::practice::SubjectKind;
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::playbooks::{self, FlagRow, PlaybookRow};
use crate::store::{Connection, Error, Tx, Verb, keys};
use crate::vault::PublicKey;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The practice that an imported playbook is held against.
pub const PRACTICE: &str = "playbook-reuse";

/// An import.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// The playbook's id.
    pub id: String,
    /// `disabled` or `quarantined`.
    pub state: PlaybookState,
    /// Was this very file imported on this site before? Then this is that playbook.
    pub already: bool,
    /// Why it is in quarantine: `unsigned`, `tampered`, `unknown_signer`, `unprovenanced`.
    pub quarantined_because: Vec<String>,
    /// What keeps it from production.
    pub reasons: Vec<Reason>,
}

impl Answer for Imported {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/playbooks/{}", self.id))
    }
}

/// Imports a file on a site.
pub fn run(desk: &Desk, actor: &Actor, site: &str, owner: Option<&str>, text: &str) -> Result<Imported, Failure> {
    desk.answered_before()?;
    let site = match desk.read(|connection| sight::site(connection, actor, site, Act::ImportPlaybook)) {
        Err(Failure::NotFound) => return Err(Failure::field("site", "Name a site of yours by its slug.")),
        other => other?,
    };
    let file = read(text)?;
    let mut errors = playbook::problems(&cleaned(file.document.playbook.clone()));
    errors.extend(findings(desk, &file.document.texts())?);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let why = desk.read(|connection| quarantine(connection, &file))?;
    let redactor = super::pause::registry_redactor(desk)?;
    let clean = |text: &str| redactor.text(text).text;
    let content = super::playbooks::redacted(desk, file.document.playbook.clone())?;
    let provenance = file.document.provenance.as_ref();
    let row = PlaybookRow {
        id: PlaybookId::fresh(),
        site_id: site.id.clone(),
        owner_id: None,
        state: if why.is_empty() { PlaybookState::Disabled } else { PlaybookState::Quarantined },
        // What is not signed may claim any line: it gets one of its own.
        provenance_id: match provenance {
            Some(provenance) if why.is_empty() => provenance.id.clone(),
            _ => PlaybookId::fresh().to_string(),
        },
        source_site: provenance.map(|provenance| clean(&provenance.source_site)),
        source_version: provenance.map(|provenance| provenance.version),
        source_owner: provenance.map(|provenance| clean(&provenance.owner)),
        exported_at: provenance.filter(|p| p.is_whole()).map(|provenance| provenance.exported_at.clone()),
        signed_by: file.signature.as_ref().filter(|_| why.is_empty()).map(|signature| signature.key_id.clone()),
        file_sha256: Some(hash_of(&file)),
        quarantined_because: (!why.is_empty()).then(|| why.join(",")),
        version: 1,
        created_by: actor.reference(),
        created_at: desk.now(),
        released_by: None,
        released_at: None,
    };
    let owner = owner.map(str::to_owned);
    desk.answer(actor, move |tx| {
        if let Some(first) = playbooks::of_file(tx.connection(), &site.id, row.file_sha256.as_deref().unwrap_or(""))? {
            return imported(tx.connection(), &first, true);
        }
        let mut row = row;
        if let Some(email) = owner {
            row.owner_id = Some(owner_on(tx.connection(), &site.id, &email)?);
        }
        store(tx, &row, content)?;
        imported(tx.connection(), &row, false)
    })
}

fn store(tx: &mut Tx, row: &PlaybookRow, content: playbook::Playbook<Redacted>) -> Result<(), Failure> {
    let verb = if row.state == PlaybookState::Quarantined { Verb::Quarantined } else { Verb::Imported };
    match tx.insert(verb, row) {
        Err(Error::Exists) => return Err(Failure::Stale),
        other => other?,
    }
    write_version(tx, row, content, &row.created_by)?;
    if row.state == PlaybookState::Quarantined {
        return Ok(());
    }
    keep_practice::open_in(tx, &row.created_by, PRACTICE, SubjectKind::Playbook, row.id.as_str(), &row.site_id)?;
    // What was reported about its line stands here too.
    for relative in playbooks::of_provenance(tx.connection(), &row.provenance_id)? {
        for flag in playbooks::flags(tx.connection(), &relative.id)? {
            if flag.found_on == relative.id && flag.settled_at.is_none() {
                tx.insert(
                    Verb::Flagged,
                    &FlagRow { id: PlaybookFlagId::fresh(), playbook_id: row.id.clone(), ..flag },
                )?;
            }
        }
    }
    Ok(())
}

fn imported(connection: &mut Connection, row: &PlaybookRow, already: bool) -> Result<Imported, Failure> {
    let answer = answer(connection, row)?;
    let why = row.quarantined_because.as_deref().unwrap_or_default();
    Ok(Imported {
        id: answer.id,
        state: answer.state,
        already,
        quarantined_because: why.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        reasons: answer.reasons,
    })
}

/// Reads a file; says which field is wrong.
fn read(text: &str) -> Result<PlaybookFile, Failure> {
    if text.len() > FILE_MAX {
        return Err(Failure::TooLarge(format!(
            "The file is larger than {} MB. A playbook holds steps, not data.",
            FILE_MAX / 1024 / 1024
        )));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let file: PlaybookFile = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." || path.starts_with('[') || path.contains('?') { "file".to_owned() } else { path };
        // The words of the reader may quote the file: line and column are enough.
        let (line, column) = (error.inner().line(), error.inner().column());
        Failure::field(
            &field,
            format!("This is no playbook file: it cannot be read from line {line}, column {column}."),
        )
    })?;
    reader.end().map_err(|_| Failure::field("file", "There is something after the JSON document."))?;
    if file.document.format != FORMAT {
        return Err(Failure::field("document.format", format!("This program reads {FORMAT}.")));
    }
    if text.contains("\\u0000") {
        return Err(Failure::field("file", "The file holds a NUL character."));
    }
    Ok(file)
}

/// The same file, however it is laid out.
fn hash_of(file: &PlaybookFile) -> String {
    let signature = file.signature.as_ref().map(|signature| signature.value.as_str()).unwrap_or_default();
    hex::encode(Sha256::new().chain_update(file.document.message()).chain_update(signature).finalize())
}

/// Why a file goes into quarantine; empty: it does not.
fn quarantine(connection: &mut Connection, file: &PlaybookFile) -> Result<Vec<&'static str>, Failure> {
    let mut why = Vec::new();
    match &file.signature {
        None => why.push("unsigned"),
        Some(signature) => {
            let holds = PublicKey::parse(&signature.public_key)
                .is_ok_and(|key| key.holds(&file.document.message(), &signature.value));
            let known = keys::list(connection)?
                .iter()
                .any(|key| key.public_key.as_deref() == Some(signature.public_key.as_str()));
            if !holds {
                why.push("tampered");
            } else if !known {
                why.push("unknown_signer");
            }
        }
    }
    if !file.document.provenance.as_ref().is_some_and(|provenance| provenance.is_whole()) {
        why.push("unprovenanced");
    }
    Ok(why)
}
