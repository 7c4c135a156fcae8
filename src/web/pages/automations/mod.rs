//! Automations, their gates and the pauses that close them.

pub(in crate::web) mod amend;
pub(in crate::web) mod form;
pub(in crate::web) mod gate;
pub(in crate::web) mod list;
pub(in crate::web) mod pause;
pub(in crate::web::pages) mod pauses;
mod place;
pub(in crate::web) mod release;
pub(in crate::web::pages) mod rows;
pub(in crate::web) mod show;
mod standing;
