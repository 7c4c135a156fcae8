//! A named person looks at a picture and says, for one bundle and audience, that it shows no secret.

use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::bundle::Audience;
use crate::domain::evidence::Media;
use crate::domain::ids::ReleaseId;
use crate::domain::person::{Act, Actor};
use crate::redaction::Redacted;
use crate::store::Verb;
use crate::store::evidence::{self, ReleaseRow};
use serde::Serialize;

/// A picture that may go into the next bundle of this audience.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PictureReleased {
    /// Id of the release.
    pub id: String,
    /// The incident.
    pub incident: String,
    /// For whom.
    pub audience: Audience,
    /// Of the picture that was looked at.
    pub sha256: String,
}

impl Answer for PictureReleased {}

/// Like [`release`], on the way to a bundle; returns the incident's reference.
pub fn run(desk: &Desk, actor: &Actor, id: &str, audience: Audience, sha256: &str) -> Result<String, Failure> {
    release(&desk.in_passing(), actor, id, audience, sha256).map(|released| released.incident)
}

/// Releases a picture for the next bundle of this audience. `sha256`: of the picture that was looked at.
pub fn release(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    audience: Audience,
    sha256: &str,
) -> Result<PictureReleased, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, sha256, actor_copy) = (id.to_owned(), sha256.to_owned(), actor.clone());
    let who = (actor.reference(), actor.name());
    desk.answer(actor, move |tx| {
        let (row, case) = sight::evidence(tx.connection(), &actor_copy, &id, Act::BuildBundle)?;
        let version = evidence::current_version(tx.connection(), &row)?;
        if row.media != Media::Picture {
            return Err(Failure::field("picture", "This is not a picture; text is redacted and goes along."));
        }
        if version.is_none_or(|version| version.sha256 != sha256) {
            return Err(Failure::Stale);
        }
        let release = ReleaseRow {
            id: ReleaseId::fresh(),
            evidence_id: row.id.clone(),
            audience,
            person_id: person,
            sha256,
            released_at: tx.now(),
            used_by: None,
        };
        tx.insert(Verb::Looked, &release)?;
        let words = Redacted::literal("Looked at a picture and found no secret in it:");
        write_entry::system(tx, &case.incident.id, &who, Redacted::join(&[words, row.name], " "))?;
        Ok(PictureReleased {
            id: release.id.to_string(),
            incident: case.incident.reference,
            audience,
            sha256: release.sha256,
        })
    })
}
