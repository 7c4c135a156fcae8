//! Practices and what is held against them.

pub(in crate::web) mod change;
pub(in crate::web) mod list;
pub(in crate::web) mod run;
pub(in crate::web) mod show;
