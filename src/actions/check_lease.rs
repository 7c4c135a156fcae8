//! Is this lease good? Checked offline, against published keys: what `allclear gate run` does, and every other client
//! should (`docs/leases.md`).

use crate::domain::automation::Environment;
use crate::domain::lease::{Lease, LeaseProblem, TYPE};
use crate::domain::moment::Moment;
use crate::vault::{PublicKey, SignedToken};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The published keys of an installation, by name.
#[derive(Default)]
pub struct PublishedKeys(Vec<(String, PublicKey)>);

impl PublishedKeys {
    /// Reads `/.well-known/allclear-keys.json`: Ed25519 keys as JWKs (RFC 7517, RFC 8037). Others are left out.
    pub fn parse(document: &serde_json::Value) -> Self {
        let keys = document["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let read = |jwk: &serde_json::Value| {
            if jwk["kty"] != "OKP" || jwk["crv"] != "Ed25519" {
                return None;
            }
            let bytes = URL_SAFE_NO_PAD.decode(jwk["x"].as_str()?).ok()?;
            Some((jwk["kid"].as_str()?.to_owned(), PublicKey::parse(&STANDARD.encode(bytes)).ok()?))
        };
        Self(keys.iter().filter_map(read).collect())
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is asked of a lease.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The automation that would run.
    pub automation: &'a str,
    /// Where.
    pub environment: Environment,
    /// Seconds by which the clocks may differ.
    pub skew: i64,
}

/// Checks signature, kind, automation, environment and times. Nothing of an unsigned claim is believed.
pub fn run(keys: &PublishedKeys, token: &str, wanted: Wanted, now: Moment) -> Result<Lease, LeaseProblem> {
    let token = SignedToken::parse(token).ok_or(LeaseProblem::Malformed)?;
    if token.kind() != TYPE {
        return Err(LeaseProblem::Malformed);
    }
    let kid = token.key_id().to_owned();
    let (_, key) = keys.0.iter().find(|(name, _)| *name == kid).ok_or(LeaseProblem::UnknownKey(kid))?;
    let claims = token.open(key).ok_or(LeaseProblem::Forged)?;
    let lease: Lease = serde_json::from_slice(&claims).map_err(|_| LeaseProblem::Malformed)?;
    lease.check(wanted.automation, wanted.environment, now, wanted.skew)?;
    Ok(lease)
}
