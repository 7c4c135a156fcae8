//! Bundles: check before building, build, answer the second scan, look at what was built.

pub(in crate::web) mod alarms;
pub(in crate::web) mod build;
pub(in crate::web::pages) mod hit;
mod preview;
pub(in crate::web) mod show;
