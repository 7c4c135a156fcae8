//! The way back: what blocks, who settles it, the work, the request and the decision, on one page.

pub(in crate::web) mod actions;
pub(in crate::web::pages) mod blocks;
pub(in crate::web) mod certificate;
pub(in crate::web) mod checks;
mod compose;
pub(in crate::web) mod criteria;
pub(in crate::web) mod decide;
pub(in crate::web) mod points;
mod press;
pub(in crate::web) mod show;
mod work;
