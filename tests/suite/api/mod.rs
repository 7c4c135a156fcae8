//! The JSON API: one file per noun, in each the ladder: works, outsider, wrong role, bad id, wrong method, bad input.

mod audit;
mod automations;
mod documented;
mod incidents;
mod once;
mod pauses;
mod people;
mod refusals;
mod sites;
mod timeline;
mod tokens;
