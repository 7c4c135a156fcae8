//! A form that came in after its session had ended: kept encrypted for a while, and given back to the same person
//! once they have signed in again.

use super::sign_in::{fresh_secret, hash_of};
use super::{Desk, Failure};
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::store::drafts::{self, DraftRow};
use chrono::Duration;

/// Hours for which a form is kept.
pub const KEPT_HOURS: i64 = 1;
const PURPOSE: &str = "draft";

/// Keeps a form; the answer is the secret that names it. `person`: whose session had ended, if that is known.
pub fn keep(desk: &Desk, person: Option<String>, path: &str, form: &[u8]) -> Result<String, Failure> {
    let secret = fresh_secret()?;
    let row = DraftRow {
        hash: hash_of(&secret),
        person_id: person,
        path: path.to_owned(),
        sealed: desk.vault.wrap(PURPOSE, form)?,
        expires_at: desk.now().plus(Duration::hours(KEPT_HOURS)),
    };
    desk.write(&Actor::System("draft"), move |tx| Ok(drafts::keep(tx, &row)?))?;
    Ok(secret)
}

/// A form that was kept.
pub struct Draft {
    /// Where it was going.
    pub path: String,
    /// Its fields, as a browser sends them.
    pub form: Vec<u8>,
    /// When it is forgotten.
    pub expires_at: Moment,
}

/// The form, for the person it belongs to.
pub fn find(desk: &Desk, actor: &Actor, secret: &str) -> Result<Draft, Failure> {
    let row = desk
        .read(|connection| Ok(drafts::find(connection, &hash_of(secret), desk.now())?))?
        .ok_or(Failure::NotFound)?;
    let person = actor.person().map(|person| person.id.to_string());
    if row.person_id.is_some() && row.person_id != person {
        return Err(Failure::NotFound);
    }
    let form = desk.vault.unwrap(PURPOSE, &row.sealed)?.expose().to_vec();
    Ok(Draft { path: row.path, form, expires_at: row.expires_at })
}

/// Forgets a form that was sent after all.
pub fn forget(desk: &Desk, secret: &str) -> Result<(), Failure> {
    let hash = hash_of(secret);
    desk.write(&Actor::System("draft"), move |tx| Ok(drafts::forget(tx, &hash)?))
}
