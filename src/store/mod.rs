//! The database: one schema on SQLite or PostgreSQL, one file per noun.
//!
//! Reads take a [`Connection`]; writes take a [`Tx`], which only [`Database::write`] hands out and which writes the
//! audit chain in the same transaction. Nothing outside this folder speaks SQL.

mod columns;
mod connection;
mod database;
mod error;
mod migrate;
mod record;
mod schema;
mod tables;
mod tx;
mod writer;

pub mod alarms;
pub mod asks;
pub mod asset_reviews;
pub mod assets;
pub mod audit;
pub mod automations;
pub mod bundles;
pub mod cadence;
pub mod checks;
pub mod criteria;
pub mod differences;
pub mod drafts;
pub mod drills;
pub mod escalations;
pub mod evidence;
pub mod hand_deliveries;
pub mod idempotency;
pub mod incidents;
pub mod jobs;
pub mod keys;
pub mod notices;
pub mod overrides;
pub mod own_rules;
pub mod pauses;
pub mod people;
pub mod phases;
pub mod playbook_runs;
pub mod playbooks;
pub mod practice_escalations;
pub mod practices;
pub mod prevention;
pub mod procedures;
pub mod replies;
pub mod restarts;
pub mod reviews;
pub mod rollouts;
pub mod rotations;
pub mod rule_work;
pub mod runs;
pub mod search;
pub mod sessions;
pub mod settlements;
pub mod sites;
pub mod timeline;
pub mod tokens;
pub mod week_reviews;

pub use columns::Json;
pub use connection::{Address, AnyConnection as Connection};
pub use database::{Database, OwnReader, bring_up_to_date, copy_sqlite, is_empty, look};
pub use error::Error;
pub use record::Record;
pub use tables::{Present, accept, present};
pub use tx::{Tx, Verb, Written};
