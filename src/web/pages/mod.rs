//! Pages: forms in, HTML out, without needing JavaScript.

pub(super) mod account;
mod alarming;
pub(super) mod assets;
pub(super) mod audit;
pub(super) mod automations;
pub(super) mod bundles;
pub(super) mod escalations;
pub(super) mod evidence;
pub(super) mod home;
pub(super) mod incidents;
mod mistakes;
pub(super) mod operators;
pub(super) mod people;
pub(super) mod playbooks;
pub(super) mod practices;
pub(super) mod restarts;
pub(super) mod resume;
pub(super) mod review;
pub(super) mod rules;
pub(super) mod runs;
pub(super) mod setup;
pub(super) mod sign_in;
pub(super) mod sites;
pub(super) mod switches;
pub(super) mod tokens;
pub(super) mod waiting;
