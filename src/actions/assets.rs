//! Generated assets: bringing one in, and writing its record.
//!
//! Of a file only the pixels are kept, as PNG: place, camera, prompts and whatever else travels inside a file are gone before
//! anybody sees it. The record is free text of people, so it is stored redacted.

use super::asset_standing::{self, owner_on};
use super::intake::interrupted;
use super::keep_practice::on_site;
use super::pause::registry_redactor;
use super::picture::{self, Bounds, Undrawn};
use super::{Answer, Desk, Failure, sight};
use crate::domain::asset::{AssetState, AssetStep};
use crate::domain::evidence::safe_name;
use crate::domain::ids::{AssetId, PersonId};
use crate::domain::incident::{LINE_MAX, TEXT_MAX, check_length, clean_line, clean_text};
use crate::domain::moment::read_day;
use crate::domain::person::{Act, Actor};
use crate::domain::picture_file;
use crate::domain::problem::{FieldError, Reason};
use crate::redaction::Redacted;
use crate::store::assets::{self, AssetRow};
use crate::store::{Connection, Json, Tx, Verb};
use crate::vault::{Blob, Shelf};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// An asset after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssetAnswer {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: AssetState,
    /// Counts changes, for `If-Match`.
    pub version: i32,
    /// SHA-256 of the picture that is kept.
    pub sha256: String,
    /// Everything that approval still lacks.
    pub missing: Vec<Reason>,
}

impl Answer for AssetAnswer {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/assets/{}", self.id))
    }
}

/// The record as typed.
#[derive(Clone, Debug, Default)]
pub struct AssetForm {
    /// File name.
    pub name: String,
    /// The set of variations that it belongs to.
    pub asset_set: Option<String>,
    /// What people read who do not see it.
    pub alt_text: Option<String>,
    /// The prompt, or where it comes from.
    pub source_note: Option<String>,
    /// What the review of its rights found.
    pub rights_note: Option<String>,
    /// The licence.
    pub licence: Option<String>,
    /// Address of its owner.
    pub owner: Option<String>,
    /// Where it is meant to stand.
    pub placement: Option<String>,
    /// Its campaign, or `none`.
    pub campaign: Option<String>,
    /// The campaign's last day.
    pub campaign_ends_on: Option<String>,
    /// Its own last day.
    pub expires_on: Option<String>,
    /// The day on which somebody looks at it again.
    pub review_on: Option<String>,
}

/// The asset with this id, for someone who may do `act` on its site.
pub fn find(connection: &mut Connection, actor: &Actor, id: &str, act: Act) -> Result<AssetRow, Failure> {
    let row = assets::find(connection, &AssetId::from_text(id))?;
    on_site(actor, &row.site_id, act)?;
    Ok(row)
}

/// A campaign or set as it stands in rows, for a filter.
pub fn as_stored(desk: &Desk, named: Option<&str>) -> Result<Option<Redacted>, Failure> {
    let Some(named) = named.map(clean_line).filter(|named| !named.is_empty()) else { return Ok(None) };
    Ok(Some(registry_redactor(desk)?.text(&named).text))
}

/// What an act answers about an asset.
pub(super) fn answer(tx: &mut Tx, row: &AssetRow) -> Result<AssetAnswer, Failure> {
    let now = tx.now();
    let missing = asset_standing::missing_of(tx.connection(), row, now)?;
    Ok(AssetAnswer {
        id: row.id.to_string(),
        state: row.state,
        version: row.version,
        sha256: row.sha256.clone(),
        missing,
    })
}

/// Moves an asset by one step, or says that it leads nowhere from where it stands.
pub(super) fn step(row: &mut AssetRow, step: AssetStep) -> Result<(), Failure> {
    let Some(state) = row.state.after(step) else {
        let message = format!("It is {}: {step} is not possible any more.", row.state);
        return Err(Failure::refused(Reason::new("wrong_state", message, "nobody")));
    };
    row.state = state;
    row.version += 1;
    Ok(())
}

/// Longest side of the small form, pixels.
const THUMBNAIL_SIDE: u32 = 320;
/// Most memory that decoding may take beside the pixels, bytes.
const DECODING_BYTES: u64 = 64 * 1024 * 1024;
/// Most bytes of a pixel: four channels of sixteen bits.
const PIXEL_BYTES: u64 = 8;

/// A picture on its shelf, not yet named by any row.
struct Kept {
    file: Blob,
    thumbnail: Blob,
    width: i32,
    height: i32,
    original_sha256: String,
}

