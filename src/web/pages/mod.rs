//! Pages: forms in, HTML out, without needing JavaScript.

pub(super) mod setup;
pub(super) mod sign_in;
