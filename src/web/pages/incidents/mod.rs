//! Incidents: declare, look at, work on, list.

pub(in crate::web) mod declare;
pub(in crate::web) mod edit;
pub(in crate::web::pages) mod fields;
pub(in crate::web) mod list;
pub(in crate::web) mod listed;
pub(in crate::web::pages) mod next;
pub(in crate::web::pages) mod rotations;
pub(in crate::web) mod show;
pub(in crate::web) mod shown;
pub(in crate::web) mod story;
pub(in crate::web) mod timeline;
pub(in crate::web) mod work;
