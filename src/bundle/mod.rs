//! The support bundle: a deterministic, signed zip; and the certificate of a restart, a signed document.
//!
//! A bundle is made of [`Redacted`](crate::redaction::Redacted) text, of redacted files and of pictures that a named person released, and of
//! nothing else: there is no way to hand it a plain string. The same members give the same bytes.

pub mod certificate;
mod format;
mod verify;
mod write;

pub use format::{FORMAT, Lifted, Manifest, Member, Removal, SEAL, SEAL_LENGTH, SignatureFile};
pub use verify::{Inside, Look, SignatureCheck, Verified, look_inside, verify};
pub use write::{Body, BundleError, Contents, RedactedFile, ReleasedPicture, Sign, write};
