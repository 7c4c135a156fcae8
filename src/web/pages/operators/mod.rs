//! Operators: procedures, training, first weeks, and the set-up of a site.

pub(in crate::web) mod list;
pub(in crate::web) mod procedure_form;
pub(in crate::web) mod procedures;
pub(in crate::web) mod setup;
pub(in crate::web) mod show;
pub(in crate::web) mod week;
