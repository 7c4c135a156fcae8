//! What is wrong, in words a person can act on: a field of a form, or a rule that refuses.

use serde::Serialize;

/// One field that cannot be accepted as typed. Wire form of a 422's `errors[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name on the wire and in the form.
    pub field: String,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

impl FieldError {
    /// An error at `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// One rule that refuses. Wire form of a 409's or 423's `reasons[]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// Stable word for programs: `missing_owner`, `paused_by_incident`.
    pub code: String,
    /// What blocks and what to do about it.
    pub message: String,
    /// Who can settle it.
    pub who: String,
    /// By when it is to be settled, or when it settles by itself: a day (`2026-11-30`) or a moment (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The id of what it speaks of, for our own use.
    #[serde(skip)]
    pub about: Option<String>,
}

impl Reason {
    /// A reason with its stable code.
    pub fn new(code: impl Into<String>, message: impl Into<String>, who: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), who: who.into(), due: None, about: None }
    }

    /// The same with the day or moment by which it is to be settled.
    pub fn by(mut self, due: impl Into<String>) -> Self {
        self.due = Some(due.into());
        self
    }

    /// The same, saying what it speaks of.
    pub fn about(mut self, id: impl std::fmt::Display) -> Self {
        self.about = Some(id.to_string());
        self
    }
}
