//! Allclear: nothing restarts until it is all clear, and nothing secret leaves with the report.
//!
//! The modules stand in floor order, lowest first; a module imports downward only, and siblings on one floor do not
//! import each other. `tests/suite/house.rs` holds this.

// Floor 0: what leaves is made of `redaction::Redacted` only.
pub mod redaction;

// Floor 1: rules without I/O and without a clock.
pub mod domain;

// Floor 2: one outside thing each.
pub mod bundle;
pub mod clock;
pub mod mail;
pub mod render;
pub mod store;
pub mod vault;

// Floor 3: one file per thing that a person does.
pub mod actions;

// Floor 4: the outside world.
pub mod jobs;
pub mod web;

// Floor 5: the process. Settings first, then what they wire together, then the command line over both.
pub mod config;

pub mod app;

pub mod cli;
