//! Where an asset stands, and cleaning it from there.

use super::assets as acts;
use super::pause::registry_redactor;
use super::write_review::check_link;
use super::{Answer, Desk, Failure, asset_standing, sight};
use crate::domain::ids::PlacementId;
use crate::domain::incident::{LINE_MAX, check_length, clean_line};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::says_nothing;
use crate::store::assets::{self, AssetRow, PlacementRow};
use crate::store::{Connection, Verb};
use serde::Serialize;

/// A placement after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlacementAnswer {
    /// Its id.
    pub id: String,
    /// The asset.
    pub asset: String,
    /// Was it cleaned?
    pub cleaned: bool,
}

impl Answer for PlacementAnswer {}

/// Notes where an asset stands.
pub fn note(desk: &Desk, actor: &Actor, id: &str, place: &str) -> Result<PlacementAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    desk.read(|connection| acts::find(connection, actor, id, Act::WriteAsset))?;
    let place = clean_line(place);
    let mut errors = Vec::new();
    if says_nothing(&place) {
        errors.push(FieldError::new("place", "Say where it stands: an address, or a page and its part."));
    }
    check_length("place", &place, LINE_MAX, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let place = registry_redactor(desk)?.text(&place).text;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let asset = acts::find(tx.connection(), &actor_copy, &id, Act::WriteAsset)?;
        let row = PlacementRow {
            id: PlacementId::fresh(),
            asset_id: asset.id.clone(),
            place,
            noted_by: person,
            noted_at: tx.now(),
            cleaned_link: None,
            cleaned_by: None,
            cleaned_at: None,
        };
        tx.insert(Verb::Recorded, &row)?;
        Ok(PlacementAnswer { id: row.id.to_string(), asset: asset.id.to_string(), cleaned: false })
    })
}

/// The placement with this id, for someone who may clean it.
pub fn find(connection: &mut Connection, actor: &Actor, id: &str) -> Result<PlacementRow, Failure> {
    let row = assets::find_placement(connection, &PlacementId::from_text(id))?;
    acts::find(connection, actor, row.asset_id.as_str(), Act::WriteAsset)?;
    Ok(row)
}

/// Marks a placement cleaned, with a link that shows it.
pub fn clean(desk: &Desk, actor: &Actor, id: &str, link: &str) -> Result<PlacementAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = desk.read(|connection| find(connection, actor, id))?.id;
    let link = clean_line(link);
    let mut errors = Vec::new();
    check_link("link", &link, &mut errors);
    check_length("link", &link, LINE_MAX, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let link = registry_redactor(desk)?.text(&link).text;
    desk.answer(actor, move |tx| {
        let mut row = assets::find_placement(tx.connection(), &id)?;
        if row.cleaned_at.is_some() {
            return Err(Failure::refused(Reason::new("done_already", "It was cleaned from there already.", "nobody")));
        }
        row.cleaned_link = Some(link);
        row.cleaned_by = Some(person);
        row.cleaned_at = Some(tx.now());
        tx.update(Verb::Settled, &row)?;
        Ok(PlacementAnswer { id: row.id.to_string(), asset: row.asset_id.to_string(), cleaned: true })
    })
}

/// The placements from which assets must go, of the sites that the actor may read; newest first.
pub fn to_clean(
    desk: &Desk,
    connection: &mut Connection,
    actor: &Actor,
) -> Result<Vec<(PlacementRow, AssetRow)>, Failure> {
    let sites = actor.sites_for(Act::ReadRegistry);
    let mut found = assets::open_placements(connection, sites.as_deref())?;
    let mut kept = Vec::new();
    for (placement, asset) in found.drain(..) {
        let standing = asset_standing::at_desk(desk, connection, &asset)?;
        if standing.must_go(&asset) {
            kept.push((placement, asset));
        }
    }
    Ok(kept)
}
