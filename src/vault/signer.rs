//! Ed25519 signatures (RFC 8032) of bundles, leases and audit heads.

use super::{Secret, VaultError};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// A signing key in use. Does not print.
#[derive(Clone)]
pub struct Signer {
    id: String,
    key: SigningKey,
}

impl Signer {
    /// 32 fresh bytes for a new key.
    pub fn fresh_seed() -> Result<zeroize::Zeroizing<[u8; 32]>, VaultError> {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(|e| VaultError::Io(format!("no randomness: {e}")))?;
        Ok(seed)
    }

    /// The key made of a seed.
    pub fn new(id: &str, seed: &Secret) -> Result<Self, VaultError> {
        let seed = zeroize::Zeroizing::new(seed.as_key()?);
        Ok(Self { id: id.to_owned(), key: SigningKey::from_bytes(&seed) })
    }

    /// Name of the key, for whoever verifies.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public half, base64.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.key.verifying_key().to_bytes())
    }

    /// Signature over `message`, base64.
    pub fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.key.sign(message).to_bytes())
    }

    /// A signed token in JWS compact form (RFC 7515, algorithm EdDSA of RFC 8037): what automations check offline.
    pub fn sign_token(&self, kind: &str, claims: &serde_json::Value) -> String {
        let header = serde_json::json!({ "alg": "EdDSA", "typ": kind, "kid": self.id });
        let body =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(body.as_bytes()).to_bytes());
        format!("{body}.{signature}")
    }
}

/// The public half of a key.
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads 32 bytes in base64.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .map(Self)
            .ok_or_else(|| VaultError::Damaged("the public key".into()))
    }

    /// Is `signature` (base64) this key's over `message`?
    pub fn holds(&self, message: &[u8], signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .ok()
            .and_then(|bytes| Signature::from_slice(&bytes).ok())
            .is_some_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}
