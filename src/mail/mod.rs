//! Mail to the outside: over SMTP, or as `.eml` files where no server is set.
//!
//! A letter is made of [`crate::redaction::Redacted`] text and of a bundle's file; there is no way to attach anything else.

mod incoming;
mod letter;
mod transport;

pub use incoming::{Incoming, read};
pub use letter::{BundleFile, Letter};
pub use transport::{MailError, Mailer, WRITTEN_TO_OUTBOX};
