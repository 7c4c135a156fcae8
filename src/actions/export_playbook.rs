//! A playbook leaves as a signed file. The file has no place for what belongs to one site, and any finding in any text
//! refuses it.

use super::playbooks::{find, findings, refuse_quarantined};
use super::{Answer, Desk, Failure, practice_facts, sight};
use crate::domain::ids::PlaybookExportId;
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{PlaybookState, production_reasons};
use crate::domain::playbook_file::{Document, FORMAT, LocalChange, PlaybookFile, Provenance, Signature};
use crate::domain::problem::Reason;
use crate::store::playbooks::{self, ExportRow, PlaybookRow};
use crate::store::{Connection, Verb, people, sites};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// An export.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Exported {
    /// Its id.
    pub id: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The version that left.
    pub version: i32,
}

impl Answer for Exported {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/playbook-exports/{}", self.id))
    }
}

/// Exports the present version.
pub fn run(desk: &Desk, actor: &Actor, id: &str) -> Result<Exported, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let now = desk.now();
    let (row, document) = desk.read(|connection| {
        let row = find(connection, actor, id, Act::WritePlaybook)?;
        let document = document(connection, &row, now.rfc3339())?;
        Ok::<_, Failure>((row, document))
    })?;
    let found = findings(desk, &document.texts())?;
    if !found.is_empty() {
        let reasons = found.into_iter().map(|error| Reason::new("finding", error.message, "owner, support_lead"));
        return Err(Failure::Refused(reasons.collect()));
    }
    let signature = Signature {
        algorithm: "Ed25519".into(),
        key_id: desk.signer.id().to_owned(),
        public_key: desk.signer.public_key(),
        value: desk.signer.sign(&document.message()),
    };
    let file = PlaybookFile { document, signature: Some(signature) };
    let mut body = serde_json::to_string_pretty(&file).map_err(|error| Failure::Broken(error.to_string()))?;
    body.push('\n');
    let export = ExportRow {
        id: PlaybookExportId::fresh(),
        playbook_id: row.id.clone(),
        version: row.version,
        sha256: hex::encode(Sha256::digest(body.as_bytes())),
        body,
        exported_by: person,
        exported_at: now,
    };
    desk.answer(actor, move |tx| {
        // What was looked at is what leaves: its versions are never changed.
        if playbooks::find(tx.connection(), &row.id)?.version != row.version {
            return Err(Failure::Stale);
        }
        tx.insert(Verb::Exported, &export)?;
        Ok(Exported { id: export.id.to_string(), sha256: export.sha256.clone(), version: export.version })
    })
}

fn document(connection: &mut Connection, row: &PlaybookRow, exported_at: String) -> Result<Document, Failure> {
    refuse_quarantined(row)?;
    let mut reasons = production_reasons(&super::playbooks::import(connection, row)?);
    if row.state == PlaybookState::Disabled {
        let message = "It came from elsewhere and is not released here. Release it, or ask its source for an export.";
        reasons.insert(0, Reason::new("not_released", message, "administrator"));
    }
    let owner = match &row.owner_id {
        Some(owner) if practice_facts::owned(connection, row)? => {
            sight::promised(people::find(connection, owner))?.name
        }
        _ => {
            let message = "Nobody owns it. Name an active owner before it leaves.";
            reasons.push(Reason::new("no_owner", message, "administrator"));
            String::new()
        }
    };
    if !reasons.is_empty() {
        reasons.dedup_by(|second, first| second.code == first.code);
        return Err(Failure::Refused(reasons));
    }
    let content = sight::promised(playbooks::content(connection, row))?.content.into_inner();
    let playbook = content.map(|_, text| text.into_string());
    Ok(Document {
        format: FORMAT.to_owned(),
        provenance: Some(Provenance {
            id: row.provenance_id.clone(),
            version: row.version,
            source_site: sight::promised(sites::find(connection, &row.site_id))?.slug,
            exported_at,
            owner,
        }),
        required_local_changes: (playbook.placeholders.iter())
            .map(|placeholder| LocalChange {
                placeholder: placeholder.name.clone(),
                topic: placeholder.topic,
                hint: placeholder.hint.clone(),
            })
            .collect(),
        playbook,
    })
}

/// An export that was made, for somebody who may read the playbook.
pub fn file(connection: &mut Connection, actor: &Actor, id: &str) -> Result<ExportRow, Failure> {
    let row = playbooks::find_export(connection, &PlaybookExportId::from_text(id))?;
    find(connection, actor, row.playbook_id.as_str(), Act::ReadRegistry)?;
    Ok(row)
}
