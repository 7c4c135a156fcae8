//! Sites.

pub(in crate::web) mod form;
pub(in crate::web) mod list;
pub(in crate::web) mod show;