/// Brings a picture in: the file is read up to the limit and never further; nothing is kept of one that is refused.
pub fn upload(
    desk: &Desk,
    actor: &Actor,
    site: &str,
    name: &str,
    input: &mut dyn Read,
) -> Result<AssetAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let site = match desk.read(|connection| sight::site(connection, actor, site, Act::WriteAsset)) {
        Err(Failure::NotFound) => return Err(Failure::field("site", "Name a site of yours by its slug.")),
        other => other?,
    };
    let name = safe_name(name);
    let bytes = read_all(desk, input)?;
    let original_sha256 = hex::encode(Sha256::digest(&bytes));
    desk.body_was(format!("{original_sha256}\n{}\n{name}", site.slug).as_bytes());
    desk.answered_before()?;
    let kept = keep(desk, &bytes, original_sha256)?;
    drop(bytes);
    let name = registry_redactor(desk)?.text(&name).text;
    let row = row_of(&kept, site.id, name, &person, actor);
    let files = [kept.file.file, kept.thumbnail.file];
    let done = desk.answer(actor, move |tx| {
        let row = AssetRow { added_at: tx.now(), ..row };
        tx.insert(Verb::Created, &row)?;
        answer(tx, &row)
    });
    if done.is_err() {
        forget(desk, &files);
    }
    done
}

/// The same where the clock of the row is that of its transaction.
fn row_of(kept: &Kept, site: crate::domain::ids::SiteId, name: Redacted, person: &PersonId, actor: &Actor) -> AssetRow {
    AssetRow {
        id: AssetId::fresh(),
        site_id: site,
        name,
        asset_set: None,
        alt_text: None,
        source_note: None,
        rights_note: None,
        licence: None,
        owner_id: None,
        placement: None,
        campaign: None,
        campaign_ends_on: None,
        expires_on: None,
        review_on: None,
        state: AssetState::Draft,
        file: Some(kept.file.file.clone()),
        thumbnail: Some(kept.thumbnail.file.clone()),
        size: i64::try_from(kept.file.size).unwrap_or(i64::MAX),
        sha256: kept.file.sha256.clone(),
        original_sha256: kept.original_sha256.clone(),
        width: kept.width,
        height: kept.height,
        version: 1,
        edition: 1,
        prepared_by: Json::of(vec![person.clone()]),
        added_by: actor.reference(),
        added_at: crate::domain::moment::Moment::from_naive_utc(Default::default()),
        decided_by: None,
        decided_at: None,
        decided_because: None,
        removed_at: None,
    }
}

/// What is said of a picture beyond the limit.
pub fn too_large(most: u64) -> Failure {
    Failure::TooLarge(format!(
        "The picture is larger than {most} bytes. Send a smaller one, or ask the administrator to raise ALLCLEAR_ASSET_BYTES."
    ))
}

fn read_all(desk: &Desk, input: &mut dyn Read) -> Result<Vec<u8>, Failure> {
    let most = desk.limits.asset_bytes;
    let mut bytes = Vec::new();
    let read = input.take(most + 1).read_to_end(&mut bytes).map_err(interrupted)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

fn keep(desk: &Desk, bytes: &[u8], original_sha256: String) -> Result<Kept, Failure> {
    picture_file::look(bytes).map_err(|flaw| Failure::field("file", flaw.to_string()))?;
    let pixels = desk.limits.asset_pixels;
    let memory = pixels.saturating_mul(PIXEL_BYTES).saturating_add(DECODING_BYTES);
    let bounds = Bounds { side: u32::try_from(pixels).unwrap_or(u32::MAX), pixels, memory };
    let picture = picture::decode(bytes, bounds).map_err(|undrawn| Failure::field("file", words(&undrawn, pixels)))?;
    let (width, height) = (picture.width(), picture.height());
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let small = if width.max(height) > THUMBNAIL_SIDE {
        picture.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    } else {
        picture.clone()
    };
    let thumbnail = shelve(desk, &picture::png(&small)?)?;
    let file = picture::png(&picture).and_then(|png| shelve(desk, &png));
    let file = file.inspect_err(|_| forget(desk, std::slice::from_ref(&thumbnail.file)))?;
    Ok(Kept { file, thumbnail, width: side(width), height: side(height), original_sha256 })
}

fn words(undrawn: &Undrawn, pixels: u64) -> String {
    match undrawn {
        Undrawn::TooManyPixels { width: 0, .. } => {
            format!("The picture unfolds to more than {pixels} pixels. Send a smaller one.")
        }
        Undrawn::TooManyPixels { width, height } => {
            format!(
                "The picture unfolds to {width} by {height} pixels; {pixels} in all are allowed. Send a smaller one, or ask the administrator to raise ALLCLEAR_ASSET_PIXELS."
            )
        }
        Undrawn::Damaged => {
            "The picture is damaged: it cannot be decoded. Save it again in an image editor, and send that.".into()
        }
    }
}

fn shelve(desk: &Desk, png: &[u8]) -> Result<Blob, Failure> {
    let mut out = desk.vault.write(Shelf::Assets, "png")?;
    out.write_all(png).map_err(|error| Failure::Broken(format!("a picture cannot be written: {error}")))?;
    Ok(out.finish()?)
}

/// Forgets files that no row names, or no longer.
pub(super) fn forget(desk: &Desk, files: &[String]) {
    for file in files {
        // What stays behind is swept.
        let _ = desk.vault.remove(Shelf::Assets, file);
    }
}

/// The bytes of an asset, or of its small form.
pub fn read_picture(desk: &Desk, row: &AssetRow, small: bool) -> Result<Vec<u8>, Failure> {
    let file = if small { &row.thumbnail } else { &row.file };
    let Some(file) = file else { return Err(Failure::NotFound) };
    let broken = |error: std::io::Error| Failure::Broken(format!("a picture cannot be read: {error}"));
    let mut bytes = Vec::new();
    desk.vault.read(Shelf::Assets, file)?.read_to_end(&mut bytes).map_err(broken)?;
    if !small && hex::encode(Sha256::digest(&bytes)) != row.sha256 {
        return Err(Failure::Broken(format!("the picture of asset {} is not the one that was kept", row.id)));
    }
    Ok(bytes)
}

/// The record as it is stored.
struct Written {
    name: Redacted,
    texts: [Option<Redacted>; 7],
    days: [Option<String>; 3],
    owner: Option<String>,
}

/// Changes the record. What was approved, rejected or over is a draft again: it was another record.
pub fn change(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    expected: Option<i32>,
    form: AssetForm,
) -> Result<AssetAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::WriteAsset))?;
    let written = read(desk, form)?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id, Act::WriteAsset)?;
        if expected.is_some_and(|expected| expected != row.version) {
            return Err(Failure::Stale);
        }
        if row.state == AssetState::Removed {
            let reason = Reason::new("removed", "It was removed: its record stays as it is.", "nobody");
            return Err(Failure::refused(reason));
        }
        let owner = match &written.owner {
            Some(email) => Some(owner_on(tx.connection(), &row.site_id, email)?),
            None => None,
        };
        if !lay_over(&mut row, written, owner) {
            return answer(tx, &row);
        }
        step(&mut row, AssetStep::Revise)?;
        row.edition += 1;
        took_part(&mut row, [Some(person)]);
        (row.decided_by, row.decided_at, row.decided_because) = (None, None, None);
        tx.update(Verb::Changed, &row)?;
        answer(tx, &row)
    })
}

