//! What can go wrong between us and the database. Never carries a value of a row.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure of the database or of what it held.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such row, or not the version that was to be changed.
    #[error("no such row")]
    NotFound,
    /// Another row already has this name, or this version was changed meanwhile.
    #[error("this already exists")]
    Exists,
    /// The database cannot be reached or is too busy.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// There is no database at this place.
    #[error("there is no database at {0} yet: `allclear serve` or `allclear migrate` makes it")]
    Absent(String),
    /// The schema is older than this program.
    #[error("the database's schema is older than this program: run `allclear migrate` first")]
    Outdated,
    /// A row holds what this version cannot read.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// Anything else the database said.
    #[error("the database refused: {0}")]
    Refused(String),
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Error::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Error::Exists,
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Error::Unavailable(info.message().to_owned())
            }
            DieselError::DatabaseError(_, info) => Error::Refused(info.message().to_owned()),
            DieselError::DeserializationError(why) => Error::Corrupt(why.to_string()),
            other => Error::Refused(other.to_string()),
        }
    }
}

impl From<r2d2::Error> for Error {
    fn from(error: r2d2::Error) -> Self {
        Error::Unavailable(error.to_string())
    }
}
