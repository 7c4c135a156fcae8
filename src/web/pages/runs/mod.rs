//! Pages about runs, the reviews and flags that they lead to, and outside events.

pub(in crate::web) mod changes;
pub(in crate::web) mod list;
pub(in crate::web) mod show;
pub(in crate::web) mod standing;
