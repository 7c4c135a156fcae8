//! The restart certificate: one JSON document that says what was lifted, on what ground, and by whom, with a signature
//! over its statement. It is checked offline: `allclear verify FILE`.
//!
//! The document has one form only. Whoever checks it reads it, writes it again and compares: a byte that differs, even
//! a blank, is a document that was changed.

use super::format::SignatureFile;
use super::verify::SignatureCheck;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name and version of the format. A reader that does not know it must say so.
pub const FORMAT: &str = "allclear-certificate/1";
/// Largest document that is read, bytes.
pub const SIZE_MAX: u64 = 16 * 1024 * 1024;

/// What is signed: this, as JSON without blanks, its fields in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`FORMAT`].
    pub format: String,
    /// Who says so.
    pub installation: Installation,
    /// The incident.
    pub incident: IncidentNamed,
    /// The request and its decision.
    pub request: RequestStated,
    /// What begins again, and how far.
    pub automations: Vec<AutomationStated>,
    /// The pauses that were lifted.
    pub pauses: Vec<PauseStated>,
    /// What the decision rests on, each with the digest of its row.
    pub settled: Vec<Settled>,
    /// The incident's evidence: hashes of the redacted forms.
    pub evidence: Vec<EvidenceStated>,
    /// Everybody who had a part, and which.
    pub actors: Vec<ActorStated>,
    /// The head of the audit chain just before the decision.
    pub audit: Head,
    /// When it was decided, RFC 3339.
    pub issued_at: String,
}

/// The installation that signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installation {
    /// `allclear` and its version.
    pub program: String,
    /// Short name of the site.
    pub site: String,
    /// Its name.
    pub site_name: String,
    /// Name of the signing key.
    pub key_id: String,
    /// Its public half, base64.
    pub public_key: String,
}

/// An incident by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentNamed {
    /// `INC-2026-0001`.
    pub reference: String,
    /// What happened.
    pub title: String,
}

/// A request and its decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestStated {
    /// Its id.
    pub id: String,
    /// How far later phases may go.
    pub ceiling: String,
    /// Why it was asked for.
    pub note: String,
    /// When.
    pub asked_at: String,
    /// Why it was approved.
    pub reason: String,
    /// When.
    pub approved_at: String,
    /// SHA-256 over all that it rests on.
    pub fingerprint: String,
}

/// An automation that begins again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomationStated {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The scope with which it begins.
    pub scope: String,
    /// Until when it soaks there.
    pub soak_until: String,
    /// SHA-256 of each part that was tested: definition, provider, model, prompt version, site versions.
    pub configuration: BTreeMap<String, String>,
}

/// A pause that was lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseStated {
    /// Its id.
    pub id: String,
    /// `automation`, `category`, `site` or `all`.
    pub target_kind: String,
    /// Which.
    pub target: String,
    /// Since when it held.
    pub since: String,
}

/// Something that a restart asks for, and what shows that it is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// `review`, `action`, `check` or `criterion`.
    pub kind: String,
    /// Id of its row.
    pub id: String,
    /// What it says.
    pub text: String,
    /// SHA-256 of its row, as the audit chain holds it; of a check, that of the result which counts.
    pub digest: String,
    /// SHA-256 of the proof or evidence that was given, where there is one.
    pub evidence_sha256: Option<String>,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceStated {
    /// File name.
    pub name: String,
    /// SHA-256 of its redacted form.
    pub sha256: String,
}

/// Somebody who had a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorStated {
    /// Name.
    pub name: String,
    /// `asked`, `approved`, `owned_action` and so on.
    pub parts: Vec<String>,
}

/// A head of the audit chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Position.
    pub seq: i64,
    /// Hash.
    pub hash: String,
}

/// The document: a statement and the signature over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// What is said.
    pub statement: Statement,
    /// Who signed it.
    pub signature: SignatureFile,
}

impl Statement {
    /// The bytes that are signed.
    pub fn to_text(&self) -> String {
        // Plain texts and numbers: there is nothing in them that JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Certificate {
    /// The certificate of a statement that was kept with its signature.
    pub fn of(statement: &str, signature: &str) -> Result<Self, String> {
        let statement: Statement = serde_json::from_str(statement).map_err(|e| e.to_string())?;
        let signature = SignatureFile {
            algorithm: "Ed25519".to_owned(),
            key_id: statement.installation.key_id.clone(),
            public_key: statement.installation.public_key.clone(),
            signature: signature.to_owned(),
        };
        Ok(Self { statement, signature })
    }

    /// The document, for people to read and for programs to check.
    pub fn document(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Does this look like a certificate, whole or damaged?
pub fn resembles(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    ["allclear-certificate/", "\"statement\":", "\"fingerprint\":", "\"soak_until\":"]
        .iter()
        .any(|mark| text.contains(mark))
}

/// What a check of a document found.
#[derive(Debug)]
pub struct CheckedCertificate {
    /// The document.
    pub certificate: Certificate,
    /// What the signature is worth.
    pub signature: SignatureCheck,
    /// Everything that does not hold, each in one sentence; empty: the document is what was signed.
    pub problems: Vec<String>,
}

/// Checks a document, offline, without trusting a byte of it. `worth` says what a signature over a message is worth.
pub fn verify(
    bytes: &[u8],
    worth: impl Fn(&SignatureFile, &[u8]) -> SignatureCheck,
) -> Result<CheckedCertificate, String> {
    let certificate: Certificate =
        serde_json::from_slice(bytes).map_err(|e| format!("this cannot be read as a certificate: {e}"))?;
    let (statement, signature) = (&certificate.statement, &certificate.signature);
    let mut problems = Vec::new();
    if statement.format != FORMAT {
        problems.push(format!("its format is {}, this version knows {FORMAT}", statement.format));
    }
    if certificate.document().as_bytes() != bytes {
        problems.push("the file is not in the form in which certificates are written: it was changed".to_owned());
    }
    let named = &statement.installation;
    if (&signature.key_id, &signature.public_key) != (&named.key_id, &named.public_key)
        || signature.algorithm != "Ed25519"
    {
        problems.push("the signature names another key than the statement".to_owned());
    }
    let worth = worth(signature, statement.to_text().as_bytes());
    if worth == SignatureCheck::Wrong {
        problems.push("the signature is not over this statement".to_owned());
    }
    Ok(CheckedCertificate { certificate, signature: worth, problems })
}
