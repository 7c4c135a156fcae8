//! Evidence: seal it, look at its redacted form.

mod lines;
pub(in crate::web) mod picture;
pub(in crate::web) mod remove;
pub(in crate::web) mod seal;
pub(in crate::web) mod show;
mod upload;
