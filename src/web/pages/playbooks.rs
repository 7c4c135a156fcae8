//! Playbooks: writing, exporting, importing, localising, and going through one in an incident.

mod content;
pub(in crate::web) mod form;
pub(in crate::web) mod import;
pub(in crate::web) mod incident;
pub(in crate::web) mod list;
pub(in crate::web) mod show;
pub(in crate::web) mod work;
