//! Evidence: the sealed original's row, its redacted versions, and the releases of pictures.

use super::record::record;
use super::schema::{evidence, evidence_versions, picture_releases};
use super::{Connection, Error, Json};
use crate::domain::bundle::Audience;
use crate::domain::evidence::Media;
use crate::domain::ids::{EvidenceId, IncidentId, PersonId, ReleaseId, VersionId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A file or a pasted text of an incident.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = evidence, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EvidenceRow {
    /// Primary key.
    pub id: EvidenceId,
    /// Whose evidence.
    pub incident_id: IncidentId,
    /// Its file name.
    pub name: Redacted,
    /// Text, picture, or dropped.
    pub media: Media,
    /// Where it comes from, as somebody said, and why it was dropped, if it was.
    pub note: Option<Redacted>,
    /// File of the sealed original; none once it is shredded.
    pub sealed_file: Option<String>,
    /// Its key, wrapped.
    pub sealed_key: Option<String>,
    /// Bytes of the original.
    pub sealed_size: i64,
    /// When the original is shredded.
    pub sealed_until: Moment,
    /// When it was.
    pub shredded_at: Option<Moment>,
    /// The newest redacted version; 0: none.
    pub current_version: i32,
    /// Who added it: an actor's reference.
    pub added_by: String,
    /// When.
    pub added_at: Moment,
}
record!(EvidenceRow, evidence, incident_id is found by name, note);

/// One redacted form.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = evidence_versions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VersionRow {
    /// Primary key.
    pub id: VersionId,
    /// Of which evidence.
    pub evidence_id: EvidenceId,
    /// From 1.
    pub number: i32,
    /// File on the redacted shelf.
    pub file: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the redacted form.
    pub sha256: String,
    /// Removals per rule.
    pub counts: Json<BTreeMap<String, u64>>,
    /// How much of the incident's known values it was made with.
    pub known_generation: i32,
    /// When.
    pub made_at: Moment,
    /// The revision of the organisation's rules it was made with; unknown for what is older than those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules_revision: Option<i32>,
    /// The digest of all rules it was made with, the product's and the organisation's; unknown for older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules_digest: Option<String>,
}
record!(VersionRow, evidence_versions);

/// A person's word that a picture shows no secret, for one audience.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = picture_releases, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReleaseRow {
    /// Primary key.
    pub id: ReleaseId,
    /// Which picture.
    pub evidence_id: EvidenceId,
    /// For whom.
    pub audience: Audience,
    /// Who looked.
    pub person_id: PersonId,
    /// What they looked at.
    pub sha256: String,
    /// When.
    pub released_at: Moment,
    /// The bundle that it was given for; a release serves one bundle.
    pub used_by: Option<String>,
}
record!(ReleaseRow, picture_releases);

/// The evidence with this id.
pub fn find(connection: &mut Connection, id: &EvidenceId) -> Result<EvidenceRow, Error> {
    Ok(evidence::table.find(id).select(EvidenceRow::as_select()).first(connection)?)
}

/// The evidence of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<EvidenceRow>, Error> {
    Ok(evidence::table
        .filter(evidence::incident_id.eq(incident))
        .order(evidence::id.asc())
        .select(EvidenceRow::as_select())
        .load(connection)?)
}

/// The newest redacted form.
pub fn current_version(connection: &mut Connection, of: &EvidenceRow) -> Result<Option<VersionRow>, Error> {
    Ok(evidence_versions::table
        .filter(evidence_versions::evidence_id.eq(&of.id))
        .filter(evidence_versions::number.eq(of.current_version))
        .select(VersionRow::as_select())
        .first(connection)
        .optional()?)
}

/// How many texts have a newest redacted form that other rules made than those with this digest.
pub fn count_made_by_others(connection: &mut Connection, rules: &str) -> Result<i64, Error> {
    let newest = evidence_versions::number.eq(evidence::current_version);
    let of_others = evidence_versions::rules_digest.is_null().or(evidence_versions::rules_digest.ne(rules.to_owned()));
    Ok(evidence::table
        .inner_join(evidence_versions::table.on(evidence_versions::evidence_id.eq(evidence::id).and(newest)))
        .filter(evidence::media.eq(Media::Text).and(of_others.assume_not_null()))
        .count()
        .get_result(connection)?)
}

/// Texts in a redacted form, the newest first, at most `limit`; `before`: only those that came before this one.
pub fn newest_texts(connection: &mut Connection, before: &str, limit: i64) -> Result<Vec<EvidenceRow>, Error> {
    let all = evidence::table
        .filter(evidence::media.eq(Media::Text).and(evidence::current_version.gt(0)))
        .order(evidence::id.desc())
        .limit(limit)
        .select(EvidenceRow::as_select());
    Ok(match before {
        "" => all.load(connection)?,
        id => all.filter(evidence::id.lt(id.to_owned())).load(connection)?,
    })
}

/// How many texts there are in a redacted form.
pub fn count_texts(connection: &mut Connection) -> Result<i64, Error> {
    let texts = evidence::table.filter(evidence::media.eq(Media::Text).and(evidence::current_version.gt(0)));
    Ok(texts.count().get_result(connection)?)
}

/// All redacted forms, newest first.
pub fn versions(connection: &mut Connection, of: &EvidenceId) -> Result<Vec<VersionRow>, Error> {
    Ok(evidence_versions::table
        .filter(evidence_versions::evidence_id.eq(of))
        .order(evidence_versions::number.desc())
        .select(VersionRow::as_select())
        .load(connection)?)
}

/// Originals whose time is over and that are not shredded yet.
pub fn expired(connection: &mut Connection, now: Moment) -> Result<Vec<EvidenceRow>, Error> {
    Ok(evidence::table
        .filter(evidence::shredded_at.is_null().and(evidence::sealed_until.le(now)))
        .order(evidence::id.asc())
        .limit(100)
        .select(EvidenceRow::as_select())
        .load(connection)?)
}

/// Every file that is in use, on both shelves: what else lies there was left by a killed server. Of redacted forms only
/// the newest: what an older one shows was to be removed.
pub fn known_files(connection: &mut Connection) -> Result<(Vec<String>, Vec<String>), Error> {
    let sealed: Vec<Option<String>> = evidence::table.select(evidence::sealed_file).load(connection)?;
    let redacted: Vec<String> = evidence_versions::table
        .inner_join(evidence::table.on(evidence_versions::evidence_id.eq(evidence::id)))
        .filter(evidence_versions::number.eq(evidence::current_version))
        .select(evidence_versions::file)
        .load(connection)?;
    Ok((sealed.into_iter().flatten().collect(), redacted))
}

/// The word of a person that still waits for its bundle.
pub fn unused_release(
    connection: &mut Connection,
    picture: &EvidenceId,
    audience: Audience,
    sha256: &str,
) -> Result<Option<ReleaseRow>, Error> {
    Ok(picture_releases::table
        .filter(picture_releases::evidence_id.eq(picture))
        .filter(picture_releases::audience.eq(audience))
        .filter(picture_releases::sha256.eq(sha256))
        .filter(picture_releases::used_by.is_null())
        .order(picture_releases::id.desc())
        .select(ReleaseRow::as_select())
        .first(connection)
        .optional()?)
}
