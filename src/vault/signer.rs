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

/// A token in JWS compact form (RFC 7515), taken apart and not yet believed.
pub struct SignedToken<'a> {
    header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

#[derive(serde::Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
    /// Extensions that must be understood (RFC 7515, 4.1.11); we understand none.
    crit: Option<serde_json::Value>,
}

impl<'a> SignedToken<'a> {
    /// Takes a token apart; none when it is not in this form, or signed in another way than ours.
    pub fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.alg != "EdDSA" || header.crit.is_some() || payload.contains('.') {
            return None;
        }
        Some(Self { header, signed, payload, signature: URL_SAFE_NO_PAD.decode(signature).ok()? })
    }

    /// What kind of token it says it is.
    pub fn kind(&self) -> &str {
        &self.header.typ
    }

    /// The key that it says it was signed by.
    pub fn key_id(&self) -> &str {
        &self.header.kid
    }

    /// The payload, if this key signed it.
    pub fn open(&self, key: &PublicKey) -> Option<Vec<u8>> {
        let signature = Signature::from_slice(&self.signature).ok()?;
        key.0.verify_strict(self.signed.as_bytes(), &signature).ok()?;
        URL_SAFE_NO_PAD.decode(self.payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(byte: u8) -> Signer {
        Signer { id: "k1".into(), key: SigningKey::from_bytes(&[byte; 32]) }
    }

    fn public(signer: &Signer) -> PublicKey {
        PublicKey::parse(&signer.public_key()).unwrap()
    }

    #[test]
    fn a_token_opens_with_the_key_that_signed_it_only() {
        let (own, other) = (signer(1), signer(2));
        let token = own.sign_token("kind", &serde_json::json!({ "a": 1 }));
        let parsed = SignedToken::parse(&token).unwrap();
        assert_eq!((parsed.kind(), parsed.key_id()), ("kind", "k1"));
        assert_eq!(parsed.open(&public(&own)).unwrap(), br#"{"a":1}"#);
        assert!(parsed.open(&public(&other)).is_none());
    }

    #[test]
    fn other_algorithms_and_other_forms_are_refused() {
        let token = signer(1).sign_token("kind", &serde_json::json!({}));
        let rest = &token[token.find('.').unwrap()..];
        for header in [
            r#"{"alg":"none","typ":"kind","kid":"k1"}"#,
            r#"{"alg":"HS256","typ":"kind","kid":"k1"}"#,
            r#"{"alg":"EdDSA","typ":"kind","kid":"k1","crit":["b64"]}"#,
            r#"{"alg":"EdDSA","typ":"kind"}"#,
            "{}",
        ] {
            assert!(SignedToken::parse(&format!("{}{rest}", URL_SAFE_NO_PAD.encode(header))).is_none(), "{header}");
        }
        for token in ["", ".", "..", "a.b.c", "a.b.c.d", &token[..token.len() - 90], &format!("{token}.x")] {
            let opened = SignedToken::parse(token).and_then(|token| token.open(&public(&signer(1))));
            assert!(opened.is_none(), "{token}");
        }
    }
}
