//! API tokens: made, shown once, revoked.

pub(in crate::web) mod list;
pub(in crate::web) mod make;
pub(in crate::web) mod revoke;
pub(in crate::web::pages) mod rows;
