//! The organisation's own rules of redaction, the bench, and what they mean for past evidence.

pub(in crate::web) mod bench;
pub(in crate::web) mod form;
pub(in crate::web) mod list;
mod marks;
pub(in crate::web) mod preview;
pub(in crate::web) mod rerun;
pub(in crate::web) mod rotate;
pub(in crate::web) mod show;
mod shown;
