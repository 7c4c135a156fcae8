//! Small secrets for columns: XChaCha20-Poly1305 under the key file, bound to their purpose.

use super::VaultError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes that do not print and are wiped when dropped.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The bytes, for the one call that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as a key; refused when they are not 32.
    pub fn as_key(&self) -> Result<[u8; 32], VaultError> {
        <[u8; 32]>::try_from(self.0.as_slice()).map_err(|_| VaultError::Damaged("a wrapped key".into()))
    }
}

/// Length of an XChaCha20 nonce.
const NONCE: usize = 24;

pub(super) fn wrap(master: &[u8; 32], purpose: &str, plain: &[u8]) -> Result<String, VaultError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|e| VaultError::Io(format!("no randomness: {e}")))?;
    let body = XChaCha20Poly1305::new(master.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: purpose.as_bytes() })
        .map_err(|_| VaultError::Io("a secret could not be encrypted".into()))?;
    Ok(STANDARD.encode([nonce.as_slice(), &body].concat()))
}

pub(super) fn unwrap(master: &[u8; 32], purpose: &str, wrapped: &str) -> Result<Secret, VaultError> {
    let damaged = || VaultError::Damaged(format!("a wrapped {purpose}"));
    let bytes = STANDARD.decode(wrapped).map_err(|_| damaged())?;
    let (nonce, body) = bytes.split_at_checked(NONCE).ok_or_else(damaged)?;
    let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| damaged())?;
    let plain = XChaCha20Poly1305::new(master.into())
        .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: purpose.as_bytes() })
        .map_err(|_| damaged())?;
    Ok(Secret(Zeroizing::new(plain)))
}

pub(super) fn fingerprint(master: &[u8; 32], purpose: &str, value: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(master).unwrap_or_else(|_| unreachable!("HMAC takes any key length"));
    mac.update(&(purpose.len() as u64).to_be_bytes());
    mac.update(purpose.as_bytes());
    mac.update(value);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrapped_opens_for_its_purpose_only() {
        let master = [7; 32];
        let wrapped = wrap(&master, "signing key", b"planted").unwrap();
        assert_eq!(unwrap(&master, "signing key", &wrapped).unwrap().expose(), b"planted");
        assert!(unwrap(&master, "draft", &wrapped).is_err());
        assert!(unwrap(&[8; 32], "signing key", &wrapped).is_err());
        assert!(unwrap(&master, "signing key", "AAAA").is_err());
        assert_ne!(wrapped, wrap(&master, "signing key", b"planted").unwrap());
    }
}
