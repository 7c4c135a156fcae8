//! Escalations: four questions lead to a destination; the mail is read before it leaves; its way is shown.

pub(in crate::web) mod by_hand;
mod compose;
pub(in crate::web) mod send;
pub(in crate::web) mod show;
