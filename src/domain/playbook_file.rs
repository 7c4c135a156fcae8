//! The file in which a playbook travels: JSON, signed by the installation that wrote it (Ed25519 over the bytes of the
//! document without its signature). Unknown fields are errors: there is no place for what belongs to one site.

use super::playbook::{Playbook, Topic};
use serde::{Deserialize, Serialize};

/// The format's name and version.
pub const FORMAT: &str = "allclear-playbook/1";
/// Largest file, bytes.
pub const FILE_MAX: usize = 2 * 1024 * 1024;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaybookFile {
    /// What is signed.
    pub document: Document,
    /// The signature; without it the file is quarantined.
    pub signature: Option<Signature>,
}

/// What is signed, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookDocument)]
pub struct Document {
    /// [`FORMAT`].
    pub format: String,
    /// Where it comes from; without it the file is quarantined.
    pub provenance: Option<Provenance>,
    /// What has to be settled on each site before it is used.
    #[serde(default)]
    pub required_local_changes: Vec<LocalChange>,
    /// The playbook itself.
    pub playbook: Playbook<String>,
}

/// Where a playbook comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookProvenance)]
pub struct Provenance {
    /// The same for a playbook and everything that was ever imported from it.
    pub id: String,
    /// Its version at the source.
    pub version: i32,
    /// Slug of the site that exported it.
    pub source_site: String,
    /// When, RFC 3339.
    pub exported_at: String,
    /// Name of its owner there.
    pub owner: String,
}

/// Something to settle on each site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookLocalChange)]
pub struct LocalChange {
    /// Name of the placeholder.
    pub placeholder: String,
    /// Which of the eight rows answers it.
    pub topic: Topic,
    /// What has to be put there.
    pub hint: String,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaybookSignature)]
pub struct Signature {
    /// Always `Ed25519`.
    pub algorithm: String,
    /// Name of the key.
    pub key_id: String,
    /// The public half, base64.
    pub public_key: String,
    /// The signature, base64.
    pub value: String,
}

impl Document {
    /// The bytes that are signed: the document as compact JSON, fields in the order above.
    pub fn message(&self) -> Vec<u8> {
        // Plain structs with text keys: there is nothing in them that JSON cannot hold.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Every text with its field's name, for the redactor.
    pub fn texts(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        self.playbook.clone().map(|field, text| texts.push((field.to_owned(), text)));
        for (at, change) in self.required_local_changes.iter().enumerate() {
            texts.push((format!("required_local_changes[{at}].placeholder"), change.placeholder.clone()));
            texts.push((format!("required_local_changes[{at}].hint"), change.hint.clone()));
        }
        if let Some(provenance) = &self.provenance {
            texts.push(("provenance.source_site".into(), provenance.source_site.clone()));
            texts.push(("provenance.owner".into(), provenance.owner.clone()));
        }
        texts
    }
}

impl Provenance {
    /// Is everything said that makes it one?
    pub fn is_whole(&self) -> bool {
        let said = |text: &str| !text.trim().is_empty() && text.len() <= 200;
        self.version > 0
            && self.id.len() == 32
            && self.id.bytes().all(|byte| byte.is_ascii_hexdigit())
            && said(&self.source_site)
            && said(&self.owner)
            && chrono::DateTime::parse_from_rfc3339(&self.exported_at).is_ok()
    }
}
