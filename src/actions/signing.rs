//! The key that signs bundles, leases and audit heads: made on the first start, changed by [`rotate`].
//!
//! A retired key signs nothing more and stays published: what it signed stands. A running server learns of a new key
//! from the audit chain (`gate_memory`) and signs with it from then on.

use super::{Answer, Desk, Failure};
use crate::bundle::Sign;
use crate::clock::Clock;
use crate::domain::ids::KeyId;
use crate::domain::person::Actor;
use crate::store::keys::{self, KeyRow};
use crate::store::{Connection, Database, Verb};
use crate::vault::{Signer, Vault};
use serde::Serialize;
use std::sync::{Arc, PoisonError, RwLock};

/// The purpose by which [`KeyRow`] tells signing keys from others.
pub const SIGNING: &str = "signing";
const SIGNING_PURPOSE: &str = "signing key";

/// The signing key in use.
pub struct SigningKey {
    vault: Vault,
    current: RwLock<Arc<Signer>>,
}

impl SigningKey {
    /// Reads the key in use; makes the first one.
    pub(super) fn open(db: &Database, vault: &Vault, clock: &Clock) -> Result<Self, Failure> {
        let current = db.read(|connection| Ok::<_, Failure>(keys::current(connection, SIGNING)?))?;
        let row = match current {
            Some(row) => row,
            None => make_first(db, vault, clock)?,
        };
        Ok(Self { vault: vault.clone(), current: RwLock::new(Arc::new(unlock(vault, &row)?)) })
    }

    /// The key as it is now, for what takes its name and its signature together.
    pub fn current(&self) -> Arc<Signer> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes up the key of this row, if it is another than the one in use.
    pub(super) fn take_up(&self, row: &KeyRow) -> Result<(), Failure> {
        if self.current().id() != row.id.as_str() {
            let signer = Arc::new(unlock(&self.vault, row)?);
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = signer;
        }
        Ok(())
    }

    /// Name of the key.
    pub fn id(&self) -> String {
        self.current().id().to_owned()
    }

    /// The public half, base64.
    pub fn public_key(&self) -> String {
        self.current().public_key()
    }

    /// Signature over `message`, base64.
    pub fn sign(&self, message: &[u8]) -> String {
        self.current().sign(message)
    }

    /// A signed token in JWS compact form.
    pub fn sign_token(&self, kind: &str, claims: &serde_json::Value) -> String {
        self.current().sign_token(kind, claims)
    }
}

/// One key for a whole document: a rotation in the middle of it changes nothing.
pub struct OneKey(pub Arc<Signer>);

impl Sign for OneKey {
    fn key_id(&self) -> String {
        self.0.id().to_owned()
    }

    fn public_key(&self) -> String {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8]) -> String {
        self.0.sign(message)
    }
}

/// A key that took the place of another.
#[derive(Debug, Serialize)]
pub struct Rotated {
    /// The new key's name.
    pub kid: String,
    /// The key that signs nothing more.
    pub retired: Vec<String>,
}

impl Answer for Rotated {}

/// Retires the signing key and makes a new one. What the old one signed stands: leases until they end, bundles for good.
pub fn rotate(desk: &Desk, actor: &Actor) -> Result<Rotated, Failure> {
    super::sight::everywhere(actor, crate::domain::person::Act::ManagePeople)?;
    let row = fresh(&desk.vault, &desk.clock)?;
    let rotated = desk.write(actor, move |tx| {
        let mut retired = Vec::new();
        for mut old in keys::list(tx.connection())? {
            if old.purpose == SIGNING && old.retired_at.is_none() {
                old.retired_at = Some(tx.now());
                tx.update(Verb::Superseded, &old)?;
                retired.push(old.id.to_string());
            }
        }
        tx.insert(Verb::Created, &row)?;
        Ok((Rotated { kid: row.id.to_string(), retired }, row))
    });
    let (rotated, row) = rotated?;
    desk.signer.take_up(&row)?;
    Ok(rotated)
}

/// Does the key file belong to the database that this connection reads? True as long as there is no key to compare.
pub fn key_file_fits(connection: &mut Connection, vault: &Vault) -> Result<bool, Failure> {
    let row = keys::current(connection, SIGNING)?;
    Ok(row.is_none_or(|row| vault.unwrap(SIGNING_PURPOSE, &row.wrapped).is_ok()))
}

fn unlock(vault: &Vault, row: &KeyRow) -> Result<Signer, Failure> {
    let seed = vault.unwrap(SIGNING_PURPOSE, &row.wrapped).map_err(|_| {
        Failure::Broken(
            "the key file does not belong to this database: set ALLCLEAR_KEY_FILE to the one it was made with".into(),
        )
    })?;
    Ok(Signer::new(row.id.as_str(), &seed)?)
}

fn fresh(vault: &Vault, clock: &Clock) -> Result<KeyRow, Failure> {
    let id = KeyId::fresh();
    let wrapped = vault.wrap(SIGNING_PURPOSE, Signer::fresh_seed()?.as_slice())?;
    let public_key = Signer::new(id.as_str(), &vault.unwrap(SIGNING_PURPOSE, &wrapped)?)?.public_key();
    Ok(KeyRow {
        id,
        purpose: SIGNING.to_owned(),
        public_key: Some(public_key),
        wrapped,
        made_at: clock.now(),
        retired_at: None,
    })
}

fn make_first(db: &Database, vault: &Vault, clock: &Clock) -> Result<KeyRow, Failure> {
    let row = fresh(vault, clock)?;
    db.write(&Actor::System("start"), clock.now(), move |tx| {
        // Two nodes may start at once on an empty database: the first key stands.
        if let Some(first) = keys::current(tx.connection(), SIGNING)? {
            return Ok::<_, Failure>(first);
        }
        tx.insert(Verb::Created, &row)?;
        Ok(row)
    })
}
