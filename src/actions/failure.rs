//! Why an act was not done. One type for pages, API, jobs and command line; each shows it in its own way.

use crate::bundle::BundleError;
use crate::domain::problem::{FieldError, Reason};
use crate::render::RenderError;
use crate::store;
use crate::vault::VaultError;

/// Why an act was not done.
#[derive(Debug)]
pub enum Failure {
    /// No such thing, or not theirs to see.
    NotFound,
    /// Theirs to see, not theirs to do.
    Forbidden(String),
    /// Fields that cannot be accepted as typed.
    Invalid(Vec<FieldError>),
    /// Rules that refuse, all of them.
    Refused(Vec<Reason>),
    /// Somebody else changed it meanwhile; nothing was written.
    Stale,
    /// More than a named limit allows.
    TooLarge(String),
    /// The same request was answered before: this is that answer.
    Repeated { status: u16, location: Option<String>, answer: String },
    /// The same `Idempotency-Key` came with another body.
    KeyReused,
    /// What came in cannot be read to its end (a broken upload).
    Interrupted(String),
    /// Too much at once; worth another try after so many seconds.
    Busy { why: String, seconds: u32 },
    /// The database is out of reach.
    Unavailable(String),
    /// A fault of ours. The words go to the log, not to people.
    Broken(String),
}

impl Failure {
    /// One field is wrong.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Failure::Invalid(vec![FieldError::new(field, message)])
    }

    /// One rule refuses.
    pub fn refused(reason: Reason) -> Self {
        Failure::Refused(vec![reason])
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::NotFound => f.write_str("there is no such thing"),
            Failure::Forbidden(why)
            | Failure::TooLarge(why)
            | Failure::Interrupted(why)
            | Failure::Unavailable(why)
            | Failure::Broken(why) => f.write_str(why),
            Failure::Busy { why, .. } => f.write_str(why),
            Failure::Invalid(errors) => {
                let lines: Vec<_> = errors.iter().map(named).collect();
                f.write_str(&lines.join("; "))
            }
            Failure::Refused(reasons) => {
                let lines: Vec<_> = reasons.iter().map(|r| r.message.as_str()).collect();
                f.write_str(&lines.join("; "))
            }
            Failure::Stale => f.write_str("somebody else changed this meanwhile; look at it again"),
            Failure::Repeated { .. } => f.write_str("this was done already"),
            Failure::KeyReused => f.write_str("this Idempotency-Key was used for another request"),
        }
    }
}

/// An error of the whole form has no field.
fn named(error: &FieldError) -> String {
    if error.field.is_empty() { error.message.clone() } else { format!("{}: {}", error.field, error.message) }
}

impl From<Vec<FieldError>> for Failure {
    fn from(errors: Vec<FieldError>) -> Self {
        Failure::Invalid(errors)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Failure::NotFound,
            store::Error::Unavailable(why) => Failure::Unavailable(why),
            error @ (store::Error::Absent(_) | store::Error::Outdated) => Failure::Unavailable(error.to_string()),
            other => Failure::Broken(other.to_string()),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Failure::Broken(error.to_string())
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        Failure::Broken(error.to_string())
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Failure::Broken(error.to_string())
    }
}