/// History counts: whoever had a part in it does not approve it.
fn took_part(row: &mut AssetRow, more: impl IntoIterator<Item = Option<PersonId>>) {
    let mut all = row.prepared_by.to_vec();
    for person in more.into_iter().chain([row.owner_id.clone()]).flatten() {
        if !all.contains(&person) {
            all.push(person);
        }
    }
    row.prepared_by = Json::of(all);
}

/// Lays what was written over the row; false: nothing differs.
fn lay_over(row: &mut AssetRow, written: Written, owner: Option<PersonId>) -> bool {
    let Written { name, texts, days, .. } = written;
    let [asset_set, alt_text, source_note, rights_note, licence, placement, campaign] = texts;
    let [campaign_ends_on, expires_on, review_on] = days;
    let new = AssetRow {
        name,
        asset_set,
        alt_text,
        source_note,
        rights_note,
        licence,
        placement,
        campaign,
        campaign_ends_on,
        expires_on,
        review_on,
        owner_id: owner,
        ..row.clone()
    };
    let record = |row: &AssetRow| {
        let texts = [&row.asset_set, &row.alt_text, &row.source_note, &row.rights_note, &row.licence];
        let texts = texts.map(Clone::clone).into_iter().chain([row.placement.clone(), row.campaign.clone()]);
        let days = [row.campaign_ends_on.clone(), row.expires_on.clone(), row.review_on.clone()];
        (row.name.clone(), texts.collect::<Vec<_>>(), days, row.owner_id.clone())
    };
    let differs = record(&new) != record(row);
    *row = new;
    differs
}

fn read(desk: &Desk, form: AssetForm) -> Result<Written, Failure> {
    let mut errors = Vec::new();
    let redactor = registry_redactor(desk)?;
    let name = safe_name(&form.name);
    if form.name.trim().is_empty() {
        errors.push(FieldError::new("name", "Give the file name, like winter-tea-gift-box.png."));
    }
    let mut text = |field: &str, typed: Option<String>, long: bool| {
        let typed = typed?;
        let clean = if long { clean_text(&typed) } else { clean_line(&typed) };
        check_length(field, &clean, if long { TEXT_MAX } else { LINE_MAX }, &mut errors);
        (!clean.is_empty()).then(|| redactor.text(&clean).text)
    };
    let texts = [
        text("asset_set", form.asset_set, false),
        text("alt_text", form.alt_text, false),
        text("source_note", form.source_note, true),
        text("rights_note", form.rights_note, true),
        text("licence", form.licence, false),
        text("placement", form.placement, false),
        text("campaign", form.campaign, false),
    ];
    let mut day = |field: &str, typed: Option<String>| {
        let typed = typed.filter(|typed| !typed.trim().is_empty())?;
        let day = read_day(&typed);
        if day.is_none() {
            errors.push(FieldError::new(field, "Use a calendar day, like 2026-12-24."));
        }
        day
    };
    let days = [
        day("campaign_ends_on", form.campaign_ends_on),
        day("expires_on", form.expires_on),
        day("review_on", form.review_on),
    ];
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let owner = form.owner.filter(|email| !email.trim().is_empty());
    Ok(Written { name: redactor.text(&name).text, texts, days, owner })
}
